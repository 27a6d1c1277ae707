"""The sheet that asks where a receipt is to be saved, and in which language."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core.jobs import Cancel
from core.problem import Problem
from core.text import Language, T, plain
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import JobDialog, WrittenFile
from gui.toolkit.form_fields import CheckBox, FolderField, LanguagesField, opener
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.theme import Status
from gui.toolkit.widgets import WrappedLabel

if TYPE_CHECKING:
    from core.desk.desk import Desk

#: The lane of everything that leaves the computer: one after the other.
LANE: Final = "papers"
FOLDER: Final = "papers/receipts"
_OPEN: Final = "papers/open"


class NoCheckYet(Problem):
    """A receipt of the last check was wanted, and there is none."""

    code = "no-check-yet"

    def __init__(self) -> None:
        super().__init__(T("No check is on record yet."), T("Check a phone first; then make its receipt."))


class ReceiptDialog(JobDialog):
    """A receipt of one check, or of the last one where no number is given."""

    def __init__(
        self, desk: Desk, runner: JobRunner, which: tuple[int | None, bool], memory: QSettings | None, parent: QWidget
    ) -> None:
        """`which` is the number of the check's record, and whether it is practice."""
        super().__init__(runner, LANE, T("Receipt"), T("Save the receipt"), parent, practice=which[1])
        self._desk, self._memory = desk, memory
        self._seq, self._practice = which
        self.last: WrittenFile | None = None
        explained = WrappedLabel()
        self.say(
            explained.setText,
            T(
                "A PDF of the check with its proof, to be kept outside this computer. "
                "Whoever has it can later show that the log was not changed up to there."
            ),
        )
        self.folder = FolderField(T("Folder for receipts"), memory, FOLDER)
        self.languages = LanguagesField(memory)
        self.open_after = CheckBox()
        self.say(self.open_after.setText, T("Open the folder afterwards"))
        self.open_after.setChecked(memory is not None and str(memory.value(_OPEN)) == "True")
        for part in (explained, self.folder, self.languages, self.open_after):
            self.form.addWidget(part)
        self.open_file = opener(T("Open the receipt"), lambda: self.last.file if self.last else Path(), self.say)
        self.open_folder = opener(T("Open the folder"), lambda: self.last.folder if self.last else Path(), self.say)
        self.add_tool(self.open_file)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        self.languages.keep()
        self.folder.keep()
        file_dialogs.remember(self._memory, _OPEN, self.open_after.isChecked())
        return partial(
            make_receipt, self._desk, self._seq, self._practice, self.folder.folder, self.languages.languages
        )

    def tell(self, value: WrittenFile) -> None:
        self.last = value
        self.verdict.show_result(
            Status.GREEN,
            T("The receipt is saved"),
            T("Print it, or take it off this computer: only then does it protect the log."),
            value.file,
        )
        self.say.again()
        self.made.emit(value)
        if self.open_after.isChecked():
            file_dialogs.open_outside(value.folder)


def make_receipt(
    desk: Desk,
    seq: int | None,
    practice: bool,
    folder: Path,
    languages: tuple[Language, ...],
    cancel: Cancel,
    report: Report,
) -> WrittenFile:
    """Make a receipt. Raises Problem."""
    from core.desk import log_evidence

    number = _last_check(desk, practice) if seq is None else seq
    receipt = log_evidence.receipt(desk, practice, number, folder, languages)
    told = T("Receipt saved: {file}", file=plain(receipt.pdf.name, 120))
    return WrittenFile(told, receipt.pdf, receipt.pdf.parent)


def _last_check(desk: Desk, practice: bool) -> int:
    from core.ledger.records import Kind

    with desk.read_ledger(practice) as ledger:
        found = ledger.newest(1, kind=Kind.CHECK_ENDED)
    if not found:
        raise NoCheckYet
    return found[0].seq
