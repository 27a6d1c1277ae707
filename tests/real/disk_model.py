"""A model of a disk: what is certain to be on it after a power cut, and what may be, as system calls tell it.

Of what was not synced yet, each sector of 512 bytes may be there or not, and of the names in a folder that was not
synced, only the older ones. The calls are those that strace(1) writes down.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SECTOR = 512
#: Every call that changes what files have, or where they are. Those that the model does not know fail the test.
CALLS = (
    "openat,open,creat,close,lseek,dup,dup2,dup3,"
    "write,writev,pwrite64,pwritev,pwritev2,copy_file_range,sendfile,truncate,ftruncate,fallocate,"
    "fsync,fdatasync,sync_file_range,"
    "link,linkat,symlink,symlinkat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir"
)


@dataclass(eq=False)
class File:
    """What is certain of a file's content, and what was written since: where and what, or how long it was cut."""

    certain: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.certain = self.after_cut(None)
        self.pending.clear()

    def after_cut(self, chance: random.Random | None) -> bytes:
        """What is there after a power cut; without a chance, what is there without one."""
        content = bytearray(self.certain)
        for at, data in self.pending:
            if data is None:
                if chance is None or chance.random() < 0.5:
                    content[at:] = bytes(max(0, at - len(content)))
                continue
            fate = chance.choice(["all", "none", "torn"]) if chance else "all"
            # Whole sectors of the disk, not 512 bytes from where the writing began.
            edges = [at, *range((at // SECTOR + 1) * SECTOR, at + len(data), SECTOR), at + len(data)]
            for start, end in pairwise(edges):
                if fate == "all" or (fate == "torn" and chance is not None and chance.random() < 0.5):
                    content.extend(bytes(max(0, start - len(content))))
                    content[start:end] = data[start - at : end - at]
        return bytes(content)


@dataclass(eq=False)
class Folder:
    """Which names are certain to be in a folder, and what became of names since; None: not there any more."""

    certain: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def sync(self) -> None:
        self.certain = self.after_cut(len(self.pending))
        self.pending.clear()

    def after_cut(self, changes: int) -> dict[str, File | Folder]:
        names: dict[str, File | Folder | None] = dict(self.certain)
        for change in self.pending[:changes]:
            names |= change
        return {name: there for name, there in names.items() if there is not None}

    def now(self) -> dict[str, File | Folder]:
        return self.after_cut(len(self.pending))


#: A folder, and a name in it; the empty one is the folder itself.
Place = tuple[Folder, str]


class Disk:
    """The folder `root` and what is in it, as one process sees it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.top = Folder()
        #: Open files, and where in them the next writing is.
        self.open_files: dict[int, File | Folder] = {}
        self._at: dict[int, int] = {}

    def _find(self, path: str, at: str = "AT_FDCWD") -> Place | None:
        """The folder of a path and its last name; None for what is elsewhere, as the working directory is.

        `at` is the descriptor of the folder that a relative path begins in.
        """
        here = self.top
        if path.startswith(f"{self._root}{os.sep}"):
            path = path[len(str(self._root)) + 1 :]
        elif path == str(self._root):
            return self.top, ""
        elif os.path.isabs(path) or at == "AT_FDCWD" or int(at) not in self.open_files:
            return None
        else:
            folder = self.open_files[int(at)]
            assert isinstance(folder, Folder)
            here = folder
        *folders, name = path.split(os.sep)
        for part in folders:
            inside = here.now()[part]
            assert isinstance(inside, Folder)
            here = inside
        return here, name

    def do(self, call: str, arguments: list[str], result: int) -> None:
        """One system call that went well."""
        match call:
            case "openat":
                self._opened(self._find(text_of(arguments[1]), arguments[0]), arguments[2], result)
            case "open":
                self._opened(self._find(text_of(arguments[0])), arguments[1], result)
            case "close":
                self.open_files.pop(int(arguments[0]), None)
            case "mkdir" | "unlink":
                self._name(self._find(text_of(arguments[0])), Folder() if call == "mkdir" else None)
            case "mkdirat" | "unlinkat":
                place = self._find(text_of(arguments[1]), arguments[0])
                self._name(place, Folder() if call == "mkdirat" else None)
            case "link":
                self._link(self._file(arguments[0]), self._find(text_of(arguments[1])))
            case "linkat":
                self._link(self._file(arguments[1], arguments[0]), self._find(text_of(arguments[3]), arguments[2]))
            case "rename":
                self._rename(self._find(text_of(arguments[0])), self._find(text_of(arguments[1])))
            case "renameat" | "renameat2":
                assert "RENAME_EXCHANGE" not in arguments[-1]
                source = self._find(text_of(arguments[1]), arguments[0])
                self._rename(source, self._find(text_of(arguments[3]), arguments[2]))
            case "creat" | "truncate" | "rmdir":
                assert self._find(text_of(arguments[0])) is None, call
            case "symlink" | "symlinkat":
                assert self._find(text_of(arguments[-1]), *arguments[1:-1]) is None, call
            case "copy_file_range" | "dup2" | "dup3":  # their target is not the first argument
                assert not {int(number) for number in arguments[:3] if number.isdigit()} & self.open_files.keys(), call
            case _:
                self._used(call, arguments, result)

    def _file(self, path: str, at: str = "AT_FDCWD") -> File | Folder | None:
        """What is to have one more name: it may have been opened without one."""
        if descriptor := _DESCRIPTOR.fullmatch(text_of(path)):
            return self.open_files.get(int(descriptor[1]))
        if not text_of(path):
            return self.open_files.get(int(at))
        place = self._find(text_of(path), at)
        return place[0].now()[place[1]] if place is not None else None

    def _link(self, there: File | Folder | None, target: Place | None) -> None:
        assert (there is None) == (target is None)
        self._name(target, there)

    def _rename(self, source: Place | None, target: Place | None) -> None:
        assert (source is None) == (target is None)
        if source is not None and target is not None:
            assert source[0] is target[0]
            folder, name = source
            folder.pending.append({target[1]: folder.now()[name], name: None})

    def _name(self, place: Place | None, there: File | Folder | None) -> None:
        if place is not None:
            folder, name = place
            folder.pending.append({name: there})

    def _opened(self, place: Place | None, flags: str, descriptor: int) -> None:
        self.open_files.pop(descriptor, None)
        if place is None:
            return
        folder, name = place
        there = folder.now().get(name) if name else folder
        if "O_TMPFILE" in flags:
            assert isinstance(there, Folder)
            there = File()
        elif there is None:
            assert "O_CREAT" in flags
            there = File()
            folder.pending.append({name: there})
        assert "O_APPEND" not in flags
        if "O_TRUNC" in flags and isinstance(there, File):
            there.pending.append((0, None))
        self.open_files[descriptor], self._at[descriptor] = there, 0

    def _used(self, call: str, arguments: list[str], result: int) -> None:
        descriptor = int(arguments[0])
        there = self.open_files.get(descriptor)
        if there is None:
            return
        if call in ("fsync", "fdatasync"):
            there.sync()
            return
        if call == "lseek":
            self._at[descriptor] = result
            return
        assert isinstance(there, File), call
        if call == "ftruncate":
            there.pending.append((int(arguments[1]), None))
        elif call == "pwrite64":
            there.pending.append((int(arguments[3]), bytes_of(arguments[1])[:result]))
        elif call == "write":
            there.pending.append((self._at[descriptor], bytes_of(arguments[1])[:result]))
            self._at[descriptor] += result
        else:
            raise AssertionError(call)

    def cut(self, chance: random.Random, to: Path) -> None:
        """Write what is on the disk after a power cut into the folder `to`."""
        self._put(self.top, chance, to, {})

    def _put(self, folder: Folder, chance: random.Random, to: Path, files: dict[File, Path]) -> None:
        """`files` are those that are there by now: one that has two names is the same under both."""
        to.mkdir(mode=0o700)
        changes = chance.choice([0, len(folder.pending), chance.randint(0, len(folder.pending))])
        for name, there in folder.after_cut(changes).items():
            if isinstance(there, Folder):
                self._put(there, chance, to / name, files)
            elif there in files:
                os.link(files[there], to / name)
            else:
                (to / name).write_bytes(there.after_cut(chance))
                files[there] = to / name


_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)(?: .*)?")
_ARGUMENT = re.compile(r'"[^"]*"(?:\.\.\.)?|[^,"\s][^,"]*')
#: What leads to an open file, and so to one that has no name.
_DESCRIPTOR = re.compile(r"/proc/self/fd/(\d+)")
_HEX = re.compile(r"\\x([0-9a-f]{2})")


def bytes_of(argument: str) -> bytes:
    assert argument[:1] == argument[-1:] == '"', argument[-20:]  # nothing was left out
    return bytes.fromhex("".join(_HEX.findall(argument)))


def text_of(argument: str) -> str:
    return bytes_of(argument).decode()


Call = tuple[str, list[str], int]


def calls_of(trace: Path) -> Iterator[Call]:
    """The calls that went well, of a program that is one process with one thread: others use its descriptors too."""
    processes = set()
    for line in trace.read_text().splitlines():
        processes.add(line.split(maxsplit=1)[0])
        assert len(processes) == 1, "the child has threads or processes: its calls cannot be told apart"
        call = _LINE.fullmatch(line)
        if call and int(call[3]) >= 0:
            yield call[1], [argument.strip() for argument in _ARGUMENT.findall(call[2])], int(call[3])
