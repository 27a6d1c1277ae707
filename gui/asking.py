"""What the sheets have in common that ask for something, have it done off the GUI thread, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.jobs import Progress
from core.text import T, Text
from gui.parts import Glyph, Line, ProblemBar, Prose, button
from gui.sayings import Saying, Sayings
from gui.tasks import Done, Ended, Failed, Job, Runner, Work
from gui.theme import STEP, Size, Status, mark

#: Logical pixels.
_WIDTH: Final = 560


@dataclass(frozen=True, slots=True)
class Made:
    """Something that was written outside: what to say of it, the file to open, and its folder."""

    sentence: Text
    file: Path
    folder: Path


class JobSheet(QDialog):
    """A sheet over the window: a form, then the work with its stop button, then the result.

    What is made of it fills `form`, and says in :meth:`work` what is to be done and in :meth:`tell` what came of it.
    """

    #: Something may be new in the log.
    recorded = Signal()
    #: Something was written outside: a :class:`Made`.
    made = Signal(object)

    def __init__(self, runner: Runner, lane: str, title: Text, go: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Sayings(self)
        self._runner = runner
        self._lane = lane
        self._job: Job[Any] | None = None
        self._closing = False
        self.asked = QWidget()
        self.form = QVBoxLayout(self.asked)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setSpacing(STEP + 4)
        self.trouble = ProblemBar()
        self.working = QWidget()
        self.doing = Line()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.told = QWidget()
        self.outcome = QVBoxLayout(self.told)
        self.outcome.setContentsMargins(0, 0, 0, 0)
        self.outcome.setSpacing(STEP + 4)
        self.verdict = Verdict()
        self.outcome.addWidget(self.verdict)
        self.go = button(kind="primary")
        self.stop = button("stop")
        self.shut = button()
        self.buttons = QHBoxLayout()
        self._lay_out()
        self.go.clicked.connect(self.begin)
        self.stop.clicked.connect(self.press_stop)
        self.shut.clicked.connect(self.reject)
        self.say(self.setWindowTitle, title)
        self.say(self.bar.setAccessibleName, T("How far it is"))
        self.say(self.go.setText, go)
        self.say(self.stop.setText, T("Stop"))
        self.resize(_WIDTH, 0)
        self._show(self.asked)

    def _lay_out(self) -> None:
        progress = QVBoxLayout(self.working)
        progress.setContentsMargins(0, STEP, 0, STEP)
        progress.setSpacing(STEP)
        progress.addWidget(self.doing)
        progress.addWidget(self.bar)
        self.buttons.setSpacing(STEP)
        self.buttons.addStretch()
        for one in (self.go, self.stop, self.shut):
            one.setAutoDefault(False)
            self.buttons.addWidget(one)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        column.setSpacing(STEP * 2)
        for part in (self.asked, self.trouble, self.working, self.told):
            column.addWidget(part)
        column.addLayout(self.buttons)

    # What those that are made of it say

    def work(self) -> Work[Any] | None:
        """What is to be done, as the form has it now; None if something is missing."""
        raise NotImplementedError

    def tell(self, value: Any) -> None:
        """Show what came of it."""
        raise NotImplementedError

    # What happens

    def begin(self) -> None:
        """Do it."""
        if self._job is not None or (work := self.work()) is None:
            return
        self.trouble.show_problem(None)
        self.bar.setRange(0, 0)
        self.say(self.doing.setText, T("Please wait…"))
        self.stop.setEnabled(True)
        self._show(self.working)
        job = self._runner.start(self, self._lane, work, self._ended, self._heard)
        self._job = None if job.end is not None else job

    def press_stop(self) -> None:
        """Stop, as soon as that is possible."""
        if self._job is not None:
            self._job.stop()
            self.stop.setEnabled(False)
            self.say(self.doing.setText, T("Being stopped…"))

    @property
    def busy(self) -> bool:
        """Whether it is being done."""
        return self._job is not None

    def ask_again(self) -> None:
        """Show the form, as it was filled in."""
        self._show(self.asked)

    def complain(self, problem: Any) -> None:
        """Say what is wrong with what is asked for; None: nothing any more."""
        self.trouble.show_problem(problem)
        self.fit()

    def _heard(self, event: object) -> None:
        if isinstance(event, Progress):
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(event.share * 1000))
            if self._job is not None and not self._job.cancel.pressed:
                self.say(self.doing.setText, event.doing)

    def _ended(self, end: Ended[Any]) -> None:
        self._job = None
        if isinstance(end, Done):
            self._show(self.told)
            self.tell(end.value)
            self.shut.setFocus()
        else:
            self.trouble.show_problem(end.problem if isinstance(end, Failed) else None)
            self._show(self.asked)
            self.go.setFocus()
        self.recorded.emit()
        self.fit()

    def _show(self, part: QWidget) -> None:
        for one in (self.asked, self.working, self.told):
            one.setVisible(one is part)
        if part is not self.asked:
            self.trouble.hide()
        self.go.setVisible(part is self.asked)
        self.stop.setVisible(part is self.working)
        self.shut.setVisible(part is not self.working)
        self.say(self.shut.setText, T("Cancel") if part is self.asked else T("Close"))
        if part is self.working:
            self.stop.setFocus()
        self.fit()

    def fit(self) -> None:
        """Be as tall as what is shown needs, but no taller than the screen."""
        for part in (self.asked, self.working, self.told):  # what was put into them is not known outside them yet
            part.ensurePolished()
            if (inside := part.layout()) is not None:
                inside.activate()
            part.updateGeometry()
        self._column.invalidate()
        self._column.activate()
        width = max(self.width(), self._column.minimumSize().width())
        self.resize(width, min(self._needed(width), self._room()))

    def showEvent(self, event: QShowEvent) -> None:
        self.fit()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Wrapped text needs more lines in less width, which Qt does not ask of a window by itself.
        self.setMinimumHeight(min(self._needed(self.width()), self._room()))

    def _needed(self, width: int) -> int:
        return max(self._column.totalHeightForWidth(width), self._column.minimumSize().height())

    def _room(self) -> int:
        return self.screen().availableGeometry().height() - STEP * 4

    # Its end

    def reject(self) -> None:
        """Escape: what is under way is stopped first, and the sheet stays."""
        if self._job is not None:
            self.press_stop()
            if not self._closing:
                return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closing = True
        super().closeEvent(event)


class Verdict(QFrame):
    """The result in large: a sign, one sentence, and what belongs to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Sayings(self)
        self.glyph = Glyph(40)
        self.headline = Prose(Size.TITLE, selectable=True)
        self.sentence = Prose(selectable=True)
        texts = QVBoxLayout()
        texts.setSpacing(STEP // 2)
        texts.addWidget(self.headline)
        texts.addWidget(self.sentence)
        row = QHBoxLayout(self)
        row.setContentsMargins(STEP * 2, STEP * 3 // 2, STEP * 2, STEP * 3 // 2)
        row.setSpacing(STEP * 2)
        row.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)

    def show_verdict(self, status: Status, headline: Saying, sentence: Saying | Callable[[], Saying] = "") -> None:
        """Show this result."""
        mark(self, status.value)
        self.glyph.show_status(status)
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        self.sentence.setVisible(bool(self.sentence.text()))
        self.setAccessibleName(f"{self.headline.text()} {self.sentence.text()}")
