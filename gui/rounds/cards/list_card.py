"""A card with the first rows of a list, and the way to all of them."""

from __future__ import annotations

from functools import partial
from typing import Final

from core.head_office.questions.dashboard import AnswerTable
from core.text import N, T, Value, plain
from gui.rounds.cards.phone_card import SHOWN, CardOfRows, line_of
from gui.toolkit.theme import TextSize

#: Characters of each text.
_TEXT: Final = 120


class ListCard(CardOfRows):
    """The first rows of a list under its heading: what a row is about, and the rest of it."""

    def show_list(self, answer: AnswerTable) -> None:
        """Show the first rows of a list."""
        count = len(answer.rows)
        self.start(count)
        self.share(1, 3)
        label = T("Show the first {count}", count=count) if answer.cut else N("Show it", "Show all {count}", count)
        self.say(self.all.setText, label)
        self.say.name(self.all, T("{what}: {act}", what=self.title, act=label))
        for first, words in answer.brief[:SHOWN]:
            name = line_of(partial(_cell_text, first), TextSize.STRONG)
            self.add(name, line_of(partial(_cell_text, words), kind="muted"))


def _cell_text(value: Value) -> str:
    return plain(str(value), _TEXT)
