"""Personal values whose time is over: how many, from when, and the question whether to erase them."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.desk import log_evidence
from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger.retention.due_values import Due
from core.text import N, T
from gui.papers.paper_dialog import LANE, PaperDialog
from gui.toolkit.jobs import Done, Failed, JobEnd, Report, Work, one_call
from gui.toolkit.theme import Status, TextSize, mark
from gui.toolkit.widgets import WrappedLabel


class DueValuesDialog(PaperDialog):
    """Says what is due, and erases it if the officer says so. Nothing is erased otherwise."""

    title = T("Personal values that are due")
    go_text = T("Erase them…")
    destroys = True

    def fill(self) -> None:
        self.due: Due | None = None
        self._sure = False
        self.headline = WrappedLabel(TextSize.TITLE)
        self.sentence = WrappedLabel()
        self.waiting = WrappedLabel()
        mark(self.waiting, "muted")
        for part in (self.headline, self.sentence, self.waiting):
            self.form.addWidget(part)
        self.go.setEnabled(False)
        mark(self.go, "danger")
        self.say(self.headline.setText, T("Looking for what is due…"))
        self.waiting.hide()
        self._runner.start(self, LANE, partial(_due, self._desk, self._practice), self._known)

    def _known(self, end: JobEnd[Due]) -> None:
        if isinstance(end, Failed):
            self.say(self.headline.setText, T("This cannot be told now"))
            self.only_tell()
            self.complain(end.problem)
        elif isinstance(end, Done):
            self._show_due(end.value)

    def _show_due(self, due: Due) -> None:
        self.due = due
        count = len(due.records)
        if not count:
            self.say(self.headline.setText, T("Nothing is due"))
            limited = self._desk.settings.retention_months > 0
            self.say(
                self.sentence.setText,
                T("No personal value has to be erased now.")
                if limited
                else T("No time limit is set for this desk. “retention_months” in its settings sets one."),
            )
        else:
            oldest = due.oldest.astimezone().date().isoformat() if due.oldest else ""
            self.say(
                self.headline.setText,
                N("{count} personal value is due", "{count} personal values are due", due.values),
            )
            self.say(
                self.sentence.setText,
                N(
                    "They stand beside {count} entry of {date}. Serial numbers and the like are erased for good; "
                    "the entry itself, the verdict and the seals stay as they are, and the erasure is put on record.",
                    "They stand beside {count} entries, the oldest of {date}. Serial numbers and the like are erased "
                    "for good; the entries themselves, the verdicts and the seals stay as they are, and the erasure is "
                    "put on record.",
                    count,
                    date=oldest,
                ),
            )
        if due.affected_waiting:
            self.say(
                self.waiting.setText,
                N(
                    "{count} more entry affected a person: its values are kept until two years after the last one.",
                    "{count} more entries affected a person: their values are kept until two years after the last one.",
                    due.affected_waiting,
                ),
            )
        elif due.gap is not None:
            self.say(self.waiting.setText, due.gap.words)
        self.waiting.setVisible(bool(due.affected_waiting) or due.gap is not None)
        self.go.setEnabled(bool(count))
        if not count:
            self.only_tell()
        self.fit()

    def work(self) -> Work[Any] | None:
        """Only the second press does it; the first makes the button say exactly what."""
        if self.due is None or not self.due.records:
            return None
        if not self._sure:
            self._sure = True
            values = self.due.values
            self.say(self.go.setText, N("Erase {count} value for good", "Erase {count} values for good", values))
            self.shut.setFocus()  # the same key again would have it done before that is read
            return None
        self._sure = False
        self.say(self.go.setText, T("Erase them…"))
        return one_call(log_evidence.erase, self._desk, self._practice, self.due.records, "retention")

    def tell(self, value: int) -> None:
        self.verdict.show_result(
            Status.GREEN,
            N("{count} personal value was erased", "{count} personal values were erased", value),
            T("The erasure is on record. Copies in files that were exported earlier are not touched by it."),
        )


def _due(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> Due:
    return log_evidence.due(desk, practice, report, cancel)
