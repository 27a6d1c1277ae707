"""Files that are read and never written again: nobody may change them, and whoever may write in their folder can delete
them."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final

from core.system.files import permissions
from core.system.files.files import is_folder, sync_folder

#: The rights of such a file, of one person and of several.
_OWN: Final = 0o400
_GROUP: Final = 0o440


def move_read_only(path: Path, target: Path) -> None:
    """Take the right to write from a durable file, and give it the name `target`, in the place of a file or a link that
    has it. The folder of `target` is made durable by the caller. Raises OSError."""
    if is_folder(target):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    _make_deletable(target)
    path.chmod(_GROUP if permissions.is_shared(target.parent) else _OWN)
    os.replace(path, target)


def delete_read_only(path: Path) -> None:
    """Delete a file, durably, without overwriting it; one that is not there is none. Raises OSError."""
    _make_deletable(path)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _make_deletable(path: Path) -> None:
    """Windows neither deletes nor replaces a file that is read-only."""
    if sys.platform == "win32" and not path.is_symlink():
        with contextlib.suppress(FileNotFoundError):
            path.chmod(stat.S_IWRITE)
