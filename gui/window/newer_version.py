"""What the window knows of a newer Fanion: from a stick, and remembered in the data folder until it is this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from core.desk import newer_version
from core.desk.desk import Desk
from core.desk.newer_version import FILE_NAME, NoNotice, Release
from core.problem import Problem
from core.system.files.removable_drives import removable_drives
from core.text import T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call

_LANE: Final = "newer version"
#: What the folder that was chosen is remembered by.
_FOLDER: Final = "newer-version/folder"

#: Hears why nothing was found; None: something was.
Answer = Callable[[Problem | None], object]


class NewerVersion(QObject):
    """Looks for it, off the GUI thread, and has what was found last."""

    #: The release that was found.
    changed = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._runner, self._memory = desk, runner, memory
        self.release: Release | None = None

    def remember(self) -> None:
        """Tell again what a stick has told before, if it is still newer than this program."""
        data = self._desk.data
        if (data / newer_version.KEPT).is_dir():
            self._runner.start(self, _LANE, one_call(_kept_release, self._desk), self._remembered)

    def _remembered(self, end: JobEnd[Release | None]) -> None:
        if isinstance(end, Done) and end.value is not None:
            self._show(end.value)

    def look_on_drives(self, asker: QWidget, answer: Answer) -> None:
        """Look on the drives that are plugged in; without such a file on any, the answer is a NoNotice. Who asks may be
        gone when it comes."""
        self._start(lambda: _on_drives(self._desk), asker, answer)

    def look_at(self, place: Path, asker: QWidget, answer: Answer) -> None:
        """Look into a folder, or a file."""
        self._start(lambda: _look(place, self._desk), asker, answer)

    def choose(self, parent: QWidget) -> Path | None:
        """The folder that the officer chooses."""
        start = file_dialogs.remembered(self._memory, _FOLDER)
        chosen = file_dialogs.choose_folder(
            parent, T("USB key or folder with the file “{name}”", name=FILE_NAME), start
        )
        if chosen is not None:
            file_dialogs.remember(self._memory, _FOLDER, chosen)
        return chosen

    def _start(self, work: Callable[[], Release], asker: QWidget, answer: Answer) -> None:
        def ended(end: JobEnd[Release]) -> None:
            if isinstance(end, Done):
                self._show(end.value)
            if isValid(asker):
                answer(end.problem if isinstance(end, Failed) else None)

        self._runner.start(self, _LANE, one_call(work), ended)

    def _show(self, release: Release) -> None:
        self.release = release
        self.changed.emit(release)


def release_words(release: Release) -> Text:
    """All that the file says."""
    return T(
        "Fanion {version} ({day}) is available: {about} Where to get it: {where}",
        version=release.version,
        day=release.day.isoformat(),
        about=release.about,
        where=release.where,
    )


def _look(place: Path, desk: Desk) -> Release:
    return newer_version.keep(place, desk.data, newer_version.believed_keys(desk.settings))


def _kept_release(desk: Desk) -> Release | None:
    return newer_version.stored_release(desk.data, newer_version.believed_keys(desk.settings))


def _on_drives(desk: Desk) -> Release:
    """What the first drive says that has the file. Raises UpdateProblem."""
    missing = NoNotice(Path(FILE_NAME))
    for drive in removable_drives():
        try:
            return _look(drive, desk)
        except NoNotice as problem:
            missing = problem
    raise missing
