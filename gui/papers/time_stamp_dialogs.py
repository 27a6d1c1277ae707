"""Time stamps: a request that is carried to an authority, and the reply that comes back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from core.desk import log_evidence
from core.desk.log_evidence import StampRequest
from core.ledger.witness.time_stamps import Stamp
from core.problem import Problem
from core.reports.filing import file_name
from core.text import N, T, Text, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import WrittenFile
from gui.toolkit.jobs import Work
from gui.toolkit.layouts import row
from gui.toolkit.theme import Status, TextSize

#: What the memory has the folder of requests and replies under.
_FOLDER: Final = "papers/stamps"


class NoReply(Problem):
    """A reply is to be attached, and none was chosen."""

    code = "no-reply"

    def __init__(self) -> None:
        super().__init__(T("No reply was chosen."), T("Choose the file that the authority sent back."))


class StampRequestDialog(PaperDialog):
    """A request for a time stamp, as a file."""

    title = T("Ask for a time stamp")
    go_text = T("Save the request…")

    def fill(self) -> None:
        self.explain(
            T(
                "A time-stamping authority (RFC 3161) can confirm that the log was sealed before a certain time. "
                "Carry this file to a computer with a network, have it stamped there, and attach the reply here. "
                "No entry can be read from it."
            )
        )
        self.offer_to_open(T("Open the folder"))

    def work(self) -> Work[Any] | None:
        name = f"{file_name(self._desk.name, self._practice, 'seal')}.tsq"
        file = file_dialogs.save_as(self, T("Save the request"), self._memory, _FOLDER, name)
        # The system has asked before another file was to be replaced.
        return None if file is None else self.one_call(log_evidence.timestamp_request, file, replace=True)

    def tell(self, value: StampRequest) -> None:
        self.show_written(
            value.file,
            T("The request is saved"),
            N("It is about the first entry.", "It is about the first {count} entries.", value.size),
            T("Request saved: {file}", file=plain(value.file.name, 120)),
        )


class StampReplyDialog(PaperDialog):
    """The reply of an authority, kept beside the log."""

    title = T("Attach a time stamp")
    go_text = T("Attach")

    def fill(self) -> None:
        self.reply: Path | None = None
        self.authority: Path | None = None
        self.explain(
            T("With the authority’s certificate the stamp is checked. Without it, it is kept but called unchecked.")
        )
        self._lines = {}
        for name, word in (
            ("reply", T("The reply (.tsr)")),
            ("authority", T("The authority’s root certificate (optional)")),
        ):
            line = self._lines[name] = self.say.line(T("None chosen"))
            choose = partial(self._choose, name, word)
            button = self.say.button(T("Choose…"), choose, name=T("{what}: choose", what=word))
            self.form.addWidget(self.say.label(word, TextSize.STRONG))
            self.form.addLayout(row((line, 1), button))

    def use(self, name: str, file: Path) -> None:
        """Have this file as ``reply`` or ``authority``."""
        setattr(self, name, file)
        self.say(self._lines[name].setText, plain(file.name, 200))

    def _choose(self, name: str, title: Text, checked: bool = False) -> None:
        start = file_dialogs.remembered(self._memory, _FOLDER)
        kinds = "*.tsr" if name == "reply" else "*.pem *.crt *.cer *.der"
        file = file_dialogs.choose_file(self, title, start, kinds)
        if file is not None:
            self.use(name, file)

    def work(self) -> Work[Any] | None:
        if self.reply is None:
            self.complain(NoReply())
            return None
        return self.one_call(log_evidence.attach_timestamp, self.reply, self.authority)

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
