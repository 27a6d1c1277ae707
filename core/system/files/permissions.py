"""Who may use what Fanion makes in a folder: one person alone, or everybody in the folder's group.

A folder that an administrator made for several people says so itself: its group may write in it, and what is made in it
belongs to that group (the set-group-ID bit). There, every member, and no other account, may use every file and folder,
whatever the umask of the program that made them. Everywhere else only the owner may.

On Windows a folder's access list is inherited by what is made in it: nothing has to be done there.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final

#: What one person alone may use, and what everybody in the folder's group may.
OWN_FILE: Final = 0o600
OWN_FOLDER: Final = 0o700
GROUP_FILE: Final = 0o660
GROUP_FOLDER: Final = 0o2770


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


def share_folder(folder: Path) -> None:
    """Let everybody use a folder that was just made in one for several people. Raises OSError, PermissionError."""
    folder.chmod(GROUP_FOLDER)
    if stat.S_IMODE(folder.stat().st_mode) != GROUP_FOLDER:
        # The system takes the set-group-ID bit, in silence, where the program's user is not in the folder's group.
        raise PermissionError(errno.EPERM, "the folder cannot be given to its group", str(folder))
