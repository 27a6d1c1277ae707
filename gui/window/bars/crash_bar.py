"""What is told at a start of a run before that did not end well: a quiet bar, and what is known of it, to be read.

Nothing of it is sent anywhere: an officer reads it, and saves it for those who give support.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from core.desk.desk import Desk
from core.jobs import Cancel
from core.problem import Problem
from core.system.support import crash_files
from core.system.support.last_run import EarlierRuns, Ending, RunState
from core.text import T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.widgets import ProblemBar, copy
from gui.window.support_details import support_archive

_LANE: Final = "earlier runs"
_SIZE: Final = (760, 560)
#: What the folder of the archive is remembered by.
_FOLDER: Final = "support/archives"


class EndedBadly(Problem):
    """How an earlier run ended, as far as that is known."""

    code = "ended-badly"
    exit_code = 70

    def __init__(self, earlier: EarlierRuns) -> None:
        in_log = T("See in the log what was done. The details are kept on this computer, and are not sent anywhere.")
        if earlier.crashed:
            sentence, next_step = T("Fanion ended unexpectedly last time."), in_log
        elif earlier.ending is Ending.CUT_OFF:
            sentence = T("Fanion was stopped from outside last time.")
            next_step = T(
                "The computer was shut down or lost power, or the program was stopped. See in the log what was done."
            )
        else:
            sentence, next_step = T("Something went wrong inside Fanion last time."), in_log
        super().__init__(sentence, next_step)


class CrashBar(ProblemBar):
    """Tells of it until that is not wanted any more; a run that was cut off, at one start only."""

    def __init__(self, earlier: EarlierRuns, state: RunState, desk: Desk, runner: JobRunner, memory: QSettings) -> None:
        super().__init__(Status.INFO)
        self._earlier, self._state = earlier, state
        self._desk, self._runner, self._memory = desk, runner, memory
        parts = Parts(self)
        self.look = parts.button(T("See the details…"), self.show_files)
        self.keep = parts.button(T("Save for support…"), self.save_for_support, icon="export")
        self._keeping = GreyReason(self.keep)
        self.no_more = parts.button(T("Do not show again"), self.tell_no_more)
        for button in (self.look, self.keep):
            button.setVisible(bool(earlier.files))
        if not earlier.files:
            parts(self.no_more.setText, T("Close"))
        for button in (self.look, self.keep, self.no_more):
            self.row.addWidget(button)
        self.show_problem(EndedBadly(earlier))

    def show_files(self) -> QDialog:
        """Show all that is in the files."""
        dialog = CrashFilesDialog(self._earlier.files, self.window())
        dialog.open()
        return dialog

    def save_for_support(self) -> None:
        """Save the files with the details for support, in an archive that the officer names."""
        name = f"fanion-support-{datetime.now():%Y%m%d-%H%M}.zip"
        file = file_dialogs.save_as(self.window(), T("Save for support"), self._memory, _FOLDER, name)
        if file is None:
            return
        self._keeping.show(T("Running the self-test…"))
        self._say(T("Running the self-test…"))
        self._runner.start(self, _LANE, partial(self._write, file), self._saved)

    def _write(self, file: Path, cancel: Cancel, report: Report) -> Path:
        beside = {f"{crash_files.FOLDER}/{path.name}": crash_text(path).encode() for path in self._earlier.files}
        file_dialogs.write(file, support_archive(self._desk, cancel, beside))
        return file

    def _saved(self, end: JobEnd[Path]) -> None:
        self._keeping.show(None)
        if isinstance(end, Done):
            self._say(T("Saved as {file}. Read it before you pass it on.", file=end.value.name))
        elif isinstance(end, Failed):
            self._say(T("{problem} {step}", problem=end.problem.sentence, step=end.problem.next_step))

    def _say(self, words: Text) -> None:
        self.say(self.next_step.setText, words)

    def tell_no_more(self) -> None:
        """Close the bar, also for later starts."""
        self._runner.start(
            self, _LANE, one_call(self._state.tell_no_more, self._earlier.files), lambda end: None, must=True
        )
        self.show_problem(None)


class CrashFilesDialog(QDialog):
    """What is in the files, all of it, as plain text."""

    def __init__(self, files: Sequence[Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say = Parts(self)
        say(self.setWindowTitle, T("Details of the error"))
        about = say.label(
            T("Versions, and the places in Fanion’s own code. A message may quote what a phone said."),
            TextSize.SMALL,
            "muted",
        )
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlainText("\n".join(f"{path}\n\n{crash_text(path)}" for path in files))
        say.name(self.text, T("Details of the error"))
        self.copy = CopyButton(T("Copy all"), self._copy)
        shut = say.button(T("Close"), self.accept, kind="primary")
        self.copy.setAutoDefault(False)
        shut.setDefault(True)
        column(
            about,
            (self.text, 1),
            row(self.copy, None, shut),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 2,) * 4,
        )
        room = parent.size()
        self.resize(min(_SIZE[0], room.width() - STEP * 4), min(_SIZE[1], room.height() - STEP * 4))
        shut.setFocus()

    def _copy(self) -> None:
        copy(self.text.toPlainText())
        self.copy.confirm()


def crash_text(path: Path) -> str:
    """What a crash file says, or why that cannot be read."""
    try:
        return crash_files.read(path)
    except OSError as error:
        return f"{T('{file} cannot be read.', file=path.name)} {error.strerror or ''}\n"
