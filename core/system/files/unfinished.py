"""What a program that was killed left half-made in a folder: cleared away by the next one that writes there.

A file of :mod:`core.system.files.files` has its temporary name for moments only: one of another process that has had it
for minutes, by the clock of its own file system, was left behind. A folder may take long to be filled: so a lock lies
beside it, which ends with its program.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.system.files.erasing import erase_file, erase_folder
from core.system.files.file_lock import LockFile, is_held
from core.system.files.files import UNFINISHED, is_of_this_process, time_of_folder
from core.system.files.ownership import is_ours

_FILE: Final = re.compile(re.escape(UNFINISHED) + "[0-9a-f]{16}")
_FOLDER: Final = re.compile(re.escape(UNFINISHED) + r"[0-9a-f]{8}\.part")
_LOCK: Final = ".lock"
#: Seconds after which a file with a temporary name was left behind: on a slow USB key it may have it for one minute.
_ABANDONED: Final = 600


@contextlib.contextmanager
def unfinished_folder(folder: Path, *, private: bool) -> Iterator[Path]:
    """A new folder inside `folder` to write into, for its owner alone if it is `private`; it is to be renamed at last.

    What fails leaves none behind; what others left there that were killed is cleared away. Raises OSError.
    """
    sweep(folder)
    part = folder / f"{UNFINISHED}{secrets.token_hex(4)}.part"
    with _locked(part.with_suffix(_LOCK)):
        part.mkdir(mode=0o700 if private else 0o777)
        try:
            yield part
        except BaseException:
            erase_folder(part) if private else shutil.rmtree(part, ignore_errors=True)
            raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock at `path`. Where there are no locks, as on some shares, nothing is taken for abandoned."""
    lock = None
    try:
        lock = LockFile.hold(path)
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def sweep(folder: Path) -> None:
    """Clear away what is half-made in `folder`, is this account's, and has no program any more. Never raises."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.startswith(UNFINISHED):
                with contextlib.suppress(OSError):
                    _clear(path)


def is_under_way(path: Path) -> bool:
    """Whether this is a half-made folder that a program which runs is just filling, or the lock beside it."""
    return _FOLDER.fullmatch(path.with_suffix(".part").name) is not None and is_held(
        path.with_suffix(_LOCK), in_doubt=False
    )


def _clear(path: Path) -> None:
    """Delete one half-made file or folder, if it is abandoned. Raises OSError."""
    status = path.lstat()
    if not is_ours(path, status):
        return
    if stat.S_ISREG(status.st_mode) and _FILE.fullmatch(path.name):
        if not is_of_this_process(path) and time_of_folder(path.parent) - status.st_mtime > _ABANDONED:
            erase_file(path)
        return
    if not _FOLDER.fullmatch(path.with_suffix(".part").name):
        return
    file = path.with_suffix(_LOCK)
    existed = os.path.lexists(file)
    try:
        lock = LockFile.take(file)
    except OSError:
        if not existed:
            file.unlink(missing_ok=True)
        raise
    if lock is not None:
        if stat.S_ISDIR(status.st_mode):
            erase_folder(path)
        lock.release()
