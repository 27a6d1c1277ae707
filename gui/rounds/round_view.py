"""How the Round page is laid out: the round in large, its numbers, its charts, and the phones that come first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.policy.wording import long_date
from core.reports.charts import chart_data
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.remarks import doubts, roster_lost
from core.rounds.rounds import KnownRound
from core.text import N, T, Value, grouped, plain
from gui.rounds.cards.card_grid import NumberTile
from gui.rounds.cards.phone_card import PhoneCard
from gui.rounds.cards.recheck_card import RecheckCard
from gui.rounds.cards.red_card import RedCard
from gui.rounds.figures_view import FiguresView
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.lists.list_page import Stack
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.widgets import EmptyState

#: Logical pixels of height, below which a page without a round has no picture.
_LOW: Final = 420


class RoundView(FiguresView):
    """The parts of the page of a round."""

    def __init__(self) -> None:
        super().__init__(T("Progress"), T("Due, by unit"))
        #: The menu of the rounds: another one, a new one, the end of this one.
        self.choose = self.say.button(T("Rounds"), icon="more")
        self.again = self.say.button(T("Plan re-checks…"))
        self.bring = self.say.button(T("Import a roster…"), icon="bring")
        self.report = self.say.button(T("Report…"), icon="receipt")
        self.write = self.say.button("", kind="primary")
        self.doubts = self.say.label("", TextSize.BODY)
        self.due = NumberTile(T("due"), lambda: self.open_list("due"))
        self.red = NumberTile(T("red, still open"), lambda: self.open_list("red"), Status.RED)
        self.amber = NumberTile(T("amber"), lambda: self.open_list("amber"), Status.AMBER)
        self.unexpected = NumberTile(T("unexpected"), lambda: self.open_list("unexpected"))
        self.red_card = RedCard(lambda: self.open_list("red"))
        self.second_card = RecheckCard(lambda: self.open_list("second"))
        self.other_card = PhoneCard(
            T("Not on the roster"),
            T("Every phone that was checked is on the roster."),
            lambda: self.open_list("unexpected"),
        )
        self.lost_card = PhoneCard(T("Not matched any more"), "", lambda: self.open_list("lost"))
        self.lost_card.hide()
        self.late_card = PhoneCard(
            T("Not seen for long"),
            T("Each phone that is due was seen a short while ago."),
            lambda: self.open_list("late"),
        )
        self.twice_card = PhoneCard(
            T("Seen more than once"), T("No phone was seen twice."), lambda: self.open_list("twice")
        )
        self._make_empty()
        self._lay_out()

    def _make_empty(self) -> None:
        """What is shown where there is no round."""
        self.nothing = EmptyState("round", title=T("No round yet"))
        self.say(
            self.nothing.sentence.setText,
            T(
                "A round is a field audit: import the roster of the phones that must be seen, and each check ticks "
                "one off."
            ),
        )
        self.begin = self.say.button(T("New round…"), kind="primary")
        self.begin_due = self.say.button(T("Plan re-checks…"))
        self.nothing.inside.addLayout(row(None, self.begin, self.begin_due, None))
        self.practise = self.say.button("", kind="link")
        self.carry = self.say.button(T("Send to head office…"), kind="link")
        self.to_store = self.say.button(T("Open head office’s store…"), kind="link")
        for link in (self.practise, self.carry, self.to_store):
            self.nothing.inside.addLayout(row(None, link, None))
        self.due_again = self.say.label("", TextSize.BODY, "muted")
        self.nothing.inside.addWidget(self.due_again, 0, Qt.AlignmentFlag.AlignHCenter)

    def _lay_out(self) -> None:
        grid = self.make_grid(
            (self.due, self.red, self.amber, self.unexpected),
            (self.red_card, self.other_card),
            (self.lost_card, None),
            (self.second_card, None),
            (self.late_card, self.twice_card),
        )
        buttons = (self.choose, self.again, self.bring, self.report, self.write)
        self.content = self.make_content(buttons, self.doubts, grid.tiles, grid.cards, None)
        inside = QWidget()
        column((self.nothing, 1), inside=inside, margins=(STEP * 3,) * 4)
        self.empty = ScrollArea(inside)
        self.say.name(self.empty, T("Content of this page"))
        self.states = Stack(self.empty, self.content)
        column(self.states, inside=self)

    def show_round(self, known_round: KnownRound, coverage: Coverage) -> None:
        """Show how this round stands."""
        self._show_head(known_round, coverage)
        self._show_numbers(coverage)
        pace = figures.pace(coverage)
        self.say(self.pace_words.setText, chart_data.pace_words(pace))
        self.show_charts(figures.whole(coverage), figures.units(coverage), pace, figures.days(coverage))

    def _show_head(self, known_round: KnownRound, coverage: Coverage) -> None:
        about = known_round.about
        self.say(self.title.setText, plain(about.name, 120))
        days = T("{first} to {last}", first=long_date(about.first), last=long_date(about.last))
        phones: Value = T("no roster yet")
        if known_round.roster is not None:
            phones = N("roster of {count} phone", "roster of {count} phones", known_round.roster.phones)
        parts = [days, phones, *([plain(about.place, 120)] if about.place else [])]
        if coverage.ended is not None:
            parts.append(T("closed on {date}: its state at the end", date=long_date(coverage.today)))
        self.say(self.about.setText, lambda: " · ".join(map(str, parts)))
        sentences = [*([roster_lost(coverage.loss)] if coverage.loss is not None else []), *doubts(coverage)]
        self.say(self.doubts.setText, lambda: " ".join(map(str, sentences)))
        self.doubts.setVisible(bool(sentences))
        self.bring.setVisible(known_round.ended is None)
        due = len(coverage.to_see)
        self.write.setVisible(known_round.ended is None and due > 0)
        self.say(self.write.setText, N("Write to the {count} due…", "Write to the {count} due…", due))
        self._head.fit(self.width())

    def _show_numbers(self, coverage: Coverage) -> None:
        count = {state: coverage.counts.get(state, 0) for state in CoverageState}
        self.say(self.checked.setText, grouped(coverage.checked))
        self.say(self.of.setText, T("of {phones} checked", phones=grouped(coverage.listed)))
        share = round(100 * coverage.checked / coverage.listed) if coverage.listed else 0
        green = N("{share} % · {count} green", "{share} % · {count} green", count[CoverageState.GREEN], share=share)
        self.say(self.share.setText, green)
        self.due.show_number(coverage.due, T("{count} not seen for long", count=len(coverage.late)))
        units = len({phone.unit for phone in coverage.red})
        waiting = count[CoverageState.WAITING]
        in_units = N("in {count} unit", "in {count} units", units)
        are_waiting = N("{count} waits for a second look", "{count} wait for a second look", waiting)
        self.red.show_number(count[CoverageState.RED], are_waiting if waiting else in_units)
        by_hand = sum(phone.last is not None and phone.last.is_attested for phone in coverage.of(CoverageState.AMBER))
        self.amber.show_number(count[CoverageState.AMBER], T("{count} looked at by hand", count=by_hand))
        red = sum(phone.state is CoverageState.RED for phone in coverage.unexpected)
        of_others = N("not on the roster, {count} red", "not on the roster, {count} red", red)
        of_others = of_others if red else T("not on the roster")
        self.unexpected.show_number(len(coverage.unexpected), of_others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.nothing.be_small(event.size().height() < _LOW)
