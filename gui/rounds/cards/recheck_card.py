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
from gui.rounds.cards.phone_card import SHOWN, CardOfRows, line_of
from gui.toolkit.layouts import row
from gui.toolkit.theme import TextSize

_TEXT: Final = 120


def who_looks(waiting: WaitingPhone, officer: str) -> Text:
    """Who is to check a phone again, as the officer at this desk is to read it."""
    if waiting.officer == officer:
        return T("for another officer")
    return T("you can check it")


def agreement_words(status: RecheckStatus) -> Text:
    """How far the second look is, and how often both officers agree."""
    if not status.again:
        return N(
            "{count} phone was drawn; none was seen again yet.",
            "{count} phones were drawn; none was seen again yet.",
            status.size,
        )
    return N(
        "{again} of {count} phone was seen again; at {agreed} of {again}, both officers came to the same verdict.",
        "{again} of {count} phones were seen again; at {agreed} of {again}, both officers came to the same verdict.",
        status.size,
        again=status.again,
        agreed=status.agreed,
    )


class RecheckCard(CardOfRows):
    """The card of the second look. Hidden for a round that asks for none."""

    def __init__(self, show_all: Callable[[], object]) -> None:
        super().__init__(T("Second check"), "", show_all)
        self.draw = self.say.button(T("Draw the phones…"))
        self.words = self.say.label("", TextSize.BODY, "muted")
        self.inside.insertWidget(1, self.words)
        self.inside.insertLayout(2, row(self.draw, None))

    def show_status(self, status: RecheckStatus | None, officer: str, *, ended: bool) -> None:
        """Show how the second look stands to the officer of this desk; None: the round asks for none."""
        self.setVisible(status is not None)
        if status is None:
            return
        self.start(len(status.waiting))
        self.share(3, 3, 5, 4)
        self.nothing.hide()
        self.draw.setVisible(not status.drawn and not ended and status.size > 0)
        if status.drawn:
            words: Text = agreement_words(status)
            if status.lost:
                words = T("{what} {more}", what=words, more=lost_words(status.lost))
            self.say(self.words.setText, words)
        else:
            self.say(self.words.setText, _before(status))
        # Those that this officer can check come first.
        for waiting in sorted(status.waiting, key=lambda phone: phone.officer == officer)[:SHOWN]:
            by: Text | str = T("you") if waiting.officer == officer else plain(waiting.officer, _TEXT)
            first_look = T(
                "checked by {officer}, {date}",
                officer=by,
                date=short_date(waiting.day, year=waiting.day.year != days.today().year),
            )
            unit = plain(waiting.phone.unit, _TEXT) or T("without a unit")
            does = line_of(who_looks(waiting, officer), TextSize.BODY, "muted" if waiting.officer == officer else "")
            does.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            name = line_of(plain(waiting.phone.display_name, _TEXT), TextSize.STRONG)
            self.add(name, line_of(unit, TextSize.BODY, "muted"), line_of(first_look, TextSize.BODY, "muted"), does)


def _before(status: RecheckStatus) -> Text:
    """How many phones would be drawn, were the draw made now."""
    if not status.size:
        return T(
            "{share} % of the checked phones are checked again by another officer. None was checked yet.",
            share=status.share,
        )
    return N(
        "{share} % of the checked phones are checked again by another officer: {count} phone, if drawn now.",
        "{share} % of the checked phones are checked again by another officer: {count} phones, if drawn now.",
        status.size,
        share=status.share,
    )
