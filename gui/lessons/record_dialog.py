"""Asks where the training record is to be saved, and in which language, and makes it off the GUI thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core.desk import training
from core.desk.desk import Desk
from core.text import T
from gui.toolkit.forms.form_dialog import JobDialog, WrittenFile
from gui.toolkit.forms.form_fields import FolderField, LanguagesField, opener
from gui.toolkit.jobs import JobRunner, Work, one_call
from gui.toolkit.theme import Status


class TrainingRecordDialog(JobDialog):
    """The page for the file of who was trained; it is made only here, and on the command line."""

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings | None, parent: QWidget) -> None:
        super().__init__(runner, "papers", T("Training record"), T("Save the page"), parent)
        self._desk = desk
        #: What was written; nothing yet.
        self.file = Path()
        self.explain(
            T(
                "A page that says which lessons {name} has completed, and when, with a line for a supervisor’s "
                "signature. It is kept by the desk, and is not in the log.",
                name=desk.officer,
            )
        )
        self.folder = FolderField(T("Folder for the page"), memory, "papers/training")
        self.languages = LanguagesField(memory)
        self.form.addWidget(self.folder)
        self.form.addWidget(self.languages)
        self.add_tool(opener(T("Open the page"), lambda: self.file, self.say))
        self.add_tool(opener(T("Open the folder"), lambda: self.file.parent, self.say))
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        self.languages.keep()
        return one_call(training.training_record, self._desk, self.folder.folder, self.languages.languages)

    def tell(self, value: Path) -> None:
        self.file = value
        sentence = T("Print it, and have it signed.")
        self.verdict.show_result(Status.GREEN, T("The training record is saved"), sentence, value)
        self.say.again()  # the buttons tell where the file is
        self.file_written.emit(WrittenFile(T("Training record saved"), value, value.parent))
