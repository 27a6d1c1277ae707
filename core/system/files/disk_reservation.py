"""Room on a disk that is taken before it is filled, so that two who see what is free do not both count on it.

The file system itself keeps the account, for all programs and all folders of one disk: an unnamed file is given as many
bytes as are to be written, and gives them back as they are. It goes with its program, however that ends.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

#: Bytes of a disk that nobody takes: they are the log's, so that it can go on.
RESERVE: Final = 256 * 2**20
#: Bytes that are taken at a time. Programs that look at the same moment take as many each, and not of the log's.
_SLICE: Final = 8 * 2**20


class NoRoomError(OSError):
    """There are not as many bytes free as are needed; `free` are (bytes), beside those that nobody takes."""

    def __init__(self, free: int) -> None:
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.free = max(free, 0)


def leave_reserve(folder: Path, log: Path) -> None:
    """Raise NoRoomError where `folder` is on the disk of a log, and nothing but the log's share is free there; for
    files that become as large as they do. Raises OSError."""
    if folder.stat().st_dev == log.stat().st_dev and (free := shutil.disk_usage(folder).free) < RESERVE:
        raise NoRoomError(free - RESERVE)


class DiskReservation:
    """Bytes of the disk that `folder` is on, which are this object's until they are given back. For any thread."""

    def __init__(self, folder: Path, reserve: int = RESERVE) -> None:
        """Nothing is taken yet; `reserve` bytes always stay free. Raises OSError."""
        self._folder, self._reserve = folder, reserve
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - `close` closes it
        self._size = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Take so many bytes more, or none. Raises NoRoomError, OSError."""
        with self._lock:
            before = self._size
            try:
                while (missing := before + size - self._size) > 0:
                    free = shutil.disk_usage(self._folder).free - self._reserve
                    if missing > free:
                        raise NoRoomError(free + self._size - before)
                    piece = min(_SLICE, missing)
                    self._allocate(piece)
                    self._size += piece
            except OSError:
                self._shrink(before)
                raise

    def give_back(self, size: int) -> None:
        """Let go of so many bytes, as they are written elsewhere on the disk just now. Raises OSError."""
        with self._lock:
            self._shrink(max(self._size - size, 0))

    def close(self) -> None:
        """Let go of all. Never raises."""
        self._file.close()

    def _shrink(self, size: int) -> None:
        self._file.truncate(size)
        self._size = size

    def _allocate(self, size: int) -> None:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._file.fileno(), self._size, size)
        elif sys.platform == "win32":
            self._file.truncate(self._size + size)  # NTFS gives a file all the clusters of its size
        else:  # macOS: a longer file is given nothing until it is written
            os.pwrite(self._file.fileno(), bytes(size), self._size)
