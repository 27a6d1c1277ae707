"""Which copies of files a log's records refer to: the log is the index of its evidence folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.ledger.evidence.folder import EvidenceFolder, EvidenceProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import EvidenceTaken, Kind
from core.text import T


@dataclass(frozen=True, slots=True)
class FileOnRecord:
    """A copy of a file to which record number `entry` refers, of the app `package`; `name` is the file's base name on
    the phone. `erased_by` is the number of the record that says that it was erased; None while it is kept."""

    entry: int
    package: str
    name: str
    size: int | None
    sha256: str
    erased_by: int | None


def files_on_record(ledger: LedgerReader) -> Iterator[FileOnRecord]:
    """All copies that records refer to, in the order of the records. Raises LedgerProblem, also where a damaged record
    could be one of them."""
    contents = ledger.contents()
    ledger.require_undamaged(contents, 1, contents.high)
    numbers = contents.chosen(1, contents.high + 1, kind=Kind.APP_EVIDENCE)
    if not numbers:
        return
    erasures = ledger.erasures()
    for entry in ledger.paged(numbers):
        if isinstance(entry.record, EvidenceTaken):
            for file in entry.record.files:
                if file.kept:
                    erased_by = erasures.get(entry.seq)
                    yield FileOnRecord(entry.seq, entry.record.package, file.name, file.size, file.sha256, erased_by)


@dataclass(frozen=True, slots=True)
class Released:
    """What erasing some records takes out of the folder: the records among them that refer to files which are kept, and
    the files to which no other such record refers, each with its size in bytes."""

    records: frozenset[int]
    files: dict[str, int]

    @property
    def size(self) -> int:
        """How many bytes the files take."""
        return sum(self.files.values())


def released_by(ledger: LedgerReader, numbers: Collection[int]) -> Released:
    """What erasing the records with these numbers takes out of the folder. Raises LedgerProblem."""
    wanted = frozenset(numbers)
    kept = [file for file in files_on_record(ledger) if file.erased_by is None]
    mine = [file for file in kept if file.entry in wanted]
    others = {file.sha256 for file in kept if file.entry not in wanted}
    files = {file.sha256: file.size or 0 for file in mine if file.sha256 not in others}
    return Released(frozenset(file.entry for file in mine), files)


def delete_erased(ledger: LedgerReader) -> None:
    """Delete the files that were erased by what is on record, and to which no other record refers: also those that an
    earlier time could not. Raises EvidenceProblem where one cannot be deleted, LedgerProblem."""
    on_record = list(files_on_record(ledger))
    erased = {file.sha256 for file in on_record if file.erased_by is not None}
    folder = EvidenceFolder(ledger.path)
    present = erased.intersection(folder.names())
    if not present:
        return
    try:
        with folder.locked():
            # Asked again: another program may have put on record meanwhile that it keeps one of them.
            kept = {file.sha256 for file in files_on_record(ledger) if file.erased_by is None}
            for sha256 in sorted(present - kept):
                folder.delete(sha256)
    except OSError as error:
        raise EvidenceProblem(
            T("Files that the log says were erased are still in the folder {folder}.", folder=str(folder.path)),
            T("Ask your IT support for permission to delete them; the next erasing tries it again."),
            str(error),
            code="evidence-not-deleted",
        ) from error
