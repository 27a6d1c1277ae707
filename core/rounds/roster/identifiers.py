"""Serial numbers, IMEIs and asset tags in one form, whether a list, a phone or an officer has written them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from core.same_phone import names_one_phone

#: Characters of a serial number: Android asks for 6 to 20 letters and digits (Android Compatibility Definition, 3.2.2),
#: older phones have others.
SHORTEST_SERIAL: Final = 4
LONGEST_SERIAL: Final = 40
_SERIAL: Final = re.compile(r"[A-Z0-9]+([-_.:/][A-Z0-9]+)*")
#: Digits of an IMEI, of one without its check digit, and of one with the version of the phone's software in its place
#: (3GPP TS 23.003, 6.2).
IMEI_DIGITS: Final = 15
_UNCHECKED: Final = 14
_WITH_SOFTWARE: Final = 16
#: What people put between the digits of an IMEI.
_BETWEEN: Final = str.maketrans("", "", " -./_")
#: Hyphens and dashes, which word processors put in place of one; characters of full width; spaces that are no ASCII.
_FORMS: Final = {
    **{ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"},
    **{code + 0xFEE0: chr(code) for code in range(0x21, 0x7F)},
    **{ord(space): " " for space in "\u00a0\u2007\u2009\u202f\u3000"},
}
_DIGITS: Final = re.compile(r"[0-9]+")

#: The sum of the digits of twice a digit.
_DOUBLED: Final = {str(digit): digit * 2 // 10 + digit * 2 % 10 for digit in range(10)}

#: What can be wrong with a serial number or an IMEI.
Wrong = Literal["characters", "length", "placeholder", "check-digit"]
#: What was done to a text that is an IMEI in another form.
Changed = Literal["software-version", "first-zero"]


def serial_of(text: str) -> str:
    """A serial number as it stands on a roster: in capitals and without spaces. It may be none: see
    :func:`wrong_serial`."""
    return "".join(_usual(text).split()).upper()


def wrong_serial(serial: str) -> Wrong | None:
    """Why what :func:`serial_of` gave is not one phone's serial number; None if it can be."""
    if not _SERIAL.fullmatch(serial):
        return "characters"
    if not SHORTEST_SERIAL <= len(serial) <= LONGEST_SERIAL:
        return "length"
    return None if names_one_phone(serial) else "placeholder"


@dataclass(frozen=True, slots=True)
class Imei:
    """An IMEI in its 15 digits, or why there is none; and what was changed to get it."""

    digits: str = ""
    wrong: Wrong | None = None
    changed: Changed | None = None


def imei_of(text: str) -> Imei:
    """The IMEI that a text is, which may have spaces and hyphens in it.

    Without its check digit it gets one; a software version is left out. Where 14 digits begin with 1 and become an IMEI
    by a 0 before them, a spreadsheet has taken that 0: no mobile phone's IMEI begins with 1 (GSMA TS.06, reporting
    bodies).
    """
    digits = _usual(text).translate(_BETWEEN)
    if not _DIGITS.fullmatch(digits):
        return Imei(wrong="characters")
    changed: Changed | None = None
    if len(digits) == _WITH_SOFTWARE:
        digits, changed = with_check_digit(digits[:_UNCHECKED]), "software-version"
    elif len(digits) == _UNCHECKED and digits[0] == "1" and is_checked(f"0{digits}"):
        digits, changed = f"0{digits}", "first-zero"
    elif len(digits) == _UNCHECKED:
        digits = with_check_digit(digits)
    if len(digits) != IMEI_DIGITS:
        return Imei(wrong="length")
    if not is_checked(digits):
        return Imei(wrong="check-digit")
    return Imei(digits, changed=changed) if names_one_phone(digits) else Imei(wrong="placeholder")


def with_check_digit(digits: str) -> str:
    """Digits with the one behind them that Luhn's formula asks for (ISO/IEC 7812-1, annex B)."""
    total = sum(map(_DOUBLED.__getitem__, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return f"{digits}{-total % 10}"


def is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return with_check_digit(digits[:-1]) == digits


def key_of(text: str) -> str:
    """By what two serial numbers, or two asset tags, are the same; empty where a text has no letter and no digit, and
    such texts are never the same.

    Two texts are the same where they differ in capitals, in spaces around them, in the kinds of characters that
    :func:`_usual` makes one, or in that spaces stand where the other has a hyphen, as in DRH 0412 and DRH-0412: no
    department has two tags of this kind. Where a sign stands tells two apart: GC-1-23 is neither GC-12-3 nor GC123.
    """
    usual = _usual("-".join(_usual(text).split()).lower())
    return usual if any(character.isalnum() for character in usual) else ""


def _usual(text: str) -> str:
    """A text with the usual character in place of those that are the same one in another form: letters, digits and
    signs of full width, hyphens of other lengths, an accent apart from its letter."""
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_FORMS))
