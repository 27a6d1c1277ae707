"""The messages of an iPhone as the lines of a capture, and back.

Each stands as the property list in XML that it was, without the lines above it; a value stands on the line of its key.
A message that no one can read is one line.
"""

from __future__ import annotations

import itertools
import plistlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from xml.sax.saxutils import escape

from core.capture.capture_file import CapturedAnswer
from core.capture.iphone_anonymous import LOOKED_UP, IphoneAnonymiser
from core.capture.recording import ServiceExchange, question
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist

#: The key of a message with a part of the apps.
_LISTED: Final = "CurrentList"
_BEGIN: Final = "<plist>"
_END: Final = "</plist>"
#: Stands for a message that is no property list, or is over a limit; and what is given in its place.
_UNREADABLE: Final = "<unreadable/>"
_NO_TABLE: Final = b'<plist version="1.0"><array/></plist>'
#: No property list has need of it: that it is there can mean anything.
_ODD: Final = b"<?odd?>"
#: A key on a line of its own, and the value on the next one.
_KEY_AND_VALUE: Final = re.compile(r"(</key>)\n *(<(?:string|integer|real|date|true|false)[ />].*)")


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """One message of a phone's. `value` is None where it was no property list, or over a limit.

    `odd` are the ids of the apps about which it could be read in more than one way; an empty one stands for the phone.
    """

    value: Mapping[str, Any] | None
    odd: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        """The message as it goes, as hard to read as it was; one that no XML can hold is none that can be read."""
        if self.value is None:
            return _NO_TABLE
        try:
            data = plistlib.dumps(dict(self.value), sort_keys=False)
        except (ValueError, OverflowError, TypeError):
            return _NO_TABLE
        for app in self.odd:
            key = f"\t\t<key>{escape(app)}</key>\n".encode() if app else b""
            if key and key in data:
                data = data.replace(key, key + _ODD, 1)
            else:
                data = data.replace(b"</plist>", _ODD + b"</plist>", 1)
        return data


def anonymous(exchange: ServiceExchange, anonymiser: IphoneAnonymiser) -> CapturedAnswer:
    """One exchange as it stands in a file."""
    messages = [
        RecordedMessage(
            anonymiser.answer(exchange.request, message.value) if message.value is not None else None,
            tuple(anonymiser.id(app) if app else "" for app in message.odd),
        )
        for message in map(_read, exchange.answers)
    ]
    return CapturedAnswer(question(exchange.service, exchange.request), lines=tuple(_lines(_redealt(messages))))


def _redealt(messages: Sequence[RecordedMessage]) -> Iterator[RecordedMessage]:
    """The messages with the apps of their lists in one order through all of them, as many in each as there were."""
    lists = [listed for message in messages if isinstance(listed := (message.value or {}).get(_LISTED), list)]
    in_order = iter(sorted(itertools.chain.from_iterable(lists), key=str))
    for message in messages:
        value = message.value or {}
        if isinstance(listed := value.get(_LISTED), list):
            message = replace(message, value={**value, _LISTED: list(itertools.islice(in_order, len(listed)))})
        yield message


def messages(lines: Iterable[str]) -> Iterator[RecordedMessage]:
    """The messages in the lines of an answer."""
    gathered: list[str] | None = None
    for line in lines:
        if gathered is not None:
            gathered.append(line)
            if line.endswith(_END):
                yield _read("\n".join(gathered).encode("utf-8", "replace"))
                gathered = None
        elif line == _BEGIN:
            gathered = [line]
        else:
            yield RecordedMessage(None)
    if gathered is not None:
        yield RecordedMessage(None)


def _read(data: bytes) -> RecordedMessage:
    """A message as the phone sent it."""
    try:
        account = plist.parse(data, LOOKED_UP)
    except Malformed:  # Nothing is lost: that it cannot be read is what is kept of it.
        return RecordedMessage(None)
    value: dict[str, Any] = account.value
    return RecordedMessage(value, tuple(dict.fromkeys(left.app for left in account.left)))


def _lines(messages: Iterable[RecordedMessage]) -> Iterator[str]:
    for message in messages:
        text = message.encoded().decode()
        if message.value is None or "<plist" not in text:
            yield _UNREADABLE
            continue
        body = text[text.index("<plist") :].replace('<plist version="1.0">', _BEGIN, 1).replace("\t", "  ").rstrip()
        yield from _KEY_AND_VALUE.sub(r"\1\2", body).split("\n")
