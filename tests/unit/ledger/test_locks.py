"""Locks: no program gets into another's writing, whatever that one does beside it, and none waits for ever."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.settings.settings_table import Settings
from core.jobs import Cancel, silent
from core.ledger.file import database
from core.ledger.file.clock import Instant, system_clock
from core.ledger.keys.enrolment import keys_folder
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.problems import DamagedLedger, LedgerBusy, LedgerProblem, NotALedger, UnfinishedLedger
from core.ledger.records import CheckStarted
from core.ledger.verify.ledger_check import verify
from core.ledger.verify.record_check import examine_ledger
from core.ledger.writer import Ledger
from core.problem import Cancelled
from core.system.files import file_lock
from core.system.files.file_lock import Waiting
from core.system.files.files import ensure_file
from core.text import T
from tests.inside import database_of

ROOT = Path(__file__).resolve().parents[3]
STARTED = CheckStarted(T("over USB"))

pytestmark = [
    pytest.mark.disk,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has locks of another kind, and no signals"),
]

TRYING = """if True:
    import sqlite3, sys
    database = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        print("in")
    except sqlite3.OperationalError:
        print("kept out")
"""

APPENDING = """if True:
    import sys
    from pathlib import Path
    from core.ledger.records import CheckStarted
    from core.ledger.writer import Ledger
    from core.text import T
    print("ready", flush=True)
    with Ledger(Path(sys.argv[1]), desk="", officer="Command Line", app_version="") as ledger:
        ledger.append_all([CheckStarted(T("over USB"))] * 2, visit="another")
"""

HOLDING = """if True:
    import sys
    from pathlib import Path
    from core.ledger.keys.epoch_keys import EpochKeys
    with EpochKeys(Path(sys.argv[1])).locked():
        print("held", flush=True)
        sys.stdin.read()
"""


HOLDING_THE_FILE = """if True:
    import sqlite3, sys
    file = sqlite3.connect(sys.argv[1], isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    file.execute("PRAGMA user_version=2")
    print("held", flush=True)
    sys.stdin.read()
"""


def program(code: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", code, str(path)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def another_gets(path: Path) -> str:
    """Whether another program gets the right to write just now."""
    with program(TRYING, path) as other:
        return other.communicate(timeout=60)[0].strip()


def read_it(path: Path) -> None:
    Ledger.read(path).close()


def look_at_it(path: Path) -> None:
    desk = Desk(path.parent, Settings(officer="A. Roy", desk="Desk 4"))
    log_evidence.log_status(desk, False)
    log_evidence.log_status(desk, False)


def verify_it(path: Path) -> None:
    with Ledger.read(path) as reader:
        assert verify(reader, None, pinned=False, report=silent, cancel=Cancel()).records > 0
    examine_ledger(str(path), 1, 10)


def open_it(path: Path) -> None:
    """As far as somebody gets who would write: the look at the header is before the wait."""
    database._look_at_header(path, practice=False)
    with pytest.raises(LedgerProblem):
        database._look_at_header(path, practice=True)


@pytest.mark.parametrize("look", [read_it, look_at_it, verify_it, open_it])
def test_a_look_at_the_log_lets_nobody_into_a_writing(ledger: Ledger, path: Path, look: Callable[[Path], None]) -> None:
    """POSIX drops all locks of a program on a file as soon as it closes any descriptor of it."""
    ledger.append_all([STARTED] * 5, seal=True)
    with ledger._access():
        database_of(ledger).execute("BEGIN IMMEDIATE")
        assert another_gets(path) == "kept out"
        look(path)
        assert another_gets(path) == "kept out"
        database_of(ledger).execute("ROLLBACK")
    assert another_gets(path) == "in"


@pytest.mark.slow
def test_what_is_acknowledged_stays_although_the_window_looks_meanwhile(path: Path) -> None:
    """One program is in the middle of a writing and looks at the log; another one would write."""
    looks, middle, go_on = 0, threading.Event(), threading.Event()

    def clock() -> Instant:
        nonlocal looks
        looks += 1
        if looks == 2:
            middle.set()
            go_on.wait(60)
        return system_clock()

    told: list[int] = []
    with Ledger(path, desk="", officer="Window", app_version="", clock=clock) as ledger:
        writing = threading.Thread(
            target=lambda: told.extend(e.seq for e in ledger.append_all([STARTED] * 2, visit="window"))
        )
        writing.start()
        assert middle.wait(60)
        look_at_it(path)
        with program(APPENDING, path) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(1)  # it waits for the writing to end
            go_on.set()
            writing.join()
            assert other.wait(60) == 0
        assert told == [1, 2]
        assert [e.seq for e in ledger.of_visit("window")] == [1, 2]
        assert len(ledger.of_visit("another")) == 2
        assert verify(ledger, ledger.enrolment, pinned=True, report=silent, cancel=Cancel()).faults == ()
        assert database_of(ledger).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_is_made_by_one_thread_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second may open and lock the file as soon as it is told that it is there: the first has closed it by then."""
    path, told = tmp_path / "ledger.db", list[str]()
    close = os.close

    def make_too() -> None:
        ensure_file(path)
        told.append("second")

    second = threading.Thread(target=make_too)

    def closing_late(descriptor: int) -> None:
        second.start()
        second.join(0.2)  # it cannot end
        told.append("closed")
        close(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", closing_late)
        ensure_file(path)
    second.join()
    assert told == ["closed", "second"]
    assert path.stat().st_mode & 0o777 == 0o600


# --- what is seen of a file that is just being written


@pytest.fixture
def growing(ledger: Ledger, path: Path, tmp_path: Path) -> Path:
    """A copy of the file as it is in the middle of a commit: its first page says that it is longer than it is."""
    ledger.append_all([STARTED] * 60, seal=True)
    copy = tmp_path / "copy" / "ledger.db"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes()[:-8_192])
    return copy


def test_a_file_that_grows_meanwhile_is_not_called_damaged(
    growing: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grown(_: float) -> None:
        growing.write_bytes(path.read_bytes())

    monkeypatch.setattr(time, "sleep", grown)
    with Ledger.read(growing) as reader:
        assert reader.count() == 62


def test_its_journal_says_so_too(growing: Path) -> None:
    """Then SQLite itself waits for the writing to end, or plays the journal back."""
    growing.with_name("ledger.db-journal").write_bytes(b"")
    assert database._header(growing, reading=True) is None


def test_a_file_that_was_cut_off_is_damaged(growing: Path) -> None:
    with pytest.raises(DamagedLedger):
        Ledger.read(growing)


def test_a_file_whose_making_was_cut_off_is_made_again(path: Path, tmp_path: Path) -> None:
    """A power cut in the very first writing: pages without a header, and the journal of an empty file."""
    path.parent.mkdir()
    path.touch()
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA cache_size=1")
        made.execute("BEGIN IMMEDIATE")
        made.execute("CREATE TABLE entry (seq, leaf)")
        made.executemany("INSERT INTO entry VALUES (?, zeroblob(3000))", [[n] for n in range(50)])
        journal = path.with_name("ledger.db-journal").read_bytes()
        made.execute("ROLLBACK")
    copy = tmp_path / "copy" / "ledger.db"
    copy.parent.mkdir()
    copy.write_bytes(bytes(8_192))
    copy.with_name("ledger.db-journal").write_bytes(journal)
    with pytest.raises(UnfinishedLedger):
        Ledger.read(copy)
    with Ledger(copy, desk="", officer="", app_version="") as ledger:
        assert ledger.append(STARTED).seq == 1


@pytest.mark.parametrize("beside", [b"", b"somebody's journal", bytes(28)])
def test_a_journal_of_something_else_is_left_alone(tmp_path: Path, beside: bytes) -> None:
    path, journal = tmp_path / "ledger.db", tmp_path / "ledger.db-journal"
    path.write_bytes(bytes(8_192))
    journal.write_bytes(beside)
    with pytest.raises(NotALedger):
        Ledger(path, desk="", officer="", app_version="")
    with pytest.raises(NotALedger):
        Ledger.read(path)
    assert (path.read_bytes(), journal.read_bytes()) == (bytes(8_192), beside)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    os.mkfifo(path)
    with pytest.raises(NotALedger):
        Ledger(path, desk="", officer="", app_version="")
    with pytest.raises(NotALedger):
        Ledger.read(path)


# --- a holder that does not go on


@pytest.fixture
def stopped(ledger: Ledger, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program, stopped while it holds the lock on the keys."""
    with program(HOLDING, keys_folder(path) / "epoch.keys") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        yield holder
        holder.send_signal(signal.SIGCONT)
        holder.communicate()


def test_a_program_that_was_stopped_is_not_waited_for_for_ever(
    ledger: Ledger, path: Path, stopped: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "PATIENCE", 0.1)
    with pytest.raises(LedgerBusy, match="used by another program"):
        ledger.append(STARTED, seal=True)
    with pytest.raises(LedgerBusy):
        Ledger(path, desk="", officer="", app_version="")
    assert ledger.count() == 0
    assert ledger.append(STARTED).seq == 1  # what needs no key is written
    stopped.send_signal(signal.SIGCONT)
    stopped.communicate()
    ledger.seal()
    assert ledger.unsealed() == 0


def test_one_that_goes_on_in_time_is_waited_for(
    ledger: Ledger, path: Path, stopped: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def continued(seconds: float) -> None:
        waits.append(seconds)
        stopped.send_signal(signal.SIGCONT)
        stopped.communicate()

    monkeypatch.setattr(time, "sleep", continued)
    ledger.append(STARTED, seal=True)
    assert waits == [0.01]
    assert ledger.unsealed() == 0


def test_a_fault_of_the_lock_itself_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(file_lock, "_lock", broken)
    with pytest.raises(OSError, match="No locks"):
        EpochKeys(tmp_path / "epoch.keys")


# --- a command waits its turn


@pytest.fixture(params=["the file", "the keys"])
def holder(
    request: pytest.FixtureRequest, ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[str]]:
    """Another program that has what a seal needs, until it is told to end: longer than others would wait."""
    monkeypatch.setattr(file_lock, "PATIENCE", -1.0)
    monkeypatch.setattr(file_lock, "_SILENT", 0.0)
    code = HOLDING_THE_FILE if request.param == "the file" else HOLDING
    with program(code, path if request.param == "the file" else keys_folder(path) / "epoch.keys") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()
        other.communicate()


def sealed_by(path: Path, told: Callable[[float], object], button: Cancel) -> Ledger:
    """A ledger that was opened, waiting, and has one more record."""
    waits = Waiting(told, lambda: button)
    with Ledger(path, desk="", officer="", app_version="", waiting=waits) as ledger:
        ledger.append(STARTED, seal=True)
    return ledger


@pytest.mark.slow
@pytest.mark.parametrize("how", ["ends", "dies"])
def test_a_command_waits_as_long_as_the_holder_lives(path: Path, holder: subprocess.Popen[str], how: str) -> None:
    told: list[float] = []

    def tell(seconds: float) -> None:
        told.append(seconds)
        if len(told) == 3:
            holder.communicate() if how == "ends" else holder.send_signal(signal.SIGKILL)

    sealed_by(path, tell, Cancel())
    assert len(told) >= 3
    assert told == sorted(told)
    with Ledger.read(path) as log:
        assert log.unsealed() == 0
        assert verify(log, None, pinned=False, report=silent, cancel=Cancel()).intact


def test_who_waits_can_stop(path: Path, holder: subprocess.Popen[str]) -> None:
    button = Cancel()
    with pytest.raises(Cancelled):
        sealed_by(path, lambda _: button.press(), button)
    holder.communicate()
    sealed_by(path, lambda _: None, Cancel())


def test_who_has_stopped_does_not_wait_for_ever(path: Path, holder: subprocess.Popen[str]) -> None:
    """What is to be written down of the stopping may wait, but for a while only."""
    button = Cancel()
    button.press()
    with pytest.raises(LedgerBusy):
        sealed_by(path, lambda _: None, button)


def test_a_reader_waits_too(ledger: Ledger, path: Path, holder: subprocess.Popen[str]) -> None:
    with Ledger.read(path, waiting=Waiting(lambda _: holder.communicate(), lambda: None)) as log:
        assert log.count() == 0


COMMAND = """if True:
    import sys
    from core.cli import main
    sys.exit(main(["log", "list", "--data", sys.argv[1]]))
"""


@pytest.mark.slow
def test_ctrl_c_ends_the_waiting_of_a_command(ledger: Ledger, path: Path) -> None:
    ledger.append(STARTED)
    with program(HOLDING_THE_FILE, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        command = [sys.executable, "-c", COMMAND, str(path.parent)]
        with subprocess.Popen(command, cwd=ROOT, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as waits:
            assert waits.stderr is not None
            assert "waiting for it" in waits.stderr.readline()
            waits.send_signal(signal.SIGINT)
            assert "Cancelled" in waits.communicate()[1]
            assert waits.returncode == 4
        with subprocess.Popen(command, cwd=ROOT, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as waits:
            assert waits.stderr is not None
            assert "waiting for it" in waits.stderr.readline()
            other.send_signal(signal.SIGKILL)
            out, _ = waits.communicate()
            assert (waits.returncode, "A check began" in out) == (0, True)
