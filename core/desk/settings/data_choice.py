"""Where a user's data are, and the choice of another data folder than the standard one, which the standard one keeps.

In order: ``--data``, ``--portable``, ``FANION_DATA``, the chosen folder, the standard one. A choice is the file
``data-folder.toml`` in the standard folder, whose place depends on the account alone: what is in a chosen folder never
leads any further. It is not one of the settings, which lie in the data folder themselves, and which another desk may
take over.

The choice knows the chosen folder again by a mark, a file in it with a number of its own: another USB key under the
same letter, or an empty folder where a share is not connected, is not that folder. Where it is not there, or where the
choice cannot be read, nothing begins in its place: another log would be written, and no one would know.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Final

import platformdirs
import tomli_w

from core.ledger.place import ledger_file
from core.problem import Problem
from core.system.files import folder_check
from core.system.files.files import is_folder, move_new, name_also, read_file, replace_file, replacing_file
from core.system.packaged import is_packaged
from core.text import T

FILE_NAME: Final = "data-folder.toml"
#: What a chosen folder is known by.
MARK: Final = "data-folder.mark"
#: What a data folder is called that lies among other things: in a chosen folder, or beside a program that is carried.
OWN_NAME: Final = "fanion-data"
#: How a choice is called that could not be read, once another one takes its place.
_ASIDE: Final = "data-folder-{time}.toml"
#: What a data folder has of one person's.
_OURS: Final = ("settings.toml", "window.ini", "practice-ledger.db")
_NUMBER: Final = re.compile(r"[0-9a-f]{32}")
#: Bytes: a path and a number.
_LIMIT: Final = 100_000


class Origin(StrEnum):
    """What has decided where the data are."""

    ARGUMENT = "argument"
    VARIABLE = "variable"
    PORTABLE = "portable"
    CHOSEN = "chosen"
    STANDARD = "standard"
    #: The standard folder for this time, because the chosen one was not there.
    INSTEAD = "instead"


class FolderContents(Enum):
    """What a folder has of Fanion's."""

    NOTHING = auto()
    #: Settings or practice, but no log of real phones.
    DATA = auto()
    LOG = auto()


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder, and what has decided that it is this one."""

    folder: Path
    origin: Origin


class ChoiceProblem(Problem):
    """It is not known where the data are, or they are not there: nothing may begin in another folder."""

    exit_code = 5


class ChosenFolderGone(ChoiceProblem):
    """The chosen folder is not there, cannot be reached, or is another one than was chosen."""

    code = "data-folder-gone"

    def __init__(self, folder: Path, detail: str = "", *, wrong_folder: bool = False) -> None:
        sentence = T("The data folder {folder}, which was chosen in the settings, is not there.", folder=str(folder))
        if wrong_folder:
            sentence = T(
                "{folder} is not the data folder that was chosen in the settings: another one is in its place.",
                folder=str(folder),
            )
        next_step = T(
            "Plug in or connect what it is on and try again, or name a folder with --data. The standard one is "
            "{standard}.",
            standard=str(standard_folder()),
        )
        super().__init__(sentence, next_step, detail)
        self.folder = folder


class ChoiceUnreadable(ChoiceProblem):
    """The file that has the choice is damaged, or cannot be opened."""

    code = "data-folder-unreadable"

    def __init__(self, file: Path, detail: str = "") -> None:
        super().__init__(
            T("The file {file} cannot be used: it should say which data folder was chosen.", file=str(file)),
            T("Name the data folder with --data, or choose it again in the settings of the window."),
            detail,
        )


class ChoiceNotKept(Problem):
    """The choice cannot be written down: all stays as it was."""

    code = "data-folder-not-kept"
    exit_code = 5

    def __init__(self, file: Path, detail: str = "") -> None:
        super().__init__(
            T("The data folder could not be changed: {file} cannot be written.", file=str(file)),
            T("Check that the disk has space and that you may write to the folder, then try again."),
            detail,
        )


def standard_folder() -> Path:
    """The system's usual place for this user's data. Not created."""
    return folder_check.whole_path(platformdirs.user_data_dir("fanion", appauthor=False))


def portable_folder() -> Path:
    """Where a Fanion that is carried around keeps its data: ``fanion-data`` beside the folder that has the program.

    Beside it and not in it: replacing the program by a newer one loses nothing. The program's folder is the
    packaged one (on macOS the .app), else the clone. Not created.
    """
    if not is_packaged():
        program = Path(__file__).resolve().parents[3]
    else:
        executable = Path(sys.executable).resolve()
        apps = (folder for folder in executable.parents if folder.suffix == ".app")
        program = next(apps, executable.parent) if sys.platform == "darwin" else executable.parent
    return program.with_name(OWN_NAME)


def find(argument: str | Path | None = None, portable: bool = False) -> DataFolder:
    """Where this user's data are: `argument`; if `portable`, beside the program; ``FANION_DATA``; the chosen folder; or
    the standard one.

    Not created. Raises NoFolder, ChosenFolderGone, ChoiceUnreadable.
    """
    if argument:
        return DataFolder(folder_check.whole_path(argument), Origin.ARGUMENT)
    if portable:
        return DataFolder(portable_folder(), Origin.PORTABLE)
    if variable := os.environ.get("FANION_DATA"):
        return DataFolder(folder_check.whole_path(variable), Origin.VARIABLE)
    if (folder := chosen()) is not None:
        return DataFolder(folder, Origin.CHOSEN)
    return DataFolder(standard_folder(), Origin.STANDARD)


def chosen() -> Path | None:
    """The chosen folder, which is there; None where none was chosen. Raises ChosenFolderGone, ChoiceUnreadable."""
    file = _file()
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:  # it may be there
        raise ChoiceUnreadable(file, str(error)) from error
    folder, number = read_choice(file)
    try:
        marked_number = read_file(folder / MARK, _LIMIT).decode("ascii", "replace").strip()
    except OSError as error:
        raise ChosenFolderGone(folder, str(error), wrong_folder=os.path.isdir(folder)) from error
    if marked_number != number:
        raise ChosenFolderGone(folder, f"another number in {MARK}", wrong_folder=True)
    return folder


def read_choice(file: Path) -> tuple[Path, str]:
    """The chosen folder, and the number of its mark. Raises ChoiceUnreadable."""
    try:
        values = tomllib.loads(read_file(file, _LIMIT).decode())
        folder, number = Path(values["folder"]), str(values["mark"])
        if not folder.is_absolute() or "\0" in str(folder) or not _NUMBER.fullmatch(number):
            raise ValueError("no full path, or no number")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ChoiceUnreadable(file, f"{type(error).__name__}: {error}") from error
    return folder, number


def chosen_name() -> str:
    """The path of the chosen folder, whether or not it is there; empty where no choice can be read."""
    try:
        return str(read_choice(_file())[0])
    except ChoiceUnreadable:
        return ""


def fitting(folder: Path) -> Path:
    """Where the data would be if `folder` was chosen: in it, or in a folder of their own there, among other things."""
    if contents(folder) is not FolderContents.NOTHING or os.path.lexists(folder / MARK):
        return folder
    try:
        return folder if next(folder.iterdir(), None) is None else folder / OWN_NAME
    except OSError:  # it is told when the folder is tried
        return folder


def contents(folder: Path) -> FolderContents:
    """What `folder` has of Fanion's."""
    if os.path.lexists(ledger_file(folder)):
        return FolderContents.LOG
    return FolderContents.DATA if any(os.path.lexists(folder / name) for name in _OURS) else FolderContents.NOTHING


def check(folder: Path) -> None:
    """Make sure that `folder` can have data: one person's alone, writable, and not copied to a network.

    One that is not there is not made. Raises NotPrivate, NotWritable.
    """
    folder_check.require_private(folder)
    folder_check.require(folder if os.path.exists(folder) else folder.parent)


def choose(folder: Path) -> None:
    """Have the data in `folder` from the next start on; it is made, and marked. Nothing is moved there.

    Raises NotPrivate, NotWritable, ChoiceNotKept: then all stays as it was.
    """
    folder = folder_check.whole_path(folder)
    check(folder)
    folder_check.require(folder)
    mark, number = folder / MARK, os.urandom(16).hex()
    try:
        marked_number = read_file(mark, _LIMIT).decode("ascii", "replace").strip()
    except OSError:
        marked_number = ""
    try:
        if _NUMBER.fullmatch(marked_number):  # chosen before, perhaps for another account
            number = marked_number
        else:
            replace_file(mark, f"{number}\n".encode())
    except OSError as error:
        raise ChoiceNotKept(mark, str(error)) from error
    file = _file()
    try:
        content = tomli_w.dumps({"folder": str(folder), "mark": number}).encode()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The new choice is on the disk before the damaged one gives up its name: without any, another log would begin.
        with replacing_file(file, content):
            _keep_damaged(file)
    except (OSError, UnicodeEncodeError) as error:  # a name that is no text cannot be written down
        raise ChoiceNotKept(file, str(error)) from error


def choose_standard() -> None:
    """Have the data in the standard folder from the next start on. Nothing is moved there.

    Raises NotWritable, ChoiceNotKept: then all stays as it was.
    """
    folder_check.require(standard_folder())
    file = _file()
    try:
        _keep_damaged(file)
        file.unlink(missing_ok=True)
    except OSError as error:
        raise ChoiceNotKept(file, str(error)) from error


def _file() -> Path:
    return standard_folder() / FILE_NAME


def _keep_damaged(file: Path) -> None:
    """Keep a choice that cannot be read under another name as well. Raises OSError.

    Only a folder, in whose place no file can be put, gives up its own name.
    """
    if not os.path.lexists(file):
        return
    try:
        read_choice(file)
    except ChoiceUnreadable:
        aside = file.with_name(_ASIDE.format(time=f"{datetime.now():%Y%m%d-%H%M%S}"))
        if is_folder(file):
            move_new(file, aside)
        else:
            name_also(file, aside, _LIMIT * 10)
