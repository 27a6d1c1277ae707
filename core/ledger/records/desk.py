"""Records of a desk itself: its program, the keys of its log, what left it or came to it, and erasures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

import msgspec

from core import model
from core.ledger.records.fields import Display, Record
from core.ledger.records.kinds import Kind
from core.ledger.records.leaf import Personal
from core.text import T, Text

#: Characters of a problem's `detail` that are kept: it is a machine's own wording, and may be a phone's.
DETAIL_LIMIT: Final = 2_000
#: By what way a checkpoint leaves.
WAYS: Final[Mapping[str, Text]] = {
    "receipt": T("on a receipt"),
    "folder": T("in a folder or on a USB key"),
    "day-close": T("on the page of a day"),
    "month-summary": T("on the summary of a month"),
    "round-report": T("on the report of a round"),
    "timestamp": T("in a time stamp"),
    "bundle": T("in a bundle for head office"),
}
#: In what form records are exported.
FORMATS: Final[Mapping[str, Text]] = {
    "bundle": T("bundle for head office"),
    "csv": T("table (CSV)"),
    "jsonl": T("exact entries (JSON lines)"),
    "ocsf": T("security events (OCSF)"),
    "parquet": T("table (Parquet)"),
    "pdf": T("page (PDF)"),
    "xlsx": T("table (Excel)"),
}


def _utc_offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


class ProgramStart(Record, frozen=True):
    """Fanion was started, on a computer with this operating system and this local time's distance from UTC."""

    kind: ClassVar[Kind] = Kind.PROGRAM_START
    system: Annotated[str, Display(T("Operating system"))]
    utc_offset_minutes: Annotated[int | None, Display(T("Distance from UTC"), say=_utc_offset)]


class ProblemMet(Record, frozen=True, kw_only=True):
    """Something failed, and the officer was told so in these words.

    `detail` is what a machine said, in its own words: they may name the phone, or the person who is signed in. So it is
    kept as a personal value; older records have it as it is.
    """

    kind: ClassVar[Kind] = Kind.PROBLEM
    sentence: Annotated[Text, Display(T("Problem"))]
    next_step: Annotated[Text, Display(T("What to do"))]
    detail: Annotated[Personal, Display(T("What the machine said"), seal=T("Sealed words of the machine"))] = Personal(
        ""
    )
    code: Annotated[str, Display(T("Code of the problem"))]

    @classmethod
    def of(cls, problem: model.Problem) -> ProblemMet:
        detail = Personal(problem.detail[:DETAIL_LIMIT])
        return cls(code=problem.code, sentence=problem.sentence, next_step=problem.next_step, detail=detail)


class RecordedKeys(Record, frozen=True):
    """The keys that a ledger goes on with: verifier keys, as in https://c2sp.org/signed-note."""

    origin: Annotated[str, Display(T("Name of the log"))]
    identity: Annotated[str, Display(T("Identity key"))]
    epoch: Annotated[str, Display(T("Key of the next seal"))]
    cosigner: Annotated[str, Display(T("Key for cosigning"))]


class LogBegun(RecordedKeys, frozen=True):
    """From here on this ledger is sealed."""

    kind: ClassVar[Kind] = Kind.LOG_BEGUN


class KeysReplaced(RecordedKeys, frozen=True):
    """The keys that this ledger goes on with could not be found on this computer: it goes on with these."""

    kind: ClassVar[Kind] = Kind.KEYS_REPLACED


class DecidingCount(msgspec.Struct, frozen=True):
    """How many records decide something, and one hash over them: see :mod:`core.ledger.file.deciding_records`."""

    count: Annotated[int | None, Display()]
    sha256: Annotated[str, Display()]


class KeyNext(Record, frozen=True):
    """The next seal will be signed by this epoch key, and by no other.

    It is the last record under a seal, and tells of those above: what decides something, and which steps are `open`.
    """

    kind: ClassVar[Kind] = Kind.KEY_NEXT
    key: Annotated[str, Display(T("Key"))]
    deciding: Annotated[DecidingCount | None, Display(left_out=True)] = None
    open: Annotated[tuple[int, ...] | None, Display(left_out=True)] = None


class OutsideCopy(Record, frozen=True):
    """The checkpoint over the first `size` records left this computer. `root` is its hash in base64."""

    kind: ClassVar[Kind] = Kind.OUTSIDE_COPY
    how: Annotated[str, Display(T("How it was reached"), WAYS)]
    size: Annotated[int, Display(T("Entries covered"))]
    root: Annotated[str, Display(T("Fingerprint over the entries"))]


class Exported(Record, frozen=True):
    """Records were written into files: in which form, how many, and by which choice (empty: all of them)."""

    kind: ClassVar[Kind] = Kind.EXPORTED
    format: Annotated[str, Display(T("Format"), FORMATS)]
    records: Annotated[int, Display(T("Entries"))]
    chosen: Annotated[Mapping[str, str], Display(T("Which entries"))]


class Erased(Record, frozen=True):
    """The personal values of these records were erased. `consent`: the person agreed to it before its time.

    `files` copies of apps' files, of `file_bytes` together, were deleted with them; None where there were none.
    """

    kind: ClassVar[Kind] = Kind.ERASED
    records: Annotated[tuple[int, ...], Display(T("Entries"))]
    values: Annotated[int, Display(T("Personal information"))]
    reason: Annotated[str, Display(T("Reason"))]
    consent: Annotated[bool, Display(T("With the person’s consent"))]
    files: Annotated[int | None, Display(T("Copies of files"), left_out=True)] = None
    file_bytes: Annotated[int | None, Display(T("Size of the copies (bytes)"), left_out=True)] = None


class Cosigned(Record, frozen=True):
    """The checkpoint of another desk's ledger was found, checked against the last one seen, and cosigned.

    `key` is that desk's verifier key; the first desk to cosign takes it as it was found.
    """

    kind: ClassVar[Kind] = Kind.COSIGNED
    size: Annotated[int, Display(T("Entries covered"))]
    origin: Annotated[str, Display(T("Name of the log"))]
    root: Annotated[str, Display(T("Fingerprint over the entries"))]
    key: Annotated[str, Display(T("Key"))]


class Cosignatures(Record, frozen=True):
    """Other desks have cosigned the checkpoint over the first `size` records: their verifier keys."""

    kind: ClassVar[Kind] = Kind.COSIGNATURES
    size: Annotated[int, Display(T("Entries covered"))]
    cosigners: Annotated[tuple[str, ...], Display(T("Keys of the other desks"))]


class ForkSeen(Record, frozen=True):
    """Another desk's ledger contradicts what was seen of it before: it was cut, replaced or rewritten."""

    kind: ClassVar[Kind] = Kind.FORK_SEEN
    size: Annotated[int, Display(T("Entries covered"))]
    origin: Annotated[str, Display(T("Name of the log"))]
    other_size: Annotated[int, Display(T("Entries covered before"))]
    root: Annotated[str, Display(T("Fingerprint over the entries"))]
    other_root: Annotated[str, Display(T("Fingerprint over the entries before"))]


class Timestamped(Record, frozen=True):
    """A time-stamping authority says (RFC 3161) that the checkpoint over the first `size` records existed at `time`.

    `checked` tells whether its signature could be checked; `token` is the SHA-256 of the token, in hex.
    """

    kind: ClassVar[Kind] = Kind.TIMESTAMPED
    size: Annotated[int, Display(T("Entries covered"))]
    authority: Annotated[str, Display(T("Time-stamping authority"))]
    time: Annotated[str, Display(T("Time in the time stamp"))]
    checked: Annotated[bool, Display(T("Signature checked"))]
    root: Annotated[str, Display(T("Fingerprint over the entries"))]
    token: Annotated[str, Display(T("Fingerprint of the time stamp"))]
