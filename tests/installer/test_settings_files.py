"""What administrators get of the settings is what their rows and texts make, and no text may be missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.settings.settings_table import ROWS
from core.desk.settings.value_rules import Choice
from installer import settings_files
from installer.problem import BuildProblem
from installer.settings_files import Texts, made, read_texts, stale


@pytest.fixture
def texts() -> Texts:
    return read_texts()


def test_every_file_is_what_the_rows_make_byte_by_byte(texts: Texts) -> None:
    assert [path.name for path in stale(made(ROWS, texts))] == [], "run python -m installer.settings_files update"


def test_a_file_that_was_changed_by_hand_is_named_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings_files, "ROOT", tmp_path)
    monkeypatch.setattr(settings_files, "EXAMPLE", tmp_path / "settings.toml")
    monkeypatch.setattr(settings_files, "ADMX", tmp_path / "admx")
    assert settings_files.main(["check"]) == 1
    assert settings_files.main(["update"]) == 0
    assert settings_files.main(["check"]) == 0
    whole = (tmp_path / "settings.toml").read_bytes()
    (tmp_path / "settings.toml").write_bytes(whole + b'officer = "A. Roy"\n')
    capsys.readouterr()
    assert settings_files.main(["check"]) == 1
    assert capsys.readouterr().out == "settings.toml\n"
    settings_files.main(["update"])
    assert (tmp_path / "settings.toml").read_bytes() == whole


def test_another_command_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert settings_files.main([]) == 2
    assert "settings_files update" in capsys.readouterr().err


def test_a_row_needs_texts_and_texts_need_a_row(texts: Texts) -> None:
    fewer = {key: row for key, row in ROWS.items() if key != "tray"}
    with pytest.raises(BuildProblem, match="“tray” needs a row"):
        made(fewer, texts)
    without = {key: setting for key, setting in texts.settings.items() if key != "tray"}
    with pytest.raises(BuildProblem, match="“tray” needs a row"):
        made(ROWS, replace(texts, settings=without))


def test_what_is_entered_needs_a_label_and_a_choice_its_names(texts: Texts) -> None:
    def changed(key: str, **change: object) -> Texts:
        setting = texts.settings[key]
        french = replace(setting.words["fr"], **change)  # type: ignore[arg-type]
        return replace(texts, settings={**texts.settings, key: replace(setting, words={**setting.words, "fr": french})})

    with pytest.raises(BuildProblem, match="“officer” has no label in the language fr"):
        made(ROWS, changed("officer", label=""))
    with pytest.raises(BuildProblem, match="“csv_separator” has no semicolon in the language fr"):
        made(ROWS, changed("csv_separator", choices={"comma": "Virgule"}))
    sizes = replace(ROWS["text_size"], rule=Choice(((100, "100 %"), (300, "300 %")), ROWS["text_size"].about))
    with pytest.raises(BuildProblem, match="“text_size” has no 300 in the language en"):
        made({**ROWS, "text_size": sizes}, texts)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "Sons"\n', ""),
        ('title = "Sons"\n', 'titel = "Sons"\n'),
        ("[settings.sounds.fr]", "[settings.sounds.de]"),
        ("[settings.sounds]\nexample = ", "[settings.sounds]\nexamples = "),
    ],
    ids=["missing", "misspelt", "language", "example"],
)
def test_a_text_that_is_missing_or_misspelt_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    text = settings_files.TEXTS.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file = tmp_path / "texts.toml"
    file.write_text(text.replace(before, after), encoding="utf-8")
    monkeypatch.setattr(settings_files, "TEXTS", file)
    with pytest.raises(BuildProblem, match="a text of “sounds” is missing or not known"):
        read_texts()
