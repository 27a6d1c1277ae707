"""What is handed out as files: what they are called, and that they are whole, or not there, and in no other's place."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from core.problem import Problem
from core.system.files.files import make_folder, move, write_private
from core.system.files.unfinished import sweep
from core.text import T, plain

#: Characters of a desk's name in that of a file.
_DESK_LIMIT: Final = 40


class FileProblem(Problem):
    """A file cannot be read, or not written."""

    code = "file"
    exit_code = 5

    @classmethod
    def unread(cls, path: Path, error: OSError) -> FileProblem:
        return cls(
            T("The file {file} cannot be read.", file=str(path)), T("Check its name, then try again."), str(error)
        )

    @classmethod
    def unwritten(cls, path: Path, error: OSError) -> FileProblem:
        return cls(
            T("The file {file} could not be written.", file=str(path)),
            T("Check that the disk is there, has space, and that you may write to the folder, then try again."),
            str(error),
        )


class FileThere(FileProblem):
    """A file of the name that was asked for is there, and it may not be replaced."""

    code = "file-there"

    def __init__(self, path: Path) -> None:
        super().__init__(
            T("The file {file} is there already; nothing was written.", file=str(path)),
            T("Give another name, or a folder: then a new name is made."),
        )


class NoSuchFolder(FileProblem):
    """The folder is not there, or is none. It is not made: a misspelt one is on no medium."""

    code = "no-such-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(
            T("There is no folder {folder}.", folder=str(path)),
            T("Check its name, and that its medium is plugged in, then try again."),
        )


class BesideTheLog(FileProblem):
    """A copy that is to protect the log would lie in the log's own folder, and be lost with it."""

    code = "beside-the-log"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            T(
                "The folder {folder} is where the log itself is: what is kept there would be lost with it.",
                folder=plain(str(folder), 500),
            ),
            T("Choose another folder, if possible on another medium."),
        )


def file_name(desk: str, practice: bool, kind: str) -> str:
    """What a file is called, without its ending, as every file system takes it: of which desk, and what it is."""
    letters = "".join(
        char for char in unicodedata.normalize("NFKD", desk).casefold() if not unicodedata.combining(char)
    )
    safe = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_DESK_LIMIT].rstrip("-") or "desk"
    return f"{'fanion-practice' if practice else 'fanion'}-{safe}-{kind}"


@contextlib.contextmanager
def handed_out(target: Path, name: str, *endings: str, replace: bool = False) -> Iterator[tuple[Path, ...]]:
    """Files that differ in their endings only, to be written in the block. If it fails, none of them is left.

    `target` is the name of the one with the first ending, or the folder in which they are called `name`, or `name-2`
    and so on: nothing there is ever replaced. A name that was given may be, if `replace` says so; the files of before
    are back if the block fails. Raises FileThere, FileProblem.
    """
    is_file_name = target.suffix.lower() == endings[0] and not os.path.isdir(target)
    with contextlib.ExitStack() as undo:
        with _unwritten(target if is_file_name else target / f"{name}{endings[0]}"):
            if is_file_name:
                files = (target, *(target.with_suffix(ending) for ending in endings[1:]))
                _make_folder(target.parent, undo)
                aside = _put_aside(files, replace, undo)
                _reserve(files, undo)
            else:
                _make_folder(target, undo)
                files, aside = _first_free(target, name, endings, undo), []
        sweep(files[0].parent)
        yield files
        undo.pop_all()
    for old in aside:
        _try(Path.unlink, old)


@contextlib.contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make a folder, and what leads to it, if it is not there. If the block fails, what was made is gone again.

    Raises OSError.
    """
    with contextlib.ExitStack() as undo:
        _make_folder(folder, undo)
        yield
        undo.pop_all()


def put(path: Path, content: bytes) -> None:
    """A whole file or none, durably: it may be put on record as an outside copy. Raises FileProblem."""
    with _unwritten(path):
        write_private(path, content, shared=False)


def read(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file. Raises FileProblem, also for what is no file and might never end."""
    try:
        # Nor is a log read here: closing it would let go of the locks that SQLite holds on it for this program.
        if path.exists() and (not path.is_file() or path.resolve().suffix == ".db"):
            raise OSError(f"{path} is not to be read like this")
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise FileProblem.unread(path, error) from error


def _make_folder(folder: Path, undo: contextlib.ExitStack) -> None:
    for missing in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
        undo.callback(_try, Path.rmdir, missing)  # not where another program has put something into it
    make_folder(folder, shared=False)


def _first_free(folder: Path, name: str, endings: tuple[str, ...], undo: contextlib.ExitStack) -> tuple[Path, ...]:
    for number in count(1):
        stem = name if number == 1 else f"{name}-{number}"
        files = tuple(folder / f"{stem}{ending}" for ending in endings)
        if not any(map(os.path.lexists, files)):
            with contextlib.suppress(FileExistsError):  # another program may have taken the name since
                _reserve(files, undo)
                return files
    raise AssertionError("there are numbers enough")


def _reserve(files: tuple[Path, ...], undo: contextlib.ExitStack) -> None:
    """Take the names before another program does: two desks may write to one share. Raises OSError."""
    with contextlib.ExitStack() as reserved:
        for file in files:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            reserved.callback(_try, Path.unlink, file)
        undo.push(reserved.pop_all())


def _put_aside(files: tuple[Path, ...], replace: bool, undo: contextlib.ExitStack) -> list[Path]:
    """Give the files that are there already other names, until it is certain that they are replaced.

    The user chose the name of the first of them, and saw no other. Raises FileThere, OSError.
    """
    existing = [file for file in files if os.path.lexists(file)]
    if existing and not (replace and existing[0] == files[0] and all(file.is_file() for file in existing)):
        raise FileThere(existing[0])
    aside = []
    for file in existing:
        old = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
        move(file, old)
        undo.callback(_try, move, old, file)
        aside.append(old)
    return aside


def _try(act: Callable[..., object], *files: Path) -> None:
    """Do that to the files, if it can be done: nothing is left to do where it cannot."""
    with contextlib.suppress(OSError):
        act(*files)


@contextlib.contextmanager
def _unwritten(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileProblem.unwritten(path, error) from error
