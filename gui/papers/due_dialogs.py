"""The dialogs about phones that were not seen for long: their list as a file, and what their holders are written.

Nothing is sent from here. A message without names goes to the clipboard; whatever names people is confirmed first, and
is on record before it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFormLayout, QPlainTextEdit, QWidget

from core.desk.desk import Desk
from core.desk.papers.due_papers import DueChoice, DuePhones, Letters, letters_of, write_due_list, write_letters
from core.jobs import Cancel
from core.reports.summaries.due_list import MESSAGE_LIMIT
from core.reports.summaries.month_summary import SummaryForm
from core.text import LANGUAGES, Language, N, T, Text, plain
from gui.papers.paper_dialog import TABLE_FORMS, PaperDialog
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.parts import CopyButton
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import copy

_LETTER_FORMS: Final[Mapping[SummaryForm, Text]] = {
    SummaryForm.PDF: T("Letters, a page for each unit (PDF)"),
    SummaryForm.XLSX: T("List for a mail merge (XLSX)"),
    SummaryForm.CSV: T("List for a mail merge (CSV)"),
}
#: In their own language each.
_MESSAGE_IN: Final[Mapping[Language, Text]] = {"en": T("Message in English"), "fr": T("Message in French")}
_TEXT: Final = 120
#: Logical pixels: the width of the dialog, and the height of a field for a message.
_WIDE: Final = 840
_TALL: Final = 208


class DueListDialog(PaperDialog):
    """The list as a table, with all that is known of each phone."""

    title = T("Save the list of the phones that are due")
    go_text = T("Save the list")

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        practice: bool,
        memory: QSettings | None,
        parent: QWidget,
        due: DuePhones,
    ) -> None:
        self._due = due
        super().__init__(desk, runner, practice, memory, parent)

    def fill(self) -> None:
        self.explain(
            N(
                "{count} phone, with its holder, its serial number and the result of its last check.",
                "{count} phones, with their holders, their serial numbers and the results of their last checks.",
                len(self._due.phones),
            )
        )
        self.ask_for_form(forms=TABLE_FORMS)
        self._ask_the_rest(T("Folder for the list"))
        self.offer_to_open(T("Open the folder"), T("Open the list"))

    def _ask_the_rest(self, folder: Text) -> None:
        self.ask_for_folder(self.form, folder, "papers/due")
        self.sure = self.ask_if_sure()
        self.sure.toggled.connect(self.go.setEnabled)
        self.go.setEnabled(False)

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        about = (self._desk, self._practice, self.choice, self.folder.folder, self.chosen_form)
        languages = self.languages.languages
        return lambda cancel, report: write_due_list(*about, languages, report=report, cancel=cancel)

    @property
    def choice(self) -> DueChoice:
        """Which phones are to be written."""
        return self._due.choice

    def tell(self, value: Path) -> None:
        log_note = T("The export is recorded in the log.")
        message = T("List saved: {file}", file=plain(value.name, _TEXT))
        self.show_written(value, T("The list is saved"), log_note, message)


class LettersDialog(DueListDialog):
    """What the holders are told, and the letters or the list that it goes out with."""

    title = T("Write to the holders")
    go_text = T("Make the file")

    def fill(self) -> None:
        self.explain(
            N(
                "{count} phone is due. Fanion sends nothing: your mail program or your printer does.",
                "{count} phones are due. Fanion sends nothing: your mail program or your printer does.",
                len(self._due.phones),
            )
        )
        self.resize(_WIDE, 0)
        self._letters = letters_of(self._desk, self._due.known_round, self._due.today)
        self.unit = ComboBox()
        self.say(self._name_units, "")
        self.messages: dict[Language, QPlainTextEdit] = {}
        fields = QFormLayout()
        fields.addRow(self.say.label_of(self.unit, T("Unit")), self.unit)
        self.form.addLayout(fields)
        beside = row(spacing=STEP * 2)
        for language in LANGUAGES:
            field = QPlainTextEdit(self._letters.message[language])
            field.setTabChangesFocus(True)
            field.setFixedHeight(_TALL)
            self.messages[language] = field
            beside.addLayout(column(self.say.label_of(field, _MESSAGE_IN[language]), field, spacing=4))
        self.form.addLayout(beside)
        self.copy = CopyButton(T("Copy the message"), self._copy)
        self.copy.setAutoDefault(False)
        self.form.addLayout(row(self.copy, None))
        self.ask_for_form(forms=_LETTER_FORMS)
        self._ask_the_rest(T("Folder for the file"))
        self.languages.select.currentIndexChanged.connect(self._languages_changed)
        self._languages_changed()
        self.offer_to_open(T("Open the folder"), T("Open the file"))
        self.unit.setFocus()

    @property
    def choice(self) -> DueChoice:
        chosen = self._due.choice
        unit = self.unit.currentData()
        return DueChoice(chosen.round, chosen.days, None if unit is None else str(unit))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        about = (self._desk, self._practice, self.choice, self.folder.folder, self.chosen_form)
        letters = Letters(self._letters.place, self._letters.last, self._message())
        languages = self.languages.languages

        def work(cancel: Cancel, report: Report) -> Path:
            return write_letters(*about, letters, languages, report=report, cancel=cancel)

        return work

    def tell(self, value: Path) -> None:
        log_note = T("The file is recorded in the log. It contains no result of a check.")
        message = T("File saved: {file}", file=plain(value.name, _TEXT))
        self.show_written(value, T("The file is ready"), log_note, message)

    def _message(self) -> dict[Language, str]:
        return {language: field.toPlainText()[:MESSAGE_LIMIT] for language, field in self.messages.items()}

    def _copy(self) -> None:
        """The message names nobody."""
        message = self._message()
        copy("\n\n".join(message[language] for language in self.languages.languages))
        self.copy.confirm()

    def _languages_changed(self) -> None:
        languages = self.languages.languages
        for language, field in self.messages.items():
            field.setEnabled(language in languages)

    def _name_units(self, nothing: str) -> None:
        """The units with how many phones each has; what is chosen stays chosen."""
        chosen = max(self.unit.currentIndex(), 0)
        self.unit.clear()
        self.unit.addItem(str(T("All units ({count})", count=len(self._due.phones))), None)
        for unit, count in self._due.units.items():
            self.unit.addItem(f"{plain(unit, _TEXT) or T('without a unit')} ({count})", unit)
        self.unit.setCurrentIndex(chosen)
