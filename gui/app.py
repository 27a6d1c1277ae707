"""The window's beginning and end: what is made, in which order, and how it is let go of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from core import __version__, text
from core.desk import Desk
from core.problem import Problem
from core.text import Language
from gui.instance import OneInstance
from gui.tasks import Runner
from gui.theme import Choice, Looks
from gui.window import Window

if TYPE_CHECKING:
    from gui.desk.stays import Phones
    from gui.rest import Rest

#: What the window remembers, in the data folder.
MEMORY = "window.ini"


class Fanion:
    """Everything that one open window is made of."""

    def __init__(self, app: QApplication, desk: Desk, **phones: Any) -> None:
        """`phones` are further arguments of :class:`Phones`, for tests."""
        self.desk = desk
        self.settings = QSettings(str(desk.data / MEMORY), QSettings.Format.IniFormat)
        self.looks = Looks(app, _choice(self.settings.value("scheme")), later=True)
        self.runner = Runner()
        self.window = Window(desk, self.runner, self.looks, self.settings, **phones)
        self.window.use_language(text.language())
        self.looks.choose(self.looks.choice)

    @property
    def phones(self) -> Phones:
        """The phones at the desk."""
        return self.window.desk_page.phones

    def close(self) -> None:
        """Stop what is under way, wait for it, and let go of phones and ledgers."""
        self.window.close()
        self.window.desk_page.close_phones()
        self.runner.close()
        self.desk.close()
        self.window.deleteLater()
        self.looks.deleteLater()


def run(data: str | None, language: Language | None) -> int:
    """Open the window and stay until it is closed. Returns the exit code."""
    # Not QApplication.setStyle(): what that returns brings a thousand names with it, which takes a tenth of the start.
    app = QApplication([*sys.argv[:1], "-style", "fusion"])
    app.setApplicationName("Fanion")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("fanion")
    desk = Desk.at(data)
    text.use(language or desk.settings.language)
    instance = OneInstance(desk.data)
    try:
        if not instance.claim():
            return 0
    except Problem as problem:
        _tell(problem)
        return problem.exit_code
    try:
        return _opened(app, desk, instance)
    except Exception as bug:  # the window could not be made, or not be let go of
        from gui.crash import CrashDesk

        return CrashDesk(desk.data).fatal(bug)
    finally:
        instance.close()


def _opened(app: QApplication, desk: Desk, instance: OneInstance) -> int:
    fanion = Fanion(app, desk)
    rests: list[Rest] = []

    def begin() -> None:
        from gui.rest import Rest

        rests.append(Rest(app, fanion.window, instance))

    fanion.window.seen.connect(begin)
    fanion.window.show()
    try:
        return app.exec()
    finally:
        for rest in rests:
            rest.end()
        fanion.close()


def _choice(value: object) -> Choice:
    return Choice(str(value)) if str(value) in set(Choice) else Choice.SYSTEM


def _tell(problem: Problem) -> None:
    """A problem that keeps the window from opening."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Warning, "Fanion", str(problem.sentence))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(str(problem.next_step))
    box.exec()
