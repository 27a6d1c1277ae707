"""One window for one data folder, with the second start in a process of its own, as it is for an officer."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from gui.startup import single_instance
from gui.startup.single_instance import AlreadyOpen, SingleInstance

ROOT = Path(__file__).resolve().parents[3]

START = """if True:
    import sys
    from pathlib import Path
    from PySide6.QtCore import QCoreApplication
    from gui.startup.single_instance import AlreadyOpen, SingleInstance
    app = QCoreApplication([])
    one = SingleInstance(Path(sys.argv[1]))
    try:
        print("first" if one.claim() else "shown", flush=True)
        one.listen()
    except AlreadyOpen as problem:
        print(problem.code, flush=True)
    sys.stdin.read()  # without an event loop: it is stuck until its input ends
    one.close()
"""

#: Milliseconds: longer than any test.
NEVER = 1_000_000

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program that claims the folder, says what came of it, and then answers nobody."""
    started: list[subprocess.Popen[str]] = []

    def begin(data: Path, **variables: str) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, "-c", START, str(data)],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(program)
        return program

    yield begin
    for program in started:
        program.communicate()


class Reached(SingleInstance):
    """Can be reached at once, as an open window can."""

    def claim(self) -> bool:
        first = super().claim()
        self.listen()
        return first


@pytest.fixture
def one(qapp: object, tmp_path: Path) -> Iterator[Callable[..., SingleInstance]]:
    made: list[SingleInstance] = []

    def make(data: Path | None = None, patience: float = 3.0) -> SingleInstance:
        made.append(Reached(data or tmp_path, patience=patience))
        return made[-1]

    yield make
    for each in made:
        each.close()


Make = Callable[..., SingleInstance]


def said(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def call(qtbot: QtBot, data: Path) -> QLocalSocket:
    """Connects as anything may that runs as this user."""
    socket = QLocalSocket()
    with qtbot.waitSignal(socket.connected):
        socket.connectToServer(single_instance._names(data)[0])
    return socket


def test_the_folder_is_made_for_its_owner_alone(one: Make, tmp_path: Path) -> None:
    data = tmp_path / "a" / "data"
    assert one(data).claim()
    assert data.stat().st_mode & 0o777 == 0o700


def test_a_second_start_shows_the_first_and_ends_well(qtbot: QtBot, one: Make, start: Start, tmp_path: Path) -> None:
    first = one()
    assert first.claim()
    os.utime(tmp_path / single_instance.LOCK, (0, 0))  # it has been open for days
    for _ in range(2):
        with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
            second = start(tmp_path)
        assert said(second) == "shown"


def test_another_folder_has_a_window_of_its_own(one: Make, start: Start, tmp_path: Path) -> None:
    assert one(tmp_path / "mine").claim()
    assert said(start(tmp_path / "other")) == "first"


def test_the_same_folder_by_another_path_is_the_same(qtbot: QtBot, one: Make, start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    first = one(tmp_path / "data")
    assert first.claim()
    with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
        assert start(tmp_path / "link")


def test_whoever_was_killed_is_replaced_at_once(qtbot: QtBot, one: Make, start: Start, tmp_path: Path) -> None:
    killed = start(tmp_path)
    assert said(killed) == "first"
    killed.kill()
    killed.wait()
    assert (tmp_path / single_instance.LOCK).exists()  # nobody has tidied up

    heir = one(patience=0)
    assert heir.claim()
    with qtbot.waitSignal(heir.asked_to_show, timeout=20_000):
        second = start(tmp_path)
    assert said(second) == "shown"


def test_a_stuck_one_is_told_in_one_sentence(one: Make, start: Start, tmp_path: Path) -> None:
    assert said(start(tmp_path)) == "first"
    with pytest.raises(AlreadyOpen) as caught:
        one(patience=0.1).claim()
    assert "already open" in str(caught.value.sentence)
    assert "start Fanion again" in str(caught.value.next_step)


def test_when_the_first_has_ended_the_next_is_the_first(one: Make, tmp_path: Path) -> None:
    first, second = one(), one(patience=0)
    assert first.claim()
    assert first.claim()  # asking twice changes nothing
    with pytest.raises(AlreadyOpen):
        second.claim()
    first.close()
    assert second.claim()
    assert one(tmp_path / "elsewhere", patience=0).claim()


def test_a_folder_that_cannot_be_made_stops_nobody(one: Make, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for _ in range(2):
        assert one(tmp_path / "file" / "data").claim()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="an administrator may write everywhere")
def test_a_folder_that_cannot_be_written_stops_nobody(one: Make, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert one().claim()
    assert one().claim()


#: What the lock file of a window on another computer says: its process there, its program, its names for itself.
ELSEWHERE = (
    "1\nfanion-app\nother-desk\n0123456789abcdef\n11111111-2222-3333-4444-555555555555\n",
    f"{os.getpid()}\nfanion-app\nother-desk\n0123456789abcdef\n11111111-2222-3333-4444-555555555555\n",
    "1\nfanion-app\nother-desk\n",  # as older versions of Qt write it
)


@pytest.mark.parametrize("left", ELSEWHERE, ids=["another number", "our number", "an older form"])
def test_a_stick_that_was_pulled_out_of_another_computer_is_not_open_for_ever(
    one: Make, tmp_path: Path, left: str
) -> None:
    (tmp_path / single_instance.LOCK).write_text(left, encoding="utf-8")
    assert one(patience=0).claim()


def test_the_other_computer_may_have_the_same_name(one: Make, tmp_path: Path) -> None:
    (tmp_path / single_instance.LOCK).write_text(ELSEWHERE[0].replace("other-desk", platform.node()), encoding="utf-8")
    assert one(patience=0).claim()


@pytest.mark.parametrize("left", [b"", b"\0" * 90, b"4711"], ids=["empty", "zeroes", "begun"])
def test_a_lock_that_was_never_written_out_is_in_the_way_no_longer_than_a_start_takes(
    one: Make, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / single_instance.LOCK).write_bytes(left)
    assert one(patience=0.2).claim()


@pytest.mark.parametrize("left", ELSEWHERE, ids=["another number", "our number", "an older form"])
def test_a_window_that_is_open_here_keeps_its_lock_whatever_the_file_says(
    one: Make, start: Start, tmp_path: Path, left: str
) -> None:
    """Another process, which has the file locked and answers nobody."""
    first = start(tmp_path)
    assert said(first) == "first"
    with open(tmp_path / single_instance.LOCK, "r+", encoding="utf-8") as file:  # the file itself, that is locked
        file.truncate(0)
        file.write(left)
    with pytest.raises(AlreadyOpen):
        one(patience=0.2).claim()


def test_a_lock_that_is_just_being_made_is_waited_for(one: Make, start: Start, tmp_path: Path) -> None:
    first = start(tmp_path)
    assert said(first) == "first"
    os.truncate(tmp_path / single_instance.LOCK, 0)
    with pytest.raises(AlreadyOpen):
        one(patience=0.2).claim()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' sockets are in no folder")
def test_a_stick_that_takes_no_sockets_has_one_window_all_the_same(
    qtbot: QtBot, one: Make, start: Start, tmp_path: Path
) -> None:
    (tmp_path / single_instance.SOCKET / "in the way").mkdir(parents=True)
    first = one()
    assert first.claim()
    with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
        second = start(tmp_path)
    assert said(second) == "shown"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n",
        b"show\n",
        b"fanion 1 show",
        b"fanion 1 hide\n",
        b"fanion 2 show\n",
        b"fanion 1 show\r\n",
        b"fanion 1 show \xff\xfe\n",
        b"fanion 1 show two words\n",
        b"fanion 1 show " + b"x" * 201 + b"\n",
        b"x" * 256,
        b"\0" * 1_000_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_garbage_is_ignored(
    qtbot: QtBot, one: Make, tmp_path: Path, garbage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_silent = b"\n" not in garbage and len(garbage) < single_instance._LONGEST
    monkeypatch.setattr(single_instance, "_SILENCE", 20 if is_silent else NEVER)
    first = one()
    assert first.claim()
    with qtbot.assertNotEmitted(first.asked_to_show):
        caller = call(qtbot, tmp_path)
        with qtbot.waitSignal(caller.disconnected):
            caller.write(garbage)
        assert bytes(caller.readAll().data()) == b""
    # And whoever asks properly is heard as before.
    caller = call(qtbot, tmp_path)
    with qtbot.waitSignals([first.asked_to_show, caller.disconnected]):
        caller.write(b"fanion 1 show\n")
    assert bytes(caller.readAll().data()) == b"fanion 1 shown\n"


def test_a_request_may_come_in_pieces(qtbot: QtBot, one: Make, tmp_path: Path) -> None:
    first = one()
    assert first.claim()
    caller = call(qtbot, tmp_path)
    with qtbot.waitSignal(caller.bytesWritten):
        caller.write(b"fanion 1")
    with qtbot.waitSignal(first.asked_to_show):
        caller.write(b" show\n")


def test_a_crowd_that_says_nothing_is_sent_away(
    qtbot: QtBot, one: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_SILENCE", NEVER)
    assert one().claim()
    crowd = [QLocalSocket() for _ in range(25)]
    for socket in crowd:
        socket.connectToServer(single_instance._names(tmp_path)[0])
    qtbot.waitUntil(lambda: sum(s.state() is QLocalSocket.LocalSocketState.ConnectedState for s in crowd) <= 8)


def test_a_caller_who_leaves_at_once_hurts_nobody(qtbot: QtBot, one: Make, start: Start, tmp_path: Path) -> None:
    first = one()
    assert first.claim()
    for _ in range(5):
        call(qtbot, tmp_path).abort()
    with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
        start(tmp_path)


def test_the_desktop_s_leave_to_come_to_the_front_is_handed_on(
    qtbot: QtBot, one: Make, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "old")
    first = one()
    assert first.claim()
    with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
        start(tmp_path, XDG_ACTIVATION_TOKEN="desktop-7_TIME42")
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "desktop-7_TIME42"
    with qtbot.waitSignal(first.asked_to_show, timeout=20_000):
        start(tmp_path, XDG_ACTIVATION_TOKEN="not one\nfanion 1 show")
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "desktop-7_TIME42"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="who owns a pipe is Windows' affair")
def test_a_socket_of_somebody_else_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "socket").touch()
    assert single_instance._is_ours(str(tmp_path / "socket"))
    monkeypatch.setattr(os, "getuid", lambda: 4_711)
    assert not single_instance._is_ours(str(tmp_path / "socket"))
    assert not single_instance._is_ours(str(tmp_path / "nothing"))
