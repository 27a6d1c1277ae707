"""Verification of a whole ledger, or of another desk's exported one, against the keys that it was enrolled with.

Records and signatures are looked at by several processes where there are many; what they find is put together in
order. Another desk's database is never opened: only the lines that it exported are read.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, TypeVar

from core.jobs import Cancel, Progress, Report
from core.ledger import LedgerProblem
from core.ledger.database import translated
from core.ledger.examine import Stretch, examine_ledger, examine_lines, true_signatures
from core.ledger.faults import Fault, FaultKind, Verification
from core.ledger.judge import BEFORE_THE_FIRST, GUARDS, STRAYS, Copy, Doubt, Judge
from core.ledger.keys import Enrolment
from core.ledger.leaf import LEAF_LIMIT
from core.ledger.notes import NOTE_LIMIT, Checkpoint, Note, NoteError, Proof
from core.ledger.reader import LedgerReader
from core.text import T, Text

_Value = TypeVar("_Value")

#: Records, or signatures, that one process is given at a time.
_RECORDS: Final = 10_000
_CLAIMS: Final = 2_000
#: Records below which a process of its own takes longer to start than to look.
_FEW: Final = 20_000
#: Stretches that are under way for each process: what waits to be put together takes memory.
_AHEAD: Final = 3
_LINES: Final = 8 << 20
#: Bytes that no leaf is shorter than: what stands in every one of them takes twice as many.
_SHORTEST: Final = 100
_NEXT: Final = "SELECT seq FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1"


class CopyRefused(LedgerProblem):
    """What was brought to compare with is no outside copy of this log."""

    code = "copy-refused"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            T("{file} cannot be compared with this log: {why}.", file=name, why=why),
            T("Bring a receipt, a proof or a checkpoint of this log."),
        )


class ExportUnusable(LedgerProblem):
    """The folder is no export, or not a whole one."""

    code = "export-unusable"

    def __init__(self, folder: Path, why: Text, detail: str = "") -> None:
        super().__init__(
            T("The folder {folder} cannot be verified: {why}.", folder=str(folder), why=why),
            T("Choose a folder that Fanion exported, with leaves.jsonl and checkpoint in it."),
            detail,
        )


def outside_copy(name: str, found: Proof | Note, enrolment: Enrolment) -> Copy:
    """An outside copy, once it is certain that the desk itself has signed it. Raises CopyRefused."""
    note = found.note if isinstance(found, Proof) else found
    try:
        checkpoint = Checkpoint.parse(note.text)
    except NoteError as error:
        raise CopyRefused(name, error.why) from error
    if checkpoint.origin != enrolment.origin:
        raise CopyRefused(name, T("it is about another log, {origin}", origin=checkpoint.origin[:200]))
    if not enrolment.identity.has_signed(note):
        raise CopyRefused(name, T("it is not signed by this desk"))
    return Copy(name, checkpoint, found if isinstance(found, Proof) else None)


def verify(
    ledger: LedgerReader,
    enrolment: Enrolment | None,
    *,
    pinned: bool,
    copies: Sequence[Copy] = (),
    report: Report,
    cancel: Cancel,
) -> Verification:
    """Verify a ledger that is open. Raises LedgerProblem, Cancelled."""
    # The last seal first, then the records: what is added meanwhile waits for the next time.
    newest = max(ledger.newest_sizes(1), default=0)
    count = ledger.count()
    seals = takewhile(lambda seal: seal[0] <= newest, ledger.notes())
    judge = Judge(enrolment, pinned, seals, copies)
    with translated(ledger.path, reading=True):
        _work(judge, _stretches(ledger, count), count, count >= _FEW, report, cancel)
    _beside(ledger, judge)
    return judge.end()


def verify_export(
    folder: Path,
    enrolment: Enrolment | None,
    *,
    copies: Sequence[Copy] = (),
    report: Report,
    cancel: Cancel,
) -> Verification:
    """Verify what another desk exported. Raises ExportUnusable, LedgerProblem, Cancelled.

    Bounded: a stretch of lines is in memory at a time, whoever wrote the file.
    """
    leaves = folder / "leaves.jsonl"
    with _export_reported(folder):
        if (folder / "hashes.txt").exists():
            raise ExportUnusable(folder, T("it has only some of the entries, which verify_log.py in it can verify"))
        size = _plain_file(leaves).stat().st_size
        judge = Judge(enrolment, enrolment is not None, _exported_seals(folder), copies)
        _work(judge, _line_stretches(folder, leaves, cancel), size, size > _LINES, report, cancel)
        return judge.end()


def enrolment_of_export(folder: Path) -> Checkpoint:
    """What the export says it is: the checkpoint over all of it. Nothing of it is proved. Raises ExportUnusable."""
    with _export_reported(folder):
        return Checkpoint.parse(Note.parse(_small(folder / "checkpoint")).text)


class _Here(Executor):
    """Does in this process what a pool does in others."""

    def submit(self, work: Callable[..., _Value], /, *values: Any, **named: Any) -> Future[_Value]:
        future: Future[_Value] = Future()
        try:
            future.set_result(work(*values, **named))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True, slots=True)
class Stint:
    """Work for one process, and how much of the whole it is."""

    examine: Callable[..., Stretch]
    values: tuple[Any, ...]
    length: int


def _work(judge: Judge, stints: Iterator[Stint], whole: int, many: bool, report: Report, cancel: Cancel) -> None:
    with _pool(many) as (pool, ahead):
        reading: deque[tuple[Future[Stretch], int]] = deque()
        signing: deque[tuple[Future[list[bool]], list[Doubt]]] = deque()
        waiting: list[Doubt] = []
        done = 0

        def sign(least: int) -> None:
            while len(waiting) > least:
                some = waiting[:_CLAIMS]
                del waiting[:_CLAIMS]
                signing.append((pool.submit(true_signatures, [claim for claim, _, _ in some]), some))

        def settle(most: int) -> None:
            while len(signing) > most:
                cancel.check()
                future, doubts = signing.popleft()
                for true, doubt in zip(future.result(), doubts, strict=True):
                    if not true:
                        judge.doubt(doubt)

        def hear() -> None:
            nonlocal done
            cancel.check()
            future, length = reading.popleft()
            judge.hear(future.result())
            waiting.extend(judge.claims())
            sign(_CLAIMS)
            settle(ahead)
            done += length
            report(Progress(T("Verifying the log"), min(done / whole, 1.0)))

        for stint in stints:
            reading.append((pool.submit(stint.examine, *stint.values), stint.length))
            if len(reading) >= ahead:
                hear()
        while reading:
            hear()
        sign(0)
        settle(0)


@contextlib.contextmanager
def _pool(many: bool) -> Iterator[tuple[Executor, int]]:
    """Processes to share the work with, if there is enough of it, and how many stretches are to be under way."""
    processes = min(os.cpu_count() or 1, 8)
    if not many or processes < 2:
        yield _Here(), 1
        return
    import multiprocessing

    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool, processes * _AHEAD
    except BrokenProcessPool as error:
        raise WorkersLost(str(error)) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class WorkersLost(LedgerProblem):
    """A process that was verifying ended by itself, or was ended."""

    code = "workers-lost"

    def __init__(self, detail: str) -> None:
        super().__init__(
            T("The verification was broken off by the computer."),
            T("Close other programs so that there is more memory, then verify again."),
            detail,
        )


def _beside(ledger: LedgerReader, judge: Judge) -> None:
    """What stands beside the records: the guards against change, and what is kept of the tree."""
    if not ledger.has_its_guards():
        judge.blame(Fault(FaultKind.GUARDS, 0, 0, GUARDS))
    if ledger.rows(BEFORE_THE_FIRST, []):
        judge.blame(Fault(FaultKind.OUT_OF_ORDER, 0, 0, STRAYS))
    if not judge.broken and not ledger.knows_its_tree(judge.tree):
        judge.blame(Fault(FaultKind.CACHE, 0, 0, T("What is kept beside the entries does not fit them.")))


def _stretches(ledger: LedgerReader, count: int) -> Iterator[Stint]:
    """Stretches of numbers with records in them: a number far from the others, which anybody can put there, costs no
    time."""
    done, first = 0, 1
    while first <= count:
        try:
            found = ledger.rows(_NEXT, [first])
            if not found:
                return
            first = int(found[0][0])
        except LedgerProblem:
            # The page is damaged: look at its numbers one by one. No file has more records than bytes.
            if first > ledger.path.stat().st_size:
                return
        last = min(first + _RECORDS - 1, count)
        yield Stint(examine_ledger, (str(ledger.path), first, last), last - done)
        done, first = last, last + 1


def _line_stretches(folder: Path, leaves: Path, cancel: Cancel) -> Iterator[Stint]:
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
            yield Stint(examine_lines, (str(leaves), start, end, number), end - start)
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
