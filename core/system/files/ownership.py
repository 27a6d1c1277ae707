"""Whose a file is, and whether it has only the name by which it was asked for.

A folder may have been open to others: a file in it is taken for Fanion's own only where nobody else could have put it
there, and where what is written into it changes nothing elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import pwd

#: File systems that count the short name of DOS, which a file may have beside its own, as a second name.
_TWO_NAMES: Final = frozenset({"fuseblk"})
_MOUNTS: Final = Path("/proc/self/mountinfo")


def names_elsewhere(path: Path, status: os.stat_result) -> int:
    """How many names the file `path` has outside its folder; `status` is what lstat() says of it. Raises OSError."""
    if status.st_nlink < 2 or not stat.S_ISREG(status.st_mode):
        return 0
    with os.scandir(path.parent) as entries:  # while a file is made it has two names, both of them there
        names_here = sum(entry.inode() == status.st_ino for entry in entries)
    try:
        elsewhere = path.lstat().st_nlink - names_here  # asked again: another program may just have made it
    except FileNotFoundError:
        return 0
    return 0 if elsewhere > 0 and _file_system(status.st_dev) in _TWO_NAMES else max(elsewhere, 0)


def is_ours(path: Path, status: os.stat_result, group: int | None = None) -> bool:
    """Whether the file is this account's or the administrator's, or one of `group`, where several people share it.

    On a file system that has no owners, as that of most USB keys, it is whose everything there is. Windows' access
    lists are inherited from the folder: there this is always so.
    """
    if sys.platform == "win32":
        return True
    if status.st_uid in (0, os.geteuid()) or (group is not None and status.st_gid == group):
        return True
    return status.st_uid == _owner_of_what_is_made(path.parent)


def owner_name(status: os.stat_result) -> str:
    """The name of the account that owns the file; its number where it has no name."""
    if sys.platform != "win32":
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(status.st_uid).pw_name
    return str(status.st_uid)


def _owner_of_what_is_made(folder: Path) -> int | None:
    """The account that owns what this account makes in the folder; None where nothing can be made."""
    trial = folder / f".trial-{os.urandom(8).hex()}"
    try:
        descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return None
    try:
        return os.fstat(descriptor).st_uid
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            trial.unlink()


def _file_system(device: int) -> str:
    """The type of the file system with this device number, as Linux names it: proc_pid_mountinfo(5)."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        number = f"{os.major(device)}:{os.minor(device)}"
        for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
            before, _, after = line.partition(" - ")
            if before.split(" ")[2:3] == [number]:
                return after.split(" ", 1)[0]
    return ""
