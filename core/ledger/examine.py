"""A stretch of records looked at one by one: is each what was hashed, whole, in its place, and in time?

What many records cost is done here, so that several processes can share it. Whether they are the sealed ones, only
:mod:`core.ledger.verify` can tell, which has all of them.
"""

from __future__ import annotations

import contextlib
import json
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

from core.ledger.database import open_for_reading
from core.ledger.faults import FaultKind
from core.ledger.leaf import INTEGER_LIMIT, LEAF_LIMIT
from core.ledger.notes import verify_ed25519
from core.ledger.records import Kind

#: Seconds by which clocks may differ: a time server corrects a clock by small steps.
_TOLERANCE: Final = 2.0
#: And the share by which a computer's counter may run wrong.
_DRIFT: Final = 0.001
#: Faults that one stretch names; the rest are counted.
FAULTS_LIMIT: Final = 1_000
_BLOCK: Final = 1 << 20
#: Versions of leaves that this program knows.
_VERSIONS: Final = frozenset({1})
_KEYS: Final = frozenset({Kind.LOG_BEGUN, Kind.KEY_NEXT, Kind.KEYS_REPLACED})
_KEY_NAMES: Final = ("identity", "epoch", "cosigner", "key")


def _no_float(number: str) -> None:
    """A leaf has none: 1.0 and 1 are one number, written in two ways."""
    raise ValueError(number)


_decode = msgspec.json.Decoder(float_hook=_no_float).decode
_encode = msgspec.json.Encoder(order="sorted").encode

# Whoever altered the file may have put texts and nulls where it has bytes.
_ROWS: Final = (
    "SELECT seq, ifnull(CAST(leaf AS BLOB), x''), leaf_hash FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
_OPENINGS: Final = (
    "SELECT seq, CAST(commitment AS BLOB), ifnull(CAST(salt AS BLOB), x''), ifnull(CAST(value AS BLOB), x'') "
    "FROM opening WHERE seq BETWEEN ? AND ?"
)

#: Somebody keeps the file to himself: nothing is wrong with what is in it.
_KEPT: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_LEAF_HASH: Final = sha256(b"\x00")

Row = tuple[int, bytes, bytes | None]
Opening = tuple[bytes, bytes, bytes]


@dataclass(slots=True)
class Moment:
    """When a record was written, by the calendar (seconds since 1970) and by the counter of one start."""

    time: float
    mono_ms: int
    boot: str


@dataclass(slots=True)
class Stretch:
    """What one stretch of records is. `first` and `last` are their numbers, `hashes` 32 bytes each, in order."""

    first: int = 0
    last: int = 0
    hashes: bytes = b""
    faults: list[tuple[FaultKind, int, int]] = field(default_factory=list)
    more_faults: int = 0
    #: What the records about keys say, by their number: the kind, and the body.
    keys: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    begins: Moment | None = None
    ends: Moment | None = None

    def fault(self, kind: FaultKind, first: int, last: int = 0) -> None:
        if len(self.faults) < FAULTS_LIMIT:
            self.faults.append((kind, first, last or first))
        else:
            self.more_faults += 1


def examine(rows: Iterable[Row], openings: dict[int, list[Opening]] | None = None) -> Stretch:
    """Look at records in the order in which they stand. A row is a number, the leaf, and the hash kept with it."""
    found, hashes, last = Stretch(), list[bytes](), 0
    # What nearly every record is: written at one start of the computer, with both clocks going on as one.
    boot_then, time_then, mono_then = "", 0.0, 0
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
            record = _decode(leaf)
            moment = datetime.fromisoformat(record["time"])
            mono, boot = record["mono_ms"], record["boot"]
            if type(mono) is not int or type(boot) is not str or not -INTEGER_LIMIT < mono < INTEGER_LIMIT:
                raise TypeError("not what a clock says")
            if moment.tzinfo is None:
                raise ValueError("a time of no zone")
            time = moment.timestamp()
            if record["seq"] != seq:
                found.fault(FaultKind.OUT_OF_ORDER, seq)
            if record["v"] not in _VERSIONS or len(leaf) > LEAF_LIMIT:
                found.fault(FaultKind.UNREADABLE, seq)
            if _encode(record) != leaf and not _is_canonical(leaf):
                found.fault(FaultKind.NOT_CANONICAL, seq)
            if record["type"] in _KEYS:
                found.keys[seq] = record["type"], {name: record["body"].get(name) for name in _KEY_NAMES}
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError):
            found.fault(FaultKind.UNREADABLE, seq)
            continue
        apart = (mono - mono_then) / 1000 - time + time_then
        if boot != boot_then or mono < mono_then or not -_TOLERANCE < apart < _TOLERANCE:
            here = Moment(time, mono, boot)
            if found.begins is None:
                found.begins = here
            elif fault := clock_fault(Moment(time_then, mono_then, boot_then), here):
                found.fault(fault, seq)
        boot_then, time_then, mono_then = boot, time, mono
        if openings and seq in openings:
            for commitment, salt, value in openings[seq]:
                if sha256(salt + value).digest() != commitment or commitment.hex().encode() not in leaf:
                    found.fault(FaultKind.FALSE_OPENING, seq)
    if found.begins is not None:
        found.ends = Moment(time_then, mono_then, boot_then)
    found.last, found.hashes = last, b"".join(hashes)
    return found


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


def examine_ledger(path: str, first: int, last: int) -> Stretch:
    """Records `first` to `last` of a ledger file, with what is kept beside them.

    What the file does not give back is a fault like others: it never raises for that, but LedgerProblem where the file
    cannot even be opened.
    """
    with contextlib.closing(open_for_reading(Path(path))) as database:
        try:
            kept: dict[int, list[Opening]] = {}
            for seq, *opening in database.execute(_OPENINGS, [first, last]):
                kept.setdefault(seq, []).append((opening[0], opening[1], opening[2]))
            return examine(database.execute(_ROWS, [first, last]), kept)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _KEPT:
                raise
            return _salvaged(database, first, last)


def _salvaged(database: Database, first: int, last: int) -> Stretch:
    """What can be read, one by one, where a page of the file is damaged."""
    rows, lost = list[Row](), list[int]()
    for seq in range(first, last + 1):
        try:
            rows += database.execute(_ROWS, [seq, seq]).fetchall()
        except sqlite3.DatabaseError:
            lost.append(seq)
    found = examine(row for row in rows)
    # What could not be read is not missing: it is there, and lost.
    found.faults = [fault for fault in found.faults if fault[0] is not FaultKind.MISSING]
    there, gone = {row[0] for row in rows}, frozenset(lost)
    absent = [(FaultKind.LOST if n in gone else FaultKind.MISSING, n) for n in range(first, last + 1) if n not in there]
    for (kind, _), run in groupby(enumerate(absent), lambda one: (one[1][0], one[1][1] - one[0])):
        numbers = [number for _, (_, number) in run]
        found.fault(kind, numbers[0], numbers[-1])
    found.first, found.last = first, last
    return found


def examine_lines(path: str, start: int, end: int, number: int) -> Stretch:
    """The lines of an export between two offsets, the first of them being record `number`. Raises OSError."""
    with open(path, "rb") as file:
        file.seek(start)
        return examine(_lines(file, end - start, number))


def _lines(file: Any, length: int, number: int) -> Iterator[Row]:
    while length > 0 and (line := file.readline(min(length, LEAF_LIMIT + 2))):
        length -= len(line)
        more = line
        while not more.endswith(b"\n") and length > 0 and (more := file.readline(min(length, _BLOCK))):
            length -= len(more)  # the line is too long for a record, and is none
        yield number, line.rstrip(b"\r\n"), None
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
