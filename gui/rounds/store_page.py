"""The Round page of head office: how the phones of all desks stand, asked of a store that their bundles were merged
in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from core.describe.verification import grouped
from core.desk.desk import Desk
from core.jobs import Cancel, Progress
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts import chart_data, charts
from core.text import N, T, Text, plain
from gui.rounds import store_view
from gui.rounds.store_view import StoreView
from gui.toolkit import file_dialogs
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
#: Units that the chart of the page has a row for.
_UNITS: Final = 12


class StorePage(StoreView):
    """Shows a store of head office. What is asked of it runs off the GUI thread and can be stopped."""

    #: The store is to be shown no longer.
    left = Signal()
    #: A list was saved, and the log of this desk has one more entry.
    recorded = Signal()

    def __init__(
        self, desk: Desk, runner: JobRunner, parent: QWidget | None = None, *, memory: QSettings | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._runner, self._memory = desk, runner, memory
        self._job: Job[Dashboard] | Job[AnswerTable] | None = None
        self._asked = 0
        self._waiting = False
        #: The folder of the store that is shown, or being asked.
        self.folder: Path | None = None
        self.shown: Dashboard | None = None
        #: What can be asked about, and what is: so many days up to the newest check, or a round.
        self._choices: list[tuple[Text, int | StoredRound]] = []
        self._chosen: int | StoredRound = DAYS
        self.stop.clicked.connect(self._stop)
        self.other.clicked.connect(self.choose_store)
        self.leave.clicked.connect(self.left)
        self.scope.activated.connect(lambda at: self._show_choice(self._choices[at][1]))
        self.problem.offer(T("Try again"), self.reload)
        self.say(self._name_choices, "")
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
            self.folder, self.shown = folder, None
            self._choices, self._chosen = [], DAYS
            self._show_nothing()
        file_dialogs.remember(self._memory, _FOLDER, folder)
        self.reload()

    def _show_choice(self, chosen: int | StoredRound) -> None:
        self._chosen = chosen
        self.reload()

    # Asking

    def reload(self) -> None:
        """Ask the store: something may have been merged."""
        from core.desk.papers.store_keys import require_signed
        from core.head_office.questions.counting import Scope
        from core.head_office.questions.dashboard import dashboard

        folder, chosen = self.folder, self._chosen
        if folder is None:
            return
        self._stop()
        self._asked += 1

        def work(cancel: Cancel, report: Report) -> Dashboard:
            require_signed(self._desk, folder)
            if isinstance(chosen, int):
                return dashboard(folder, days=chosen, report=report, cancel=cancel)
            return dashboard(folder, Scope.of(chosen), report=report, cancel=cancel)

        self.working.show()
        self._job = self._runner.start(self, LANE, work, partial(self._ended, self._asked), self._tell)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()

    def _tell(self, progress: Progress) -> None:
        self.say(self.doing.setText, progress.doing)
        self.bar.setValue(round(100 * progress.share))

    def _ended(self, asked: int, end: JobEnd[Dashboard]) -> None:
        if asked != self._asked:
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
        if self.shown is not None:  # what is shown stays, and stays chosen
            scope = self.shown.scope
            self._chosen = scope.round or (scope.last - scope.first).days + 1
            self._name_choices("")
        elif not isinstance(end, Failed):  # stopped before anything could be shown
            self.left.emit()

    # Showing

    def _show_nothing(self) -> None:
        self.say(self.title.setText, T("Head office’s store"))
        self.say(self.about.setText, plain(str(self.folder or ""), 500))
        self.numbers.hide()
        self.remarks.show_remarks(None)
        self.practice.hide()
        self.scope.setEnabled(False)

    def _show(self, found: Dashboard) -> None:
        self.shown = found
        self.numbers.show()
        self.remarks.show_remarks(found.remarks)
        self.practice.setVisible(found.remarks.practice)
        self.scope.setEnabled(True)
        self._offer_choices(found)
        self._show_head(found)
        self._show_numbers(found)
        bars, pace = list(found.units), found.pace
        whole = found.whole
        self.progress.show_chart(
            partial(charts.progress_bar, whole), T("Phones seen"), chart_data.progress_table(whole)
        )
        draw = partial(charts.unit_bars, bars, most=_UNITS)
        self.units.show_chart(draw, T("Not seen, by unit"), chart_data.unit_table(bars))
        first_seen = T("How many of these phones were seen, from the first day to the last.")
        self.say(self.pace_words.setText, chart_data.pace_words(pace) if found.scope.round else first_seen)
        self.pace.show_chart(partial(charts.pace_chart, pace), T("Pace"), chart_data.pace_table(pace))
        self.days.show_chart(
            partial(charts.day_columns, found.days), T("Checks by day"), chart_data.day_table(found.days)
        )
        for which, answer in self._lists(found).items():
            self.cards[which].show_list(answer)

    def _show_head(self, found: Dashboard) -> None:
        scope = found.scope
        named = plain(scope.round.name, _TEXT) if scope.round is not None else T("All desks")
        self.say(self.title.setText, named)
        parts = [
            T("{first} to {last}", first=long_date(scope.first), last=long_date(scope.last)),
            N(
                "{number} check at {desks} desks",
                "{number} checks at {desks} desks",
                found.checks,
                number=grouped(found.checks),
                desks=grouped(found.reporting),
            ),
        ]
        if found.merged is not None:
            parts.append(T("merged on {date}", date=long_date(found.merged.astimezone().date())))
        self.say(self.about.setText, lambda: " · ".join(map(str, parts)))
        self.say(self.about.setToolTip, plain(str(self.folder), 500))

    def _show_numbers(self, found: Dashboard) -> None:
        whole = found.whole
        share = round(100 * whole.checked / whole.total) if whole.total else 0
        self.say(self.seen.setText, grouped(whole.checked))
        self.say(self.of.setText, T("of {phones} phones seen", phones=grouped(whole.total)))
        self.say(self.share.setText, T("{share} % · {green} green", share=share, green=grouped(whole.green)))
        units = sum(bool(bar.red) for bar in found.units)
        self.due.show_number(whole.due, T("in these days"))
        self.red.show_number(whole.red, N("in {count} unit", "in {count} units", units))
        self.amber.show_number(whole.amber, T("at their last check"))
        self.silent.show_number(found.silent_desks, T("of {desks}", desks=grouped(found.desks)))

    def _offer_choices(self, found: Dashboard) -> None:
        self._choices = [(N("Last {count} day", "Last {count} days", days), days) for days in _PERIODS]
        self._choices += [
            (T("{name} ({year})", name=plain(one.name, _TEXT), year=one.last.year), one) for one in found.rounds
        ]
        self._name_choices("")

    def _name_choices(self, nothing: str) -> None:
        """The choices in the language in use, with the one that is shown chosen."""
        self.scope.clear()
        for words, _ in self._choices:
            self.scope.addItem(str(words))
        chosen = self.shown.scope.round if self.shown is not None else None
        at = next((at for at, (_, one) in enumerate(self._choices) if one == (chosen or self._chosen)), -1)
        self.scope.setCurrentIndex(at)

    def _lists(self, found: Dashboard) -> dict[str, AnswerTable]:
        return {
            store_view.SILENT: found.silent,
            store_view.CAME_BACK: found.came_back,
            store_view.REPEATED: found.repeated,
            store_view.POLICIES: found.policies,
        }

    # Lists

    def open_list(self, which: str) -> None:
        found, folder = self.shown, self.folder
        if found is None or folder is None:
            return
        if which in self.cards:
            self._show_list(which, self.cards[which].title, self._lists(found)[which])
            return
        from core.desk.papers.store_keys import require_signed
        from core.head_office.questions.dashboard import phones

        title, verdict = {
            store_view.DUE: (T("Not seen"), None),
            store_view.RED: (T("Red, still open"), Verdict.RED),
            store_view.AMBER: (T("Amber"), Verdict.AMBER),
        }[which]

        def work(cancel: Cancel, report: Report) -> AnswerTable:
            require_signed(self._desk, folder)
            return phones(folder, found.scope, verdict, report=report, cancel=cancel)

        self._stop()
        self.working.show()
        self._job = self._runner.start(self, LANE, work, partial(self._listed, which, title), self._tell)

    def _listed(self, which: str, title: Text, end: JobEnd[AnswerTable]) -> None:
        self.working.hide()
        self._job = None
        if isinstance(end, Done):
            self.problem.show_problem(None)
            self._show_list(which, title, end.value)
        elif isinstance(end, Failed):
            self.problem.show_problem(end.problem)

    def _show_list(self, which: str, title: Text, answer: AnswerTable) -> None:
        from gui.rounds.dialogs.list_dialog import ListDialog

        remarks = self.shown.remarks if self.shown is not None else None
        shown = ListDialog(self._desk, self._runner, which, title, answer, self, self._memory, remarks)
        shown.recorded.connect(self.recorded)
        shown.open()
