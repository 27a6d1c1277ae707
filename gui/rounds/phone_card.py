"""A card of phones of a round under one heading: the first few, and the way to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QFrame, QWidget

from core.rounds.coverage import PhoneCoverage
from core.text import N, T, Text, plain
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, TextSize, mark

#: Phones that are named on a card, and characters of each text.
SHOWN: Final = 3
_TEXT: Final = 120


class CardOfPhones(QFrame):
    """A heading with the way to all phones, and a row for each of the first ones, which subclasses make."""

    def __init__(self, title: Text, nothing: Said, show_all: Callable[[], object]) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.say(self.setAccessibleName, title)
        self.all = self.say.button("", show_all, kind="link")
        self.nothing = self.say.label(nothing, TextSize.BODY, "muted")
        self._rows: list[QWidget] = []
        self.inside = column(
            row(self.say.label(title, TextSize.HEAD), None, self.all),
            self.nothing,
            spacing=STEP,
            inside=self,
            margins=(STEP * 2 + 4, STEP * 2, STEP * 2 + 4, STEP * 2),
        )
        self._rows_column = column(spacing=STEP)
        self.inside.addLayout(self._rows_column)
        self.inside.addStretch()

    def start(self, count: int) -> None:
        """Have no rows; `count` is how many phones there are in all."""
        for one in self._rows:
            self._rows_column.removeWidget(one)
            one.deleteLater()
        self._rows = []
        self.nothing.setVisible(not count)
        self.all.setVisible(count > 0)
        self.say(self.all.setText, N("Show it", "Show all {count}", count))

    def add(self, line: QWidget) -> None:
        """Have one more row."""
        self._rows.append(line)
        self._rows_column.addWidget(line)


class PhoneCard(CardOfPhones):
    """Phones under a heading, each with what can be done about it."""

    def show_phones(
        self,
        phones: Sequence[PhoneCoverage],
        said: Callable[[PhoneCoverage], Said],
        act: tuple[Text, Callable[[PhoneCoverage], object]] | None = None,
    ) -> None:
        """Show the first of these; `said` is what stands beside each, `act` what can be done with it."""
        self.start(len(phones))
        for phone in phones[:SHOWN]:
            line = QWidget()
            mark(line, "clear")
            say = Parts(line)
            name = say.line(plain(phone.named, _TEXT), TextSize.STRONG)
            parts: list[QWidget | tuple[QWidget, int]] = [(name, 2), (say.line(said(phone), TextSize.BODY, "muted"), 3)]
            if act is not None:
                words, does = act
                parts.append(
                    say.button(
                        words,
                        partial(does, phone),
                        kind="link",
                        name=T("{act}: {phone}", act=words, phone=plain(phone.named, _TEXT)),
                    )
                )
            row(*parts, spacing=STEP * 2, inside=line)
            self.add(line)
