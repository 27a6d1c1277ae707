"""Personal values whose time is over: how many, from when, and the question whether to erase them."""

from __future__ import annotations

from typing import Any

from core.desk.papers import erasures, log_evidence
from core.desk.papers.erasures import Erasure
from core.ledger.retention.due_values import Due
from core.text import N, T, Text
from gui.papers.paper_dialog import LANE, PaperDialog
from gui.toolkit.jobs import Done, Failed, JobEnd, Work, long_call
from gui.toolkit.theme import Status, TextSize, mark
from gui.toolkit.widgets import forget_copied


class DueValuesDialog(PaperDialog):
    """Says what is due, and erases it if the officer says so. Nothing is erased otherwise."""

    title = T("Personal information to be erased")
    go_text = T("Erase…")
    destroys = True

    def fill(self) -> None:
        self.due: Due | None = None
        self._sure = False
        self.headline = self.say.label(T("Looking for information to erase…"), TextSize.TITLE)
        self.sentence = self.say.label("")
        self.waiting = self.say.label("", kind="muted")
        for part in (self.headline, self.sentence, self.waiting):
            self.form.addWidget(part)
        self.waiting.hide()
        self.hold_back(T("Looking for information to erase…"), beside=False)
        mark(self.go, "danger")
        work = long_call(log_evidence.due, self._desk, self._practice)
        self._runner.start(self, LANE, work, self._take_due)

    def _take_due(self, end: JobEnd[Due]) -> None:
        if isinstance(end, Failed):
            self.say(self.headline.setText, T("Not known at the moment"))
            self.only_tell()
            self.complain(end.problem)
        elif isinstance(end, Done):
            self._show_due(end.value)

    def _show_due(self, due: Due) -> None:
        self.due = due
        count = len(due.records)
        headline, sentence = T("There is nothing to erase"), T("No personal information has to be erased now.")
        waiting: Text | None = None
        if count:
            headline = N(
                "{count} item of personal information is to be erased",
                "{count} items of personal information are to be erased",
                due.values,
            )
            sentence = N(
                "It stands beside {count} entry of {date}. Serial numbers and the like are erased for good. The "
                "entry itself, the verdict and the seals stay as they are, and the erasure goes into the log.",
                "It stands beside {count} entries, the oldest of {date}. Serial numbers and the like are erased "
                "for good. The entries themselves, the verdicts and the seals stay as they are, and the erasure "
                "goes into the log.",
                count,
                date=due.oldest.astimezone().date().isoformat() if due.oldest else "",
            )
            if due.files:
                sentence = T("{what} {more}", what=sentence, more=erasures.deleted(due.files, due.file_bytes))
        elif self._desk.settings.retention_months <= 0:
            sentence = T("No time limit is set for this desk. “retention_months” in its settings sets one.")
        if due.affected_waiting:
            waiting = N(
                "{count} more entry affected a person: its personal information is kept until two years after the "
                "last one.",
                "{count} more entries affected a person: their personal information is kept until two years after "
                "the last one.",
                due.affected_waiting,
            )
        elif due.gap is not None:
            waiting = due.gap.words
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        self.say(self.waiting.setText, waiting or "")
        self.waiting.setVisible(waiting is not None)
        self.hold_back(None)
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
            self.say(self.go.setText, N("Erase {count} item for good", "Erase {count} items for good", values))
            self.shut.setFocus()  # the same key again would have it done before that is read
            return None
        self._sure = False
        self.say(self.go.setText, T("Erase…"))
        return self.one_call(erasures.erase, self.due.records, "retention")

    def tell(self, value: Erasure) -> None:
        forget_copied()  # it may be what was erased
        self.verdict.show_result(
            Status.GREEN,
            N(
                "{count} item of personal information was erased",
                "{count} items of personal information were erased",
                value.values,
            ),
            T(
                "The erasure is in the log. {elsewhere}{remaining}{copies}",
                elsewhere="".join(f"{line} " for line in value.elsewhere.lines()),
                remaining=erasures.remaining(value.copies),
                copies="".join(f"\n{copy}" for copy in erasures.copy_lines(value.copies)),
            ),
        )
