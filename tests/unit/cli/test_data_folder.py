"""The data folder that was chosen in the window, on the command line: the same one, or a sentence and exit code 5."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.desk.settings import data_choice
from tests.unit.cli.conftest import Fanion


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, standard_folder_is: Callable[[Path], None]) -> Path:
    """The standard folder; nothing names another one."""
    monkeypatch.delenv("FANION_DATA", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    folder = tmp_path / "standard"
    standard_folder_is(folder)
    return folder


@pytest.fixture
def stick(data: Path, tmp_path: Path) -> Path:
    """What was chosen."""
    folder = tmp_path / "stick"
    folder.mkdir(mode=0o700)
    data_choice.choose(folder)
    return folder


@pytest.fixture
def gone(stick: Path) -> Path:
    """What was chosen, and is not there any more."""
    stick.rename(stick.with_name("away"))
    return stick


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.slow
def test_commands_work_in_the_chosen_folder(fanion: Fanion, data: Path, stick: Path) -> None:
    assert fanion("check", "--practice", "clean")[0] == 0
    assert "practice-ledger.db" in names(stick)
    assert names(data) == {"data-folder.toml"}
    assert fanion("log", "list", "--practice")[0] == 0
    (stick / "settings.toml").write_text('language = "fr"\n', encoding="utf-8")
    assert fanion("check", "--practice", "walk-up")[1].startswith("EXERCICE")


@pytest.mark.slow
def test_what_is_said_wins(
    fanion: Fanion, data: Path, gone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fanion("check", "--practice", "clean", "--data", tmp_path / "said")[0] == 0
    monkeypatch.setenv("FANION_DATA", str(tmp_path / "variable"))
    assert fanion("check", "--practice", "clean")[0] == 0
    assert "practice-ledger.db" in names(tmp_path / "said") & names(tmp_path / "variable")
    assert fanion("check", "--practice", "clean", "--data", data)[0] == 0, "the standard folder can be named"


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--practice", "clean"],
        ["phones"],
        ["log", "list"],
        ["log", "verify", "--practice"],
        ["policy", "show"],
        ["round", "list"],
        ["lessons"],
        ["practice"],
    ],
)
def test_where_it_is_gone_nothing_is_done_elsewhere(fanion: Fanion, data: Path, gone: Path, words: list[str]) -> None:
    code, out, said = fanion(*words)
    sentence, step, _ = said.splitlines()
    assert (code, out) == (5, "")
    assert sentence == f"The data folder {gone}, which was chosen in the settings, is not there."
    assert "--data" in step
    assert str(data) in step
    assert names(data) == {"data-folder.toml"}
    assert not gone.exists()


def test_a_script_is_told_as_well(fanion: Fanion, gone: Path) -> None:
    code, out, _ = fanion("check", "--practice", "clean", "--json")
    assert code == 5
    problem = json.loads(out)["problem"]
    assert problem["code"] == "data-folder-gone"
    assert str(gone) in problem["sentence"]
    assert problem["next"]


def test_it_is_told_in_the_language_that_was_asked_for(fanion: Fanion, data: Path, gone: Path) -> None:
    assert "n’est pas là" in fanion("phones", "--language", "fr")[2]
    (data / "settings.toml").write_text('language = "fr"\n', encoding="utf-8")
    assert "n’est pas là" in fanion("phones")[2]


def test_a_choice_that_cannot_be_read_is_told_and_stays(fanion: Fanion, data: Path, stick: Path) -> None:
    (data / "data-folder.toml").write_text("garbage")
    code, _, said = fanion("log", "list")
    assert code == 5
    assert str(data / "data-folder.toml") in said
    assert (data / "data-folder.toml").read_text() == "garbage"
    assert names(data) == {"data-folder.toml"}


def test_what_needs_no_folder_works_all_the_same(fanion: Fanion, gone: Path) -> None:
    assert fanion("completion", "bash")[0] == 0
    assert fanion("--help")[0] == fanion("check", "--help")[0] == 0
    assert fanion("--version")[0] == 0
    assert fanion("chekc")[0] == 2


def test_the_self_test_reports_it(fanion: Fanion, gone: Path) -> None:
    code, out, _ = fanion("self-test", "--json")
    parts = {part["part"]: part for part in json.loads(out)["parts"]}
    assert code == 1
    assert not parts["settings"]["ok"]
    assert str(gone) in parts["settings"]["says"]
    assert parts["python"]["ok"]


def test_the_self_test_names_the_chosen_folder(fanion: Fanion, stick: Path) -> None:
    assert str(stick) in fanion("self-test")[1]


def test_the_archive_for_support_names_neither_folder(
    fanion: Fanion, data: Path, gone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "support.zip"
    assert fanion("self-test", "--bundle", file, "--yes")[0] == 1
    with zipfile.ZipFile(file) as archive:
        report = archive.read("self-test.json").decode()
    assert "The data folder (chosen folder), which was chosen in the settings, is not there." in report
    assert str(gone) not in report
    assert str(data) not in report


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_practice_phone_needs_no_folder_that_can_be_written(
    fanion: Fanion, data: Path, make_read_only: Callable[[Path], None], language: str
) -> None:
    """Its verdict is given all the same, and it is said where the data would be, and how to choose."""
    data.mkdir()
    make_read_only(data)
    before = set(Path(tempfile.gettempdir()).glob("fanion-practice-*"))
    code, out, err = fanion("check", "--practice", "walk-up", "--quick", "--language", language)
    assert (code, "WeChat" in out) == (1, True)
    assert str(data) in err
    assert "--data" in err
    assert ("temporary folder" if language == "en" else "dossier temporaire") in err
    assert set(Path(tempfile.gettempdir()).glob("fanion-practice-*")) == before


def test_a_named_folder_is_not_given_up_for_another(
    fanion: Fanion, data: Path, make_read_only: Callable[[Path], None]
) -> None:
    data.mkdir()
    make_read_only(data)
    code, out, err = fanion("check", "--practice", "walk-up", "--data", data)
    assert (code, "temporary" in err, "WeChat" in out) == (4, False, False)
