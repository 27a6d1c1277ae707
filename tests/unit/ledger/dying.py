"""A program that writes into a ledger, and what is left of it if it is killed, at one moment after the other.

    python -W error -m tests.unit.ledger.dying TASK FOLDER     FOLDER has a ledger, or is empty

A process of its own carries TASK out in FOLDER. Before every SQL statement, and before and after every step at a file,
it stands still while the folder is copied: a copy is what a process leaves that is killed there, as what was written
survives its program. Then it is looked whether the ledger is in each copy as it has to be; what is not, is printed.
Where nothing was written since the moment before, there is one copy for both. Tests start it, and not pytest.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from core.jobs import Cancel, silent
from core.ledger.file import database
from core.ledger.keys.enrolment import Enrolment, keys_folder, read_enrolment
from core.ledger.problems import UnfinishedLedger
from core.ledger.records import CheckStarted, Kind
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.model import Phone
from core.system.files.file_lock import Waiting
from core.text import T
from tests.inside import database_of

STARTED = CheckStarted(T("over USB"))
PHONE = Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE")
Tell = Callable[[Ledger], None]


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Where there is such a place: what is written there survives its program, and that is all that is asked."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    made = Path(tempfile.mkdtemp(prefix="fanion-", dir=memory if usable else None))
    try:
        yield made
    finally:
        shutil.rmtree(made)


class Halting:
    """The process that stands still at each moment, until it is told to go on."""

    def __init__(self, telling: int, going: int) -> None:
        self._write, self._telling, self._going = os.write, telling, going
        self._acknowledged = 0
        self._silent = False

    def watch(self) -> None:
        """From now on, stand still at every statement and at every step at a file."""
        connect = database._connect

        def connected(
            path: Path, mode: str, waiting: Waiting | None = None, opened: os.stat_result | None = None
        ) -> Database:
            made = connect(path, mode, waiting, opened)
            made.conn.set_trace_callback(lambda statement: self.moment())
            return made

        database._connect = connected
        for name in ("open", "write", "fsync", "replace", "mkdir", "unlink"):
            setattr(os, name, self._watched(getattr(os, name)))

    def _watched(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*values: Any, **named: Any) -> Any:
            self.moment()
            try:
                return act(*values, **named)
            finally:
                self.moment()

        return watched

    def moment(self) -> None:
        """One of the moments at which the program may be killed."""
        if not self._silent:
            self._write(self._telling, b"%d\n" % self._acknowledged)
            os.read(self._going, 1)

    def acknowledge(self, ledger: Ledger) -> None:
        """Count the records that the program was told are safe; to count them is none of its moments."""
        self._silent = True
        self._acknowledged = ledger.count()
        self._silent = False


def opened(path: Path) -> Ledger:
    return Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test")


def grow(path: Path, tell: Tell) -> None:
    """A check that is sealed, a record that is not, one more check, and the end of the program."""
    with opened(path) as ledger:
        tell(ledger)
        ledger.append_all([STARTED, STARTED], phone=PHONE, seal=True)
        tell(ledger)
        ledger.append(STARTED)
        tell(ledger)
        ledger.append(STARTED, phone=PHONE, seal=True)
        tell(ledger)
        ledger.append(STARTED)
        tell(ledger)


def erase(path: Path, tell: Tell) -> None:
    with opened(path) as ledger:
        tell(ledger)
        ledger.erase_records(range(1, 20), "asked for")
        tell(ledger)


def just_open(path: Path, tell: Tell) -> None:
    """The tables are made, or brought up to date, and the keys with them."""
    with opened(path) as ledger:
        tell(ledger)


TASKS = {"grow": grow, "erase": erase, "open": just_open}


def moments(task: Callable[[Path, Tell], None], path: Path) -> Iterator[int]:
    """Each moment of the task while it stands still there: how many records were acknowledged until then."""
    (reading, telling), (waiting, going) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        halting = Halting(telling, waiting)
        try:
            halting.watch()
            task(path, halting.acknowledge)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    os.close(telling)
    os.close(waiting)
    with os.fdopen(reading) as told:
        for line in told:
            yield int(line)
            os.write(going, b"\n")
    os.close(going)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the task failed by itself")


def wrong(path: Path, acknowledged: int, enrolled: Enrolment | None) -> list[str]:
    """What is not as it has to be after a program was killed."""
    found = []
    if path.exists() and path.stat().st_size:
        with suppress(UnfinishedLedger):  # whoever only reads may not repair it
            Ledger.read(path).close()
    with opened(path) as ledger:
        if ledger.count() < acknowledged:
            found.append(f"{ledger.count()} records of {acknowledged}")
        told = enrolled or read_enrolment(path) or ledger.enrolment
        for _ in range(2):
            verified = verify(ledger, told, pinned=True, report=silent, cancel=Cancel())
            found += [f"{fault.kind} {fault.first}: {fault.sentence}" for fault in verified.faults]
            ledger.append(STARTED, phone=PHONE, seal=True)
        if ledger.newest(1, kind=Kind.KEYS_REPLACED):
            found.append("keys replaced")
        if ledger.enrolment != told:
            found.append("other keys")
        database_of(ledger).conn.set_trace_callback(None)
        if database_of(ledger).execute("PRAGMA integrity_check").fetchone() != ("ok",):
            found.append("integrity")
        slots = (keys_folder(path) / "epoch.keys").read_bytes()
        if sum(slots[i : i + 4] == b"FNE1" for i in (0, 64)) != 1:
            found.append("an old key was left")
    left = [f.name for f in path.parent.iterdir() if f.name.endswith("-journal")]
    return found + left


def content(folder: Path) -> dict[Path, bytes]:
    """The folder, if it is there, and all that is in it."""
    paths = [folder, *folder.rglob("*")] if folder.exists() else []
    return {path: path.read_bytes() if path.is_file() else b"" for path in paths}


def main(task: str, folder: Path) -> dict[str, Any]:
    path = folder / "ledger.db"
    enrolled = read_enrolment(path)
    there = 0
    if path.exists():
        with Ledger.read(path) as reader:
            there = reader.count()
    #: Each folder that may remain, how many records were acknowledged until then, and at which moment that was.
    remains: list[tuple[Path, int, int]] = []
    before: dict[Path, bytes] | None = None
    count = 0
    for acknowledged in moments(TASKS[task], path):
        count += 1
        now = content(folder)
        if now == before:
            copy = remains.pop()[0]
        else:
            before, copy = now, folder.with_name(f"{folder.name}-{count}")
            if folder.exists():
                shutil.copytree(folder, copy)
        remains.append((copy, max(acknowledged, there), count))
    failures: list[str] = []
    for copy, acknowledged, number in remains:
        failures += [f"killed at {number}: {what}" for what in wrong(copy / "ledger.db", acknowledged, enrolled)]
        shutil.rmtree(copy)
    return {"moments": count, "folders": len(remains), "failures": failures}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
