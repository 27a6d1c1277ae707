"""A whole Fanion in a process of its own, from its start to its end, as the system starts and ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from core.desk.desk import Desk
from core.system.support import support_log
from core.text import T
from gui.startup.single_instance import LOCK
from tests.unit.conftest import make_read_only as make_read_only
from tests.unit.conftest import small_disk as small_disk

ROOT = Path(__file__).resolve().parents[3]

#: Opens the window, says when it can be used, and what becomes of it. `{hook}` is done once it can be used.
WINDOW = """if True:
    import os, signal, sys
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMessageBox
    import gui.startup.application
    from gui.startup.application import run
    from gui.window.main_window import MainWindow

    def say(*words):
        print(*words, flush=True)

    class Told(MainWindow):
        def begin(self):
            super().begin()
            QTimer.singleShot(0, self.told)

        def told(self):
            say("open", self.desk_page.trouble.sentence.text() if self.desk_page.trouble.isVisible() else "")
            window = self
            {hook}

        def show_yourself(self):
            super().show_yourself()
            say("asked", self.isVisible())

    gui.startup.application.MainWindow = Told
    code = run(sys.argv[1], None)
    say("ended", code)
    sys.exit(code)
"""


#: As it is typed.
PLAIN = ["-m", "gui", "--data"]


class Started:
    """One Fanion in its own process."""

    def __init__(self, data: Path, program: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", *program, str(data)],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        # Whoever waits for its words is not to wait for ever.
        self.patience = threading.Timer(240, self.process.kill)
        self.patience.start()

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def let_go(self) -> None:
        self.patience.cancel()
        self.patience.join()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self) -> tuple[int, str]:
        """Wait for its end: its exit code, and what it complained of."""
        _, complaints = self.process.communicate()
        kept = [line for line in complaints.splitlines() if "This plugin does not support" not in line]
        return self.process.returncode, "\n".join(kept)


Start = Callable[..., Started]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Started] = []

    def begin(data: Path, hook: str = "pass", program: list[str] | None = None) -> Started:
        started.append(Started(data, program or ["-c", WINDOW.replace("{hook}", hook)]))
        return started[-1]

    yield begin
    for one in started:
        one.let_go()


@pytest.mark.slow
def test_the_window_opens_and_is_closed(start: Start, tmp_path: Path) -> None:
    window = start(tmp_path / "data", "window.close()")
    assert window.says() == "open"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")
    memory = tmp_path / "data" / "window.ini"
    assert QSettings(str(memory), QSettings.Format.IniFormat).value("window/page") == "desk"
    assert os.name == "nt" or memory.stat().st_mode & 0o777 == 0o600
    (log,) = support_log.log_files_in(tmp_path / "data")
    events = [line.split()[2] for line in log.read_text(encoding="utf-8").splitlines()]
    assert events == ["program.start", "window.open", "window.close"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_end_is_obeyed_without_a_word(
    start: Start, tmp_path: Path, number: signal.TerminationSignals
) -> None:
    window = start(tmp_path / "data")
    assert window.says() == "open"
    window.process.send_signal(number)
    assert window.says() == "ended 0"
    assert window.end() == (0, "")
    again = start(tmp_path / "data", "window.close()")  # and nothing is left that is in the way of the next
    assert again.says() == "open"
    assert again.end() == (0, "")


#: Tells what the bar says of the last run, once that is known.
TELLS_OF_IT = """
            from gui.window.bars.crash_bar import CrashBar

            def look():
                if (self.desk.data / "last-run.json").exists() and self.runner.idle:
                    QTimer.singleShot(0, tell)
                else:
                    QTimer.singleShot(1, look)

            def tell():
                say(*(bar.sentence.text() for bar in self.findChildren(CrashBar)))
                {then}

            look()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signals")
@pytest.mark.parametrize(
    ("name", "next_says", "then_says"),
    [
        ("SIGKILL", "Fanion was stopped from outside last time.", ""),
        ("SIGSEGV", "Fanion ended unexpectedly last time.", "Fanion ended unexpectedly last time."),
    ],
)
def test_a_run_that_did_not_end_well_is_told_of_at_the_next_start(
    start: Start, tmp_path: Path, name: str, next_says: str, then_says: str
) -> None:
    """A crash, which has a file, until it is not to be told of again."""
    window = start(tmp_path, TELLS_OF_IT.replace("{then}", f"os.kill(os.getpid(), signal.{name})"))
    assert [window.says(), window.says()] == ["open", ""]
    assert window.end()[0] == -signal.Signals[name]
    for says in (next_says, then_says):
        window = start(tmp_path, TELLS_OF_IT.replace("{then}", "window.close()"))
        assert [window.says(), window.says()] == ["open", says]
        assert window.end() == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such signals")
def test_a_request_to_end_while_a_phone_is_read(start: Start, tmp_path: Path) -> None:
    hook = """
            stay = window.desk_page.practise("clean")
            phones = window.desk_page.phones
            def read(changed):
                if stay.progress is not None:
                    phones.changed.disconnect(read)
                    say("reading")
                    os.kill(os.getpid(), signal.SIGTERM)
            phones.changed.connect(read)"""
    window = start(tmp_path / "data", hook.strip())
    assert window.says() == "open"
    assert window.says() == "reading"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")


@pytest.mark.slow
def test_a_second_start_brings_the_first_to_the_front_and_ends(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path / "data")
    assert first.says() == "open"
    second = start(tmp_path / "data", program=PLAIN)
    assert first.says() == "asked True"
    assert second.end() == (0, "")
    first.process.terminate()
    assert first.end() == (0, "")


@pytest.mark.slow
def test_the_command_opens_the_window(start: Start, tmp_path: Path) -> None:
    """As it is typed; a second start proves that it is open."""
    data = tmp_path / "data"
    first = start(data, program=PLAIN)
    while not (data / LOCK).exists():
        assert first.process.poll() is None
    second = start(data, program=PLAIN)
    assert second.end() == (0, "")
    assert first.process.poll() is None
    first.process.terminate()
    assert first.end() == (0, "")


#: Says what a dialog says, in place of showing it.
TOLD = """if True:
    from PySide6.QtWidgets import QMessageBox
    QMessageBox.exec = lambda box: print(box.text(), "|", box.informativeText(), "|", box.textFormat(), flush=True)
"""


def test_a_folder_that_cannot_be_made_is_told_before_anything_starts(start: Start, tmp_path: Path) -> None:
    """No phone is checked in vain: nothing could be recorded."""
    (tmp_path / "file").write_text("in the way")
    program = (
        TOLD + "    import sys\n    from gui.startup.application import run\n    sys.exit(run(sys.argv[1], None))\n"
    )
    window = start(tmp_path / "file" / "data", program=["-c", program])
    said = window.says()
    assert said.startswith(f"Fanion cannot work with the data folder {tmp_path / 'file' / 'data'}: ")
    assert "| Ask your IT support" in said
    assert said.endswith("PlainText")
    assert window.end() == (5, "")


def test_a_full_disk_is_told_before_anything_starts(start: Start, small_disk: Path) -> None:
    with open(small_disk / "big", "wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65_536))
            file.flush()
    program = (
        TOLD + "    import sys\n    from gui.startup.application import run\n    sys.exit(run(sys.argv[1], 'fr'))\n"
    )
    window = start(small_disk / "data", program=["-c", program])
    full = T("Fanion cannot work with the data folder {folder}: the disk is full.", folder=str(small_disk / "data"))
    assert window.says().startswith(f"{full.in_language('fr')} | ")
    assert window.end() == (5, "")


@pytest.mark.slow
def test_a_log_that_can_only_be_read_can_still_be_looked_at(
    start: Start, tmp_path: Path, make_read_only: Callable[[Path], None]
) -> None:
    data = tmp_path / "data"
    desk = Desk.at(data)
    with desk.ledger(True, desk.policy(None)):
        pass
    desk.close()
    make_read_only(data)
    window = start(data, program=["-c", TOLD + WINDOW.replace("if True:\n", "").replace("{hook}", "window.close()")])
    assert window.says().startswith(f"Fanion cannot work with the data folder {data}: ")
    assert window.says().startswith("open")
    assert window.says() == "ended 0"
    assert window.end() == (0, "")


def carried(folder: Path, hook: str) -> list[str]:
    """A window that is carried around, with its data in `folder`."""
    window = WINDOW.replace("if True:\n", "").replace("run(sys.argv[1], None)", "run(None, None, True)")
    before = (
        f"    import pathlib\n    import core.desk.settings.data_choice\n    folder = pathlib.Path({str(folder)!r})\n"
    )
    patch = "    core.desk.settings.data_choice.portable_folder = lambda: folder\n"
    return ["-c", TOLD + before + patch + window.replace("{hook}", hook)]


@pytest.mark.slow
def test_a_window_that_is_carried_around_keeps_its_data_beside_it_and_says_so(start: Start, tmp_path: Path) -> None:
    hook = "say(window.status_bar.log_line.whole()); window.close()"
    window = start(tmp_path / "nobody", program=carried(tmp_path / "fanion-data", hook))
    assert window.says() == "open"
    assert window.says() == "Desk log: no entries yet · portable"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")
    assert (tmp_path / "fanion-data" / "window.ini").exists()
    assert not (tmp_path / "nobody").exists()


def test_a_stick_that_cannot_be_written_is_told_before_anything_starts(
    start: Start, tmp_path: Path, make_read_only: Callable[[Path], None]
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    make_read_only(stick)
    window = start(tmp_path / "nobody", program=carried(stick / "fanion-data", "window.close()"))
    said = window.says()
    assert str(stick / "fanion-data") in said
    assert "| Switch off the write protection of the USB key" in said
    assert window.says() == "ended 5"
    assert window.end() == (5, "")


@pytest.mark.slow
def test_settings_that_cannot_be_used_are_told_in_the_window_and_what_it_remembers_may_be_garbage(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text("this is = no settings file")
    (tmp_path / "window.ini").write_bytes(
        b"[General]\nscheme=purple\n[window]\ngeometry=@ByteArray(xx)\npage=nowhere\n"
        b"[desk]\napps=7\nsplitter=@ByteArray(\\0)\n[log]\ncolumns=1\npanes=2\n[policy]\nrules=@Invalid()\n"
    )
    window = start(tmp_path, "say(window.page_name()); window.beside.show_keys(); window.close()")
    assert "settings.toml" in window.says()
    assert window.says() == "desk"
    assert window.says() == "ended 0"
    assert window.end() == (0, "")


@pytest.mark.slow
def test_a_window_that_is_stuck_is_told_of(start: Start, tmp_path: Path) -> None:
    """Another has the folder, and does not answer."""
    stuck = start(tmp_path, "import threading; threading.Event().wait()")
    assert stuck.says() == "open"
    program = """if True:
        import sys
        from PySide6.QtWidgets import QMessageBox
        from gui.startup.application import run
        QMessageBox.exec = lambda box: print(box.text(), "|", box.informativeText(), "|", box.textFormat(), flush=True)
        sys.exit(run(sys.argv[1], None))
    """
    second = start(tmp_path, program=["-c", program])
    assert second.says().startswith("Fanion is already open but does not answer. | ")
    assert second.end() == (5, "")
