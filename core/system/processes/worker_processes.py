"""Processes of Python's that do a part of the work for this one: how they are begun, and how they end with it.

Python begins one with ``-c``, and then its working directory comes first among the folders in which modules are looked
for, before it has been told those of this process: a folder ``multiprocessing`` there would be taken for Python's. So a
worker, and the tracker that Python starts beside workers, begins with the environment of Fanion's own processes, in
which ``PYTHONSAFEPATH`` leaves that folder out.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool as BrokenProcessPool
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Protocol

from core.system.processes.surroundings import environment_of, own_environment, safe_folder


class Receiver(Protocol):
    """The end of a pipe at which a worker's answer arrives; its class is another one on Windows."""

    def poll(self, timeout: float, /) -> bool: ...
    def recv_bytes(self, maxlength: int, /) -> bytes: ...
    def close(self) -> None: ...


class Worker(SpawnProcess):
    """A process that believes nothing of the folder in which it begins."""

    def start(self) -> None:
        try:
            os.getcwd()
        except OSError:  # it was deleted, and Python could not tell the worker where to stand
            os.chdir(safe_folder())
        with environment_of(own_environment()):
            super().start()


class _SafeWorker(Worker):
    """A worker that also leaves its working directory: for work that names no files."""

    def run(self) -> None:
        os.chdir(safe_folder())
        super().run()


class _Context(SpawnContext):
    Process = Worker


def worker_pool(processes: int) -> Executor:
    """So many workers, which take calls and end with this process. They stand where it stands, and so find a file that
    is named from there. Where one ends by itself, BrokenProcessPool is raised; `shutdown` ends them all."""
    with environment_of(own_environment()):  # its locks bring the tracker
        return ProcessPoolExecutor(processes, _Context(), _end_with_parent)


def worker(work: Callable[..., object], *values: Any) -> tuple[Worker, Receiver]:
    """A worker that is to call `work` with `values` and a sender, and the receiver of what that sends. It has begun,
    stands in a safe folder and is ended where this process ends in good order. Raises OSError."""
    receiver, sender = _Context().Pipe(duplex=False)
    process = _SafeWorker(target=work, args=(*values, sender), daemon=True)
    try:
        process.start()
    except BaseException:
        receiver.close()
        raise
    finally:
        sender.close()
    return process, receiver


def _end_with_parent() -> None:
    """Have this process end when the one ends that it works for, however that ends."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
