"""Property lists of a phone or its service: bounded in bytes, depth and number, and accounted for."""

from __future__ import annotations

import plistlib
from typing import Any, Final, TypeAlias, cast

from core.phones.accounting import Account
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist_binary, plist_xml

Message: TypeAlias = dict[str, Any]

#: Bytes of one message. A phone's own limit is the same (facts of lockdownd: 3 MiB).
LIMIT: Final = 3 * 2**20
#: Characters of a value that are shown.
_SHOWN: Final = 120


def parse(data: bytes, apps_under: str = "") -> Account[Message]:
    """The dictionary that a message is, and what in it can be read in more than one way. Raises Malformed for anything
    else, and for what is over a limit.

    `apps_under` is the key of the message under which each key is an app's id: what is left there is left in its name.
    A binary list may name one value in many places, or inside itself: it is counted as often as it is met.
    """
    if len(data) > LIMIT:
        raise Malformed("longer than 3 MiB")
    read = plist_binary.read if data.startswith(b"bplist") else plist_xml.read
    account = read(data, apps_under)
    if not isinstance(account.value, dict):
        raise Malformed("no dictionary")
    return cast("Account[Message]", account)


def dump(message: Message) -> bytes:
    """A message as XML, which every service takes."""
    return plistlib.dumps(message, fmt=plistlib.FMT_XML)


def excerpt(value: object) -> str:
    """The begin of what stands in a message, for a person who looks for a cause: at most 120 characters, however long
    the value is, as one message may name the same value many thousand times."""
    if isinstance(value, str | bytes):
        return repr(value[:_SHOWN])[:_SHOWN]
    if isinstance(value, list | dict):
        return f"{type(value).__name__} of {len(value)}"
    return repr(value)[:_SHOWN]


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
