"""Which folders and programs of this computer are trusted: those that no other account can change.

A program of the system is looked for in the folders of PATH that are named from the root of the file system on, and in
which nobody but this account and administrators may write. The working directory is none of them, whatever PATH says:
who starts Fanion in a folder does not vouch for what lies there. That holds for each folder and each link on the way.

On Windows only what groups of everybody may do is asked for, such as Users and Authenticated Users.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.system.files import windows_acl

#: Links on the way to a file, after which they are taken for a circle; as in Linux.
_MOST_LINKS: Final = 40
#: The groups of those who administer the computer: root's own, and macOS's ``admin``, which has Homebrew's folders.
_ADMINISTRATORS: Final = frozenset((0, 80) if sys.platform == "darwin" else (0,))
#: What PATH had before :mod:`core.system.processes.surroundings` left only the trusted folders in it.
_NAMED_AT_START: Final = tuple(os.environ.get("PATH", "").split(os.pathsep))


def find_program(name: str) -> str | None:
    """The full path of the program, from the first trusted folder of PATH that has it; None if no such folder has it.

    `name` is without ``.exe``. On Windows, programs of other kinds (``.bat``, ``.cmd``) are not looked for.
    """
    for folder in trusted_folders(os.environ.get("PATH", "")):
        file = os.path.join(folder, _file_name(name))
        if os.path.isfile(file) and os.access(file, os.X_OK) and is_trusted(file):
            return file
    return None


def untrusted_folder(name: str) -> str | None:
    """The folder of PATH, as it is named there, that has the program and from which it is not started, for people."""
    for folder in (*os.environ.get("PATH", "").split(os.pathsep), *_NAMED_AT_START):
        file = os.path.join(folder, _file_name(name))
        if os.path.isfile(file) and not (is_trusted(folder) and is_trusted(file)):
            return folder or "."
    return None


def trusted_folders(listed: str) -> list[str]:
    """The trusted ones among folders that are listed as in PATH, each once. An empty name is the working directory."""
    return [folder for folder in dict.fromkeys(listed.split(os.pathsep)) if is_trusted(folder)]


def is_trusted(path: str) -> bool:
    """Whether `path` is a full path to something that no other account can change or put something in the place of.

    Never raises.
    """
    if not os.path.isabs(path) or path.startswith("\\\\"):  # on Windows, a folder on a network: to ask takes long
        return False
    try:
        *before, last = way_to(Path(path))
        return all(_is_kept(place, last=False) for place in before) and _is_kept(last, last=True)
    except (OSError, ValueError):  # it is not there, or the system does not say whose it is
        return False


def way_to(path: Path) -> Iterator[Path]:
    """Each folder and link from the root to `path`, and to where the links lead; last the thing itself.

    Raises OSError where nothing is there.
    """
    parts, place, links = list(path.parts[1:]), Path(path.anchor), 0
    yield place
    while parts:
        name = parts.pop(0)
        place = place.parent if name == ".." else place / name
        yield place
        if place.is_symlink():
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            target = place.readlink()
            place = Path(target.anchor) if target.is_absolute() else place.parent
            parts[:0] = target.parts[1:] if target.is_absolute() else target.parts


def _file_name(name: str) -> str:
    return f"{name}.exe" if sys.platform == "win32" else name


def _is_kept(place: Path, *, last: bool) -> bool:
    """Whether no other account can change what is at `place`, a step on the way or the `last` one.

    Raises OSError, ValueError.
    """
    if sys.platform == "win32":
        return not windows_acl.of(place).crowds_that_change(itself=last)
    status = place.lstat()
    if status.st_uid not in (0, os.geteuid()):
        return False
    if stat.S_ISLNK(status.st_mode):  # its mode says nothing; who may replace it, its folder says
        return True
    # The group of one's own is often one person's alone, and then may write in every folder of that person.
    alone = status.st_gid in _ADMINISTRATORS or (status.st_gid == os.getegid() and not status.st_mode & stat.S_ISGID)
    if not status.st_mode & stat.S_IWOTH and (alone or not status.st_mode & stat.S_IWGRP):
        return True
    # The sticky bit keeps people from each other's folders, as in /tmp, but not from making new files.
    return bool(status.st_mode & stat.S_ISVTX) and not last
