"""The list of the ten lessons, with how far the officer is, and the way into each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QWidget

from core.desk.training import Standing
from core.lessons.course import LESSONS
from core.lessons.lesson import Lesson
from core.text import T, Text
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize

#: Logical pixels.
_SIZE = (620, 620)


class LessonsDialog(QDialog):
    """Ten rows; below them what the chosen lesson teaches, and the buttons that open it."""

    #: The lesson with this number is to be opened: where the officer was, or from its beginning.
    begin_wanted = Signal(int)
    again_wanted = Signal(int)
    #: The training record is wanted.
    record_wanted = Signal()

    def __init__(self, standing: Standing, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self._standing = standing
        self.say(self.setWindowTitle, T("Ten lessons"))
        person, count = standing.person.name, standing.completed_count
        heading = self.say.label(
            T("{name}: {done} of {all} lessons completed", name=person, done=count, all=len(LESSONS)), TextSize.HEAD
        )
        self.list = QListWidget()
        self.say.name(self.list, T("Lessons"))
        for lesson in LESSONS:
            self.list.addItem(self._row(lesson))
        self.about = self.say.label("")
        self.begin = self.say.button("", lambda: self._choose(self.begin_wanted), kind="primary")
        self.again = self.say.button(T("Begin again"), lambda: self._choose(self.again_wanted))
        self.record = self.say.button(T("Training record…"), self.record_wanted.emit, icon="print")
        shut = self.say.button(T("Close"), self.reject)
        for button in (self.begin, self.again, self.record, shut):
            button.setAutoDefault(False)
        judged = self.say.label(
            T("The practice phones of the lessons are judged by Canada’s policy. The real log is not affected."),
            TextSize.SMALL,
            "muted",
        )
        column(
            heading,
            (self.list, 1),
            self.about,
            judged,
            row(self.record, None, self.again, self.begin, shut),
            inside=self,
            spacing=STEP + 4,
            margins=(STEP * 3, STEP * 2, STEP * 3, STEP * 2),
        )
        self.list.currentRowChanged.connect(self._show)
        self.list.itemActivated.connect(lambda item: self._choose(self.begin_wanted))
        chosen = standing.person.current or standing.next_number or 1
        self.list.setCurrentRow(chosen - 1)
        room = self.screen().availableGeometry().size()
        self.resize(min(_SIZE[0], room.width() - STEP * 4), min(_SIZE[1], room.height() - STEP * 6))
        self.list.setFocus()

    def _row(self, lesson: Lesson) -> QListWidgetItem:
        completion = self._standing.person.completed(lesson.number)
        words = T("{number}. {title}", number=lesson.number, title=lesson.title)
        if completion is not None:
            words = T("{lesson} (completed {day})", lesson=words, day=completion.when.date().isoformat())
        elif reached := self._reached(lesson):
            words = T("{lesson} ({done} of {all} steps)", lesson=words, done=reached, all=len(lesson.steps))
        item = QListWidgetItem(icon("check" if completion is not None else "practice"), str(words))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}. {lesson.about}")
        return item

    def _reached(self, lesson: Lesson) -> int:
        attempt = self._standing.person.attempt(lesson.number)
        return len(attempt.reached) if attempt is not None else 0

    def _show(self, row: int) -> None:
        lesson = LESSONS[row]
        attempt = self._standing.person.attempt(lesson.number)
        under_way = attempt is not None and not attempt.whole
        self.say(self.about.setText, lesson.about)
        self.say(self.begin.setText, self._begin_words(lesson, under_way=under_way))
        self.again.setVisible(under_way)

    def _begin_words(self, lesson: Lesson, *, under_way: bool) -> Text:
        if under_way:
            return T("Go on")
        return T("Begin again") if self._standing.person.completed(lesson.number) is not None else T("Begin")

    def _choose(self, wanted: SignalInstance) -> None:
        """Close, and want the chosen lesson."""
        self.accept()
        wanted.emit(self.list.currentRow() + 1)
