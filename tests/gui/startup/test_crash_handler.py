"""A bug in the window: kept in a file, told once, on the right thread, and the window lives on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRunnable, Qt, QThreadPool, QTimer
from PySide6.QtGui import QAccessible, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.jobs import Cancel
from core.system.support.crash_files import Bug, NativeCrashes
from gui.startup import crash_handler
from gui.startup.crash_handler import CrashDialog, CrashHandler
from gui.toolkit.jobs import Failed, JobRunner

ROOT = Path(__file__).resolve().parents[3]


class Watched:
    """A crash desk over a folder, and what was asked of it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.closed = 0
        self.desk = CrashHandler(data, "Qt 6", self._close)

    def _close(self) -> None:
        self.closed += 1

    @property
    def files(self) -> list[Path]:
        folder = self.data / "crashes"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    @property
    def dialog(self) -> CrashDialog:
        assert self.desk.dialog is not None
        return self.desk.dialog

    @property
    def is_shown(self) -> bool:
        return self.desk.dialog is not None


Install = Callable[..., Watched]


@pytest.fixture
def install(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs within the test, where pytest-qt's own hook is already there to be replaced."""
    monkeypatch.setattr(NativeCrashes, "start", lambda self: None)  # pytest's own has to go on
    made: list[Watched] = []

    def begin(data: Path | None = None) -> Watched:
        made.append(Watched(data or tmp_path))
        made[-1].desk.install()
        return made[-1]

    yield begin
    for watched in made:
        watched.desk.uninstall()
        watched.desk.deleteLater()


def fail(message: str = "the drawer is stuck") -> None:
    raise LookupError(message)


def fail_in_a_slot(message: str = "the drawer is stuck") -> None:
    button = QPushButton()
    button.clicked.connect(lambda: fail(message))
    button.click()


def shown(qtbot: QtBot, watched: Watched) -> CrashDialog:
    qtbot.waitUntil(lambda: watched.is_shown)
    qtbot.waitExposed(watched.dialog)
    return watched.dialog


def test_a_bug_in_a_slot_is_kept_and_shown(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    (file,) = watched.files
    assert "the drawer is stuck" in file.read_text()
    assert "Something went wrong" in dialog.sentence.text()
    assert "give this file" in dialog.next_step.text()
    assert dialog.file.text() == str(file)
    assert dialog.file.isReadOnly()
    assert not dialog.count.isVisible()
    assert not dialog.details.isVisible()
    qtbot.mouseClick(dialog.more_button, Qt.MouseButton.LeftButton)
    assert dialog.details.isVisible()
    assert dialog.details.isReadOnly()
    assert dialog.details.toPlainText() == file.read_text()
    qtbot.mouseClick(dialog.more_button, Qt.MouseButton.LeftButton)
    assert not dialog.details.isVisible()


def test_a_bug_on_a_thread_of_python_is_shown_on_the_gui_thread(qtbot: QtBot, install: Install) -> None:
    watched = install()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert len(watched.files) == 1
    assert not watched.is_shown
    dialog = shown(qtbot, watched)
    assert dialog.thread() is QApplication.instance().thread()  # type: ignore[union-attr]


def test_a_bug_on_a_thread_of_qt_is_shown_too(qtbot: QtBot, install: Install) -> None:
    class Work(QRunnable):
        def run(self) -> None:
            fail()

    watched = install()
    QThreadPool.globalInstance().start(Work())
    shown(qtbot, watched)
    assert len(watched.files) == 1


def test_a_bug_in_a_job_is_shown_and_ends_the_job(qtbot: QtBot, install: Install) -> None:
    def work(cancel: Cancel, report: object) -> None:
        fail()

    watched = install()
    runner = JobRunner()
    ends: list[Any] = []
    runner.start(runner, "lane", work, ends.append)
    shown(qtbot, watched)
    qtbot.waitUntil(lambda: bool(ends))
    runner.close()
    assert isinstance(ends[0], Failed)
    assert isinstance(ends[0].problem, Bug)
    assert len(watched.files) == 1


def test_the_end_of_a_thread_is_no_bug(qtbot: QtBot, install: Install) -> None:
    watched = install()
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    QApplication.processEvents()
    assert not watched.is_shown
    assert not watched.files


class Unpaintable(QWidget):
    """What fails each time that it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = 0
        self.shown_while_painting = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted += 1
        painter = QPainter(self)
        painter.drawPoint(0, 0)
        try:
            fail()
        finally:
            self.shown_while_painting |= QApplication.activeModalWidget() is not None and self.painted == 1

    def paint_again(self, qtbot: QtBot) -> None:
        before = self.painted
        self.update()
        qtbot.waitUntil(lambda: self.painted > before)


def test_a_bug_in_a_painting_is_shown_after_it(qtbot: QtBot, install: Install) -> None:
    watched = install()
    widget = Unpaintable()
    qtbot.addWidget(widget)
    widget.show()
    dialog = shown(qtbot, watched)
    assert not widget.shown_while_painting
    for _ in range(4):
        widget.paint_again(qtbot)
    qtbot.waitUntil(dialog.count.isVisible)
    assert watched.dialog is dialog
    assert len(watched.files) == 3  # the same again and again needs no fifty files

    # It fails again as soon as it is uncovered: that must not bring the dialog back for ever.
    dialog.go_on.click()
    widget.paint_again(qtbot)
    QApplication.processEvents()
    assert not watched.is_shown


def test_what_fails_again_later_is_shown_again(qtbot: QtBot, install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash_handler, "_QUIET", 0.0)
    watched = install()
    for _ in range(5):
        fail_in_a_slot()
        dialog = shown(qtbot, watched)
        assert "the drawer is stuck" in dialog.details.toPlainText()
        assert Path(dialog.file.text()).is_file()
        dialog.go_on.click()
    assert len(watched.files) == 3


def test_further_bugs_are_kept_and_counted(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot("first")
    dialog = shown(qtbot, watched)
    QTimer.singleShot(0, dialog, lambda: fail("second"))
    QTimer.singleShot(0, dialog, lambda: [].pop())
    QTimer.singleShot(0, dialog, lambda: int("fourth"))
    qtbot.waitUntil(lambda: "3 more" in dialog.count.text())
    assert watched.dialog is dialog
    assert sum(isinstance(w, CrashDialog) for w in QApplication.topLevelWidgets()) == 1
    assert len(watched.files) == 4
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    for message in ("first", "second", "pop from empty list", "fourth"):
        assert message in copied


def test_where_nothing_can_be_written_it_says_so_and_copies(qtbot: QtBot, install: Install, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    watched = install(tmp_path / "file" / "data")
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    assert "could not be kept" in dialog.next_step.text()
    assert not dialog.file.isVisible()
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "the drawer is stuck" in QGuiApplication.clipboard().text()
    assert dialog.copy.text() == "Copied"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_first_key_goes_on(qtbot: QtBot, install: Install, key: Qt.Key) -> None:
    watched = install()
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    qtbot.keyClick(dialog.focusWidget(), key)
    assert not watched.is_shown
    assert watched.closed == 0


def test_every_button_is_reached_by_tab(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    reached = set()
    for _ in range(6):
        reached.add(dialog.focusWidget())
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert {dialog.more_button, dialog.copy, dialog.close_fanion, dialog.go_on, dialog.file} <= reached
    dialog.more_button.click()
    dialog.details.setFocus()
    qtbot.keyClick(dialog.details, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is not dialog.details


def test_closing_fanion_is_asked_for_once(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot()
    qtbot.mouseClick(shown(qtbot, watched).close_fanion, Qt.MouseButton.LeftButton)
    assert watched.closed == 1
    assert not watched.is_shown


def test_it_is_heard_by_a_screen_reader(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    spoken = (QPushButton, QPlainTextEdit, QLabel)
    for part in [dialog, dialog.file, *(w for kind in spoken for w in dialog.findChildren(kind))]:
        if part is dialog.count:
            continue
        spoken_as = QAccessible.queryAccessibleInterface(part)
        assert spoken_as.text(QAccessible.Text.Name), part
    said = QAccessible.queryAccessibleInterface(dialog)
    assert "Something went wrong" in said.text(QAccessible.Text.Name)
    assert "IT support" in said.text(QAccessible.Text.Description)


def test_no_text_is_taken_for_markup(qtbot: QtBot, install: Install) -> None:
    watched = install()
    fail_in_a_slot("<b>Bank</b>")
    dialog = shown(qtbot, watched)
    assert "<b>Bank</b>" in dialog.details.toPlainText()
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in dialog.findChildren(QLabel))


def test_it_can_be_answered_over_another_dialog(qtbot: QtBot, install: Install) -> None:
    watched = install()
    other = QDialog()
    qtbot.addWidget(other)
    other.setModal(True)
    other.show()
    qtbot.waitExposed(other)
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    assert QApplication.activeModalWidget() is dialog
    dialog.go_on.click()
    assert other.isVisible()


def test_when_what_it_stood_on_is_gone_the_next_bug_is_shown(
    qtbot: QtBot, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = install()
    other = QDialog()
    other.setModal(True)
    other.show()
    qtbot.waitExposed(other)
    fail_in_a_slot()
    first = shown(qtbot, watched)
    with qtbot.waitSignal(first.destroyed):
        other.deleteLater()
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: watched.is_shown and watched.dialog is not first and watched.dialog.isVisible())


def test_a_bug_in_the_dialog_itself_ends(
    qtbot: QtBot, install: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_icon(*name: str) -> None:
        raise KeyError(name)

    watched = install()
    monkeypatch.setattr(crash_handler, "icon", no_icon)
    fail_in_a_slot()
    QApplication.processEvents()
    QApplication.processEvents()
    assert not watched.is_shown
    assert len(watched.files) == 1
    assert "chevron" in capsys.readouterr().err


def test_what_python_cannot_raise_is_kept_and_frightens_nobody(qtbot: QtBot, install: Install) -> None:
    class Untidy:
        def __del__(self) -> None:
            fail()

    watched = install()
    Untidy()
    QApplication.processEvents()
    assert len(watched.files) == 1
    assert not watched.is_shown


def test_what_nobody_can_go_on_after_is_read_first(qtbot: QtBot, install: Install) -> None:
    def read() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, CrashDialog)
        assert not dialog.go_on.isVisible()
        dialog.close_fanion.click()

    watched = install()
    QTimer.singleShot(0, read)
    assert watched.desk.fatal(LookupError("no beginning")) == 70
    assert "no beginning" in watched.files[0].read_text()


def test_uninstalled_everything_is_as_before(qtbot: QtBot, install: Install) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    watched = install()
    watched.desk.install()  # once is enough
    fail_in_a_slot()
    dialog = shown(qtbot, watched)
    fail_in_a_slot()  # its telling is still under way
    with qtbot.waitSignal(dialog.destroyed):
        watched.desk.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    QApplication.processEvents()
    assert not watched.is_shown
    watched.desk.uninstall()


# --- what ends the program, in a process of its own

RUN = """if True:
    import sys
    from pathlib import Path
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from gui.startup.crash_handler import CrashHandler

    def fail():
        if "interrupted" in sys.argv:
            raise KeyboardInterrupt
        raise LookupError("the drawer is stuck")

    def close():
        if desk.dialog is None:
            QTimer.singleShot(0, close)
        else:
            desk.dialog.close_fanion.click()

    app = QApplication([])
    desk = CrashHandler(Path(sys.argv[1]))
    print(desk.install())
    QTimer.singleShot(0, fail)
    if "interrupted" not in sys.argv:
        QTimer.singleShot(0, close)
    if "dies" in sys.argv:
        import faulthandler
        QTimer.singleShot(0, faulthandler._sigsegv)
    code = app.exec()
    desk.uninstall()
    sys.exit(code)
"""


def run(data: Path, *how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, str(data), *how],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_closing_ends_the_program_with_the_exit_code_of_a_bug(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert len([f for f in (tmp_path / "crashes").iterdir() if f.name != "native.txt"]) == 1


def test_ctrl_c_ends_the_program_quietly(tmp_path: Path) -> None:
    done = run(tmp_path, "interrupted")
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert [f.name for f in (tmp_path / "crashes").iterdir()] == ["native.txt"]


@pytest.mark.slow
def test_the_next_start_hears_of_a_crash_of_native_code(tmp_path: Path) -> None:
    assert run(tmp_path, "dies").returncode < 0
    found = Path(run(tmp_path, "interrupted").stdout.strip())
    said = found.read_text()
    assert "Segmentation fault" in said
    assert "PySide6" in said
    assert run(tmp_path, "interrupted").stdout.strip() == "None"
