"""How the Round page of head office is laid out: as that of a round, with the desks in the place of its officers."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtWidgets import QProgressBar, QWidget

from core.text import T
from gui.rounds.cards.card_grid import NumberTile
from gui.rounds.cards.list_card import ListCard
from gui.rounds.figures_view import FiguresView
from gui.rounds.remarks_bar import RemarksBar
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.theme import STEP, Status, TextSize, mark

#: The lists that stand on cards, by the questions that they answer.
SILENT, CAME_BACK, REPEATED, POLICIES, RETURNS = (
    "silent-desks",
    "come-backs",
    "repeat-offenders",
    "by-policy",
    "can-return",
)
#: The lists behind the tiles of phones.
DUE, RED, AMBER = "due", "red", "amber"
_CHOICE: Final = 260


class StoreView(FiguresView):
    """The parts of the page of a store."""

    def __init__(self) -> None:
        super().__init__(T("Phones seen"), T("Not seen, by unit"))
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
        self.due = NumberTile(T("phones not seen"), lambda: self.open_list(DUE))
        self.red = NumberTile(T("red, still open"), lambda: self.open_list(RED), Status.RED)
        self.amber = NumberTile(T("amber"), lambda: self.open_list(AMBER), Status.AMBER)
        self.silent = NumberTile(T("silent desks"), lambda: self.open_list(SILENT))
        self.cards = {
            name: ListCard(title, nothing, partial(self.open_list, name))
            for name, title, nothing in (
                (CAME_BACK, T("Removed, and back again"), T("Nothing that was removed was found again.")),
                (SILENT, T("Silent desks"), T("Every desk has checked a phone.")),
                (POLICIES, T("Policies in use"), T("No phone was checked.")),
                (REPEATED, T("Found on several days"), T("No banned app was found twice on a phone.")),
                (RETURNS, T("Can a banned app be reinstalled, by unit"), T("No phone was checked.")),
            )
        }
        self._lay_out()

    def _lay_out(self) -> None:
        grid = self.make_grid(
            (self.due, self.red, self.amber, self.silent),
            (self.cards[CAME_BACK], self.cards[SILENT]),
            (self.cards[REPEATED], self.cards[POLICIES]),
            (self.cards[RETURNS], None),
        )
        self.scope.setMinimumHeight(self.other_store.sizeHint().height())
        self.remarks = RemarksBar()
        self.numbers = QWidget()
        mark(self.numbers, "clear")
        column(grid.tiles, grid.cards, None, spacing=STEP * 2, inside=self.numbers)
        buttons = (self.scope, self.other_store, self.leave)
        self.content = self.make_content(buttons, self.remarks, self.working, (self.numbers, 1))
        column(self.content, inside=self)
