"""The window's beginning and end: what is made, in which order, and how it is let go of."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from core import __version__, text
from core.desk.desk import Desk
from core.desk.settings.data_choice import ChoiceProblem
from core.ledger.place import ledger_file
from core.problem import Problem
from core.system.files import folder_check
from core.system.files.files import ensure_file
from core.system.processes.surroundings import out_of_working_folder
from core.system.support import support_log
from core.text import Language
from gui.startup import startup_check
from gui.startup.chosen_folder import settle
from gui.startup.qt_application import application
from gui.startup.single_instance import SingleInstance
from gui.startup.start_again import START_AGAIN, start_again
from gui.toolkit.focus_marks import FocusMarks
from gui.toolkit.jobs import JobRunner
from gui.toolkit.theme import Appearance, ColourScheme
from gui.toolkit.translated_text import begin_in
from gui.window.main_window import MainWindow

if TYPE_CHECKING:  # loaded late
    from gui.desk.session.phone_sessions import PhoneSessions
    from gui.startup.after_first_paint import LateServices

#: What the window remembers, in the data folder.
MEMORY = "window.ini"


class Fanion:
    """What one open window is made of: settings, looks, jobs, and the window itself."""

    def __init__(self, app: QApplication, desk: Desk, **phones: Any) -> None:
        """`phones` are further arguments of :class:`PhoneSessions`, for tests."""
        self.desk = desk
        with contextlib.suppress(OSError):  # it is there, or will not be
            ensure_file(desk.data / MEMORY)  # Qt would let others read it
        self.settings = QSettings(str(desk.data / MEMORY), QSettings.Format.IniFormat)
        self.looks = Appearance(app, _choice(self.settings.value("scheme")), later=True)
        self.runner = JobRunner()
        self.focus_marks = FocusMarks(app)
        self.window = MainWindow(desk, self.runner, self.looks, self.settings, **phones)
        self.looks.dress(self.window)
        self.window.switches.use_language(text.language())
        self.looks.choose(self.looks.choice)

    @property
    def phones(self) -> PhoneSessions:
        """The phones at the desk."""
        return self.window.desk_page.phones

    def close(self) -> None:
        """Stop what is under way, wait for it, and let go of phones and ledgers."""
        self.window.kiosk.locked = False  # the program ends, and asks for no password
        self.window.close()
        self.window.desk_page.close_phones()
        self.runner.close()
        self.desk.close()
        self.window.deleteLater()
        self.focus_marks.deleteLater()
        self.looks.deleteLater()


def run(
    data: str | None,
    language: Language | None,
    portable: bool = False,
    instead: Callable[[], int] | None = None,
    text_size: int = 100,
) -> int:
    """Open the window and stay until it is closed. Returns the exit code.

    `instead` is done where the session has no access to a screen, and gives the exit code. `text_size` is how large the
    window is, in percent: Qt takes another size only when it starts, so that Fanion starts again for one.
    """
    code = _run(data, language, portable, instead, text_size)
    if code == START_AGAIN:
        start_again()
    return code


def _run(
    data: str | None, language: Language | None, portable: bool, instead: Callable[[], int] | None, text_size: int
) -> int:
    app = application(sys.argv[0], partial(_no_window, instead=instead), text_size)
    app.setApplicationName("Fanion")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("fanion")
    try:
        desk = Desk.at(data, portable)
    except ChoiceProblem as problem:
        other_desk = settle(problem)
        if other_desk is None:
            return problem.exit_code
        if other_desk.settings.text_size != text_size:  # another than the settings have that could be read before
            return START_AGAIN
        desk = other_desk
    except folder_check.NoFolder as problem:
        _tell(problem)
        return problem.exit_code
    begin_in(language or desk.settings.language)
    instance = SingleInstance(desk.data)
    try:
        if not instance.claim():
            return 0
        folder_check.require(desk.data, portable=portable)
    except folder_check.NotWritable as problem:
        _tell(problem)
        # What is on record can still be looked at, but not on a stick that was to be carried to the next computer.
        if portable or not _has_log(desk):
            instance.close()
            return problem.exit_code
    except Problem as problem:
        _tell(problem)
        return problem.exit_code
    try:
        support_log.start(desk.data)
        with out_of_working_folder():  # nor does what the window opens outside stand there
            return _opened(app, desk, instance)
    except Exception as bug:  # the window could not be made, or not be let go of
        from gui.startup.crash_handler import end_after  # hardly a run ends so

        return end_after(bug, desk.data)
    finally:
        support_log.stop()
        instance.close()


def _opened(app: QApplication, desk: Desk, instance: SingleInstance) -> int:
    fanion = Fanion(app, desk)
    late: list[LateServices] = []

    def begin() -> None:
        from gui.startup.after_first_paint import LateServices  # loaded late

        late.append(LateServices(app, fanion.window, instance))

    fanion.window.first_painted.connect(begin)
    fanion.window.again_wanted.connect(lambda: app.exit(START_AGAIN))
    fanion.window.show()
    support_log.info("window.open")
    try:
        return app.exec()
    finally:
        for rest in late:
            rest.end()
        fanion.close()
        support_log.info("window.close")


def _choice(value: object) -> ColourScheme:
    return ColourScheme(str(value)) if str(value) in set(ColourScheme) else ColourScheme.SYSTEM


def _has_log(desk: Desk) -> bool:
    real, practised = ledger_file(desk.log_folder), ledger_file(desk.data, practice=True)
    # Not Path.exists(), which raises where this account may not even look into a folder that others share.
    return os.path.exists(real) or os.path.exists(practised)


def _no_window(message: str, instead: Callable[[], int] | None) -> None:
    """End the process, as Qt is about to do: say why, or do `instead` what can be done without a screen."""
    code = startup_check.UNFIT
    try:
        if instead is not None and startup_check.lacks_screen(message):
            code = instead()
            sys.stdout.flush()
        else:
            startup_check.tell(startup_check.because(message))
    finally:
        os._exit(code)


def _tell(problem: Problem) -> None:
    """Show a problem that keeps the window from opening, or from being of use."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"{problem.sentence}\n{problem.next_step}\n")
    box = QMessageBox(QMessageBox.Icon.Warning, "Fanion", str(problem.sentence))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(str(problem.next_step))
    box.exec()
