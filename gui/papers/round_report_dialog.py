"""The dialog that saves the report of a round: for management, or with every phone for those who may know."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core.desk import round_papers
from core.desk.desk import Desk
from core.reports.month_summary import SummaryForm
from core.text import T, Text, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit.form_fields import CheckBox
from gui.toolkit.jobs import JobRunner, Work
from gui.toolkit.layouts import row
from gui.toolkit.tables import ComboBox

_FORMS: Final[dict[SummaryForm, Text]] = {
    SummaryForm.PDF: T("Page (PDF)"),
    SummaryForm.XLSX: T("Table for Excel and other spreadsheets (XLSX)"),
    SummaryForm.CSV: T("Table as plain text (CSV)"),
}


class RoundReportDialog(PaperDialog):
    """What a round comes to, as a page or a table."""

    title = T("Report of a round")
    go_text = T("Save the report")

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        practice: bool,
        memory: QSettings | None,
        parent: QWidget,
        number: str,
        name: str,
    ) -> None:
        self._number, self._name = number, name
        super().__init__(desk, runner, practice, memory, parent)

    def fill(self) -> None:
        self.explain(plain(self._name, 120))
        self.explain(
            T(
                "Coverage by unit and by day, what was found and removed, what could not be seen, exceptions, and the"
                " checkpoint of the log. No phone and no holder is named."
            )
        )
        self.kind = ComboBox()
        self.say(self._name_kinds, "")
        self.form.addLayout(row(self.say.label_of(self.kind, T("Form")), self.kind, None))
        self.phones = CheckBox()
        self.say(self.phones.setText, T("Also list every phone, with its holder"))
        self.sure = CheckBox()
        self.say(self.sure.setText, T("Those who get it may know whose phones these are"))
        self.sure.setEnabled(False)
        self.phones.toggled.connect(self._changed)
        self.sure.toggled.connect(self._changed)
        self.form.addWidget(self.phones)
        self.form.addWidget(self.sure)
        self.ask_for_folder(self.form, T("Folder for the report"), "papers/rounds")
        self.offer_to_open(T("Open the folder"), T("Open the report"))

    def _changed(self) -> None:
        """The list of phones names people: it is confirmed apart."""
        named = self.phones.isChecked()
        self.sure.setEnabled(named)
        if not named:
            self.sure.setChecked(False)
        self.go.setEnabled(not named or self.sure.isChecked())

    def _name_kinds(self, nothing: str) -> None:
        """The forms in the language in use; what is chosen stays chosen."""
        chosen = max(self.kind.currentIndex(), 0)
        self.kind.clear()
        for form, word in _FORMS.items():
            self.kind.addItem(str(word), form.value)
        self.kind.setCurrentIndex(chosen)

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        form = SummaryForm(self.kind.currentData())
        folder, languages = self.folder.folder, self.languages.languages
        phones = self.phones.isChecked()
        return self.one_call(round_papers.round_report, self._number, folder, languages, form=form, phones=phones)

    def tell(self, value: Path) -> None:
        name = T("Report saved: {file}", file=plain(value.name, 120))
        told = T("That it was made is on record, and the checkpoint of the log stands on it.")
        self.show_written(value, T("The report is saved"), told, name)
        self.recorded.emit()
