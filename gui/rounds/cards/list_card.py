"""A card with the first rows of a list, and the way to all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QFrame, QWidget

from core.head_office.questions.dashboard import AnswerTable
from core.text import N, T, Text, Value, plain
from gui.rounds.cards.card_grid import EDGE
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark

#: Rows that stand on a card, and characters of each text.
SHOWN: Final = 3
_TEXT: Final = 120


class ListCard(QFrame):
    """The first rows of a list under its heading: what a row is about, and the rest of it."""

    def __init__(self, title: Text, nothing: Text, show_all: Callable[[], object]) -> None:
        super().__init__()
        mark(self, "card")
        self.title = title
        self.say = Parts(self)
        self.say(self.setAccessibleName, title)
        self.all = self.say.button("", show_all, kind="link")
        self._nothing = self.say.label(nothing, TextSize.BODY, "muted")
        self._rows: list[QWidget] = []
        self._column = column(spacing=STEP)
        column(
            row(self.say.label(title, TextSize.HEAD), None, self.all),
            self._nothing,
            self._column,
            None,
            spacing=STEP,
            inside=self,
            margins=(EDGE, STEP * 2, EDGE, STEP * 2),
        )

    def show_list(self, answer: AnswerTable) -> None:
        """Show the first rows of this."""
        for widget in self._rows:
            self._column.removeWidget(widget)
            widget.deleteLater()
        self._rows = []
        count = len(answer.rows)
        self._nothing.setVisible(not count)
        self.all.setVisible(bool(count))
        label = T("Show the first {count}", count=count) if answer.cut else N("Show it", "Show all {count}", count)
        self.say(self.all.setText, label)
        self.say.name(self.all, T("{what}: {act}", what=self.title, act=label))
        for first, words in answer.brief[:SHOWN]:
            line = QWidget()
            mark(line, "clear")
            say = Parts(line)
            name = say.line(partial(_cell_text, first), TextSize.STRONG)
            rest = say.line(partial(_cell_text, words), kind="muted")
            row((name, 1), (rest, 3), spacing=STEP * 2, inside=line)
            self._rows.append(line)
            self._column.addWidget(line)


def _cell_text(value: Value) -> str:
    return plain(str(value), _TEXT)
