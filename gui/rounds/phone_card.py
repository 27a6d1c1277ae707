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


class PhoneCard(QFrame):
    """Phones under a heading, each with what can be done about it."""

    def __init__(self, title: Text, nothing: Text, show_all: Callable[[], object]) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.say(self.setAccessibleName, title)
        self.all = self.say.button("", show_all, kind="link")
        self._nothing = self.say.label(nothing, TextSize.BODY, "muted")
        self._rows: list[QWidget] = []
        self._column = column(
            row(self.say.label(title, TextSize.HEAD), None, self.all),
            self._nothing,
            spacing=STEP,
            inside=self,
            margins=(STEP * 2 + 4, STEP * 2, STEP * 2 + 4, STEP * 2),
        )

    def show_phones(
        self,
        phones: Sequence[PhoneCoverage],
        said: Callable[[PhoneCoverage], Said],
        act: tuple[Text, Callable[[PhoneCoverage], object]] | None = None,
    ) -> None:
        """Show the first of these; `said` is what stands beside each, `act` what can be done with it."""
        for one in self._rows:
            self._column.removeWidget(one)
            one.deleteLater()
        self._rows = []
        self._nothing.setVisible(not phones)
        self.all.setVisible(bool(phones))
        self.say(self.all.setText, N("Show it", "Show all {count}", len(phones)))
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
            self._rows.append(line)
            self._column.addWidget(line)
