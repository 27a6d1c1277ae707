"""The rounds of a desk: begun, given their list, looked at and closed, each on record in the desk's log."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from core.describe import officer
from core.ledger.reader import LedgerReader
from core.ledger.records import (
    Entry,
    Kind,
    Personal,
    RecheckDrawn,
    RosterBrought,
    RosterForgotten,
    RoundBegun,
    RoundEnded,
)
from core.ledger.writer import Ledger
from core.problem import Problem
from core.rounds.coverage.coverage import Coverage, DrawnFrom, coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.seen_phones import Erasures, all_of, first_since, recorded_visits, seen_phone, until
from core.rounds.days import day_of
from core.rounds.model import TEXT_LIMIT, Loss, LossCause, Roster, RosterLine, Round, SeenPhone
from core.rounds.roster import roster_file
from core.rounds.roster.identifiers import imei_of, key_of
from core.rounds.roster.roster_file import RosterFileProblem
from core.text import N, T, Text, plain

#: The days before a round in which a phone may have been seen.
_BEFORE: Final = 366
_KINDS: Final = (
    Kind.ROUND_BEGUN,
    Kind.ROSTER_BROUGHT,
    Kind.ROSTER_FORGOTTEN,
    Kind.RECHECK_DRAWN,
    Kind.ROUND_ENDED,
)


class RoundProblem(Problem):
    """A round cannot be begun, given its list or closed as it was asked for."""

    code = "round"


class ClosedRound(RoundProblem):
    """A closed round takes no list any more."""

    code = "round-closed"
    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            T("The round “{round}” is closed: no roster can be imported any more.", round=name),
            T("Begin a new round for these phones."),
        )


def has_roster(phones: int) -> Text:
    """How many phones the list of a round has."""
    return N(
        "This round has a roster of {count} phone.",
        "This round has a roster of {count} phones.",
        phones,
    )


def would_have(phones: int) -> Text:
    """How many phones the list would give to a round."""
    return N(
        "The list that would replace it has {count} phone.",
        "The list that would replace it has {count} phones.",
        phones,
    )


@dataclass(frozen=True, slots=True)
class RecordedDraw:
    """The draw of a round's sample: the number and time of its record, what that tells, and the list of that time."""

    entry: int
    time: datetime
    record: RecheckDrawn
    roster: RosterBrought | None


@dataclass(frozen=True, slots=True)
class KnownRound:
    """A round as the log has it. `roster` is what is on record of its roster, None before one came and once it was
    forgotten, which `forgotten` tells; `ended` is the record of its end, None while it goes on. What came behind that
    record changes nothing of the round, but that its roster can be forgotten.

    `entry` and `end_entry` are the numbers of the records of its begin and its end, `end_time` the time of the latter.
    `draw` is its first draw.
    """

    about: Round
    begun_at: datetime
    roster: RosterBrought | None = None
    ended: RoundEnded | None = None
    entry: int = 0
    end_entry: int | None = None
    end_time: datetime | None = None
    forgotten: Entry | None = None
    draw: RecordedDraw | None = None


def begin(
    ledger: Ledger,
    name: str,
    first: date,
    last: date,
    policy: str,
    *,
    place: str = "",
    officers: tuple[str, ...] = (),
    recheck: int = 0,
    practice: bool = False,
) -> Round:
    """Begin a round, and put it on record. Raises RoundProblem, LedgerProblem."""
    name, place = _words(name), _words(place)
    if not name:
        raise RoundProblem(T("A round needs a name."), T("Give it one, such as “Autumn round 2026”."))
    if last < first:
        raise RoundProblem(
            T("The round would end before it begins."), T("Choose the first day or a later one as the last day.")
        )
    if not 0 <= recheck <= 100:
        raise RoundProblem(T("A share is from 0 to 100 per cent."), T("Say how many of a hundred are checked twice."))
    number = secrets.token_hex(6)
    names = tuple(words for officer in officers if (words := _words(officer)))
    ledger.append(
        RoundBegun(
            round=number,
            name=name,
            place=place,
            first=first.isoformat(),
            last=last.isoformat(),
            policy=policy,
            officers=names,
            recheck=recheck,
        )
    )
    return Round(number, name, place, first, last, policy, names, recheck, practice)


def bring(ledger: Ledger, data: Path, about: Round, roster: Roster, left_out: int = 0, *, replaces: str = "") -> None:
    """Give a round its list, and put that on record; `left_out` are the lines of its file that could not be used.

    `replaces` is the hash on record of the list in whose place it comes. Raises ClosedRound;
    RoundProblem, also where another list is there than the one that was meant; RosterFileProblem, LedgerProblem.
    """
    if not roster.lines:
        raise RoundProblem(T("The roster names no phone."), T("Choose the columns again, or another file."))
    known_round = find(ledger, about.id) or KnownRound(about, roster.brought)
    if known_round.ended is not None:
        raise ClosedRound(about.name)
    if known_round.roster is not None and known_round.roster.sha256 != replaces:
        raise RoundProblem(
            T("{old} {new}", old=has_roster(known_round.roster.phones), new=would_have(len(roster.lines))),
            T("If it is to be replaced, say so: --replace on the command line."),
            code="roster-in-place",
            exit_code=2,
        )
    sha256 = roster_file.save(data, about.id, roster)
    ledger.append(
        RosterBrought(
            round=about.id,
            phones=len(roster.lines),
            units=len({line.unit for line in roster.lines if line.unit}),
            left_out=left_out,
            sha256=sha256,
            file=Personal(roster.source[:TEXT_LIMIT]),
        )
    )
    # The list that the sample was drawn from says for good which phones that are.
    drawn = known_round.draw.roster if known_round.draw is not None else None
    roster_file.forget(data, about.id, but=(sha256, *([drawn.sha256] if drawn is not None else [])))


def add(ledger: Ledger, data: Path, known_round: KnownRound, phone: SeenPhone) -> None:
    """Put a phone that was checked on the list of a round: on record as a further list. What was typed in and is
    another phone's of the list is left out. Raises as :func:`bring`."""
    before = Roster((), "", "", datetime.now(UTC))
    if known_round.ended is not None:
        raise ClosedRound(known_round.about.name)
    if known_round.roster is not None:
        before = roster_file.load(data, known_round.about.id, known_round.roster.sha256)
    line = max((line.line for line in before.lines), default=0) + 1
    imei, tag = imei_of(phone.imei).digits, key_of(phone.tag)
    added = RosterLine(
        line,
        serial=phone.serial,
        imei="" if any(imei == line.imei for line in before.lines) else imei,
        tag="" if any(tag == key_of(line.tag) for line in before.lines) else phone.tag,
        holder=phone.holder,
    )
    replaces = known_round.roster.sha256 if known_round.roster is not None else ""
    bring(ledger, data, known_round.about, roster_file.with_line(before, added), replaces=replaces)


def forget_roster(ledger: Ledger, data: Path, about: Round) -> None:
    """Keep the roster of a round no longer: it names people. First on record, then gone. Raises RosterFileProblem,
    LedgerProblem."""
    ledger.append(RosterForgotten(round=about.id))
    roster_file.forget(data, about.id)


def end(ledger: Ledger, covered: Coverage) -> RoundEnded:
    """Close a round, and put on record what it came to; of one that is closed, the record that was made then. Raises
    LedgerProblem."""
    known_round = find(ledger, covered.round.id)
    if known_round is not None and known_round.ended is not None:
        return known_round.ended
    counts = covered.counts
    record = RoundEnded(
        round=covered.round.id,
        phones=covered.listed,
        green=counts.get(CoverageState.GREEN, 0),
        amber=counts.get(CoverageState.AMBER, 0),
        red=counts.get(CoverageState.RED, 0),
        due=covered.due,
        unexpected=len(covered.unexpected),
    )
    ledger.append(record)
    return record


def recorded_rounds(ledger: LedgerReader, *, practice: bool = False) -> tuple[KnownRound, ...]:
    """All rounds on record, the newest first. Raises LedgerProblem."""
    rounds: dict[str, KnownRound] = {}
    entries = (entry for kind in _KINDS for entry in all_of(ledger, kind))
    for entry in sorted(entries, key=lambda entry: entry.seq):
        about = _round(entry.record, practice)
        if about is not None:
            rounds.setdefault(about.id, KnownRound(about, entry.time, entry=entry.seq))
        elif isinstance(entry.record, RosterBrought | RosterForgotten | RecheckDrawn | RoundEnded):
            known_round = rounds.get(entry.record.round)
            if known_round is not None:
                rounds[known_round.about.id] = _with_record(known_round, entry)
    return tuple(reversed(rounds.values()))


def find(ledger: LedgerReader, number: str, *, practice: bool = False) -> KnownRound | None:
    """The round with this number; None where it is not on record. Raises LedgerProblem."""
    return next(
        (known_round for known_round in recorded_rounds(ledger, practice=practice) if known_round.about.id == number),
        None,
    )


def _with_record(known_round: KnownRound, entry: Entry) -> KnownRound:
    """A round as it stands after one more record, which may change nothing of it."""
    match entry.record:
        case RosterForgotten():
            return replace(known_round, roster=None, forgotten=entry)
        case RosterBrought() as roster if known_round.ended is None:
            return replace(known_round, roster=roster, forgotten=None)
        case RecheckDrawn() as record if known_round.ended is None and known_round.draw is None:
            return replace(known_round, draw=RecordedDraw(entry.seq, entry.time, record, known_round.roster))
        case RoundEnded() as ended if known_round.ended is None:
            return replace(known_round, ended=ended, end_entry=entry.seq, end_time=entry.time)
    return known_round


def covered(
    ledger: LedgerReader, data: Path, known_round: KnownRound, today: date, zone: tzinfo | None = None
) -> Coverage:
    """How a round stands today, or how a closed one stood at its end. Its days are those of a time zone.

    Raises RosterFileProblem, LedgerProblem.
    """
    as_of = today if known_round.end_time is None else day_of(known_round.end_time, zone)
    roster, loss = _roster(data, known_round, zone)
    now, at_draw = _checks(ledger, known_round, zone)

    def stands(of: Roster | None, checks: list[SeenPhone], day: date, loss: Loss | None = None) -> Coverage:
        begun_on = day_of(known_round.begun_at, zone)
        return coverage(
            known_round.about,
            of,
            checks,
            day,
            first_entry=known_round.entry,
            begun_on=begun_on,
            ended=known_round.ended,
            loss=loss,
        )

    result = stands(roster, now, as_of, loss)
    drawn = _drawn_roster(data, known_round, roster)
    if known_round.draw is None or drawn is None:
        return replace(result, draw_lost=known_round.draw is not None)
    by_that = result if drawn is roster else stands(drawn, now, as_of)
    coverage_at_draw = stands(drawn, at_draw, day_of(known_round.draw.time, zone))
    return replace(result, drawn_from=DrawnFrom(coverage_at_draw.phones, by_that.phones))


def _checks(
    ledger: LedgerReader, known_round: KnownRound, zone: tzinfo | None
) -> tuple[list[SeenPhone], list[SeenPhone]]:
    """The checks until its end, or now; and as they stood when its sample was drawn. Raises LedgerProblem."""
    after = min(
        first_since(ledger, known_round.about.first - timedelta(days=_BEFORE), zone) or known_round.entry,
        known_round.entry,
    )
    erasures = Erasures(ledger, zone)
    now: list[SeenPhone] = []
    at_draw: list[SeenPhone] = []
    for visit in recorded_visits(ledger, max(after - 1, 0), known_round.end_entry):
        if (check := seen_phone(visit, erasures, zone)) is not None:
            now.append(check)
        if known_round.draw is not None and (visit_at_draw := until(visit, known_round.draw.entry)) is not None:
            before = check if visit_at_draw is visit else seen_phone(visit_at_draw, erasures, zone)
            at_draw += [before] if before is not None else []
    return now, at_draw


def _roster(data: Path, known_round: KnownRound, zone: tzinfo | None) -> tuple[Roster | None, Loss | None]:
    """The list of a round, or why it is not known any more: a closed round is told of without it. Raises
    RosterFileProblem where one that goes on has no list that can be read."""
    if known_round.forgotten is not None:
        return None, Loss(LossCause.FORGOTTEN, day_of(known_round.forgotten.time, zone), officer(known_round.forgotten))
    if known_round.roster is None:
        return None, None
    try:
        return roster_file.load(data, known_round.about.id, known_round.roster.sha256), None
    except RosterFileProblem:
        if known_round.ended is None:
            raise
        return None, Loss(LossCause.MISSING)


def _drawn_roster(data: Path, known_round: KnownRound, now: Roster | None) -> Roster | None:
    """The list that the sample was drawn from; None where there was no draw, or the list is gone."""
    if known_round.draw is None or known_round.draw.roster is None:
        return None
    if known_round.roster is not None and known_round.draw.roster.sha256 == known_round.roster.sha256:
        return now
    try:
        return roster_file.load(data, known_round.about.id, known_round.draw.roster.sha256)
    except RosterFileProblem:
        return None


def _words(text: str) -> str:
    return plain(" ".join(text.split()), TEXT_LIMIT)


def _round(record: object, practice: bool) -> Round | None:
    """The round of a record; None for one whose days make no sense, which no desk wrote."""
    if not isinstance(record, RoundBegun):
        return None
    try:
        first, last = date.fromisoformat(record.first), date.fromisoformat(record.last)
    except ValueError:
        return None
    if not record.round.isalnum() or not record.round.isascii() or last < first:
        return None
    return Round(
        record.round, record.name, record.place, first, last, record.policy, record.officers, record.recheck, practice
    )
