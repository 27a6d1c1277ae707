"""The strip of the open lesson, at the foot of the window: what to do now, its ticks, a hint, and the way on.

It has a place of its own, so that it covers nothing; where the window is small it is one row.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from core.desk.training import Standing
from core.lessons.course import LESSONS, lesson
from core.lessons.lesson import LessonQuestion, LessonStep
from core.text import Bilingual, T, Text
from gui.toolkit.announcement import announce, with_full_stop
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.manual_link import ask_for_chapter
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import StatusIcon, as_tip, literal, plain_label

#: Logical pixels of the window below which the strip is one row.
_SMALL_WIDTH: Final = 900
_SMALL_HEIGHT: Final = 620


class LessonStrip(QFrame):
    """Shows a :class:`Standing` in which a lesson is open; hidden while none is."""

    #: The practice phone of this scenario is to be plugged in.
    plug_wanted = Signal(str)
    #: The question of the step of this name was answered: by the answer at this place.
    answered = Signal(str, int)
    #: The lesson with this number is to be opened.
    lesson_wanted = Signal(int)
    list_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        mark(self, "foot")
        self.say = Parts(self)
        #: What is shown.
        self.standing: Standing | None = None
        self._phone_is_there = False
        #: What is said beside what is to be done: a reply, or what became of the phone.
        self._news: Translatable | None = None
        self._small = False
        self.title = self.say.line("", TextSize.SMALL_STRONG, "muted")
        self.ticks = QWidget()
        mark(self.ticks, "clear")
        self._ticks = row(inside=self.ticks, spacing=STEP // 2)
        self.do = self.say.label("", TextSize.STRONG)
        self.note = self.say.label("", kind="muted")
        self.main = self.say.button("", self._press_main)  # not filled: that is the page's next step
        self.hint = self.say.button(T("Hint"), self._again, kind="chip", tip=T("How this is done"), folds=True)
        label = T("More in the manual")
        self.manual = self.say.icon_button("help", label, self._open_chapter, tip=T("More in the manual (F1)"))
        everything = T("All lessons")
        self.all = self.say.icon_button(
            "practice", everything, self.list_wanted.emit, tip=T("All lessons (Ctrl+Shift+K)")
        )
        self.shut = self.say.icon_button("close", T("Close the lesson"), self.leave_wanted.emit)
        texts = column(self.do, self.note, spacing=2)
        self._head = QWidget()
        mark(self._head, "clear")
        row((self.title, 1), self.ticks, inside=self._head)
        tools = row(self.main, self.hint, self.manual, self.all, self.shut)
        self._column = column(self._head, row((texts, 1), tools, spacing=STEP * 2), inside=self, spacing=STEP // 2)
        self._fit()
        self.hide()

    def show_standing(self, standing: Standing, news: Translatable | None = None, *, phone_is_there: bool) -> None:
        """Show how far the officer is; `phone_is_there`: the practice phone of the step is plugged in. `news` is
        said with it.

        A screen reader is told of each step that was reached, and of what is to be done then.
        """
        before = self.standing
        self.standing, self._phone_is_there, self._news = standing, phone_is_there, news
        if before is None or before.step != standing.step or news is not None:
            self.hint.setChecked(False)
        self._refresh()
        open_now = standing.lesson
        self.setVisible(open_now is not None)
        same = before is not None and open_now is not None and before.lesson is open_now
        if before is not None and open_now is not None and same and standing.reached - before.reached:
            reached = [step.do for step in open_now.steps if step.key in standing.reached - before.reached]
            self._announce(T("Done: {step}", step=reached[-1]), self._now())
        elif news is not None:
            self._announce(news)
        elif open_now is not None and not same:
            self._announce(self._title(), self._now())

    def say_phone(self, *, is_there: bool) -> None:
        """The practice phone of the step is plugged in now, or is not any more."""
        if is_there == self._phone_is_there:
            return
        self._phone_is_there = is_there
        if not is_there:
            self._news = None
            self.hint.setChecked(False)
        self._refresh()
        if not is_there and (note := self._note()) is not None:
            self._announce(note)

    def go_to(self) -> None:
        """Put the cursor on what can be pressed here."""
        (self.main if self.main.isVisible() else self.hint).setFocus()

    # --- what it says

    def _title(self) -> Text:
        opened = self.standing.lesson if self.standing is not None else None
        if opened is None:
            return T("Lesson")
        return T("Lesson {number} of {all}: {title}", number=opened.number, all=len(LESSONS), title=opened.title)

    def _now(self) -> Translatable:
        """What the officer is to do now, or that the lesson is completed."""
        standing = self.standing
        if standing is None or standing.lesson is None:
            return T("Lesson")
        if standing.step is not None:
            return standing.step.goal.asks if isinstance(standing.step.goal, LessonQuestion) else standing.step.do
        if standing.next_number == 0:
            return T("All ten lessons are completed. The list of lessons has the training record.")
        return T("Lesson {number} is completed.", number=standing.lesson.number)

    def _note(self) -> Translatable | None:
        standing = self.standing
        if standing is None or standing.lesson is None:
            return None
        if self._news is not None:
            return self._news
        if standing.step is None:
            return None
        if self.hint.isChecked():
            return standing.step.hint
        if self._misses_phone() and standing.reached:
            return T("The practice phone is not plugged in. Plug it in: what is ticked stays ticked.")
        return None

    def _misses_phone(self) -> bool:
        step = self._step()
        return step is not None and bool(step.phone) and not self._phone_is_there

    def _step(self) -> LessonStep | None:
        return self.standing.step if self.standing is not None else None

    def _again(self) -> None:
        self._news = None
        self._refresh()

    def _refresh(self) -> None:
        standing = self.standing
        if standing is None or standing.lesson is None:
            return
        self.say(self.title.setText, self._title())
        note = self._note()
        self.say(self.do.setText, self._now())
        self.say(self.note.setText, note if note is not None else "")
        self.note.setVisible(note is not None)
        self.do.setVisible(not (self._small and self.hint.isChecked()))  # in one row there is room for one of the two
        self.hint.setVisible(standing.step is not None)
        self._refresh_main(standing)
        self._refresh_ticks(standing)
        self.say(self.setAccessibleName, lambda: f"{self._title()}. {self._now()}")

    def _refresh_main(self, standing: Standing) -> None:
        step = standing.step
        words: Translatable | None = None
        if step is None:
            words = T("Next lesson") if standing.next_number else T("All lessons")
        elif isinstance(step.goal, LessonQuestion):
            words = T("Answer…")
        elif self._misses_phone():
            words = T("Plug it in")
        had_focus = self.main.hasFocus()
        self.main.setVisible(words is not None)
        if words is not None:
            self.say(self.main.setText, words)
        elif had_focus:
            self.hint.setFocus()

    def _refresh_ticks(self, standing: Standing) -> None:
        empty(self._ticks)
        steps = standing.lesson.steps if standing.lesson is not None else ()
        for number, step in enumerate(steps, 1):
            is_reached = step.key in standing.reached
            self._ticks.addWidget(_tick(number, step, is_reached=is_reached, now=step is standing.step))
        count = len(standing.reached)
        self.say.name(self.ticks, T("{done} of {all} steps done", done=count, all=len(steps)))

    def _announce(self, *sentences: Translatable) -> None:
        announce(self, " ".join(with_full_stop(str(sentence)) for sentence in sentences))

    # --- what is pressed

    def _press_main(self) -> None:
        standing = self.standing
        if standing is None or standing.lesson is None:
            return
        step = standing.step
        if step is None:
            self.lesson_wanted.emit(standing.next_number) if standing.next_number else self.list_wanted.emit()
        elif isinstance(step.goal, LessonQuestion):
            self._ask(step.key, step.goal)
        elif step.phone:
            self.plug_wanted.emit(step.phone)

    def _ask(self, key: str, question: LessonQuestion) -> None:
        """Show the answers to a question in a menu above the button."""
        menu = self.answers(key, question)
        corner = self.main.mapToGlobal(QPoint(self.main.width(), 0))
        menu.popup(corner - QPoint(menu.sizeHint().width(), menu.sizeHint().height()))

    def answers(self, key: str, question: LessonQuestion) -> QMenu:
        """Make the menu of the answers to a question."""
        menu = QMenu(self)
        self.say.name(menu, question.asks)
        for place, answer in enumerate(question.answers):
            menu.addAction(literal(str(answer.words))).triggered.connect(partial(self._answer, key, place))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _answer(self, key: str, place: int, checked: bool = False) -> None:
        self.answered.emit(key, place)

    def _open_chapter(self) -> None:
        if self.standing is not None and self.standing.lesson is not None:
            ask_for_chapter(self, self.standing.lesson.chapter)

    # --- how large it is

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        small = self.width() < _SMALL_WIDTH or self.window().height() < _SMALL_HEIGHT
        if small != self._small:
            self._small = small
            self._fit()
            self._refresh()

    def _fit(self) -> None:
        self._head.setVisible(not self._small)
        self.main.show_key("" if self._small else "F8")
        edge = STEP if self._small else STEP * 2
        self._column.setContentsMargins(
            edge, STEP // 2 if self._small else STEP, edge, STEP // 2 if self._small else STEP
        )


def _tick(number: int, step: LessonStep, *, is_reached: bool, now: bool) -> QWidget:
    """The sign of one step: a tick once it was reached, else its number."""
    if is_reached:
        sign: QWidget = StatusIcon(20, Status.INFO, "check")
    else:
        sign = plain_label(str(number))
        mark(sign, "disc-now" if now else "disc")
        sign.setFixedSize(24, 24)
    sign.setToolTip(as_tip(str(step.do)))
    return sign


def reply_to(standing: Standing, key: str, place: int) -> Bilingual | None:
    """What is said to the answer at `place` to the question of the step `key` of the open lesson."""
    opened = lesson(standing.person.current) if standing.person.current else None
    goal = next((s.goal for s in opened.steps if s.key == key), None) if opened is not None else None
    return goal.answers[place].reply if isinstance(goal, LessonQuestion) and 0 <= place < len(goal.answers) else None
