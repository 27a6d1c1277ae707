"""Records of what left this computer or came to it: copies, exports, other desks' logs, time stamps; and erasures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

from core.ledger.records.fields import Record, Shown
from core.ledger.records.kinds import Kind
from core.text import T, Text

#: By what way a checkpoint leaves.
WAYS: Final[Mapping[str, Text]] = {
    "receipt": T("on a receipt"),
    "folder": T("in a folder or on a USB key"),
    "day-close": T("on the page of a day"),
    "timestamp": T("in a time stamp"),
}
#: In what form records are exported.
FORMATS: Final[Mapping[str, Text]] = {
    "csv": T("table (CSV)"),
    "jsonl": T("exact entries (JSON lines)"),
    "ocsf": T("security events (OCSF)"),
    "parquet": T("table (Parquet)"),
}


class OutsideCopy(Record, frozen=True):
    """The checkpoint over the first `size` records left this computer. `root` is its hash in base64."""

    kind: ClassVar[Kind] = Kind.OUTSIDE_COPY
    title: ClassVar[Text] = T("A checkpoint left this computer")
    how: Annotated[str, Shown(T("How it was reached"), WAYS)]
    size: Annotated[int, Shown(T("Entries covered"))]
    root: Annotated[str, Shown(T("Hash over the entries"))]


class Exported(Record, frozen=True):
    """Records were written into files: in which form, how many, and by which choice (empty: all of them)."""

    kind: ClassVar[Kind] = Kind.EXPORTED
    title: ClassVar[Text] = T("Entries were exported")
    format: Annotated[str, Shown(T("Form"), FORMATS)]
    records: Annotated[int, Shown(T("Entries"))]
    chosen: Annotated[Mapping[str, str], Shown(T("Which entries"))]


class Erased(Record, frozen=True):
    """The personal values of these records were erased. `consent`: the person agreed to it before its time."""

    kind: ClassVar[Kind] = Kind.ERASED
    title: ClassVar[Text] = T("Personal values were erased")
    records: Annotated[tuple[int, ...], Shown(T("Entries"))]
    values: Annotated[int, Shown(T("Personal values"))]
    reason: Annotated[str, Shown(T("Reason"))]
    consent: Annotated[bool, Shown(T("With the person’s consent"))]


class Cosigned(Record, frozen=True):
    """The checkpoint of another desk's ledger was found, checked against the last one seen, and cosigned.

    `key` is that desk's verifier key; the first desk to cosign takes it as it was found.
    """

    kind: ClassVar[Kind] = Kind.COSIGNED
    title: ClassVar[Text] = T("The log of another desk was cosigned")
    size: Annotated[int, Shown(T("Entries covered"))]
    origin: Annotated[str, Shown(T("Name of the log"))]
    root: Annotated[str, Shown(T("Hash over the entries"))]
    key: Annotated[str, Shown(T("Key"))]


class Cosignatures(Record, frozen=True):
    """Other desks have cosigned the checkpoint over the first `size` records: their verifier keys."""

    kind: ClassVar[Kind] = Kind.COSIGNATURES
    title: ClassVar[Text] = T("Other desks have cosigned this log")
    size: Annotated[int, Shown(T("Entries covered"))]
    cosigners: Annotated[tuple[str, ...], Shown(T("Keys of the other desks"))]


class ForkSeen(Record, frozen=True):
    """Another desk's ledger contradicts what was seen of it before: it was cut, replaced or rewritten."""

    kind: ClassVar[Kind] = Kind.FORK_SEEN
    title: ClassVar[Text] = T("The log of another desk does not fit what was seen of it before")
    size: Annotated[int, Shown(T("Entries covered"))]
    origin: Annotated[str, Shown(T("Name of the log"))]
    other_size: Annotated[int, Shown(T("Entries covered before"))]
    root: Annotated[str, Shown(T("Hash over the entries"))]
    other_root: Annotated[str, Shown(T("Hash over the entries before"))]


class Timestamped(Record, frozen=True):
    """A time-stamping authority says (RFC 3161) that the checkpoint over the first `size` records existed at `time`.

    `checked` tells whether its signature could be checked; `token` is the SHA-256 of the token, in hex.
    """

    kind: ClassVar[Kind] = Kind.TIMESTAMPED
    title: ClassVar[Text] = T("A time stamp was attached")
    size: Annotated[int, Shown(T("Entries covered"))]
    authority: Annotated[str, Shown(T("Time-stamping authority"))]
    time: Annotated[str, Shown(T("Time in the time stamp"))]
    checked: Annotated[bool, Shown(T("Signature checked"))]
    root: Annotated[str, Shown(T("Hash over the entries"))]
    token: Annotated[str, Shown(T("Hash of the time stamp"))]
