"""The plainest form of a property list in XML, in which phones and services write nearly all of theirs: tables, lists,
texts, whole numbers, yes and no; no comment, entity or anything else that two readers can take in two ways.

What is written so is read in a quarter of the strict reader's time
(:mod:`core.phones.iphone.property_lists.plist_xml`), and to the same value. All else is that one's to read, to account
for, or to refuse.
"""

from __future__ import annotations

import re
from typing import Any, Final

from core.phones.iphone.property_lists.plist_reading import DEPTH, VALUES

#: A text: no markup, no return, no control, and no character that XML does not have. Nothing here ever goes back: what
#: a phone sends is walked through once.
_TEXT: Final = r"([^<>&\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]*+)"
_SPACE: Final = r"[ \t\n]*+"
_BEGIN: Final = re.compile(
    r'(?:<\?xml version="1\.0" encoding="UTF-8"\?>)?+'
    rf"{_SPACE}(?:<!DOCTYPE plist PUBLIC "
    r'"-//Apple(?: Computer)?//DTD PLIST 1\.0//EN" "http://www\.apple\.com/DTDs/PropertyList-1\.0\.dtd">)?+'
    rf'{_SPACE}<plist version="1\.0">{_SPACE}<dict>'
)
#: A key, where there is one, and what follows it: a text, a number below 10**18, or a word.
_ITEM: Final = re.compile(
    rf"{_SPACE}(?:<key>{_TEXT}</key>{_SPACE})?+(?:<string>{_TEXT}</string>"
    r"|<integer>(-?(?:0|[1-9][0-9]{0,17}))</integer>|<(dict|array|true/|false/|dict/|array/|/dict|/array)>)"
)
_END: Final = re.compile(rf"{_SPACE}</plist>{_SPACE}")


def read(data: bytes) -> dict[str, object] | None:
    """The table that `data` holds; None where it is not wholly in the plain form, or over a limit."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None  # Nothing is lost: the other reader refuses it
    begin = _BEGIN.match(text)
    if begin is None:
        return None  # Nothing is lost: the other reader takes it
    return _table(text, begin.end())


def _table(text: str, at: int) -> dict[str, object] | None:
    """The table whose content begins at `at`, and behind which the list ends."""
    table: dict[str, object] = {}
    inside: dict[str, object] | list[object] = table
    around: list[dict[str, object] | list[object]] = []
    value: Any
    count = 1
    next_item = _ITEM.match
    while (item := next_item(text, at)) is not None:
        at = item.end()
        key, string, digits, word = item.groups()
        if word in ("/dict", "/array"):
            if key is not None or isinstance(inside, dict) is not (word == "/dict"):
                return None  # Nothing is lost: the other reader refuses it
            if not around:
                return table if _END.fullmatch(text, at) else None
            inside = around.pop()
            continue  # Nothing is lost: what is inside was put in its place
        if string is not None:
            value = string
        elif digits is not None:
            value = int(digits)
        elif word in ("true/", "false/"):
            value = word == "true/"
        else:
            value = {} if word.startswith("dict") else []
        count += 1
        if isinstance(inside, list):
            if key is not None:
                return None  # Nothing is lost: the other reader refuses it
            inside.append(value)
        elif key is None or key in inside:
            return None  # Nothing is lost: the other reader refuses it, or tells that the key is there twice
        else:
            inside[key] = value
        if word in ("dict", "array"):
            around.append(inside)
            inside = value
        if len(around) >= DEPTH or count > VALUES:
            return None  # Nothing is lost: likewise
    return None  # Nothing is lost: likewise
