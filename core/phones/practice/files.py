"""The practice phone's files: a small tree in memory, so that pushing and pulling can be practised."""

from __future__ import annotations

import posixpath
import stat
import threading
from dataclasses import dataclass
from typing import Final

#: Where a client may write. Everything else is refused.
WRITABLE: Final = ("/sdcard", "/data/local/tmp")

#: Bounds, in bytes and in number of entries.
MAX_FILE: Final = 8 * 1024 * 1024
MAX_TOTAL: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 1000
MAX_PATH: Final = 1024


class FileError(Exception):
    """A file cannot be read or written; the text is the one a phone would give."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder. `mode` is as in stat(2); `modified` in seconds since 1970."""

    mode: int
    modified: int
    content: bytes = b""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class FileTree:
    """All files of one phone. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        for path in ("/", "/data", "/data/local", *WRITABLE, "/sdcard/Download"):
            self._entries[path] = Entry(stat.S_IFDIR | 0o771, 1230768000)

    def find(self, path: str) -> Entry | None:
        """What is at `path`, or None."""
        with self._lock:
            return self._entries.get(_clean(path))

    def children(self, path: str) -> list[tuple[str, Entry]]:
        """Names and entries directly inside the folder `path`, in order; nothing where it is no folder."""
        folder = _clean(path)
        with self._lock:
            return sorted(
                (posixpath.basename(p), e)
                for p, e in self._entries.items()
                if p != "/" and posixpath.dirname(p) == folder
            )

    def read(self, path: str) -> bytes:
        """A file's content. Raises FileError."""
        entry = self.find(path)
        if entry is None:
            raise FileError("No such file or directory")
        if entry.is_folder:
            raise FileError("Is a directory")
        return entry.content

    def write(self, path: str, content: bytes, mode: int, modified: int) -> None:
        """Put a file there, with the folders on the way to it. Raises FileError."""
        target = _clean(path)
        if not any(target.startswith(f"{root}/") for root in WRITABLE):
            raise FileError("Permission denied")
        with self._lock:
            self._check_room(target, content)
            folder = posixpath.dirname(target)
            while folder not in self._entries:
                self._entries[folder] = Entry(stat.S_IFDIR | 0o771, modified)
                folder = posixpath.dirname(folder)
            self._entries[target] = Entry(stat.S_IFREG | (mode & 0o777), modified, content)

    def _check_room(self, target: str, content: bytes) -> None:
        old = self._entries.get(target)
        if old is not None and old.is_folder:
            raise FileError("Is a directory")
        parents = [p for p in self._entries if target.startswith(f"{p}/")]
        if any(not self._entries[p].is_folder for p in parents):
            raise FileError("Not a directory")
        total = sum(len(e.content) for e in self._entries.values()) - (len(old.content) if old else 0)
        too_many = len(self._entries) + target.count("/") > MAX_ENTRIES
        if len(content) > MAX_FILE or total + len(content) > MAX_TOTAL or too_many:
            raise FileError("No space left on device")


def _clean(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))
