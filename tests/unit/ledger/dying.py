"""A program that writes into a ledger and is killed at one moment after the other. Started by tests, not by pytest.

    python -W error -m tests.unit.ledger.dying TASK FOLDER     FOLDER has a ledger, or is empty

For every SQL statement and every step at a file of the keys, it makes a copy of FOLDER, and a process of its own that
carries TASK out and is killed there. Then it looks whether the ledger is as it has to be, and prints what is not.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
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

_moments = 0
_last_moment = 0


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


def moment() -> None:
    """One of the moments at which the program may be killed."""
    global _moments
    _moments += 1
    if _moments == _last_moment:
        os.kill(os.getpid(), signal.SIGKILL)


def watch(at: int) -> None:
    """From now on, count, and be killed at moment number `at`."""
    global _moments, _last_moment
    _moments, _last_moment = 0, at
    connect = database._connect

    def connected(
        path: Path, mode: str, waiting: Waiting | None = None, opened: os.stat_result | None = None
    ) -> Database:
        made = connect(path, mode, waiting, opened)
        made.conn.set_trace_callback(lambda statement: moment())
        return made

    database._connect = connected
    for name in ("open", "write", "fsync", "replace", "mkdir", "unlink"):
        setattr(os, name, _counted(getattr(os, name)))


def _counted(act: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*values: Any, **named: Any) -> Any:
        moment()
        try:
            return act(*values, **named)
        finally:
            moment()

    return counted


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


def killed(task: Callable[[Path, Tell], None], path: Path, at: int) -> tuple[bool, int]:
    """Whether the task was killed before its end, and how many records were acknowledged until then."""
    reading, telling = os.pipe()
    write = os.write
    child = os.fork()
    if child == 0:
        try:
            watch(at)
            task(path, lambda ledger: (write(telling, b"%d\n" % _count(ledger)), None)[1])
        except BaseException as error:
            write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    os.close(telling)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        acknowledged = max((int(line) for line in told), default=0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"failed by itself at {at}")
    return os.WIFSIGNALED(status), acknowledged


def _count(ledger: Ledger) -> int:
    """Without a statement that would count."""
    database_of(ledger).conn.set_trace_callback(None)
    count = ledger.count()
    database_of(ledger).conn.set_trace_callback(lambda statement: moment())
    return count


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


def main(task: str, folder: Path) -> dict[str, Any]:
    path = folder / "ledger.db"
    enrolled = read_enrolment(path)
    there = 0
    if path.exists():
        with Ledger.read(path) as reader:
            there = reader.count()
    failures: list[str] = []
    at = 0
    while True:
        at += 1
        copy = folder.with_name(f"{folder.name}-killed")
        if folder.exists():
            shutil.copytree(folder, copy)
        was_killed, acknowledged = killed(TASKS[task], copy / "ledger.db", at)
        if not was_killed:
            break
        failures += [
            f"killed at {at}: {what}" for what in wrong(copy / "ledger.db", max(acknowledged, there), enrolled)
        ]
        shutil.rmtree(copy)
    return {"kills": at - 1, "failures": failures}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
