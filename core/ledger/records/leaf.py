"""The exact bytes of a record, and what stands in them instead of personal values.

A leaf is JSON in the canonical form of RFC 8785, restricted so that Python's own encoder already gives that form: ASCII
keys, no floating-point numbers, whole numbers below 2^53, at most 65,535 bytes (the limit of C2SP tlog-tiles).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

LEAF_LIMIT: Final = 65_535
INTEGER_LIMIT: Final = 2**53
SALT_BYTES: Final = 32

#: How what stands in a leaf for a personal value begins.
COMMITMENT_BEGIN: Final = b'{"sha256":"'
_COMMITTED: Final = re.compile(rb'\{"sha256":"([0-9a-f]{64})"\}')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_decode: Final = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Personal:
    """A value about a person, such as a phone's serial number: it is kept beside the record, where it can be erased.

    Of one that was read, `sealed` is the commitment that stands in the record (SHA-256 in hex), and `value` is None if
    it was erased, or is `withheld` from this reader. An empty text hides nothing, and stands in the record as it is.
    """

    value: str | None = field(repr=False)
    sealed: str = field(default="", compare=False)
    withheld: bool = field(default=False, compare=False)


Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | bool | Personal | None
JsonObject: TypeAlias = Mapping[str, Json]


class Opening(NamedTuple):
    """What a commitment hides. `commitment` is SHA-256 over salt and value, as the leaf has it in hex.

    The salt has :data:`SALT_BYTES`, always: the hash alone does not tell where the salt ends and the value begins.
    """

    commitment: bytes
    salt: bytes
    value: bytes

    def __repr__(self) -> str:
        return f"Opening({self.commitment.hex()})"  # what a traceback shows has no personal value in it

    @property
    def true(self) -> bool:
        """Whether salt and value are those of the commitment, and the value is a text."""
        return (
            len(self.salt) == SALT_BYTES
            and hashlib.sha256(self.salt + self.value).digest() == self.commitment
            and is_text(self.value)
        )


def is_text(value: bytes) -> bool:
    """Whether these are the bytes of a text, which every personal value is."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def commit(personal: Personal) -> Opening:
    """A commitment with a salt of its own: nobody can tell by it that two records are of one phone."""
    if personal.value is None:
        raise ValueError("an erased value cannot be written again")
    salt, value = secrets.token_bytes(SALT_BYTES), clean(personal.value).encode()
    return Opening(hashlib.sha256(salt + value).digest(), salt, value)


def encode(record: JsonObject) -> tuple[bytes, tuple[Opening, ...]]:
    """The canonical bytes of `record`, and the openings of the commitments that stand in it for its personal values.

    Texts are kept as :func:`clean` leaves them. The length is not checked here.
    Raises TypeError or ValueError for what no leaf can hold: that is a bug, not a state of the world.
    """
    openings: list[Opening] = []
    plain = _plain(record, openings)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode(), tuple(openings)


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf in a Merkle tree, RFC 9162 section 2.1.1."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def decode(leaf: bytes) -> dict[str, Any]:
    """A leaf's fields. Raises ValueError for what is not a JSON object."""
    fields: Any
    try:
        fields = _decode(leaf)
    except (msgspec.MsgspecError, RecursionError):
        try:
            fields = json.loads(leaf)  # which takes more than JSON has: NaN, and halves of a character
        except RecursionError as error:
            raise ValueError("nested too deeply for a leaf") from error
    if not isinstance(fields, dict):
        raise ValueError("a leaf is a JSON object")
    return fields


def commitment(value: object) -> str | None:
    """The commitment in hex, if `value` is what stands in a leaf for a personal value."""
    if isinstance(value, Mapping) and value.keys() == {"sha256"} and isinstance(value["sha256"], str):
        return value["sha256"]
    return None


def commitments_in(leaf: bytes) -> set[bytes]:
    """The commitments that stand in a leaf, in hex: nothing else looks like one, as quotation marks in texts are
    escaped and no other object has this member alone."""
    return set(_COMMITTED.findall(leaf))


def _plain(value: Json, openings: list[Opening]) -> object:
    """`value` in the types that the encoder knows best, each checked."""
    match value:
        case None | bool():
            return value
        case str():
            return clean(value)
        case int():
            if abs(value) >= INTEGER_LIMIT:
                raise ValueError(f"{value} is too large for a leaf")
            return int(value)
        case Personal(value=""):
            return ""
        case Personal():
            opening = commit(value)
            openings.append(opening)
            return {"sha256": opening.commitment.hex()}
        case Mapping():
            return {_key(key): _plain(inner, openings) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner, openings) for inner in value]
        case _:
            raise TypeError(f"a leaf cannot hold {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str) or not key.isascii():
        raise ValueError(f"{key!r} is not an ASCII key")
    return str(key)


def clean(value: str) -> str:
    """`value` as it is kept: a lone surrogate, which no UTF-8 can hold, becomes U+FFFD."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", str(value))
