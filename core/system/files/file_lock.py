"""The one lock on a file, and waiting for a file that another program has: for a while, or for as long as it runs.

Every lock is the operating system's, and ends with the process that holds it, however that ends; where it is flock(),
only once every child that was forked of that process, and still has the file open, has ended too. Fanion forks none
that keeps it: the file is closed in every program that it starts. So a program that waits without a limit waits for one
that runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from core.jobs import Cancel
from core.system.files import permissions
from core.system.files.files import NotAFileError, open_file

if sys.platform == "win32":
    import msvcrt

    #: What it is called that another program holds a lock.
    _HELD: Final = (errno.EACCES, errno.EDEADLK)

    def _lock(descriptor: int, shared: bool) -> None:
        """Lock the file's first byte. Raises OSError if another program holds it."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    _HELD: Final = (errno.EAGAIN, errno.EWOULDBLOCK)

    # flock, not lockf: a lockf lock is lost as soon as its process closes any descriptor of the same file.
    def _lock(descriptor: int, shared: bool) -> None:
        """Lock the file. Raises OSError if another program holds it."""
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


_T = TypeVar("_T")

#: Seconds for which a lock is waited for where no person sees the waiting and could stop it.
PATIENCE: Final = 30.0
#: Seconds after which a waiting is shown.
_SILENT: Final = 1.0
#: Seconds between two attempts, before that and afterwards.
_STEPS: Final = (0.01, 0.1)


class LockHeldError(OSError):
    """Another program has held the lock for too long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a program waits that a person looks at: as long as it takes.

    `report` is told again and again for how many seconds so far. `button` gives the stop button that is at hand just
    now, if there is one.
    """

    report: Callable[[float], object]
    button: Callable[[], Cancel | None]


class Patience:
    """One waiting, which begins when this is made; without `waiting`, it is for `PATIENCE` seconds."""

    def __init__(self, waiting: Waiting | None) -> None:
        self._waiting = waiting
        self._button = waiting.button() if waiting is not None else None
        # An officer who stops has something to write down all the same, but does not wait for ever with it.
        self._limited = waiting is None or (self._button is not None and self._button.pressed)
        self._began = time.monotonic()

    def pause(self) -> bool:
        """Sleep until the next attempt; false where there is to be none. Raises Cancelled."""
        waited = time.monotonic() - self._began
        if self._limited:
            if waited >= PATIENCE:
                return False
        elif self._button is not None:
            self._button.check()
        if self._waiting is not None and waited >= _SILENT:
            self._waiting.report(waited)
        time.sleep(_STEPS[waited >= _SILENT])
        return True


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file, at once or not at all; a `shared` lock keeps off only those that are not, except on Windows.

    Raises OSError where the file system knows no locks.
    """
    try:
        _lock(descriptor, shared)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        return False
    return True


@contextlib.contextmanager
def locked(descriptor: int, waiting: Waiting | None = None) -> Iterator[None]:
    """Keep an open file to this program for a moment; wait for another program that has it.

    Raises LockHeldError, Cancelled, OSError.
    """
    _await(lambda: try_lock(descriptor), waiting)
    try:
        yield
    finally:
        _unlock(descriptor)


def is_held(path: Path, *, in_doubt: bool = True) -> bool:
    """Whether a program holds the lock of the file at `path`; `in_doubt` where that cannot be seen."""
    try:
        descriptor = open_file(path, os.O_RDONLY, links=False)
    except (FileNotFoundError, NotAFileError):  # what is locked is always a file
        return False
    except OSError:
        return in_doubt
    try:
        return not try_lock(descriptor, shared=True)
    except OSError:
        return in_doubt
    finally:
        os.close(descriptor)


class LockFile:
    """A file that is there for its lock alone, and goes with it: how other programs see that this one runs."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Keep an open lock file. Callers use :meth:`take` and :meth:`hold`."""
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, make: bool = True) -> LockFile | None:
        """Lock the file at `path`, which is made if it is not there; None where another program holds it.

        Without `make`, it has to be there. No link may lead to it. Raises OSError.
        """
        while True:
            descriptor = _opened(path) if make else open_file(path, os.O_RDWR, links=False)
            try:
                if not try_lock(descriptor):
                    os.close(descriptor)
                    return None
                if _is(path, descriptor):
                    return cls(path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # it was cleared away between its opening and its lock

    @classmethod
    def hold(cls, path: Path) -> LockFile:
        """Take the lock as :meth:`take` does, but wait for a program that holds it only to clear it away. Raises
        OSError."""
        return _await(lambda: cls.take(path), None)

    def release(self) -> None:
        """Delete the file and let go of the lock. Never raises; a second time does nothing.

        The lock covers the deletion, so that no other program can begin on the file meanwhile. Windows cannot delete
        an open file, and for the same reason does not delete one that another program has just begun on.
        """
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        if sys.platform == "win32":
            os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path.unlink()
        if sys.platform != "win32":
            os.close(descriptor)


def _await(attempt: Callable[[], _T | None], waiting: Waiting | None) -> _T:
    """Repeat `attempt` until it gives something. Raises LockHeldError, Cancelled."""
    patience = Patience(waiting)
    while not (result := attempt()):
        if not patience.pause():
            raise LockHeldError(errno.EAGAIN, f"held by another program for {PATIENCE:.0f} s")
    return result


def _opened(path: Path) -> int:
    """The descriptor of the file at `path`, which is made if it is not there. Raises OSError."""
    while True:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, flags, permissions.OWN_FILE)
            try:
                permissions.share(descriptor, path.parent)
            except BaseException:
                os.close(descriptor)
                raise
            return descriptor
        with contextlib.suppress(FileNotFoundError):  # it went meanwhile
            return open_file(path, os.O_RDWR, links=False)


def _is(path: Path, descriptor: int) -> bool:
    """Whether `path` still leads to the open file."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
