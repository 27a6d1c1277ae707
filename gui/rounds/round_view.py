"""How the Round page is laid out: the round in large, its numbers, its charts, and the phones that come first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.desk.papers.due_papers import not_seen_words
from core.policy.wording import long_date
from core.reports.charts import chart_data
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.coverage.remarks import doubts, roster_lost
from core.rounds.due import worst_first
from core.rounds.rounds import KnownRound
from core.text import N, T, Text, Value, grouped, plain
from gui.rounds.cards.card_grid import NumberTile
from gui.rounds.cards.phone_card import SHOWN, PhoneAct, PhoneCard, seen_where, times, unit_and_day
from gui.rounds.cards.recheck_card import RecheckCard
from gui.rounds.cards.red_card import RedCard, RedUnexpectedCard
from gui.rounds.figures_view import FiguresView
from gui.rounds.round_jobs import RoundsRead
from gui.toolkit.layouts import ScrollArea, column, row
from gui.toolkit.lists.list_page import Stack
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import EmptyState

#: Logical pixels of height, below which a page without a round has no picture.
_LOW: Final = 420


class RoundView(FiguresView):
    """The parts of the page of a round."""

    #: The keys that press the buttons of its head, in their order.
    KEYS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"choose": "Ctrl+R", "bring": "Ctrl+O", "report": "Ctrl+P", "write": "Ctrl+M"}
    )

    def __init__(self) -> None:
        super().__init__(T("Progress"), T("Due, by unit"))
        #: The menu of the rounds: another one, a new one, the end of this one.
        self.choose = self.say.button(T("Rounds"), icon="more")
        self.bring = self.say.button(T("Import a roster…"), icon="bring")
        self.report = self.say.button(T("Report…"), icon="receipt")
        self.write = self.say.button("", kind="primary")
        self._name_keys()
        self.doubts = self.say.label("", TextSize.BODY)
        self.due = NumberTile(T("due"), lambda: self.open_list("due"))
        self.red = NumberTile(T("red, still open"), lambda: self.open_list("red"), Status.RED)
        self.amber = NumberTile(T("amber"), lambda: self.open_list("amber"), Status.AMBER)
        self.unexpected = NumberTile(T("unexpected"), lambda: self.open_list("unexpected"))
        self.red_card = RedCard(lambda: self.open_list("red"))
        self.red_other_card = RedUnexpectedCard(lambda: self.open_list("red-unexpected"))
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
            T("Every phone that is due was seen recently."),
            lambda: self.open_list("late"),
        )
        self.twice_card = PhoneCard(
            T("Seen more than once"), T("No phone was seen twice."), lambda: self.open_list("twice")
        )
        self._make_empty()
        self._lay_out()

    def _name_keys(self) -> None:
        """Have the buttons say which keys press them: in their tooltips, and on themselves where there is room."""
        tips = {
            self.choose: T("Other rounds, and what can be done with them ({key})", key=self.KEYS["choose"]),
            self.bring: T("Import the roster of the round ({key})", key=self.KEYS["bring"]),
            self.report: T("Save the report of the round ({key})", key=self.KEYS["report"]),
            self.write: T("Write to the holders of the phones that are due ({key})", key=self.KEYS["write"]),
        }
        for button, tip in tips.items():
            self.say(button.setToolTip, tip)

    def _make_empty(self) -> None:
        """What is shown where there is no round."""
        self.nothing = EmptyState("round", title=T("No round yet"))
        self.say(self.nothing.sentence.setText, T("Import a list of the phones to see: each check ticks one off."))
        self.begin = self.say.button("", kind="primary", tip=T("Start a new round (Ctrl+N)"))
        self.begin.show_key("Ctrl+N")
        #: Where no round of practice phones was begun, one is offered; else those that were.
        self.practise = self.say.button("")
        self.more = self.say.icon_button("more", T("More about rounds"), tip=self._more_tip)
        self.nothing.inside.addLayout(row(None, self.begin, self.practise, self.more, None))
        self.due_again = self.say.button("", kind="link")
        self.due_again.hide()
        self.nothing.inside.addLayout(row(None, self.due_again, None))

    def _more_tip(self) -> Text:
        return T("More about rounds ({key})", key=self.KEYS["choose"])

    def _lay_out(self) -> None:
        others = QWidget()
        mark(others, "clear")
        column(self.red_other_card, (self.other_card, 1), spacing=STEP * 2, inside=others)
        grid = self.make_grid(
            (self.due, self.red, self.amber, self.unexpected),
            (self.red_card, others),
            (self.lost_card, None),
            (self.second_card, None),
            (self.late_card, self.twice_card),
        )
        buttons = {name: getattr(self, name) for name in self.KEYS}
        keys = {button: self.KEYS[name] for name, button in buttons.items()}
        self.content = self.make_content(tuple(keys), self.doubts, grid.tiles, grid.cards, None, keys=keys)
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
        are_waiting = N("{count} waits for a second check", "{count} wait for a second check", waiting)
        self.red.show_number(count[CoverageState.RED], are_waiting if waiting else in_units)
        by_hand = sum(phone.last is not None and phone.last.is_attested for phone in coverage.of(CoverageState.AMBER))
        self.amber.show_number(count[CoverageState.AMBER], T("{count} checked by hand", count=by_hand))
        red = len(coverage.red_unexpected)
        of_others = N("not on the roster, {count} red", "not on the roster, {count} red", red)
        of_others = of_others if red else T("not on the roster")
        self.unexpected.show_number(len(coverage.unexpected), of_others)
        mark(self.unexpected.remark, "text-red" if red else "muted")

    def show_red(self, coverage: Coverage, plugged: Collection[str], *acts: PhoneAct) -> None:
        """Show the phones that are red, on the roster and off it; `plugged` are the serial numbers of the phones at
        this desk, `acts` what can be done with a phone that is not on the roster."""
        waiting = coverage.counts.get(CoverageState.WAITING, 0) > 0
        rows = SHOWN * 2 if coverage.red_unexpected else SHOWN  # as many as fit beside one card or two
        self.red_card.show_phones(worst_first(coverage.red), plugged, waiting=waiting, rows=rows)
        self.red_other_card.show_phones(worst_first(coverage.red_unexpected), *acts)

    def show_others(self, coverage: Coverage, *acts: PhoneAct) -> None:
        """Show the phones beside those; `acts` are what can be done with one that is not on the roster."""
        self.other_card.setVisible(bool(coverage.other_unexpected) or not coverage.red_unexpected)
        self.other_card.show_phones(worst_first(coverage.other_unexpected), seen_where, *acts)
        self.lost_card.setVisible(bool(coverage.unmatched))
        self.lost_card.show_phones(worst_first(coverage.unmatched), seen_where)
        first = (*coverage.red_before, *(phone for phone in coverage.late if phone not in coverage.red_before))
        self.late_card.show_phones(first, unit_and_day)
        self.twice_card.show_phones(coverage.seen_twice, times)

    def show_none(self, page_data: RoundsRead, days: int) -> None:
        """Where there is no round: offer one, and tell how many phones were not seen for so many days."""
        count = len(page_data.due.phones) if page_data.due is not None else 0
        self.say(self.due_again.setText, not_seen_words(count, days))
        self.due_again.setVisible(count > 0)
        none, begin = T("No round yet"), T("New round…")
        practise = T("Rounds of practice phones") if page_data.practised else T("Try a practice round…")
        if page_data.practice:
            none, begin = T("No round of practice phones yet"), T("New practice round…")
            practise = T("Back to the rounds of real phones")
        self.nothing.say(self.nothing.title.setText, none)
        self.say(self.begin.setText, begin)
        self.say(self.practise.setText, practise)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.nothing.be_small(event.size().height() < _LOW)
