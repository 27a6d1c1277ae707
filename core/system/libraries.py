"""The libraries that a desk does without, pyarrow and DuckDB, and where the packaged program has them from.

In a clone they are installed beside all others. The packaged program is without them: the package fanion-office lays
them into the program's own folder, as ``office/lib``, with ``office/files.txt``. Its first line says for which Fanion
they are made; each line after it is a file of ``office/lib`` and its length.

What is imported can do all that Fanion can. So nothing of that folder is used unless it is this version's, every file
is there with its length and no other is, and nobody can change it who cannot change the program itself: the owner is
that of the program's own libraries, nobody else may write more than there, and there is no link in it. Whether a file
is the very one that was packed, is for the system's package manager to say.
"""

from __future__ import annotations

import importlib
import os
import stat
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import chain
from pathlib import Path
from typing import Any, Final

from core import __version__
from core.problem import Problem
from core.system.packaged import is_packaged
from core.text import T, Text

FOLDER: Final = "office"
LIBRARIES: Final = "lib"
LIST: Final = "files.txt"
#: For which Fanion the libraries are made: its version, and the Python in it, whose extensions load into no other.
MADE_FOR: Final = f"{__version__} {EXTENSION_SUFFIXES[0].split('.')[1]}"
_SHARED: Final = stat.S_IWGRP | stat.S_IWOTH


def library(name: str, sentence: Text, *, code: str, otherwise: Text | None = None) -> Any:
    """One of these libraries, or a module of one. Raises Problem where it is not installed, or must not be used.

    `sentence` and `code` say what cannot be done without it; `otherwise` is the next step, if it is another one than to
    install it.
    """
    # Not an import statement: neither the packager nor the type checker is to look for it.
    try:
        if is_packaged() and sys.platform == "linux":  # there is no package for others
            _look_in(Path(sys.executable).parent)
        return importlib.import_module(name)
    except ImportError as error:
        raise Problem(sentence, otherwise or how_to_install(), str(error), code=code, exit_code=5) from error


def how_to_install() -> Text:
    """The next step where a library is missing."""
    return T(
        "On Linux, install fanion-office {version} (.deb, .rpm or archive) from where this Fanion came from; or, in a "
        "clone of Fanion’s source, run: python3 installer/bootstrap.py office",
        version=__version__,
    )


@cache
def _look_in(program: Path) -> None:
    """Have libraries imported from what fanion-office has laid into the program's folder, if it is there.

    They come last: nothing in there takes the place of a module of the program's. Raises Problem where they must not
    be used.
    """
    folder = program / FOLDER
    if os.path.lexists(folder):
        demand_usable(folder, program / "lib")
        sys.path.append(str(folder / LIBRARIES))


def demand_usable(folder: Path, program: Path) -> None:
    """Raise Problem where nothing of `folder` must be used. `program` are the program's own libraries."""
    try:
        _demand_own(folder, program)
        _demand_whole(folder)
    except (OSError, ValueError) as error:
        raise _damaged(folder, str(error)) from error


def _demand_own(folder: Path, program: Path) -> None:
    """Raise Problem for a file or folder that others can change than those who can change `program`. Raises OSError."""
    ours = program.stat()
    for path in chain([folder], _below(folder)):  # each before what is in it
        status = path.lstat()
        is_plain = stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)
        shared = status.st_mode & _SHARED
        other_group = shared & stat.S_IWGRP and status.st_gid != ours.st_gid
        if not is_plain or status.st_uid != ours.st_uid or shared & ~ours.st_mode or other_group:
            raise Problem(
                T("Fanion does not use {path}: others than the owner of Fanion’s program can change it.", path=path),
                _anew(folder),
                f"{stat.filemode(status.st_mode)}, user {status.st_uid}, group {status.st_gid}",
                code="office-not-own",
                exit_code=5,
            )


def _demand_whole(folder: Path) -> None:
    """Raise Problem where `folder` is of another Fanion, or has not the very files of its list. Raises OSError,
    ValueError."""
    made_for, *lines = (folder / LIST).read_text(encoding="utf-8").splitlines() or [""]
    if made_for != MADE_FOR:
        raise Problem(
            T(
                "The fanion-office that is installed is made for Fanion {theirs}, and this is Fanion {ours}.",
                theirs=made_for[:80],
                ours=MADE_FOR,
            ),
            T("Install fanion-office {version} from where this Fanion came from.", version=__version__),
            code="office-version",
            exit_code=5,
        )
    for difference in sorted(set(lines) ^ set(listed(folder))):
        raise _damaged(folder, difference)


def listed(folder: Path) -> Iterator[str]:
    """The lines of a list: how long each file of the libraries below `folder` is, and its name. Raises OSError."""
    for path in _below(folder / LIBRARIES):
        if not path.is_dir():
            yield f"{path.stat().st_size} {path.relative_to(folder).as_posix()}"


def _below(folder: Path) -> Iterator[Path]:
    """All that is in a folder, at any depth; no link is followed. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path))


def _damaged(folder: Path, detail: str) -> Problem:
    return Problem(
        T("What fanion-office has installed in {folder} is not as it was packed.", folder=folder),
        _anew(folder),
        detail,
        code="office-damaged",
        exit_code=5,
    )


def _anew(folder: Path) -> Text:
    return T("Have the folder {folder} removed, and fanion-office installed again.", folder=folder)
