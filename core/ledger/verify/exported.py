"""Verification of what another desk exported: only lines are read, which may be hostile, in bounded memory.

An export has all entries, or those that were chosen; of the others, it then has the hashes, so that every seal can be
compared all the same.
"""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from core.jobs import Cancel, Progress, Report
from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.records.leaf import INTEGER_LIMIT, LEAF_LIMIT, leaf_hash
from core.ledger.tlog.notes import NOTE_LIMIT, Checkpoint, Note, NoteError
from core.ledger.tlog.tree import HASH_BYTES
from core.ledger.verify.faults import Fault, FaultKind, Verification
from core.ledger.verify.outside_copy import BroughtCopy
from core.ledger.verify.record_check import SEQ, ExaminedRecords, LeafRow, examine, examine_lines
from core.ledger.verify.verifier import LogVerifier
from core.ledger.verify.workers import Batch, run_batches
from core.text import T, Text, plain

_LINES: Final = 8 << 20
#: Bytes that no leaf is shorter than: what stands in every one of them takes twice as many.
_SHORTEST: Final = 100
#: A hash in hex, and the end of its line.
_HEX: Final = 2 * HASH_BYTES + 1
_HASHES: Final = 10_000


class ExportUnusable(LedgerProblem):
    """The folder is no export, or not a whole one."""

    code = "export-unusable"

    def __init__(self, folder: Path, why: Text, detail: str = "") -> None:
        super().__init__(
            T("The folder {folder} cannot be verified: {why}.", folder=plain(str(folder), 500), why=why),
            T("Choose a folder that Fanion exported, with leaves.jsonl and checkpoint in it."),
            detail,
        )


def verify_export(
    folder: Path,
    enrolment: Enrolment | None,
    *,
    copies: Sequence[BroughtCopy] = (),
    report: Report,
    cancel: Cancel,
) -> Verification:
    """Verify what another desk exported. Raises ExportUnusable, LedgerProblem, Cancelled.

    Bounded: a stretch of lines is in memory at a time.
    """
    leaves = folder / "leaves.jsonl"
    with _export_reported(folder):
        if (folder / "hashes.txt").exists():
            return _verify_chosen(folder, enrolment, copies, report, cancel)
        size = _plain_file(leaves).stat().st_size
        whole = (folder / "seals.jsonl").exists()
        seals = _exported_seals(folder)
        verifier = LogVerifier(enrolment, enrolment is not None, seals, copies, all_seals=whole, only_sealed=True)
        run_batches(verifier, _line_batches(folder, leaves, cancel), size, size > _LINES, report, cancel)
        return verifier.end()


def _verify_chosen(
    folder: Path, enrolment: Enrolment | None, copies: Sequence[BroughtCopy], report: Report, cancel: Cancel
) -> Verification:
    """Some entries, and the hashes of all: every root is compared, and each entry with the hash at its number.

    The keys of the seals stand in entries that need not be here: only the desk's own signatures can be checked.
    """
    verifier = LogVerifier(
        enrolment, enrolment is not None, _exported_seals(folder), copies, only_sealed=True, epochs=False
    )
    with (
        _plain_file(folder / "hashes.txt").open("rb") as hashes,
        _plain_file(folder / "leaves.jsonl").open("rb") as leaves,
    ):
        whole = (folder / "hashes.txt").stat().st_size

        def added() -> Iterator[ExaminedRecords]:
            for stretch in _hashes(hashes):
                cancel.check()
                verifier.add_records(stretch)
                verifier.check_signatures()
                report(Progress(T("Verifying the log"), min(stretch.last * _HEX / whole, 1.0)))
                yield stretch

        # Side by side: each entry is compared with the very hash that the verifier was given, which is read only once.
        stretches, stretch = added(), ExaminedRecords(0, 0)
        count = 0
        for rows in _chosen(leaves):
            cancel.check()
            for kind, first, last in examine(rows).faults:
                if kind is not FaultKind.MISSING:
                    verifier.add_fault(
                        Fault(kind, first, last, T("The entry cannot be read, or is not as it was sealed."))
                    )
            for number, leaf, _ in rows:
                count += 1
                while stretch.last < number and (following := next(stretches, None)) is not None:
                    stretch = following
                at = (number - stretch.first) * HASH_BYTES
                if number > stretch.last or stretch.hashes[at : at + HASH_BYTES] != leaf_hash(leaf):
                    verifier.add_fault(
                        Fault(FaultKind.NOT_AS_SEALED, number, number, T("The entry is not as it was sealed."))
                    )
        for _ in stretches:
            pass  # behind the last entry that is here
    return verifier.end(chosen=count)


def _hashes(file: IO[bytes]) -> Iterator[ExaminedRecords]:
    number = 1
    while block := file.read(_HASHES * _HEX):
        lines = block.split(b"\n")
        if lines.pop() or any(len(line) != 2 * HASH_BYTES for line in lines):
            raise ValueError("a line is no hash")
        yield ExaminedRecords(number, number + len(lines) - 1, bytes.fromhex(b"".join(lines).decode("ascii")))
        number += len(lines)


def _chosen(file: IO[bytes]) -> Iterator[list[LeafRow]]:
    """The entries, each by the number that it says; one that says none, or an earlier one, raises ValueError."""
    rows, last = list[LeafRow](), 0
    while line := file.readline(LEAF_LIMIT + 2):
        match = SEQ.search(line)
        if not match or not last < int(match[1]) < INTEGER_LIMIT:
            raise ValueError("a line is no entry, or does not stand in its order")
        last = int(match[1])
        rows.append((last, line.removesuffix(b"\n"), None))
        if len(rows) == 1_000:
            yield rows
            rows = []
    if rows:
        yield rows


def _line_batches(folder: Path, leaves: Path, cancel: Cancel) -> Iterator[Batch]:
    """Stretches of whole lines. A line that is too long for a record will be none. Raises ExportUnusable."""
    with leaves.open("rb") as file:
        number, start = 1, 0
        while block := file.read(_LINES):
            cancel.check()
            rest = file.readline(LEAF_LIMIT + 2)
            lines = block.count(b"\n") + rest.count(b"\n") + (not (rest or block).endswith(b"\n"))
            if lines > _LINES // _SHORTEST:
                raise ExportUnusable(folder, T("it has lines in it that are no entries of a log"))
            end = start + len(block) + len(rest)
            yield Batch(examine_lines, (str(leaves), start, end, number), end - start)
            number, start = number + lines, end


def _exported_seals(folder: Path) -> Iterator[tuple[int, bytes]]:
    """The seals of an export, and its checkpoint, which is the last of them."""
    newest, last = _small(folder / "checkpoint"), b""
    path = folder / "seals.jsonl"
    if path.exists():
        with _plain_file(path).open("rb") as file:
            while line := file.readline(NOTE_LIMIT):
                seal = json.loads(line)
                size, last = seal["size"], str(seal["note"]).encode()
                if type(size) is not int or not 0 < size < 2**63:
                    raise ValueError(f"a seal over {size!r:.40} records")
                yield size, last
    if newest != last:
        yield Checkpoint.parse(Note.parse(newest).text).size, newest


def _plain_file(path: Path) -> Path:
    """`path`, if reading it comes to an end. Raises OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(f"{path} is no file")
    return path


def _small(path: Path) -> bytes:
    with _plain_file(path).open("rb") as file:
        return file.read(NOTE_LIMIT + 1)


@contextlib.contextmanager
def _export_reported(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ExportUnusable(folder, T("a file of it is missing"), str(error)) from error
    except OSError as error:
        raise ExportUnusable(folder, T("a file of it cannot be read"), str(error)) from error
    except NoteError as error:
        raise ExportUnusable(folder, error.why) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExportUnusable(folder, T("its seals cannot be read"), str(error)) from error
