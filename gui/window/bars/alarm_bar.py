"""The bar over every page that tells that the log itself is amiss, until it is not any more."""

from __future__ import annotations

from collections.abc import Callable

from core.describe.verification import fault_about
from core.desk.papers.log_evidence import LogStatus
from core.problem import Problem
from core.text import T
from gui.toolkit.parts import Parts
from gui.toolkit.theme import Status
from gui.toolkit.widgets import ProblemBar


class AlarmBar(ProblemBar):
    """Red, with one button: to verify the log, or where its state cannot be told to try again."""

    def __init__(self, verify: Callable[[], object], again: Callable[[], object]) -> None:
        super().__init__(Status.RED)
        parts = Parts(self)
        self.verify = parts.button(T("Verify the log…"), verify, icon="seal")
        self.again = parts.button(T("Try again"), again, icon="refresh")
        self.row.addWidget(self.verify)
        self.row.addWidget(self.again)

    def show_standing(self, standing: LogStatus | Problem | None) -> None:
        """Show what is amiss, if anything is."""
        unknown = isinstance(standing, Problem)
        problem: Problem | None = None
        if isinstance(standing, Problem):
            problem = standing
        elif standing is not None and standing.breaks:
            first = standing.breaks[0]
            fault = T("{about}: {what}", about=fault_about(first), what=first.sentence)
            next_step = T("{what} Change nothing, and see what is wrong.", what=fault)
            problem = Problem(T("The log does not match its seals."), next_step)
        self.verify.setVisible(not unknown)
        self.again.setVisible(unknown)
        self.show_problem(problem)
