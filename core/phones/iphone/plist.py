"""Property lists of a phone or its service: bounded in bytes, depth and number before anything looks inside."""

from __future__ import annotations

import plistlib
from datetime import datetime
from typing import Any, Final, TypeAlias

from core.phones.iphone.problems import Malformed

Message: TypeAlias = dict[str, Any]

#: Bytes of one message. A phone's own limit is the same (facts of lockdownd: 3 MiB).
LIMIT: Final = 3 * 2**20
#: How deep values may be nested, and how many there may be: a phone with 1,000 apps sends 20,000, five deep.
_DEPTH: Final = 12
_VALUES: Final = 300_000
_PLAIN: Final = (str, bytes, bool, int, float, datetime)


def parse(data: bytes) -> Message:
    """The dictionary that a message is. Raises Malformed for anything else, and for what is over a limit.

    A binary list may name one value in many places, or inside itself: it is counted as often as it is met.
    """
    if len(data) > LIMIT:
        raise Malformed("longer than 3 MiB")
    form = plistlib.FMT_BINARY if data.startswith(b"bplist") else plistlib.FMT_XML
    try:
        value = plistlib.loads(data, fmt=form)
    except Exception as error:  # plistlib names no one class: a hostile list raises what its parser happens to meet
        raise Malformed(f"no property list: {type(error).__name__}") from None
    _measure(value)
    if not isinstance(value, dict):
        raise Malformed("no dictionary")
    return value


def dump(message: Message) -> bytes:
    """A message as XML, which every service takes."""
    return plistlib.dumps(message, fmt=plistlib.FMT_XML)


def _measure(value: object) -> None:
    """Raise Malformed if there are too many values in `value`, or too deep, or of a kind that no message has."""
    left = [(value, 0)]
    count = 0
    while left:
        one, depth = left.pop()
        count += 1
        if count > _VALUES or depth > _DEPTH:
            raise Malformed("too many values" if count > _VALUES else "nested too deep")
        if isinstance(one, dict):
            if not all(isinstance(key, str) for key in one):
                raise Malformed("a key is no text")
            left += [(inner, depth + 1) for inner in one.values()]
        elif isinstance(one, list):
            left += [(inner, depth + 1) for inner in one]
        elif not isinstance(one, _PLAIN):
            raise Malformed("a value of an unknown kind")


def text(message: Message, key: str) -> str:
    """A text in a message; empty where there is none."""
    value = message.get(key)
    return value if isinstance(value, str) else ""


def number(message: Message, key: str) -> int | None:
    """A whole number in a message, if there is one."""
    value = message.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def data(message: Message, key: str) -> bytes:
    """Bytes in a message; empty where there are none."""
    value = message.get(key)
    return value if isinstance(value, bytes) else b""
