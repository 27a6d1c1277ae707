"""The folder in which everybody who uses a computer writes one log: whether it is there, and made as it has to be.

The administrator makes it, and nobody else: a folder that a program made would belong to whoever came first. What is
wrong with it means that nothing is recorded, so that nothing may be done; no other log takes its place.

On Windows its access list decides, which is inherited by what is made in it; whether that is the right one, only the
administrator can say.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from core.ledger import LedgerProblem
from core.text import T, plain

#: Characters of a group's name.
_NAME_LIMIT = 80


class SharedLogMissing(LedgerProblem):
    """There is no such folder, or it cannot be reached."""

    code = "shared-log-missing"

    def __init__(self, folder: Path, detail: str = "") -> None:
        super().__init__(
            T("The folder {folder} for the log of this computer is not there.", folder=str(folder)),
            T("Ask your IT support to make it, or to plug in what it is on."),
            detail,
        )


class SharedLogForbidden(LedgerProblem):
    """Whoever works here does not belong to those whom the folder is for. `group` is what they are called."""

    code = "shared-log-forbidden"

    def __init__(self, folder: Path, group: str = "", detail: str = "") -> None:
        next_step = T("Ask your IT support to let you use that folder, then sign in to the computer again.")
        if group:
            next_step = T(
                "Ask your IT support to put you into the group {group}, then sign in to the computer again.",
                group=group,
            )
        super().__init__(
            T("You may not use the log of this computer in {folder}.", folder=str(folder)), next_step, detail
        )


class SharedLogOpen(LedgerProblem):
    """The folder can be written by everybody."""

    code = "shared-log-open"

    def __init__(self, folder: Path, detail: str = "") -> None:
        super().__init__(
            T("Anybody could change the log of this computer in {folder}.", folder=str(folder)),
            T("Ask your IT support to let one group alone use the folder: mode 2770."),
            detail,
        )


class SharedLogUnfit(LedgerProblem):
    """The folder is not one in which the members of a group can go on with what another of them has begun."""

    code = "shared-log-unfit"

    def __init__(self, folder: Path, detail: str = "") -> None:
        super().__init__(
            T("The folder {folder} is not made for a log that several people write.", folder=str(folder)),
            T("Ask your IT support to let one group alone use the folder: mode 2770."),
            detail,
        )


def require(folder: Path) -> None:
    """Raise LedgerProblem unless `folder` is one for a log that several people write, and this person one of them.

    Its group has to be able to do everything in it, what is made in it has to belong to that group, and nobody else may
    write in it. Where the sticky bit is set, nobody can clear away what another has left in the middle of a writing.
    """
    try:
        found = folder.stat()
    except PermissionError as error:
        raise SharedLogForbidden(folder, detail=str(error)) from error
    except (OSError, ValueError) as error:
        raise SharedLogMissing(folder, str(error)) from error
    if not stat.S_ISDIR(found.st_mode):
        raise SharedLogMissing(folder, f"mode {found.st_mode:o}")
    if sys.platform == "win32":
        _require_listing(folder)
        return
    mode = stat.S_IMODE(found.st_mode)
    if mode & stat.S_IWOTH:
        raise SharedLogOpen(folder, f"mode {mode:o}")
    if not mode & stat.S_ISGID or mode & stat.S_IRWXG != stat.S_IRWXG or mode & stat.S_ISVTX:
        raise SharedLogUnfit(folder, f"mode {mode:o}")
    if not os.access(folder, os.R_OK | os.X_OK) or not (os.access(folder, os.W_OK) or _is_read_only(folder)):
        raise SharedLogForbidden(folder, _group(found.st_gid), f"mode {mode:o}, group {found.st_gid}")


def _require_listing(folder: Path) -> None:
    """Windows: whether it may be written, the first writing tells; `os.access` does not ask the access list."""
    try:
        with os.scandir(folder):
            pass
    except PermissionError as error:
        raise SharedLogForbidden(folder, detail=str(error)) from error
    except OSError as error:
        raise SharedLogMissing(folder, str(error)) from error


def _is_read_only(folder: Path) -> bool:
    """Whether nobody can write on what it is on: that is told in other words, when somebody does."""
    if sys.platform == "win32":
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _group(number: int) -> str:
    """What a group is called; its number where it has no name."""
    if sys.platform != "win32":
        import grp

        try:
            return plain(grp.getgrgid(number).gr_name, _NAME_LIMIT)
        except KeyError:
            pass
    return str(number)
