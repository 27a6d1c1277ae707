"""Verification of a whole ledger, or of another desk's exported one, against the keys that it was enrolled with.

Records and signatures are looked at by several processes where there are many; what they find is put together in
order. Another desk's database is never opened: only the lines that it exported are read.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final, TypeVar

from core.jobs import Cancel, Progress, Report
from core.ledger.file.file_problems import translated
from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Proof, Verifier
from core.ledger.tlog.tree import TILE, Frontier
from core.ledger.verify.fault_texts import CACHE, GUARDS, INDEX, NO_SEALS, STRAYS, STRUCTURE
from core.ledger.verify.faults import Fault, FaultKind, Verification
from core.ledger.verify.key_history import earlier_logs, has_sealed
from core.ledger.verify.outside_copy import Copy
from core.ledger.verify.record_check import Stretch, end_with_parent, examine_ledger, true_signatures
from core.ledger.verify.verifier import BEFORE_THE_FIRST, Doubt, LogVerifier
from core.text import T, Text, plain

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
_SILENTLY: Final = T("A personal value of this entry is gone, and no entry says that it was erased.")
_ERASED_AND_HERE: Final = T("A personal value stands beside this entry, although an entry says that it was erased.")
_OF_THESE: Final = "SELECT DISTINCT seq FROM opening WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"
_HEAD_SIZE: Final = "SELECT CAST(size AS INTEGER) FROM head"
_NODES: Final = "SELECT level, position, ifnull(CAST(hash AS BLOB), x'') FROM node WHERE (position + 1) << level <= ?"
#: How SQLite says that an index has other rows than its table: https://www.sqlite.org/pragma.html#pragma_integrity_check
_OF_AN_INDEX: Final = re.compile(r"missing from index|entries in index|entry in index|PRIMARY KEY")
_NEXT: Final = "SELECT seq FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1"


class CopyRefused(LedgerProblem):
    """What was brought to compare with is no outside copy of this log."""

    code = "copy-refused"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            T("{file} cannot be compared with this log: {why}.", file=name, why=why),
            T("Bring a receipt, a proof or a checkpoint of this log."),
        )


class CopyOfAnotherLog(CopyRefused):
    """What was brought is about a log of another name: another desk's, or the one that this one has replaced."""

    code = "copy-of-another-log"

    def __init__(self, name: str, origin: str) -> None:
        super().__init__(name, T("it is about another log, {origin}", origin=plain(origin, 200)))
        self.next_step = T(
            "If it is another desk’s, bring one of this desk. If it is of this desk, its log was replaced by this one: "
            "keep everything, and tell whoever is responsible for security."
        )


def outside_copy(name: str, found: Proof | Note, enrolment: Enrolment, later: Sequence[Verifier] = ()) -> Copy:
    """An outside copy, once it is certain that the desk itself has signed it. Raises CopyRefused.

    `later` are identity keys that the log says it went on with: that it did, is a fault of its own.
    """
    note = found.note if isinstance(found, Proof) else found
    try:
        checkpoint = Checkpoint.parse(note.text)
    except NoteError as error:
        raise CopyRefused(name, error.why) from error
    if checkpoint.origin != enrolment.origin:
        raise CopyOfAnotherLog(name, checkpoint.origin)
    if not any(key.has_signed(note) for key in (enrolment.identity, *later)):
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
    judge = LogVerifier(enrolment, pinned, seals, copies)
    with translated(ledger.path, reading=True):
        work(judge, _stretches(ledger, count), count, count >= _FEW, report, cancel)
    _beside(ledger, judge)
    _erased(ledger, judge)
    _before(ledger, judge, enrolment)
    report(Progress(T("Comparing the indexes with the entries"), 1.0))
    _structure(ledger.flaws(cancel), judge)
    return judge.end()


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
class Batch:
    """Work for one process, and how much of the whole it is."""

    examine: Callable[..., Stretch]
    values: tuple[Any, ...]
    length: int


def work(judge: LogVerifier, stints: Iterator[Batch], whole: int, many: bool, report: Report, cancel: Cancel) -> None:
    """Have the stints done, in processes of their own if they are `many`, and tell the judge in their order."""
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
                        verifier.reject_signature(doubt)

        def hear() -> None:
            nonlocal done
            cancel.check()
            future, length = reading.popleft()
            verifier.add_records(future.result())
            waiting.extend(verifier.take_pending())
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

    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), end_with_parent)
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


def _beside(ledger: LedgerReader, judge: LogVerifier) -> None:
    """What stands beside the records: the guards against change, and what is kept of the tree."""
    if not ledger.has_its_guards():
        verifier.add_fault(Fault(FaultKind.GUARDS, 0, 0, GUARDS))
    if ledger.rows(BEFORE_THE_FIRST, []):
        verifier.add_fault(Fault(FaultKind.OUT_OF_ORDER, 0, 0, STRAYS))
    if not judge.broken and not (ledger.knows_its_tree(judge.tree) and _has_its_nodes(ledger, judge.tree)):
        verifier.add_fault(Fault(FaultKind.CACHE, 0, 0, CACHE))


def _structure(flaws: Sequence[str], judge: LogVerifier) -> None:
    """The file as SQLite sees it. Where more is wrong than an index, what was found at the entries says it better."""
    if any(_OF_AN_INDEX.search(flaw) for flaw in flaws):
        verifier.add_fault(Fault(FaultKind.INDEX, 0, 0, INDEX))
    elif flaws and judge.intact:
        verifier.add_fault(Fault(FaultKind.STRUCTURE, 0, 0, STRUCTURE))


def _erased(ledger: LedgerReader, judge: LogVerifier) -> None:
    """Personal values that are gone: an erasure is on record, and stands behind the record that had them.

    And those that are not gone, although it does: an erasure takes all that a record has, and none ever comes back.
    """
    try:
        erased = ledger.erasures()
        gone = [number for number, by in erased.items() if number < by]
        here = ledger.rows(_OF_THESE, [json.dumps(gone)]) if gone else []
    except DamagedLedger:
        if judge.unopened:
            raise
        return  # what cannot be read back is said of the stretch, or of the structure
    for (number,) in here:
        verifier.add_fault(Fault(FaultKind.FALSE_OPENING, number, number, _ERASED_AND_HERE))
    for number in judge.unopened:
        if erased.get(number, 0) <= number:
            verifier.add_fault(Fault(FaultKind.NOT_ON_RECORD, number, number, _SILENTLY))


def _before(ledger: LedgerReader, judge: LogVerifier, enrolment: Enrolment | None) -> None:
    """What the folder of the keys tells of logs that were here before this one."""
    if enrolment is not None and not ledger.newest_sizes(1) and has_sealed(ledger.path, enrolment):
        verifier.add_fault(Fault(FaultKind.SEAL_MISSING, 0, 0, NO_SEALS))
    for earlier in earlier_logs(ledger.path):
        what = T("This computer had another log before, {log}, which is not here any more.", log=plain(earlier, 200))
        verifier.add_fault(Fault(FaultKind.EARLIER_LOG, 0, 0, what))


def _has_its_nodes(ledger: LedgerReader, tree: Frontier) -> bool:
    """Whether the subtrees that are kept are those of `tree`: each level makes up the one above, and all the root."""
    if not ledger.newest_sizes(1):
        return True
    # Records that an older Fanion has added since the last writing of this one are in no subtree yet.
    size = min(tree.size, *(row[0] for row in ledger.rows(_HEAD_SIZE, [])))
    kept = {(row[0], row[1]): row[2] for row in ledger.rows(_NODES, [size])}
    tiles, made = Frontier(), dict[tuple[int, int], bytes]()
    for position in range(size >> TILE):
        hashed = kept.get((TILE, position), b"")
        made[TILE, position] = hashed
        for level, above, node in tiles.append_and_tell(hashed):
            made[level + TILE, above] = node
    return kept == made and (size < tree.size or tree.hashes.startswith(tiles.hashes))


def _stretches(ledger: LedgerReader, count: int) -> Iterator[Batch]:
    """Stretches of numbers with records in them: a number far from the others, which anybody can put there, costs no
    time."""
    done, first = 0, 1
    while first <= count:
        try:
            found = ledger.rows(_NEXT, [first])
            if not found:
                return
            first = max(first, int(found[0][0]))  # a page in another's place may have any number
        except LedgerProblem:
            # The page is damaged: look at its numbers one by one. No file has more records than bytes.
            if first > ledger.path.stat().st_size:
                return
        last = min(first + _RECORDS - 1, count)
        yield Batch(examine_ledger, (str(ledger.path), first, last), last - done)
        done, first = last, last + 1
