"""What a desk does with its log as evidence: look whether it is whole, verify, hand out, export, erase.

The window and the command line call nothing below. Whatever takes long can be stopped; whatever leaves this computer,
or is erased, is on record. Everything here raises Problem, and nothing else for a failure that a user can meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_in
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.desk.desk import Desk, NoSuchEntry
from core.jobs import Cancel, Report, silent
from core.ledger.keys.enrolment import Enrolment, read_enrolment, read_enrolments
from core.ledger.keys.identity import in_keyring
from core.ledger.problems import LedgerProblem
from core.ledger.records import Exported, OutsideCopy
from core.ledger.seals import Outside
from core.ledger.tlog.notes import Note, NoteError, Proof, Verifier
from core.ledger.verify.faults import LIMITS, Fault, Verification
from core.reports.filing import NoSuchFolder, file_name, handed_out, put, read
from core.text import Language, T, Text, language, plain

if TYPE_CHECKING:
    from core.ledger.reader import LedgerReader
    from core.ledger.retention.due_values import Due
    from core.ledger.search.record_filter import Filter
    from core.ledger.verify.outside_copy import Copy
    from core.ledger.witness.exchange import Exchange
    from core.ledger.witness.time_stamps import Stamp
    from core.reports.exports import Export, Format

#: Bytes of a receipt that is brought to compare with; a PDF of ours has about a hundred thousand.
_RECEIPT_LIMIT = 20_000_000


class KeysUnusable(LedgerProblem):
    """The file does not have the keys that a desk was enrolled with."""

    code = "keys-unusable"

    def __init__(self, path: Path, why: Text) -> None:
        super().__init__(
            T("The file {file} cannot be used: {why}.", file=str(path), why=why),
            T("Bring the desk’s enrolment sheet: its PDF, or its text as “fanion log enrolment” prints it."),
        )


class NoKeys(LedgerProblem):
    """There is nothing to compare an outside copy's signature with."""

    code = "no-keys"

    def __init__(self) -> None:
        super().__init__(
            T("The keys that the desk was enrolled with are not on this computer."),
            T("Bring the desk’s enrolment sheet, its PDF or its text, and verify with it."),
        )


#: In a file that one account can read, or everybody who may write the log, or whoever has the medium in their hands.
KeptIn = Literal["keyring", "file", "shared-file", "carried-file"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a log stands: how many records, how many of them sealed, what is outside, and what a quick look found wrong.

    `keys_in` tells where the identity key is kept, and so who can have it.
    """

    records: int
    sealed: int
    outside: Outside
    keys_in: KeptIn
    faults: tuple[Fault, ...]

    @property
    def breaks(self) -> tuple[Fault, ...]:
        """The faults by which the log is not as it was sealed: a changed clock and missing keys are none of them."""
        return tuple(fault for fault in self.faults if fault.kind not in LIMITS)


@dataclass(frozen=True, slots=True)
class StampRequest:
    """A request for a time stamp of the seal over `size` records."""

    file: Path
    size: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was handed out: for the check of record `seq`, as a page and as a proof for machines."""

    pdf: Path
    proof: Path
    seq: int


def standing(desk: Desk, practice: bool) -> Standing:
    """How the log stands. Takes a fraction of a second however long it is. Raises LedgerProblem."""
    from core.ledger.verify.startup_check import quick_look

    with desk.read_ledger(practice) as ledger:
        enrolment = read_enrolment(ledger.path)
        sealed = ledger.newest_sizes(1)
        return Standing(
            records=ledger.count(),
            sealed=sealed[0] if sealed else 0,
            outside=ledger.outside(),
            keys_in=_kept_in(desk, practice, enrolment),
            faults=quick_look(ledger, enrolment),
        )


def outside(desk: Desk, practice: bool) -> Outside:
    """The newest outside copy, and how many records are newer. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        return ledger.outside()


def verify(
    desk: Desk,
    practice: bool,
    receipts: Sequence[Path] = (),
    keys: Path | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
    texts: Sequence[str] = (),
) -> Verification:
    """Verify this desk's own log, from its first record to its last.

    `receipts` are outside copies to compare with, `texts` are such copies as they were typed or scanned; `keys` is a
    file with what the desk was enrolled with. Without it the copy on this computer is used, which whoever controls the
    computer can replace. Raises LedgerProblem, FileProblem, Cancelled.
    """
    from core.ledger.search.search_index import distrust
    from core.ledger.verify.whole_log import verify as verify_ledger

    path = desk.ledger_path(practice)
    enrolment = _keys(keys) if keys is not None else read_enrolment(path)
    # Keys that the log went on with after a loss: that it did is found in it, and told.
    later = [known.identity for known in read_enrolments(path)[1:]]
    copies = _copies(receipts, texts, enrolment, later)
    with desk.read_ledger(practice) as ledger:
        found = verify_ledger(
            ledger, enrolment, pinned=_is_outside(keys, desk), copies=copies, report=report, cancel=cancel or Cancel()
        )
    distrust(path)  # nor does a search in the window depend on what nobody has verified
    return found


def verify_export(
    folder: Path,
    receipts: Sequence[Path] = (),
    keys: Path | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
    texts: Sequence[str] = (),
) -> Verification:
    """Verify what another desk exported; its database is not needed, and never opened. Raises as :func:`verify`."""
    from core.ledger.verify.exported import verify_export as verify_folder

    _must_be_there(folder)
    enrolment = _keys(keys) if keys is not None else None
    copies = _copies(receipts, texts, enrolment)
    return verify_folder(folder, enrolment, copies=copies, report=report, cancel=cancel or Cancel())


def seal(desk: Desk, practice: bool) -> int:
    """Seal what is not sealed yet. Returns how many records are. Raises LedgerProblem."""
    with desk.custodian(practice) as ledger:
        made = ledger.seal()
        return made.size if made else 0


def receipt(
    desk: Desk,
    practice: bool,
    seq: int,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
    *,
    replace: bool = False,
) -> Receipt:
    """Hand out a receipt for the check that record `seq` belongs to: two files in `folder`, and it is on record.

    `folder`, which is made if it is not there, may be the name of a PDF file instead; only a file of such a name is
    replaced, and only if `replace` says so. Raises NoSuchEntry or another LedgerProblem, PageProblem, FileProblem.
    """
    from core.reports.receipt import make_receipt

    _must_be_away(folder, desk)
    with desk.custodian(practice) as ledger:
        _must_have(ledger, [seq])
        ledger.seal()
        made = make_receipt(ledger, seq, languages or _spoken())
        name = file_name(desk.name, practice, f"receipt-{made.seq:06}")
        with handed_out(folder, name, ".pdf", ".tlog-proof", replace=replace) as (pdf, proof):
            put(proof, made.proof)
            put(pdf, made.pdf)
            ledger.append(OutsideCopy("receipt", made.size, _base64(made.root)))
        return Receipt(pdf, proof, made.seq)


def proof_text(desk: Desk, practice: bool, seq: int) -> bytes:
    """That a record is in the log, as a ``.tlog-proof`` file. Raises NoSuchEntry, NotSealed, LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        _must_have(ledger, [seq])
        return bytes(ledger.proof(seq))


def export(
    desk: Desk,
    practice: bool,
    format: Format,
    chosen: Filter,
    folder: Path,
    report: Report = silent,
    cancel: Cancel | None = None,
    personal: bool = False,
) -> Export:
    """Write records into a new folder inside `folder`, which is made if it is not there; that they were is on record.

    Raises LedgerProblem, ExportProblem, FileProblem, Cancelled (then nothing is left behind).
    """
    from core.reports.exports import export as export_records

    _must_be_away(folder, desk)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        words = dict(ledger.words_of(chosen)) | ({"personal": "yes"} if personal else {})

        def on_record(records: int) -> None:
            ledger.append(Exported(format.value, records, words))

        return export_records(
            ledger, format, chosen, folder, report, cancel or Cancel(), personal=personal, on_record=on_record
        )


def close_day(
    desk: Desk,
    practice: bool,
    day: date,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
    *,
    replace: bool = False,
) -> Path:
    """The page that a supervisor signs at the end of a day; `folder` and `replace` as in :func:`receipt`.

    Raises LedgerProblem, PageProblem, FileProblem.
    """
    from core.reports.close import make_close

    _must_be_away(folder, desk)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        made = make_close(ledger, day, languages or _spoken())
        name = file_name(desk.name, practice, f"day-{day.isoformat()}")
        with handed_out(folder, name, ".pdf", replace=replace) as (pdf,):
            put(pdf, made.pdf)
            ledger.append(OutsideCopy("day-close", made.size, _base64(made.root)))
        return pdf


def enrolment(desk: Desk, practice: bool) -> Enrolment:
    """What outsiders have to know of this desk's keys; they are made if there are none. Raises LedgerProblem."""
    path = desk.ledger_path(practice)
    known = read_enrolments(path)
    if known and path.exists():  # a log that was deleted begins again with other keys
        return known[-1]
    with desk.custodian(practice, make=True) as ledger:
        return ledger.enrolment


def enrolment_sheet(
    desk: Desk,
    practice: bool,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
    *,
    replace: bool = False,
) -> Path:
    """The desk's keys as a page, to be kept outside; `folder` and `replace` as in :func:`receipt`.

    Raises LedgerProblem, PageProblem, FileProblem.
    """
    from core.reports.sheet import make_sheet

    _must_be_away(folder, desk)
    known = enrolment(desk, practice)
    now = datetime.now().astimezone()
    made = make_sheet(known, desk.name, languages or _spoken(), time=now, practice=practice)
    with handed_out(folder, file_name(desk.name, practice, "enrolment"), ".pdf", replace=replace) as (pdf,):
        put(pdf, made)
    return pdf


def leave_checkpoint(desk: Desk, practice: bool, folder: Path) -> Exchange:
    """Leave a checkpoint in a folder, and cosign those of other desks there.

    The folder is not made: one that is misspelt would be on this computer. Raises NoSuchFolder, LedgerProblem.
    """
    from core.ledger.witness.exchange import leave

    _must_be_there(folder)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        return leave(ledger, folder, datetime.now(UTC))


def timestamp_request(desk: Desk, practice: bool, file: Path, *, replace: bool = False) -> StampRequest:
    """Write a request that a time-stamping authority answers; `file` and `replace` as in :func:`receipt`.

    Raises LedgerProblem, FileProblem.
    """
    from core.ledger.witness.time_stamps import request

    with desk.custodian(practice) as ledger:
        made = ledger.seal()
        if made is None:
            raise NothingToSeal
        name = file_name(desk.name, practice, str(made.size))
        with handed_out(file, name, ".tsq", replace=replace) as (written,):
            put(written, request(made))
        return StampRequest(written, made.size)


def attach_timestamp(desk: Desk, practice: bool, reply: Path, authority: Path | None = None) -> Stamp:
    """Attach what a time-stamping authority answered. `authority` is a file with its certificates.

    Raises StampRefused, LedgerProblem, FileProblem.
    """
    from core.ledger.witness.time_stamps import attach

    roots = [read(authority, _RECEIPT_LIMIT)] if authority is not None else []
    with desk.custodian(practice) as ledger:
        return attach(ledger, read(reply, _RECEIPT_LIMIT), roots)


def due(desk: Desk, practice: bool, report: Report = silent, cancel: Cancel | None = None) -> Due:
    """Whose personal values may be erased by now. Nothing is erased. Raises LedgerProblem."""
    from core.ledger.retention.due_values import due as due_now

    with desk.read_ledger(practice) as ledger:
        return due_now(ledger, desk.settings.retention_months, datetime.now(UTC), report, cancel)


def erase(desk: Desk, practice: bool, seqs: Sequence[int], reason: str, consent: bool = False) -> int:
    """Erase the personal values of these records, for good; the records stay. Returns how many values were erased.

    Raises NoSuchEntry, TooEarly, LedgerProblem.
    """
    from core.ledger.retention.due_values import check_erasable

    with desk.custodian(practice) as ledger:
        _must_have(ledger, seqs)
        check_erasable(ledger, seqs, datetime.now(UTC), consent)
        return ledger.erase_records(seqs, reason, consent)


class NothingToSeal(LedgerProblem):
    """The log is empty."""

    code = "nothing-to-seal"

    def __init__(self) -> None:
        super().__init__(T("The log has no entries yet."), T("Check a phone first: fanion check."))


def _must_have(ledger: LedgerReader, seqs: Sequence[int]) -> None:
    """Raise NoSuchEntry for a number that no record has."""
    newest = ledger.count()
    for seq in seqs:
        if not 0 < seq <= newest:
            raise NoSuchEntry(seq, newest)


def _must_be_there(folder: Path) -> None:
    """Raise NoSuchFolder for a folder that is not there."""
    try:
        there = folder.is_dir()
    except OSError:  # whoever uses it says what is wrong with it
        return
    if not there:
        raise NoSuchFolder(folder)


def _keys(path: Path) -> Enrolment:
    from core.reports.sheet import read_sheet

    try:
        return read_sheet(read(path, _RECEIPT_LIMIT))
    except NoteError as error:
        raise KeysUnusable(path, error.why) from error


def _copies(
    receipts: Sequence[Path], texts: Sequence[str], enrolment: Enrolment | None, later: Sequence[Verifier] = ()
) -> list[Copy]:
    """What was brought to compare with, once it is certain that this desk made it."""
    from core.ledger.verify.outside_copy import CopyRefused, outside_copy
    from core.reports.receipt import leaf_in, read_receipt

    brought = [(plain(path.name), read(path, _RECEIPT_LIMIT)) for path in receipts]
    brought += [(str(T("the typed checkpoint")), text.encode(errors="replace")) for text in texts]
    if brought and enrolment is None:
        raise NoKeys
    copies = []
    for name, data in brought:
        try:
            found: Proof | Note = read_receipt(data)
        except NoteError as error:
            raise CopyRefused(name, error.why) from error
        if enrolment is not None:
            copy = outside_copy(name, found, enrolment, later)
            leaf = leaf_in(data, found.index + 1) if isinstance(found, Proof) else None
            copies.append(replace_in(copy, leaf=leaf))
    return copies


def _must_be_away(folder: Path, desk: Desk) -> None:
    """Raise BesideTheLog for a folder that shares the fate of the log."""
    from core.reports.filing import BesideTheLog

    if _is_beside(folder, desk):
        raise BesideTheLog(folder)


def _is_outside(keys: Path | None, desk: Desk) -> bool:
    """Whether the keys were brought from somewhere else than where the log is."""
    return keys is not None and not _is_beside(keys, desk)


def _is_beside(path: Path, desk: Desk) -> bool:
    """Whether it is where the log is, which several people may share, or where this person's other data are."""
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in (desk.data, desk.log_folder))


def _kept_in(desk: Desk, practice: bool, enrolment: Enrolment | None) -> KeptIn:
    if enrolment is not None and in_keyring(desk.ledger_path(practice), enrolment.identity):
        return "keyring"
    if desk.shared and not practice:
        return "shared-file"
    return "carried-file" if desk.portable else "file"


def _spoken() -> tuple[Language, ...]:
    return (language(),)


def _base64(root: bytes) -> str:
    import base64

    return base64.b64encode(root).decode()
