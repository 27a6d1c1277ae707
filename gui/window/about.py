"""Which Fanion this is, whether a stick tells of a newer one, under which licences, and what those who give support
want: the log for them, and details.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from core import __version__
from core.desk.desk import Desk
from core.desk.newer_version import NoNotice, Release
from core.jobs import Cancel
from core.problem import Problem
from core.system.packaged import is_packaged, licences
from core.system.support import support_log
from core.text import T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.images.icons import app_pixmap
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, TextSize
from gui.toolkit.widgets import ProblemBar, copy
from gui.window.newer_version import NewerVersion, release_words
from gui.window.support_details import support_details

_LANE: Final = "support details"
_WIDTH: Final = 520
_ICON: Final = 56
#: What Fanion is under; the text of it is in the package, beside the notices of third parties.
_LICENCE: Final = T("Free software under the Apache License 2.0, without any warranty.")


class NotOpened(Problem):
    """The system showed a file or a folder to nobody."""

    code = "not-opened"

    def __init__(self, path: Path) -> None:
        super().__init__(
            T("{file} could not be opened.", file=str(path)), T("Open it in this computer’s file manager.")
        )


class AboutDialog(QDialog):
    """The version, and a button for each thing that is asked for when something is to be reported."""

    def __init__(self, desk: Desk, runner: JobRunner, newer: NewerVersion, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._runner, self._newer = desk, runner, newer
        self.say = Parts(self)
        self.say(self.setWindowTitle, T("About Fanion"))
        picture = QLabel()
        picture.setPixmap(app_pixmap(_ICON, self.devicePixelRatioF()))
        self.version = self.say.label(T("Fanion {version}", version=__version__), TextSize.TITLE, selectable=True)
        kind = T("Installed from a package") if is_packaged() else T("Run from its source")
        head = column(self.version, self.say.label(kind, kind="muted"), spacing=STEP // 2)
        does = T("Finds banned apps on phones, removes them, and keeps the evidence on this computer. Nothing is sent.")
        self.problem = ProblemBar()
        self.newer = self.say.label("", TextSize.STRONG, selectable=True)
        self.look = self.say.button(T("Look for a newer version on a USB key…"), self._look, icon="folder")
        about_look = T(
            "Reads a signed file that your organisation carries to its desks. Nothing is fetched or installed."
        )
        self.licences = self.say.button(T("Licences"), partial(self._open, licences()), icon="outside")
        self.log = self.say.button(T("Folder of the log for support"), self._open_log, icon="folder")
        self.details = CopyButton(T("Copy support details"), self._gather)
        self._looking, self._gathering = GreyReason(self.look, self.say), GreyReason(self.details, self.say)
        about_log = T("It lists what Fanion did, step by step, and contains nothing about a person or a phone.")
        about_details = T(
            "The self-test’s report, versions, and which settings are set; no names, and nothing about a "
            "phone. It takes some seconds."
        )
        self.progress = self.say.label("", TextSize.SMALL, "muted")
        shut = self.say.button(T("Close"), self.accept, kind="primary")
        for button in (self.look, self.licences, self.log, self.details):
            button.setAutoDefault(False)
        shut.setDefault(True)
        self._column = column(
            row((picture, 0, Qt.AlignmentFlag.AlignTop), (head, 1), spacing=STEP * 2),
            self.say.label(does),
            self.newer,
            self._part(self.look, about_look),
            self._part(self.licences, _LICENCE),
            self._part(self.log, about_log),
            self._part(self.details, about_details),
            self.problem,
            row((self.progress, 1), shut),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 3, STEP * 2, STEP * 3, STEP * 2),
        )
        self.setFixedWidth(_WIDTH)
        self._show_newer(newer.release)
        newer.changed.connect(self._show_newer)
        shut.setFocus()

    def _part(self, button: QWidget, words: Text) -> QWidget:
        part = QWidget()
        self.say(button.setAccessibleDescription, words)
        column(row(button, None), self.say.label(words, TextSize.SMALL, "muted"), spacing=STEP // 2, inside=part)
        return part

    def _show_newer(self, release: Release | None) -> None:
        self.newer.setVisible(release is not None)
        if release is not None:
            self.say(self.newer.setText, lambda: release_words(release))
        self._fit()

    def _look(self) -> None:
        """Look on the drives that are plugged in; where none has the file, in the folder that is chosen."""
        self._looking.show(T("Please wait…"))
        self.say(self.progress.setText, T("Please wait…"))
        self._complain(None)
        self._newer.look_on_drives(self, self._end_look)

    def _end_look(self, problem: Problem | None) -> None:
        if isinstance(problem, NoNotice):
            folder = self._newer.choose(self)
            if folder is not None:
                self._newer.look_at(folder, self, self._looked_there)
                return
            problem = None
        self._looked_there(problem)

    def _looked_there(self, problem: Problem | None) -> None:
        self._looking.show(None)
        self.say(self.progress.setText, "")
        self._complain(problem)

    def _open_log(self) -> None:
        """Open the folder; where nothing was logged yet, the data folder in which it will be."""
        folder = self._desk.data / support_log.FOLDER
        self._open(folder if folder.is_dir() else self._desk.data)

    def _open(self, path: Path) -> None:
        opened = path.exists() and file_dialogs.open_outside(path)
        self._complain(None if opened else NotOpened(path))

    def _gather(self) -> None:
        self._gathering.show(T("Running the self-test…"))
        self._complain(None)
        self.say(self.progress.setText, T("Running the self-test…"))
        self._runner.start(self, _LANE, self._details, self._gathered)

    def _details(self, cancel: Cancel, report: Report) -> str:
        return support_details(self._desk, cancel)

    def _gathered(self, end: JobEnd[str]) -> None:
        self._gathering.show(None)
        self.say(self.progress.setText, "")
        if isinstance(end, Done):
            copy(end.value)
            self.details.confirm()
            self.say(self.progress.setText, T("Copied. Read it before you send it."))
        elif isinstance(end, Failed):
            self._complain(end.problem)

    def _fit(self) -> None:
        """As high as the texts are: a window does not ask its labels."""
        self._column.activate()
        self.setFixedHeight(self._column.totalHeightForWidth(_WIDTH))

    def _complain(self, problem: Problem | None) -> None:
        self.problem.show_problem(problem)
        self._fit()
