"""Which programs are trusted: what no other account could have put there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.system.processes.programs import find_program, is_trusted, trusted_folders, untrusted_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a program, which is its user's alone."""
    made = tmp_path / "bin"
    made.mkdir(mode=0o755)
    program(made)
    return made


def program(folder: Path, name: str = "psql") -> Path:
    file = folder / name
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def test_a_program_is_named_by_its_full_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", "/nowhere", str(folder))))
    assert find_program("psql") == str(folder / "psql")
    assert find_program("adb") is None
    assert untrusted_folder("adb") is None


@pytest.mark.parametrize("named", ["", ".", "bin", "../{}/bin"])
def test_what_depends_on_where_one_stands_is_not_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(folder if named in ("", ".") else folder.parent)
    path = named.format(folder.parent.name)
    monkeypatch.setenv("PATH", path)
    assert find_program("psql") is None
    assert untrusted_folder("psql") == (path or ".")


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757, 0o2775])
def test_a_folder_in_which_others_may_write_is_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    if os.geteuid() == 0:
        os.chown(folder, -1, 50)  # a group of others; on Debian, `staff`
    folder.chmod(mode)
    assert find_program("psql") is None
    assert untrusted_folder("psql") == str(folder)


def test_nor_is_one_below_such_a_folder_unless_that_keeps_people_apart(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "bin"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o777)
    assert not is_trusted(str(inner))
    inner.parent.chmod(0o1777)  # as /tmp
    assert is_trusted(str(inner))
    assert not is_trusted(str(inner.parent))


def test_a_program_that_others_may_change_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    (folder / "psql").chmod(0o777)
    assert find_program("psql") is None


@pytest.mark.skipif(os.geteuid() != 0 if hasattr(os, "geteuid") else True, reason="only root gives files away")
@pytest.mark.parametrize("what", ["bin", "bin/psql"])
def test_what_belongs_to_another_account_is_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    os.chown(folder.parent / what, 65_534, 65_534)
    assert find_program("psql") is None


def test_each_link_on_the_way_has_to_be_trusted(tmp_path: Path, folder: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    by_others = others / "link"
    by_others.symlink_to(folder)
    first = tmp_path / "first"
    first.symlink_to(by_others)
    relative = tmp_path / "relative"
    relative.symlink_to(Path("others", "..", "bin"))
    assert all(is_trusted(str(link)) for link in (by_others, first, relative))
    others.chmod(0o777)  # whoever can write there can have the link lead elsewhere
    assert not any(is_trusted(str(link)) for link in (by_others, first))
    assert not is_trusted(str(relative))
    assert is_trusted(str(folder))


def test_a_circle_and_what_is_not_there_are_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert not is_trusted(str(tmp_path / "a"))
    assert not is_trusted(str(tmp_path / "gone"))
    assert not is_trusted("")
    assert not is_trusted("a\0b")
    assert not is_trusted("/a\0b")


def test_of_a_list_the_trusted_folders_stay_in_their_order(folder: Path) -> None:
    listed = os.pathsep.join(("/usr/bin", "", str(folder), "lib", "/usr/bin", "/nowhere"))
    assert trusted_folders(listed) == ["/usr/bin", str(folder)]
    assert trusted_folders("") == []
