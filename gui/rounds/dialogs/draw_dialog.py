"""The draw of the phones for a second look: it is made once, and what it comes to cannot be chosen."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.rounds.recheck import RecheckStatus
from core.rounds.rounds import KnownRound
from core.text import N, T
from gui.rounds.round_jobs import LANE, draw
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.theme import Status


class DrawDialog(JobDialog):
    """Says how many phones are drawn of how many, and draws them once that is confirmed."""

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QWidget,
        known_round: KnownRound,
        status: RecheckStatus,
        *,
        practice: bool,
    ) -> None:
        super().__init__(runner, LANE, T("Draw the phones for a second check"), T("Draw"), parent, practice=practice)
        self._desk, self._round, self._practice = desk, known_round, practice
        self.explain(
            N(
                "{share} % of {checked} checked phones: {count} phone is drawn.",
                "{share} % of {checked} checked phones: {count} phones are drawn.",
                status.size,
                share=status.share,
                checked=status.checked,
            )
        )
        self.explain(
            T(
                "The sealed log decides which phones are drawn: no person can choose them, and the draw cannot be "
                "repeated. Phones that are checked later are not included: draw when most of the round is done."
            )
        )
        self.explain(
            T(
                "Until another officer has checked them, this page, its lists and its reports do not show how "
                "these phones were left."
            )
        )
        self.shut.setFocus()  # what cannot be repeated is not begun by a key that was meant for the page

    def work(self) -> Work[Any] | None:
        return one_call(draw, self._desk, self._practice, self._round)

    def tell(self, value: RecheckStatus) -> None:
        sentence = N("{count} phone is drawn.", "{count} phones are drawn.", value.size)
        self.verdict.show_result(
            Status.GREEN,
            sentence,
            T("The draw is in the log, sealed. Another officer checks each of them at this desk."),
        )
