"""How the Round page is laid out: the round in large, its numbers, its charts, and the phones that come first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QWidget

from core.text import T, Text
from gui.rounds.phone_card import PhoneCard
from gui.toolkit.chart import Chart
from gui.toolkit.layouts import FlowLayout, ScrollArea, column, row
from gui.toolkit.list_page import Stack
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import EmptyState, ProblemBar, StatusIcon, plain_label

_EDGE: Final = STEP * 2 + 4
#: Logical pixels, below which cards stand below each other.
_NARROW: Final = 900


class Tile(QFrame):
    """A number, what it counts, and more about it; pressed, it opens the phones that it counts."""

    def __init__(self, what: Text, opens: Callable[[], object], status: Status | None = None) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.number = self.say.button("", opens, kind="number", name=what)
        self.number.setFont(font(TextSize.DISPLAY))
        self.number.setMinimumHeight(self.number.fontMetrics().height())
        self.more = self.say.label("", TextSize.SMALL, "muted")
        sign = [(StatusIcon(16, status), 0, Qt.AlignmentFlag.AlignVCenter)] if status is not None else []
        first = QWidget()
        mark(first, "clear")
        first.setMinimumHeight(self.number.fontMetrics().height() + 4)
        row(self.number, *sign, None, inside=first)
        column(
            first,
            self.say.label(what, TextSize.STRONG),
            self.more,
            None,
            spacing=2,
            inside=self,
            margins=(_EDGE - 4, STEP * 2, _EDGE - 4, STEP * 2),
        )
        self._what = what

    def show_number(self, number: int, more: Said = "") -> None:
        """Show this number, and what belongs to it."""
        self.say(self.number.setText, str(number))
        self.say.name(self.number, T("{number} {what}", number=number, what=self._what))
        self.number.setEnabled(number > 0)
        self.say(self.more.setText, more)


class RoundView(QWidget):
    """The parts of the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.problem = ProblemBar()
        self.title = self.say.line("", TextSize.TITLE)
        self.about = self.say.line("", TextSize.BODY, "muted")
        self.choose = self.say.button(T("Other rounds…"), kind="link")
        self.bring = self.say.button(T("Bring a roster…"), icon="bring")
        self.report = self.say.button(T("Report…"), icon="receipt")
        self.carry = self.say.button(T("Carry home…"), icon="outside")
        self.end = self.say.button(T("Close the round…"))
        self.new = self.say.button(T("New round…"), icon="plus", kind="primary")
        self.checked, self.of, self.share = plain_label(), plain_label(), plain_label()
        self.checked.setFont(font(TextSize.DISPLAY))
        self.of.setFont(font(TextSize.STRONG))
        mark(self.share, "muted")
        self.progress = Chart()
        self.due = Tile(T("due"), lambda: self.open_list("due"))
        self.red = Tile(T("red, open"), lambda: self.open_list("red"), Status.RED)
        self.amber = Tile(T("amber"), lambda: self.open_list("amber"), Status.AMBER)
        self.others = Tile(T("unexpected"), lambda: self.open_list("unexpected"))
        self.units, self.pace, self.days = Chart(), Chart(), Chart()
        self.pace_words = self.say.label("", TextSize.BODY, "muted")
        self.red_card = PhoneCard(T("Red, still open"), T("None is red."), lambda: self.open_list("red"))
        self.other_card = PhoneCard(
            T("Not on the roster"),
            T("Every phone that was checked is on the roster."),
            lambda: self.open_list("unexpected"),
        )
        self.late_card = PhoneCard(
            T("Not seen for long"),
            T("Each phone that is due was seen a short while ago."),
            lambda: self.open_list("late"),
        )
        self.twice_card = PhoneCard(
            T("Seen more than once"), T("No phone was seen twice."), lambda: self.open_list("twice")
        )
        self.nothing = EmptyState("round", title=T("No round yet"))
        self.say(
            self.nothing.sentence.setText,
            T(
                "A round is a field audit: bring the roster of the phones that must be seen, and each check ticks one"
                " off."
            ),
        )
        self.begin = self.nothing.add_button(T("New round…"), lambda: self.new.click(), "primary")
        self.carry_without = self.nothing.add_button(T("Carry home…"), lambda: self.carry.click())
        self.due_again = self.say.label("", TextSize.BODY, "muted")
        self.nothing.inside.addWidget(self.due_again, 0, Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()

    def open_list(self, which: str) -> None:
        """Show the phones behind a number."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        whole = _card(row(self.checked, self.of, None, self.share, spacing=STEP), self.progress)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(STEP * 2)
        self._whole, self._small_tiles = whole, (self.due, self.red, self.amber, self.others)
        units = _card(self.say.label(T("Due, by unit"), TextSize.HEAD), self.units)
        pace = _card(self.say.label(T("Pace"), TextSize.HEAD), self.pace_words, self.pace)
        days = _card(self.say.label(T("Checks by day"), TextSize.HEAD), self.days)
        self._cards = QGridLayout()
        self._cards.setSpacing(STEP * 2)
        self._pairs = (
            (units, pace),
            (self.red_card, self.other_card),
            (self.late_card, self.twice_card),
            (days, None),
        )
        inside = QWidget()
        heads = QWidget()
        column(self.title, self.about, spacing=2, inside=heads)
        buttons = QWidget()
        self._buttons = FlowLayout(buttons, STEP)
        for one in (self.choose, self.end, self.bring, self.report, self.carry, self.new):
            self._buttons.addWidget(one)
        mark(heads, "clear")
        mark(buttons, "clear")
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.addWidget(heads, 1)
        self._head.addWidget(buttons)
        column(
            self.problem,
            self._head,
            self._tiles,
            self._cards,
            None,
            spacing=STEP * 2,
            inside=inside,
            margins=(STEP * 3, STEP * 2 + 4, STEP * 3, STEP * 2),
        )
        self.content = ScrollArea(inside)
        empty = QWidget()
        column((self.nothing, 1), inside=empty, margins=(STEP * 3,) * 4)
        self.empty = ScrollArea(empty)
        self.states = Stack(self.empty, self.content)
        column(self.states, inside=self)
        self._arrange(wide=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(wide=event.size().width() >= _NARROW)

    def _arrange(self, *, wide: bool) -> None:
        """Put tiles and cards beside each other, or below each other where there is no room."""
        if wide:
            self._tiles.addWidget(self._whole, 0, 0, 1, 1)
            for number, tile in enumerate(self._small_tiles, 1):
                self._tiles.addWidget(tile, 0, number)
            self._tiles.setColumnStretch(0, 3)
        else:
            self._tiles.addWidget(self._whole, 0, 0, 1, 2)
            for number, tile in enumerate(self._small_tiles):
                self._tiles.addWidget(tile, 1 + number // 2, number % 2)
            self._tiles.setColumnStretch(0, 1)
        self._tiles.setColumnStretch(1, 1)
        for number in range(2, 5):
            self._tiles.setColumnStretch(number, 1 if wide else 0)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._head.setDirection(across if wide else down)
        for line, (left, right) in enumerate(self._pairs):
            self._cards.addWidget(left, line * 2, 0, 1, 1 if wide and right is not None else 2)
            if right is not None:
                self._cards.addWidget(right, line * 2 + (0 if wide else 1), 1 if wide else 0, 1, 1 if wide else 2)
        self._cards.setColumnStretch(0, 4)
        self._cards.setColumnStretch(1, 3)


def _card(*parts: object) -> QFrame:
    made = QFrame()
    mark(made, "card")
    column(*parts, None, spacing=STEP, inside=made, margins=(_EDGE, STEP * 2, _EDGE, STEP * 2))  # type: ignore[arg-type]
    return made
