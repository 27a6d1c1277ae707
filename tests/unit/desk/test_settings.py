"""The department's settings and the officer's own."""

from __future__ import annotations

import ctypes
import os
import plistlib
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.settings import data_choice
from core.desk.settings.settings import (
    MACHINE_FILE,
    SettingsProblem,
    forget_personal,
    load,
    machine_file,
    save_personal,
    unknown_keys,
)
from core.desk.settings.settings_table import Settings
from core.system.files import windows_acl
from core.system.files.windows_acl import Access, AccessGrant
from core.system.language import system_language
from tests.examples import examples

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment says anything."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FANION_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "settings.toml"


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_any_file_everything_has_its_default(data: Path, machine: Path) -> None:
    assert load(data, machine) == Settings(officer="", desk="", language="en", policy="", locked=frozenset())
    assert load(data, None) == Settings()
    assert (Settings().organisation, Settings().retention_months) == ("", 0)
    assert not data.exists()


def test_officers_own_settings(data: Path, machine: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    write(data / "settings.toml", f"officer = 'É. Côté'\ndesk = 'Desk 1'\nlanguage = 'fr'\npolicy = '{policy}'\n")
    assert load(data, machine) == Settings("É. Côté", "Desk 1", language="fr", policy=str(policy))


def test_what_the_department_sets_wins_and_is_locked(data: Path, machine: Path) -> None:
    write(machine, "desk = 'Ottawa 3'\npolicy = ''\n")
    write(data / "settings.toml", "officer = 'A'\ndesk = 'Mine'\n")
    settings = load(data, machine)
    assert (settings.officer, settings.desk) == ("A", "Ottawa 3")
    assert [key for key in ("officer", "desk", "language", "policy") if settings.is_locked(key)] == ["desk", "policy"]


def test_what_a_department_says_of_its_logs(data: Path, machine: Path) -> None:
    write(machine, "organisation = 'tbs-sct.gc.ca'\nretention_months = 6\n")
    write(data / "settings.toml", "organisation = 'mine.example'\nretention_months = 0\n")
    settings = load(data, machine)
    assert (settings.organisation, settings.retention_months) == ("tbs-sct.gc.ca", 6)
    assert settings.locked == {"organisation", "retention_months"}
    for change in ({"organisation": "mine.example"}, {"retention_months": 0}):
        with pytest.raises(SettingsProblem, match="set by your organisation"):
            save_personal(data, machine=machine, **change)


def test_only_a_department_that_wants_it_asks_for_the_imei(data: Path, machine: Path) -> None:
    assert not load(data, machine).ask_imei
    assert save_personal(data, ask_imei=True, machine=machine).ask_imei
    assert not save_personal(data, ask_imei=False, machine=machine).ask_imei
    write(machine, "ask_imei = true\n")
    settings = load(data, machine)
    assert settings.ask_imei
    assert settings.locked == {"ask_imei"}
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(data, machine=machine, ask_imei=False)


OFFICE = "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc"
AUDITOR = "age1hx7yufz60u3ed58q9gfupjyj5t9r5pyjlap8q7n99q4eykz4keksm2u25z"


def test_the_department_s_time_zone_is_checked_and_can_be_locked(data: Path, machine: Path) -> None:
    assert load(data, machine).time_zone == ""
    assert save_personal(data, time_zone="America/Toronto", machine=machine).time_zone == "America/Toronto"
    with pytest.raises(SettingsProblem, match="the name of a time zone"):
        save_personal(data, time_zone="Eastern", machine=machine)
    write(machine, 'time_zone = "America/Vancouver"\n')
    assert load(data, machine).time_zone == "America/Vancouver"
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(data, time_zone="America/Toronto", machine=machine)


def test_the_separator_of_csv_files_is_the_desks_or_the_departments(data: Path, machine: Path) -> None:
    assert load(data, machine).csv_separator == "comma"
    assert save_personal(data, csv_separator="semicolon", machine=machine).csv_separator == "semicolon"
    write(machine, 'csv_separator = "comma"\n')
    assert load(data, machine).csv_separator == "comma"
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(data, csv_separator="semicolon", machine=machine)


def test_the_size_of_the_window_is_one_of_five(data: Path, machine: Path) -> None:
    assert load(data, machine).text_size == 100
    assert save_personal(data, text_size=150, machine=machine).text_size == 150
    for wrong in (110, 0, 400, "150", True, 150.0):
        with pytest.raises(SettingsProblem, match="must be one of 100, 125, 150, 175, 200"):
            save_personal(data, text_size=wrong, machine=machine)  # type: ignore[arg-type]
    assert load(data, machine).text_size == 150


def test_to_whom_a_desk_encrypts_is_its_own_or_the_departments(data: Path, machine: Path) -> None:
    assert load(data, machine).head_office_key == ""
    assert save_personal(data, head_office_key=OFFICE, machine=machine).head_office_key == OFFICE
    write(machine, f'head_office_key = "{AUDITOR} {OFFICE}"\n')
    settings = load(data, machine)
    assert (settings.head_office_key, settings.locked) == (f"{AUDITOR} {OFFICE}", {"head_office_key"})
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(data, machine=machine, head_office_key=OFFICE)


def test_only_the_department_has_everybody_write_one_log(data: Path, machine: Path, tmp_path: Path) -> None:
    assert load(data, machine).shared_log == ""
    log = tmp_path / "log"
    write(machine, f"shared_log = '{log}'\n")
    found = load(data, machine)
    assert found.shared_log == str(log)
    assert found.locked == {"shared_log"}
    assert load(None, machine) == found
    assert load(data, None).shared_log == ""
    assert not log.exists()
    write(data / "settings.toml", f"officer = 'A'\nshared_log = '{tmp_path}'\n")
    with pytest.raises(SettingsProblem, match="line 2, “shared_log” can be set only for the whole computer") as refused:
        load(data, machine)
    assert not refused.value.department
    write(machine, "shared_log = ''\n")
    write(data / "settings.toml", "")
    assert load(data, machine).locked == {"shared_log"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("'log'", "must be the full path of a folder"),
        ("'../log'", "must be the full path of a folder"),
        ("true", "must be a text on one line"),
        ("7", "must be a text on one line"),
        ('"/var\\nlog"', "must be a text on one line"),
        (f"'/{'x' * 4_096}'", "of at most 4096 characters"),
    ],
)
def test_what_is_no_folder_of_a_shared_log(data: Path, machine: Path, value: str, reason: str) -> None:
    write(machine, f"shared_log = {value}\n")
    with pytest.raises(SettingsProblem, match=f"line 1, “shared_log” {reason}|“shared_log” .*{reason}") as refused:
        load(data, machine)
    assert refused.value.department


@pytest.mark.parametrize(
    ("platform", "executable", "expected"),
    [
        ("linux", "stick/fanion/fanion-app", "stick/fanion-data"),
        ("win32", "stick/Fanion/fanionw.exe", "stick/fanion-data"),
        ("darwin", "stick/Fanion.app/Contents/MacOS/fanion-app", "stick/fanion-data"),
        ("darwin", "stick/fanion/fanion-app", "stick/fanion-data"),
        ("linux", "stick/Fanion.app/fanion-app", "stick/fanion-data"),
    ],
)
def test_what_is_carried_around_keeps_its_data_beside_the_program(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    platform: str,
    executable: str,
    expected: str,
    on_system: Callable[[str], None],
    packaged_program_is: Callable[..., None],
) -> None:
    program = tmp_path / executable
    program.parent.mkdir(parents=True)
    program.touch()
    packaged_program_is(program)
    on_system(platform)
    found = data_choice.portable_folder()
    monkeypatch.undo()
    assert found == tmp_path / expected
    assert not found.exists()


def test_a_clone_that_is_carried_around_keeps_its_data_beside_it() -> None:
    assert data_choice.portable_folder() == ROOT.with_name("fanion-data")


@pytest.mark.parametrize("name", ["a.ca", "tbs-sct.gc.ca", "x1.2y.example", f"{'a' * 63}.ca", ""])
def test_names_of_organisations(data: Path, name: str) -> None:
    assert save_personal(data, organisation=name, machine=None).organisation == name
    assert load(data, None).organisation == name


@pytest.mark.parametrize("months", [0, 1, 24, 1200])
def test_months_of_retention(data: Path, months: int) -> None:
    assert save_personal(data, retention_months=months, machine=None).retention_months == months
    assert save_personal(data, officer="A", machine=None) == Settings("A", retention_months=months)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "FR_CA"}, "fr"),
        ({"LANG": "en_CA.UTF-8"}, "en"),
        ({"LANG": "fro_FR"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_CA", "LC_ALL": "fr_CA"}, "fr"),
        ({"LANG": "fr_CA", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_CA", "LC_ALL": ""}, "fr"),
        ({"LANG": "en_CA", "LC_MESSAGES": "fr_CA"}, "fr"),
        ({"LANG": "en_CA", "LC_ALL": "en_CA", "LANGUAGE": "fr"}, "fr"),
        ({"LANG": "fr_CA", "LANGUAGE": "en_CA:fr_CA"}, "en"),
        ({"LANG": "en_CA", "LANGUAGE": "de:fr_CA.UTF-8:en"}, "fr"),
        ({"LANG": "en_CA", "LANGUAGE": ":fr"}, "fr"),
        ({"LANG": "fr_CA", "LANGUAGE": "de"}, "en"),
        ({"LANG": "fr_CA", "LANGUAGE": ""}, "fr"),
        ({"LANG": "en_CA", "LANGUAGE": "C:fr"}, "en"),
        ({"LANG": "en_CA", "LANGUAGE": "fro:fr"}, "fr"),
        ({"LANG": "C", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "en_CA", "LC_ALL": "POSIX", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "en_CA", "LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}, "en"),
        ({"LANGUAGE": "fr"}, "en" if sys.platform == "linux" else "fr"),
    ],
)
def test_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, data: Path, environment: dict[str, str], expected: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert system_language() == expected
    assert load(data, None).language == expected


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of languages, as that of a window has it on Windows and on a Mac."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(("chosen", "expected"), [(0x0C0C, "fr"), (0x040C, "fr"), (0x1009, "en"), (0x0407, "en")])
def test_a_french_windows_is_answered_in_french(
    monkeypatch: pytest.MonkeyPatch, chosen: int, expected: str, on_system: Callable[[str], None]
) -> None:
    monkeypatch.setattr("core.system.language.ctypes", ctypes, raising=False)
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: chosen)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    on_system("win32")
    assert system_language() == expected
    monkeypatch.setenv("LANG", "en_CA")
    assert system_language() == "en"
    monkeypatch.setenv("LANGUAGE", "de:fr")
    assert system_language() == "fr"


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize(
    ("preferences", "expected"),
    [
        (plistlib.dumps({"AppleLanguages": ["fr-CA", "en-CA"]}), "fr"),
        (plistlib.dumps({"AppleLanguages": ["fr-CA"]}, fmt=plistlib.FMT_BINARY), "fr"),
        (plistlib.dumps({"AppleLanguages": ["en-CA", "fr-CA"]}), "en"),
        (plistlib.dumps({"AppleLanguages": []}), "en"),
        (plistlib.dumps(["fr"]), "en"),
        (b"no plist", "en"),
        (b"<?xml version='1.0'?><plist><", "en"),
        (None, "en"),
    ],
)
def test_a_french_mac_is_answered_in_french(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    preferences: bytes | None,
    expected: str,
    on_system: Callable[[str], None],
) -> None:
    monkeypatch.setattr("core.system.language.plistlib", plistlib, raising=False)
    on_system("darwin")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    if preferences is not None:
        (tmp_path / "Library/Preferences").mkdir(parents=True)
        (tmp_path / "Library/Preferences/.GlobalPreferences.plist").write_bytes(preferences)
    assert system_language() == expected


def test_language_in_order_of_who_says_it(monkeypatch: pytest.MonkeyPatch, data: Path, machine: Path) -> None:
    monkeypatch.setenv("LANG", "fr_CA")
    assert load(data, machine, default_language="en").language == "en"
    write(data / "settings.toml", "language = 'fr'")
    assert load(data, machine, default_language="en").language == "fr"
    write(machine, "language = 'en'")
    assert load(data, machine).language == "en"


BAD = [
    ("officer = 3", 1, "“officer” must be a text on one line"),
    ("# one\n# two\ndesk = ['a']", 3, "“desk” must be a text on one line"),
    ("desk.room = 'a'", 1, "“desk” must be a text on one line"),
    ("policy = true", 1, "“policy” must be a text on one line"),
    ("policy = 'policies/ours.json'", 1, "“policy” must be the name of a policy that comes with Fanion, or"),
    ("language = 'de'", 1, "“language” must be “en” or “fr”"),
    ("language = ['en']", 1, "“language” must be “en” or “fr”"),
    ("retention_months = '6'", 1, "“retention_months” must be a whole number from 0 to 1200"),
    ("retention_months = 1.5", 1, "“retention_months” must be a whole number"),
    ("retention_months = true", 1, "“retention_months” must be a whole number"),
    ("retention_months = -1", 1, "“retention_months” must be a whole number"),
    ("retention_months = 1201", 1, "“retention_months” must be a whole number"),
    ("head_office_key = ''", 1, "“head_office_key” must be a public key of age"),
    ("\nhead_office_key = 'age1'", 2, "“head_office_key” must be a public key of age"),
    (f"head_office_key = '{OFFICE[:-1]}'", 1, "mistyped or cut"),
    (f"head_office_key = '{OFFICE.replace('84s2', '84s3')}'", 1, "mistyped or cut"),
    (f"head_office_key = '{OFFICE}, {AUDITOR}'", 1, "with spaces between"),
    (f"head_office_key = ['{OFFICE}']", 1, "“head_office_key” must be a public key of age"),
    ("csv_separator = ';'", 1, "“csv_separator” must be “comma” or “semicolon”"),
    ("csv_separator = ['comma']", 1, "“csv_separator” must be “comma” or “semicolon”"),
    ("ask_imei = 1", 1, "“ask_imei” must be true or false"),
    ("kiosk_password = '1234'", 1, "“kiosk_password” must be what “fanion kiosk” has printed"),
    ("ask_imei = 'yes'", 1, "“ask_imei” must be true or false"),
    ("time_zone = 5", 1, "“time_zone” must be a text on one line"),
    ("time_zone = 'Toronto'", 1, "“time_zone” must be the name of a time zone, such as “America/Toronto”"),
    ("time_zone = '../../etc/localtime'", 1, "“time_zone” must be the name of a time zone"),
    ("organisation = 3", 1, "“organisation” must be a text on one line"),
    ("organisation = 'TBS.gc.ca'", 1, "“organisation” must be a domain name in lower-case letters"),
    ("organisation = 'tbs'", 1, "“organisation” must be a domain name"),
    ("organisation = '.ca'", 1, "“organisation” must be a domain name"),
    ("organisation = 'tbs-.ca'", 1, "“organisation” must be a domain name"),
    ("organisation = 'tbs.gc.ca/x'", 1, "“organisation” must be a domain name"),
    ("organisation = 'tbs.gc.ca '", 1, "“organisation” must be a domain name"),
    ('organisation = "a.ca\\n"', 1, "“organisation” must be a text on one line"),
    ("organisation = 'montréal.ca'", 1, "“organisation” must be a domain name"),
    (f"organisation = '{'a' * 64}.ca'", 1, "“organisation” must be a domain name"),
    (f"organisation = '{'a.' * 60}ca'", 1, "of at most 120 characters"),
    ('officer = "a\\nb"', 1, "“officer” must be a text on one line"),
    (f"officer = '{'x' * 121}'", 1, "of at most 120 characters"),
    ("desk = 'a'\ndesk = 'b'", None, "it is not valid TOML"),
    ("desk = 'a'\nofficer = b", 2, "it is not valid TOML"),
    ("desk = 'a", None, "it is not valid TOML"),
    ("x = " + "[" * 5_000, None, "it is not valid TOML"),
    (b"desk = 'a'\nofficer = '\xe9'", 2, "it is not UTF-8 text"),
    ("desk = 'a'".encode("utf-16"), 1, "it is not UTF-8 text"),
]


#: Files with a key that no setting has.
UNKNOWN = [
    ("colour = 'red'", 1, "colour"),
    ("desk = 'a'\n\nofficr = 'b'", 3, "officr"),
    ("desk = 'a'\n[section]\nx = 1", 2, "section"),
    ("[[list]]\nx = 1", 1, "list"),
    ("'officer ' = 'x'", 1, "officer "),
]


@pytest.mark.parametrize(("text", "line", "key"), UNKNOWN)
def test_a_key_that_is_not_known_is_refused_in_a_department_s_file(
    data: Path, machine: Path, text: str, line: int, key: str
) -> None:
    write(machine, text)
    with pytest.raises(SettingsProblem, match=f"line {line}, “{key}” is not a setting of Fanion"):
        load(data, machine)


@pytest.mark.parametrize(("text", "line", "key"), UNKNOWN)
def test_a_key_of_a_newer_fanion_is_told_and_stays_in_an_officer_s_file(
    data: Path, text: str, line: int, key: str
) -> None:
    path = data / "settings.toml"
    write(path, text)
    before = tomllib.loads(text)
    known = load(data, None)
    assert unknown_keys(data) == (key,)
    assert save_personal(data, officer="A. Roy", machine=None) == replace(known, officer="A. Roy")
    assert tomllib.loads(path.read_text("utf-8")) == before | {"officer": "A. Roy"}
    assert forget_personal(data, "officer", machine=None) == known
    assert tomllib.loads(path.read_text("utf-8")) == before


@pytest.mark.parametrize(("text", "line", "reason"), BAD)
@pytest.mark.parametrize("which", ["machine", "personal"])
def test_mistake_in_a_file_is_named_with_its_place(
    data: Path, machine: Path, which: str, text: str | bytes, line: int | None, reason: str
) -> None:
    path = machine if which == "machine" else data / "settings.toml"
    write(path, text)
    with pytest.raises(SettingsProblem) as refused:
        load(data, machine)
    sentence = refused.value.sentence.in_language("en")
    assert str(path) in sentence
    assert reason in sentence
    if line is not None:
        assert f"line {line}," in sentence
    assert refused.value.next_step.in_language("en")
    assert (refused.value.code, refused.value.exit_code) == ("settings", 5)


def test_mark_that_notepad_puts_first_is_no_mistake(data: Path) -> None:
    write(data / "settings.toml", b"\xef\xbb\xbfdesk = 'Desk 1'\r\n")
    assert load(data, None).desk == "Desk 1"


@pytest.mark.parametrize("which", ["machine", "personal"])
def test_file_that_cannot_be_read(data: Path, machine: Path, which: str) -> None:
    path = machine if which == "machine" else data / "settings.toml"
    path.mkdir(parents=True)
    with pytest.raises(SettingsProblem, match="could not be read") as refused:
        load(data, machine)
    assert str(path) in str(refused.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_no_file_can_crash_the_start(data: Path, content: bytes) -> None:
    write(data / "settings.toml", content)
    try:
        loaded = load(data, None)
    except SettingsProblem as problem:
        in_words = str(problem)
        assert in_words
    else:
        assert loaded.language in ("en", "fr")


NAMES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="\ufffd"), max_size=120)


@given(officer=NAMES, desk=NAMES, language=st.sampled_from(["en", "fr"]))
@examples(50)
def test_what_is_saved_is_loaded(data: Path, officer: str, desk: str, language: Any) -> None:
    saved = save_personal(data, officer=officer, desk=desk, language=language, machine=None)
    assert saved == load(data, None) == Settings(officer, desk, language=language)


def test_saving_leaves_the_rest_as_it_is(data: Path, machine: Path) -> None:
    save_personal(data, officer="A", desk="D", machine=machine)
    save_personal(data, desk="E", machine=machine)
    assert tomllib.loads((data / "settings.toml").read_text("utf-8")) == {"officer": "A", "desk": "E"}
    assert save_personal(data, officer="", machine=machine) == Settings(desk="E")


def test_what_is_locked_cannot_be_saved(data: Path, machine: Path) -> None:
    write(machine, "desk = 'Ottawa 3'\n")
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(data, officer="A", desk="Mine", machine=machine)
    assert not data.exists()
    assert save_personal(data, officer="A", machine=machine).desk == "Ottawa 3"
    assert "desk" not in (data / "settings.toml").read_text()


def test_own_value_comes_back_once_the_lock_is_gone(data: Path, machine: Path) -> None:
    save_personal(data, desk="Mine", machine=machine)
    write(machine, "desk = 'Ottawa 3'\n")
    save_personal(data, officer="A", machine=machine)
    machine.unlink()
    assert load(data, machine) == Settings("A", "Mine")


@pytest.mark.parametrize(
    "change",
    [
        {"officer": "a\nb"},
        {"officer": "\ud800"},
        {"desk": "x" * 121},
        {"policy": "ours.json"},
        {"language": "de"},
        {"organisation": "TBS"},
        {"head_office_key": ""},
        {"head_office_key": OFFICE.upper()},
        {"retention_months": -1},
        {"retention_months": True},
    ],
)
def test_value_that_no_file_may_have_is_not_saved(data: Path, change: dict[str, Any]) -> None:
    save_personal(data, officer="A", machine=None)
    with pytest.raises(SettingsProblem, match="cannot be saved"):
        save_personal(data, machine=None, **change)
    assert load(data, None) == Settings("A")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead")
def test_only_the_owner_can_read_them(data: Path) -> None:
    save_personal(data, officer="A", machine=None)
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "settings.toml").stat().st_mode & 0o777 == 0o600


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsProblem, match=r"could not be (read|saved)"):
        save_personal(tmp_path / "file" / "data", officer="A", machine=None)
    with pytest.raises(SettingsProblem, match=r"could not be (read|saved)"):
        save_personal(tmp_path / "file", officer="A", machine=None)


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_disk_that_fails_leaves_the_old_file_and_no_rest(
    data: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    save_personal(data, officer="A", machine=None)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(SettingsProblem, match="could not be saved") as refused:
        save_personal(data, officer="B", machine=None)
    assert "No space left" in refused.value.detail
    assert load(data, None) == Settings("A")
    assert [f.name for f in data.iterdir()] == ["settings.toml"]


SAVING = """if True:
    import sys
    from pathlib import Path
    from core.desk.settings.settings import save_personal
    for number in range(100):
        save_personal(Path(sys.argv[1]), officer=sys.argv[2] * 120, desk=str(number), machine=None)
"""


def test_two_programs_that_save_at_once_never_tear_the_file(data: Path) -> None:
    programs = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", SAVING, str(data), letter], cwd=ROOT) for letter in "ab"
    ]
    while any(program.poll() is None for program in programs):
        assert set(load(data, None).officer) in ({"a"}, {"b"}, set())
    assert [program.wait() for program in programs] == [0, 0]
    settings = load(data, None)
    assert settings.officer in ("a" * 120, "b" * 120)
    assert settings.desk == "99"


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        ("given", "set", "given"),
        (Path("given"), "set", "given"),
        (None, "set", "set"),
        ("", "set", "set"),
        (None, "", platformdirs.user_data_dir("fanion", appauthor=False)),
    ],
)
def test_data_folder(monkeypatch: pytest.MonkeyPatch, argument: Any, variable: str, expected: str) -> None:
    monkeypatch.setenv("FANION_DATA", variable)
    monkeypatch.setattr(data_choice, "chosen", lambda: None)  # whatever the person has chosen who runs this
    assert data_choice.find(argument).folder == Path(expected).absolute()


# Whom the department's file belongs to

ADMINISTRATORS, USERS, OFFICER = "S-1-5-32-544", "S-1-5-32-545", "S-1-5-21-1-2-3-1104"
READ, MODIFY = 0x1200A9, 0x1301BF


class Windows:
    """Windows' access lists, in a table of this test's. What is not in it is the administrators', for all to read."""

    def __init__(self) -> None:
        self.found: dict[Path, Access | Exception] = {}
        self.me: str | None = None

    def of(self, path: Path, *, follow: bool = False) -> Access:
        path.stat(follow_symlinks=follow)
        answer = self.found.get(path.resolve() if follow else path, Access(ADMINISTRATORS, (AccessGrant(USERS, READ),)))
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    found = Windows()
    monkeypatch.setattr(windows_acl, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(windows_acl, "of", found.of)
    monkeypatch.setattr(windows_acl, "_administrator", lambda: found.me)
    return found


def refuses(data: Path, machine: Path) -> SettingsProblem:
    """What the settings of this department are refused with, and that nothing is judged without them."""
    with pytest.raises(SettingsProblem) as refused:
        load(data, machine)
    assert refused.value.department
    assert refused.value.next_step.in_language("en").startswith("Ask your IT support")
    with pytest.raises(SettingsProblem):
        save_personal(data, officer="A", machine=machine)
    return refused.value


@pytest.mark.usefixtures("windows")
def test_what_an_administrator_wrote_counts_on_windows(data: Path, machine: Path) -> None:
    assert load(data, machine) == Settings()
    machine.parent.mkdir()
    assert load(data, machine) == Settings()
    write(machine, "desk = 'Ottawa 3'\n")
    assert load(data, machine).locked == {"desk"}


@pytest.mark.parametrize("written", [True, False])
def test_a_folder_that_somebody_has_made_first_does_not_count(
    windows: Windows, data: Path, machine: Path, written: bool
) -> None:
    machine.parent.mkdir()
    if written:
        write(machine, "unsigned_policy = true\n")
    windows.found[machine.parent] = Access(OFFICER, (AccessGrant(ADMINISTRATORS, 0x1F01FF),))
    problem = refuses(data, machine)
    assert str(problem.sentence) == (
        f"The settings of your organisation in {machine.parent} do not belong to an administrator."
    )
    assert str(machine.parent) in str(problem.next_step)
    assert OFFICER in problem.detail
    windows.me = OFFICER
    assert load(data, machine).unsigned_policy is written


def test_a_file_that_somebody_has_put_there_does_not_count(windows: Windows, data: Path, machine: Path) -> None:
    write(machine, "unsigned_policy = true\n")
    windows.found[machine] = Access(OFFICER, (AccessGrant(USERS, READ),))
    assert f"in {machine} do not belong to an administrator" in str(refuses(data, machine))


@pytest.mark.parametrize("which", ["folder", "file"])
@pytest.mark.parametrize(
    "grants", [None, (AccessGrant(USERS, MODIFY),), (AccessGrant(OFFICER, MODIFY),), (AccessGrant("S-1-1-0", 0x40000),)]
)
def test_what_others_can_change_does_not_count(
    windows: Windows, data: Path, machine: Path, which: str, grants: tuple[AccessGrant, ...] | None
) -> None:
    write(machine, "desk = 'Ottawa 3'\n")
    place = machine.parent if which == "folder" else machine
    windows.found[place] = Access(ADMINISTRATORS, grants)
    assert f"in {place} can be changed by others than administrators" in str(refuses(data, machine))


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")
def test_a_link_counts_only_where_what_it_leads_to_does(
    windows: Windows, data: Path, machine: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "settings.toml", "unsigned_policy = true\n")
    machine.parent.symlink_to(elsewhere)
    assert load(data, machine).unsigned_policy
    for place in (elsewhere, machine.parent):
        windows.found = {place: Access(OFFICER, ())}
        assert "do not belong to an administrator" in str(refuses(data, machine))


@pytest.mark.parametrize("error", [PermissionError(13, "Access is denied"), ValueError("no list")])
def test_where_windows_does_not_say_nothing_is_open(
    windows: Windows, data: Path, machine: Path, error: Exception
) -> None:
    write(machine, "desk = 'Ottawa 3'\n")
    windows.found[machine] = error
    problem = refuses(data, machine)
    assert "Windows does not say to whom the settings of your organisation in" in str(problem)
    assert problem.detail == str(error)


def test_a_file_that_comes_after_the_look_is_not_read(windows: Windows, data: Path, machine: Path) -> None:
    machine.parent.mkdir()
    of = windows.of

    def meanwhile(path: Path, *, follow: bool = False) -> Access:
        try:
            return of(path, follow=follow)
        except FileNotFoundError:
            write(machine, "unsigned_policy = true\n")
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows_acl, "of", meanwhile)
        assert not load(data, machine).unsigned_policy
    assert machine.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_link_of_the_departments_that_leads_nowhere_opens_no_lock(
    data: Path, machine: Path, tmp_path: Path, which: str
) -> None:
    disk = tmp_path / "disk"
    write(disk / "settings.toml", "own_rules = false\n")
    if which == "folder":
        machine.parent.symlink_to(disk)
    else:
        machine.parent.mkdir()
        machine.symlink_to(disk / "settings.toml")
    assert not load(data, machine).own_rules
    disk.rename(tmp_path / "pulled out")
    problem = refuses(data, machine)
    assert str(problem.sentence) == f"The settings of your organisation are not where {machine} leads."
    assert problem.detail


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")
def test_an_officers_own_link_that_leads_nowhere_sets_nothing(data: Path, tmp_path: Path) -> None:
    data.mkdir()
    (data / "settings.toml").symlink_to(tmp_path / "nothing")
    assert load(data, None) == Settings()


def test_where_windows_does_not_say_where_that_is_nothing_is_taken_for_unset(
    monkeypatch: pytest.MonkeyPatch, on_system: Callable[[str], None]
) -> None:
    def unknown() -> Path:
        raise OSError

    on_system("win32")
    monkeypatch.setattr("core.system.files.windows_acl.program_data", unknown)
    file = machine_file()
    monkeypatch.undo()
    with pytest.raises(SettingsProblem, match="Windows does not say to whom") as caught:
        load(None, file)
    assert caught.value.department


def test_windows_is_asked_for_the_departments_folder_and_not_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_system: Callable[[str], None]
) -> None:
    for name in ("WIN_PD_OVERRIDE_COMMON_APPDATA", "PROGRAMDATA", "ALLUSERSPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "mine"))
    monkeypatch.setattr(windows_acl, "program_data", lambda: tmp_path / "ProgramData")
    on_system("win32")
    found = machine_file()
    monkeypatch.undo()
    assert found == tmp_path / "ProgramData" / "Fanion" / "settings.toml"


def test_departments_file_is_where_administrators_put_it() -> None:
    assert MACHINE_FILE.name == "settings.toml"
    assert MACHINE_FILE.is_absolute()
    if sys.platform == "linux":
        assert Path("/etc/fanion/settings.toml") == MACHINE_FILE


def test_a_key_of_many_parts_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Python's own reader would need gigabytes for it."""
    (tmp_path / "settings.toml").write_text(".".join(["a"] * 20_000) + " = 1\n")
    with pytest.raises(SettingsProblem, match="in line 1, it is not valid TOML"):
        load(tmp_path, None)
