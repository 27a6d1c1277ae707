"""A card of phones of a round under one heading: the first few, and the way to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.coverage.remarks import remark
from core.text import N, T, Text, Value, plain
from gui.rounds.cards.card_grid import EDGE
from gui.rounds.cards.phone_table import short_day, when
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ElidedLabel

#: Phones that are named on a card, and characters of each text.
SHOWN: Final = 3
_TEXT: Final = 120
#: Logical pixels of a row.
_ROW: Final = 24

#: What can be done with a phone of a card: its words, and the act.
PhoneAct = tuple[Text, Callable[[PhoneCoverage], object]]


def line_of(
    text: Said, size: TextSize = TextSize.BODY, kind: str = "", elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
) -> ElidedLabel:
    """A label with a text on one line, which is translated when the language changes; `elide` tells where it may be
    cut."""
    label = ElidedLabel(size, elide=elide)
    if kind:
        mark(label, kind)
    Parts(label)(label.setText, text)
    return label


def name_line(phone: PhoneCoverage) -> ElidedLabel:
    """A label with what a phone is called; where it is cut, the end stays, which tells phones of one model apart."""
    return line_of(plain(phone.display_name, _TEXT), TextSize.STRONG, elide=Qt.TextElideMode.ElideMiddle)


class CardOfRows(QFrame):
    """A heading with the way to the whole list, and its first rows, which subclasses make; a sentence where it has
    none."""

    def __init__(self, title: Text, nothing: Said, show_all: Callable[[], object]) -> None:
        super().__init__()
        mark(self, "card")
        self.title = title
        self.say = Parts(self)
        self.say(self.setAccessibleName, title)
        self.all = self.say.button("", lambda: show_all(), kind="card-link")
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
        self._grid.setRowMinimumHeight(self._rows, _ROW)
        self._rows += 1

    def links(self, phone: PhoneCoverage, acts: Sequence[PhoneAct]) -> list[QWidget]:
        """Make the links of what can be done with a phone."""
        name_of_phone = plain(phone.display_name, _TEXT)
        return [
            Parts(self).button(
                words, partial(does, phone), kind="card-link", name=T("{act}: {phone}", act=words, phone=name_of_phone)
            )
            for words, does in acts
        ]


class PhoneCard(CardOfRows):
    """Phones under a heading, each with what can be done about it."""

    def show_phones(
        self,
        phones: Sequence[PhoneCoverage],
        describe: Callable[[PhoneCoverage], Said],
        *acts: PhoneAct,
    ) -> None:
        """Show the first of these; `describe` is what stands beside each, `acts` what can be done with it."""
        self.start(len(phones))
        self.share(2, 3, 0)
        for phone in phones[:SHOWN]:
            self.add(name_line(phone), line_of(describe(phone), TextSize.BODY, "muted"), *self.links(phone, acts))


def unit_and_day(phone: PhoneCoverage) -> Text:
    """The unit of a phone, and when the phone was seen last."""
    return T("{unit} · {when}", unit=phone.unit or T("without a unit"), when=when(phone))


def seen_where(phone: PhoneCoverage) -> Text:
    """At which desk a phone was seen that is not on the roster, and when; or what was typed in against what it says."""
    if phone.last is None:
        return T("never seen")
    return _with_remark(phone, T("{desk}, {when}", desk=plain(phone.last.desk, _TEXT), when=short_day(phone.last)))


def seen_when(phone: PhoneCoverage) -> Text:
    """When a phone was seen that is not on the roster; or what was typed in against what it says."""
    return T("never seen") if phone.last is None else _with_remark(phone, short_day(phone.last))


def _with_remark(phone: PhoneCoverage, where: Value) -> Text:
    """What is to be said beside where or when a phone was seen."""
    words = phone.contradiction.short if phone.contradiction is not None else remark(phone)
    return T("{remark}; {where}", remark=words, where=where) if words else T("{where}", where=where)


def times(phone: PhoneCoverage) -> Text:
    """How often a phone was seen, in words."""
    return N("{count} time", "{count} times", len(phone.checks))
