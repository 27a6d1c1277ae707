"""The blind second look: a sample of a round's phones that another officer checks again, and whether the two agree.

The sample follows from the hash of the log's checkpoint that seals the record of the draw, and from a number of each
phone: before that checkpoint is made it cannot be known whom it will meet, and afterwards it cannot be changed, so that
no person chooses. Each draw is on record; the first one of a round counts.

While a round is under way, how a phone of its sample was left is told nowhere but in the log itself until its second
look: not in the lists, numbers, charts, files and reports of the round (:func:`blinded`). It is
held back from everybody, the first officer included: who sits at a desk is a name that can be typed, and a number from
which one phone is missing tells of that phone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from core.rounds.rounds import KnownRound, RoundProblem, known
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


@dataclass(frozen=True, slots=True)
class WaitingPhone:
    """A phone that waits for its second look: which officer checked it first and on which day, not how it was left."""

    phone: PhoneCoverage
    officer: str
    day: date


@dataclass(frozen=True, slots=True)
class RecheckStatus:
    """How the second look of a round stands, for an officer to see.

    `share` per cent of the `checked` phones are drawn: `size` phones, if that were done now, or those that were
    `drawn`. `again` of them were checked by another officer, and at `agreed` of these both came to the same verdict.
    """

    share: int
    checked: int
    size: int
    drawn: bool = False
    waiting: tuple[WaitingPhone, ...] = ()
    again: int = 0
    agreed: int = 0


def status(covered: Coverage, of: Draw | None) -> RecheckStatus:
    """How the second look of a round stands; `of` is its draw, None where there was none yet."""
    share, checked = covered.round.recheck, covered.checked
    if of is None:
        return RecheckStatus(share, checked, sample_size(checked, share))
    looks = sample(covered, of)
    to_come = [look for look in looks if look.second is None]
    blind = {phone.line: phone for phone in blinded(covered, to_come).phones}
    waiting = tuple(
        WaitingPhone(blind[look.phone.line], look.first.officer, look.first.time.astimezone().date())
        for look in to_come
    )
    agreed = sum(look.agrees is True for look in looks)
    return RecheckStatus(share, checked, len(looks), True, waiting, len(looks) - len(waiting), agreed)


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
    count = sample_size(len(checked), covered.round.recheck)
    chosen = sorted(checked, key=lambda one: _rank(of.root, one[0]))[:count]
    return tuple(SecondLook(phone, first, _second(phone, first, of)) for phone, first in chosen)


def sample_size(checked: int, share: int) -> int:
    """How many phones are drawn of so many that were checked, at a share in per cent."""
    return ceil(checked * share / 100)


def is_drawn(ledger: LedgerReader, data: Path, serial: str, today: date, *, practice: bool) -> bool:
    """Whether a phone waits for its second look in a round that is under way. Raises RosterFileProblem,
    LedgerProblem."""
    if not names_one_phone(serial):
        return False
    looks = waiting(ledger, data, today, practice=practice)
    return any(key_of(look.first.serial) == key_of(serial) for look in looks)


def waiting(
    ledger: LedgerReader, data: Path, today: date, *, practice: bool, covered: Coverage | None = None
) -> tuple[SecondLook, ...]:
    """The phones that wait for their second look in any round that is under way. `covered` is how one of the rounds
    stands, if that is known already. Raises RosterFileProblem, LedgerProblem."""
    if not ledger.newest(1, kind=Kind.RECHECK_DRAWN):
        return ()
    found: list[SecondLook] = []
    for one in known(ledger, practice=practice):
        of = drawn(ledger, one.about.id) if _under_way(one, today) else None
        if of is not None:
            known_already = covered is not None and covered.round.id == one.about.id
            stands = covered if known_already and covered is not None else covered_by(ledger, data, one, today)
            found += [look for look in sample(stands, of) if look.second is None]
    return tuple(found)


def blinded(covered: Coverage, looks: Sequence[SecondLook]) -> Coverage:
    """The same round without how the phones were left that wait for these second looks."""
    held = _checks_of(looks)
    return replace(
        covered,
        phones=tuple(_without(phone, held) for phone in covered.phones),
        unexpected=tuple(_without(phone, held) for phone in covered.unexpected),
    )


def without_result(seen: Iterable[SeenPhone], looks: Sequence[SecondLook]) -> tuple[SeenPhone, ...]:
    """The same checks without the results of the phones that wait for these second looks."""
    held = _checks_of(looks)
    return tuple(_silent(one) if one.entry in held else one for one in seen)


def covered_blindly(ledger: LedgerReader, data: Path, one: KnownRound, today: date) -> Coverage:
    """How a round stands, without how the phones were left that wait for a second look in it or in another one. Raises
    RosterFileProblem, LedgerProblem."""
    found = covered_by(ledger, data, one, today)
    return blinded(found, waiting(ledger, data, today, practice=one.about.practice, covered=found))


def _under_way(one: KnownRound, today: date) -> bool:
    return one.ended is None and one.about.first <= today <= one.about.last


def _checks_of(looks: Sequence[SecondLook]) -> frozenset[int]:
    """The entries of all checks of these phones: also a later one of the first officer's."""
    return frozenset(check.entry for look in looks for check in look.phone.checks)


def _without(phone: PhoneCoverage, held: frozenset[int]) -> PhoneCoverage:
    before = phone.before
    if before is not None and before.entry in held:
        before = _silent(before)
    if any(check.entry in held for check in phone.checks):
        return replace(phone, checks=tuple(map(_silent, phone.checks)), before=before)
    return phone if before is phone.before else replace(phone, before=before)


def _silent(seen: SeenPhone) -> SeenPhone:
    """A check without its result, and without what tells it."""
    return replace(seen, verdict=None, banned=0, looked=False, handed_back=False, reason="")


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
