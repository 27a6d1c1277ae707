"""Closing a round: what it came to is put on record."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.reports.charts.chart_data import progress_words
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage
from core.rounds.rounds import KnownRound
from core.text import T
from gui.rounds.round_jobs import LANE, end
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.theme import Status


class EndRoundDialog(JobDialog):
    """Says how a round stands, and closes it once that is confirmed."""

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
        super().__init__(runner, LANE, T("Close the round"), T("Close round"), parent, practice=practice)
        self._desk, self._round, self._practice = desk, known_round, practice
        self.explain(progress_words(figures.whole(coverage)))
        self.explain(
            T(
                "The result goes into the log. After that, no roster can be imported and no later check counts. The "
                "roster stays on this computer."
            )
        )

    def work(self) -> Work[Any] | None:
        return one_call(end, self._desk, self._practice, self._round)

    def tell(self, value: Coverage) -> None:
        self.verdict.show_result(Status.GREEN, T("The round is closed."), progress_words(figures.whole(value)))
