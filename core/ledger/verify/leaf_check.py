"""The form of a leaf: JSON that can be written in one way only, with the fields that this version knows.

Leaves are decoded and encoded again, many at a time: where the encoder gives the very bytes that were decoded, every
one of them is in its one form. Where not, each is read by itself, which is slower and tells which one it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec


def _no_float(number: str) -> None:
    """A leaf has none: 1.0 and 1 are one number, written in two ways."""
    raise ValueError(number)


class Leaf(msgspec.Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
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


_decoder: Final = msgspec.json.Decoder(Leaf, float_hook=_no_float)
_decode_any: Final = msgspec.json.Decoder(float_hook=_no_float).decode
_encoder: Final = msgspec.json.Encoder(order="sorted")


def read_leaf(leaf: bytes) -> tuple[Leaf, bool]:
    """One leaf, and whether it is in its one form. Raises what JSON and its absence raise."""
    try:
        record = _decoder.decode(leaf)
        exact = _encoder.encode(record)
    except msgspec.MsgspecError:
        # It has more fields than those that are known, or fewer.
        fields = _decode_any(leaf)
        record = msgspec.convert({name: fields.get(name) for name in Leaf.__struct_fields__}, Leaf)
        exact = _encoder.encode(fields)
    return record, exact == leaf or _is_canonical(leaf)


def read_leaves(leaves: Sequence[bytes]) -> list[Leaf] | None:
    """Several leaves; None unless each has the fields that are known, and is in its one form.

    The encoder writes each leaf on one line, whose end is the only line feed: texts have theirs escaped. So where all
    the lines are the same, each leaf is what was encoded of it, and none reaches into the next.
    """
    lines = b"\n".join((*leaves, b""))
    try:
        read = _decoder.decode_lines(lines)
        is_exact = len(read) == len(leaves) and _encoder.encode_lines(read) == lines
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return read if is_exact else None


def _is_canonical(leaf: bytes) -> bool:
    """The same question put to Python's own encoder, which is slow but is the one that wrote it."""
    try:
        text = json.dumps(json.loads(leaf), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        return text.encode() == leaf
    except (ValueError, RecursionError):
        return False
