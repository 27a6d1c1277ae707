"""What the dialogs have in common that ask for something, have it done off the GUI thread, and show the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QDialog,
    QFrame,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from core import value_names
from core.jobs import Progress
from core.text import T, Text, plain
from gui.toolkit.announcement import announce, with_full_stop
from gui.toolkit.buttons import ENTER
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Work
from gui.toolkit.layouts import Part, ScrollArea, column, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ElidedLabel, ProblemBar, StatusIcon, plain_label

#: Logical pixels.
_WIDTH: Final = 560
#: Logical pixels around a dialog that stay free on the screen: its frame, and something to hold on to.
_AROUND: Final = STEP * 6


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """Something that was written outside: what to say of it, the file to open, and its folder."""

    sentence: Text
    file: Path
    folder: Path


class ResultBanner(QFrame):
    """The result in large: a sign, one sentence, what belongs to it, and where it lies."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.glyph = StatusIcon(32)
        self.headline = self.say.label("", TextSize.TITLE, selectable=True)
        # A path that is broken, or cut at its end, is none: its two ends are shown.
        self.place = ElidedLabel(TextSize.STRONG, elide=Qt.TextElideMode.ElideMiddle)
        self.folder = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self.sentence = self.say.label("", selectable=True)
        texts = column(self.headline, self.place, self.folder, self.sentence, None, spacing=STEP // 2)
        edges = (STEP * 2, STEP * 3 // 2, STEP * 2, STEP * 3 // 2)
        row((self.glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP * 2, inside=self, margins=edges)

    def show_result(
        self, status: Status, headline: Translatable, sentence: Said = "", place: Path | None = None
    ) -> None:
        """Show how the work ended; `place` is the file or folder that it has written."""
        mark(self, status.value)
        self.glyph.show_status(status)
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        for line, text in (
            (self.place, place.name if place else ""),
            (self.folder, str(place.parent) if place else ""),
        ):
            line.setText(plain(text, 1_000))
            line.setVisible(bool(text))
        self.sentence.setVisible(bool(self.sentence.text()))
        texts = with_full_stop(self.headline.text()), self.place.whole(), self.folder.whole(), self.sentence.text()
        self.setAccessibleName(" ".join(filter(None, texts)))
        announce(self, self.accessibleName())


class JobDialog(QDialog):
    """A dialog over the window: a form, then the work with its stop button, then the result.

    Its middle scrolls where the screen is small; its buttons stay in sight. A subclass fills `form`, gives in
    :meth:`work` what is to be done, and shows the result in :meth:`tell`.
    """

    #: Something may be new in the log.
    recorded = Signal()
    #: Something was written outside: a :class:`WrittenFile`.
    file_written = Signal(object)

    def __init__(
        self,
        runner: JobRunner,
        lane: str,
        title: Text,
        go: Text,
        parent: QWidget,
        *,
        practice: bool | None = None,
        destroys: bool = False,
    ) -> None:
        """`practice` tells which log the dialog is about, which it then names; None where it names it itself.

        `destroys` tells that something is lost, or allowed, by what it does: its button is not pressed unread.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        #: Whether Enter does it from a field for one line.
        self.enter_begins = not destroys
        self.say = Parts(self)
        self._runner = runner
        self._lane = lane
        self._job: Job[Any] | None = None
        self._closing = False
        self._only_tells = False
        self._reason_beside = True
        self.log_label = plain_label()
        mark(self.log_label, "practice")
        self.say(self.log_label.setText, T("Practice log: what it holds is not about real phones."))
        self.name_practice(bool(practice))
        self.question_part = QWidget()
        self.form = column(inside=self.question_part, spacing=STEP + 4)
        self.trouble = ProblemBar()
        self.working = QWidget()
        self.doing = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.say.name(self.bar, T("Progress"))
        column(self.doing, self.bar, inside=self.working, margins=(0, STEP, 0, STEP))
        self.result_part = QWidget()
        self.verdict = ResultBanner()
        self.outcome = column(self.verdict, inside=self.result_part, spacing=STEP + 4)
        self.middle = _Middle(self.log_label, self.question_part, self.trouble, self.working, self.result_part, None)
        log_name = T("Practice log") if practice else T("Desk log")
        self.say(self.setWindowTitle, title if practice is None else value_names.pair(title, log_name))
        self.say.name(self.middle, title)
        self.go = self.say.button(go, self.begin, kind="primary", destroys=destroys)
        #: Why its button for the work is grey.
        self.grey = GreyReason(self.go, self.say)
        self.stop = self.say.button(T("Stop"), self.press_stop, icon="stop")
        self._stopping = GreyReason(self.stop, self.say)
        self.shut = self.say.button(T("Close"), self.reject)
        for control in (self.go, self.stop, self.shut):
            control.setAutoDefault(False)
        #: What can be done with the result: beside the button that closes the dialog.
        self._tools: list[QWidget] = []
        self._tool_row = row(None)
        #: A row; two where one is too wide for the screen.
        self.buttons: QBoxLayout = row(
            self._tool_row,
            row((self.grey.line, 1), self.go, self.stop, self.shut),
            margins=(STEP * 3, 0, STEP * 3, STEP * 2),
        )
        self._column = column((self.middle, 1), self.buttons, inside=self)
        self.resize(_WIDTH, 0)
        self._show(self.question_part)

    def explain(self, text: Said, size: TextSize = TextSize.BODY, kind: str = "") -> None:
        """Add a paragraph to the form."""
        self.form.addWidget(self.say.label(text, size, kind))

    def add_tool(self, tool: QWidget) -> None:
        """Put a button or the like beside the result, where it is shown with that."""
        self._tool_row.insertWidget(len(self._tools), tool)
        self._tools.append(tool)
        tool.hide()

    def hold_back(self, why: Translatable | None, missing: QWidget | None = None, *, beside: bool = True) -> None:
        """Have its button for the work wait, for this reason, until `missing` was filled in; None: for nothing.

        The reason stands beside the button, unless the form says it already: then it is not said `beside` it.
        """
        self.grey.show(why, missing)
        self._reason_beside = beside
        self._show_reason()

    def _show_reason(self) -> None:
        shown, line = self._reason_beside and not (self.go.isHidden() or self.go.isEnabled()), self.grey.line
        if shown == line.isHidden():
            line.setVisible(shown)
            self.fit()

    def name_practice(self, practice: bool) -> None:
        """Say that the dialog is about the practice log, or that it is not."""
        self.log_label.setVisible(practice)

    # What subclasses say

    def work(self) -> Work[Any] | None:
        """What is to be done, as the form has it now; None if something is missing."""
        raise NotImplementedError

    def tell(self, value: Any) -> None:
        """Show the result of the work."""
        raise NotImplementedError

    # What happens

    def begin(self) -> None:
        """Have the work done, if nothing is missing in the form and none is under way."""
        if self._job is not None or (work := self.work()) is None:
            return
        self.trouble.show_problem(None)
        self.bar.setRange(0, 1000)  # at rest until it is known how far it is: a bar that runs to and fro is no news
        self.bar.setValue(0)
        self.say(self.doing.setText, T("Please wait…"))
        self._stopping.show(None)
        self._show(self.working)
        job = self._runner.start(self, self._lane, work, self._ended, self._take_news)
        self._job = None if job.end is not None else job

    def press_stop(self) -> None:
        """Ask the work to stop, which it does as soon as it can."""
        if self._job is not None:
            self._job.stop()
            self._stopping.show(T("Stopping…"))
            self.say(self.doing.setText, T("Stopping…"))

    @property
    def busy(self) -> bool:
        """Whether the work is under way."""
        return self._job is not None

    def ask_again(self) -> None:
        """Show the form, as it was filled in."""
        self._show(self.question_part)

    def only_tell(self) -> None:
        """Have the dialog only tell something: its button for the work goes away."""
        self._only_tells = True
        self._show(self.question_part)

    def complain(self, problem: Any) -> None:
        """Say what is wrong with what is asked for; None: nothing any more."""
        self.trouble.show_problem(problem)
        self.fit()
        self._look_at_trouble()

    def _look_at_trouble(self) -> None:
        if self.trouble.problem is not None:
            self.middle.ensureWidgetVisible(self.trouble, 0, STEP)

    def _take_news(self, event: object) -> None:
        if isinstance(event, Progress):
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(event.share * 1000))
            if self._job is not None and not self._job.cancel.pressed:
                self.say(self.doing.setText, event.doing)

    def _ended(self, end: JobEnd[Any]) -> None:
        self._job = None
        if isinstance(end, Done):
            self._show(self.result_part)
            self.tell(end.value)
            self.shut.setFocus()
        else:
            self.trouble.show_problem(end.problem if isinstance(end, Failed) else None)
            self._show(self.question_part)
            self.go.setFocus()
        self.recorded.emit()
        self.fit()
        self._look_at_trouble()

    def _show(self, part: QWidget) -> None:
        for other_part in (self.question_part, self.working, self.result_part):
            other_part.setVisible(other_part is part)
        if part is not self.question_part:
            self.trouble.hide()
        for tool in self._tools:
            tool.setVisible(part is self.result_part)
        asks = part is self.question_part and not self._only_tells
        self.go.setVisible(asks)
        self._show_reason()
        self.stop.setVisible(part is self.working)
        self.shut.setVisible(part is not self.working)
        self.say(self.shut.setText, T("Cancel") if asks else T("Close"))
        if part is self.working:
            self.stop.setFocus()
        self.middle.verticalScrollBar().setValue(0)
        self.fit()

    # How large it is

    def fit(self) -> None:
        """Be as tall as what is shown needs, but no larger than the screen: then the middle scrolls."""
        room = self.room()
        self.buttons.setDirection(QBoxLayout.Direction.LeftToRight)
        if self.buttons.minimumSize().width() > room.width():
            self.buttons.setDirection(QBoxLayout.Direction.TopToBottom)
        # What was put into them is not known outside them yet.
        for part in (self.question_part, self.working, self.result_part):
            part.ensurePolished()
            if (inside := part.layout()) is not None:
                inside.activate()
            part.updateGeometry()
        self.middle.settle()
        self._column.invalidate()
        self._column.activate()
        self.setMaximumSize(room)
        least = max(self.middle.column.minimumSize().width(), self.buttons.minimumSize().width())
        width = min(max(self.width(), least), room.width())
        self.resize(width, min(self._needed(width), room.height()))
        self._stay_in_sight()

    def _needed(self, width: int) -> int:
        """How high the dialog has to be at a width so that nothing is scrolled (both in logical pixels)."""
        return self.middle.needed(width) + self._column.spacing() + self.buttons.sizeHint().height()

    def room(self) -> QSize:
        """How large a dialog may be on this screen (logical pixels)."""
        free = self.screen().availableGeometry().size()
        return QSize(max(free.width() - _AROUND, 1), max(free.height() - _AROUND, 1))

    def _stay_in_sight(self) -> None:
        """Move the dialog back onto the screen where it has grown beyond it."""
        if not self.isVisible():
            return
        free, frame = self.screen().availableGeometry(), self.frameGeometry()
        x = max(free.left(), min(frame.left(), free.right() - frame.width()))
        y = max(free.top(), min(frame.top(), free.bottom() - frame.height()))
        if (x, y) != (frame.left(), frame.top()):
            self.move(x, y)

    def showEvent(self, event: QShowEvent) -> None:
        self.fit()
        super().showEvent(event)

    # Its end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field has the work done, or leads to what is missing; but never where something is destroyed."""
        in_field = isinstance(self.focusWidget(), QLineEdit | QAbstractSpinBox) and self.go.isVisible()
        if event.key() not in ENTER or not in_field or not self.enter_begins or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif self.go.isEnabled():
            self.begin()
        else:
            self.grey.go_to_missing()

    def reject(self) -> None:
        """Escape: what is under way is stopped first, and the dialog stays."""
        if self._job is not None:
            self.press_stop()
            if not self._closing:
                return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closing = True
        super().closeEvent(event)


class _Middle(ScrollArea):
    """What a dialog shows between its upper edge and its buttons: scrolls only where it has to."""

    def __init__(self, *parts: Part) -> None:
        inside = QWidget()
        # How tall it has to be follows from its width alone: what wrapped text asks for before it has one is too much.
        inside.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP)
        box = column(*parts, inside=inside, spacing=STEP * 2, margins=edges)
        super().__init__(inside)
        self._inside, self.column = inside, box

    def settle(self) -> None:
        """Something in it was shown, hidden or written: from now on it is as tall as that needs, and scrolls so far.

        Qt would do so a moment later, and what is scrolled to by then would not be reached.
        """
        self.column.invalidate()
        self.column.activate()
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def needed(self, width: int) -> int:
        """How high the parts are together at a width (both in logical pixels)."""
        box = self.column
        return box.totalHeightForWidth(width) if box.hasHeightForWidth() else box.totalSizeHint().height()

    def minimumSizeHint(self) -> QSize:
        return QSize(1, STEP * 6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where one had come to stays in sight.
        if (focused := self.focusWidget()) is not None and self._inside.isAncestorOf(focused):
            self.ensureWidgetVisible(focused, 0, STEP)
