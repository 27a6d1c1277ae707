"""What a killed program left half-made is gone at the next writing; what is at work, or another's, stays."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.system.files import file_lock
from core.system.files.files import replace_file
from core.system.files.unfinished import sweep, unfinished_folder

HOLDER = b"Erasmus Example"

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")


def killed(act: Callable[[], object]) -> None:
    """A program that ends in the middle of an act."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def export(folder: Path) -> None:
    with unfinished_folder(folder, private=True) as part:
        (part / "below").mkdir()
        (part / "below" / "records.csv").write_bytes(HOLDER)
        die()


@posix
def test_the_next_one_clears_away_what_a_killed_one_left(tmp_path: Path) -> None:
    killed(lambda: export(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    with unfinished_folder(tmp_path, private=True) as part:
        assert not list(part.iterdir())
        assert {path.suffix for path in tmp_path.iterdir()} == {".part", ".lock"}
        sweep(tmp_path)  # another program's look takes nothing from one that is at work
        assert part.is_dir()
        part.rename(tmp_path / "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="others give a file its name first")
@pytest.mark.parametrize("moment", ["write", "fsync"])
def test_a_file_has_no_name_before_it_is_whole(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    def act() -> None:
        if moment == "fsync":
            sync_by(die)
        else:
            monkeypatch.setattr(os, "link", die)
        replace_file(tmp_path / "receipt.pdf", HOLDER)

    killed(act)
    assert not list(tmp_path.iterdir())


@posix
def test_one_that_had_a_name_is_cleared_away_after_some_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the file systems of USB keys."""
    monkeypatch.setattr("core.system.files.files._NAMELESS", 0)

    def act() -> None:
        monkeypatch.setattr(os, "replace", die)
        replace_file(tmp_path / "receipt.pdf", HOLDER)

    killed(act)
    (left,) = tmp_path.iterdir()
    sweep(tmp_path)
    assert left.read_bytes() == HOLDER  # its program may be at work
    os.utime(left, (time.time() - 700,) * 2)
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


@posix
def test_nothing_else_is_cleared_away(tmp_path: Path) -> None:
    bait = tmp_path / "elsewhere"
    bait.mkdir()
    (bait / "letters").write_bytes(HOLDER)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".fanion-0011223344556677").symlink_to(bait / "letters")
    (folder / ".fanion-00112233.part").symlink_to(bait)
    (folder / ".fanion-notes").write_bytes(HOLDER)
    inside = folder / ".fanion-44556677.part"
    inside.mkdir()
    (inside / "link").symlink_to(bait)
    (inside / "file").symlink_to(bait / "letters")
    os.link(bait / "letters", inside / "letters")
    if not os.geteuid():
        (folder / ".fanion-8899aabbccddeeff").write_bytes(HOLDER)
        os.utime(folder / ".fanion-8899aabbccddeeff", (0, 0))
        (folder / ".fanion-8899aabb.part").mkdir()
        for name in (".fanion-8899aabbccddeeff", ".fanion-8899aabb.part"):
            os.chown(folder / name, 40_009, 40_009)
    before = {path.name for path in folder.iterdir()} - {inside.name}
    sweep(folder)
    assert {path.name for path in folder.iterdir()} == before
    assert (bait / "letters").read_bytes() == HOLDER


def test_a_file_system_without_locks_has_exports_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, shared: bool) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(file_lock, "_lock", refuse)
    with unfinished_folder(tmp_path, private=False) as part:
        sweep(tmp_path)
        part.rename(tmp_path / "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]
