"""How the Round page of head office is laid out: as that of a round, with the desks in the place of its officers."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from core.text import T
from gui.rounds.cards.card_grid import CardGrid, Head, NumberTile, card
from gui.rounds.cards.list_card import ListCard
from gui.rounds.remarks_bar import RemarksBar
from gui.toolkit.images.chart import Chart
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import ProblemBar, plain_label

#: The lists that stand on cards, by the questions that they answer.
SILENT, CAME_BACK, REPEATED, POLICIES = "silent-desks", "come-backs", "repeat-offenders", "by-policy"
#: The lists behind the tiles of phones.
DUE, RED, AMBER = "due", "red", "amber"
_CHOICE: Final = 260


class StoreView(QWidget):
    """The parts of the page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self.problem = ProblemBar()
        self.title = self.say.line("", TextSize.TITLE)
        self.about = self.say.line("", TextSize.BODY, "muted")
        self.practice = plain_label()
        mark(self.practice, "practice")
        self.say(self.practice.setText, T("Practice"))
        self.practice.hide()
        self.scope = ComboBox()
        self.scope.setMaximumWidth(_CHOICE)
        self.scope.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        self.say.name(self.scope, T("Which days, or which round"))
        self.other_store = self.say.button(T("Other store…"), icon="folder")
        self.leave = self.say.button(T("Back to this desk"))
        self.doing = self.say.label("", TextSize.SMALL, "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.say.name(self.bar, T("Progress"))
        self.stop = self.say.button(T("Stop"))
        self.working = QWidget()
        mark(self.working, "clear")
        row((self.doing, 1), (self.bar, 2), self.stop, spacing=STEP * 2, inside=self.working)
        self.phones_seen, self.of, self.share = plain_label(), plain_label(), plain_label()
        self.phones_seen.setFont(font(TextSize.DISPLAY))
        self.of.setFont(font(TextSize.STRONG))
        mark(self.share, "muted")
        self.progress = Chart()
        self.due = NumberTile(T("phones not seen"), lambda: self.open_list(DUE))
        self.red = NumberTile(T("red, still open"), lambda: self.open_list(RED), Status.RED)
        self.amber = NumberTile(T("amber"), lambda: self.open_list(AMBER), Status.AMBER)
        self.silent = NumberTile(T("silent desks"), lambda: self.open_list(SILENT))
        self.units, self.pace, self.days = Chart(), Chart(), Chart()
        self.pace_words = self.say.label("", TextSize.BODY, "muted")
        self.cards = {
            CAME_BACK: ListCard(
                T("Removed, and back again"),
                T("Nothing that was removed was found again."),
                lambda: self.open_list(CAME_BACK),
            ),
            SILENT: ListCard(T("Silent desks"), T("Every desk has checked a phone."), lambda: self.open_list(SILENT)),
            POLICIES: ListCard(T("Policies in use"), T("No phone was checked."), lambda: self.open_list(POLICIES)),
            REPEATED: ListCard(
                T("Found on several days"),
                T("No banned app was found twice on a phone."),
                lambda: self.open_list(REPEATED),
            ),
        }
        self._lay_out()

    def open_list(self, name: str) -> None:
        """Show what is behind a number, or all of a card."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        whole = card(row(self.phones_seen, self.of, None, self.share, spacing=STEP), self.progress)
        units = card(self.say.label(T("Not seen, by unit"), TextSize.HEAD), self.units)
        pace = card(self.say.label(T("Pace"), TextSize.HEAD), self.pace_words, self.pace)
        days = card(self.say.label(T("Checks by day"), TextSize.HEAD), self.days)
        pairs = (
            (units, pace),
            (self.cards[CAME_BACK], self.cards[SILENT]),
            (self.cards[REPEATED], self.cards[POLICIES]),
            (days, None),
        )
        self._grid = CardGrid(whole, (self.due, self.red, self.amber, self.silent), pairs)
        self.scope.setMinimumHeight(self.other_store.sizeHint().height())
        titles = column(row(self.practice, (self.title, 1)), self.about, spacing=2)
        self._head = Head(titles, (self.scope, self.other_store, self.leave))
        self.remarks = RemarksBar()
        self.numbers = QWidget()
        mark(self.numbers, "clear")
        column(self._grid.tiles, self._grid.cards, None, spacing=STEP * 2, inside=self.numbers)
        inside = QWidget()
        column(
            self.problem,
            self._head,
            self.remarks,
            self.working,
            (self.numbers, 1),
            spacing=STEP * 2,
            inside=inside,
            margins=(STEP * 3, STEP * 2 + 4, STEP * 3, STEP * 2),
        )
        self.content = ScrollArea(inside)
        self.say.name(self.content, T("Content of this page"))
        column(self.content, inside=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._head.fit(event.size().width())
        self._grid.arrange(event.size().width())
