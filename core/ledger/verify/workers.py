"""The work on many records, shared by several processes; what they find is put together in order."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from core.jobs import Cancel, Progress, Report
from core.ledger.problems import LedgerProblem
from core.ledger.tlog.signatures import true_signatures
from core.ledger.verify.record_check import ExaminedRecords
from core.ledger.verify.verifier import LogVerifier, PendingSignature
from core.text import T

_Value = TypeVar("_Value")

#: Signatures that one process is given at a time.
_SIGNATURES: Final = 2_000
#: Stretches that are under way for each process: what waits to be put together takes memory.
_AHEAD: Final = 3


class WorkersLost(LedgerProblem):
    """A process that was verifying ended by itself, or was ended."""

    code = "workers-lost"

    def __init__(self, detail: str) -> None:
        super().__init__(
            T("The verification was broken off by the computer."),
            T("Close other programs so that there is more memory, then verify again."),
            detail,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Work for one process, and how much of the whole it is."""

    examine: Callable[..., ExaminedRecords]
    values: tuple[Any, ...]
    length: int


def run_batches(
    verifier: LogVerifier, batches: Iterator[Batch], whole: int, is_long: bool, report: Report, cancel: Cancel
) -> None:
    """Examine the batches, in other processes if the log `is_long`, and hand the results to `verifier` in order."""
    with _pool(is_long) as (pool, ahead):
        reading: deque[tuple[Future[ExaminedRecords], int]] = deque()
        signing: deque[tuple[Future[list[bool]], list[PendingSignature]]] = deque()
        waiting: list[PendingSignature] = []
        records_done = 0

        def check_signatures(least: int) -> None:
            """Have them checked while more than `least` of them wait."""
            while len(waiting) > least:
                batch = waiting[:_SIGNATURES]
                del waiting[:_SIGNATURES]
                signing.append((pool.submit(true_signatures, [signed for signed, _, _ in batch]), batch))

        def reject_false_ones(limit: int) -> None:
            """Wait until no more than `limit` checks are under way."""
            while len(signing) > limit:
                cancel.check()
                future, pending = signing.popleft()
                for true, (_, kind, size) in zip(future.result(), pending, strict=True):
                    if not true:
                        verifier.reject_signature(kind, size)

        def take_first() -> None:
            nonlocal records_done
            cancel.check()
            future, length = reading.popleft()
            verifier.add_records(future.result())
            waiting.extend(verifier.take_pending())
            check_signatures(_SIGNATURES)
            reject_false_ones(ahead)
            records_done += length
            report(Progress(T("Verifying the log"), min(records_done / whole, 1.0)))

        for batch in batches:
            reading.append((pool.submit(batch.examine, *batch.values), batch.length))
            if len(reading) >= ahead:
                take_first()
        while reading:
            take_first()
        check_signatures(0)
        reject_false_ones(0)


class _InThisProcess(Executor):
    """Does at once what a pool does in others."""

    def submit(self, work: Callable[..., _Value], /, *values: Any, **keywords: Any) -> Future[_Value]:
        future: Future[_Value] = Future()
        try:
            future.set_result(work(*values, **keywords))
        except Exception as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def _pool(is_long: bool) -> Iterator[tuple[Executor, int]]:
    """Processes to share the work with, if there is enough of it, and how many stretches are to be under way."""
    processes = min(os.cpu_count() or 1, 8)
    if not is_long or processes < 2:
        yield _InThisProcess(), 1
        return
    # Processes: a window that has no long log to verify needs none.
    from core.system.processes.worker_processes import BrokenProcessPool, worker_pool

    pool = worker_pool(processes)
    try:
        yield pool, processes * _AHEAD
    except BrokenProcessPool as error:
        raise WorkersLost(str(error)) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
