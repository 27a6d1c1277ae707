"""How many phones came in some visits, for the pages that count them: by what their records tell, and no more.

A phone that comes again is one phone, by its maker, model and serial number. Each visit counts as a phone of its own
where these name none: the serial number was erased, or is one that many phones have, or a record among those counted
says that two phones at the desk had it. So twins are two phones; one of them that comes again counts once more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core import describe
from core.ledger.records import Entry, ProblemMet
from core.model import Verdict
from core.same_phone import SHARED_SERIAL, names_one_phone
from core.text import T, Text

#: How the visits are called that each count as a phone, because two phones had one serial number.
TWINS: Text = T("Visits of phones with one serial number, each counted as a phone")


@dataclass
class PhoneCount:
    """The phones of some visits, counted once all their records were seen."""

    #: Of each visit the phone, its serial number and how it was last; the visit that was checked last is the last.
    _visits: dict[str, tuple[str, str, Verdict | None]] = field(default_factory=dict)
    _shared: set[str] = field(default_factory=set)

    def saw(self, about: Entry, verdict: Verdict | None) -> None:
        """The phone of this record's visit was so when it was seen last."""
        visit = about.visit or str(about.seq)
        self._visits.pop(visit, None)
        self._visits[visit] = describe.maker_and_model(about), describe.serial(about), verdict

    def heed(self, entry: Entry) -> None:
        """Take note where a record says that two phones had one serial number."""
        if isinstance(entry.record, ProblemMet) and entry.record.code == SHARED_SERIAL:
            self._shared.add(describe.serial(entry))

    @property
    def twins(self) -> int:
        """How many visits each count as a phone because two phones had their serial number."""
        return sum(serial in self._shared and names_one_phone(serial) for _, serial, _ in self._visits.values())

    def last(self) -> Counter[Verdict | None]:
        """How many phones were left with each verdict."""
        verdicts: dict[tuple[str, ...], Verdict | None] = {}
        for visit, (phone, serial, verdict) in self._visits.items():
            alone = names_one_phone(serial) and serial not in self._shared
            verdicts[(phone, serial) if alone else (visit,)] = verdict
        return Counter(verdicts.values())
