"""The blind second look: a sample of a round's phones that another officer checks again, and whether the two agree.

The sample follows from the hash of the log's checkpoint that seals the record of the draw, and from a number of each
phone: before that checkpoint is made it cannot be known whom it will meet, and afterwards it cannot be changed, so that
no person chooses. Each draw is on record; the first one of a round counts. Its phones are those of the roster that the
round had by then, whose hash is on record before the draw: no roster that comes later moves them.

While a round is under way, how a phone of its sample was left is told nowhere but in the log itself until its second
look: not in the lists, numbers, charts, files and reports of the round (:func:`blinded`). It is
held back from everybody, the first officer included: who sits at a desk is a name that can be typed, and a number from
which one phone is missing tells of that phone. Where the roster of the draw is gone, any phone that was checked by then
may be one of the sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from math import ceil
from pathlib import Path

from core.ledger.reader import LedgerReader
from core.ledger.records import Kind, RecheckDrawn
from core.ledger.writer import Ledger
from core.reports.rounds.drawn_sample import DrawnSample
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.coverage.seen_phones import all_of
from core.rounds.days import day_of
from core.rounds.model import SeenPhone
from core.rounds.roster.identifiers import key_of
from core.rounds.rounds import KnownRound, RoundProblem, find, recorded_rounds
from core.rounds.rounds import covered as covered_by
from core.same_phone import names_one_phone
from core.text import N, T, Text


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw on record: its entry, the checkpoint that sealed it, and how many phones it was `among`, of which `share`
    per cent are drawn; 0 where that is not known."""

    entry: int
    size: int
    root: bytes
    among: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True)
class RecheckLook:
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
    `lost` of the phones that were drawn from cannot be matched any more.
    """

    share: int
    checked: int
    size: int
    drawn: bool = False
    waiting: tuple[WaitingPhone, ...] = ()
    again: int = 0
    agreed: int = 0
    lost: int = 0


def status(covered: Coverage, of: Draw | None) -> RecheckStatus:
    """How the second look of a round stands. `of` is its draw, None where there was none yet."""
    share, checked = covered.round.recheck, sum(bool(phone.checks) for phone in covered.phones)
    if of is None:
        return RecheckStatus(share, checked, sample_size(checked, share))
    looks = sample(covered, of)
    to_come = [look for look in looks if look.second is None]
    withheld = _checks_of(to_come)
    waiting = tuple(
        WaitingPhone(_without(look.phone, withheld), look.first.officer, look.first.day) for look in to_come
    )
    agreed = sum(look.agrees is True for look in looks)
    again = len(looks) - len(waiting)
    return RecheckStatus(share, checked, _size(covered, of), True, waiting, again, agreed, lost(covered, of))


def draw(ledger: Ledger, covered: Coverage) -> Draw:
    """Draw the sample, and put the draw on record, sealed.

    Raises RoundProblem where the round asks for none, is closed, has none to draw from, or has drawn already;
    LedgerProblem.
    """
    if not covered.round.recheck:
        raise RoundProblem(
            T("This round asks for no second check."), T("Begin the next one with the share that is checked twice.")
        )
    known_round = find(ledger, covered.round.id)
    if known_round is not None and known_round.draw is not None:
        raise RoundProblem(
            T("The sample of this round was drawn before, and the first draw counts."),
            T("Check the phones that it has."),
        )
    if known_round is not None and known_round.ended is not None:
        raise RoundProblem(T("This round is closed: nothing is drawn any more."), T("Draw in the next round."))
    among = sum(bool(phone.checks) for phone in covered.phones)
    if not among:
        raise RoundProblem(T("No phone of this round was checked yet."), T("Draw the sample once some were."))
    share = covered.round.recheck
    record = RecheckDrawn(round=covered.round.id, among=among, share=share)
    entry = ledger.append(record, seal=True)
    seal = ledger.seal_over(entry.seq)
    return Draw(entry.seq, seal.size, seal.checkpoint.root, among, share)


def drawn(ledger: LedgerReader, number: str) -> Draw | None:
    """The first draw of a round; None where none is on record, or none is sealed yet. Raises LedgerProblem."""
    known_round = find(ledger, number)
    return _draw_of(ledger, known_round) if known_round is not None else None


def _draw_of(ledger: LedgerReader, known_round: KnownRound) -> Draw | None:
    if known_round.draw is None:
        return None
    seal = ledger.seal_over(known_round.draw.entry)
    record = known_round.draw.record
    return Draw(known_round.draw.entry, seal.size, seal.checkpoint.root, record.among, record.share)


def draws_in(ledger: LedgerReader, known_round: KnownRound, zone: tzinfo | None = None) -> tuple[DrawnSample, ...]:
    """All draws of the days of a round, the oldest first: also those of other rounds, by which a sample could be drawn
    again, and those that count for nothing. Raises LedgerProblem."""
    mine = known_round.about
    rounds = {known.about.id: known.about for known in recorded_rounds(ledger, practice=mine.practice)}
    draws: list[DrawnSample] = []
    for entry in all_of(ledger, Kind.RECHECK_DRAWN):
        record = entry.record
        if not isinstance(record, RecheckDrawn):
            continue
        about, day = rounds.get(record.round), day_of(entry.time, zone)
        by_entry = known_round.entry < entry.seq < (known_round.end_entry or entry.seq + 1)
        by_days = about is not None and about.first <= mine.last and about.last >= mine.first
        if record.round == mine.id or by_days or (by_entry and mine.first <= day <= mine.last):
            counts = known_round.draw is not None and known_round.draw.entry == entry.seq
            name = about.name if about is not None else record.round
            draws.append(DrawnSample(entry.seq, day, name, record.share, record.among, counts))
    return tuple(reversed(draws))


def sample(covered: Coverage, of: Draw) -> tuple[RecheckLook, ...]:
    """The phones that were drawn, each with its check before the draw and, if it is made, the second one."""
    chosen = sorted(_checked(covered, of), key=lambda item: _rank(of.root, item[0]))[: _size(covered, of)]
    return tuple(RecheckLook(phone, first, _second(phone, first, of)) for phone, first in chosen)


def lost(covered: Coverage, of: Draw) -> int:
    """How many phones that were in the draw cannot be matched any more: as many of the sample may be missing."""
    return max(0, of.among - len(_checked(covered, of)))


def lost_words(count: int) -> Text:
    """What is said where phones that were drawn from cannot be matched any more."""
    return N(
        "{count} phone that was drawn from cannot be matched with the roster of the draw any more.",
        "{count} phones that were drawn from cannot be matched with the roster of the draw any more.",
        count,
    )


def _size(covered: Coverage, of: Draw) -> int:
    """The number of phones in the sample of this draw."""
    return sample_size(of.among or len(_checked(covered, of)), of.share or covered.round.recheck)


def _checked(covered: Coverage, of: Draw) -> list[tuple[PhoneCoverage, SeenPhone]]:
    """The phones that were drawn from, as they stand now, and the last check of each before the draw."""
    if covered.drawn_from is not None:
        stood = zip(covered.drawn_from.before, covered.drawn_from.now, strict=True)
        return [(now, before.checks[-1]) for before, now in stood if before.checks]
    if covered.draw_lost:
        return []
    before = [(phone, _until(phone.checks, of)) for phone in covered.phones]
    return [(phone, checks[-1]) for phone, checks in before if checks]


def sample_size(checked: int, share: int) -> int:
    """The number of phones to draw out of so many that were checked, at a share in per cent."""
    return ceil(checked * share / 100)


def is_drawn(
    ledger: LedgerReader, data: Path, serial: str, today: date, zone: tzinfo | None = None, *, practice: bool
) -> bool:
    """Whether a phone waits for its second look in a round that is under way. Raises RosterFileProblem,
    LedgerProblem."""
    if not names_one_phone(serial):
        return False
    looks = waiting(ledger, data, today, zone, practice=practice)
    return any(key_of(look.first.serial) == key_of(serial) for look in looks)


def waiting(
    ledger: LedgerReader,
    data: Path,
    today: date,
    zone: tzinfo | None = None,
    *,
    practice: bool,
    covered: Coverage | None = None,
) -> tuple[RecheckLook, ...]:
    """The phones that wait for their second look in any round that is under way. `covered` is how one of the rounds
    stands, if that is known already. Raises RosterFileProblem, LedgerProblem."""
    if not ledger.newest(1, kind=Kind.RECHECK_DRAWN):
        return ()
    waiting_looks: list[RecheckLook] = []
    for known_round in recorded_rounds(ledger, practice=practice):
        of = _draw_of(ledger, known_round) if _under_way(known_round, today) else None
        if of is not None:
            stands = covered if covered is not None and covered.round.id == known_round.about.id else None
            stands = stands or covered_by(ledger, data, known_round, today, zone)
            looks = _maybe_drawn(stands, of) if stands.draw_lost else sample(stands, of)
            waiting_looks += [look for look in looks if look.second is None]
    return tuple(waiting_looks)


def _maybe_drawn(covered: Coverage, of: Draw) -> tuple[RecheckLook, ...]:
    """All phones that were checked before the draw, where it is not known which of them were drawn."""
    phones = (*covered.phones, *covered.unexpected, *covered.unmatched)
    checked = [(phone, checks[-1]) for phone in phones if (checks := _until(phone.checks, of))]
    return tuple(RecheckLook(phone, first, _second(phone, first, of)) for phone, first in checked)


def blinded(covered: Coverage, looks: Sequence[RecheckLook]) -> Coverage:
    """The coverage without the results of the phones that wait for these second looks."""
    withheld = _checks_of(looks)
    return replace(
        covered,
        phones=tuple(_without(phone, withheld) for phone in covered.phones),
        unexpected=tuple(_without(phone, withheld) for phone in covered.unexpected),
        unmatched=tuple(_without(phone, withheld) for phone in covered.unmatched),
        afterwards=tuple(_without(phone, withheld) for phone in covered.afterwards),
    )


def without_result(checks: Iterable[SeenPhone], looks: Sequence[RecheckLook]) -> tuple[SeenPhone, ...]:
    """These checks without the results of the phones that wait for these second looks."""
    withheld = _checks_of(looks)
    return tuple(_silent(check) if check.entry in withheld else check for check in checks)


def covered_blindly(
    ledger: LedgerReader, data: Path, known_round: KnownRound, today: date, zone: tzinfo | None = None
) -> Coverage:
    """The coverage of a round without the results of the phones that wait for a second look, in it or in another one.
    Raises RosterFileProblem, LedgerProblem."""
    covered = covered_by(ledger, data, known_round, today, zone)
    return blinded(covered, waiting(ledger, data, today, zone, practice=known_round.about.practice, covered=covered))


def _under_way(known_round: KnownRound, today: date) -> bool:
    return known_round.ended is None and known_round.about.first <= today <= known_round.about.last


def _checks_of(looks: Sequence[RecheckLook]) -> frozenset[int]:
    """The entries of all checks of these phones: also a later one of the first officer's."""
    return frozenset(check.entry for look in looks for check in look.phone.checks)


def _without(phone: PhoneCoverage, withheld: frozenset[int]) -> PhoneCoverage:
    before = phone.before
    if before is not None and before.entry in withheld:
        before = _silent(before)
    if any(check.entry in withheld for check in phone.checks):
        return replace(phone, checks=tuple(map(_silent, phone.checks)), before=before)
    return phone if before is phone.before else replace(phone, before=before)


def _silent(check: SeenPhone) -> SeenPhone:
    """A check without its result, and without all from which the result could be told."""
    return replace(check, verdict=None, banned=0, is_attested=False, handed_back=False, reason="")


def _until(checks: Sequence[SeenPhone], of: Draw) -> tuple[SeenPhone, ...]:
    return tuple(check for check in checks if check.entry < of.entry)


def _second(phone: PhoneCoverage, first: SeenPhone, of: Draw) -> SeenPhone | None:
    later = (check for check in phone.checks if check.entry > of.entry and not _is_same(check.officer, first.officer))
    return next(later, None)


def _is_same(officer: str, other_officer: str) -> bool:
    """Whether two names are one officer's, be they in capitals or with other spaces."""
    return officer == other_officer or key_of(officer) == key_of(other_officer) != ""


def _rank(root: bytes, phone: PhoneCoverage) -> bytes:
    """The phone's place in the draw: a hash of its own numbers and its line in the list, with the seal's root."""
    line = phone.line
    identity = "\0".join((line.serial, line.imei, line.tag, str(line.line))) if line is not None else ""
    return hashlib.sha256(root + identity.encode()).digest()
