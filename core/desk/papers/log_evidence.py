"""What a desk does with its log as evidence: its status, verifying, copies outside, and erasing personal values.

The window and the command line call this and :mod:`core.desk.papers.log_papers`, and nothing below. Long work can be
stopped; what leaves this computer, or is erased, is on record. A failure that a user can meet is a Problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_in
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.desk.desk import Desk
from core.desk.problems import NoSuchEntry
from core.jobs import Cancel, Report, silent
from core.ledger.keys.enrolment import Enrolment, read_enrolment, read_enrolments
from core.ledger.keys.identity import in_keyring
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.retention import due_values
from core.ledger.seals import OutsideCoverage
from core.ledger.tlog.notes import Note, NoteError, Proof, Verifier
from core.ledger.verify import exported, ledger_check
from core.ledger.verify.exported_records import ExportedRecords
from core.ledger.verify.faults import LIMITS, Compared, ComparedReceipt, Fault, Verification
from core.ledger.verify.ledger_check import quick_look
from core.ledger.verify.outside_copy import BroughtCopy, CopyRefused, outside_copy
from core.ledger.witness import exchange
from core.lessons.progress import note_verified
from core.reports.filing import BesideTheLog, NoSuchFolder, file_name, handed_out, put, read
from core.reports.page import PageProblem
from core.reports.receipt.receipt import leaf_in, read_receipt
from core.reports.receipt.receipt_check import compare_receipt
from core.reports.receipt.story import CheckRecords
from core.reports.sheet import read_sheet
from core.text import T, plain

if TYPE_CHECKING:  # with libraries that hardly a command needs
    from core.ledger.witness.time_stamps import Stamp

#: Bytes of a receipt that is brought to compare with; a PDF of ours has about a hundred thousand.
_RECEIPT_LIMIT = 20_000_000


#: In a keyring, or in a file: of one account, of all who may write the log, or beside a log that is carried around.
KeptIn = Literal["keyring", "file", "shared-file", "carried-file"]


@dataclass(frozen=True, slots=True)
class LogStatus:
    """How a log stands: how many records, how many of them sealed, what is outside, and what a quick look found wrong.

    `keys_in` tells where the identity key is kept, and so who can have it.
    """

    records: int
    sealed: int
    outside: OutsideCoverage
    keys_in: KeptIn
    faults: tuple[Fault, ...]

    @property
    def breaks(self) -> tuple[Fault, ...]:
        """The faults by which the log is not as it was sealed: a changed clock and missing keys are none of them."""
        return tuple(fault for fault in self.faults if fault.kind not in LIMITS)


def _outside(ledger: LedgerReader) -> OutsideCoverage:
    """Read what outside copies cover. A damaged log counts as not covered: the faults beside this answer say why."""
    try:
        return ledger.outside()
    except DamagedLedger:
        return OutsideCoverage(0, None, "", ledger.count())


@dataclass(frozen=True, slots=True)
class StampRequest:
    """A request for a time stamp of the seal over `size` records."""

    file: Path
    size: int


def log_status(desk: Desk, practice: bool) -> LogStatus:
    """How the log stands. Reads as much of it as is newer than the newest outside copy. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        enrolment = read_enrolment(ledger.path)
        sealed = ledger.newest_sizes(1)
        return LogStatus(
            records=ledger.count(),
            sealed=sealed[0] if sealed else 0,
            outside=_outside(ledger),
            keys_in=_kept_in(desk, practice, enrolment),
            faults=quick_look(ledger, enrolment),
        )


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
    file with what the desk was enrolled with. Without it the copy on this computer is used, which anyone who controls
    the computer can replace. Raises LedgerProblem, FileProblem, Cancelled.
    """
    path = desk.ledger_path(practice)
    enrolment = _keys(keys) if keys is not None else read_enrolment(path)
    # Keys that the log went on with after a loss: that it did is found in it, and told.
    later = [successor.identity for successor in read_enrolments(path)[1:]]
    copies = _copies(receipts, texts, enrolment, later)
    with desk.read_ledger(practice) as ledger:
        verification = ledger_check.verify(
            ledger,
            enrolment,
            pinned=keys is not None and not is_beside(keys, desk),
            copies=copies,
            report=report,
            cancel=cancel or Cancel(),
        )
        verification = _with_pages(verification, copies, ledger, cancel or Cancel())
    if practice and verification.intact:
        note_verified(desk.data, desk.officer)
    return verification


def verify_export(
    folder: Path,
    receipts: Sequence[Path] = (),
    keys: Path | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
    texts: Sequence[str] = (),
) -> Verification:
    """Verify what another desk exported; its database is not needed, and never opened. Raises as :func:`verify`."""
    _must_be_there(folder)
    enrolment = _keys(keys) if keys is not None else None
    copies = _copies(receipts, texts, enrolment)
    cancel = cancel or Cancel()
    verification = exported.verify_export(folder, enrolment, copies=copies, report=report, cancel=cancel)
    records = ExportedRecords(folder, cancel)
    try:
        return _with_pages(verification, copies, records, cancel, complete=verification.chosen is None)
    except OSError as error:
        raise exported.ExportUnusable(folder, T("a file of it cannot be read"), str(error)) from error


def seal(desk: Desk, practice: bool) -> int:
    """Seal what is not sealed yet. Returns how many records are. Raises LedgerProblem."""
    with desk.custodian(practice) as ledger:
        checkpoint = ledger.seal()
        return checkpoint.size if checkpoint else 0


def proof_text(desk: Desk, practice: bool, seq: int) -> bytes:
    """Prove that a record is in the log: a ``.tlog-proof`` file. Raises NoSuchEntry, NotSealed, LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        require_entries(ledger, [seq])
        return bytes(ledger.proof(seq))


def enrolment(desk: Desk, practice: bool) -> Enrolment:
    """The public keys by which outsiders verify this desk's log; made if there are none. Raises LedgerProblem."""
    path = desk.ledger_path(practice)
    enrolments = read_enrolments(path)
    if enrolments and path.exists():  # a log that was deleted begins again with other keys
        return enrolments[-1]
    with desk.custodian(practice, make=True) as ledger:
        return ledger.enrolment


def leave_checkpoint(desk: Desk, practice: bool, folder: Path) -> exchange.Exchange:
    """Leave a checkpoint in a folder, and cosign those of other desks there.

    The folder is not made: one that is misspelt would be on this computer. Raises NoSuchFolder, LedgerProblem.
    """
    _must_be_there(folder)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        return exchange.leave(ledger, folder, datetime.now(UTC))


def timestamp_request(desk: Desk, practice: bool, file: Path, *, replace: bool = False) -> StampRequest:
    """Write a request that a time-stamping authority answers; `file` may be a folder, and is replaced only if `replace`
    says so.

    Raises LedgerProblem, FileProblem.
    """
    from core.ledger.witness import time_stamps  # with libraries that hardly a command needs

    with desk.custodian(practice) as ledger:
        checkpoint = ledger.seal()
        if checkpoint is None:
            sentence, next_step = T("The log has no entries yet."), T("Check a phone first: fanion check.")
            raise LedgerProblem(sentence, next_step, code="nothing-to-seal")
        name = file_name(desk.name, practice, str(checkpoint.size))
        with handed_out(file, name, ".tsq", replace=replace) as (request_file,):
            put(request_file, time_stamps.request(checkpoint))
        return StampRequest(request_file, checkpoint.size)


def attach_timestamp(desk: Desk, practice: bool, reply: Path, authority: Path | None = None) -> Stamp:
    """Attach what a time-stamping authority answered. `authority` is a file with its certificates.

    Raises StampRefused, LedgerProblem, FileProblem.
    """
    from core.ledger.witness import time_stamps  # with libraries that hardly a command needs

    roots = [read(authority, _RECEIPT_LIMIT)] if authority is not None else []
    with desk.custodian(practice) as ledger:
        return time_stamps.attach(ledger, read(reply, _RECEIPT_LIMIT), roots)


def due(desk: Desk, practice: bool, report: Report = silent, cancel: Cancel | None = None) -> due_values.Due:
    """Find whose personal values may be erased by now. Nothing is erased. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        return due_values.due(ledger, desk.settings.retention_months, datetime.now(UTC), report, cancel)


def erase(desk: Desk, practice: bool, seqs: Sequence[int], reason: str, consent: bool = False) -> int:
    """Erase the personal values of these records, for good; the records stay. Returns how many values were erased.

    Raises NoSuchEntry, TooEarly, LedgerProblem.
    """
    with desk.custodian(practice) as ledger:
        require_entries(ledger, seqs)
        due_values.check_erasable(ledger, seqs, datetime.now(UTC), consent)
        return ledger.erase_records(seqs, reason, consent)


def require_entries(ledger: LedgerReader, seqs: Sequence[int]) -> None:
    """Raise NoSuchEntry for a number that no record has."""
    newest = ledger.count()
    for seq in seqs:
        if not 0 < seq <= newest:
            raise NoSuchEntry(seq, newest)


def _must_be_there(folder: Path) -> None:
    """Raise NoSuchFolder for a folder that is not there."""
    try:
        is_folder = folder.is_dir()
    except OSError:  # using it will tell what is wrong with it
        return
    if not is_folder:
        raise NoSuchFolder(folder)


def _keys(path: Path) -> Enrolment:
    """The keys that a desk was enrolled with, out of a file that was brought. Raises LedgerProblem, FileProblem."""
    try:
        return read_sheet(read(path, _RECEIPT_LIMIT))
    except NoteError as error:
        raise LedgerProblem(
            T("The file {file} cannot be used: {why}.", file=str(path), why=error.why),
            T("Bring the desk’s enrolment sheet: its PDF, or its text as “fanion log enrolment” prints it."),
            code="keys-unusable",
        ) from error


def _copies(
    receipts: Sequence[Path], texts: Sequence[str], enrolment: Enrolment | None, later: Sequence[Verifier] = ()
) -> list[BroughtCopy]:
    """Read what was brought to compare with, and refuse what this desk did not make.

    Raises LedgerProblem, FileProblem.
    """
    sources = [(plain(path.name), read(path, _RECEIPT_LIMIT)) for path in receipts]
    sources += [(str(T("the typed checkpoint")), text.encode(errors="replace")) for text in texts]
    if sources and enrolment is None:
        raise LedgerProblem(
            T("The keys that the desk was enrolled with are not on this computer."),
            T("Bring the desk’s enrolment sheet, its PDF or its text, and verify with it."),
            code="no-keys",
        )
    copies = []
    for name, data in sources:
        try:
            proof_or_note: Proof | Note = read_receipt(data)
        except NoteError as error:
            raise CopyRefused(name, error.why) from error
        if enrolment is not None:
            copy = outside_copy(name, proof_or_note, enrolment, later)
            leaf = leaf_in(data, proof_or_note.index + 1) if isinstance(proof_or_note, Proof) else None
            copies.append(replace_in(copy, leaf=leaf, page=data if leaf is not None else None))
    return copies


def _with_pages(
    verification: Verification,
    copies: Sequence[BroughtCopy],
    records: CheckRecords,
    cancel: Cancel,
    *,
    complete: bool = True,
) -> Verification:
    """`verification`, with what the pages of receipts say otherwise than the records that they are about. Of a receipt
    that is about another record than it says, that was found already. Raises Cancelled."""
    compared = []
    for copy in copies:
        number = copy.proof.index + 1 if copy.proof is not None else 0
        if copy.page is None or copy.proof is None or number not in verification.proved:
            continue
        cancel.check()
        try:
            checks = [
                check for check in records.entries_numbered([number]) if check.leaf_hash == verification.proved[number]
            ]
            if not checks:
                raise PageProblem("the record is not there any more")
            comparison = compare_receipt(copy.name, copy.page, copy.proof, records, checks[0], complete=complete)
        except (PageProblem, LedgerProblem):  # what is wrong with the log was found before, and is told
            comparison = ComparedReceipt(copy.name, number, Compared.NOTHING)
        compared.append(comparison)
    return verification.with_receipts(compared)


def is_beside(path: Path, desk: Desk) -> bool:
    """Whether it is where the log is, which several people may share, or where this person's other data are."""
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in (desk.data, desk.log_folder))


def require_away(path: Path, desk: Desk) -> None:
    """Raise BesideTheLog for a file or folder that shares the fate of the log."""
    if is_beside(path, desk):
        raise BesideTheLog(path)


def _kept_in(desk: Desk, practice: bool, enrolment: Enrolment | None) -> KeptIn:
    if enrolment is not None and in_keyring(desk.ledger_path(practice), enrolment.identity):
        return "keyring"
    if desk.shared and not practice:
        return "shared-file"
    return "carried-file" if desk.portable else "file"
