"""The dialog that asks where a receipt is to be saved, and in which language."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from core.desk import log_papers
from core.desk.desk import Desk
from core.ledger.records import Kind
from core.problem import Problem
from core.text import Language, T, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import WrittenFile
from gui.toolkit.form_fields import CheckBox
from gui.toolkit.jobs import Work, one_call

#: What the memory has the folder and the box to tick under.
FOLDER: Final = "papers/receipts"
_OPEN: Final = "papers/open"


class NoCheckYet(Problem):
    """A receipt of the last check was wanted, and there is none."""

    code = "no-check-yet"

    def __init__(self) -> None:
        super().__init__(T("No check is on record yet."), T("Check a phone first; then make its receipt."))


class ReceiptDialog(PaperDialog):
    """A receipt of the check on record :attr:`seq`, or of the last one where that is None."""

    seq: int | None = None
    title = T("Receipt")
    go_text = T("Save the receipt")

    def fill(self) -> None:
        self.explain(
            T(
                "A PDF of the check with its proof, to be kept outside this computer. "
                "Whoever has it can later show that the log was not changed up to there."
            )
        )
        self.ask_for_folder(self.form, T("Folder for receipts"), FOLDER)
        self.open_after = CheckBox()
        self.say(self.open_after.setText, T("Open the folder afterwards"))
        self.open_after.setChecked(self._memory is not None and str(self._memory.value(_OPEN)) == "True")
        self.form.addWidget(self.open_after)
        self.offer_to_open(T("Open the folder"), T("Open the receipt"))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        file_dialogs.remember(self._memory, _OPEN, self.open_after.isChecked())
        return one_call(
            make_receipt, self._desk, self.seq, self._practice, self.folder.folder, self.languages.languages
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


def make_receipt(
    desk: Desk, seq: int | None, practice: bool, folder: Path, languages: tuple[Language, ...]
) -> WrittenFile:
    """Make a receipt of the check on record `seq`, or of the last one where that is None. Raises Problem."""
    number = _last_check(desk, practice) if seq is None else seq
    receipt = log_papers.receipt(desk, practice, number, folder, languages)
    told = T("Receipt saved: {file}", file=plain(receipt.pdf.name, 120))
    return WrittenFile(told, receipt.pdf, receipt.pdf.parent)


def _last_check(desk: Desk, practice: bool) -> int:
    with desk.read_ledger(practice) as ledger:
        found = ledger.newest(1, kind=Kind.CHECK_ENDED)
    if not found:
        raise NoCheckYet
    return found[0].seq
