"""What a scanned code means at a desk: the tag of a phone that is here, a new tag for the phone that is shown, or none.

A barcode reader is a keyboard: whatever it reads arrives as text, also a web address or a whole page. No widget here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.desk.settings import badge_pattern
from core.text import T, Text, plain
from gui.desk.session.phone_view import PhoneView

#: Characters of a tag that may be scanned: a longer code is a parcel's, a ticket's or a page's.
TAG_LIMIT: Final = 64
#: Characters that are told of a code that is no tag.
_TOLD: Final = 24


class Meaning(Enum):
    """What a scanned code is for."""

    #: A phone here bears it: show that one.
    FOUND = "found"
    #: The shown phone has no tag yet: this is it.
    TAG = "tag"
    #: The shown phone has another tag, which a scan does not overwrite.
    TAKEN = "taken"
    #: It is a person's badge, and the shown phone has no holder yet: this is it.
    HOLDER = "holder"
    #: The shown phone has another holder, which a scan does not overwrite.
    HELD = "held"
    #: Its beginning may be missing: it means nothing.
    CUT = "cut"
    #: No phone is shown, or the shown one can have no tag.
    NO_PHONE = "no-phone"
    #: It is an address, too long, or has signs that no tag has.
    NO_TAG = "no-tag"


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned code, cleaned, and what it means; `phone` is the one that it is about."""

    code: str
    meaning: Meaning
    phone: PhoneView | None = None

    @property
    def words(self) -> Text:
        """What the scan has done, or why it did nothing."""
        code, slot = self.code, self.phone.slot if self.phone is not None else 0
        match self.meaning:
            case Meaning.FOUND:
                return T("Scanned {code}: slot {slot} is shown", code=code, slot=slot)
            case Meaning.TAG:
                return T("Scanned {code}: now the tag of slot {slot}", code=code, slot=slot)
            case Meaning.TAKEN:
                return T(
                    "Scanned {code}: no phone here has this tag, and slot {slot} has another", code=code, slot=slot
                )
            case Meaning.HOLDER:
                return T("Scanned {code}: now the holder of slot {slot}", code=code, slot=slot)
            case Meaning.HELD:
                return T(
                    "Scanned {code}: no phone here has this holder, and slot {slot} has another", code=code, slot=slot
                )
            case Meaning.CUT:
                return T("Scanned {code}, but the beginning may be missing: scan it again", code=code[:_TOLD])
            case Meaning.NO_PHONE:
                return T("Scanned {code}: no phone here has this tag", code=code)
            case Meaning.NO_TAG:
                return T("Scanned, but not an asset tag: {code}", code=code[:_TOLD])


def read(
    scanned: str, phones: Sequence[PhoneView], current: PhoneView | None, badges: str = "", *, whole: bool = True
) -> Scan:
    """Say what a scanned code means, for the phones that are here and the one that is shown.

    `badges` is the pattern of persons' badges; empty where there is none. `whole`: nothing of the code can be missing.
    """
    code = plain(scanned.strip()[: TAG_LIMIT + 1], TAG_LIMIT + 1)
    if not is_tag(code):
        return Scan(code[:TAG_LIMIT], Meaning.NO_TAG)
    if not whole:
        return Scan(code, Meaning.CUT)
    folded = code.casefold()
    for phone in phones:
        labels = phone.labels.latest
        if not phone.absent and folded in (labels.tag.casefold(), labels.holder.casefold()):
            return Scan(code, Meaning.FOUND, phone)
    if current is None or not current.can_be_labelled:
        return Scan(code, Meaning.NO_PHONE)
    if badge_pattern.is_badge(code, badges):
        return Scan(code, Meaning.HELD if current.labels.latest.holder else Meaning.HOLDER, current)
    return Scan(code, Meaning.TAKEN if current.labels.latest.tag else Meaning.TAG, current)


def is_tag(code: str) -> bool:
    """Whether a code can be an asset tag or a badge's: short, no address, and nothing that cannot be seen."""
    if not 0 < len(code) <= TAG_LIMIT or "\N{REPLACEMENT CHARACTER}" in code:
        return False
    lowered = code.casefold()
    return "://" not in lowered and not lowered.startswith(("www.", "mailto:", "tel:", "wifi:", "begin:"))
