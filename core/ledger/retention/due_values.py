"""How long personal values are kept: what may be erased by now, and what may not be yet.

Nothing is erased here: :meth:`core.ledger.writer.Ledger.erase_records` does that.

A record is never deleted; only the personal values beside it can be (Library and Archives of Canada Act, s. 12: nothing
disappears silently). What was used for a decision about a person is kept for at least two years after its last use,
unless that person consents (Privacy Regulations, s. 4(1)); what a clean check left has no such floor.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from core.jobs import Cancel, Progress, Report, silent
from core.ledger.evidence.kept_files import files_on_record, released_by
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import INTENTS, OUTCOMES, Kind, sql
from core.ledger.retention.elapsed_time import UncountedTime, elapsed
from core.model import Attested, Strength, Verdict
from core.text import N, T

#: Months for which the values of records that affected a person are kept, counted from the last record of the phone.
FLOOR_MONTHS: Final = 24

#: Records of a question to the database at a time.
_STRETCH: Final = 20_000
_ACTS: Final = (*INTENTS, *OUTCOMES, Kind.EXCEPTION_GRANTED)
#: A ban was found, also one that is contained, or an officer saw one; or something was removed, brought back or
#: excepted.
_AFFECTED: Final = f"""SELECT seq, visit FROM entry WHERE kind IN (?, ?, ?, ?, ?)
    UNION SELECT seq, visit FROM entry WHERE verdict = ?
    UNION SELECT seq, visit FROM entry
        WHERE verdict = ? AND {sql.BANS} > 0
    UNION SELECT seq, visit FROM entry
        WHERE kind = ? AND {sql.STRENGTH} = ?
    UNION SELECT seq, visit FROM entry
        WHERE kind = ? AND {sql.ANSWER} = ?"""  # noqa: S608 - nothing but what stands here
_OF_VISITS: Final = "SELECT seq FROM entry WHERE visit IN (SELECT value FROM json_each(?))"
_WITH_VALUES: Final = "SELECT seq, count(*) FROM opening WHERE seq > ? AND seq <= ? GROUP BY seq ORDER BY seq"
_FIRST_WITH_VALUES: Final = "SELECT min(seq) FROM opening"
_VALUES_OF: Final = "SELECT DISTINCT seq FROM opening WHERE seq IN (SELECT value FROM json_each(?))"
_TIMES: Final = "SELECT seq, time FROM entry WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"
#: A phone is known by maker, model and serial number. CROSS JOIN: first the values, whose table is the smaller one.
_PHONES: Final = f"""SELECT opening.seq, {sql.MAKER},
        {sql.MODEL}, CAST(opening.value AS TEXT)
    FROM opening CROSS JOIN entry ON entry.seq = opening.seq
    WHERE opening.seq IN (SELECT value FROM json_each(?))
    AND lower(hex(opening.commitment)) = {sql.SERIAL_SEALED}"""  # noqa: S608 - nothing but what stands here
_LAST_OF_PHONES: Final = f"""SELECT {sql.MAKER},
        {sql.MODEL}, CAST(opening.value AS TEXT), max(opening.seq)
    FROM opening CROSS JOIN entry ON entry.seq = opening.seq
    WHERE CAST(opening.value AS TEXT) IN (SELECT value FROM json_each(?))
    AND lower(hex(opening.commitment)) = {sql.SERIAL_SEALED}
    GROUP BY 1, 2, 3"""  # noqa: S608 - nothing but what stands here
_LAST_OF_VISITS: Final = """SELECT one.seq, max(opening.seq) FROM entry AS one
    JOIN entry AS other ON other.visit = one.visit JOIN opening ON opening.seq = other.seq
    WHERE one.seq IN (SELECT value FROM json_each(?)) GROUP BY one.seq"""


class TooEarly(LedgerProblem):
    """The values of records that affected a person have to be kept for longer. `gap`: time that did not count."""

    code = "too-early"

    def __init__(self, entries: Collection[int], until: datetime, gap: UncountedTime | None = None) -> None:
        sentence = N(
            "Entry {first} of the log affected a person: its personal information must be kept until {date}, two "
            "years after the last entry about that phone.",
            "{count} of these entries of the log affected a person, entry {first} among them: their personal "
            "information must be kept until {date}, two years after the last entry about the phone.",
            len(entries),
            first=min(entries),
            date=until.date().isoformat(),
        )
        if gap is None:
            super().__init__(sentence, T("Wait until then, or erase it with that person’s written consent."))
        else:
            super().__init__(
                T("{what} {why}", what=sentence, why=gap.words),
                T(
                    "Attach a time stamp that is checked (fanion log timestamp), wait until then, or erase it with "
                    "that person’s written consent."
                ),
            )
        self.entries = tuple(sorted(entries))
        self.until = until
        self.gap = gap


@dataclass(frozen=True, slots=True)
class Due:
    """What may be erased: the numbers of the records, how many values they have, and when the oldest was written.

    `affected_waiting` counts the records that only the two years' floor keeps: their time by the setting is over.
    `gap` is the longest stretch of time that did not count, where there is one: without it, more might be due. With the
    records, `files` copies of apps' files go, of `file_bytes` together.
    """

    records: tuple[int, ...]
    values: int
    oldest: datetime | None
    affected_waiting: int
    gap: UncountedTime | None = None
    files: int = 0
    file_bytes: int = 0


def due(ledger: LedgerReader, months: int, now: datetime, report: Report = silent, cancel: Cancel | None = None) -> Due:
    """What may be erased by now, where the values of clean checks are kept for `months`; 0 means that none is due.

    The setting can only lengthen the floor of what affected a person. Raises LedgerProblem, Cancelled.
    """
    if months <= 0:
        return Due((), 0, None, 0)
    with ledger.one_reading():
        ledger.require_sound(cancel or Cancel())  # the indexes that are asked are compared with their tables
        work = _Work(ledger, now, report, cancel or Cancel())
        over = work.older_than(months_on(work.elapsed.today, -months))
        affected = work.affected() & over.keys()
        floor = months_on(work.elapsed.today, -max(months, FLOOR_MONTHS))
        waiting = {seq for seq, last in work.last_of(affected).items() if last.time > floor}
        may_go = [seq for seq in over if seq not in waiting]
        released = released_by(ledger, may_go)
        return Due(
            records=tuple(may_go),
            values=sum(over[seq] for seq in may_go),
            oldest=work.times(may_go[:1])[may_go[0]] if may_go else None,
            affected_waiting=len(waiting),
            gap=work.gap(work.first_with_values() - 1),
            files=len(released.files),
            file_bytes=released.size,
        )


def check_erasable(ledger: LedgerReader, seqs: Collection[int], now: datetime, consent: bool) -> None:
    """Raise TooEarly if the values of one of these records have to be kept for longer and there is no `consent`.

    Raises LedgerProblem.
    """
    if not seqs:
        return
    with ledger.one_reading():
        ledger.require_sound(Cancel())  # the indexes that are asked are compared with their tables
        if consent:
            return
        work = _Work(ledger, now, silent, Cancel())
        affected = work.affected() & set(seqs)
        floor = months_on(work.elapsed.today, -FLOOR_MONTHS)
        too_early = {seq: last for seq, last in work.last_of(work.with_values(affected)).items() if last.time > floor}
        if too_early:
            newest = max(too_early.values())
            raise TooEarly(too_early, months_on(newest.time, FLOOR_MONTHS), work.gap(newest.seq))


class _Last(NamedTuple):
    """The last record with personal values that is about a phone."""

    time: datetime
    seq: int


class _Work:
    """The questions to one ledger. All of them may raise LedgerProblem and Cancelled."""

    def __init__(self, ledger: LedgerReader, now: datetime, report: Report, cancel: Cancel) -> None:
        self._ledger = ledger
        self._report = report
        self._cancel = cancel
        self.elapsed = elapsed(ledger, now, cancel)
        #: The records that refer to copies of files which are kept.
        self.with_files = {file.entry for file in files_on_record(ledger) if file.erased_by is None}

    def older_than(self, time: datetime) -> dict[int, int]:
        """The records with personal values that were written before `time`, and how many each has; also those that
        only refer to copies of files."""
        counts: dict[int, int] = {}
        sure, end = self.elapsed.sure_until(time)
        end = min(end, self._ledger.count())
        for first in range(0, end, _STRETCH):
            self._cancel.check()
            self._report(Progress(T("Looking for what is to be erased"), first / end))
            counts.update(self._ledger.rows(_WITH_VALUES, [first, min(first + _STRETCH, end)]))
        counts = dict(sorted((dict.fromkeys((seq for seq in self.with_files if seq <= end), 0) | counts).items()))
        unsure = self.times([seq for seq in counts if seq > sure])
        return {seq: values for seq, values in counts.items() if seq not in unsure or unsure[seq] <= time}

    def affected(self) -> set[int]:
        """The records of visits in which something was found or done that affected a person."""
        values: list[object] = [*_ACTS, Verdict.RED, Verdict.AMBER, Kind.FINDING, Strength.BAN]
        values += [Kind.LOOKED, Attested.APP_SEEN]
        rows = self._ledger.rows(_AFFECTED, values)
        visits = sorted({visit for _, visit in rows if visit is not None})
        return {seq for seq, _ in rows} | {seq for (seq,) in self._rows(_OF_VISITS, visits)}

    def with_values(self, seqs: Collection[int]) -> list[int]:
        """Those of these records that still have personal values, or copies of files."""
        with_values = {seq for (seq,) in self._rows(_VALUES_OF, sorted(seqs))}
        return sorted(with_values | self.with_files.intersection(seqs))

    def last_of(self, seqs: Collection[int]) -> dict[int, _Last]:
        """The last record about the same phone as each of these, which have personal values.

        A phone that has no serial number, or was not read yet, is only known for the length of its visit.
        """
        phones = {seq: tuple(phone) for seq, *phone in self._rows(_PHONES, sorted(seqs))}
        serials = sorted({str(phone[-1]) for phone in phones.values()})
        newest = {tuple(phone): seq for *phone, seq in self._rows(_LAST_OF_PHONES, serials)}
        last = {seq: newest[phone] for seq, phone in phones.items()}
        last |= dict(self._rows(_LAST_OF_VISITS, sorted(set(seqs) - last.keys())))
        times = self.times({last.get(seq, seq) for seq in seqs})
        return {seq: _Last(times[last.get(seq, seq)], last.get(seq, seq)) for seq in seqs}

    def times(self, seqs: Collection[int]) -> dict[int, datetime]:
        """The times at which these records were written, by their numbers."""
        rows = self._rows(_TIMES, sorted(seqs))
        try:
            return {seq: self.elapsed.time(seq, datetime.fromisoformat(time)) for seq, time in rows}
        except (ValueError, TypeError) as error:
            raise DamagedLedger(self._ledger.path, str(error)) from error

    def first_with_values(self) -> int:
        return int(self._ledger.rows(_FIRST_WITH_VALUES, [])[0][0] or 2**62)

    def gap(self, after: int) -> UncountedTime | None:
        """The longest stretch of time behind record number `after` that did not count; None without one."""
        return max(self.elapsed.gaps_after(after), key=lambda gap: gap.until - gap.since, default=None)

    def _rows(self, query: str, values: Sequence[int] | Sequence[str]) -> Iterator[tuple]:  # type: ignore[type-arg]
        """The rows of a query that takes a JSON list, which is asked with some thousand values at a time."""
        for first in range(0, len(values), _STRETCH):
            self._cancel.check()
            yield from self._ledger.rows(query, [json.dumps(values[first : first + _STRETCH])])


def months_on(time: datetime, months: int) -> datetime:
    """So many months later, or earlier; on the month's last day where it has no such day."""
    year, month = divmod(time.year * 12 + time.month - 1 + months, 12)
    if year < 1:
        return datetime.min.replace(tzinfo=UTC)
    return time.replace(year=year, month=month + 1, day=min(time.day, calendar.monthrange(year, month + 1)[1]))
