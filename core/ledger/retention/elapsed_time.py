"""How much time has passed since a record was written, as far as the log itself can show it.

Setting the computer's clock must not make anything old. So time counts as passed within one
start of the computer as its counter says, which cannot be set; and from one start to the next as the calendar says,
but only where that is two months at most: who works at least once in a calendar month is never behind. A longer stretch
without any record does not count, until a time stamp that was attached later, and whose signature was checked, says
that it was at least so late. What did not count is taken back when the clock is set right again.

Cosignatures are no such evidence: a desk that gives one of any time is easily invented. And where nothing names the
starts of the computer (Windows), each start of Fanion stands for one. Setting the clock forward by two months and
starting anew, a dozen times over, gets round this: all of it is then on record.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from core.jobs import Cancel
from core.ledger.problems import DamagedLedger
from core.ledger.reader import LedgerReader
from core.ledger.records import Kind, sql
from core.text import T, Text

#: How long nothing may be written between two starts for the calendar to be believed: from the first day of one month
#: to the last of the next.
BELIEVED: Final = timedelta(days=62)
_DAY: Final = timedelta(days=1)

_NEXT_DAY: Final = "SELECT min(time) FROM entry WHERE time >= ?"
_FIRST_OF_DAY: Final = "SELECT min(seq) FROM entry WHERE time >= ? AND time < ?"
_NEWEST: Final = "SELECT max(seq) FROM entry"
_POINTS: Final = f"""SELECT seq, time, {sql.BOOT},
    {sql.MONO_MS}
    FROM entry WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"""  # noqa: S608 - nothing but what stands here
_STAMPS: Final = f"""SELECT seq, {sql.STAMPED_TIME} FROM entry
    WHERE kind = ? AND {sql.STAMP_CHECKED} = 1 ORDER BY seq"""  # noqa: S608 - nothing but what stands here


@dataclass(frozen=True, slots=True)
class UncountedTime:
    """A stretch without any record that does not count as passed."""

    since: datetime
    until: datetime

    @property
    def words(self) -> Text:
        return T(
            "From {since} to {until} the log has no entries; that time does not count, because a clock that was set "
            "forward would look the same.",
            since=self.since.date().isoformat(),
            until=self.until.date().isoformat(),
        )


@dataclass(slots=True)
class _Leap:
    """A stretch of the calendar that ends with point number `index` and does not count as passed.

    `since` moves on to the time of each checked time stamp that lies in it.
    """

    index: int
    since: datetime
    until: datetime


class _Point(NamedTuple):
    """The first record of a day."""

    seq: int
    time: datetime
    boot: str
    mono_ms: int


class ElapsedTime:
    """When each record was written, by a calendar on which only the time that counts has passed since."""

    def __init__(self, today: datetime, seqs: list[int], times: list[datetime], high: list[datetime]) -> None:
        #: By the newest record, whatever the clock says now.
        self.today = today
        #: What did not count, each with the number of the record that it ends with.
        self.gaps: tuple[tuple[int, UncountedTime], ...] = ()
        #: Where the records of each point begin, and when they were written at the earliest; a day later at the latest.
        self.seqs = seqs
        self.times = times
        self._high = high

    def time(self, seq: int, stated: datetime) -> datetime:
        """When record number `seq` was written, which has the time `stated` in it."""
        at = bisect_right(self.seqs, seq) - 1
        if at < 0:
            return stated
        return self.times[at] + min(max(stated - self._high[at], timedelta()), _DAY)

    def sure_until(self, time: datetime) -> tuple[int, int]:
        """The records up to the first number were written before `time`, those after the second one later."""
        end = bisect_right(self.times, time)
        sure = bisect_right(self.times, time - _DAY)
        return self._before(sure), self._before(end)

    def gaps_after(self, seq: int) -> list[UncountedTime]:
        """The stretches of time behind record number `seq` that did not count."""
        return [gap for end, gap in self.gaps if end > seq]

    def _before(self, point: int) -> int:
        return self.seqs[point] - 1 if point < len(self.seqs) else 2**62


def elapsed(ledger: LedgerReader, now: datetime, cancel: Cancel) -> ElapsedTime:
    """How much time the log shows to have passed. `now` can only make it less. Raises LedgerProblem, Cancelled."""
    try:
        points = _points(ledger, cancel)
        stamps = [(seq, datetime.fromisoformat(time)) for seq, time in ledger.rows(_STAMPS, [Kind.TIMESTAMPED])]
        return _walk(points, stamps, now)
    except (ValueError, TypeError, OverflowError) as error:
        raise DamagedLedger(ledger.path, str(error)) from error


def _points(ledger: LedgerReader, cancel: Cancel) -> list[_Point]:
    """The first record that was written of each day, and the newest of all, in the order in which they were."""
    seqs = {seq for (seq,) in ledger.rows(_NEWEST, []) if seq}
    day = ""
    while (next_time := ledger.rows(_NEXT_DAY, [day])[0][0]) is not None:
        cancel.check()
        start, day = next_time[:10], f"{next_time[:10]}~"  # which no time of that day is behind
        seqs.update(seq for (seq,) in ledger.rows(_FIRST_OF_DAY, [start, day]) if seq)
    rows = ledger.rows(_POINTS, [json.dumps(list(seqs))])
    return [_Point(seq, datetime.fromisoformat(time), boot, mono_ms) for seq, time, boot, mono_ms in rows]


def _walk(points: list[_Point], stamps: list[tuple[int, datetime]], now: datetime) -> ElapsedTime:
    """Go from point to point, and find out how much of the time between two of them counts.

    `high` is the latest time that was written so far, and `at` the point that has it: a point with an earlier time adds
    nothing. ``passed[i]`` is the time that counts before point number i. What does not count is a leap, until a time
    stamp speaks for it or the clock is set back behind it. At last the times are reckoned back from the newest point:
    so what does not count makes everything before it younger.
    """
    if not points:
        return ElapsedTime(now, [], [], [])
    leaps: list[_Leap] = []
    passed: list[timedelta] = []
    highs: list[datetime] = []
    high, at = points[0].time, points[0]
    waiting = stamps[::-1]
    for point in points:
        while waiting and waiting[-1][0] < point.seq:
            leaps = _spoken_for(leaps, waiting.pop()[1], passed)
        high = _set_right(leaps, point.time, high)
        elapsed = point.time - high
        if elapsed > timedelta():
            counts = _counts(at, point, elapsed)
            if counts < elapsed:
                leaps.append(_Leap(len(passed), high + counts, point.time))
            high, at = point.time, point
            passed.append(counts)
        else:
            passed.append(timedelta())
        highs.append(high)
    for _, time in reversed(waiting):
        leaps = _spoken_for(leaps, time, passed)
    high = _set_right(leaps, now, high)
    times = [high] * len(points)
    for index in range(len(points) - 1, 0, -1):
        times[index - 1] = times[index] - passed[index]
    elapsed_time = ElapsedTime(min(now, high), [point.seq for point in points], times, highs)
    long_leaps = [leap for leap in leaps if leap.until - leap.since > _DAY]
    elapsed_time.gaps = tuple((points[leap.index].seq, UncountedTime(leap.since, leap.until)) for leap in long_leaps)
    return elapsed_time


def _counts(before: _Point, after: _Point, elapsed: timedelta) -> timedelta:
    """How much of the time `elapsed` by the calendar counts as passed."""
    if before.boot == after.boot:
        return min(elapsed, timedelta(milliseconds=max(0, after.mono_ms - before.mono_ms)))
    return elapsed if elapsed <= BELIEVED else timedelta()


def _set_right(leaps: list[_Leap], time: datetime, high: datetime) -> datetime:
    """Forget the leaps that end more than a day after `time`: the clock was set forward, and has been set back since.

    Returns the latest time that was written (`high`) without them.
    """
    while leaps and time < leaps[-1].until - _DAY:
        high = leaps.pop().since
    return high


def _spoken_for(leaps: list[_Leap], time: datetime, passed: list[timedelta]) -> list[_Leap]:
    """Count the part of each leap before `time` as passed: a checked time stamp says that it was at least so late.

    Returns the leaps of which something still does not count.
    """
    for leap in leaps:
        reached = min(time, leap.until)
        if reached > leap.since:
            passed[leap.index] += reached - leap.since
            leap.since = reached
    return [leap for leap in leaps if leap.since < leap.until]
