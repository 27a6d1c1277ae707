"""The dialogs about rounds: the report of one; of phones that were not seen for long the list, and what their holders
are written.

Nothing is sent from here. A message without names goes to the clipboard; whatever names people is confirmed first, and
is on record before it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QLabel, QPlainTextEdit

from core.desk.papers import round_papers
from core.desk.papers.due_papers import DueChoice, DuePhones, Letters, letters_of, write_due
from core.reports.summaries.due_list import MESSAGE_LIMIT
from core.reports.summaries.month_summary import SummaryForm
from core.text import LANGUAGES, Language, N, T, Text, plain
from gui.papers.paper_dialog import TABLE_FORMS, PaperDialog
from gui.toolkit.forms.form_fields import CheckBox, FieldRows
from gui.toolkit.grey_reason import offer
from gui.toolkit.jobs import Work, long_call
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


class RoundReportDialog(PaperDialog):
    """Saves the report of a round, as a page or a table."""

    #: The number of the round, and what it is called.
    about: tuple[str, str]
    title = T("Report of a round")
    go_text = T("Save the report")

    def fill(self) -> None:
        self.explain(plain(self.about[1], 120))
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
        offer(self.sure, False)
        self.phones.toggled.connect(self._changed)
        self.sure.toggled.connect(self._changed)
        self.ask_for_folder(self.form, T("Folder for the report"), "papers/rounds")
        self.offer_to_open(T("Open the folder"), T("Open the report"))

    def _changed(self) -> None:
        """Have the list of phones confirmed apart: it names people."""
        with_phones = self.phones.isChecked()
        offer(self.sure, with_phones)
        if not with_phones:
            self.sure.setChecked(False)
        self.need_sure(self.sure, needed=with_phones)

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        log, place = (self._desk, self._practice), (self.folder.folder, self.languages.languages, self.chosen_form)
        return long_call(round_papers.round_report, *log, self.about[0], *place, phones=self.phones.isChecked())

    def tell(self, value: Path) -> None:
        name = T("Report saved: {file}", file=plain(value.name, 120))
        log_note = T("The summary is recorded in the log, and has the log’s checkpoint on it.")
        self.show_written(value, T("The report is saved"), log_note, name)


class DueListDialog(PaperDialog):
    """Saves the list of the phones that are due as a table, with all that is known of each phone."""

    about: DuePhones
    title = T("Save the list of the phones that are due")
    go_text = T("Save the list")

    def fill(self) -> None:
        self.explain(
            N(
                "{count} phone, with its holder, its serial number and the result of its last check.",
                "{count} phones, with their holders, their serial numbers and the results of their last checks.",
                len(self.about.phones),
            )
        )
        self.ask_for_form(forms=TABLE_FORMS)
        self._ask_the_rest(T("Folder for the list"))
        self.offer_to_open(T("Open the folder"), T("Open the list"))

    def _ask_the_rest(self, folder: Text) -> None:
        self.ask_for_folder(self.form, folder, "papers/due")
        self.sure = self.ask_if_sure()
        self.sure.toggled.connect(lambda: self.need_sure(self.sure))
        self.need_sure(self.sure)

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        folder, form, languages = self.folder.folder, self.chosen_form, self.languages.languages
        return long_call(write_due, self._desk, self._practice, self.choice, folder, form, None, languages)

    @property
    def choice(self) -> DueChoice:
        """Which phones are to be in the file."""
        return self.about.choice

    def tell(self, value: Path) -> None:
        log_note = T("The export is recorded in the log.")
        message = T("List saved: {file}", file=plain(value.name, _TEXT))
        self.show_written(value, T("The list is saved"), log_note, message)


class LettersDialog(DueListDialog):
    """Shows what the holders are told, and saves the letters or the list that it goes out with."""

    title = T("Write to the holders")
    go_text = T("Make the file")

    def fill(self) -> None:
        self.explain(
            N(
                "{count} phone is due. Fanion sends nothing: your mail program or your printer does.",
                "{count} phones are due. Fanion sends nothing: your mail program or your printer does.",
                len(self.about.phones),
            )
        )
        self.resize(_WIDE, 0)
        self._letters = letters_of(self._desk, self.about.known_round, self.about.today)
        self.unit = ComboBox()
        self.unit.add_choice(T("All units ({count})", count=len(self.about.phones)))
        for unit, count in self.about.units.items():
            self.unit.add_choice(partial(_unit_words, unit, count), unit)
        self.messages: dict[Language, QPlainTextEdit] = {}
        self._message_labels: dict[Language, QLabel] = {}
        fields = FieldRows()
        fields.add(self.say.label_of(self.unit, T("Unit")), self.unit)
        self.form.addLayout(fields)
        beside = row(spacing=STEP * 2)
        for language in LANGUAGES:
            field = QPlainTextEdit(self._letters.message[language])
            field.setTabChangesFocus(True)
            field.setFixedHeight(_TALL)
            self.messages[language] = field
            label = self._message_labels[language] = self.say.label_of(field, _MESSAGE_IN[language])
            beside.addLayout(column(label, field, spacing=4))
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
        chosen = self.about.choice
        unit = self.unit.currentData()
        return DueChoice(chosen.round, chosen.days, None if unit is None else str(unit))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        choice = (self._desk, self._practice, self.choice, self.folder.folder, self.chosen_form)
        letters = Letters(self._letters.place, self._letters.last, self._message())
        return long_call(write_due, *choice, letters, self.languages.languages)

    def tell(self, value: Path) -> None:
        log_note = T("The file is recorded in the log. It contains no result of a check.")
        message = T("File saved: {file}", file=plain(value.name, _TEXT))
        self.show_written(value, T("The file is ready"), log_note, message)

    def _message(self) -> dict[Language, str]:
        return {language: field.toPlainText()[:MESSAGE_LIMIT] for language, field in self.messages.items()}

    def _copy(self) -> None:
        """Copy the message, which names nobody, to the clipboard."""
        message = self._message()
        copy("\n\n".join(message[language] for language in self.languages.languages))
        self.copy.confirm()

    def _languages_changed(self) -> None:
        languages = self.languages.languages
        for language, field in self.messages.items():
            offer(field, language in languages)
            self._message_labels[language].setVisible(language in languages)
        self.fit()


def _unit_words(unit: str, count: int) -> str:
    """A unit, and how many phones of it are due."""
    return f"{plain(unit, _TEXT) or T('without a unit')} ({count})"
