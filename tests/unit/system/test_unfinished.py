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

from core.system.files import file_lock, files
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


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has a program be killed that saves a file, where files have names from the beginning, as on USB keys."""
    monkeypatch.setattr(files, "_NAMELESS", 0)

    def act() -> None:
        monkeypatch.setattr(os, "replace", die)
        replace_file(tmp_path / "receipt.pdf", HOLDER)

    return lambda: killed(act)


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
    tmp_path: Path, left_behind: Callable[[], None]
) -> None:
    left_behind()
    (left,) = tmp_path.iterdir()
    sweep(tmp_path)
    assert left.read_bytes() == HOLDER  # its program may be at work
    os.utime(left, (time.time() - 700,) * 2)
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def share_is_behind(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the file system give the files that are written from now on times of so many seconds ago."""
    write_new = files.write_new

    def behind(seconds: int) -> None:
        def written(path: Path, content: bytes, **how: bool) -> None:
            write_new(path, content, **how)
            os.utime(path, (time.time() - seconds,) * 2)

        monkeypatch.setattr(files, "write_new", written)

    return behind


@posix
@pytest.mark.parametrize("seconds", [-86_400, 601, 86_400])
def test_a_share_goes_by_a_clock_of_its_own(
    tmp_path: Path, left_behind: Callable[[], None], share_is_behind: Callable[[int], None], seconds: int
) -> None:
    """A file of this process stays, whatever its time; one of another that is at work stays, and goes ten minutes
    later by that clock."""
    share_is_behind(seconds)
    with files.replacing_file(tmp_path / "receipt.pdf", HOLDER) as fresh:
        share_is_behind(seconds - 86_400)  # and the clock is set meanwhile
        sweep(tmp_path)
        assert fresh.read_bytes() == HOLDER
    share_is_behind(seconds)
    left_behind()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    share_is_behind(seconds - 700)
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["receipt.pdf"]


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
