"""Whether a data folder can be worked in: asked before anything starts, so that no phone is checked in vain.

What is written to find out is removed again. A folder that can be written now may be full later: the log then says so.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Final

from core.problem import Problem
from core.text import T, Text

#: Bytes that have to fit: a new log with its keys takes about as much.
_TRIAL: Final = 262_144
_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})


class NotWritable(Problem):
    """Nothing can be written in the data folder, so nothing could be recorded."""

    code = "not-writable"
    exit_code = 5


class NoFolder(Problem):
    """A folder that is named by its way from the current one, which is gone."""

    code = "no-folder"
    exit_code = 5


def whole_path(path: str | Path) -> Path:
    """`path` from the root of the file system on; nothing of it has to be there.

    Raises NoFolder if it begins in the current folder, and that was deleted.
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


def _fill(descriptor: int) -> None:
    left = memoryview(bytes(_TRIAL))
    while left:
        left = left[os.write(descriptor, left) :]


def _problem(folder: Path, error: OSError, portable: bool) -> NotWritable:
    where, detail = str(folder), str(error)
    if error.errno in _FULL:
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
