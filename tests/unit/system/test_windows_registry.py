"""Group policies of Windows, which set what the department's file sets. The registry is a small one of this test's."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.desk import Desk
from core.desk.settings.settings import SettingsProblem, load, save_personal
from core.system import windows_registry

#: https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types
SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11


class Key:
    """An open key of the registry."""

    def __init__(self, values: list[tuple[str, object, int]]) -> None:
        self.values = values
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.closed = True


class Winreg:
    """What Fanion uses of the module of that name: only to be had on Windows."""

    HKEY_LOCAL_MACHINE = object()
    KEY_READ = 0x20019
    KEY_WOW64_64KEY = 0x100

    def __init__(self) -> None:
        self.key: Key | OSError = FileNotFoundError(2, "The system cannot find the file specified")
        self.asked: list[tuple[object, str, int]] = []

    def OpenKey(self, root: object, path: str, reserved: int, access: int) -> Key:  # noqa: N802 - Windows' own name
        assert reserved == 0
        self.asked.append((root, path, access))
        if isinstance(self.key, OSError):
            raise self.key
        return self.key

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:  # noqa: N802 - Windows' own name
        return 0, len(key.values), 0

    def EnumValue(self, key: Key, index: int) -> tuple[str, object, int]:  # noqa: N802 - Windows' own name
        return key.values[index]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FANION_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> Winreg:
    found = Winreg()
    monkeypatch.setattr(windows_registry, "winreg", found, raising=False)
    monkeypatch.setattr(windows_registry, "sys", SimpleNamespace(platform="win32"))
    return found


@pytest.fixture
def policies(winreg: Winreg) -> Callable[..., None]:
    """Put values there, by name: each with its type."""

    def put(**values: tuple[object, int]) -> None:
        winreg.key = Key([(name, data, kind) for name, (data, kind) in values.items()])

    return put


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return tmp_path / "department.toml"


def test_without_policies_nothing_is_set(winreg: Winreg, tmp_path: Path, machine: Path) -> None:
    assert not load(tmp_path, machine).locked
    assert winreg.asked == [(winreg.HKEY_LOCAL_MACHINE, r"Software\Policies\Fanion", 0x20119)]


def test_policies_count_as_the_departments_and_win_over_its_file(
    policies: Callable[..., None], winreg: Winreg, tmp_path: Path, machine: Path
) -> None:
    machine.write_text("desk = 'File'\norganisation = 'file.ca'\nown_rules = true\n", encoding="utf-8")
    (tmp_path / "settings.toml").write_text("officer = 'Mine'\ndesk = 'Mine'\nask_imei = false\n", encoding="utf-8")
    policies(
        desk=("Policy", SZ),
        own_rules=(0, DWORD),
        ask_imei=(1, DWORD),
        retention_months=(18, DWORD),
        shared_log=(str(tmp_path / "log"), SZ),
    )
    found = load(tmp_path, machine)
    assert (found.desk, found.organisation, found.officer) == ("Policy", "file.ca", "Mine")
    assert (found.own_rules, found.ask_imei, found.retention_months) == (False, True, 18)
    assert found.shared_log == str(tmp_path / "log")
    assert found.locked == {"desk", "organisation", "own_rules", "ask_imei", "retention_months", "shared_log"}
    assert isinstance(winreg.key, Key)
    assert winreg.key.closed
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(tmp_path, desk="Mine", machine=machine)


def test_zero_and_one_are_false_and_true_and_no_numbers(
    policies: Callable[..., None], tmp_path: Path, machine: Path
) -> None:
    policies(own_rules=(1, DWORD), exceptions=(0, DWORD))
    found = load(tmp_path, machine)
    assert found.own_rules is True
    assert found.exceptions is False


def test_upper_case_is_no_other_name(policies: Callable[..., None], tmp_path: Path, machine: Path) -> None:
    policies(Officer=("Front desk", SZ), OWN_RULES=(0, DWORD))
    assert load(tmp_path, machine).locked == {"officer", "own_rules"}


@pytest.mark.parametrize(
    ("name", "data", "kind", "reason"),
    [
        ("colour", "red", SZ, "“colour” is not a setting of Fanion"),
        ("colour", 1, DWORD, "“colour” is not a setting of Fanion"),
        ("colour", b"", BINARY, "“colour” is not a setting of Fanion"),
        ("", "red", SZ, "“” is not a setting of Fanion"),
        ("locked", 1, DWORD, "“locked” is not a setting of Fanion"),
        ("policy_root ", "C:\\root.json", SZ, "“policy_root ” is not a setting of Fanion"),
        ("officer", 1, DWORD, "“officer” must be of the type REG_SZ"),
        ("officer", "A", EXPAND_SZ, "“officer” must be of the type REG_SZ"),
        ("officer", ["A"], MULTI_SZ, "“officer” must be of the type REG_SZ"),
        ("officer", None, SZ, "“officer” must be of the type REG_SZ"),
        ("officer", "a\nb", SZ, "“officer” must be a text on one line"),
        ("officer", "a\0b", SZ, "“officer” must be a text on one line"),
        ("officer", "x" * 121, SZ, "of at most 120 characters"),
        ("language", "de", SZ, "“language” must be “en” or “fr”"),
        ("language", 1, DWORD, "“language” must be of the type REG_SZ"),
        ("policy_root", "root.json", SZ, "“policy_root” must be the full path of a file"),
        ("shared_log", "log", SZ, "“shared_log” must be the full path of a folder"),
        ("shared_log", 1, DWORD, "“shared_log” must be of the type REG_SZ"),
        ("own_rules", "0", SZ, "“own_rules” must be a REG_DWORD of 0 or 1"),
        ("own_rules", "false", SZ, "“own_rules” must be a REG_DWORD of 0 or 1"),
        ("own_rules", 2, DWORD, "“own_rules” must be a REG_DWORD of 0 or 1"),
        ("own_rules", b"\0", BINARY, "“own_rules” must be a REG_DWORD of 0 or 1"),
        ("own_rules", 0, QWORD, "“own_rules” must be a REG_DWORD of 0 or 1"),
        ("retention_months", "6", SZ, "“retention_months” must be of the type REG_DWORD"),
        ("retention_months", 1201, DWORD, "“retention_months” must be a whole number from 0 to 1200"),
        ("retention_months", 6, QWORD, "“retention_months” must be of the type REG_DWORD"),
    ],
)
def test_a_mistake_is_named_with_the_registry_value_and_no_line(
    policies: Callable[..., None], tmp_path: Path, machine: Path, name: str, data: object, kind: int, reason: str
) -> None:
    policies(**{"exceptions": (0, DWORD), name: (data, kind)})
    with pytest.raises(SettingsProblem) as refused:
        load(tmp_path, machine)
    sentence = refused.value.sentence.in_language("en")
    assert sentence.startswith(f"The registry value HKLM\\Software\\Policies\\Fanion\\{name} cannot be used: ")
    assert reason in sentence
    assert " line " not in sentence.split("cannot be used")[0]
    assert "IT support" in str(refused.value.next_step)
    assert refused.value.department


def test_policies_that_may_not_be_read_leave_nothing_open(winreg: Winreg, tmp_path: Path, machine: Path) -> None:
    winreg.key = PermissionError(13, "Access is denied")
    with pytest.raises(SettingsProblem, match="The settings in the registry, under HKLM") as refused:
        load(tmp_path, machine)
    assert refused.value.department
    assert "Access is denied" in refused.value.detail


def test_a_file_that_cannot_be_used_is_told_though_policies_are_there(
    policies: Callable[..., None], tmp_path: Path, machine: Path
) -> None:
    machine.write_text("ownrules = false\n", encoding="utf-8")
    policies(own_rules=(0, DWORD))
    with pytest.raises(SettingsProblem, match="“ownrules” is not a setting"):
        load(tmp_path, machine)


def test_whoever_asks_for_their_own_settings_alone_is_told_no_policies(
    policies: Callable[..., None], tmp_path: Path
) -> None:
    policies(officer=("Policy", SZ))
    assert not load(tmp_path, None).locked


def test_no_data_folder_leads_around_them(
    policies: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies(exceptions=(0, DWORD), shared_log=(str(tmp_path / "log"), SZ))
    monkeypatch.setenv("FANION_DATA", str(tmp_path / "mine"))
    for desk in (Desk.at(None), Desk.at(tmp_path / "other"), Desk.at(None, portable=True)):
        assert not desk.settings.exceptions
        assert desk.log_folder == tmp_path / "log"


def test_only_so_many_are_looked_at(winreg: Winreg, tmp_path: Path, machine: Path) -> None:
    winreg.key = Key([(f"name{number}", "x", SZ) for number in range(100_000)])
    assert len(windows_registry.values()) == 200
    with pytest.raises(SettingsProblem, match="“name0” is not a setting"):
        load(tmp_path, machine)


@given(
    name=st.text(max_size=30) | st.sampled_from(["officer", "policy", "exceptions", "retention_months", "shared_log"]),
    data=st.none() | st.text(max_size=200) | st.integers(0, 2**32 - 1) | st.binary(max_size=20) | st.lists(st.text()),
    kind=st.integers(0, 12),
)
def test_whatever_stands_there_it_is_a_setting_or_refused(
    winreg: Winreg, tmp_path: Path, machine: Path, name: str, data: Any, kind: int
) -> None:
    winreg.key = Key([(name, data, kind)])
    with contextlib.suppress(SettingsProblem):
        assert load(tmp_path, machine).locked == {name.lower()}


@pytest.mark.skipif(sys.platform == "win32", reason="this is Windows")
def test_elsewhere_there_is_no_registry() -> None:
    assert windows_registry.values() == {}


def test_a_key_of_head_office_is_a_text_that_is_looked_at(
    policies: Callable[..., None], tmp_path: Path, machine: Path
) -> None:
    key = "age1q84s2hqmg3gp9ery8avd632xx28pmphqqvn6d6m8kge89qr50cus0ptksc"
    policies(head_office_key=(key, SZ))
    found = load(tmp_path, machine)
    assert (found.head_office_key, found.locked) == (key, {"head_office_key"})
    policies(head_office_key=(key[:-1], SZ))
    with pytest.raises(SettingsProblem, match="mistyped or cut"):
        load(tmp_path, machine)
