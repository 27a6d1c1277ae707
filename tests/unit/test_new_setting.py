"""One setting is one row: what a new one takes, shown with one that Fanion does not have.

By hand, adding one touches the three files of `BY_HAND`; a command writes those of `GENERATED`. Beside them comes only
what obeys the setting. The page of settings is shown in ``tests/gui/settings/test_settings_page.py``.
"""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import pytest

from core.desk.settings.setting_files import export_settings, import_settings
from core.desk.settings.settings import SettingsProblem, load, save_personal
from core.desk.settings.settings_table import ROWS, Settings
from core.system import windows_registry
from core.system.windows_registry import RegistryValue
from gui.settings.setting_rows import FieldKind, sections
from installer import settings_files
from installer.settings_files import ADMX, EXAMPLE, GUIDES, ROOT
from tests import new_setting
from tests.new_setting import KEY

#: The catalogue has the French of a row's texts; both languages of what administrators read are in the second.
BY_HAND: Final = {
    "core/desk/settings/settings_table.py",
    "installer/settings_texts.toml",
    "resources/locale/fr/LC_MESSAGES/fanion.po",
}
#: Written by ``installer/catalogue.py update`` and ``python -m installer.settings_files update``.
GENERATED: Final = {
    "resources/locale/fr/LC_MESSAGES/fanion.mo",
    "installer/windows/admx/fanion.admx",
    "installer/windows/admx/en-US/fanion.adml",
    "installer/windows/admx/fr-CA/fanion.adml",
    "installer/linux/settings.toml",
    "resources/guides/administrator.en.md",
    "resources/guides/administrator.fr.md",
}
#: They have the sentences of a setting, and not its key.
CATALOGUE: Final = {path for path in BY_HAND | GENERATED if "/locale/" in path}
SCHEMA: Final = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new setting is in the table."""
    new_setting.add(monkeypatch)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    file = tmp_path / "department.toml"
    file.write_text("")
    return file


def value(applies: Settings) -> object:
    return getattr(applies, KEY)


# --- it works as all others do


def test_it_is_read_from_a_file_written_exported_and_imported(tmp_path: Path, machine: Path) -> None:
    assert value(load(tmp_path, machine)) == "red"
    assert value(save_personal(tmp_path, machine=machine, flag_colour="blue")) == "blue"
    assert 'flag_colour = "blue"' in (tmp_path / "settings.toml").read_text(encoding="utf-8")
    exported = tmp_path / "exported.toml"
    exported.write_bytes(export_settings(load(tmp_path, machine)))
    (tmp_path / "other").mkdir()
    assert value(import_settings(tmp_path / "other", exported, machine).settings) == "blue"


@pytest.mark.parametrize("wrong", ["'green'", "1", "true", "['red']"])
def test_a_wrong_value_is_refused_with_its_line_and_its_own_sentence(tmp_path: Path, machine: Path, wrong: str) -> None:
    (tmp_path / "settings.toml").write_text(f"officer = 'A'\nflag_colour = {wrong}\n", encoding="utf-8")
    with pytest.raises(SettingsProblem, match="in line 2, “flag_colour” must be “red” or “blue”"):
        load(tmp_path, machine)


def test_the_department_locks_it_by_its_file_and_by_a_group_policy(
    tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text("flag_colour = 'red'\n", encoding="utf-8")
    machine.write_text("flag_colour = 'blue'\n")
    applies = load(tmp_path, machine)
    assert (value(applies), applies.locked) == ("blue", {KEY})
    with pytest.raises(SettingsProblem, match="set by your organisation"):
        save_personal(tmp_path, machine=machine, flag_colour="red")
    machine.write_text("")
    monkeypatch.setattr(windows_registry, "values", lambda: {KEY: RegistryValue("blue")})
    assert load(tmp_path, machine).is_locked(KEY)
    monkeypatch.setattr(windows_registry, "values", lambda: {KEY: RegistryValue(1)})
    with pytest.raises(SettingsProblem, match="“flag_colour” must be of the type REG_SZ"):
        load(tmp_path, machine)


def test_the_settings_page_offers_it_last_in_its_section() -> None:
    (last,) = (rows[-1] for title, rows in sections() if str(title) == "Window and paper")
    assert (last.key, str(last.name), last.kind) == (KEY, "Colour of the flag", FieldKind.CHOICE)
    assert [(value, str(name)) for value, name in last.choices] == [("red", "Red flag"), ("blue", "Blue flag")]


# --- what administrators get has it


@pytest.fixture
def files(added: None) -> dict[Path, str]:
    return settings_files.made(ROWS, new_setting.texts())


def test_the_templates_for_group_policies_have_it_with_its_version(files: dict[Path, str]) -> None:
    template = ET.fromstring(files[ADMX / "fanion.admx"])
    (policy,) = (one for one in template.iter(f"{SCHEMA}policy") if one.attrib["name"] == KEY)
    assert [one.text for one in policy.iter(f"{SCHEMA}string")] == ["red", "blue"]
    assert policy.find(f"{SCHEMA}supportedOn").attrib["ref"] == "FANION_9_2"  # type: ignore[union-attr]
    versions = [one.attrib["name"] for one in template.iter(f"{SCHEMA}definition")]
    assert versions == ["FANION_0_1", "FANION_1_0", "FANION_9_2"]
    for culture, title, version in (
        ("en-US", "Colour of the flag", "Fanion 9.2 or later"),
        ("fr-CA", "Couleur du drapeau", "Fanion 9.2 ou version ultérieure"),
    ):
        words = ET.fromstring(files[ADMX / culture / "fanion.adml"])
        strings = {one.attrib["id"]: one.text for one in words.iter(f"{SCHEMA}string")}
        assert (strings[KEY], strings["FANION_9_2"]) == (title, version)
        used = set(re.findall(r"\$\(string\.(\w+)\)", files[ADMX / "fanion.admx"]))
        assert used == set(strings)
        (field,) = (one for one in words.iter(f"{SCHEMA}presentation") if one.attrib["id"] == KEY)
        assert field[0].tag == f"{SCHEMA}dropdownList"


def test_words_are_no_markup_in_the_templates(files: dict[Path, str]) -> None:
    words = ET.fromstring(files[ADMX / "en-US" / "fanion.adml"])
    strings = {one.attrib["id"]: one.text for one in words.iter(f"{SCHEMA}string")}
    assert strings[f"{KEY}_help"] == "Which colour the flag has.\n\nFive < six & all."


def test_the_example_file_has_it_and_sets_nothing(files: dict[Path, str]) -> None:
    text = files[EXAMPLE]
    assert text.endswith(
        '\n\n# The colour of the flag: red or blue.\n# La couleur du drapeau : red ou blue.\n# flag_colour = "blue"\n'
    )
    assert tomllib.loads(text) == {}


def test_the_guide_s_table_has_it_and_all_else_stays(files: dict[Path, str]) -> None:
    for language, line in (
        ("en", "| `flag_colour` | `red` or `blue` | `red` | both | which colour the flag on the roof has |"),
        ("fr", "| `flag_colour` | `red` ou `blue` | `red` | les deux | la couleur du drapeau sur le toit |"),
    ):
        guide = GUIDES / f"administrator.{language}.md"
        lines = files[guide].split("\n")
        assert lines.count(line) == 1
        lines.remove(line)
        assert lines == guide.read_text(encoding="utf-8").split("\n")


# --- and nothing else has a list of the settings


def test_adding_a_setting_touches_three_files_by_hand() -> None:
    """A file that names most of the settings is a list of them, which a new one would have to be added to."""
    keys = [key for key in ROWS if "_" in key and key != KEY]  # the others are words of English, too
    assert len(keys) > 10
    lists = set()
    for path in product_files():
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        if sum(key in words for key in keys) > len(keys) / 2:
            lists.add(path.relative_to(ROOT).as_posix())
    assert lists == (BY_HAND | GENERATED) - CATALOGUE
    assert len(BY_HAND) <= 4
    assert all((ROOT / path).is_file() for path in BY_HAND | GENERATED)


def product_files() -> list[Path]:
    """All texts of the product: its code, what builds it, what is shipped with it, and what is read with it."""
    kinds = {".py", ".toml", ".md", ".admx", ".adml", ".sh", ".nsi", ".nsh", ".wxs", ".qss", ".typ", ".rules", ""}
    folders = ("core", "gui", "installer", "resources", "docs")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return [path for path in found if path.suffix in kinds and path.is_file()]
