"""Whether two descriptions are of one phone: the one rule for it, wherever phones are compared.

A serial number alone names no phone: makers leave placeholders in all of theirs, an adb server gives a number to
any device that answers next, and a phone says what it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.model import PhoneIdentity

#: Serial numbers that many phones have, in small letters.
_PLACEHOLDERS: Final = frozenset({"0123456789abcdef", "123456789abcdef", "0123456789", "1234567890", "unknown", "null"})

#: The code of the problem that two phones at one desk had one serial number, as it stands in records.
SHARED_SERIAL: Final = "serial-shared"

#: What is compared while a phone runs, and what it is called in a problem's detail. The adb server's number is not:
#: a server gives the same number to the next device at an address, and another one to a phone that was replugged.
_COMPARED: Final = {
    "serial": "serial number",
    "maker": "maker",
    "model": "model",
    "build": "build fingerprint",
    "boot": "boot id",
}


def names_one_phone(serial: str) -> bool:
    """Whether a serial number can be one phone's: some makers leave a placeholder in all of theirs."""
    return len(set(serial)) > 2 and serial.casefold() not in _PLACEHOLDERS and len(serial) >= 4


def is_same(first: tuple[str, str, str], second: tuple[str, str, str]) -> bool:
    """Whether two descriptions, each of maker, model and serial number, are certainly of one phone, at any time."""
    return first == second and names_one_phone(first[2])


def differences(now: PhoneIdentity, before: PhoneIdentity) -> tuple[str, ...]:
    """In what a phone that answers now is not the one that answered before; empty only where nothing differs.

    What was there and is not any more differs, and so does what is there only now. A phone that was restarted in
    between differs too: it cannot be told from another with the same values.
    """
    return tuple(name for field, name in _COMPARED.items() if getattr(now, field) != getattr(before, field))


def is_still(now: PhoneIdentity, before: PhoneIdentity) -> bool:
    """Whether the phone is certainly `before`, be it restarted since."""
    if now.boot and not differences(now, before):
        return True
    return is_same((now.maker, now.model, now.serial), (before.maker, before.model, before.serial))
