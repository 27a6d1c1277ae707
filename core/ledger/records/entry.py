"""Records as they are read back: what happened, and when, where, by whom, on which phone, under which policy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final

import msgspec

from core.ledger.records import check, desk, policy, removal, rounds, visit
from core.ledger.records.fields import Display, Openings, Record, UnknownRecord, read
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal, clean, decode
from core.ledger.records.leaf import leaf_hash as hash_of
from core.ledger.records.stored_time import time_of
from core.model import Labels, Phone, Policy, Trust, platforms
from core.text import T, Text

_BY_KIND: Final = {
    cls.kind: cls
    for family in (check, desk, policy, removal, rounds, visit)
    for cls in vars(family).values()
    if isinstance(cls, type) and issubclass(cls, Record) and hasattr(cls, "kind")
}
#: The class of each kind of record, in the order of the kinds.
CLASSES: Final[Mapping[str, type[Record]]] = {kind: _BY_KIND[kind] for kind in Kind}
#: The systems of phones, whose names are the same in every language.
PLATFORMS: Final = {row.id: Text(row.system) for row in platforms.PLATFORMS.values()}


class Device(msgspec.Struct, frozen=True):
    """The phone of a record, as it described itself, and what the department calls it where that was said."""

    maker: Annotated[str, Display(T("Maker"))]
    model: Annotated[str, Display(T("Model"))]
    platform: Annotated[str, Display(T("System"), PLATFORMS)]
    os: Annotated[str, Display(T("System version"))]
    serial: Annotated[Personal | None, Display(T("Serial number"), seal=T("Sealed serial number"))]
    tag: Annotated[Personal | None, Display(T("Asset tag"), seal=T("Sealed asset tag"), left_out=True)] = None
    holder: Annotated[Personal | None, Display(T("Holder"), seal=T("Sealed name of the holder"), left_out=True)] = None
    imei: Annotated[Personal | None, Display(T("IMEI"), seal=T("Sealed IMEI"), left_out=True)] = None

    @classmethod
    def of(cls, phone: Phone, labels: Labels) -> Device:
        personal = (phone.serial, labels.tag, labels.holder, labels.imei)
        sealed = (Personal(value) if value else None for value in personal)
        return cls(phone.maker, phone.model, phone.platform, phone.os, *sealed)


class PolicyUsed(msgspec.Struct, frozen=True):
    """The policy that a record was written under: also where nobody has signed for it, or no longer."""

    unsigned: Annotated[bool | None, Display(T("Not signed"), left_out=True)]
    expired: Annotated[str | None, Display(T("The policy was valid until"), left_out=True)]
    id: Annotated[str, Display(T("Policy"))]
    version: Annotated[str, Display(T("Version of the policy"))]
    sha256: Annotated[str, Display(T("Fingerprint of the policy file"))]

    @classmethod
    def of(cls, policy: Policy) -> PolicyUsed:
        unsigned = True if policy.trust is Trust.UNSIGNED else None
        expired = policy.expired.isoformat() if policy.expired is not None else None
        return cls(unsigned, expired, policy.id, policy.version, policy.sha256)


class Entry(msgspec.Struct, frozen=True, dict=True):
    """One entry of the log. `exact` are the bytes that were hashed, `body` is what its kind has in them, and `openings`
    are the personal values that are not erased, by commitment in hex; None where they were not asked for.

    `practice` is None where a log of unknown origin does not tell; so are `visit`, `policy` and `device` where the
    record has none. `mono_ms` counts the milliseconds of one start of the computer, which `boot` names.
    """

    kind: Annotated[str, Display(T("Kind of entry"), {kind: kind.words for kind in Kind}, name="type")]
    device: Annotated[Device | None, Display(silent=True)]
    seq: int
    time: datetime
    desk: Annotated[str, Display(T("Desk"))]
    officer: Annotated[str, Display(T("Officer"))]
    visit: Annotated[str | None, Display(T("Visit"), silent=True)]
    practice: Annotated[bool | None, Display(T("Practice"))]
    policy: Annotated[PolicyUsed | None, Display(silent=True)]
    app_version: Annotated[str, Display(T("Version of Fanion"), within="app", name="version")]
    form: Annotated[int | None, Display(T("Form of the entry"), name="v")]
    mono_ms: Annotated[int | None, Display(T("Counter of the computer (ms)"))]
    boot: Annotated[str, Display(T("Start of the computer"))]
    session: Annotated[str, Display(T("Run of Fanion"))]
    body: Mapping[str, Any]
    exact: bytes
    leaf_hash: bytes
    openings: Openings
    place: Annotated[str, Display(T("Place of the desk"), left_out=True)] = ""

    def __hash__(self) -> int:
        return hash(self.leaf_hash)

    @cached_property
    def record(self) -> Record | UnknownRecord:
        """The record, read when it is first asked for: of a million entries that are exported, few are."""
        record_class = CLASSES.get(self.kind)
        return (
            UnknownRecord(self.kind, self.body)
            if record_class is None
            else read(record_class, self.body, self.openings)
        )

    def is_of(self, serial: str) -> bool:
        """Whether the phone of the record has this serial number; not so where that was erased."""
        return self.device is not None and self.device.serial is not None and self.device.serial.value == serial

    @property
    def leaf(self) -> dict[str, Any]:
        """Everything that stands in the record, also what this version does not know."""
        return decode(self.exact)

    @property
    def body_json(self) -> str | None:
        """What stands in the body, as JSON; None where it is nested too deeply."""
        try:
            return clean(json.dumps(self.leaf["body"], ensure_ascii=False, separators=(",", ":")))
        except RecursionError:
            return None


def record_of(kind: object, body: object) -> Record | None:
    """The record that stands in a body, if this version knows its kind. Raises ValueError where no ledger wrote it."""
    if not isinstance(body, dict):
        raise ValueError("a body is an object")
    record_class = CLASSES.get(str(kind))
    return None if record_class is None else read(record_class, body, None)


def record_in(exact: object) -> Record | None:
    """The record that stands in the bytes of a leaf, if this version knows its kind. Raises ValueError, TypeError or
    KeyError where no ledger wrote them."""
    if not isinstance(exact, bytes):
        raise TypeError("a leaf is bytes")
    leaf = decode(exact)
    return record_of(leaf["type"], leaf["body"])


class _PolicyNamed(msgspec.Struct, gc=False, frozen=True):
    id: str
    version: str
    sha256: str


class _Judged(msgspec.Struct, gc=False):
    policy: _PolicyNamed | None


_decode_judged: Final = msgspec.json.Decoder(_Judged).decode


def policy_named_in(leaf: bytes) -> tuple[str, str, str] | None:
    """The id, version and fingerprint of the policy that a leaf names; None where it names none. Raises ValueError
    where no ledger wrote it."""
    policy = _decode_judged(leaf).policy  # msgspec's errors are ValueErrors
    return None if policy is None else (policy.id, policy.version, policy.sha256)


def intent_in(body: Mapping[str, Any]) -> object:
    """What stands in a body for the number of a step, whatever its kind: the file's index on steps has the same."""
    return body.get("intent")


#: What every leaf has.
_NEEDED: Final = {
    *("v", "seq", "type", "time", "mono_ms", "boot", "desk", "officer", "session"),
    *("visit", "practice", "app", "policy", "device", "body"),
}


def read_entry(seq: int, exact: object, leaf_hash: object, openings: Openings) -> Entry:
    """The entry with these bytes; without `openings`, its personal values are withheld.

    Raises ValueError or TypeError if no ledger wrote them.
    """
    if not isinstance(exact, bytes) or not isinstance(leaf_hash, bytes):
        raise TypeError("a leaf and its hash are bytes")
    if hash_of(exact) != leaf_hash:
        raise ValueError(f"record {seq} is not what was hashed")
    leaf = decode(exact)
    if not leaf.keys() >= _NEEDED:
        raise ValueError(f"record {seq}: fields are missing")
    time = time_of(leaf["time"])
    if not isinstance(leaf["body"], dict):
        raise ValueError(f"record {seq}: the body is no object")
    extra_fields = {"body": leaf["body"], "exact": exact, "leaf_hash": leaf_hash, "openings": openings}
    return read(Entry, leaf, openings, seq=seq, time=time, **extra_fields)


#: Random or computed values: a search for three letters is never meant for the middle of them.
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
