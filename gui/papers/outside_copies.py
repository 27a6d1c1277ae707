"""The sheets that leave something outside: a checkpoint in a folder, the day's last page, the enrolment sheet."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.jobs import Cancel
from core.text import Language, N, T, Text, plain
from gui.papers.receipt_dialog import LANE
from gui.toolkit.form_dialog import JobDialog, WrittenFile
from gui.toolkit.form_fields import DateField, FolderField, LanguagesField, opener
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.theme import STEP, Status
from gui.toolkit.widgets import WrappedLabel

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from core.ledger.witness.exchange import Exchange


#: Contradictions, and files that cannot be used, that are told one by one.
_LISTED: Final = 5


class CheckpointDialog(JobDialog):
    """A checkpoint in a folder: on a USB key, or on a drive of the department."""

    def __init__(
        self, desk: Desk, runner: JobRunner, practice: bool, memory: QSettings | None, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Leave a checkpoint"), T("Leave it there"), parent, practice=practice)
        self._desk, self._practice = desk, practice
        self._folder = Path()
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T(
                "A checkpoint is a small file that says how the log looks now: no entry can be read from it. "
                "Kept outside, it shows later whether anything before it was changed or cut off. "
                "Checkpoints of other desks that are found there are compared, and cosigned."
            ),
        )
        self.folder = FolderField(T("Folder, for example on a USB key"), memory, "papers/checkpoints")
        self.form.addWidget(explained)
        self.form.addWidget(self.folder)
        self.open_folder = opener(T("Open the folder"), lambda: self._folder, self.say)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        return partial(_leave, self._desk, self._practice, self.folder.folder)

    def tell(self, value: Exchange) -> None:
        status, headline, sentences = exchange_words(value)
        self._folder = value.left.parent
        self.verdict.show_result(status, headline, lambda: "\n".join(map(str, sentences)), self._folder)
        self.say.again()
        chosen = self.folder.folder
        told = T("Checkpoint left in {folder}", folder=plain(chosen.name or str(chosen), 60))
        self.made.emit(WrittenFile(told, value.left.parent, value.left.parent))


class DailyCloseDialog(JobDialog):
    """The day's last page."""

    def __init__(
        self, desk: Desk, runner: JobRunner, practice: bool, memory: QSettings | None, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Daily close"), T("Save the page"), parent, practice=practice)
        self._desk, self._practice = desk, practice
        self._file = Path()
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T("A PDF with the day’s checks and the checkpoint of the log, for a supervisor to sign and to keep."),
        )
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.day = DateField(date.today())
        label.setBuddy(self.day)
        self.say(label.setText, T("Day"))
        self.say(self.day.setAccessibleName, T("Day"))
        self.say(self.day.lineEdit().setAccessibleName, T("Day"))
        row = QHBoxLayout()
        row.setSpacing(STEP)
        row.addWidget(label)
        row.addWidget(self.day)
        row.addStretch()
        self.folder = FolderField(T("Folder for the daily close"), memory, "papers/days")
        self.languages = LanguagesField(memory)
        self.form.addWidget(explained)
        self.form.addLayout(row)
        self.form.addWidget(self.folder)
        self.form.addWidget(self.languages)
        self.open_file = opener(T("Open the page"), lambda: self._file, self.say)
        self.open_folder = opener(T("Open the folder"), lambda: self._file.parent, self.say)
        self.add_tool(self.open_file)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        self.languages.keep()
        return partial(
            _close_day, self._desk, self._practice, self.day.day, self.folder.folder, self.languages.languages
        )

    def tell(self, value: Path) -> None:
        self._file = value
        self.verdict.show_result(
            Status.GREEN,
            T("The day is closed"),
            T("Have it signed, and keep it off this computer: only then does it protect the log."),
            value,
        )
        self.say.again()
        self.made.emit(WrittenFile(T("Daily close saved: {file}", file=plain(value.name, 120)), value, value.parent))


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


def _leave(desk: Desk, practice: bool, folder: Path, cancel: Cancel, report: Report) -> Exchange:
    from core.desk import log_evidence

    return log_evidence.leave_checkpoint(desk, practice, folder)


def _close_day(
    desk: Desk,
    practice: bool,
    day: date,
    folder: Path,
    languages: tuple[Language, ...],
    cancel: Cancel,
    report: Report,
) -> Path:
    from core.desk import log_evidence

    return log_evidence.close_day(desk, practice, day, folder, languages)
