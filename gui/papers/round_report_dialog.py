"""The dialog that saves the report of a round: for management, or with every phone for those who may know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.papers import round_papers
from core.jobs import Cancel
from core.text import T, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit.forms.form_fields import CheckBox
from gui.toolkit.jobs import JobRunner, Report, Work


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
        self.ask_for_form()
        self.phones = CheckBox()
        self.say(self.phones.setText, T("Also list every phone, with its holder"))
        self.form.addWidget(self.phones)
        self.sure = self.ask_if_sure()
        self.sure.setEnabled(False)
        self.phones.toggled.connect(self._changed)
        self.sure.toggled.connect(self._changed)
        self.ask_for_folder(self.form, T("Folder for the report"), "papers/rounds")
        self.offer_to_open(T("Open the folder"), T("Open the report"))

    def _changed(self) -> None:
        """The list of phones names people: it is confirmed apart."""
        with_phones = self.phones.isChecked()
        self.sure.setEnabled(with_phones)
        if not with_phones:
            self.sure.setChecked(False)
        self.go.setEnabled(not with_phones or self.sure.isChecked())

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        form = self.chosen_form
        folder, languages = self.folder.folder, self.languages.languages
        phones = self.phones.isChecked()

        def work(cancel: Cancel, report: Report) -> Path:
            return round_papers.round_report(
                *(self._desk, self._practice, self._number, folder, languages, form),
                phones=phones,
                report=report,
                cancel=cancel,
            )

        return work

    def tell(self, value: Path) -> None:
        name = T("Report saved: {file}", file=plain(value.name, 120))
        log_note = T("The summary is recorded in the log, and has the log’s checkpoint on it.")
        self.show_written(value, T("The report is saved"), log_note, name)
        self.recorded.emit()
