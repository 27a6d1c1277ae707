"""The folder in which everybody who uses a computer writes one log: whether it is there, and made as it has to be.

Only the administrator makes it: a folder that a program made would belong to the first user. What is
wrong with it means that nothing is recorded, so that nothing may be done; no other log takes its place.

On Windows its access list decides, which is inherited by what is made in it: it must let no group of everybody in, and
whether the groups that it does let in are the right ones, only the administrator can say.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from core.ledger.place import keys_folder
from core.ledger.problems import PATH, LedgerFileProblem, LedgerProblem
from core.system.files import permissions, windows_acl
from core.system.processes.programs import way_to
from core.text import T, plain

if sys.platform != "win32":
    import grp

#: Characters of a group's name.
_NAME_LIMIT = 80
_ONE_GROUP = T("Ask your IT support to let one group alone use the folder: mode 2770.")


class SharedLogMissing(LedgerFileProblem):
    """There is no such folder, or it cannot be reached."""

    code = "shared-log-missing"
    sentence_text = T("The folder {folder} for the log of this computer is not there.", folder=PATH)
    next_text = T("Ask your IT support to make it, or to plug in what it is on.")


class SharedLogForbidden(LedgerProblem):
    """This officer does not belong to the group that the folder is for. `group` is its name."""

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
    """The folder can be written by everybody; on Windows, by `groups`, whose identifiers (SID) its access list has.

    There it is enough that they may read: the keys that sign the log are in the folder too.
    """

    code = "shared-log-open"

    def __init__(self, folder: Path, detail: str = "", groups: tuple[str, ...] = ()) -> None:
        next_step = _ONE_GROUP
        if groups:
            next_step = T(
                "Ask your IT support to let one group alone use the folder: to run {first} and then {second} as an "
                "administrator.",
                first=f'icacls "{folder}" /inheritance:d',
                second=f'icacls "{folder}" /remove {" ".join(f"*{group}" for group in groups)}',
            )
        super().__init__(
            T("Any user could change the log of this computer in {folder}.", folder=str(folder)), next_step, detail
        )


class SharedLogUnfit(LedgerFileProblem):
    """The folder is not one in which the members of a group can go on with what another of them has begun."""

    code = "shared-log-unfit"
    sentence_text = T("The folder {folder} is not made for a log that several people write.", folder=PATH)
    next_text = _ONE_GROUP


class SharedLogReplaceable(LedgerProblem):
    """Other accounts that may write in `place`, or own it, could take the folder away and put another one there."""

    code = "shared-log-replaceable"

    def __init__(self, folder: Path, place: Path, detail: str = "") -> None:
        super().__init__(
            T(
                "Another folder could be put in the place of {folder}: others than administrators may change {place}.",
                folder=str(folder),
                place=str(place),
            ),
            T("Ask your IT support to give {place} to root, with mode 755.", place=str(place)),
            detail,
        )


class SharedFileUnfit(LedgerProblem):
    """A file of the log can be used by the user who made it, or by root, and not by everybody in the group."""

    code = "shared-log-unfit"

    def __init__(self, file: Path, group: str, detail: str = "") -> None:
        super().__init__(
            T("Not all users who may write this log may use {file}.", file=str(file)),
            T(
                "Ask your IT support to give it to the group {group}, with mode 660, or 2770 if it is a folder.",
                group=group,
            ),
            detail,
        )


def require(folder: Path) -> None:
    """Raise LedgerProblem unless `folder` is one for a log that several people write, and this person one of them.

    Its group has to be able to do everything in it, what is made in it has to belong to that group, and no others may
    write in it. Where the sticky bit is set, no user can clear away what another has left in the middle of a writing.
    Only administrators and the group may be able to put another folder in its place.
    """
    try:
        status = folder.stat()
    except PermissionError as error:
        raise SharedLogForbidden(folder, detail=str(error)) from error
    except (OSError, ValueError) as error:
        raise SharedLogMissing(folder, str(error)) from error
    if not stat.S_ISDIR(status.st_mode):
        raise SharedLogMissing(folder, f"mode {status.st_mode:o}")
    if sys.platform == "win32":
        _require_listing(folder)
        return
    mode = stat.S_IMODE(status.st_mode)
    if mode & stat.S_IWOTH:
        raise SharedLogOpen(folder, f"mode {mode:o}")
    if not mode & stat.S_ISGID or mode & stat.S_IRWXG != stat.S_IRWXG or mode & stat.S_ISVTX:
        raise SharedLogUnfit(folder, f"mode {mode:o}")
    detail = f"mode {mode:o}, group {status.st_gid}"
    belongs = os.geteuid() == 0 or status.st_gid in (os.getegid(), *os.getgroups())
    if not belongs and (status.st_gid == 0 or os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        # The folder is root's alone, or an access list lets others in. The system takes the set-group-ID bit from what
        # they make, in silence, so that no other user could go on with it; and no user is to be put into root's group.
        raise SharedLogUnfit(folder, detail)
    if not os.access(folder, os.R_OK | os.X_OK) or not (os.access(folder, os.W_OK) or _is_read_only(folder)):
        raise SharedLogForbidden(folder, _group(status.st_gid), detail)
    try:
        _require_place(folder, status)
    except OSError as error:  # it went meanwhile
        raise SharedLogMissing(folder, str(error)) from error


def require_files(ledger: Path) -> None:
    """Raise SharedFileUnfit if a file of a log for several people is not there for everybody in the folder's group."""
    for file, status in _files(ledger):
        if file.parent == ledger.parent and not file.name.startswith(ledger.stem):
            continue  # not the log's
        if file.name.startswith((".", f"{ledger.name}-")):
            continue  # another program is just making it
        group = ledger.parent.stat().st_gid
        needed = stat.S_IRWXG if stat.S_ISDIR(status.st_mode) else stat.S_IRGRP | stat.S_IWGRP
        if status.st_gid != group or status.st_mode & needed != needed:
            detail = f"mode {stat.S_IMODE(status.st_mode):o}, group {_group(status.st_gid)}"
            raise SharedFileUnfit(file, _group(group), detail)


def _files(ledger: Path) -> list[tuple[Path, os.stat_result]]:
    """What stands in the folder of a log for several people and in that of its keys; nothing where it is one's own."""
    files = []
    with contextlib.suppress(OSError):
        if permissions.is_shared(ledger.parent):
            for folder in (ledger.parent, keys_folder(ledger)):
                for file in folder.iterdir():
                    with contextlib.suppress(FileNotFoundError):  # another program's, which is at work
                        files.append((file, file.lstat()))
    return files


def _require_place(folder: Path, folder_status: os.stat_result) -> None:
    """Raise SharedLogReplaceable unless every name that leads to the folder is safe.

    As OpenSSH's StrictModes has it: each folder on the way belongs to root or to the folder's owner, and others may not
    write in it, unless the sticky bit keeps them from each other's names. A folder's group may be root's or the log's.
    """
    for place in way_to(folder.absolute()):
        status = place.lstat()
        if status.st_uid not in (0, folder_status.st_uid):
            raise SharedLogReplaceable(folder, place, f"owner {status.st_uid}")
        if stat.S_ISDIR(status.st_mode) and not status.st_mode & stat.S_ISVTX:
            trusted = status.st_gid in (0, folder_status.st_gid)
            if status.st_mode & (stat.S_IWOTH if trusted else stat.S_IWOTH | stat.S_IWGRP):
                raise SharedLogReplaceable(folder, place, f"mode {stat.S_IMODE(status.st_mode):o}")


def _require_listing(folder: Path) -> None:
    """Windows: whether it may be written, the first writing tells; `os.access` does not ask the access list."""
    try:
        with os.scandir(folder):
            pass
        groups = windows_acl.of(folder, follow=True).crowds()
    except (PermissionError, ValueError) as error:
        raise SharedLogForbidden(folder, detail=str(error)) from error
    except OSError as error:
        raise SharedLogMissing(folder, str(error)) from error
    if groups:
        raise SharedLogOpen(folder, ", ".join(groups), groups)


def _is_read_only(folder: Path) -> bool:
    """Whether its medium is write-protected: that is told in other words, when a writing is tried."""
    if sys.platform == "win32":
        return False
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _group(number: int) -> str:
    """The name of a group; its number where it has no name."""
    if sys.platform != "win32":
        try:
            return plain(grp.getgrgid(number).gr_name, _NAME_LIMIT)
        except KeyError:
            pass
    return str(number)
