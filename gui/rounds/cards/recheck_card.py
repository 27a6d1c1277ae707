"""The card of the second look: the draw, the phones that wait for another officer, and whether both agree.

What it is given does not have how a phone was left that waits: see :mod:`core.rounds.recheck`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt

from core.reports.charts.chart_data import short_date
from core.rounds import days
from core.rounds.recheck import RecheckStatus, WaitingPhone, lost_words
from core.text import N, T, Text, plain
from gui.rounds.cards.phone_card import SHOWN, CardOfPhones, line_of
from gui.toolkit.layouts import row
from gui.toolkit.theme import TextSize

_TEXT: Final = 120


def who_looks(one: WaitingPhone, officer: str) -> Text:
    """Who is to check a phone again, as the officer at this desk is to read it."""
    if one.officer == officer:
        return T("for another officer")
    return T("you can check it")


def agreement_words(found: RecheckStatus) -> Text:
    """How far the second look is, and how often both officers agree."""
    if not found.again:
        return N(
            "{count} phone was drawn; none was seen again yet.",
            "{count} phones were drawn; none was seen again yet.",
            found.size,
        )
    return N(
        "{again} of {count} phone was seen again; at {agreed} of {again}, both officers came to the same verdict.",
        "{again} of {count} phones were seen again; at {agreed} of {again}, both officers came to the same verdict.",
        found.size,
        again=found.again,
        agreed=found.agreed,
    )


class RecheckCard(CardOfPhones):
    """The second look of a round that asks for one."""

    def __init__(self, draw: Callable[[], object], show_all: Callable[[], object]) -> None:
        super().__init__(T("Second look"), "", show_all)
        self.draw = self.say.button(T("Draw the phones…"), draw)
        self.words = self.say.label("", TextSize.BODY, "muted")
        self.inside.insertWidget(1, self.words)
        self.inside.insertLayout(2, row(self.draw, None))

    def show_status(self, found: RecheckStatus | None, officer: str, *, ended: bool) -> None:
        """Show how the second look stands to the officer of this desk; None: the round asks for none."""
        self.setVisible(found is not None)
        if found is None:
            return
        self.start(len(found.waiting))
        self.share(3, 3, 5, 4)
        self.nothing.hide()
        self.draw.setVisible(not found.drawn and not ended)
        self.draw.setEnabled(found.size > 0)
        if found.drawn:
            told: Text = agreement_words(found)
            if found.lost:
                told = T("{what} {more}", what=told, more=lost_words(found.lost))
            self.say(self.words.setText, told)
        else:
            self.say(self.words.setText, _before(found))
        # Those that this officer can check come first.
        for one in sorted(found.waiting, key=lambda one: one.officer == officer)[:SHOWN]:
            by: Text | str = T("you") if one.officer == officer else plain(one.officer, _TEXT)
            seen = T(
                "checked by {officer}, {date}",
                officer=by,
                date=short_date(one.day, year=one.day.year != days.today().year),
            )
            unit = plain(one.phone.unit, _TEXT) or T("without a unit")
            does = line_of(who_looks(one, officer), TextSize.BODY, "muted" if one.officer == officer else "")
            does.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            named = line_of(plain(one.phone.display_name, _TEXT), TextSize.STRONG)
            self.add(named, line_of(unit, TextSize.BODY, "muted"), line_of(seen, TextSize.BODY, "muted"), does)


def _before(found: RecheckStatus) -> Text:
    """What is said before the draw."""
    if not found.size:
        return T(
            "{share} % of the checked phones are to be seen by another officer. None was checked yet.",
            share=found.share,
        )
    return N(
        "{share} % of the checked phones are to be seen by another officer: {count} phone, were it drawn now.",
        "{share} % of the checked phones are to be seen by another officer: {count} phones, were they drawn now.",
        found.size,
        share=found.share,
    )
