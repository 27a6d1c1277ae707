"""What several benchmarks stand on: Debian's adbd on loopback, practice phones of another process, a link that counts
what passes, and clocks."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger.file.database import open_for_writing
from core.phones.android.link.link import Link
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.driver import Driver
from core.visit.phone_source import DeskPhone

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
_ADBD = Path("/usr/lib/android-sdk/platform-tools/adbd")


@contextlib.contextmanager
def unguarded(path: Path) -> Iterator[Database]:
    """A new ledger at `path` into which rows are put at once: its indexes and triggers are made again at the end."""
    with contextlib.closing(open_for_writing(path, practice=False)) as database:
        made = list(database.query("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"))
        again = [row for row in made if row["sql"]]
        database.execute("BEGIN IMMEDIATE")
        for row in again:
            database.execute(f"DROP {row['type']} {row['name']}")
        yield database
        for row in again:
            database.execute(row["sql"])
        database.execute("COMMIT")


def seconds(work: Callable[[], object], times: int) -> float:
    """The median of several runs, after one that does not count."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


@dataclass(frozen=True, slots=True)
class Taken:
    """How long work took (seconds): by the clock, and of the processor for this process alone."""

    clock: float
    processor: float


def at_once(works: Sequence[Callable[[], object]], times: int = 1) -> Taken:
    """The medians of several runs of all `works` at the same time, each on a thread of its own."""
    clocks, processors = [], []
    for _ in range(times):
        threads = [threading.Thread(target=work) for work in works]
        start, begun = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        clocks.append(time.perf_counter() - start)
        processors.append(time.process_time() - begun)
    return Taken(statistics.median(clocks), statistics.median(processors))


_SERVE = """
import sys
from dataclasses import replace
from core.simulator import PracticeServer, load
pace, filler, *names = sys.argv[1:]
phones = [load(name) for name in names]
if filler:
    phones = [replace(phone, filler=int(filler)) for phone in phones]
servers = [PracticeServer(phone, pace=float(pace)) for phone in phones]
print(*[server.port for server in servers], flush=True)
sys.stdin.read()
for server in servers:
    server.close()
"""


@contextlib.contextmanager
def practice_phones(*scenarios: str, pace: float = 1.0, filler: int | None = None) -> Iterator[list[int]]:
    """Practice phones that another process serves, so that neither their time nor their memory is measured: their
    ports. `pace` multiplies every time that they take, and `filler` is how many more apps each of them has."""
    command = [sys.executable, "-c", _SERVE, str(pace), "" if filler is None else str(filler), *scenarios]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as phones:
        assert phones.stdout is not None
        yield [int(port) for port in phones.stdout.readline().split()]
        phones.communicate("")


class ServedPhone(DeskPhone):
    """A practice phone of another process, as a desk reaches it."""

    def __init__(self, desk: Desk, port: int) -> None:
        super().__init__(desk)
        self.port = port

    def open(self, cancel: Cancel, on_ask: Callable[[str], None]) -> Driver:
        return self.desk.reach.address("127.0.0.1", self.port, cancel, on_ask)


def met(is_met: bool) -> str:
    """A target's outcome in words."""
    return "met" if is_met else "NOT MET"


def has_adbd() -> bool:
    """Whether Debian's adbd can be run here."""
    return _ADBD.exists() and shutil.which("g++") is not None and SHARED.is_dir()


def shim(folder: Path) -> Path:
    """What adbd is given in place of an Android around it, built in `folder`."""
    built = folder / "shim.so"
    source = SHARED / "lab/adbd-shim.cpp"
    subprocess.run(["g++", "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True)
    return built


@contextlib.contextmanager
def adbd(shim: Path, programs: Path) -> Iterator[int]:
    """A running adbd whose PATH begins with `programs`: its port."""
    command: list[str | Path] = [sys.executable, SHARED / "lab/adbd-run.py", "--shim", shim, "--path", programs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        port = int(runner.stdout.readline().split()[1])
        try:
            yield port
        finally:
            runner.terminate()
            runner.stdout.read()  # it has last words, which somebody must hear


def program(folder: Path, name: str, text: str) -> None:
    """A program of the phone's: a shell script `name` in `folder`."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


class Counting:
    """A link that counts round trips (commands) and the bytes that came, and keeps what was asked."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.how, self.loopback = link.how, link.loopback
        self.lasting, self.transport = link.lasting, link.transport
        self.forget()

    def forget(self) -> None:
        """What was until now does not count."""
        #: Each command, and whether it was asked for raw.
        self.asked: list[tuple[str, bool]] = []
        self.bytes = 0

    @property
    def trips(self) -> int:
        return len(self.asked)

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        self.asked.append((command, raw))

        def counted(data: bytes) -> None:
            self.bytes += len(data)
            feed(data)

        self._link.run(command, counted, cancel, limit, raw=raw)

    def close(self) -> None:
        self._link.close()
