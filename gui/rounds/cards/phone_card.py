"""A card of phones of a round under one heading: the first few, and the way to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from core import value_names
from core.model import Verdict
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.coverage.remarks import remark
from core.text import N, T, Text, plain
from gui.rounds.cards.card_grid import EDGE
from gui.rounds.cards.phone_table import short_day, when
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ElidedLabel

#: Phones that are named on a card, and characters of each text.
SHOWN: Final = 3
_TEXT: Final = 120


def line_of(text: Said, size: TextSize = TextSize.BODY, kind: str = "") -> ElidedLabel:
    """A label with a text on one line, which is translated when the language changes."""
    label = ElidedLabel(size)
    if kind:
        mark(label, kind)
    Parts(label)(label.setText, text)
    return label


class CardOfRows(QFrame):
    """A heading with the way to the whole list, and its first rows, which subclasses make; a sentence where it has
    none."""

    def __init__(self, title: Text, nothing: Said, show_all: Callable[[], object]) -> None:
        super().__init__()
        mark(self, "card")
        self.title = title
        self.say = Parts(self)
        self.say(self.setAccessibleName, title)
        self.all = self.say.button("", lambda: show_all(), kind="link")
        self.nothing = self.say.label(nothing, TextSize.BODY, "muted")
        self._rows = 0
        self.inside = column(
            row(self.say.label(title, TextSize.HEAD), None, self.all),
            self.nothing,
            spacing=STEP,
            inside=self,
            margins=(EDGE, STEP * 2, EDGE, STEP * 2),
        )
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(STEP * 2)
        self._grid.setVerticalSpacing(STEP)
        self.inside.addLayout(self._grid)
        self.inside.addStretch()

    def start(self, count: int) -> None:
        """Take all rows away; `count` is how many the list has in all."""
        empty(self._grid)
        self._rows = 0
        self.nothing.setVisible(not count)
        self.all.setVisible(count > 0)
        self.say(self.all.setText, N("Show it", "Show all {count}", count))

    def share(self, *shares: int) -> None:
        """How the columns share what room is left; 0 has what its widest cell needs."""
        for number, share in enumerate(shares):
            self._grid.setColumnStretch(number, share)

    def add(self, *cells: QWidget) -> None:
        """Add a row of these cells."""
        for number, cell in enumerate(cells):
            self._grid.addWidget(cell, self._rows, number)
        self._rows += 1


class PhoneCard(CardOfRows):
    """Phones under a heading, each with what can be done about it."""

    def show_phones(
        self,
        phones: Sequence[PhoneCoverage],
        describe: Callable[[PhoneCoverage], Said],
        act: tuple[Text, Callable[[PhoneCoverage], object]] | None = None,
    ) -> None:
        """Show the first of these; `describe` is what stands beside each, `act` what can be done with it."""
        self.start(len(phones))
        self.share(2, 3, 0)
        for phone in phones[:SHOWN]:
            name_of_phone = plain(phone.display_name, _TEXT)
            cells: list[QWidget] = [
                line_of(name_of_phone, TextSize.STRONG),
                line_of(describe(phone), TextSize.BODY, "muted"),
            ]
            if act is not None:
                words, does = act
                pressed = partial(does, phone)
                name = T("{act}: {phone}", act=words, phone=name_of_phone)
                cells.append(Parts(self).button(words, pressed, kind="link", name=name))
            self.add(*cells)


def unit_and_day(phone: PhoneCoverage) -> Text:
    """The unit of a phone, and when the phone was seen last."""
    return T("{unit} · {when}", unit=phone.unit or T("without a unit"), when=when(phone))


def left_where(phone: PhoneCoverage) -> Text:
    """How a phone was left that is not on the roster, at which desk it was seen and when; or what was typed in against
    what it says."""
    last = phone.last
    if last is None:
        return T("never seen")
    where: Text = T("{desk}, {when}", desk=plain(last.desk, _TEXT), when=short_day(last))
    if phone.contradiction is not None:
        where = T("{remark}; {where}", remark=phone.contradiction.short, where=where)
    elif words := remark(phone):
        where = T("{remark}; {where}", remark=words, where=where)
    if last.verdict is Verdict.RED and phone.loss is None:
        return T("{verdict} · {where}", verdict=value_names.VERDICTS[Verdict.RED], where=where)
    return where


def times(phone: PhoneCoverage) -> Text:
    """How often a phone was seen, in words."""
    return N("{count} time", "{count} times", len(phone.checks))
