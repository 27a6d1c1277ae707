"""An officer who learns: the open lesson, done by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from gui.lessons.lesson_strip import LessonStrip
from gui.lessons.lessons_dialog import LessonsDialog
from gui.window.lesson_guide import LessonGuide
from tests.gui.conftest import Office


class Learner:
    """Does a lesson in an open window, with keys only."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @property
    def guide(self) -> LessonGuide:
        return self.office.window.beside.lessons

    @property
    def strip(self) -> LessonStrip:
        return self.guide.strip

    def open_list(self) -> LessonsDialog:
        """The list of lessons, opened by its key."""
        self.office.press("Ctrl+Shift+K")
        self.office.until(lambda: isinstance(QApplication.activeWindow(), LessonsDialog))
        dialog = QApplication.activeWindow()
        assert isinstance(dialog, LessonsDialog)
        return dialog

    def begin(self, number: int) -> None:
        """Open a lesson from the list."""
        dialog = self.open_list()
        dialog.list.setCurrentRow(number - 1)
        self.office.press("Return")
        self.office.until(lambda: self.opened == number)
        self.come_back()

    def come_back(self) -> None:
        """The window is in front again, as a desktop has it once a dialog or a menu is closed."""
        self.office.window.activateWindow()
        self.office.until(lambda: QApplication.activeWindow() is self.office.window)

    @property
    def opened(self) -> int:
        """The number of the lesson in the strip; 0 where it is not to be seen."""
        standing = self.strip.standing
        return standing.person.current if standing is not None and self.strip.isVisible() else 0

    @property
    def now(self) -> str:
        """The name of the step that the strip asks for; empty where all is done."""
        standing = self.strip.standing
        step = standing.step if standing is not None else None
        return step.key if step is not None else ""

    def until(self, step: str) -> None:
        """Wait until the strip asks for this step."""
        self.office.until(lambda: self.now == step, f"{step} after {self.now}")

    def press_main(self) -> None:
        """Go to the strip by its key, and press its button."""
        self.office.press("F8")
        self.office.until(self.strip.main.hasFocus)
        self.office.press("Space")

    def answer(self, place: int) -> None:
        """Answer the question of the step, by the keys of the menu."""
        self.press_main()
        self.office.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in range(place + 1):
            self.office.qtbot.keyClick(menu, Qt.Key.Key_Down)
        self.office.qtbot.keyClick(menu, Qt.Key.Key_Return)
        self.come_back()


@pytest.fixture
def learner(office: Office) -> Learner:
    return Learner(office)
