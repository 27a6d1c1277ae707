"""Records as they are read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from core.ledger.records.leaf import commitment, decode
from core.ledger.records.leaf import leaf_hash as hash_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `exact` are the bytes that were hashed, `leaf` what they say; neither can be changed.

    `openings` are the personal values that have not been erased, by commitment in hex.
    """

    seq: int
    kind: str
    time: datetime
    visit: str | None
    leaf: Mapping[str, Any] = field(compare=False)
    exact: bytes = field(repr=False)
    leaf_hash: bytes = field(repr=False)
    openings: Mapping[str, str] = field(compare=False, repr=False)

    @property
    def body(self) -> Mapping[str, Any]:
        """The fields that the record's kind has of its own."""
        fields: Mapping[str, Any] = self.leaf["body"]
        return fields

    def revealed(self, name: str) -> str | None:
        """The personal value of a field such as ``device.serial``; None if it was erased, or there is none.

        Raises KeyError if there is no such field, ValueError if its value is not a personal one: both are bugs.
        """
        value: Any = self.leaf
        for part in name.split("."):
            if value is None:
                return None
            value = value[part]
        if value is None:
            return None
        if (key := commitment(value)) is None:
            raise ValueError(f"{name} is not a personal value")
        return self.openings.get(key)


#: What every leaf has.
FIELDS: Final = (
    "v",
    "seq",
    "type",
    "time",
    "mono_ms",
    "boot",
    "desk",
    "officer",
    "session",
    "visit",
    "practice",
    "app",
    "policy",
    "device",
    "body",
)


def entry(seq: int, exact: object, leaf_hash: object, openings: Mapping[str, str]) -> Entry:
    """The entry with these bytes. Raises ValueError or TypeError if no ledger wrote them."""
    if not isinstance(exact, bytes) or not isinstance(leaf_hash, bytes):
        raise TypeError("a leaf and its hash are bytes")
    if hash_of(exact) != leaf_hash:
        raise ValueError(f"record {seq} is not what was hashed")
    leaf = decode(exact)
    if not leaf.keys() >= set(FIELDS) or not isinstance(leaf["body"], Mapping):
        raise ValueError("fields are missing")
    time = datetime.fromisoformat(leaf["time"])
    if time.tzinfo is None:
        raise ValueError("the time does not say which")
    return Entry(
        seq=seq,
        kind=str(leaf["type"]),
        time=time,
        visit=leaf["visit"],
        leaf=leaf,
        exact=exact,
        leaf_hash=leaf_hash,
        openings=MappingProxyType(dict(openings)),
    )


#: Random or computed values: nobody looks for three letters in the middle of them.
_MACHINE_MADE: Final = frozenset({"sha256", "session", "boot"})


def texts(value: object) -> Iterator[str]:
    """What a person may look for in a leaf: its texts and numbers, but neither their names nor random values."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _MACHINE_MADE:
                yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)
