"""The Round page of head office: how the phones of all desks stand, asked of a store that their bundles were merged
in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QShowEvent

from core.desk.desk import Desk
from core.desk.papers.store_keys import require_signed
from core.head_office.questions.counting import Scope
from core.head_office.questions.dashboard import dashboard, phones
from core.jobs import Cancel, Progress
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts import chart_data
from core.text import N, T, Text, grouped, plain
from gui.rounds import store_view
from gui.rounds.dialogs.list_dialog import ListDialog
from gui.rounds.store_view import StoreView
from gui.toolkit import file_dialogs
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Report

if TYPE_CHECKING:  # loaded late
    from core.head_office.questions.counting import StoredRound
    from core.head_office.questions.dashboard import AnswerTable, Dashboard

LANE: Final = "store"
#: What the folder of the store is remembered by.
_FOLDER: Final = "rounds/store"
#: Days that are offered, and those at first.
_PERIODS: Final = (30, 90, 365)
DAYS: Final = 90
_TEXT: Final = 120


class StorePage(StoreView):
    """Shows a store of head office. What is asked of it runs off the GUI thread and can be stopped."""

    #: The store is to be shown no longer.
    closed = Signal()
    #: A list was saved, and the log of this desk has one more entry.
    recorded = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, *, memory: QSettings | None = None) -> None:
        super().__init__()
        self._desk, self._runner, self._memory = desk, runner, memory
        self._job: Job[Dashboard] | Job[AnswerTable] | None = None
        self._turn = 0
        self._waiting = False
        #: The folder of the store that is shown, or being asked.
        self.folder: Path | None = None
        self.dashboard: Dashboard | None = None
        #: What can be asked about, and what is: so many days up to the newest check, or a round.
        self._choices: list[tuple[Text, int | StoredRound]] = []
        self._chosen: int | StoredRound = DAYS
        self.stop.clicked.connect(self._stop)
        self.other_store.clicked.connect(self.choose_store)
        self.leave.clicked.connect(self.closed)
        self.scope.activated.connect(lambda at: self._show_choice(self._choices[at][1]))
        self.problem.offer(T("Try again"), self.reload)
        self._show_nothing()

    def choose_store(self) -> bool:
        """Ask for the folder of a store, and show it; whether one was chosen."""
        start = file_dialogs.remembered(self._memory, _FOLDER)
        folder = file_dialogs.choose_folder(self, T("Open head office’s store"), start)
        if folder is not None:
            self.open(folder)
        return folder is not None

    def open_later(self, folder: Path) -> None:
        """Show the store in this folder once the page is seen."""
        self.folder, self._waiting = folder, True
        self._show_nothing()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting and self.folder is not None:
            self.open(self.folder)

    def open(self, folder: Path) -> None:
        """Show the store in this folder."""
        self._waiting = False
        if folder != self.folder:
            self.folder, self.dashboard = folder, None
            self._choices, self._chosen = [], DAYS
            self._show_nothing()
        file_dialogs.remember(self._memory, _FOLDER, folder)
        self.reload()

    def _show_choice(self, chosen: int | StoredRound) -> None:
        self._chosen = chosen
        self.reload()

    # Asking

    def reload(self) -> None:
        """Ask the store anew: something may have been merged into it."""
        folder, chosen = self.folder, self._chosen
        if folder is None:
            return
        self._stop()
        self._turn += 1

        def work(cancel: Cancel, report: Report) -> Dashboard:
            require_signed(self._desk, folder)
            if isinstance(chosen, int):
                return dashboard(folder, days=chosen, report=report, cancel=cancel)
            return dashboard(folder, Scope.of(chosen), report=report, cancel=cancel)

        self.working.show()
        self._job = self._runner.start(self, LANE, work, partial(self._ended, self._turn), self._tell)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()

    def _tell(self, progress: Progress) -> None:
        self.say(self.doing.setText, progress.doing)
        self.bar.setValue(round(100 * progress.share))

    def _ended(self, turn: int, end: JobEnd[Dashboard]) -> None:
        if turn != self._turn:
            return
        self.working.hide()
        self._job = None
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show(end.value)
        elif isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        if isinstance(end, Done):
            return
        if self.dashboard is not None:  # what is shown stays, and stays chosen
            scope = self.dashboard.scope
            self._chosen = scope.round or (scope.last - scope.first).days + 1
            self._choose_shown()
        elif not isinstance(end, Failed):  # stopped before anything could be shown
            self.closed.emit()

    # Showing

    def _show_nothing(self) -> None:
        self.say(self.title.setText, T("Head office’s store"))
        self.say(self.about.setText, plain(str(self.folder or ""), 500))
        self.numbers.hide()
        self.remarks.show_remarks(None)
        self.practice.hide()
        offer(self.scope, False)

    def _show(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.numbers.show()
        self.remarks.show_remarks(dashboard.remarks)
        self.practice.setVisible(dashboard.remarks.practice)
        offer(self.scope, True)
        self._offer_choices(dashboard)
        self._show_head(dashboard)
        self._show_numbers(dashboard)
        first_seen = T("How many of these phones were seen, from the first day to the last.")
        pace = chart_data.pace_words(dashboard.pace) if dashboard.scope.round else first_seen
        self.say(self.pace_words.setText, pace)
        self.show_charts(dashboard.whole, dashboard.units, dashboard.pace, dashboard.days)
        for name, answer in self._lists(dashboard).items():
            self.cards[name].show_list(answer)

    def _show_head(self, dashboard: Dashboard) -> None:
        scope = dashboard.scope
        title = plain(scope.round.name, _TEXT) if scope.round is not None else T("All desks")
        self.say(self.title.setText, title)
        parts = [
            T("{first} to {last}", first=long_date(scope.first), last=long_date(scope.last)),
            N(
                "{number} check at {desks} desks",
                "{number} checks at {desks} desks",
                dashboard.checks,
                number=grouped(dashboard.checks),
                desks=grouped(dashboard.reporting),
            ),
        ]
        if dashboard.merged is not None:
            parts.append(T("merged on {date}", date=long_date(dashboard.merged.astimezone().date())))
        self.say(self.about.setText, lambda: " · ".join(map(str, parts)))
        self.say(self.about.setToolTip, plain(str(self.folder), 500))

    def _show_numbers(self, dashboard: Dashboard) -> None:
        whole = dashboard.whole
        share = round(100 * whole.checked / whole.total) if whole.total else 0
        self.say(self.checked.setText, grouped(whole.checked))
        self.say(self.of.setText, T("of {phones} phones seen", phones=grouped(whole.total)))
        self.say(self.share.setText, T("{share} % · {green} green", share=share, green=grouped(whole.green)))
        units = sum(bool(bar.red) for bar in dashboard.units)
        self.due.show_number(whole.due, T("in these days"))
        self.red.show_number(whole.red, N("in {count} unit", "in {count} units", units))
        self.amber.show_number(whole.amber, T("at their last check"))
        self.silent.show_number(dashboard.silent_desks, T("of {desks}", desks=grouped(dashboard.desks)))

    def _offer_choices(self, dashboard: Dashboard) -> None:
        self._choices = [(N("Last {count} day", "Last {count} days", days), days) for days in _PERIODS]
        self._choices += [
            (T("{name} ({year})", name=plain(known_round.name, _TEXT), year=known_round.last.year), known_round)
            for known_round in dashboard.rounds
        ]
        self.scope.clear()
        for words, _ in self._choices:
            self.scope.add_choice(words)
        self._choose_shown()

    def _choose_shown(self) -> None:
        """Have the choice that is shown chosen."""
        chosen = self.dashboard.scope.round if self.dashboard is not None else None
        at = next((at for at, (_, choice) in enumerate(self._choices) if choice == (chosen or self._chosen)), -1)
        self.scope.setCurrentIndex(at)

    def _lists(self, dashboard: Dashboard) -> dict[str, AnswerTable]:
        return {
            store_view.SILENT: dashboard.silent,
            store_view.CAME_BACK: dashboard.came_back,
            store_view.REPEATED: dashboard.repeated,
            store_view.POLICIES: dashboard.policies,
            store_view.RETURNS: dashboard.can_return,
        }

    # Lists

    def open_list(self, name: str) -> None:
        dashboard, folder = self.dashboard, self.folder
        if dashboard is None or folder is None:
            return
        if name in self.cards:
            self._show_list(name, self.cards[name].title, self._lists(dashboard)[name])
            return

        title, verdict = {
            store_view.DUE: (T("Not seen"), None),
            store_view.RED: (T("Red, still open"), Verdict.RED),
            store_view.AMBER: (T("Amber"), Verdict.AMBER),
        }[name]

        def work(cancel: Cancel, report: Report) -> AnswerTable:
            require_signed(self._desk, folder)
            return phones(folder, dashboard.scope, verdict, report=report, cancel=cancel)

        self._stop()
        self.working.show()
        self._job = self._runner.start(self, LANE, work, partial(self._listed, name, title), self._tell)

    def _listed(self, name: str, title: Text, end: JobEnd[AnswerTable]) -> None:
        self.working.hide()
        self._job = None
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show_list(name, title, end.value)
        elif isinstance(end, Failed):
            self.problem.show_problem(end.problem)

    def _show_list(self, name: str, title: Text, answer: AnswerTable) -> None:
        remarks = self.dashboard.remarks if self.dashboard is not None else None
        dialog = ListDialog(self._desk, self._runner, name, title, answer, self, self._memory, remarks)
        dialog.recorded.connect(self.recorded)
        dialog.open()
