"""Files on a key or a share that others write too: read within bounds, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from core.ledger.problems import LedgerProblem
from core.system.files import NotAFileError, TooLargeError, is_folder, read_file, replace_file, sync_folder
from core.text import T

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN: Final = (errno.EROFS, errno.EACCES, errno.EPERM)


class MediumProblem(LedgerProblem):
    """The key, or the share, cannot be read or written."""

    code = "medium"


@contextlib.contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Turn what the medium with `folder` may do into a MediumProblem."""
    try:
        yield
    except OSError as error:
        detail = str(error)
        if error.errno in _FULL:
            raise MediumProblem(
                T("The medium with the folder {folder} is full.", folder=str(folder)),
                T("Free some space on it, or take another one, then try again."),
                detail,
            ) from error
        if error.errno in _FORBIDDEN:
            raise MediumProblem(
                T("You may not write to the folder {folder}, or its medium is write-protected.", folder=str(folder)),
                T("Take off the protection, or choose another folder, then try again."),
                detail,
            ) from error
        raise MediumProblem(
            T("The folder {folder} cannot be reached any more, or its medium reported an error.", folder=str(folder)),
            T("Plug the medium in again and wait until the computer shows it, then try again."),
            detail,
        ) from error


def names(folder: Path, limit: int) -> list[str]:
    """The names in `folder`, in no order, and no more than `limit` of them. Raises OSError."""
    with os.scandir(folder) as found:
        return [entry.name for entry in islice(found, limit)]


def read(path: Path, limit: int) -> bytes | None:
    """The content of a file; None for what is no file, or longer than `limit` bytes. Raises OSError.

    Nothing is followed that leads elsewhere, and nothing waited for that never ends.
    """
    try:
        return read_file(path, limit, links=False)
    except (NotAFileError, TooLargeError):
        return None


def put(path: Path, content: bytes) -> None:
    """Put a file in the place of `path`. When this returns, it is on the medium. Raises OSError."""
    # Others are to read and to replace it: who may, the medium decides.
    replace_file(path, content, private=False)


def make_folder(path: Path) -> None:
    """Make `path`, whose own folder is there. Raises OSError, also where something else stands there."""
    if not is_folder(path):
        path.mkdir()
        sync_folder(path.parent)
