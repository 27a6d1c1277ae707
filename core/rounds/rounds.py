"""The rounds of a desk: begun, given their list, looked at and closed, each on record in the desk's log."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from core.describe import labels, officer, phone, serial
from core.describe.visits import RecordedVisit
from core.ledger.reader import LedgerReader
from core.ledger.records import (
    CheckEnded,
    HandBackIntended,
    HandedBack,
    Kind,
    Personal,
    RosterBrought,
    RosterForgotten,
    RoundBegun,
    RoundEnded,
)
from core.ledger.search.visit_list import visits_in
from core.ledger.writer import Ledger
from core.model import Verdict
from core.problem import Problem
from core.rounds import roster_file
from core.rounds.coverage import Coverage, PhoneState, coverage
from core.rounds.model import TEXT_LIMIT, Roster, RosterLine, Round, SeenPhone
from core.text import T, plain

#: Rounds that are listed; visits that are read at a time; the days before a round in which a phone may have been seen.
_LISTED: Final = 200
_PAGE: Final = 100
_BEFORE: Final = 366


class RoundProblem(Problem):
    """A round cannot be begun, given its list or closed as it was asked for."""

    code = "round"


@dataclass(frozen=True, slots=True)
class KnownRound:
    """A round as the log has it. `roster` is what is on record of its roster, None before one came and once it was
    forgotten; `ended` is the record of its end, None while it goes on; `entry` numbers the record that began it."""

    about: Round
    begun: datetime
    roster: RosterBrought | None = None
    ended: RoundEnded | None = None
    entry: int = 0


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
            T("The round would end before it begins."), T("Let the last day be the first one, or a later one.")
        )
    if not 0 <= recheck <= 100:
        raise RoundProblem(T("A share is from 0 to 100 per cent."), T("Say how many of a hundred are checked twice."))
    number = secrets.token_hex(6)
    named = tuple(words for one in officers if (words := _words(one)))
    ledger.append(
        RoundBegun(
            round=number,
            name=name,
            place=place,
            first=first.isoformat(),
            last=last.isoformat(),
            policy=policy,
            officers=named,
            recheck=recheck,
        )
    )
    return Round(number, name, place, first, last, policy, named, recheck, practice)


def bring(ledger: Ledger, data: Path, about: Round, roster: Roster, left_out: int = 0) -> None:
    """Give a round its list, in place of an earlier one, and put that on record; `left_out` are the lines of its file
    that could not be used. Raises RoundProblem, RosterFileProblem, LedgerProblem."""
    if not roster.lines:
        raise RoundProblem(T("The roster names no phone."), T("Choose the columns again, or another file."))
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
    roster_file.forget(data, about.id, but=sha256)


def add(ledger: Ledger, data: Path, one: KnownRound, phone: SeenPhone) -> None:
    """Put a phone that was checked on the list of a round: on record as a further list. Raises as :func:`bring`."""
    before = Roster((), "", "", datetime.now(UTC))
    if one.roster is not None:
        before = roster_file.load(data, one.about.id, one.roster.sha256)
    line = max((line.line for line in before.lines), default=0) + 1
    added = RosterLine(line, serial=phone.serial, imei=phone.imei, tag=phone.tag, holder=phone.holder)
    bring(ledger, data, one.about, roster_file.with_line(before, added))


def forget_roster(ledger: Ledger, data: Path, about: Round) -> None:
    """Keep the roster of a round no longer: it names people. First on record, then gone. Raises RosterFileProblem,
    LedgerProblem."""
    ledger.append(RosterForgotten(round=about.id))
    roster_file.forget(data, about.id)


def end(ledger: Ledger, covered: Coverage) -> RoundEnded:
    """Close a round, and put on record what it came to. Raises LedgerProblem."""
    counts = covered.counts
    record = RoundEnded(
        round=covered.round.id,
        phones=len(covered.phones),
        green=counts.get(PhoneState.GREEN, 0),
        amber=counts.get(PhoneState.AMBER, 0),
        red=counts.get(PhoneState.RED, 0),
        due=counts.get(PhoneState.DUE, 0),
        unexpected=len(covered.unexpected),
    )
    ledger.append(record)
    return record


def known(ledger: LedgerReader, *, practice: bool = False) -> tuple[KnownRound, ...]:
    """The rounds on record, the newest first. Raises LedgerProblem."""
    forgotten: dict[str, int] = {}
    for entry in ledger.newest(_LISTED * 10, kind=Kind.ROSTER_FORGOTTEN):
        if isinstance(entry.record, RosterForgotten):
            forgotten.setdefault(entry.record.round, entry.seq)
    rosters: dict[str, RosterBrought | None] = {}
    for entry in ledger.newest(_LISTED * 10, kind=Kind.ROSTER_BROUGHT):
        if isinstance(entry.record, RosterBrought):
            number = entry.record.round
            rosters.setdefault(number, entry.record if entry.seq > forgotten.get(number, 0) else None)
    ended: dict[str, RoundEnded] = {}
    for entry in ledger.newest(_LISTED, kind=Kind.ROUND_ENDED):
        if isinstance(entry.record, RoundEnded):
            ended.setdefault(entry.record.round, entry.record)
    found = []
    for entry in ledger.newest(_LISTED, kind=Kind.ROUND_BEGUN):
        about = _round(entry.record, practice)
        if about is not None:
            found.append(KnownRound(about, entry.time, rosters.get(about.id), ended.get(about.id), entry.seq))
    return tuple(found)


def covered(ledger: LedgerReader, data: Path, one: KnownRound, today: date) -> Coverage:
    """How a round stands today. Raises RosterFileProblem, LedgerProblem."""
    roster = roster_file.load(data, one.about.id, one.roster.sha256) if one.roster is not None else None
    return coverage(one.about, roster, seen(ledger, one.about.first - timedelta(days=_BEFORE)), today)


def seen(ledger: LedgerReader, since: date) -> Iterator[SeenPhone]:
    """Each visit on record in which a phone was read, from a day on, as it was left. Raises LedgerProblem."""
    until = datetime.max.replace(year=9000).astimezone()
    begun = visits_in(ledger, datetime.combine(since, time.min).astimezone(), until)
    for start in range(0, len(begun), _PAGE):
        for entries in ledger.of_visits(begun[start : start + _PAGE]):
            if (one := seen_phone(RecordedVisit(entries))) is not None:
                yield one


def seen_phone(visit: RecordedVisit) -> SeenPhone | None:
    """What a visit says of its phone; None where the phone was not read."""
    after, verdict, cut_short = visit.after, visit.verdict, visit.cut_short
    if cut_short is not None:
        last, banned = cut_short[0], cut_short[1].counted
    elif after is not None and isinstance(verdict, Verdict) and isinstance(after.entry.record, CheckEnded):
        last, banned = after.entry, after.ended.banned
    else:
        return None
    about = visit.about
    labelled = labels(about)
    records = [entry.record for entry in reversed(visit.entries)]
    return SeenPhone(
        entry=last.seq,
        time=last.time,
        desk=last.desk,
        officer=officer(last),
        verdict=Verdict.RED if verdict is None else verdict,
        serial=serial(about),
        imei=labelled.imei,
        tag=labelled.tag,
        holder=labelled.holder,
        phone=phone(about),
        banned=banned,
        looked=visit.looked is not None,
        visit=last.visit or "",
        handed_back=any(isinstance(entry.record, HandedBack) for entry in visit.entries),
        reason=next((r.reason.value or "" for r in records if isinstance(r, HandBackIntended)), ""),
    )


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
