"""How long personal values are kept: what may be erased by now, and what may not be yet. Nothing is erased here.

A record is never deleted; only the personal values beside it can be (Library and Archives of Canada Act, s. 12: nothing
disappears silently). What was used for a decision about a person is kept for at least two years after its last use,
unless that person consents (Privacy Regulations, s. 4(1)); what a clean check left has no such floor.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from core.ledger import LedgerProblem
from core.ledger.reader import LedgerReader, as_stored
from core.ledger.records import Kind
from core.model import Strength, Verdict
from core.text import N, T

#: Months for which the values of records that affected a person are kept, counted from the last record of the phone.
FLOOR_MONTHS: Final = 24

_PAGE: Final = 5_000
_ACTS: Final = (Kind.REMOVAL_INTENDED, Kind.REMOVAL_OUTCOME, Kind.UNDO_INTENDED, Kind.UNDO_OUTCOME)
#: A ban was found, also one that is contained; or something was removed or brought back.
_AFFECTED: Final = """SELECT seq, visit FROM entry WHERE kind IN (?, ?, ?, ?)
    UNION SELECT seq, visit FROM entry WHERE verdict = ?
    UNION SELECT seq, visit FROM entry
        WHERE kind = ? AND json_extract(CAST(leaf AS TEXT), '$.body.counts.bans') > 0
    UNION SELECT seq, visit FROM entry
        WHERE kind = ? AND json_extract(CAST(leaf AS TEXT), '$.body.strength') = ?"""
_WITH_VALUES: Final = """SELECT opening.seq, entry.time, entry.visit, count(*),
    json_extract(CAST(leaf AS TEXT), '$.device.maker'), json_extract(CAST(leaf AS TEXT), '$.device.model'),
    max(opening.value)
    FROM opening JOIN entry ON entry.seq = opening.seq
    WHERE opening.seq > ? GROUP BY opening.seq ORDER BY opening.seq LIMIT ?"""

_NEWEST: Final = """SELECT time, json_extract(CAST(leaf AS TEXT), '$.boot'),
    json_extract(CAST(leaf AS TEXT), '$.mono_ms') FROM entry ORDER BY seq DESC LIMIT 1"""
_BEFORE_BOOT: Final = """SELECT seq, time FROM entry WHERE json_extract(CAST(leaf AS TEXT), '$.boot') IS NOT ?
    ORDER BY seq DESC LIMIT 1"""
_NUMBERED: Final = "SELECT time, json_extract(CAST(leaf AS TEXT), '$.mono_ms') FROM entry WHERE seq = ?"


class TooEarly(LedgerProblem):
    """The values of records that affected a person have to be kept for longer."""

    code = "too-early"

    def __init__(self, entries: Collection[int], until: datetime) -> None:
        super().__init__(
            N(
                "Entry {first} of the log affected a person: its personal values must be kept until {date}, two years "
                "after the last entry about that phone.",
                "{count} of these entries of the log affected a person, entry {first} among them: their personal "
                "values must be kept until {date}, two years after the last entry about the phone.",
                len(entries),
                first=min(entries),
                date=until.date().isoformat(),
            ),
            T("Wait until then, or erase them with that person’s written consent."),
        )
        self.entries = tuple(sorted(entries))
        self.until = until


@dataclass(frozen=True, slots=True)
class Due:
    """What may be erased: the numbers of the records, how many values they have, and when the oldest was written.

    `affected_waiting` counts the records that only the two years' floor keeps: their time by the setting is over.
    """

    records: tuple[int, ...]
    values: int
    oldest: datetime | None
    affected_waiting: int


class _Kept(NamedTuple):
    """A record with personal values. `last` is the time of the phone's last record; empty where nobody was affected."""

    seq: int
    time: str
    values: int
    last: str


def due(ledger: LedgerReader, months: int, now: datetime) -> Due:
    """What may be erased by now, where the values of clean checks are kept for `months`; 0 means that none is due.

    The setting can only lengthen the floor of what affected a person. Raises LedgerProblem.
    """
    if months <= 0:
        return Due((), 0, None, 0)
    today = _today(ledger, now)
    clean, affected = _before(today, months), _before(today, max(months, FLOOR_MONTHS))
    over = [kept for kept in _kept(ledger, today) if kept.time <= clean]
    may_go = [kept for kept in over if kept.last <= affected]
    return Due(
        records=tuple(kept.seq for kept in may_go),
        values=sum(kept.values for kept in may_go),
        oldest=datetime.fromisoformat(min(kept.time for kept in may_go)) if may_go else None,
        affected_waiting=len(over) - len(may_go),
    )


def check_erasable(ledger: LedgerReader, seqs: Collection[int], now: datetime, consent: bool) -> None:
    """Raise TooEarly if the values of one of these records have to be kept for longer and there is no `consent`.

    Raises LedgerProblem.
    """
    if consent or not seqs:
        return
    today, wanted = _today(ledger, now), frozenset(seqs)
    floor = _before(today, FLOOR_MONTHS)
    held = {kept.seq: kept.last for kept in _kept(ledger, today) if kept.seq in wanted and kept.last > floor}
    if held:
        raise TooEarly(held, _months_on(datetime.fromisoformat(max(held.values())), FLOOR_MONTHS))


def _kept(ledger: LedgerReader, today: datetime) -> Iterator[_Kept]:
    """Every record that still has personal values.

    A phone is told by its serial number, maker and model, as far as its records still have them.
    """
    numbers, visits = set(), set()
    for seq, visit in ledger.rows(_AFFECTED, [*_ACTS, Verdict.RED, Kind.CHECK_ENDED, Kind.FINDING, Strength.BAN]):
        numbers.add(seq)
        visits.add(visit)
    visits.discard(None)
    found: list[tuple[int, str, int, tuple[object, ...], bool]] = []
    last: dict[tuple[object, ...], str] = {}
    now, latest = as_stored(today), ""
    for seq, time, visit, values, *phone in _with_values(ledger):
        if not found:
            latest = _latest(ledger, seq, now)
        if time <= now:
            # While the clock was set back, records said that they are older than they are.
            time = latest = max(time, latest)
        last[tuple(phone)] = max(time, last.get(tuple(phone), ""))
        found.append((seq, time, values, tuple(phone), seq in numbers or visit in visits))
    for seq, time, values, which, affected in found:
        yield _Kept(seq, time, values, last[which] if affected else "")


def _with_values(ledger: LedgerReader) -> Iterator[tuple]:  # type: ignore[type-arg]
    after = 0
    while rows := ledger.rows(_WITH_VALUES, [after, _PAGE]):
        yield from rows
        after = rows[-1][0]


def _latest(ledger: LedgerReader, before: int, now: str) -> str:
    """The latest time that any record before number `before` has; those of the future, by `now`, are not believed."""
    rows = ledger.rows("SELECT max(time) FROM entry WHERE +seq < ? AND time <= ?", [before, now])
    return str(rows[0][0] or "")


def _today(ledger: LedgerReader, now: datetime) -> datetime:
    """What time it is, at the least: a clock that somebody set forward must not make anything due.

    It would say so in every record since this start of the computer. So the last record before that counts, and what
    the computer's own counter has gone on since. Whoever works every day is at most a day behind by it.
    """
    newest = ledger.rows(_NEWEST, [])
    if not newest:
        return now
    time, boot, counter = newest[0]
    earlier = ledger.rows(_BEFORE_BOOT, [boot])
    seq, known = earlier[0] if earlier else (0, "")
    first = ledger.rows(_NUMBERED, [seq + 1])[0]
    passed = timedelta(milliseconds=max(0, counter - first[1]))
    return min(now, datetime.fromisoformat(time), datetime.fromisoformat(known or first[0]) + passed)


def _before(time: datetime, months: int) -> str:
    return as_stored(_months_on(time, -months))


def _months_on(time: datetime, months: int) -> datetime:
    """So many months later, or earlier; on the month's last day where it has no such day."""
    year, month = divmod(time.year * 12 + time.month - 1 + months, 12)
    if year < 1:
        return datetime.min.replace(tzinfo=UTC)
    return time.replace(year=year, month=month + 1, day=min(time.day, calendar.monthrange(year, month + 1)[1]))
