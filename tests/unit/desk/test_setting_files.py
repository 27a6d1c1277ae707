"""The officer's own settings: who has set what, handed out, brought along, and begun anew."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.settings.setting_files import SettingSource, export_settings, import_settings, reset, sources
from core.desk.settings.settings import FILE_NAME, SettingsProblem, load
from core.desk.settings.settings_table import ROWS, Settings
from core.system import password

NOW = datetime(2026, 11, 27, 9, 30)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The department's file, which sets nothing yet."""
    file = tmp_path / "department" / FILE_NAME
    file.parent.mkdir()
    file.write_text("")
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_each_key_says_who_has_set_it_and_where(data: Path, machine: Path) -> None:
    (data / FILE_NAME).write_text('officer = "A. Roy"\nretention_months = 12\n')
    machine.write_text("retention_months = 24\nexceptions = false\n")
    found = sources(data, machine)
    assert set(found) == set(ROWS)
    assert found["officer"].source is SettingSource.OWN
    assert (found["retention_months"].source, found["retention_months"].place) == (
        SettingSource.DEPARTMENT_FILE,
        str(machine),
    )
    assert found["exceptions"].source is SettingSource.DEPARTMENT_FILE
    assert (found["desk"].source, found["desk"].place) == (SettingSource.STANDARD, "")


def test_what_one_desk_hands_out_another_takes_over_but_for_who_works_there(
    data: Path, machine: Path, tmp_path: Path
) -> None:
    mine = Settings(
        officer="A. Roy",
        desk="Desk 4",
        place="Gatineau, room 12",
        language="fr",
        retention_months=12,
        ask_imei=True,
        kiosk=True,
        kiosk_password=password.hash_of("leave"),
        exceptions=False,
    )
    file = tmp_path / "handed-out.toml"
    file.write_bytes(export_settings(mine))
    handed_out = {"language", "retention_months", "ask_imei", "ask_tag", "automatic_check", "sounds", "tray"}
    handed_out |= {"csv_separator", "removal_pause"}
    assert set(tomllib.loads(file.read_text())) == handed_out
    (data / FILE_NAME).write_text('officer = "B. Lee"\nlanguage = "en"\n')
    made = import_settings(data, file, machine)
    told = made.settings
    assert (told.officer, told.language, told.retention_months, told.ask_imei) == ("B. Lee", "fr", 12, True)
    assert (made.keys, made.left_out) == (9, ())


def test_what_the_department_has_set_is_left_out_and_named(data: Path, machine: Path, tmp_path: Path) -> None:
    machine.write_text("retention_months = 24\n")
    file = tmp_path / "handed-out.toml"
    file.write_text("retention_months = 1\nask_imei = true\n")
    made = import_settings(data, file, machine)
    assert (made.settings.retention_months, made.settings.ask_imei, made.left_out) == (24, True, ("retention_months",))


@pytest.mark.parametrize(
    "text",
    ["no TOML", "unsigned_policy = true", 'retention_months = "many"', 'head_office_key = ""'],
    ids=["form", "departments", "value", "key"],
)
def test_a_file_that_cannot_be_used_changes_nothing(data: Path, machine: Path, tmp_path: Path, text: str) -> None:
    (data / FILE_NAME).write_text('officer = "A. Roy"\n')
    file = tmp_path / "handed-out.toml"
    file.write_text(f"ask_imei = true\n{text}\n")
    with pytest.raises(SettingsProblem):
        import_settings(data, file, machine)
    assert (data / FILE_NAME).read_text() == 'officer = "A. Roy"\n'
    with pytest.raises(SettingsProblem, match="no file"):
        import_settings(data, tmp_path / "elsewhere.toml", machine)


@pytest.mark.parametrize("text", ['officer = "A. Roy"\n', "no TOML"], ids=["sound", "damaged"])
def test_a_reset_keeps_the_old_file_beside_and_what_the_department_has_set(
    data: Path, machine: Path, text: str
) -> None:
    machine.write_text("retention_months = 24\n")
    (data / FILE_NAME).write_text(text)
    told, kept = reset(data, machine, now=NOW)
    assert (told.officer, told.retention_months) == ("", 24)
    assert kept == data / "settings-20261127-093000.toml"
    assert kept.read_text() == text
    assert reset(data, machine, now=NOW) == (told, None)


def test_a_reset_never_replaces_what_an_earlier_one_has_kept(data: Path, machine: Path) -> None:
    (data / FILE_NAME).write_text('officer = "A. Roy"\n')
    _, kept = reset(data, machine, now=NOW)
    (data / FILE_NAME).write_text('officer = "B. Lee"\n')
    with pytest.raises(SettingsProblem, match="kept beside"):
        reset(data, machine, now=NOW)
    assert kept is not None
    assert "A. Roy" in kept.read_text()
    assert load(data, machine).officer == "B. Lee"


def test_a_desk_whose_file_was_damaged_works_again_after_a_reset(data: Path) -> None:
    (data / FILE_NAME).write_text("no TOML")
    desk = Desk.at(data)
    assert desk.fault is not None
    assert desk.reset_settings() is not None
    assert desk.fault is None
    desk.change(officer="A. Roy")
    assert (desk.officer, load(data, None).officer) == ("A. Roy", "A. Roy")
