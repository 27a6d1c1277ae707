"""Copies of banned apps' files by the command line: kept, listed, verified, erased."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Fanion


@pytest.fixture
def kept(fanion: Fanion, data: Path) -> Any:
    """A practice phone was checked, and copies of its banned apps' files are kept: what the command answered."""
    answer = fanion("check", "--practice", "walk-up", "--keep-files", "--json")
    assert answer.code == 1
    return answer.json


def evidence(fanion: Fanion, *words: str) -> Any:
    return fanion("log", "evidence", "--practice", *words)


def folder(data: Path) -> Path:
    return data / "practice-ledger-evidence"


@pytest.mark.slow
def test_a_check_keeps_them_and_says_which(fanion: Fanion, data: Path, kept: Any) -> None:
    files = {file["sha256"] for app in kept["kept"] for file in app["files"]}
    assert files == {file.name for file in folder(data).iterdir()}
    listed = evidence(fanion)
    assert listed.code == 0
    assert all(name in listed.out for name in files)
    assert "not verified" in listed.out
    verified = evidence(fanion, "--verify", "--json")
    assert verified.code == 0
    assert {(file["sha256"], file["state"]) for file in verified.json["files"]} == {(name, "whole") for name in files}


@pytest.mark.slow
def test_a_check_that_finds_nothing_keeps_nothing(fanion: Fanion, data: Path) -> None:
    assert fanion("check", "--practice", "clean", "--keep-files", "--json").json["kept"] == []
    assert not folder(data).exists()
    assert "No copies" in evidence(fanion).out


@pytest.mark.slow
def test_a_removal_keeps_them_before(fanion: Fanion, data: Path) -> None:
    answer = fanion("remove", "--practice", "walk-up", "--keep-files", "--yes", "--json")
    assert answer.code == 0
    assert answer.json["kept"]
    assert list(folder(data).iterdir())
    assert evidence(fanion, "--verify").code == 0


@pytest.mark.slow
def test_an_altered_and_a_missing_file_are_a_problem_of_the_log(fanion: Fanion, data: Path, kept: Any) -> None:
    first, *others = sorted(folder(data).iterdir())
    first.chmod(0o600)
    first.write_bytes(first.read_bytes()[:-1] + b"!")
    assert evidence(fanion).code == 0  # its size is right, and nothing else was asked
    answer = evidence(fanion, "--verify", "--json")
    assert answer.code == 5
    states = {file["name"]: file["state"] for file in answer.json["files"]}
    assert states == {first.name: "altered"} | {file.name: "whole" for file in others}
    for file in others:
        file.unlink()
    answer = evidence(fanion)
    assert answer.code == 5
    assert "missing" in answer.out
    assert "Tell your IT security team" in answer.out


@pytest.mark.slow
def test_what_somebody_put_there_is_told(fanion: Fanion, data: Path, kept: Any) -> None:
    (folder(data) / "invoice.pdf.exe").write_bytes(b"MZ")
    (folder(data) / ("0" * 64)).symlink_to("/etc/passwd")
    answer = evidence(fanion, "--verify", "--json")
    assert answer.code == 3
    assert answer.json["not_in_log"] == 2
    assert {file["name"] for file in answer.json["files"] if file["state"] == "not-in-log"} == {
        "invoice.pdf.exe",
        "0" * 64,
    }


@pytest.mark.slow
def test_erasing_is_told_and_takes_them_away(fanion: Fanion, data: Path, kept: Any) -> None:
    entries = [app["entry"] for app in kept["kept"]]
    answer = fanion("log", "erase", "--practice", *entries, "--reason", "a test", "--consent", "--yes")
    assert answer.code == 0
    assert "of apps’ files were deleted" in answer.out
    assert list(folder(data).iterdir()) == []
    listed = evidence(fanion, "--json")
    assert listed.code == 0
    assert {file["state"] for file in listed.json["files"]} == {"erased"}


@pytest.mark.slow
def test_a_folder_that_cannot_be_used_is_one_sentence(fanion: Fanion, data: Path) -> None:
    fanion("check", "--practice", "clean")
    folder(data).write_text("in its place")
    answer = fanion("remove", "--practice", "walk-up", "--keep-files", "--yes")
    assert answer.code == 5
    assert "cannot be used" in answer.err
    assert fanion("remove", "--practice", "walk-up", "--yes").code == 0


@pytest.mark.slow
def test_a_bundle_for_head_office_leaves_them_at_the_desk_and_says_so(
    fanion: Fanion, data: Path, kept: Any, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    answer = fanion("round", "export", "--practice", stick)
    assert answer.code == 0
    assert "does not have the copies of 2 apps’ files" in answer.out
    names = {path.name for path in stick.rglob("*")}
    assert names.isdisjoint(path.name for path in folder(data).iterdir())
