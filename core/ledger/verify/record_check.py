"""A stretch of records looked at one by one: is each what was hashed, whole, in its place, and in time?

What many records cost is done here, so that several processes can share it. Whether they are the sealed ones, only
:mod:`core.ledger.verify.ledger_check` can tell, which has all of them.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from core.ledger.file.database import open_for_reading
from core.ledger.file.deciding_records import LOOKED_FOR, TalliedRow
from core.ledger.records import Kind, Record
from core.ledger.records.entry import intent_in, record_of
from core.ledger.records.leaf import INTEGER_LIMIT, LEAF_LIMIT, SALT_BYTES, is_text
from core.ledger.tlog.notes import verify_ed25519
from core.ledger.verify.faults import OF_THE_CLOCK, FaultKind

#: Seconds by which clocks may differ: a time server corrects a clock by small steps.
_TOLERANCE: Final = 2.0
#: And the share by which a computer's counter may run wrong.
_DRIFT: Final = 0.001
#: Faults that one stretch names; the rest are counted.
FAULTS_LIMIT: Final = 1_000
CLOCK_LIMIT: Final = 100
_BLOCK: Final = 1 << 20
#: Versions of leaves that this program knows.
_VERSIONS: Final = frozenset({1})
_KEYS: Final = frozenset({Kind.LOG_BEGUN, Kind.KEY_NEXT, Kind.KEYS_REPLACED})
_WANTED: Final = frozenset({*LOOKED_FOR, *_KEYS})


def _no_float(number: str) -> None:
    """A leaf has none: 1.0 and 1 are one number, written in two ways."""
    raise ValueError(number)


class _Leaf(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A leaf with the fields that this version gives it: those that are not looked at may be anything."""

    app: Any
    body: Any
    boot: str
    desk: Any
    device: Any
    mono_ms: int
    officer: Any
    policy: Any
    practice: Any
    seq: int
    session: Any
    time: str
    type: str
    v: int
    visit: Any
    #: Only where the desk has one.
    place: Any = msgspec.UNSET


_decode = msgspec.json.Decoder(_Leaf, float_hook=_no_float).decode
_decode_any = msgspec.json.Decoder(float_hook=_no_float).decode
_encode = msgspec.json.Encoder(order="sorted").encode

# An altered file may have texts and nulls where it has bytes.
#: Seconds since 1970 that a calendar of four digits has room for, in every zone.
_TIME_LIMIT: Final = 253_402_214_400
#: What stands in a leaf for a personal value, and nowhere else: texts have their quotation marks escaped, and no other
#: object has this member alone.
_COMMITTED: Final = re.compile(rb'\{"sha256":"([0-9a-f]{64})"\}')
_ROWS: Final = (
    "SELECT seq, ifnull(CAST(leaf AS BLOB), x''), leaf_hash FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
_OPENINGS: Final = (
    "SELECT seq, CAST(commitment AS BLOB), ifnull(CAST(salt AS BLOB), x''), ifnull(CAST(value AS BLOB), x'') "
    "FROM opening WHERE seq BETWEEN ? AND ?"
)

#: Another program keeps the file to itself: nothing is wrong with what is in it.
_KEPT: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_LEAF_HASH: Final = sha256(b"\x00")

#: In a leaf, whose keys are in order.
SEQ: Final = re.compile(rb',"seq":([1-9][0-9]{0,15}),"session":')

LeafRow = tuple[int, bytes, bytes | None]
Opening = tuple[bytes, bytes, bytes]


@dataclass(slots=True)
class Moment:
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
    begins: Moment | None = None
    ends: Moment | None = None
    _listed: list[int] = field(default_factory=lambda: [0, 0])

    def fault(self, kind: FaultKind, first: int, last: int = 0) -> None:
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
    found, hashes, last = ExaminedRecords(), list[bytes](), 0
    # What nearly every record is: written at one start of the computer, with both clocks going on as one.
    boot_then: str | None = None
    time_then, mono_then = 0.0, 0
    for seq, leaf, kept in rows:
        hashing = _LEAF_HASH.copy()
        hashing.update(leaf)
        hashed = hashing.digest()
        hashes.append(hashed)
        if seq != last + 1 and last:
            found.fault(FaultKind.MISSING, last + 1, seq - 1)
        found.first, last = found.first or seq, seq
        if kept is not None and kept != hashed:
            found.fault(FaultKind.ALTERED, seq)
        try:
            try:
                record = _decode(leaf)
                exact = _encode(record)
            except msgspec.MsgspecError:
                record, exact = _of_another_form(leaf)
            moment, mono, boot = datetime.fromisoformat(record.time), record.mono_ms, record.boot
            time = moment.timestamp()
            if moment.tzinfo is None or not (-INTEGER_LIMIT < mono < INTEGER_LIMIT and 0 <= time < _TIME_LIMIT):
                raise ValueError("not what a clock says")
            if record.seq != seq:
                found.fault(FaultKind.OUT_OF_ORDER, seq)
            if record.v not in _VERSIONS or len(leaf) > LEAF_LIMIT:
                found.fault(FaultKind.UNREADABLE, seq)
            if exact != leaf and not _is_canonical(leaf):
                found.fault(FaultKind.NOT_CANONICAL, seq)
            if record.type in _WANTED:
                if record.type in _KEYS:
                    found.keys[seq] = record_of(record.type, record.body)
                if record.type != Kind.KEY_NEXT:
                    found.deciding.append((seq, record.type, hashed, intent_in(record.body)))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError):
            found.fault(FaultKind.UNREADABLE, seq)
            continue
        apart = (mono - mono_then) / 1000 - time + time_then
        if boot != boot_then or mono < mono_then or not -_TOLERANCE < apart < _TOLERANCE:
            here = Moment(time, mono, boot)
            if found.begins is None:
                found.begins = here
            elif boot_then is not None and (fault := clock_fault(Moment(time_then, mono_then, boot_then), here)):
                found.fault(fault, seq)
        boot_then, time_then, mono_then = boot, time, mono
        if openings is not None:
            _look_beside(found, seq, leaf, openings.get(seq, ()))
    if boot_then is not None:
        found.ends = Moment(time_then, mono_then, boot_then)
    found.last, found.hashes = last, b"".join(hashes)
    return found


def _look_beside(found: ExaminedRecords, seq: int, leaf: bytes, openings: Sequence[Opening]) -> None:
    """Are the personal values beside a record those that it was sealed with, and are they all there?"""
    committed = set(_COMMITTED.findall(leaf))
    if not committed and not openings:
        return
    for commitment, salt, value in openings:
        true = len(salt) == SALT_BYTES and sha256(salt + value).digest() == commitment and is_text(value)
        if not true or commitment.hex().encode() not in committed:
            found.fault(FaultKind.FALSE_OPENING, seq)
    if not committed <= {commitment.hex().encode() for commitment, _, _ in openings}:
        found.unopened.append(seq)


def _of_another_form(leaf: bytes) -> tuple[_Leaf, bytes]:
    """A leaf with more fields than those that are known, or fewer. Raises what JSON and its absence raise."""
    fields = _decode_any(leaf)
    known = {name: fields.get(name) for name in _Leaf.__struct_fields__}
    return msgspec.convert(known, _Leaf), _encode(fields)


def clock_fault(before: Moment, after: Moment) -> FaultKind | None:
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
                openings.setdefault(seq, []).append((opening[0], opening[1], opening[2]))
        with _damage() as worse:
            found = examine(database.execute(_ROWS, [first, last]), openings)
        if worse:
            found = _salvaged(database, first, last, openings)
        if damage:
            found.fault(FaultKind.CACHE, first, last)
            found.unopened.clear()  # they may well be there, and only not be read
        return found


@contextlib.contextmanager
def _damage() -> Iterator[list[str]]:
    """What the file does not give back in the block. Raises sqlite3.DatabaseError where another program keeps it."""
    found: list[str] = []
    try:
        yield found
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _KEPT:
            raise
        found.append(str(error))


def _salvaged(database: Database, first: int, last: int, openings: dict[int, list[Opening]]) -> ExaminedRecords:
    """What can be read, one by one, where a page of the file is damaged."""
    rows, lost = list[LeafRow](), list[int]()
    for seq in range(first, last + 1):
        with _damage() as damage:
            rows += database.execute(_ROWS, [seq, seq]).fetchall()
        if damage:
            lost.append(seq)
    found = examine(rows, openings)
    # What could not be read is not missing: it is there, and lost.
    found.faults = [fault for fault in found.faults if fault[0] is not FaultKind.MISSING]
    there, gone = {row[0] for row in rows}, frozenset(lost)
    absent = [(FaultKind.LOST if n in gone else FaultKind.MISSING, n) for n in range(first, last + 1) if n not in there]
    for (kind, _), run in groupby(enumerate(absent), lambda one: (one[1][0], one[1][1] - one[0])):
        numbers = [number for _, (_, number) in run]
        found.fault(kind, numbers[0], numbers[-1])
    found.first, found.last = first, last
    return found


def examine_lines(path: str, start: int, end: int, number: int) -> ExaminedRecords:
    """The lines of an export between two offsets, the first of them being record `number`. Raises OSError."""
    with open(path, "rb") as file:
        file.seek(start)
        return examine(_lines(file, end - start, number))


def _lines(file: Any, length: int, number: int) -> Iterator[LeafRow]:
    while length > 0 and (line := file.readline(min(length, LEAF_LIMIT + 2))):
        length -= len(line)
        more = line
        while not more.endswith(b"\n") and length > 0 and (more := file.readline(min(length, _BLOCK))):
            length -= len(more)  # the line is too long for a record, and is none
        # A line says which record it is: where one is missing, those after it are in their places all the same.
        if (said := SEQ.search(line)) and number < int(said[1]) < INTEGER_LIMIT:
            number = int(said[1])
        yield number, line.removesuffix(b"\n"), None
        number += 1


def true_signatures(claims: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Whether each signature is true: a public key, a signature, and what was signed."""
    return [verify_ed25519(public, signature, signed) for public, signature, signed in claims]


def _is_canonical(leaf: bytes) -> bool:
    """The same question put to Python's own encoder, which is slow but is the one that wrote it."""
    try:
        text = json.dumps(json.loads(leaf), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode() == leaf
    except (ValueError, RecursionError):
        return False
