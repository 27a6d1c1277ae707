"""Closing a round: what it came to is put on record."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.papers.round_days import round_day, round_zone
from core.jobs import Cancel
from core.reports.charts.chart_data import progress_words
from core.rounds import rounds
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.rounds import KnownRound
from core.text import T
from gui.rounds.round_jobs import LANE
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.theme import Status


class EndRoundDialog(JobDialog):
    """Tells how a round stands, and closes it once that is wanted."""

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QWidget,
        known_round: KnownRound,
        coverage: Coverage,
        *,
        practice: bool,
    ) -> None:
        """`coverage` is how the round stands as the page has it."""
        super().__init__(runner, LANE, T("Close the round"), T("Close it"), parent, practice=practice)
        self._desk, self._round, self._practice = desk, known_round, practice
        self.explain(progress_words(figures.whole(coverage)))
        self.explain(
            T(
                "Its result goes into the log, and the round stays as it is at that moment: no roster can be "
                "imported any more, and no later check is counted. Its roster stays on this computer."
            )
        )

    def work(self) -> Work[Any] | None:
        return self._end

    def _end(self, cancel: Cancel, report: Report) -> Coverage:
        """What goes on record is how the round stands now, with the phones that wait for a second look."""
        with self._desk.custodian(self._practice) as ledger:
            covered = rounds.covered(
                ledger, self._desk.data, self._round, round_day(self._desk), round_zone(self._desk)
            )
            rounds.end(ledger, covered)
            return covered

    def tell(self, value: Coverage) -> None:
        self.verdict.show_result(Status.GREEN, T("The round is closed."), progress_words(figures.whole(value)))
        self.recorded.emit()
