"""Erasing a file so that its bytes are gone from where they stood, and not only its name.

A file system gives the blocks of a deleted file back as they are. What it keeps beside them is beyond a program: a
journal of data, older copies on a copying file system, or what a flash disk does below it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import Final

from core.system.files.files import open_file, sync_folder
from core.system.files.ownership import is_ours, names_elsewhere

#: Bytes that are written at a time.
_BLOCK: Final = 1024 * 1024


def overwrite(descriptor: int) -> None:
    """Write zeros over every byte of an open file, durably. Raises OSError."""
    zeros = memoryview(bytes(_BLOCK))
    os.lseek(descriptor, 0, os.SEEK_SET)
    remaining = os.fstat(descriptor).st_size
    while remaining > 0:
        remaining -= os.write(descriptor, zeros[: min(remaining, _BLOCK)])
    os.fsync(descriptor)


def erase_file(path: Path) -> None:
    """Overwrite a file and delete it. One that is not there is none.

    Raises OSError; PermissionError where it is another account's, or has a second name elsewhere: that one stays.
    """
    try:
        descriptor = open_file(path, os.O_RDWR, links=False)
    except FileNotFoundError:
        return
    try:
        status = os.fstat(descriptor)
        if names_elsewhere(path, status) or not is_ours(path, status):
            raise PermissionError(errno.EPERM, "not a file of this account alone", str(path))
        overwrite(descriptor)
    finally:
        os.close(descriptor)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def erase_folder(folder: Path) -> None:
    """Overwrite and delete what is in a folder of this program, then the folder. No link is followed. Never raises."""
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                erase_file(Path(place, name))
    shutil.rmtree(folder, ignore_errors=True)
