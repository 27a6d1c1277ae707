"""The log's records in files that can be read, kept and checked without Fanion.

Each export is a folder of its own. It always has the exact leaves and the seals, so that what was made out of them in
other forms can be held against what was sealed, and a program of sixty lines that does the checking.
"""

from __future__ import annotations

import contextlib
import errno
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from core.jobs import Cancel, Progress, Report
from core.ledger.problems import DamagedLedger
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, read_entry
from core.ledger.seals import NotSealed, Seal
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.notes import Note, NoteError
from core.problem import Problem
from core.reports.filing import made_folder
from core.reports.ocsf.ocsf import OcsfEvents
from core.reports.tables.columns import CsvRows, ParquetRows, require_parquet
from core.reports.tables.csv_table import CsvSeparator
from core.system.files.disk_reservation import leave_reserve
from core.system.files.files import move_new, sync_folder, writing_new
from core.system.files.unfinished import unfinished_folder
from core.text import T, Text

#: Records that are fetched at a time: they never take more memory than these do.
_PAGE: Final = 500
#: Shares of the work of an export of chosen records that are done when they are found, and when all hashes are written.
_FOUND: Final = 0.3
_HASHED: Final = 0.5


class Format(StrEnum):
    """What is made of the records, beside the leaves themselves."""

    CSV = "csv"
    JSONL = "jsonl"
    OCSF = "ocsf"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class LogExport:
    """An export that is whole. `records` were written."""

    folder: Path
    records: int


class ExportProblem(Problem):
    """The records cannot be written there. Nothing is left behind."""

    code = "export"
    exit_code = 5


def export(
    ledger: LedgerReader,
    format: Format,
    chosen: Filter,
    folder: Path,
    report: Report,
    cancel: Cancel,
    *,
    personal: bool = False,
    separator: CsvSeparator = "comma",
    on_record: Callable[[int], object] = lambda records: None,
) -> LogExport:
    """Write the records up to the newest seal, or those of them that are `chosen`, into a new folder inside `folder`.

    `folder` is made if it is not there. What is added meanwhile is not among them. `personal`: CSV and Parquet have the
    serial numbers that are not erased; no other form ever has. `separator` stands between the cells of a CSV file.
    Raises ExportProblem, Problem, NotSealed or another LedgerProblem, and Cancelled; then nothing is left behind.
    `on_record` is told how many records there are, once everything is written and before the folder has its name: that
    it is handed out has to be on record first.
    """
    if chosen.since and chosen.until and chosen.since >= chosen.until:
        raise ExportProblem(
            T("The first day is after the last one; nothing was written."),
            T("Choose other days, then export again."),
            code="days-reversed",
            exit_code=2,
        )
    if format is Format.PARQUET:
        require_parquet()
    seal = ledger.newest_seal()
    if seal is None:
        raise NotSealed(max(ledger.count(), 1))
    for _ in ledger.reading():  # so that each record can be compared with what was sealed
        cancel.check()
    work = _Work(ledger, seal, report, cancel, separator, folder)
    with _translated(folder), made_folder(folder), unfinished_folder(folder, private=personal) as part:
        work.write_head(part)
        pages = work.pages(work.all_numbers)
        if chosen:
            numbers = work.numbers(chosen)
            if not numbers:
                raise ExportProblem(
                    T("No entry matches; nothing was written."),
                    T("Ask for other entries, then export again."),
                    code="nothing-chosen",
                )
            pages = work.pages(numbers, _HASHED)
            work.write_hashes(part)
        records = work.write_records(part, format, pages, personal)
        cancel.check()
        on_record(records)
        whole = _move_into_place(part, folder / f"fanion-log-{datetime.now():%Y-%m-%d-%H%M}")
    return LogExport(whole, records)


class _Rows(Protocol):
    """A form of the records beside the leaves."""

    def write(self, entries: Sequence[Entry]) -> None:
        """Add these."""

    def end(self) -> None:
        """Nothing comes any more."""


#: A record as it is stored, by number, leaf and hash; pages of them, each with the share that is done with it.
Stored: TypeAlias = tuple[int, bytes, bytes]
Pages: TypeAlias = Iterator[tuple[list[Stored], float]]


@dataclass(frozen=True, slots=True)
class _Work:
    """One export being made. What is added to the ledger meanwhile is beyond the seal, and not looked at."""

    ledger: LedgerReader
    seal: Seal
    report: Report
    cancel: Cancel
    separator: CsvSeparator
    folder: Path

    def write_head(self, part: Path) -> None:
        """What every export has, whatever is chosen: the seals, and what is needed to check with."""
        for name in ("verify_log.py", "README.md"):
            with writing_new(part / name, private=False) as file:
                file.write((resources.files("resources") / "audit" / name).read_bytes())
        with writing_new(part / "checkpoint", private=False) as file:
            file.write(bytes(self.seal.note))
        with writing_new(part / "seals.jsonl", private=False) as file:
            for size, note in self.ledger.notes():
                if size > self.seal.size:
                    break
                line = json.dumps({"size": size, "note": self._text(note)}, ensure_ascii=False, separators=(",", ":"))
                file.write(f"{line}\n".encode())
                self.cancel.check()

    def _text(self, note: bytes) -> str:
        try:
            Note.parse(note)
            return note.decode()
        except NoteError as error:
            raise DamagedLedger(self.ledger.path, f"a seal cannot be read: {error}") from error

    def numbers(self, chosen: Filter) -> array[int]:
        """The numbers of the chosen records up to the seal, the lowest first: 8 bytes for each."""
        chosen_numbers = array("q")
        for stretch in self.ledger.scan(chosen):
            self._step(T("Looking for the entries"), stretch.share * _FOUND)
            chosen_numbers.extend(number for number in stretch.numbers if number <= self.seal.size)
        chosen_numbers.reverse()
        return chosen_numbers

    @property
    def all_numbers(self) -> Sequence[int]:
        """The numbers of all records up to the seal."""
        return range(1, self.seal.size + 1)

    def pages(self, numbers: Sequence[int], base_share: float = 0.0) -> Pages:
        """The records with these numbers, each as it was sealed; `base_share` is the share that is done before."""
        for start in range(0, len(numbers), _PAGE):
            page = self.ledger.stored(numbers[start : start + _PAGE])
            yield page, base_share + (start + len(page)) / len(numbers) * (1 - base_share)

    def write_hashes(self, part: Path) -> None:
        """The hash of each record up to the seal on the line of its number, so that size and root can be checked."""
        with writing_new(part / "hashes.txt", private=False) as file:
            for page, share in self.pages(self.all_numbers):
                self._step(T("Writing the fingerprints of all entries"), _FOUND + share * (_HASHED - _FOUND))
                file.write("".join([f"{leaf_hash.hex()}\n" for _, _, leaf_hash in page]).encode())

    def write_records(self, part: Path, format: Format, pages: Pages, personal: bool) -> int:
        """The leaves as they were hashed, one a line, and the other form beside them; returns how many."""
        line_count = 0
        with contextlib.ExitStack() as files:
            leaves = files.enter_context(writing_new(part / "leaves.jsonl", private=False))
            rows = self._rows(part, format, files)
            for page, share in pages:
                self._step(T("Exporting the log"), share)
                lines = b"\n".join([*(leaf for _, leaf, _ in page), b""])
                if lines.count(b"\n") != len(page):
                    raise DamagedLedger(self.ledger.path, f"a record up to number {page[-1][0]} has several lines")
                leaves.write(lines)
                line_count += len(page)
                if rows is not None:
                    rows.write(self._entries(page, personal))
            if rows is not None:
                rows.end()
        return line_count

    def _rows(self, part: Path, format: Format, files: contextlib.ExitStack) -> _Rows | None:
        match format:
            case Format.CSV:
                file = files.enter_context(writing_new(part / "records.csv", private=False))
                return CsvRows(file, self.separator)
            case Format.PARQUET:
                about = {"origin": self.seal.checkpoint.origin, "size": str(self.seal.size)}
                rows = ParquetRows(files.enter_context(writing_new(part / "records.parquet", private=False)), about)
                files.callback(rows.close)
                return rows
            case Format.OCSF:
                file = files.enter_context(writing_new(part / "events.jsonl", private=False))
                return OcsfEvents(file, self.seal.checkpoint.origin, self._numbered)
            case Format.JSONL:
                return None

    def _numbered(self, numbers: Sequence[int]) -> Sequence[Entry]:
        """The records with these numbers, of those up to the seal."""
        return self.ledger.entries_numbered([number for number in numbers if number <= self.seal.size])

    def _entries(self, page: Sequence[Stored], personal: bool) -> Sequence[Entry]:
        if personal:
            return self.ledger.entries_numbered([seq for seq, _, _ in page])
        try:
            return [read_entry(*stored, openings=None) for stored in page]
        except (ValueError, TypeError) as error:
            raise DamagedLedger(self.ledger.path, str(error)) from error

    def _step(self, doing: Text, share: float) -> None:
        self.cancel.check()
        leave_reserve(self.folder, self.ledger.path)
        self.report(Progress(doing, share))


def _move_into_place(part: Path, target: Path) -> Path:
    """Give the folder the name that is wanted, or that with the first number behind it that is free."""
    sync_folder(part)
    for number in count(1):
        folder = target if number == 1 else target.with_name(f"{target.name}-{number}")
        with contextlib.suppress(FileExistsError):
            move_new(part, folder)
            return folder
    raise AssertionError("there are numbers enough")


@contextlib.contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turn the world's faults at the files that are written into ExportProblems; the ledger translates its own."""
    try:
        yield
    except OSError as error:
        place = str(folder)
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:  # full, or the file would be larger than that disk takes
                sentence = T("There is not enough room for the export in the folder {folder}.", folder=place)
                next_step = T("Free some space there or choose another folder, then export again.")
            case errno.ENOENT | errno.ENOTDIR | errno.EEXIST | errno.EACCES | errno.EPERM | errno.EROFS:
                sentence = T("Nothing can be written into the folder {folder}.", folder=place)
                next_step = T("Choose another folder, then export again.")
            case _:  # such as a disk that was unplugged
                sentence = T(
                    "The export could not be written into the folder {folder}: the disk reported an error.",
                    folder=place,
                )
                next_step = T("Check that the disk is connected, then export again.")
        raise ExportProblem(sentence, next_step, str(error)) from error
