"""Who may use what Fanion makes in a folder: one person alone, or everybody in the folder's group.

A folder that an administrator made for several people says so itself: its group may write in it, and what is made in it
belongs to that group (the set-group-ID bit). There, every member may use every file and folder, and nobody else,
whatever the umask of whoever made them. Everywhere else only the owner may.

On Windows a folder's access list is inherited by what is made in it: nothing has to be done there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import Final

#: What one person alone may use, and what everybody in the folder's group may.
OWN_FILE: Final = 0o600
OWN_FOLDER: Final = 0o700
GROUP_FILE: Final = 0o660
GROUP_FOLDER: Final = 0o2770

_BINARY: Final = getattr(os, "O_BINARY", 0)


def is_shared(folder: Path) -> bool:
    """Whether `folder` was made for several people. Raises OSError if it is not there."""
    if sys.platform == "win32":
        return False
    mode = folder.stat().st_mode
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)


def share(descriptor: int, folder: Path) -> None:
    """Let everybody use an open file that was just made in `folder`, if the folder is for several. Raises OSError."""
    if sys.platform != "win32" and is_shared(folder):
        os.fchmod(descriptor, GROUP_FILE)  # not when it is made: the umask would take from that


def new_file(path: Path) -> None:
    """An empty file. Raises OSError, FileExistsError if anything is there already.

    In a folder for several it gets its name last: another program never finds one that it may not open yet.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY
    if not is_shared(path.parent):
        os.close(os.open(path, flags, OWN_FILE))
        return
    if os.path.lexists(path):
        raise FileExistsError(path)
    nameless = _beside(path)
    descriptor = os.open(nameless, flags, OWN_FILE)
    try:
        share(descriptor, path.parent)
        os.link(nameless, path)
    finally:
        os.close(descriptor)
        os.unlink(nameless)


def new_folder(path: Path) -> None:
    """An empty folder, in one that is there. Raises OSError, FileExistsError if anything is there already.

    In a folder for several it gets its name last, as a file does. Two programs may both have made it: the one that
    comes second takes the place of the first, which is still empty.
    """
    if not is_shared(path.parent):
        path.mkdir(mode=OWN_FOLDER)
        return
    if os.path.lexists(path):
        raise FileExistsError(path)
    nameless = _beside(path)
    nameless.mkdir(mode=OWN_FOLDER)
    try:
        nameless.chmod(GROUP_FOLDER)
        if stat.S_IMODE(nameless.stat().st_mode) != GROUP_FOLDER:
            # The system takes the set-group-ID bit, in silence, from whoever is not in the folder's group.
            raise PermissionError(errno.EPERM, "the folder cannot be given to its group", str(path))
        nameless.rename(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            nameless.rmdir()
        if isinstance(error, OSError) and os.path.lexists(path):
            raise FileExistsError(path) from error
        raise


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}-{secrets.token_hex(4)}")
