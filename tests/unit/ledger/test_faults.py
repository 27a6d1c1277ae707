"""The world's faults: power cuts, full disks, other programs. Either a record is on disk, or the officer is told."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, silent
from core.ledger.file.clock import Instant
from core.ledger.file.open_ledger import translated
from core.ledger.problems import (
    DamagedLedger,
    FolderNotWritable,
    LedgerBusy,
    LedgerFault,
    LedgerMissing,
    LedgerMoved,
    LedgerProblem,
    NoSpace,
    ReadOnlyLedger,
    UnfinishedLedger,
)
from core.ledger.records import CheckStarted, Entry, Kind
from core.ledger.verify.faults import OF_THE_CLOCK, FaultKind
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.model import Phone
from tests.entries import personal
from tests.inside import database_of

ROOT = Path(__file__).resolve().parents[3]

APPENDING = """if True:
    import os, sys
    from pathlib import Path
    from core.ledger.records import CheckStarted
    from core.ledger.writer import Ledger
    from core.model import Phone
    from core.text import T
    ledger = Ledger(Path(sys.argv[1]), desk="", officer="", app_version="")
    phone = Phone("android", "a", "b", "14", "serial")
    for number in range(int(sys.argv[2])):
        entry = ledger.append(CheckStarted(T("over USB")), phone=phone, seal=number % 2 == 1)
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
    assert database_of(ledger).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert all(personal(e) for e in ledger.entries() if e.kind == "check-started")
    verified = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
    assert verified.intact  # whatever the clock says: the test has one of its own
    return verified.records == ledger.count()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost(open_ledger: Callable[..., Ledger], path: Path) -> None:
    """Eight programs append for ever; each is killed without warning after another number of records."""
    acknowledged = 0
    for after in range(8):
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
    assert acknowledged >= 8


def test_two_programs_at_once_lose_nothing(open_ledger: Callable[..., Ledger], path: Path) -> None:
    with appending(path, 60) as first, appending(path, 60) as second:
        told = [int(n) for program in (first, second) for n in (program.stdout or [])]
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(set(told)) == 120
    ledger = open_ledger()
    assert sorted(told) == [e.seq for e in ledger.entries() if e.kind == "check-started"]
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
        database_of(ledger).execute("PRAGMA busy_timeout=1")
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
        database_of(ledger).execute("PRAGMA busy_timeout=1")
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
    inside = database_of(ledger)
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


# --- seals and keys on a medium that fails


def fill(folder: Path) -> Path:
    """Take the last byte of a disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (4_096, 1):
            with pytest.raises(OSError, match="No space"):
                until_it_fails(lambda size=size: file.write(bytes(size)))  # type: ignore[misc]
    return ballast


def found_in(ledger: Ledger) -> list[FaultKind]:
    """What a whole verification finds, but for the clock, which is the test's own."""
    found = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
    return [fault.kind for fault in found.faults if fault.kind not in OF_THE_CLOCK]


def test_full_disk_with_seals_and_keys(
    small_disk: Path, open_ledger: Callable[..., Ledger], started: CheckStarted, phone: Phone
) -> None:
    path = small_disk / "ledger.db"
    ledger = open_ledger(path)
    ledger.append(started, phone=phone, seal=True)
    seals = [ledger.newest_seal()]
    ballast = fill(small_disk)
    told: list[NoSpace] = []

    def check() -> None:
        ledger.append_all([started] * 5, phone=phone, seal=True)
        seals.append(ledger.newest_seal())

    for _ in range(3):  # whoever tries again is told again
        with pytest.raises(NoSpace) as full:
            until_it_fails(check)
        told.append(full.value)
    assert {str(problem.sentence) for problem in told} == {f"The log file {path} cannot grow: the disk is full."}
    assert list(ledger.seals()) == seals
    assert ledger.unsealed() == 0  # nothing of what was refused is there
    ledger.close()
    ballast.unlink()
    again = open_ledger(path)
    again.append(started, phone=phone, seal=True)
    assert found_in(again) == []
    assert not again.newest(1, kind=Kind.KEYS_REPLACED)


def test_full_disk_before_there_are_keys(
    small_disk: Path, open_ledger: Callable[..., Ledger], started: CheckStarted
) -> None:
    ballast = fill(small_disk)
    with pytest.raises(NoSpace):
        open_ledger(small_disk / "ledger.db")
    for room in range(1, 40):  # one page more each time: it fails at another place
        ballast.write_bytes(bytes(max(0, ballast.stat().st_size - 4_096 * room)))
        try:
            ledger = open_ledger(small_disk / "ledger.db")
            ledger.append(started, seal=True)
        except NoSpace:
            continue
        break
    assert found_in(ledger) == []
    assert [e.kind for e in ledger.entries()] == ["check-started", "log-begun", "key-next"]


def test_read_only_medium_is_verified_and_proves(
    open_ledger: Callable[..., Ledger], tmp_path: Path, started: CheckStarted, make_read_only: Callable[[Path], None]
) -> None:
    path = tmp_path / "stick" / "ledger.db"
    with open_ledger(path) as ledger:
        ledger.append_all([started] * 300, seal=True)
        receipt = bytes(ledger.proof(150))
    (tmp_path / "receipt.tlog-proof").write_bytes(receipt)
    make_read_only(path.parent)
    desk = Desk(path.parent, Settings(officer="A. Roy", desk="Desk 4"))
    standing = log_evidence.log_status(desk, False)
    assert (standing.records, standing.sealed, standing.keys_in, standing.faults) == (302, 302, "file", ())
    found = log_evidence.verify(desk, False, [tmp_path / "receipt.tlog-proof"])
    assert (found.records, found.outside, found.intact) == (302, 302, True)
    assert log_evidence.proof_text(desk, False, 150) == receipt
    assert log_evidence.due(desk, False).records == ()
    with pytest.raises(ReadOnlyLedger):
        log_evidence.seal(desk, False)


class SetClock:
    """A calendar clock that can be set, a counter that cannot, and the name of the computer's start."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self.counter = 0
        self.boot = "boot-1"

    def __call__(self) -> Instant:
        self.time += timedelta(seconds=1)
        self.counter += 1_000
        return Instant(self.time, self.counter, self.boot)


@pytest.mark.parametrize("hours", [-30, 30])
@pytest.mark.parametrize("boot", ["boot-1", "boot-2"])
def test_a_clock_that_was_set_is_no_obstacle_and_is_found(
    path: Path, started: CheckStarted, hours: int, boot: str
) -> None:
    clock = SetClock()
    with Ledger(path, desk="", officer="", app_version="", clock=clock) as ledger:
        ledger.append(started, seal=True)
        clock.time += timedelta(hours=hours)
        clock.boot = boot
        first = ledger.append(started, seal=True)
        ledger.append(started, seal=True)
        found = verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel())
        if hours < 0:
            assert [(fault.kind, fault.first) for fault in found.faults] == [(FaultKind.CLOCK_BACK, first.seq)]
        elif boot == "boot-1":
            assert [(fault.kind, fault.first) for fault in found.faults] == [(FaultKind.CLOCK_FORWARD, first.seq)]
        else:
            assert found.faults == ()  # nobody can tell how long the computer was off
        assert found.intact
        assert found.sealed == ledger.count()


def test_a_damaged_page_is_told_and_the_rest_is_verified(
    open_ledger: Callable[..., Ledger], started: CheckStarted, phone: Phone, path: Path
) -> None:
    with open_ledger() as ledger:
        for _ in range(20):
            ledger.append_all([started] * 30, phone=phone, seal=True)
        enrolment, records = ledger.enrolment, ledger.count()
    page = path.read_bytes().index(b'"seq":300,') // 4_096
    with path.open("r+b") as file:
        file.seek(page * 4_096)
        file.write(b"\xa5" * 4_096)
    with Ledger.read(path) as reader:
        assert reader.count() == records
        found = verify(reader, enrolment, pinned=True, report=silent, cancel=Cancel())
        lost = [fault for fault in found.faults if fault.kind is FaultKind.LOST]
        assert lost
        assert len(lost) < records // 10
        assert {fault.kind for fault in found.faults} <= {FaultKind.LOST, FaultKind.MISSING, *OF_THE_CLOCK}
        assert not found.intact
        assert found.records == records
        with pytest.raises(DamagedLedger, match="damaged"):
            list(reader.entries())
        assert reader.newest(1)[0].seq == records
        assert 0 < found.sealed < records


@pytest.mark.parametrize("noise", [b"\0" * 4_096, b"\xff" * 4_096])
def test_damage_anywhere_ends_a_verification_in_words(
    open_ledger: Callable[..., Ledger], started: CheckStarted, path: Path, noise: bytes
) -> None:
    """Page after page: either the file opens and the damage is found, or it is said that it does not."""
    with open_ledger() as ledger:
        for _ in range(6):
            ledger.append_all([started] * 10, seal=True)
        enrolment = ledger.enrolment
    whole = path.read_bytes()
    for page in range(len(whole) // 4_096):
        path.write_bytes(whole[: page * 4_096] + noise + whole[(page + 1) * 4_096 :])
        # An index may be damaged without that any record is; so what is found is not asked here.
        with contextlib.suppress(LedgerProblem), Ledger.read(path) as reader:
            assert verify(reader, enrolment, pinned=True, report=silent, cancel=Cancel()).records > 0


def test_an_older_copy_of_everything_is_found_with_a_receipt_and_only_with_it(
    open_ledger: Callable[..., Ledger], started: CheckStarted, path: Path, tmp_path: Path
) -> None:
    """Ledger and keys put back together, as by whoever wants a check forgotten."""
    with open_ledger() as ledger:
        ledger.append_all([started] * 3, seal=True)
    shutil.copytree(path.parent, tmp_path / "backup")
    with open_ledger() as ledger:
        check = ledger.append(started, seal=True)
        receipt = tmp_path / "receipt.tlog-proof"
        receipt.write_bytes(bytes(ledger.proof(check.seq)))
        sheet = tmp_path / "keys.txt"
        sheet.write_text(ledger.enrolment.text)
    shutil.rmtree(path.parent)
    shutil.copytree(tmp_path / "backup", path.parent)
    desk = Desk(path.parent, Settings())
    with open_ledger() as ledger:
        assert found_in(ledger) == []
    assert log_evidence.verify(desk, False, keys=sheet).intact
    found = log_evidence.verify(desk, False, [receipt], sheet)
    assert [fault.kind for fault in found.faults if fault.kind not in OF_THE_CLOCK] == [FaultKind.CUT]
    assert "receipt.tlog-proof was made over 7 entries, but the log has only 5" in str(found.faults[-1].sentence)
    with open_ledger() as ledger:  # it grows over the length that it had
        for _ in range(5):
            ledger.append_all([started], seal=True)
    assert log_evidence.verify(desk, False, keys=sheet).intact
    found = log_evidence.verify(desk, False, [receipt], sheet)
    assert FaultKind.FORKED in [fault.kind for fault in found.faults]
    assert not found.intact


def test_a_log_on_a_key_that_was_pulled_is_missing_and_not_forbidden(tmp_path: Path) -> None:
    """A second log somewhere else is no advice then."""
    pulled = sqlite3.OperationalError("unable to open database file")
    pulled.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    with pytest.raises(LedgerMissing, match="that its disk is plugged in"), translated(tmp_path / "gone" / "ledger.db"):
        raise pulled
