"""Whether a data folder can be worked in, on disks that are full, write-protected or somebody else's."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.system.files import folder_check
from core.system.files.folder_check import NotWritable


def test_a_folder_is_made_for_its_owner_alone_and_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder_check.require(folder)
    folder_check.require(folder)
    assert folder.stat().st_mode & 0o777 == 0o700 or os.name == "nt"
    assert list(folder.iterdir()) == []


def test_what_is_in_a_folder_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    (tmp_path / "ledger.db").write_bytes(b"log")
    folder_check.require(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.db"]
    assert tmp_path.stat().st_mode & 0o777 == 0o750 or os.name == "nt"


def told(folder: Path, *, portable: bool = False) -> NotWritable:
    with pytest.raises(NotWritable) as caught:
        folder_check.require(folder, portable=portable)
    assert caught.value.exit_code == 5
    assert str(folder) in str(caught.value.sentence)
    return caught.value


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        assert "there is a file in its place" in str(told(folder))


def test_a_full_disk_is_called_full_and_nothing_is_left_on_it(small_disk: Path) -> None:
    big = small_disk / "big"
    with open(big, "wb") as file:
        file.truncate(0)
        os.posix_fallocate(file.fileno(), 0, 1_000_000)
    problem = told(small_disk / "data")
    assert str(problem.sentence).endswith("the disk is full.")
    assert str(problem.next_step) == "Free some space on the disk, then start Fanion again."
    assert list((small_disk / "data").iterdir()) == []
    big.unlink()
    folder_check.require(small_disk / "data")


def test_a_write_protected_disk(tmp_path: Path, make_read_only: Callable[[Path], None]) -> None:
    make_read_only(tmp_path)
    problem = told(tmp_path / "data")
    assert "Ask your IT support" in str(problem)
    assert "write protection of the USB key" in str(told(tmp_path / "data", portable=True))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "the disk is write-protected"),
        (errno.EACCES, "you may not write there"),
        (errno.EPERM, "you may not write there"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_what_the_system_says_is_put_into_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fail)
    assert words in str(told(tmp_path))
    assert list(tmp_path.iterdir()) == []
