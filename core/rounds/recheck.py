"""The blind second look: a sample of a round's phones that another officer checks again, and whether the two agree.

The sample follows from the hash of the log's checkpoint that seals the record of the draw, and from a number of each
phone: before that checkpoint is made it cannot be known whom it will meet, and afterwards it cannot be changed, so that
no person chooses. Each draw is on record; the first one of a round counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Final

from core.ledger.reader import LedgerReader
from core.ledger.records import Kind, RecheckDrawn
from core.ledger.writer import Ledger
from core.rounds.coverage import Coverage, PhoneCoverage
from core.rounds.identifiers import key_of
from core.rounds.model import SeenPhone
from core.rounds.rounds import RoundProblem, known
from core.rounds.rounds import covered as covered_by
from core.same_phone import names_one_phone
from core.text import T

#: Draws that are looked through.
_DRAWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw on record: its entry, and the checkpoint that sealed it."""

    entry: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A phone of the sample, its last check before the draw, and the first one after it by another officer."""

    phone: PhoneCoverage
    first: SeenPhone
    second: SeenPhone | None

    @property
    def agrees(self) -> bool | None:
        """Whether both ended alike; None as long as there is no second one."""
        return None if self.second is None else self.first.verdict is self.second.verdict


def draw(ledger: Ledger, covered: Coverage) -> Draw:
    """Draw the sample, and put the draw on record, sealed.

    Raises RoundProblem where the round asks for none, has none to draw from, or has drawn already; LedgerProblem.
    """
    if not covered.round.recheck:
        raise RoundProblem(
            T("This round asks for no second look."), T("Begin the next one with the share that is checked twice.")
        )
    if drawn(ledger, covered.round.id) is not None:
        raise RoundProblem(
            T("The sample of this round was drawn before, and the first draw counts."),
            T("Check the phones that it has."),
        )
    if not covered.checked:
        raise RoundProblem(T("No phone of this round was checked yet."), T("Draw the sample once some were."))
    share = covered.round.recheck
    record = RecheckDrawn(round=covered.round.id, among=covered.checked, share=share)
    entry = ledger.append(record, seal=True)
    seal = ledger.seal_over(entry.seq)
    return Draw(entry.seq, seal.size, seal.checkpoint.root)


def drawn(ledger: LedgerReader, number: str) -> Draw | None:
    """The first draw of a round; None where none is on record, or none is sealed yet. Raises LedgerProblem."""
    found = [
        entry
        for entry in ledger.newest(_DRAWS, kind=Kind.RECHECK_DRAWN)
        if isinstance(entry.record, RecheckDrawn) and entry.record.round == number
    ]
    if not found:
        return None
    seal = ledger.seal_over(found[-1].seq)
    return Draw(found[-1].seq, seal.size, seal.checkpoint.root)


def sample(covered: Coverage, of: Draw) -> tuple[SecondLook, ...]:
    """The phones that are to be looked at a second time, and how far that is."""
    before = [(phone, _until(phone.checks, of)) for phone in covered.phones]
    checked = [(phone, checks[-1]) for phone, checks in before if checks]
    count = ceil(len(checked) * covered.round.recheck / 100)
    chosen = sorted(checked, key=lambda one: _rank(of.root, one[0]))[:count]
    return tuple(SecondLook(phone, first, _second(phone, first, of)) for phone, first in chosen)


def is_drawn(ledger: LedgerReader, data: Path, serial: str, today: date, *, practice: bool) -> bool:
    """Whether a phone waits for its second look in a round that is under way. Raises RosterFileProblem,
    LedgerProblem."""
    if not names_one_phone(serial) or not ledger.newest(1, kind=Kind.RECHECK_DRAWN):
        return False
    for one in known(ledger, practice=practice):
        if one.ended is not None or not one.about.first <= today <= one.about.last:
            continue
        of = drawn(ledger, one.about.id)
        if of is None:
            continue
        looks = sample(covered_by(ledger, data, one, today), of)
        if any(key_of(look.first.serial) == key_of(serial) and look.second is None for look in looks):
            return True
    return False


def _until(checks: Sequence[SeenPhone], of: Draw) -> tuple[SeenPhone, ...]:
    return tuple(check for check in checks if check.entry < of.entry)


def _second(phone: PhoneCoverage, first: SeenPhone, of: Draw) -> SeenPhone | None:
    later = (check for check in phone.checks if check.entry > of.entry and check.officer != first.officer)
    return next(later, None)


def _rank(root: bytes, phone: PhoneCoverage) -> bytes:
    """Where a phone stands in the draw. Its own numbers and its place in the list tell it from the others."""
    line = phone.line
    named = "\0".join((line.serial, line.imei, line.tag, str(line.line))) if line is not None else ""
    return hashlib.sha256(root + named.encode()).digest()
