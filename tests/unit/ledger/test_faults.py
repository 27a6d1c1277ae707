"""The world's faults: power cuts, full disks, other programs. Either a record is on disk, or the officer is told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.ledger import (
    FolderNotWritable,
    LedgerBusy,
    LedgerFault,
    LedgerMoved,
    NoSpace,
    ReadOnlyLedger,
    UnfinishedLedger,
)
from core.ledger.entries import Entry
from core.ledger.leaf import leaf_hash
from core.ledger.records import CheckStarted
from core.ledger.store import Ledger
from core.model import Phone

ROOT = Path(__file__).resolve().parents[3]

APPENDING = """if True:
    import os, sys
    from pathlib import Path
    from core.ledger.records import CheckStarted
    from core.ledger.store import Ledger
    from core.model import Phone
    from core.text import T
    ledger = Ledger.open(Path(sys.argv[1]), desk="", officer="", app_version="")
    phone = Phone("android", "a", "b", "14", "serial")
    for _ in range(int(sys.argv[2])):
        entry = ledger.append(CheckStarted(T("over USB")), phone=phone)
        os.write(1, b"%d\\n" % entry.seq)
"""


def appending(path: Path, times: int) -> subprocess.Popen[bytes]:
    """Another program that appends, and prints each number once it is told that it is safe."""
    program = [sys.executable, "-W", "error", "-c", APPENDING, str(path), str(times)]
    return subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE)


def until_it_fails(act: Callable[[], object]) -> None:
    for _ in range(100_000):
        act()


def is_whole(ledger: Ledger) -> bool:
    entries = list(ledger.entries())
    assert ledger._database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert all(e.leaf_hash == leaf_hash(e.exact) and e.revealed("device.serial") for e in entries)
    return [e.seq for e in entries] == list(range(1, len(entries) + 1))


def test_killed_at_any_moment_nothing_is_lost(open_ledger: Callable[..., Ledger], path: Path) -> None:
    """Twenty programs append for ever; each is killed without warning after another number of records."""
    acknowledged = 0
    for after in range(20):
        with appending(path, 1_000_000) as program:
            assert program.stdout is not None
            for _ in range(after % 5):
                program.stdout.readline()
            program.kill()
            told = program.stdout.read().split()
        acknowledged = max([acknowledged + after % 5, *map(int, told)])
        if not path.exists():
            continue  # killed before it had begun
        with open_ledger() as ledger:
            assert ledger.count() >= acknowledged
            assert is_whole(ledger)
            acknowledged = ledger.count()
    assert acknowledged >= 20


def test_two_programs_at_once_lose_nothing(open_ledger: Callable[..., Ledger], path: Path) -> None:
    with appending(path, 60) as first, appending(path, 60) as second:
        told = [int(n) for program in (first, second) for n in (program.stdout or [])]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sorted(told) == list(range(1, 121))
    ledger = open_ledger()
    assert ledger.count() == 120
    assert is_whole(ledger)


def test_full_disk(small_disk: Path, open_ledger: Callable[..., Ledger], started: CheckStarted, phone: Phone) -> None:
    path = small_disk / "ledger.db"
    ledger = open_ledger(path)
    ledger.append(started, phone=phone)
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        until_it_fails(lambda: file.write(bytes(4_096)))
    acknowledged: list[Entry] = []
    with pytest.raises(NoSpace, match="disk is full"):
        until_it_fails(lambda: acknowledged.append(ledger.append(started, phone=phone)))
    assert list(ledger.entries(after=1)) == acknowledged
    with pytest.raises(NoSpace):
        open_ledger(small_disk / "other" / "ledger.db")
    ballast.unlink()
    ledger.append(started, phone=phone)
    assert ledger.count() == len(acknowledged) + 2
    assert is_whole(ledger)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_file_that_may_not_grow(ledger: Ledger, started: CheckStarted, phone: Phone, path: Path) -> None:
    import resource

    ledger.append(started, phone=phone)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, usual[1]))
    acknowledged: list[Entry] = []
    try:
        with pytest.raises(LedgerFault):
            until_it_fails(lambda: acknowledged.append(ledger.append(started, phone=phone)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(ledger.entries(after=1)) == acknowledged
    ledger.append(started, phone=phone)
    assert is_whole(ledger)


def test_read_only(
    open_ledger: Callable[..., Ledger], path: Path, started: CheckStarted, make_read_only: Callable[[Path], None]
) -> None:
    ledger = open_ledger()
    ledger.append(started)
    ledger.close()
    make_read_only(path.parent)
    with pytest.raises(ReadOnlyLedger, match="read-only"):
        open_ledger()
    with pytest.raises(FolderNotWritable):
        open_ledger(path.with_name("other.db"))
    with pytest.raises(FolderNotWritable):
        open_ledger(path.parent / "folder" / "ledger.db")


def test_becomes_read_only_while_it_is_open(
    ledger: Ledger, path: Path, started: CheckStarted, make_read_only: Callable[[Path], None]
) -> None:
    ledger.append(started)
    make_read_only(path.parent)
    with pytest.raises(FolderNotWritable):
        ledger.append(started)
    assert ledger.count() == 1


def test_folder_that_is_a_file(open_ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "ledger.db", tmp_path / "file" / "folder" / "ledger.db"):
        with pytest.raises(FolderNotWritable):
            open_ledger(path)


def test_another_program_keeps_it(ledger: Ledger, started: CheckStarted, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ledger._database.execute("PRAGMA busy_timeout=1")
        with pytest.raises(LedgerBusy, match="another program"):
            ledger.append(started)
        with pytest.raises(LedgerBusy):
            ledger.newest(1)
        other.execute("ROLLBACK")
    assert ledger.append(started).seq == 1


def test_reader_of_another_program_only_delays_the_commit(ledger: Ledger, started: CheckStarted, path: Path) -> None:
    ledger.append(started)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM entry").fetchall()
        ledger._database.execute("PRAGMA busy_timeout=1")
        with pytest.raises(LedgerBusy):
            ledger.append(started)
        other.execute("COMMIT")
    assert ledger.append(started).seq == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps an open file in its place")
def test_file_deleted_under_us(ledger: Ledger, started: CheckStarted, path: Path) -> None:
    ledger.append(started)
    path.unlink()
    with pytest.raises(LedgerMoved, match="moved or deleted"):
        ledger.append(started)


def test_unfinished_writing_is_repaired_by_the_writer_and_told_by_the_reader(
    open_ledger: Callable[..., Ledger], ledger: Ledger, started: CheckStarted, tmp_path: Path, path: Path
) -> None:
    """A copy taken in the middle of a transaction is what a power cut leaves behind."""
    ledger.append_all([started] * 50)
    inside = ledger._database
    inside.execute("PRAGMA cache_size=1")  # pages go into the file before the commit
    inside.execute("BEGIN IMMEDIATE")
    inside.execute("DELETE FROM opening")
    inside.execute("DROP TRIGGER entry_unchanged")
    inside.execute("UPDATE entry SET leaf_hash = zeroblob(32)")
    copy = tmp_path / "copy" / "ledger.db"
    copy.parent.mkdir()
    for file in (path, path.with_name("ledger.db-journal")):
        (copy.parent / file.name).write_bytes(file.read_bytes())
    inside.rollback()
    assert copy.read_bytes() != path.read_bytes()
    with pytest.raises(UnfinishedLedger, match="cut off"):
        Ledger.read(copy)
    repaired = open_ledger(copy)
    assert list(repaired.entries()) == list(ledger.entries())


def test_failure_in_the_middle_of_a_batch_leaves_nothing(ledger: Ledger, started: CheckStarted) -> None:
    looks = 0

    def broken_clock() -> object:
        nonlocal looks
        looks += 1
        raise sqlite3.OperationalError("disk I/O error") if looks == 3 else KeyboardInterrupt

    whole = ledger._clock
    ledger._clock = broken_clock  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        ledger.append_all([started] * 5)
    ledger._clock = whole
    assert ledger.append(started).seq == 1
