"""The Round page: how the field audit stands that is under way, and what comes first in what is left to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.desk.desk import Desk
from core.jobs import Cancel
from core.policy.wording import long_date
from core.reports import chart_data, charts
from core.rounds import figures, rounds
from core.rounds.coverage import DUE_AFTER, Coverage, PhoneCoverage, PhoneState
from core.rounds.rounds import KnownRound
from core.text import N, T, Text, Value, plain
from gui.rounds import phones_dialog
from gui.rounds.round_jobs import LANE, RoundsRead, read
from gui.rounds.round_view import RoundView
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Report, one_call

if TYPE_CHECKING:  # loaded late
    from core.rounds.tables import Table
    from gui.rounds.carry_home_dialog import CarryHomeDialog
    from gui.rounds.end_round_dialog import EndRoundDialog
    from gui.rounds.new_round_dialog import NewRoundDialog
    from gui.rounds.store_page import StorePage

#: Units that the chart of the page has a row for; the list behind it has all.
_UNITS = 12
#: What the folder of rosters is remembered by; and the store that was shown at the end.
_FOLDER = "rounds/folder"
_STORE = "rounds/shown-store"


class RoundsPage(RoundView):
    """Shows a round of this desk. Reads it when it is first shown, and anew when something is on record since."""

    #: Something may be new on record; whether in the practice log.
    recorded = Signal(bool)
    #: The report of a round is wanted: its number, what it is called, and whether it is of practice phones.
    report_wanted = Signal(str, str, bool)
    #: Something was written outside: a :class:`gui.toolkit.form_dialog.WrittenFile`.
    made = Signal(object)

    def __init__(
        self, desk: Desk, runner: JobRunner, parent: QWidget | None = None, *, memory: QSettings | None = None
    ) -> None:
        super().__init__(parent)
        self._memory = memory
        self._desk, self._runner = desk, runner
        self._job: Job[RoundsRead] | None = None
        self._asked = 0
        self._stale = True
        #: The number of the round that the officer chose; empty for the newest.
        self._chosen, self._practice = "", False
        self.shown = RoundsRead()
        self.new.clicked.connect(self.begin_round)
        self.choose.clicked.connect(self._show_menu)
        self.end.clicked.connect(self.end_round)
        self.bring.clicked.connect(self.bring_roster)
        self.report.clicked.connect(self.want_report)
        self.to_store.clicked.connect(self.open_store)
        self.store: StorePage | None = None
        #: What is shown once the store is left.
        self._under: QWidget = self.empty
        self.carry.clicked.connect(self.carry_home)
        for keys, act, _ in self._keys():
            QShortcut(keys, self).activated.connect(act)
        self.problem.offer(T("Try again"), self.reload)
        self._show(self.shown)

    def _keys(self) -> list[tuple[QKeySequence, Callable[[], object], Text]]:
        return [
            (QKeySequence("Ctrl+N"), self.begin_round, T("Begin a new round")),
            (QKeySequence("Ctrl+O"), self.bring_roster, T("Bring the roster of the round")),
            (QKeySequence("Ctrl+P"), self.want_report, T("Save the report of the round")),
            (QKeySequence("F5"), self.refresh, T("Read the round again")),
            (QKeySequence("Ctrl+Shift+O"), self.open_store, T("Open head office’s store")),
            (QKeySequence("Ctrl+E"), self.carry_home, T("Carry the log and its rounds home")),
        ]

    def shortcuts(self) -> list[tuple[Text, QKeySequence]]:
        """What can be done with keys here."""
        return [(does, keys) for keys, _, does in self._keys()]

    def restore(self, settings: QSettings) -> None:
        """Show the store again that was shown at the end, as soon as the page is seen."""
        folder = settings.value(_STORE)
        if isinstance(folder, str) and folder and Path(folder).is_dir():
            self._show_store().open_later(Path(folder))

    def save(self, settings: QSettings) -> None:
        """Remember the store that is shown, if one is."""
        folder = self.store.folder if self.store is not None and self._at_store else None
        settings.setValue(_STORE, str(folder or ""))

    # The store of head office

    @property
    def _at_store(self) -> bool:
        return self.store is not None and self.states.currentWidget() is self.store

    def open_store(self) -> None:
        """Ask for head office's store, and show how the phones of all its desks stand."""
        store = self._store()
        if store.choose_store():
            self.states.setCurrentWidget(store)

    def _store(self) -> StorePage:
        """What shows a store, made when it is first wanted."""
        if self.store is None:
            from gui.rounds.store_page import StorePage

            self.store = StorePage(self._runner, memory=self._memory)
            self.store.left.connect(lambda: self.states.setCurrentWidget(self._under))
            self.states.addWidget(self.store)
        return self.store

    def _show_store(self) -> StorePage:
        store = self._store()
        self.states.setCurrentWidget(store)
        return store

    def _show_state(self, shown: QWidget) -> None:
        """Show this, or have it ready where a store is shown."""
        self._under = shown
        if not self._at_store:
            self.states.setCurrentWidget(shown)

    def refresh(self) -> None:
        """Read anew what is shown."""
        if self.store is not None and self._at_store:
            self.store.reload()
        else:
            self.reload()

    # Reading

    def reload(self) -> None:
        """Read the round anew."""
        self._stale = False
        self._asked += 1
        if self._job is not None:
            self._job.stop()
        work = one_call(read, self._desk, self._chosen, self._practice, date.today())
        self._job = self._runner.start(self, LANE, work, partial(self._ended, self._asked))

    def something_recorded(self, practice: bool) -> None:
        """A check may have ticked off a phone: read anew, at once if the page is seen."""
        if practice == self._practice:
            self._stale = True
            if self.isVisible():
                self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _ended(self, asked: int, end: JobEnd[RoundsRead]) -> None:
        if asked != self._asked:
            return
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show(end.value)
        elif isinstance(end, Failed):
            self._show_state(self.content)
            self.problem.show_problem(end.problem)

    # Showing

    def _show(self, shown: RoundsRead) -> None:
        self.shown = shown
        one, found = shown.shown, shown.coverage
        self.choose.setVisible(len(shown.known) > 1 or self.store is not None)
        if one is None or found is None:
            self._show_state(self.empty)
            words = N(
                "{count} phone of this desk was not seen for {days} days.",
                "{count} phones of this desk were not seen for {days} days.",
                len(shown.due),
                days=DUE_AFTER,
            )
            self.say(self.due_again.setText, words)
            self.due_again.setVisible(bool(shown.due))
            return
        self._show_state(self.content)
        self._show_head(one, found)
        self._show_numbers(found)
        self._show_charts(found)
        self._show_phones(found)

    def _show_head(self, one: KnownRound, found: Coverage) -> None:
        about = one.about
        self.say(self.title.setText, plain(about.name, 120))
        days = T("{first} to {last}", first=long_date(about.first), last=long_date(about.last))
        phones: Value = T("no roster yet")
        if one.roster is not None:
            phones = N("roster of {count} phone", "roster of {count} phones", one.roster.phones)
        parts = [days, phones, *([plain(about.place, 120)] if about.place else [])]
        parts += [T("closed")] if one.ended is not None else []
        self.say(self.about.setText, lambda: " · ".join(map(str, parts)))
        self.end.setVisible(one.ended is None)
        self.bring.setVisible(one.ended is None)

    def _show_numbers(self, found: Coverage) -> None:
        count = {state: found.counts.get(state, 0) for state in PhoneState}
        self.say(self.checked.setText, str(found.checked))
        self.say(self.of.setText, T("of {phones} checked", phones=len(found.phones)))
        share = round(100 * found.checked / len(found.phones)) if found.phones else 0
        self.say(self.share.setText, T("{share} % · {green} green", share=share, green=count[PhoneState.GREEN]))
        self.due.show_number(count[PhoneState.DUE], T("{count} not seen for long", count=len(found.late)))
        units = len({phone.unit for phone in found.of(PhoneState.RED)})
        self.red.show_number(count[PhoneState.RED], N("in {count} unit", "in {count} units", units))
        looked = sum(phone.last is not None and phone.last.looked for phone in found.of(PhoneState.AMBER))
        self.amber.show_number(count[PhoneState.AMBER], T("{count} looked at by hand", count=looked))
        self.others.show_number(len(found.unexpected), T("not on the roster"))

    def _show_charts(self, found: Coverage) -> None:
        bar, bars, pace, days = figures.whole(found), figures.units(found), figures.pace(found), figures.days(found)
        self.progress.show_chart(partial(charts.progress_bar, bar), T("Progress"), chart_data.progress_table(bar))
        draw = partial(charts.unit_bars, bars, most=_UNITS)
        self.units.show_chart(draw, T("Due, by unit"), chart_data.unit_table(bars))
        self.say(self.pace_words.setText, chart_data.pace_words(pace))
        self.pace.show_chart(partial(charts.pace_chart, pace), T("Pace"), chart_data.pace_table(pace))
        self.days.show_chart(partial(charts.day_columns, days), T("Checks by day"), chart_data.day_table(days))

    def _show_phones(self, found: Coverage) -> None:
        self.red_card.show_phones(found.of(PhoneState.RED), _unit_and_day)
        may_add = (T("Add"), self.add_phone) if self.shown.shown is not None and not self.shown.shown.ended else None
        self.other_card.show_phones(found.unexpected, _desk_and_day, may_add)
        first = (*found.red_before, *(phone for phone in found.late if phone not in found.red_before))
        self.late_card.show_phones(first, _unit_and_day)
        self.twice_card.show_phones(found.seen_twice, _times)

    # Acting

    def open_list(self, which: str) -> None:
        found = self.shown.coverage
        if found is None:
            return
        title, phones = {
            "due": (T("Due"), found.of(PhoneState.DUE)),
            "red": (T("Red, still open"), found.of(PhoneState.RED)),
            "amber": (T("Amber"), found.of(PhoneState.AMBER)),
            "unexpected": (T("Not on the roster"), found.unexpected),
            "late": (T("Not seen for long"), found.late),
            "twice": (T("Seen more than once"), found.seen_twice),
        }[which]
        phones_dialog.PhonesDialog(title, phones, self).open()

    def begin_round(self) -> NewRoundDialog:
        """Ask for a new round."""
        from gui.rounds.new_round_dialog import NewRoundDialog

        dialog = NewRoundDialog(self._desk, self._runner, self)
        dialog.recorded.connect(lambda: self._begun(dialog))
        dialog.open()
        return dialog

    def bring_roster(self) -> None:
        """Ask for a file, read it, and ask which of its columns are the roster."""
        if self.shown.shown is None or self.shown.shown.ended is not None:
            return
        title = T("Bring a roster")
        file = file_dialogs.choose_file(self, title, self._memory, _FOLDER, "*.csv *.xlsx *.xls *.xlsb *.xlsm *.ods")
        if file is not None:
            file_dialogs.remember(self._memory, _FOLDER, file.parent)
            self.read_roster(file)

    def read_roster(self, file: Path) -> None:
        """Read this file, and ask which of its columns are the roster."""
        from core.rounds.tables import read_table

        self._runner.start(self, LANE, lambda cancel, report: read_table(file, cancel), self._table_read)

    def _table_read(self, end: JobEnd[Table]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        elif isinstance(end, Done) and self.shown.shown is not None:
            from gui.rounds.roster_dialog import RosterDialog

            self.problem.show_problem(None)
            about = self.shown.shown.about
            dialog = RosterDialog(self._desk, self._runner, self, about, end.value, practice=self._practice)
            dialog.recorded.connect(lambda: self._changed(Done(None)))
            dialog.open()

    def want_report(self) -> None:
        """Ask for the report of the round that is shown."""
        one = self.shown.shown
        if one is not None:
            self.report_wanted.emit(one.about.id, one.about.name, self._practice)

    def add_phone(self, phone: PhoneCoverage) -> None:
        """Put a phone that was not expected on the list."""
        one, seen = self.shown.shown, phone.last
        if one is None or seen is None:
            return

        def work(cancel: Cancel, report: Report) -> None:
            with self._desk.custodian(self._practice) as ledger:
                rounds.add(ledger, self._desk.data, one, seen)

        self._runner.start(self, LANE, work, self._changed)

    def end_round(self) -> EndRoundDialog | None:
        """Ask whether the round is to be closed."""
        from gui.rounds.end_round_dialog import EndRoundDialog

        if self.shown.coverage is None:
            return None
        dialog = EndRoundDialog(self._desk, self._runner, self, self.shown.coverage, practice=self._practice)
        dialog.recorded.connect(lambda: self._changed(Done(None)))
        dialog.open()
        return dialog

    def carry_home(self) -> CarryHomeDialog:
        """Ask for the stick on which the log and its rounds go to head office."""
        from gui.rounds.carry_home_dialog import CarryHomeDialog

        dialog = CarryHomeDialog(self._desk, self._runner, self, self._memory, practice=self._practice)
        dialog.recorded.connect(lambda: self.recorded.emit(self._practice))
        dialog.made.connect(self.made)
        dialog.open()
        return dialog

    def _changed(self, end: JobEnd[None]) -> None:
        """Something of the round was put on record, or could not be."""
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
            return
        self.recorded.emit(self._practice)
        self.reload()

    def _begun(self, dialog: NewRoundDialog) -> None:
        if dialog.begun is not None:
            self._chosen, self._practice = dialog.begun.id, dialog.begun.practice
            self.recorded.emit(self._practice)
            self.reload()

    def _show_menu(self) -> None:
        menu = QMenu(self)
        for one in self.shown.known:
            menu.addAction(plain(one.about.name, 120), partial(self._choose, one.about.id))
        menu.addSeparator()
        menu.addAction(str(T("Open head office’s store…")), self.open_store)
        menu.popup(self.choose.mapToGlobal(self.choose.rect().bottomLeft()))

    def _choose(self, number: str) -> None:
        self._chosen = number
        self.reload()


def _unit_and_day(phone: PhoneCoverage) -> Text:
    return T("{unit} · {when}", unit=phone.unit or T("without a unit"), when=phones_dialog.when(phone))


def _desk_and_day(phone: PhoneCoverage) -> Text:
    last = phone.last
    model, desk = (last.phone, last.desk) if last is not None else ("", "")
    return T("{phone} · {desk}, {when}", phone=model or "?", desk=desk, when=phones_dialog.when(phone))


def _times(phone: PhoneCoverage) -> Text:
    return N("{count} time", "{count} times", len(phone.checks))
