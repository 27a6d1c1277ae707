"""What the dialogs of this folder have in common: which log they are about, and the file that they write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.desk.desk import Desk
from core.reports.summaries.month_summary import SummaryForm
from core.text import T, Text
from gui.toolkit.forms.form_dialog import JobDialog, WrittenFile
from gui.toolkit.forms.form_fields import CheckBox, FolderField, LanguagesField, opener
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.layouts import row
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.theme import Status
from gui.toolkit.translated_text import Translatable

#: The lane of everything that leaves the computer: one after the other.
LANE: Final = "papers"

#: The forms of a table, and of a page too.
TABLE_FORMS: Final[Mapping[SummaryForm, Text]] = {
    SummaryForm.XLSX: T("Table for Excel and other spreadsheets (XLSX)"),
    SummaryForm.CSV: T("Table as plain text (CSV)"),
}
FORMS: Final[Mapping[SummaryForm, Text]] = {SummaryForm.PDF: T("Page (PDF)"), **TABLE_FORMS}


class PaperDialog(JobDialog):
    """A dialog about the desk's own log, or about its practice log. A subclass fills the form in :meth:`fill`."""

    title: Text
    go_text: Text
    #: Whether something is lost by what it does.
    destroys = False
    folder: FolderField
    languages: LanguagesField

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        practice: bool,
        memory: QSettings | None,
        parent: QWidget,
        about: Any = None,
    ) -> None:
        """`memory` has the folders and languages that were chosen before; `about` is what the paper is about, where it
        is about a part of the log: a subclass says of which type that is."""
        super().__init__(runner, LANE, self.title, self.go_text, parent, practice=practice, destroys=self.destroys)
        self._desk, self._practice, self._memory, self.about = desk, practice, memory, about
        #: What was written; nothing yet.
        self.file = Path()
        self.fill()
        self.fit()

    def fill(self) -> None:
        """Fill the form with what the paper needs to be known."""
        raise NotImplementedError

    def one_call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Work[Any]:
        """Work that is one call about this log: of the desk, whether it is practice, and the other arguments."""
        return one_call(function, self._desk, self._practice, *arguments, **options)

    def ask_for_folder(self, form: QVBoxLayout, label: Text, key: str, *, languages: bool = True) -> None:
        """Add the choice of a folder, which the memory has under `key`, and that of the paper's languages."""
        self.folder = FolderField(label, self._memory, key)
        form.addWidget(self.folder)
        if languages:
            self.languages = LanguagesField(self._memory)
            form.addWidget(self.languages)

    def ask_for_form(self, *beside: QWidget, forms: Mapping[SummaryForm, Text] = FORMS) -> None:
        """Add the choice of a form, behind what stands beside it."""
        self.kind = ComboBox()
        for form, word in forms.items():
            self.kind.add_choice(word, form.value)
        self.form.addLayout(row(*beside, self.say.label_of(self.kind, T("Format")), self.kind, None))

    @property
    def chosen_form(self) -> SummaryForm:
        """The form that is chosen."""
        return SummaryForm(self.kind.currentData())

    def ask_if_sure(self) -> CheckBox:
        """Add the box by which an officer says that those who get the file may know whose phones these are."""
        box = CheckBox()
        self.say(box.setText, T("Those who get it may know whose phones these are"))
        self.form.addWidget(box)
        return box

    def need_sure(self, box: CheckBox, *, needed: bool = True) -> None:
        """Have the button wait until that box is ticked."""
        missing = needed and not box.isChecked()
        self.hold_back(T("First tick that those who get it may know that.") if missing else None, box)

    def keep_choices(self) -> None:
        """Offer the same folder and languages the next time."""
        self.folder.keep()
        self.languages.keep()

    def offer_to_open(self, folder: Text, file: Text | None = None) -> None:
        """Have a button beside the result that opens the folder of what was written, and one for the file itself."""
        if file is not None:
            self.open_file = opener(file, lambda: self.file, self.say)
            self.add_tool(self.open_file)
        self.add_tool(opener(folder, lambda: self.file.parent, self.say))

    def show_written(self, file: Path, headline: Translatable, sentence: Translatable, message: Text) -> None:
        """Show that `file` was written; `message` tells it at the bottom of the window."""
        self.file = file
        self.verdict.show_result(Status.GREEN, headline, sentence, file)
        self.say.again()  # the buttons tell where the file is
        self.file_written.emit(WrittenFile(message, file, file.parent))
