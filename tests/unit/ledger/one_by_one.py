"""Records looked at one by one, in the plainest way: what looking at many together has to agree with.

It shares no code with :mod:`core.ledger.verify.leaf_check`, so that a rule that is lost there is still here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from core.ledger.file.deciding_records import LOOKED_FOR
from core.ledger.records import Kind
from core.ledger.records.entry import intent_in, record_of
from core.ledger.records.leaf import INTEGER_LIMIT, LEAF_LIMIT, SALT_BYTES, Opening, is_text, leaf_hash
from core.ledger.records.stored_time import time_of
from core.ledger.verify.faults import FaultKind
from core.ledger.verify.record_check import ExaminedRecords, LeafRow, RecordedMoment, clock_fault

TOLERANCE: Final = 2.0
_VERSIONS: Final = frozenset({1})
_KEYS: Final = frozenset({Kind.LOG_BEGUN, Kind.KEY_NEXT, Kind.KEYS_REPLACED})
_WANTED: Final = frozenset({*LOOKED_FOR, *_KEYS})
_COMMITTED: Final = re.compile(rb'\{"sha256":"([0-9a-f]{64})"\}')


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


def examine_one_by_one(rows: Iterable[LeafRow], openings: dict[int, list[Opening]] | None = None) -> ExaminedRecords:
    """Look at records in the order in which they stand. A row is a number, the leaf, and the hash kept with it."""
    found, hashes, last = ExaminedRecords(), list[bytes](), 0
    # What nearly every record is: written at one start of the computer, with both clocks going on as one.
    boot_then: str | None = None
    time_then, mono_then = 0.0, 0
    for seq, leaf, kept in rows:
        hashed = leaf_hash(leaf)
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
            time, mono, boot = time_of(record.time).timestamp(), record.mono_ms, record.boot
            if not -INTEGER_LIMIT < mono < INTEGER_LIMIT:
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
        if boot != boot_then or mono < mono_then or not -TOLERANCE < apart < TOLERANCE:
            here = RecordedMoment(time, mono, boot)
            if found.begins is None:
                found.begins = here
            elif boot_then is not None and (
                fault := clock_fault(RecordedMoment(time_then, mono_then, boot_then), here)
            ):
                found.fault(fault, seq)
        boot_then, time_then, mono_then = boot, time, mono
        if openings is not None:
            _look_beside(found, seq, leaf, openings.get(seq, ()))
    if boot_then is not None:
        found.ends = RecordedMoment(time_then, mono_then, boot_then)
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


def _is_canonical(leaf: bytes) -> bool:
    """The same question put to Python's own encoder, which is slow but is the one that wrote it."""
    try:
        text = json.dumps(json.loads(leaf), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode() == leaf
    except (ValueError, RecursionError):
        return False
