"""The dialogs that leave something outside: a receipt, a checkpoint in a folder, the day's last page, a time stamp."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.desk.desk import Desk
from core.desk.papers import log_evidence, log_papers
from core.desk.papers.log_evidence import StampRequest
from core.ledger.records import Kind
from core.ledger.witness.exchange import Exchange
from core.problem import Problem
from core.reports.filing import file_name
from core.text import Language, N, T, Text, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import WrittenFile
from gui.toolkit.forms.form_fields import CheckBox, DateField
from gui.toolkit.jobs import Work, one_call
from gui.toolkit.layouts import row
from gui.toolkit.theme import Status, TextSize

if TYPE_CHECKING:  # with libraries that hardly a command needs
    from core.ledger.witness.time_stamps import Stamp

#: What the memory has the folder and the box to tick under.
RECEIPTS: Final = "papers/receipts"
_OPEN_AFTER: Final = "papers/open"
#: What the memory has the folder of requests and replies under.
_STAMPS: Final = "papers/stamps"
#: Contradictions, and files that cannot be used, that are told one by one.
_LISTED: Final = 5


class ReceiptDialog(PaperDialog):
    """Saves a receipt of a check."""

    #: The number of the check's record; None for the last check.
    about: int | None
    title = T("Receipt")
    go_text = T("Save the receipt")

    def fill(self) -> None:
        self.explain(
            T(
                "A PDF of the check with its proof, to be kept outside this computer. With it, a person can later "
                "show whether the log was changed up to there."
            )
        )
        self.ask_for_folder(self.form, T("Folder for receipts"), RECEIPTS)
        self.open_after = CheckBox()
        self.say(self.open_after.setText, T("Open the folder afterwards"))
        self.open_after.setChecked(self._memory is not None and str(self._memory.value(_OPEN_AFTER)) == "True")
        self.form.addWidget(self.open_after)
        self.offer_to_open(T("Open the folder"), T("Open the receipt"))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        file_dialogs.remember(self._memory, _OPEN_AFTER, self.open_after.isChecked())
        return one_call(
            make_receipt, self._desk, self.about, self._practice, self.folder.folder, self.languages.languages
        )

    def tell(self, value: WrittenFile) -> None:
        self.show_written(
            value.file,
            T("The receipt is saved"),
            T("Print it, or take it off this computer: only then does it protect the log."),
            value.sentence,
        )
        if self.open_after.isChecked():
            file_dialogs.open_outside(value.folder)


class CheckpointDialog(PaperDialog):
    """Leaves a checkpoint in a folder: on a USB key, or on a drive of the department."""

    title = T("Leave a checkpoint")
    go_text = T("Leave checkpoint")

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
        return self.one_call(log_evidence.leave_checkpoint, self.folder.folder)

    def tell(self, value: Exchange) -> None:
        status, headline, sentences = exchange_words(value)
        self.file, checkpoint = value.checkpoint_file, value.checkpoint_file.parent
        self.verdict.show_result(status, headline, lambda: "\n".join(map(str, sentences)), checkpoint)
        self.say.again()
        chosen = self.folder.folder
        message = T("Checkpoint left in {folder}", folder=plain(chosen.name or str(chosen), 60))
        self.file_written.emit(WrittenFile(message, checkpoint, checkpoint))


class DailyCloseDialog(PaperDialog):
    """Saves the last page of a day."""

    title = T("Daily close")
    go_text = T("Save the page")

    def fill(self) -> None:
        self.explain(
            T("A PDF with the day’s checks and the checkpoint of the log, for a supervisor to sign and to keep.")
        )
        self.day = DateField(date.today())
        self.form.addLayout(row(self.say.label_of(self.day, T("Day")), self.day, None))
        self.ask_for_folder(self.form, T("Folder for the daily close"), "papers/days")
        self.offer_to_open(T("Open the folder"), T("Open the page"))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        return self.one_call(log_papers.close_day, self.day.day, self.folder.folder, self.languages.languages)

    def tell(self, value: Path) -> None:
        self.show_written(
            value,
            T("The day is closed"),
            T("Have it signed, and keep it off this computer: only then does it protect the log."),
            T("Daily close saved: {file}", file=plain(value.name, 120)),
        )


class StampRequestDialog(PaperDialog):
    """Saves a request for a time stamp as a file."""

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
        file = file_dialogs.save_as(self, T("Save the request"), self._memory, _STAMPS, name)
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
    """Keeps the reply of a time-stamping authority beside the log."""

    title = T("Attach a time stamp")
    go_text = T("Attach")

    def fill(self) -> None:
        self.reply: Path | None = None
        self.authority: Path | None = None
        self.explain(
            T("With the authority’s certificate the stamp is checked. Without it, it is kept, marked as unchecked.")
        )
        self._lines = {}
        for name, word in (
            ("reply", T("The reply (.tsr)")),
            ("authority", T("The authority’s root certificate (optional)")),
        ):
            line = self._lines[name] = self.say.line(T("None chosen"))
            choose = partial(self._choose, name, word)
            button = self.say.button(T("Choose…"), choose, name=T("{what}: choose", what=word))
            self.explain(word, TextSize.STRONG)
            self.form.addLayout(row((line, 1), button))

    def use(self, name: str, file: Path) -> None:
        """Have this file as ``reply`` or ``authority``."""
        setattr(self, name, file)
        self.say(self._lines[name].setText, plain(file.name, 200))

    def _choose(self, name: str, title: Text, checked: bool = False) -> None:
        kinds = "*.tsr" if name == "reply" else "*.pem *.crt *.cer *.der"
        file = file_dialogs.choose_file(self, title, self._memory, _STAMPS, kinds)
        if file is not None:
            self.use(name, file)

    def work(self) -> Work[Any] | None:
        if self.reply is None:
            next_step = T("Choose the file that the authority sent back.")
            self.complain(Problem(T("No reply was chosen."), next_step, code="no-reply"))
            return None
        return self.one_call(log_evidence.attach_timestamp, self.reply, self.authority)

    def tell(self, value: Stamp) -> None:
        when = value.time.astimezone().strftime("%Y-%m-%d %H:%M")
        time_sentence = N(
            "{authority} says that the log with its first entry existed on {when}.",
            "{authority} says that the log with its first {count} entries existed on {when}.",
            value.size,
            authority=plain(value.authority, 120),
            when=when,
        )
        if value.checked:
            self.verdict.show_result(Status.GREEN, T("The time stamp is attached and checked"), time_sentence)
        else:
            warning = T("Its signature was not checked: any person could have made it.")
            explanation = T("{sentence} {more}", sentence=time_sentence, more=warning)
            self.verdict.show_result(Status.AMBER, T("The time stamp is attached, unchecked"), explanation)
        if self.reply is not None:
            self.file_written.emit(WrittenFile(T("Time stamp attached"), self.reply, self.reply.parent))


def make_receipt(
    desk: Desk, seq: int | None, practice: bool, folder: Path, languages: tuple[Language, ...]
) -> WrittenFile:
    """Make a receipt of the check on record `seq`, or of the last one where that is None. Raises Problem."""
    number = _last_check(desk, practice) if seq is None else seq
    receipt = log_papers.receipt(desk, practice, number, folder, languages)
    message = T("Receipt saved: {file}", file=plain(receipt.pdf.name, 120))
    return WrittenFile(message, receipt.pdf, receipt.pdf.parent)


def _last_check(desk: Desk, practice: bool) -> int:
    with desk.read_ledger(practice) as ledger:
        newest = ledger.newest(1, kind=Kind.CHECK_ENDED)
    if not newest:
        next_step = T("Check a phone first; then make its receipt.")
        raise Problem(T("No check is in the log yet."), next_step, code="no-check-yet")
    return newest[0].seq


def exchange_words(exchange: Exchange) -> tuple[Status, Text, list[Text]]:
    """What leaving a checkpoint has brought, in words: a contradiction first, which is the one thing that alarms."""
    sentences: list[Text] = []
    for conflict in exchange.conflicts[:_LISTED]:
        sentences.append(T("{what} {step}", what=conflict.sentence, step=conflict.next_step))
    sentences.append(
        N("It covers the first entry.", "It covers the first {number} entries.", exchange.size, number=exchange.size)
    )
    if exchange.cosigned:
        sentences.append(
            N(
                "The log of {count} other desk was found there, has only grown since it was last seen, "
                "and was cosigned.",
                "The logs of {count} other desks were found there, have only grown since they were last seen, "
                "and were cosigned.",
                len(exchange.cosigned),
            )
        )
    first = len([cosigned for cosigned in exchange.cosigned if cosigned.first])
    if first:
        sentences.append(
            N(
                "{count} of them was seen for the first time: its key was accepted.",
                "{count} of them were seen for the first time: their keys were accepted.",
                first,
            )
        )
    if exchange.received:
        sentences.append(
            N(
                "{count} cosignature of another desk was collected for this log.",
                "{count} cosignatures of other desks were collected for this log.",
                len(exchange.received),
            )
        )
    for skipped in exchange.skipped[:_LISTED]:
        sentences.append(T("{file} was left as it is: {why}.", file=plain(skipped.path.name, 120), why=skipped.why))
    if exchange.conflicts:
        return (
            Status.RED,
            T("The checkpoint is left in the folder, but a log contradicts what was seen of it"),
            sentences,
        )
    return Status.GREEN, T("The checkpoint is left in the folder"), sentences
