"""The practice phone's files: a small tree in memory, so that pushing and pulling can be practised; and the apps'."""

from __future__ import annotations

import posixpath
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.simulator.apk.apk import Apk

#: Where a client may write. Everything else is refused.
WRITABLE: Final = ("/sdcard", "/data/local/tmp")

#: What is inside of these, the shell may not list; it may open what it knows the name of.
CLOSED: Final = frozenset({"/data", "/data/app"})

#: Where the kernel says at random which start of the phone this is.
BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"

#: Bounds, in bytes and in number of entries.
MAX_FILE: Final = 8 * 1024 * 1024
MAX_TOTAL: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 1000
MAX_PATH: Final = 1024


class FileError(Exception):
    """A file cannot be read or written; the text is the one a phone would give."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or a folder. `mode` is as in stat(2), `modified` in seconds since 1970; apps' files are made when read."""

    mode: int
    modified: int
    inside: bytes | Apk = b""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def size(self) -> int:
        return len(self.inside) if isinstance(self.inside, bytes) else self.inside.size

    @property
    def content(self) -> bytes:
        return self.inside if isinstance(self.inside, bytes) else self.inside.content


class FileTree:
    """All files of one phone. May be used from any thread."""

    def __init__(self, apps: Callable[[], Mapping[str, FileEntry]] = dict, boot_id: str = "") -> None:
        """`apps` gives the files that cannot be written, by path, and the folders on the way to them.

        `boot_id` is what the kernel says of this start; a phone without it does not let it be read.
        """
        self._apps = apps
        self._lock = threading.Lock()
        self._entries: dict[str, FileEntry] = {}
        for path in ("/", "/data", "/data/local", *WRITABLE, "/sdcard/Download"):
            self._entries[path] = FileEntry(stat.S_IFDIR | 0o771, 1230768000)
        if boot_id:
            self._entries[BOOT_ID] = FileEntry(stat.S_IFREG | 0o444, 1230768000, f"{boot_id}\n".encode())

    def find(self, path: str) -> FileEntry | None:
        """What is at `path`, or None."""
        with self._lock:
            own = self._entries.get(clean(path))
        return own or self._apps().get(clean(path))

    def children(self, path: str) -> list[tuple[str, FileEntry]]:
        """Names and entries directly inside the folder `path`, in order; nothing where it is none, or is closed."""
        folder = clean(path)
        if folder in CLOSED:
            return []
        apps = self._apps()
        with self._lock:
            entries = {**apps, **self._entries}
        inside = {posixpath.basename(p): e for p, e in entries.items() if p != "/" and posixpath.dirname(p) == folder}
        return sorted(inside.items(), key=lambda child: child[0])

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
        target = clean(path)
        if not any(target.startswith(f"{root}/") for root in WRITABLE):
            raise FileError("Permission denied")
        with self._lock:
            self._check_room(target, content)
            folder = posixpath.dirname(target)
            while folder not in self._entries:
                self._entries[folder] = FileEntry(stat.S_IFDIR | 0o771, modified)
                folder = posixpath.dirname(folder)
            self._entries[target] = FileEntry(stat.S_IFREG | (mode & 0o777), modified, content)

    def _check_room(self, target: str, content: bytes) -> None:
        old = self._entries.get(target)
        if old is not None and old.is_folder:
            raise FileError("Is a directory")
        parents = [p for p in self._entries if target.startswith(f"{p}/")]
        if any(not self._entries[p].is_folder for p in parents):
            raise FileError("Not a directory")
        total = sum(e.size for e in self._entries.values()) - (old.size if old else 0)
        too_many = len(self._entries) + target.count("/") > MAX_ENTRIES
        if len(content) > MAX_FILE or total + len(content) > MAX_TOTAL or too_many:
            raise FileError("No space left on device")


def clean(path: str) -> str:
    """`path` from the root on, without detours."""
    return posixpath.normpath("/" + path.lstrip("/"))
