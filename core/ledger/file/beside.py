"""What stands beside a log under the names of its files: whether it may be taken for what Fanion put there.

Whoever may write in the folder, or once could, can put something under such a name: a link that leads to a file
elsewhere, a second name of one, or a file of their own. SQLite and Fanion would read it as the log's, write into it or
delete it. So it is looked at before anything is opened.

For reading, no link may be there. For writing, everything must be of this account or the administrator's (in a folder
for several people: of the folder's group) and have no second name elsewhere. Reading is not refused for that: what is
there is evidence, and the seals tell whether it was changed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.ledger.keys.enrolment import keys_folder
from core.ledger.problems import LedgerProblem
from core.system.files import permissions
from core.system.files.files import leads_elsewhere
from core.system.files.ownership import is_ours, names_elsewhere, owner_name
from core.text import T, plain

#: What SQLite keeps beside a file, by the end of its name.
_SQLITE: Final = ("", "-journal", "-wal", "-shm")
#: Characters of an account's name.
_NAME_LIMIT: Final = 80


class LogFileLinked(LedgerProblem):
    """A name of the log's leads to a file or folder elsewhere."""

    code = "log-linked"

    def __init__(self, file: Path) -> None:
        super().__init__(
            T("The name {file}, which belongs to the log, leads to another place.", file=str(file)),
            T(
                "Tell your IT security team. Once what has that name is moved away, and the log’s own file is back in "
                "its place, the log can be used again."
            ),
        )


class SharedLogLinked(LedgerProblem):
    """A file of the log has a second name outside its folder, where no right of the folder protects it."""

    code = "shared-log-linked"

    def __init__(self, file: Path, detail: str = "") -> None:
        disk = next(place for place in file.parents if os.path.ismount(place) or place.parent == place)
        super().__init__(
            T("The file {file} has another name elsewhere, under which strangers may change it.", file=str(file)),
            T(
                "Ask your IT support to find that name (find {disk} -xdev -samefile {file}), to note whose it is, to "
                "remove it, and to verify the log: fanion log verify.",
                disk=str(disk),
                file=str(file),
            ),
            detail,
        )


class LogFileForeign(LedgerProblem):
    """A file or folder of the log is another account's than may write it."""

    code = "log-foreign"

    def __init__(self, file: Path, owner: str) -> None:
        super().__init__(
            T("{file}, which belongs to the log, is owned by the account {owner}.", file=str(file), owner=owner),
            T(
                "Sign in as {owner} if the log is that person’s. If it is yours, tell your IT security team: another "
                "person put that file there.",
                owner=owner,
            ),
        )


def require_no_links(ledger: Path) -> None:
    """Raise LogFileLinked if a name of the log's is a link that leads elsewhere."""
    for file, status in _present_files(ledger):
        if leads_elsewhere(status):
            raise LogFileLinked(file)


def require_ours(ledger: Path) -> None:
    """Raise LedgerProblem unless all that stands beside the log is of those who may write it, and nowhere else too."""
    group = None
    with contextlib.suppress(OSError):
        group = _group(ledger.parent)
    for file, status in _present_files(ledger):
        if leads_elsewhere(status):
            raise LogFileLinked(file)
        with contextlib.suppress(FileNotFoundError):  # another program's, which is at work
            if count := names_elsewhere(file, status):
                raise SharedLogLinked(file, f"names outside its folder: {count}")
            if not is_ours(file, status, group):
                raise LogFileForeign(file, plain(owner_name(status), _NAME_LIMIT))


def is_usable(file: Path, status: os.stat_result) -> bool:
    """Whether this account may delete a file beside a log; `status` is what lstat() says of it. Raises OSError."""
    if leads_elsewhere(status) or names_elsewhere(file, status):
        return False
    return is_ours(file, status, _group(file.parent))


def _group(folder: Path) -> int | None:
    """The group of a folder that was made for several people; None of any other. Raises OSError."""
    return folder.stat().st_gid if permissions.is_shared(folder) else None


def _present_files(ledger: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Each file and folder of the log that is there; in a folder for several people everything is the log's."""
    folder, keys = ledger.parent, keys_folder(ledger)
    names = {*(f"{ledger.name}{end}" for end in _SQLITE), keys.name}
    session = f"{ledger.name}-session-"
    with contextlib.suppress(OSError):
        shared = permissions.is_shared(folder)
        for file in folder.iterdir():
            if shared or file.name in names or file.name.startswith(session):
                yield from _looked_at(file)
    with contextlib.suppress(OSError):
        if not keys.is_symlink():
            for file in keys.iterdir():
                yield from _looked_at(file)


def _looked_at(file: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """A file with what lstat() says of it; nothing where it has gone, or is a hidden link."""
    with contextlib.suppress(FileNotFoundError):  # another program's, which is at work
        status = file.lstat()
        if not (file.name.startswith(".") and leads_elsewhere(status)):  # no file of the log, but an editor's mark
            yield file, status
