"""``--portable``: the data lie beside the program, and go with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Fanion


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder on the computer, which is not to be used."""
    monkeypatch.setenv("FANION_DATA", str(tmp_path / "computer"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path / "computer"


@pytest.fixture(autouse=True)
def beside(tmp_path: Path, carried_folder_is: Callable[[Path], None]) -> Path:
    """Where the data of a program that is carried around lie."""
    folder = tmp_path / "stick" / "fanion-data"
    carried_folder_is(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["--portable", "check", "--practice", "clean"],
        ["check", "--portable", "--practice", "clean"],
        ["--language", "fr", "check", "--practice", "clean", "--portable"],
    ],
)
def test_everything_is_kept_beside_the_program_and_nothing_on_the_computer(
    fanion: Fanion, beside: Path, tmp_path: Path, words: list[str]
) -> None:
    code, _, said = fanion(*words)
    assert code == 0, said
    assert (beside / "practice-ledger.db").exists()
    assert not (tmp_path / "computer").exists()


@pytest.mark.slow
def test_what_is_kept_there_is_found_again(fanion: Fanion) -> None:
    fanion("check", "--practice", "walk-up", "--portable")
    code, out, _ = fanion("--portable", "log", "list", "--practice")
    assert code == 0
    assert "WeChat" in out or "Red" in out
    assert fanion("log", "list", "--practice")[0] == 5  # on this computer there is none


@pytest.mark.slow
def test_its_own_settings_apply(fanion: Fanion, beside: Path) -> None:
    beside.mkdir(parents=True)
    (beside / "settings.toml").write_text('language = "fr"\n', encoding="utf-8")
    assert fanion("--portable", "check", "--practice", "walk-up")[1].startswith("EXERCICE")


@pytest.mark.parametrize(
    "words",
    [
        ["--portable", "--data", "X", "phones"],
        ["--data=X", "phones", "--portable"],
        ["--portable", "phones", "--data", "X"],
        ["phones", "--data", "X", "--portable"],
        ["--portable", "--data", "X"],
    ],
)
def test_not_together_with_another_folder(fanion: Fanion, beside: Path, words: list[str]) -> None:
    code, out, said = fanion(*words)
    assert (code, out) == (2, "")
    assert said.splitlines()[-1] == "fanion: error: --portable and --data cannot be used together"
    assert not beside.exists()


def test_it_takes_no_value(fanion: Fanion) -> None:
    assert fanion("--portable=yes", "phones")[0] == 2


def test_without_a_command_it_explains_itself(fanion: Fanion) -> None:
    code, out, _ = fanion("--portable", "--help")
    assert code == 0
    assert "--portable" in out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_stick_that_cannot_be_written_is_told_before_anything_starts(
    fanion: Fanion, beside: Path, make_read_only: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    beside.parent.mkdir()
    make_read_only(beside.parent)
    monkeypatch.setattr("core.cli.check.run", None)
    code, out, said = fanion("--language", language, "check", "--practice", "clean", "--portable")
    sentence, step, _ = said.splitlines()
    assert (code, out) == (5, "")
    assert str(beside) in sentence
    assert step.endswith(".")


def test_the_self_test_reports_a_stick_that_cannot_be_written(
    fanion: Fanion, beside: Path, make_read_only: Callable[[Path], None]
) -> None:
    beside.parent.mkdir()
    make_read_only(beside.parent)
    code, out, _ = fanion("self-test", "--portable")
    assert code == 1
    assert "✖ Log: " in out
    assert "write protection of the USB key" in out
    assert fanion("completion", "bash", "--portable")[0] == 0


def test_a_bug_is_kept_beside_the_program(fanion: Fanion, beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cli.phones.look", lambda iphones: 1 / 0)
    code, _, said = fanion("phones", "--portable")
    assert code == 70
    (file,) = (beside / "crashes").iterdir()
    assert file.name in said
