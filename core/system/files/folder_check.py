"""Whether a data folder can be worked in: asked before anything starts, so that no phone is checked in vain.

What is written to find out is removed again. A folder that can be written now may be full later: the log then says so.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final

from core.problem import Problem
from core.system.files import removable_drives, windows_acl
from core.text import T, Text

#: Bytes that have to fit: a new log with its keys takes about as much.
_TRIAL: Final = 262_144
FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
#: Where Windows' programs find the folders whose files OneDrive copies to a network.
_ONEDRIVE: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
#: Where macOS has such folders of every provider, in a person's own folder.
_CLOUDS: Final = ("Library/CloudStorage", "Library/Mobile Documents")


class NotWritable(Problem):
    """Nothing can be written in the data folder, so nothing could be recorded."""

    code = "not-writable"
    exit_code = 5


class NotPrivate(Problem):
    """Others than this person could use what is in a folder, or get it."""

    code = "not-private"
    exit_code = 5


class NoFolder(Problem):
    """A folder is named by a relative path, and the current folder was deleted."""

    code = "no-folder"
    exit_code = 5


def whole_path(path: str | Path) -> Path:
    """`path` as an absolute path; nothing of it has to be there.

    Raises NoFolder if it is a relative one and the current folder was deleted.
    """
    try:
        return Path(path).absolute()
    except OSError as error:
        raise NoFolder(
            T("The current folder, in which {path} would be, is not there any more.", path=str(path)),
            T("Go into another folder, or name this one by its full path."),
            str(error),
        ) from error


def require(folder: Path, *, portable: bool = False) -> None:
    """Make sure that `folder` is there and can be written; it is made for its owner alone if need be.

    `portable` tells that it lies beside a program that is carried around. Raises NotWritable.
    """
    trial = folder / f".trial-{os.urandom(8).hex()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(descriptor)
        finally:
            os.close(descriptor)  # some systems on a network say only here that the disk is full
    except OSError as error:
        raise _problem(folder, error, portable) from error
    finally:
        with contextlib.suppress(OSError):
            trial.unlink(missing_ok=True)


def require_private(folder: Path) -> None:
    """Make sure that no other account of this computer could put something into `folder`, or in its place; and that no
    program copies what is in it to a network, as far as the system tells. Where it is not there, its parent is asked.

    Who has a USB key has what is on it: there nothing is asked of the kind. Raises NotPrivate.
    """
    if _is_copied(folder):
        raise NotPrivate(
            T("What is in {folder} is copied to a network by another program.", folder=str(folder)),
            T("Choose a folder on this computer or on a USB key that no program copies elsewhere."),
        )
    if any(folder.is_relative_to(drive) for drive in removable_drives.removable_drives()):
        return
    place = folder if os.path.exists(folder) else folder.parent
    try:
        detail = _exposure(place, itself=place == folder)
    except (OSError, ValueError) as error:  # where nothing is there, the trial to write says so
        detail = str(error) if os.path.exists(place) else ""
    if detail:
        raise NotPrivate(
            T("Other accounts of this computer may use the folder {folder}.", folder=str(place)),
            T("Choose a folder that is yours alone. One log for all users of a computer is set up by IT support."),
            detail,
        )


def _is_copied(folder: Path) -> bool:
    copied = [Path(synced) for name in _ONEDRIVE if (synced := os.environ.get(name))] if sys.platform == "win32" else []
    if sys.platform == "darwin":
        copied = [Path.home() / name for name in _CLOUDS]
    return any(folder.is_relative_to(cloud) for cloud in copied)


def _exposure(place: Path, *, itself: bool) -> str:
    """What lets others use `place`, or replace what is made there if that is not the folder `itself`; empty if nothing
    does. Raises OSError, ValueError."""
    if sys.platform == "win32":  # the keys of the log could be read, too: what is made there has the folder's list
        return ", ".join(windows_acl.of(place, follow=True).crowds())
    place = place.resolve()
    status = place.stat()
    if status.st_uid not in (0, os.geteuid()):
        return f"owner {status.st_uid}"
    detail = f"mode {stat.S_IMODE(status.st_mode):o}, group {status.st_gid}"
    if status.st_mode & stat.S_ISVTX and not itself:  # it keeps people from each other's folders
        return ""
    # The group of one's own is often one person's alone, and then may write in every folder of that person.
    several = status.st_mode & stat.S_ISGID or status.st_gid != os.getegid()
    if status.st_mode & stat.S_IWGRP and several:
        return detail
    reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in (place, *place.parents))
    return detail if status.st_mode & stat.S_IWOTH and reached else ""


def _fill(descriptor: int) -> None:
    remaining = memoryview(bytes(_TRIAL))
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def _problem(folder: Path, error: OSError, portable: bool) -> NotWritable:
    where, detail = str(folder), str(error)
    if error.errno in FULL:
        return NotWritable(
            T("Fanion cannot work with the data folder {folder}: the disk is full.", folder=where),
            T("Free some space on the disk, then start Fanion again."),
            detail,
        )
    next_step = (
        T("Switch off the write protection of the USB key, or copy Fanion’s folder to a disk that you may write to.")
        if portable
        else T("Ask your IT support for a data folder that you may write to, or choose another one with --data.")
    )
    reason: Text | str = error.strerror or type(error).__name__
    if error.errno == errno.EROFS:
        reason = T("the disk is write-protected")
    elif error.errno in _FORBIDDEN:
        reason = T("you may not write there")
    elif error.errno in (errno.ENOTDIR, errno.EEXIST):
        reason = T("there is a file in its place")
    return NotWritable(
        T("Fanion cannot work with the data folder {folder}: {reason}.", folder=where, reason=reason), next_step, detail
    )
