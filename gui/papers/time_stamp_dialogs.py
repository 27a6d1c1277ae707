"""Time stamps: a request that is carried to an authority, and the reply that comes back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.jobs import Cancel
from core.problem import Problem
from core.text import N, T, plain
from gui.papers.receipt_dialog import LANE
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import JobDialog, WrittenFile
from gui.toolkit.form_fields import opener
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.widgets import ElidedLabel, WrappedLabel, button

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from core.desk.log_evidence import StampRequest
    from core.ledger.witness.time_stamps import Stamp


class NoReply(Problem):
    """A reply is to be attached, and none was chosen."""

    code = "no-reply"

    def __init__(self) -> None:
        super().__init__(T("No reply was chosen."), T("Choose the file that the authority sent back."))


class StampRequestDialog(JobDialog):
    """A request for a time stamp, as a file."""

    def __init__(
        self, desk: Desk, runner: JobRunner, practice: bool, memory: QSettings | None, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Ask for a time stamp"), T("Save the request…"), parent, practice=practice)
        self._desk, self._practice, self._memory = desk, practice, memory
        self._file = Path()
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T(
                "A time-stamping authority (RFC 3161) can confirm that the log was sealed before a certain time. "
                "Carry this file to a computer with a network, have it stamped there, and attach the reply here. "
                "No entry can be read from it."
            ),
        )
        self.form.addWidget(explained)
        self.open_folder = opener(T("Open the folder"), lambda: self._file.parent, self.say)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        from core.reports.filing import file_name

        folder = file_dialogs.remembered(self._memory, "papers/stamps")
        file = file_dialogs.choose_new(
            self, T("Save the request"), folder / f"{file_name(self._desk.name, self._practice, 'seal')}.tsq"
        )
        if file is None:
            return None
        file_dialogs.remember(self._memory, "papers/stamps", file.parent)
        return partial(_request, self._desk, self._practice, file)

    def tell(self, value: StampRequest) -> None:
        self._file = value.file
        covered = N("It is about the first entry.", "It is about the first {count} entries.", value.size)
        self.verdict.show_result(Status.GREEN, T("The request is saved"), covered, self._file)
        self.say.again()
        made = T("Request saved: {file}", file=plain(self._file.name, 120))
        self.made.emit(WrittenFile(made, self._file, self._file.parent))


class StampReplyDialog(JobDialog):
    """The reply of an authority, kept beside the log."""

    def __init__(
        self, desk: Desk, runner: JobRunner, practice: bool, memory: QSettings | None, parent: QWidget
    ) -> None:
        super().__init__(runner, LANE, T("Attach a time stamp"), T("Attach"), parent, practice=practice)
        self._desk, self._practice, self._memory = desk, practice, memory
        self.reply: Path | None = None
        self.authority: Path | None = None
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T("With the authority’s certificate the stamp is checked. Without it, it is kept but called unchecked."),
        )
        self.form.addWidget(explained)
        self._lines = {}
        for name, word in (
            ("reply", T("The reply (.tsr)")),
            ("authority", T("The authority’s root certificate (optional)")),
        ):
            label, line, choose = WrappedLabel(TextSize.STRONG), ElidedLabel(), button()
            self.say(label.setText, word)
            self.say(line.setText, T("None chosen"))
            self.say(choose.setText, T("Choose…"))
            self.say(choose.setAccessibleName, T("{what}: choose", what=word))
            choose.clicked.connect(partial(self._choose, name, word))
            row = QHBoxLayout()
            row.setSpacing(STEP)
            row.addWidget(line, 1)
            row.addWidget(choose)
            self.form.addWidget(label)
            self.form.addLayout(row)
            self._lines[name] = line
        self.fit()

    def use(self, name: str, file: Path) -> None:
        """Have this file as ``reply`` or ``authority``."""
        setattr(self, name, file)
        self.say(self._lines[name].setText, plain(file.name, 200))

    def _choose(self, name: str, title: Any, checked: bool = False) -> None:
        start = file_dialogs.remembered(self._memory, "papers/stamps")
        kinds = "*.tsr" if name == "reply" else "*.pem *.crt *.cer *.der"
        file = file_dialogs.choose_file(self, title, start, kinds)
        if file is not None:
            self.use(name, file)

    def work(self) -> Work[Any] | None:
        if self.reply is None:
            self.complain(NoReply())
            return None
        return partial(_attach, self._desk, self._practice, self.reply, self.authority)

    def tell(self, value: Stamp) -> None:
        when = value.time.astimezone().strftime("%Y-%m-%d %H:%M")
        said = N(
            "{authority} says that the log with its first entry existed on {when}.",
            "{authority} says that the log with its first {count} entries existed on {when}.",
            value.size,
            authority=plain(value.authority, 120),
            when=when,
        )
        if value.checked:
            self.verdict.show_result(Status.GREEN, T("The time stamp is attached and checked"), said)
        else:
            more = T("Its signature was not checked: anybody could have made it.")
            told = T("{sentence} {more}", sentence=said, more=more)
            self.verdict.show_result(Status.AMBER, T("The time stamp is attached, unchecked"), told)
        if self.reply is not None:
            self.made.emit(WrittenFile(T("Time stamp attached"), self.reply, self.reply.parent))


def _request(desk: Desk, practice: bool, file: Path, cancel: Cancel, report: Report) -> StampRequest:
    from core.desk import log_evidence

    # The system has asked before another file was to be replaced.
    return log_evidence.timestamp_request(desk, practice, file, replace=True)


def _attach(desk: Desk, practice: bool, reply: Path, authority: Path | None, cancel: Cancel, report: Report) -> Stamp:
    from core.desk import log_evidence

    return log_evidence.attach_timestamp(desk, practice, reply, authority)
