"""Files that are whole after a power cut: bytes first, then the name, then the folder that has the name."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.desk.settings.settings import save_personal
from core.ledger.witness.peer_folder import put
from core.phones.android.link.adb_key import desk_key
from core.policy.signing import repository
from core.system.files.files import (
    NotAFileError,
    TooLargeError,
    create_file,
    open_file,
    read_file,
    replace_file,
    replacing_file,
    sync_folder,
    write_new,
    write_private,
)

pytestmark = pytest.mark.disk

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no fsync of a folder")


class Disk:
    """What a disk would have kept, had the power failed: names and bytes count once they were synced."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.not_kept: list[str] = []
        self._synced: set[int] = set()  # inodes whose bytes are on the disk
        self._named: dict[int, Path] = {}  # folders with names that are not, by inode
        for name in ("fsync", "replace", "rename", "link"):
            monkeypatch.setattr(os, name, getattr(self, name)(getattr(os, name)))
        monkeypatch.setattr(os, "mkdir", self.mkdir(os.mkdir))

    def fsync(self, really: Callable[[int], None]) -> Callable[[int], None]:
        def fsync(descriptor: int) -> None:
            self._synced.add(os.fstat(descriptor).st_ino)
            self._named.pop(os.fstat(descriptor).st_ino, None)
            really(descriptor)

        return fsync

    def replace(self, really: Callable[..., None]) -> Callable[..., None]:
        def put_in_place(source: Any, target: Any, **named: Any) -> None:
            if os.stat(source).st_ino not in self._synced:
                self.not_kept.append(f"the bytes of {target}")
            folder = Path(target).parent
            self._named[folder.stat().st_ino] = folder
            really(source, target, **named)

        return put_in_place

    rename = link = replace

    def mkdir(self, really: Callable[..., None]) -> Callable[..., None]:
        def mkdir(path: Any, *mode: int) -> None:
            really(path, *mode)
            self._named[Path(path).parent.stat().st_ino] = Path(path).parent

        return mkdir

    def lost(self) -> list[str]:
        """What a power cut now would take."""
        return [*self.not_kept, *(f"a name in {folder}" for folder in self._named.values())]


WRITERS: dict[str, Callable[[Path], object]] = {
    "replace_file": lambda folder: replace_file(folder / "a", b"new"),
    "create_file": lambda folder: create_file(folder / "a", b"new"),
    "the key for phones": lambda folder: desk_key(folder / "data" / "keys", "Desk 4"),
    "the settings": lambda folder: save_personal(folder, officer="A", machine=None),
    "the log's keys": lambda folder: write_private(folder / "keys" / "a", b"new"),
    "what desks leave each other": lambda folder: put(folder / "a", b"new"),
    "the policy repository": lambda folder: repository.put(folder, {"metadata/1.root.json": b"new"}),
}


@posix
@pytest.mark.parametrize("writer", WRITERS)
def test_a_power_cut_takes_nothing_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    disk = Disk(monkeypatch)
    WRITERS[writer](tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()]
    assert disk.lost() == []


def test_an_old_file_is_replaced_and_nothing_is_left_beside(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    replace_file(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"new")]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_fails_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="No space"):
        replace_file(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"old")]


@posix
def test_a_name_that_is_not_durable_is_told_although_the_new_file_is_there(
    tmp_path: Path, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    fsync = os.fsync

    def failing(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(descriptor)

    sync_by(failing)
    with pytest.raises(OSError, match="Input/output"):
        replace_file(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"new")]


def test_a_block_that_raises_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    seen = []

    def look() -> None:
        with replacing_file(tmp_path / "a", b"new") as fresh:
            seen.append(fresh.read_bytes())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look()
    assert seen == [b"new"]
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"old")]


@pytest.mark.parametrize("write", [create_file, write_new])
def test_what_is_there_stays(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"old")]


@pytest.mark.parametrize("there", [False, True])
def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    if there:
        (tmp_path / "a").write_bytes(b"old")
        with pytest.raises(FileExistsError):
            create_file(tmp_path / "a", b"new")
    else:
        create_file(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"old" if there else b"new")]


def test_of_several_at_once_one_makes_the_file(tmp_path: Path) -> None:
    made: list[bytes] = []

    def make(content: bytes) -> None:
        try:
            create_file(tmp_path / "a", content)
        except FileExistsError:
            return
        made.append(content)

    threads = [threading.Thread(target=make, args=(b"%d" % n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(f.name, [f.read_bytes()]) for f in tmp_path.iterdir()] == [("a", made)]


@posix
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_who_may_read_it(tmp_path: Path, private: bool, mode: int) -> None:
    before = os.umask(0o022)
    try:
        replace_file(tmp_path / "a", b"new", private=private)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


@posix
def test_a_folder_that_cannot_be_synced_is_taken_as_it_is(
    tmp_path: Path, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    def refuses(code: int) -> Callable[[int], None]:
        def fsync(_: int) -> None:
            raise OSError(code, os.strerror(code))

        return fsync

    for code in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
        sync_by(refuses(code))
        sync_folder(tmp_path)
    sync_by(refuses(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        sync_folder(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR])
def test_nobody_waits_for_a_pipe(tmp_path: Path, flags: int) -> None:
    os.mkfifo(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for name in ("a", "link"):
        with pytest.raises(NotAFileError):
            read_file(tmp_path / name, 10)
        with pytest.raises(NotAFileError):
            open_file(tmp_path / name, flags)


def test_a_file_is_read_within_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert read_file(tmp_path / "a", 10) == b"0123456789"
    with pytest.raises(TooLargeError):
        read_file(tmp_path / "a", 9)
    with pytest.raises(NotAFileError):
        read_file(tmp_path, 10)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "b", 10)


@posix
def test_a_link_leads_to_a_file_only_where_it_may(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert read_file(tmp_path / "link", 10) == b"1"
    with pytest.raises(NotAFileError):
        read_file(tmp_path / "link", 10, links=False)


def test_without_hard_links_what_comes_in_between_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program makes the file in the very moment between a look and the renaming."""
    lexists = os.path.lexists

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def looked(path: Path) -> bool:
        found = lexists(path)
        (tmp_path / "a").write_bytes(b"another's")
        return found

    def opened(path: Any, flags: int, *mode: int) -> int:
        if Path(path).name == "a":
            (tmp_path / "a").write_bytes(b"another's")
        return really(path, flags, *mode)

    really = os.open
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refused)
        patched.setattr(os.path, "lexists", looked)
        patched.setattr(os, "open", opened)
        with pytest.raises(FileExistsError):
            create_file(tmp_path / "a", b"new")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a", b"another's")]


def test_what_cannot_be_put_in_place_without_hard_links_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(PermissionError):
        create_file(tmp_path / "a", b"new")
    assert list(tmp_path.iterdir()) == []
