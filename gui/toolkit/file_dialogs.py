"""Files and folders outside the program: choosing one, writing one, opening one. What was chosen is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core.problem import Problem
from core.system.files.files import replace_file
from core.system.processes.surroundings import environment_of, systems_environment
from core.text import T, Text

_ALL_FILES: Final = T("All files")


def remembered(memory: QSettings | None, key: str) -> Path:
    """The folder that was chosen for this the last time, as long as it is there; else that of a person's documents."""
    folder = memory.value(key) if memory is not None else None
    if isinstance(folder, str) and folder and Path(folder).is_dir():
        return Path(folder)
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home())


def remember(memory: QSettings | None, key: str, value: object) -> None:
    """Remember a choice under `key`, to be proposed the next time."""
    if memory is not None:
        memory.setValue(key, str(value))


def choose_folder(parent: QWidget, title: Text, start: Path) -> Path | None:
    """A folder that the officer chooses; None if none."""
    chosen = QFileDialog.getExistingDirectory(parent, str(title), str(start))
    return Path(chosen) if chosen else None


def choose_files(parent: QWidget, title: Text, memory: QSettings | None, key: str, kinds: str) -> list[Path]:
    """Files to be read, at first from the folder remembered as `key`, which is that of the last choice.

    `kinds` are patterns such as ``*.pdf``, those that are offered first.
    """
    chosen, _ = QFileDialog.getOpenFileNames(parent, str(title), str(remembered(memory, key)), _filter(kinds))
    files = [Path(path) for path in chosen]
    if files:
        remember(memory, key, files[0].parent)
    return files


def choose_file(parent: QWidget, title: Text, memory: QSettings | None, key: str, kinds: str) -> Path | None:
    """One file to be read, at first from the folder remembered as `key`."""
    chosen, _ = QFileDialog.getOpenFileName(parent, str(title), str(remembered(memory, key)), _filter(kinds))
    return Path(chosen) if chosen else None


def choose_new(parent: QWidget, title: Text, suggested: Path) -> Path | None:
    """A file to be written. The system asks before another is replaced."""
    chosen, _ = QFileDialog.getSaveFileName(parent, str(title), str(suggested), _filter(f"*{suggested.suffix}"))
    return Path(chosen) if chosen else None


def save_as(parent: QWidget, title: Text, memory: QSettings | None, key: str, name: str) -> Path | None:
    """A file to be written, at first `name` in the folder remembered as `key`, which is that of the last choice."""
    file = choose_new(parent, title, remembered(memory, key) / name)
    if file is not None:
        remember(memory, key, file.parent)
    return file


def open_outside(path: Path) -> bool:
    """Have the system show a file or a folder. Returns whether it takes that on."""
    with environment_of(systems_environment()):
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def write(file: Path, data: bytes) -> None:
    """Write a file whole, or not at all. Raises Problem."""
    try:
        replace_file(file, data)
    except OSError as error:
        raise Problem(
            T("{file} could not be written.", file=file.name),
            T("Choose another folder, or make room there, and try again."),
            str(error),
            code="not-written",
        ) from error


def _filter(kinds: str) -> str:
    return f"{kinds} ({kinds});;{_ALL_FILES} (*)"
