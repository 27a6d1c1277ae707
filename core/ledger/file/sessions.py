"""Which of the programs that wrote into a ledger are still running.

Each keeps a small file beside the ledger and holds the operating system's lock on it, which ends with the process
however that ends (see :mod:`core.system.file_lock`): an intent without an outcome is only a crash if nobody holds the
lock of the session that wrote it. No process is looked up by its number: in a log that several people write, those of
others are told apart as well.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.system import permissions
from core.system.file_lock import PATIENCE, Turn, Waiting
from core.system.files import NotAFileError, open_file

if sys.platform == "win32":
    import msvcrt

    #: What it is called that somebody else holds a lock.
    _HELD: Final = (errno.EACCES, errno.EDEADLK)

    def _lock(descriptor: int) -> None:
        """Lock the file's first byte. Raises OSError if somebody else holds it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _probe(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    _HELD: Final = (errno.EAGAIN, errno.EWOULDBLOCK)

    # flock, not lockf: a lockf lock is lost as soon as its process closes any descriptor of the same file.
    def _lock(descriptor: int) -> None:
        """Lock the file. Raises OSError if somebody else holds it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _probe(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


_ID: Final = re.compile(r"[0-9a-f]{16}")


class LockHeldError(OSError):
    """Another program has held the lock for too long."""


@contextlib.contextmanager
def lock_file(descriptor: int, waiting: Waiting | None = None) -> Iterator[None]:
    """Keep an open file to this program for a moment; wait for another program that has it.

    Raises LockHeldError, Cancelled, OSError.
    """
    os.lseek(descriptor, 0, os.SEEK_SET)
    _await_lock(descriptor, waiting)
    try:
        yield
    finally:
        _unlock(descriptor)


def _await_lock(descriptor: int, waiting: Waiting | None = None) -> None:
    turn = Turn(waiting)
    while True:
        try:
            _lock(descriptor)
            return
        except OSError as error:
            if error.errno not in _HELD:
                raise
            if not turn.rest():
                raise LockHeldError(error.errno, f"held by another program for {PATIENCE:.0f} s") from error


class Session:
    """This program's stay at a ledger. `id` is random; the lock is held until :meth:`close`."""

    def __init__(self, ledger: Path) -> None:
        """Raises OSError if the folder cannot be written or its file system knows no locks."""
        self.id = secrets.token_hex(8)
        self._path = _file(ledger, self.id)
        self._descriptor = _locked_file(self._path)
        _remove_dead(ledger)

    def close(self) -> None:
        """Let go of the lock. Never raises; a second time does nothing."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        _remove(self._path, descriptor)


def is_alive(ledger: Path, session: str) -> bool:
    """Whether the program that wrote as `session` still runs. In doubt it does: nobody may call its work a crash."""
    if not _ID.fullmatch(session):
        return False
    try:
        descriptor = open_file(_file(ledger, session), os.O_RDONLY)
    except (FileNotFoundError, NotAFileError):  # no session makes anything but a file
        return False
    except OSError:
        return True
    try:
        _probe(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _file(ledger: Path, session: str) -> Path:
    return ledger.with_name(f"{ledger.name}-session-{session}")


def _locked_file(path: Path) -> int:
    """A new file, locked. Whoever clears away the files of the dead may take it between its creation and its lock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, permissions.OWN_FILE)
        try:
            permissions.share(descriptor, path.parent)
            _await_lock(descriptor)
            if _is(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    """Whether `path` still leads to the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _remove_dead(ledger: Path) -> None:
    """Clear away the files whose programs are gone."""
    prefix = _file(ledger, "").name
    for path in [p for p in ledger.parent.iterdir() if p.name.startswith(prefix)]:
        with contextlib.suppress(OSError):
            descriptor = open_file(path, os.O_RDWR, links=False)
            try:
                _lock(descriptor)
            except OSError:
                os.close(descriptor)
            else:
                _remove(path, descriptor)


def _remove(path: Path, descriptor: int) -> None:
    """Delete a file that we hold the lock of, and let go of it.

    The lock covers the deletion, so that no session can begin on the file meanwhile. Windows cannot delete an open
    file, and for the same reason does not delete one that a session has just begun on.
    """
    if sys.platform == "win32":
        os.close(descriptor)
        with contextlib.suppress(OSError):
            path.unlink()
    else:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)
