"""A stretch of records looked at one by one: is each what was hashed, whole, in its place, and in time?

What many records cost is done here, so that several processes can share it. Whether they are the sealed ones, only
:mod:`core.ledger.verify.ledger_check` can tell, which has all of them.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby, islice, repeat
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from core.ledger.file.database import open_for_reading
from core.ledger.file.deciding_records import LOOKED_FOR, TalliedRow
from core.ledger.records import Erased, Kind, Record
from core.ledger.records.entry import intent_in, record_of
from core.ledger.records.leaf import COMMITMENT_BEGIN, INTEGER_LIMIT, LEAF_LIMIT, Opening, commitments_in
from core.ledger.records.stored_time import seconds_of, time_of
from core.ledger.verify.faults import OF_THE_CLOCK, FaultKind
from core.ledger.verify.leaf_check import Leaf, read_leaf, read_leaves

#: Seconds by which clocks may differ: a time server corrects a clock by small steps.
_TOLERANCE: Final = 2.0
#: And the share by which a computer's counter may run wrong.
_DRIFT: Final = 0.001
#: Faults that one stretch names; the rest are counted.
FAULTS_LIMIT: Final = 1_000
CLOCK_LIMIT: Final = 100
_BLOCK: Final = 1 << 20
#: Leaves that are read together: as many as a processor has at hand.
_TOGETHER: Final = 128
#: Seconds by which clocks that go on as one differ, well within what is tolerated.
_AS_ONE: Final = 1.5
#: Versions of leaves that this program knows.
_VERSIONS: Final = frozenset({1})
_KEYS: Final = frozenset({Kind.LOG_BEGUN, Kind.KEY_NEXT, Kind.KEYS_REPLACED})
_LOOKED_FOR: Final = frozenset(LOOKED_FOR)
#: What reading raises where no ledger wrote a leaf.
_OF_NO_LEAF: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError)


# An altered file may have texts and nulls where it has bytes.
_ROWS: Final = (
    "SELECT seq, ifnull(CAST(leaf AS BLOB), x''), leaf_hash FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
_OPENINGS: Final = (
    "SELECT seq, CAST(commitment AS BLOB), ifnull(CAST(salt AS BLOB), x''), ifnull(CAST(value AS BLOB), x'') "
    "FROM opening WHERE seq BETWEEN ? AND ?"
)

#: Another program keeps the file to itself: nothing is wrong with what is in it.
_KEPT: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

#: In a leaf, whose keys are in order.
SEQ: Final = re.compile(rb',"seq":([1-9][0-9]{0,15}),"session":')

LeafRow = tuple[int, bytes, bytes | None]


@dataclass(slots=True)
class RecordedMoment:
    """When a record was written, by the calendar (seconds since 1970) and by the counter of one start."""

    time: float
    mono_ms: int
    boot: str


@dataclass(slots=True)
class ExaminedRecords:
    """What one stretch of records is. `first` and `last` are their numbers, `hashes` 32 bytes each, in order."""

    first: int = 0
    last: int = 0
    hashes: bytes = b""
    faults: list[tuple[FaultKind, int, int]] = field(default_factory=list)
    #: What is not in `faults`, which has room for so many: faults of the clock, and others.
    more_of_the_clock: int = 0
    more_faults: int = 0
    #: The records about keys, by their number.
    keys: dict[int, Record | None] = field(default_factory=dict)
    #: The records that a tally is over: see :mod:`core.ledger.file.deciding_records`.
    deciding: list[TalliedRow] = field(default_factory=list)
    #: The records of which a personal value is not there any more.
    unopened: list[int] = field(default_factory=list)
    #: The records of which personal values were erased, each with the number of the last record that says so.
    erased: dict[int, int] = field(default_factory=dict)
    begins: RecordedMoment | None = None
    ends: RecordedMoment | None = None
    _listed: list[int] = field(default_factory=lambda: [0, 0])

    def fault(self, kind: FaultKind, first: int, last: int = 0) -> None:
        """List a fault of the records from `first` to `last`, or of `first` alone; where there is no room, count it."""
        if kind is FaultKind.OUT_OF_ORDER and self.faults and self.faults[-1][0::2] == (kind, first - 1):
            self.faults[-1] = (kind, self.faults[-1][1], first)  # one that is moved, moves those after it
            return
        # Clocks may be wrong a thousand times; that must not hide what else is.
        of_the_clock = kind in OF_THE_CLOCK
        self._listed[of_the_clock] += 1
        if self._listed[of_the_clock] <= (CLOCK_LIMIT if of_the_clock else FAULTS_LIMIT):
            self.faults.append((kind, first, last or first))
        elif of_the_clock:
            self.more_of_the_clock += 1
        else:
            self.more_faults += 1


def examine(rows: Iterable[LeafRow], openings: dict[int, list[Opening]] | None = None) -> ExaminedRecords:
    """Look at records in the order in which they stand. A row is a number, the leaf, and the hash kept with it."""
    examination, remaining = _Examination(openings), iter(rows)
    while several := list(islice(remaining, _TOGETHER)):
        examination.add(several)
    return examination.end()


class _Examination:
    """Looks at records, several at a time: one by one only where something is wrong with any of them."""

    def __init__(self, openings: dict[int, list[Opening]] | None) -> None:
        self._openings = openings
        self._examined = ExaminedRecords()
        self._hashes: list[bytes] = []
        #: When the last record was written that could be read.
        self._moment: RecordedMoment | None = None

    def add(self, rows: Sequence[LeafRow]) -> None:
        """The next records."""
        numbers, leaves, kept_hashes = zip(*rows, strict=True)
        hashes = [sha256(b"\0" + leaf).digest() for leaf in leaves]
        records = read_leaves(leaves)
        as_kept = kept_hashes.count(None) == len(kept_hashes) or list(kept_hashes) == hashes
        if not as_kept or records is None or not self._add_all(numbers, leaves, hashes, records):
            self._add_each(rows, hashes, records)
        self._examined.last = numbers[-1]
        self._hashes += hashes

    def end(self) -> ExaminedRecords:
        """There are no more."""
        self._examined.ends = self._moment
        self._examined.hashes = b"".join(self._hashes)
        return self._examined

    def _add_each(self, rows: Sequence[LeafRow], hashes: Sequence[bytes], records: Sequence[Leaf] | None) -> None:
        """Records of which something may be wrong with one."""
        examined, last = self._examined, self._examined.last
        for (seq, leaf, stored_hash), hashed, leaf_record in zip(rows, hashes, records or repeat(None), strict=False):
            if seq != last + 1 and last:
                examined.fault(FaultKind.MISSING, last + 1, seq - 1)
            examined.first, last = examined.first or seq, seq
            if stored_hash is not None and stored_hash != hashed:
                examined.fault(FaultKind.ALTERED, seq)
            try:
                record, is_canonical = (leaf_record, True) if leaf_record is not None else read_leaf(leaf)
                moment = RecordedMoment(time_of(record.time).timestamp(), record.mono_ms, record.boot)
                if not -INTEGER_LIMIT < moment.mono_ms < INTEGER_LIMIT:
                    raise ValueError("not what a clock says")
                if record.seq != seq:
                    examined.fault(FaultKind.OUT_OF_ORDER, seq)
                if record.v not in _VERSIONS or len(leaf) > LEAF_LIMIT:
                    examined.fault(FaultKind.UNREADABLE, seq)
                if not is_canonical:
                    examined.fault(FaultKind.NOT_CANONICAL, seq)
                if record.type in _KEYS:
                    examined.keys[seq] = _keys(record)
                if record.type == Kind.ERASED:
                    examined.erased |= _erased(seq, record)
                if record.type in _LOOKED_FOR:
                    examined.deciding.append((seq, record.type, hashed, intent_in(record.body)))
            except _OF_NO_LEAF:
                examined.fault(FaultKind.UNREADABLE, seq)
                continue
            self._note_time(seq, moment)
            if self._openings is not None:
                _look_beside(examined, seq, leaf, self._openings.get(seq, ()))

    def _add_all(
        self, numbers: Sequence[int], leaves: Sequence[bytes], hashes: Sequence[bytes], records: Sequence[Leaf]
    ) -> bool:
        """Several records, if nothing is wrong with any of them but what the clock says."""
        if not _in_order(self._examined.last, numbers, records) or max(map(len, leaves)) > LEAF_LIMIT:
            return False
        try:
            seconds = _seconds(records)
            keys = {seq: _keys(record) for seq, record in zip(numbers, records, strict=True) if record.type in _KEYS}
            erased = [_erased(seq, r) for seq, r in zip(numbers, records, strict=True) if r.type == Kind.ERASED]
            deciding = [
                (seq, record.type, hashed, intent_in(record.body))
                for seq, record, hashed in zip(numbers, records, hashes, strict=True)
                if record.type in _LOOKED_FOR
            ]
        except _OF_NO_LEAF:
            return False
        self._examined.first = self._examined.first or numbers[0]
        self._examined.keys |= keys
        self._examined.deciding += deciding
        for erasures in erased:
            self._examined.erased |= erasures
        self._note_times(numbers, records, seconds)
        self._look_beside_each(numbers, leaves)
        return True

    def _note_times(self, numbers: Sequence[int], records: Sequence[Leaf], seconds: Sequence[float]) -> None:
        """Compare the clocks by which records were written. Mostly all are of one start of the computer, and calendar
        and counter went on as one: that is seen at once. Else each is compared with the one before."""
        counted, before = [record.mono_ms for record in records], self._moment
        apart = [time - count / 1000 for time, count in zip(seconds, counted, strict=True)]
        if before is not None:
            counted.insert(0, before.mono_ms)
            apart.append(before.time - before.mono_ms / 1000)
            boots = {before.boot, *[record.boot for record in records]}
            if len(boots) == 1 and max(apart) - min(apart) < _AS_ONE and counted == sorted(counted):
                last = records[-1]
                self._moment = RecordedMoment(seconds[-1], last.mono_ms, last.boot)
                return
        for seq, record, time in zip(numbers, records, seconds, strict=True):
            self._note_time(seq, RecordedMoment(time, record.mono_ms, record.boot))

    def _note_time(self, seq: int, moment: RecordedMoment) -> None:
        if self._moment is None:
            self._examined.begins = moment
        elif fault := clock_fault(self._moment, moment):
            self._examined.fault(fault, seq)
        self._moment = moment

    def _look_beside_each(self, numbers: Sequence[int], leaves: Sequence[bytes]) -> None:
        openings = self._openings
        if openings is None or (openings.keys().isdisjoint(numbers) and COMMITMENT_BEGIN not in b"".join(leaves)):
            return
        for seq, leaf in zip(numbers, leaves, strict=True):
            _look_beside(self._examined, seq, leaf, openings.get(seq, ()))


def _in_order(last: int, numbers: Sequence[int], records: Sequence[Leaf]) -> bool:
    """Whether the records follow on `last`, one on the other, and each says so itself."""
    first = numbers[0]
    expected = list(range(first, first + len(numbers)))
    return (
        (first == last + 1 or not last) and list(numbers) == expected and [record.seq for record in records] == expected
    )


def _seconds(records: Sequence[Leaf]) -> list[float]:
    """When each of the records was written. Raises ValueError where one is of a version or time that is not known."""
    counted = [record.mono_ms for record in records]
    if not -INTEGER_LIMIT < min(counted) <= max(counted) < INTEGER_LIMIT:
        raise ValueError("not what a clock says")
    if not {record.v for record in records} <= _VERSIONS:
        raise ValueError("another version")
    return seconds_of([record.time for record in records])


def _erased(seq: int, record: Leaf) -> dict[int, int]:
    erasure = record_of(record.type, record.body)
    return dict.fromkeys(erasure.records, seq) if isinstance(erasure, Erased) else {}


def _keys(record: Leaf) -> Record | None:
    return record_of(record.type, record.body)


def _look_beside(examined: ExaminedRecords, seq: int, leaf: bytes, openings: Sequence[Opening]) -> None:
    """Are the personal values beside a record those that it was sealed with, and are they all there?"""
    committed = commitments_in(leaf)
    if not committed and not openings:
        return
    for opening in openings:
        if not opening.true or opening.commitment.hex().encode() not in committed:
            examined.fault(FaultKind.FALSE_OPENING, seq)
    if not committed <= {opening.commitment.hex().encode() for opening in openings}:
        examined.unopened.append(seq)


def clock_fault(before: RecordedMoment, after: RecordedMoment) -> FaultKind | None:
    """What two records, one after the other, say of the clock that they were written by."""
    passed = after.time - before.time
    if after.boot != before.boot:
        return FaultKind.CLOCK_BACK if passed < -_TOLERANCE else None
    counted = (after.mono_ms - before.mono_ms) / 1000
    allowed = _TOLERANCE + abs(counted) * _DRIFT
    if counted < -_TOLERANCE or passed - counted < -allowed:
        return FaultKind.CLOCK_BACK
    return FaultKind.CLOCK_FORWARD if passed - counted > allowed else None


def examine_ledger(path: str, first: int, last: int) -> ExaminedRecords:
    """Records `first` to `last` of a ledger file, with what is kept beside them.

    What the file does not give back is a fault like others. Raises LedgerProblem where it cannot even be opened.
    """
    with contextlib.closing(open_for_reading(Path(path))) as database:
        openings: dict[int, list[Opening]] = {}
        with _damage() as damage:
            for seq, *opening in database.execute(_OPENINGS, [first, last]):
                openings.setdefault(seq, []).append(Opening(*opening))
        with _damage() as worse:
            examined = examine(database.execute(_ROWS, [first, last]), openings)
        if worse:
            examined = _salvaged(database, first, last, openings)
        if damage:
            examined.fault(FaultKind.CACHE, first, last)
            examined.unopened.clear()  # they may well be there, and only not be read
        return examined


@contextlib.contextmanager
def _damage() -> Iterator[list[str]]:
    """What the file does not give back in the block. Raises sqlite3.DatabaseError where another program keeps it."""
    errors: list[str] = []
    try:
        yield errors
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _KEPT:
            raise
        errors.append(str(error))


def _salvaged(database: Database, first: int, last: int, openings: dict[int, list[Opening]]) -> ExaminedRecords:
    """What can be read, one by one, where a page of the file is damaged."""
    rows, lost = list[LeafRow](), list[int]()
    for seq in range(first, last + 1):
        with _damage() as damage:
            rows += database.execute(_ROWS, [seq, seq]).fetchall()
        if damage:
            lost.append(seq)
    examined = examine(rows, openings)
    # What could not be read is not missing: it is there, and lost.
    examined.faults = [fault for fault in examined.faults if fault[0] is not FaultKind.MISSING]
    present, lost_numbers = {row[0] for row in rows}, frozenset(lost)
    absent = [
        (FaultKind.LOST if n in lost_numbers else FaultKind.MISSING, n)
        for n in range(first, last + 1)
        if n not in present
    ]
    for (kind, _), run in groupby(enumerate(absent), lambda item: (item[1][0], item[1][1] - item[0])):
        numbers = [number for _, (_, number) in run]
        examined.fault(kind, numbers[0], numbers[-1])
    examined.first, examined.last = first, last
    return examined


def examine_lines(path: str, start: int, end: int, number: int) -> ExaminedRecords:
    """The lines of an export between two offsets, the first of them being record `number`. Raises OSError."""
    with open(path, "rb") as file:
        file.seek(start)
        return examine(_lines(file, end - start, number))


def _lines(file: Any, length: int, number: int) -> Iterator[LeafRow]:
    while length > 0 and (line := file.readline(min(length, LEAF_LIMIT + 2))):
        length -= len(line)
        chunk = line
        while not chunk.endswith(b"\n") and length > 0 and (chunk := file.readline(min(length, _BLOCK))):
            length -= len(chunk)  # the line is too long for a record, and is none
        # A line says which record it is: where one is missing, those after it are in their places all the same.
        if (match := SEQ.search(line)) and number < int(match[1]) < INTEGER_LIMIT:
            number = int(match[1])
        yield number, line.removesuffix(b"\n"), None
        number += 1
