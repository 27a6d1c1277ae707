"""The model of a disk that power cuts are tried on: a file that gets its name last, and what may be lost of it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.real.disk_model import Disk

CONTENT = b"a" * 512 + b"b" * 512
#: One of the ways to name an open file, which :mod:`core.system.files.files` goes, and another one.
LINKS = {"/proc": ("3", "/proc/self/fd/3", "AT_SYMLINK_FOLLOW"), "descriptor": ("3", "", "AT_EMPTY_PATH")}


def argument(content: bytes | str | Path) -> str:
    """As strace(1) writes it."""
    given = content if isinstance(content, bytes) else os.fsencode(content)
    return '"' + "".join(f"\\x{byte:02x}" for byte in given) + '"'


def nameless(root: Path) -> Disk:
    """A disk with a file that was written and has no name, as descriptor 3."""
    disk = Disk(root)
    disk.do("openat", ["AT_FDCWD", argument(root), "O_WRONLY|O_CLOEXEC|O_TMPFILE", "0600"], 3)
    disk.do("write", ["3", argument(CONTENT), "1024"], 1024)
    return disk


def name(disk: Disk, root: Path, link: Iterable[str] = LINKS["/proc"]) -> None:
    at, path, flags = link
    disk.do("linkat", [at, argument(path), "AT_FDCWD", argument(root / "file"), flags], 0)


def sync_folder(disk: Disk, root: Path) -> None:
    disk.do("openat", ["AT_FDCWD", argument(root), "O_RDONLY|O_CLOEXEC"], 4)
    disk.do("fsync", ["4"], 0)


def left(disk: Disk, folder: Path) -> set[bytes | None]:
    """What the file may have after a power cut; None where it is not there."""
    chance, contents = random.Random(1), set()
    for number in range(60):
        disk.cut(chance, folder / str(number))
        names = [file.name for file in (folder / str(number)).iterdir()]
        assert names in ([], ["file"])
        contents.add((folder / str(number) / "file").read_bytes() if names else None)
    return contents


def test_a_file_without_a_name_is_not_there(tmp_path: Path) -> None:
    disk = nameless(Path("/disk"))
    disk.do("fsync", ["3"], 0)
    sync_folder(disk, Path("/disk"))
    assert left(disk, tmp_path) == {None}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_its_name_is_certain_once_its_folder_is(tmp_path: Path, link: Iterable[str]) -> None:
    disk = nameless(Path("/disk"))
    disk.do("fsync", ["3"], 0)
    name(disk, Path("/disk"), link)
    disk.do("fsync", ["3"], 0)
    (tmp_path / "before").mkdir()
    assert left(disk, tmp_path / "before") == {None, CONTENT}
    sync_folder(disk, Path("/disk"))
    (tmp_path / "after").mkdir()
    assert left(disk, tmp_path / "after") == {CONTENT}


def test_its_content_is_certain_only_once_it_is_synced_itself(tmp_path: Path) -> None:
    disk = nameless(Path("/disk"))
    name(disk, Path("/disk"))
    sync_folder(disk, Path("/disk"))
    assert left(disk, tmp_path) == {b"", CONTENT[:512], bytes(512) + CONTENT[512:], CONTENT}


def test_a_file_with_two_names_is_the_same_under_both(tmp_path: Path) -> None:
    disk = nameless(Path("/disk"))
    name(disk, Path("/disk"))
    disk.do("link", [argument(Path("/disk/file")), argument(Path("/disk/other"))], 0)
    sync_folder(disk, Path("/disk"))
    disk.cut(random.Random(1), tmp_path / "cut")
    assert (tmp_path / "cut" / "file").samefile(tmp_path / "cut" / "other")


@pytest.mark.parametrize("call", ["fallocate", "pwritev", "sendfile", "dup", "dup2", "copy_file_range"])
def test_a_call_that_is_not_known_is_an_error(call: str) -> None:
    with pytest.raises(AssertionError):
        nameless(Path("/disk")).do(call, ["3", "7", "8", "1"], 1)
