"""The dialogs that leave something outside: a checkpoint in a folder, the day's last page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

from core.desk import log_evidence
from core.ledger.witness.exchange import Exchange
from core.text import N, T, Text, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit.form_dialog import WrittenFile
from gui.toolkit.form_fields import DateField
from gui.toolkit.jobs import Work, one_call
from gui.toolkit.layouts import row
from gui.toolkit.theme import Status
from gui.toolkit.widgets import plain_label

#: Contradictions, and files that cannot be used, that are told one by one.
_LISTED: Final = 5


class CheckpointDialog(PaperDialog):
    """A checkpoint in a folder: on a USB key, or on a drive of the department."""

    title = T("Leave a checkpoint")
    go_text = T("Leave it there")

    def fill(self) -> None:
        self.explain(
            T(
                "A checkpoint is a small file that says how the log looks now: no entry can be read from it. "
                "Kept outside, it shows later whether anything before it was changed or cut off. "
                "Checkpoints of other desks that are found there are compared, and cosigned."
            )
        )
        self.ask_for_folder(self.form, T("Folder, for example on a USB key"), "papers/checkpoints", languages=False)
        self.offer_to_open(T("Open the folder"))

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        return one_call(log_evidence.leave_checkpoint, self._desk, self._practice, self.folder.folder)

    def tell(self, value: Exchange) -> None:
        status, headline, sentences = exchange_words(value)
        self.file, left = value.left, value.left.parent
        self.verdict.show_result(status, headline, lambda: "\n".join(map(str, sentences)), left)
        self.say.again()
        chosen = self.folder.folder
        told = T("Checkpoint left in {folder}", folder=plain(chosen.name or str(chosen), 60))
        self.made.emit(WrittenFile(told, left, left))


class DailyCloseDialog(PaperDialog):
    """The day's last page."""

    title = T("Daily close")
    go_text = T("Save the page")

    def fill(self) -> None:
        self.explain(
            T("A PDF with the day’s checks and the checkpoint of the log, for a supervisor to sign and to keep.")
        )
        label = plain_label()
        self.day = DateField(date.today())
        label.setBuddy(self.day)
        self.say(label.setText, T("Day"))
        self.say(self.day.setAccessibleName, T("Day"))
        self.say(self.day.lineEdit().setAccessibleName, T("Day"))
        self.form.addLayout(row(label, self.day, None))
        self.ask_for_folder(self.form, T("Folder for the daily close"), "papers/days")
        self.offer_to_open(T("Open the folder"), T("Open the page"))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        return one_call(
            log_evidence.close_day,
            self._desk,
            self._practice,
            self.day.day,
            self.folder.folder,
            self.languages.languages,
        )

    def tell(self, value: Path) -> None:
        self.show_written(
            value,
            T("The day is closed"),
            T("Have it signed, and keep it off this computer: only then does it protect the log."),
            T("Daily close saved: {file}", file=plain(value.name, 120)),
        )


def exchange_words(exchange: Exchange) -> tuple[Status, Text, list[Text]]:
    """What leaving a checkpoint has brought, in words: a contradiction first, which is the one thing that alarms."""
    told: list[Text] = []
    for conflict in exchange.conflicts[:_LISTED]:
        told.append(T("{what} {step}", what=conflict.sentence, step=conflict.next_step))
    told.append(
        N("It covers the first entry.", "It covers the first {number} entries.", exchange.size, number=exchange.size)
    )
    if exchange.cosigned:
        told.append(
            N(
                "The log of {count} other desk was found there, has only grown since it was last seen, "
                "and was cosigned.",
                "The logs of {count} other desks were found there, have only grown since they were last seen, "
                "and were cosigned.",
                len(exchange.cosigned),
            )
        )
    first = len([seen for seen in exchange.cosigned if seen.first])
    if first:
        told.append(
            N(
                "{count} of them was seen for the first time: its key was believed.",
                "{count} of them were seen for the first time: their keys were believed.",
                first,
            )
        )
    if exchange.received:
        told.append(
            N(
                "{count} cosignature of another desk was collected for this log.",
                "{count} cosignatures of other desks were collected for this log.",
                len(exchange.received),
            )
        )
    for skipped in exchange.skipped[:_LISTED]:
        told.append(T("{file} was left alone: {why}.", file=plain(skipped.path.name, 120), why=skipped.why))
    if exchange.conflicts:
        return Status.RED, T("The checkpoint is left in the folder, but a log contradicts what was seen of it"), told
    return Status.GREEN, T("The checkpoint is left in the folder"), told
