"""The evidence folder itself: files that are written whole, named by their SHA-256, read-only, and never used.

What is in it comes from hostile apps. Fanion hashes it, and nothing else: it opens none of it as a program, an archive
or a picture, and no name in it was chosen by an app. Whoever may write beside the log may put something there as well:
so no link is followed, and a file is what its name says only where its bytes hash to that.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import re
import secrets
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import IO, Final, TypeVar

from core.jobs import WAITING, Cancel
from core.ledger.place import evidence_folder
from core.problem import Problem
from core.system.files import permissions
from core.system.files.disk_reservation import DiskReservation, NoRoomError
from core.system.files.file_lock import LockFile, is_held
from core.system.files.files import (
    UNFINISHED,
    is_folder,
    make_folder,
    open_file,
    sync_file,
    sync_folder,
    writing_new,
)
from core.system.files.folder_check import FULL
from core.system.files.read_only import delete_read_only, move_read_only
from core.system.files.unfinished import is_under_way, sweep, unfinished_folder
from core.text import T, Text

_NAME: Final = re.compile("[0-9a-f]{64}")
#: Held while files get their names and are put on record, and while files are deleted.
_LOCK: Final = f"{UNFINISHED}naming.lock"
#: Bytes that are hashed at a time.
_BLOCK: Final = 2**20
#: Pieces of a file that are written in one go, of 64 KiB at most; and how often as many may wait.
_AT_ONCE: Final = 16
_WAITING: Final = 4
#: Bytes after which what was written is made durable, so that little is left to do at the end of a file.
_SYNCED_EACH: Final = 32 * 2**20
_MEGA: Final = 1e6
_T = TypeVar("_T")


class FileState(StrEnum):
    """What is in the folder under the name of a file that a record refers to."""

    #: A file of the right size, whose bytes were not compared.
    THERE = "there"
    #: A file whose bytes hash to its name.
    WHOLE = "whole"
    #: Something else: other bytes, another size, a link, a folder.
    ALTERED = "altered"
    MISSING = "missing"


class EvidenceProblem(Problem):
    """Files cannot be kept in the evidence folder; nothing half-kept is left there."""

    code = "evidence"
    exit_code = 5


def no_room(folder: Path, needed: int, free: int) -> EvidenceProblem:
    """There is not as much free on the disk as the files need and as stays free (bytes)."""
    return EvidenceProblem(
        T(
            "There is no room for a copy of the app’s files: it takes {needed} MB, and {free} MB are free in {folder}.",
            needed=needed / _MEGA,
            free=max(free, 0) / _MEGA,
            folder=str(folder),
        ),
        T("Free some space on the disk, then try again."),
        code="evidence-room",
    )


def unusable(folder: Path, reason: Text | str) -> EvidenceProblem:
    """The folder is not one that Fanion may write into."""
    return EvidenceProblem(
        T("The evidence folder {folder} cannot be used: {reason}.", folder=str(folder), reason=reason),
        T("Tell your IT security team. Once what has that name is moved away, files can be kept again."),
        code="evidence-folder",
    )


def not_written(folder: Path, error: OSError) -> EvidenceProblem:
    """A file could not be written, or not durably."""
    if error.errno in FULL:
        return EvidenceProblem(
            T("The copy of the app’s files was given up: the disk with {folder} is full.", folder=str(folder)),
            T("Free some space on the disk, then try again."),
            str(error),
            code="evidence-room",
        )
    return EvidenceProblem(
        T("The copy of the app’s files could not be written into {folder}.", folder=str(folder)),
        T("Ask your IT support for permission to write to the folder, then try again."),
        str(error),
    )


class EvidenceFolder:
    """The evidence folder of one log. May be used from any thread, and by several programs at once."""

    def __init__(self, ledger: Path) -> None:
        self.path = evidence_folder(ledger)

    @contextlib.contextmanager
    def copying(self) -> Iterator[Copies]:
        """Copies that are kept by :meth:`Copies.keep`; of what is not kept nothing stays once the block is left.

        Raises EvidenceProblem.
        """
        try:
            self._prepare()
            with unfinished_folder(self.path, private=True) as part:
                copies = Copies(self.path, part)
                with copies:
                    yield copies
        except OSError as error:
            raise not_written(self.path, error) from error

    def look(self, sha256: str, size: int | None, cancel: Cancel, *, verify: bool) -> FileState:
        """What is there under this name; with `verify` all of it is read. Raises Cancelled, EvidenceProblem."""
        if not _NAME.fullmatch(sha256):
            return FileState.MISSING
        path = self.path / sha256
        try:
            if not is_folder(self.path):
                return FileState.MISSING
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or (size is not None and status.st_size != size):
                return FileState.ALTERED
            if not verify:
                return FileState.THERE
            return FileState.WHOLE if _hash_of(path, cancel) == sha256 else FileState.ALTERED
        except FileNotFoundError:
            return FileState.MISSING
        except OSError as error:
            raise EvidenceProblem(
                T("The file {file} cannot be read.", file=str(path)),
                T("Ask your IT support for permission to read it."),
                str(error),
            ) from error

    def names(self) -> list[str]:
        """The names of everything in the folder but what a program is writing just now, in their order."""
        try:
            if not is_folder(self.path):
                return []
            return sorted(name for name in os.listdir(self.path) if not self._is_under_way(self.path / name))
        except OSError as error:
            raise not_written(self.path, error) from error

    def _is_under_way(self, path: Path) -> bool:
        return is_under_way(path) or (path.name == _LOCK and is_held(path, in_doubt=False))

    def locked(self) -> AbstractContextManager[None]:
        """While no other program or thread names or deletes files here. Raises OSError."""
        return _naming(self.path)

    def delete(self, sha256: str) -> None:
        """Delete the file of this name; one that is not there is none. Raises OSError.

        Nothing of a person is in an app's files: they are not overwritten. Call it while the folder is :meth:`locked`.
        """
        if _NAME.fullmatch(sha256) and is_folder(self.path):
            delete_read_only(self.path / sha256)

    def sweep(self) -> None:
        """Clear away what a program that was killed left half-written. Never raises."""
        with contextlib.suppress(OSError):
            if is_folder(self.path):
                sweep(self.path)

    def _prepare(self) -> None:
        """Make the folder if it is not there. Raises EvidenceProblem for anything else in its place, OSError."""
        if not os.path.lexists(self.path):
            make_folder(self.path)
        if not is_folder(self.path):
            raise unusable(self.path, T("something else has its name"))
        if sys.platform != "win32":
            status = self.path.stat()
            if status.st_uid not in (0, os.geteuid()) and not permissions.is_shared(self.path.parent):
                raise unusable(self.path, T("another account owns it"))


class CopiedFile:
    """One file on its way into the folder. A thread of its own hashes and writes what comes, and has it written to the
    disk bit by bit, so that the phone is read on meanwhile: the cable sets the pace, and not the disk after it."""

    def __init__(self, path: Path, file: IO[bytes], room: DiskReservation) -> None:
        self.path = path
        self._room = room
        #: How many bytes were given.
        self.size = 0
        self._file = file
        self._hash = hashlib.sha256()
        self._pieces: list[memoryview] = []
        self._waiting: queue.Queue[list[memoryview]] = queue.Queue(_WAITING)
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._write_all, name="evidence file", daemon=True)
        self._thread.start()

    def write(self, piece: memoryview) -> None:
        """The next bytes, which do not change afterwards. Raises EvidenceProblem: to what reads the phone, an OSError
        would be the phone's."""
        self._require_written()
        self._pieces.append(piece)
        self.size += len(piece)
        if len(self._pieces) == _AT_ONCE:
            self._hand_over()

    @property
    def sha256(self) -> str:
        """The hash of all that was given, in hex. Raises EvidenceProblem where not all could be written."""
        self._hand_over()
        self._waiting.join()
        self._require_written()
        return self._hash.hexdigest()

    def end(self) -> None:
        """No more bytes. Never raises."""
        self._hand_over()
        if self._thread.is_alive():
            self._waiting.put([])
            self._thread.join()

    def _hand_over(self) -> None:
        """Have the thread write the pieces that are here. Threads that hand over to each other often are slow."""
        if self._pieces:
            self._waiting.put(self._pieces)
            self._pieces = []

    def _require_written(self) -> None:
        if self._failed is not None:
            raise not_written(self.path.parent.parent, self._failed) from self._failed

    def _write_all(self) -> None:
        """Hash and write until the end; what comes after a failure is dropped."""
        unsynced = 0
        while pieces := self._waiting.get():
            try:
                if self._failed is None:
                    self._room.give_back(sum(map(len, pieces)))
                    for piece in pieces:
                        self._hash.update(piece)
                        self._file.write(piece)
                        unsynced += len(piece)
                    if unsynced >= _SYNCED_EACH:
                        self._file.flush()
                        sync_file(self._file.fileno())
                        unsynced = 0
            except OSError as error:
                self._failed = error
            finally:
                self._waiting.task_done()
        self._waiting.task_done()


class Copies:
    """The files of one copying: under temporary names, until :meth:`keep`."""

    def __init__(self, folder: Path, part: Path) -> None:
        self._folder, self._part = folder, part
        self._files: list[CopiedFile] = []
        self._room = DiskReservation(part)

    def __enter__(self) -> Copies:
        return self

    def take_room(self, needed: int) -> None:
        """Take the room for so many bytes before they are written. Raises EvidenceProblem where it is not there."""
        try:
            self._room.take(needed)
        except NoRoomError as error:
            raise no_room(self._folder, needed, error.free) from error
        except OSError as error:
            raise not_written(self._folder, error) from error

    def __exit__(self, *_: object) -> None:
        self._room.close()
        shutil.rmtree(self._part, ignore_errors=True)  # it holds nothing of a person that would be overwritten

    @contextlib.contextmanager
    def file(self) -> Iterator[CopiedFile]:
        """A new file to write into; it is durable once the block is left. Raises EvidenceProblem where the disk is
        full, or cannot be written."""
        path = self._part / secrets.token_hex(8)
        try:
            with writing_new(path) as opened:
                copied = CopiedFile(path, opened, self._room)
                try:
                    yield copied
                finally:
                    copied.end()
                _ = copied.sha256  # raises where not all was written
        except OSError as error:
            raise not_written(self._folder, error) from error
        self._files.append(copied)

    def keep(self, wanted: Collection[str], record: Callable[[], _T]) -> _T:
        """Give each file whose hash is `wanted` that hash for its name, make it read-only, and have `record` put on
        record what refers to them; equal files become one. If it raises, none of them is kept.

        Without a turn: no lock is held while one is waited for. Raises EvidenceProblem, and what `record` raises.
        """
        fresh: list[Path] = []
        with WAITING, contextlib.ExitStack() as lock:
            try:
                lock.enter_context(_naming(self._folder))
                for file in (file for file in self._files if file.sha256 in wanted):
                    target = self._folder / file.sha256
                    is_fresh = not os.path.lexists(target)
                    move_read_only(file.path, target)
                    fresh += [target] if is_fresh else []
                sync_folder(self._folder)
                return record()
            except BaseException as error:
                for path in fresh:
                    with contextlib.suppress(OSError):
                        delete_read_only(path)
                if isinstance(error, OSError):
                    raise not_written(self._folder, error) from error
                raise


@contextlib.contextmanager
def _naming(folder: Path) -> Iterator[None]:
    """While no other program or thread names or deletes files here. Raises OSError."""
    lock = LockFile.hold(folder / _LOCK)
    try:
        yield
    finally:
        lock.release()


def _hash_of(path: Path, cancel: Cancel) -> str:
    """The SHA-256 of a file, in hex. Raises OSError, Cancelled."""
    digest = hashlib.sha256()
    with os.fdopen(open_file(path, os.O_RDONLY, links=False), "rb", buffering=0) as file:
        while piece := file.read(_BLOCK):
            cancel.check()
            digest.update(piece)
    return digest.hexdigest()
