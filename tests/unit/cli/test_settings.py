"""``fanion settings``: what applies and who has set it; a reset keeps a damaged file, and opens no lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Fanion

#: What a person, a disk or a newer version may have left in the file.
DAMAGED = ["nonsense", "ask_imei = 3", 'languge = "fr"\nlanguage = "xx"', "\x00\x01", "policy_root = '/x'"]


@pytest.fixture
def own(data: Path) -> Path:
    """The officer's own settings file, which is not there yet."""
    data.mkdir()
    return data / "settings.toml"


@pytest.fixture
def machine(tmp_path: Path, department_is: Callable[[Path], None]) -> Path:
    """The department's settings file, which is not there yet."""
    file = tmp_path / "department" / "settings.toml"
    file.parent.mkdir()
    department_is(file)
    return file


def test_what_applies_is_shown_with_who_has_set_it(fanion: Fanion, own: Path) -> None:
    own.write_text('officer = "A. Roy"\nfuture = 1\n')
    said = fanion("settings", "show")
    assert said.code == 0
    row = next(line for line in said.out.splitlines() if line.startswith("officer "))
    assert row.split()[1:] == ["A.", "Roy", "you"]
    assert "future" in said.out
    told = fanion("settings", "show", "--json").json
    assert told["settings"]["officer"] == {"value": "A. Roy", "source": "own", "place": str(own), "locked": False}
    assert told["settings"]["ask_imei"]["source"] == "standard"
    assert (told["unknown"], told["fault"]) == (["future"], None)


def test_a_password_is_not_shown(fanion: Fanion, own: Path) -> None:
    line = fanion("kiosk", typed="correct horse battery\n").out
    own.write_text(line)
    assert fanion("settings", "show", "--json").json["settings"]["kiosk_password"]["value"] is True
    assert line.split('"')[1] not in fanion("settings", "show").out


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_told_and_kept_by_a_reset(fanion: Fanion, own: Path, content: str) -> None:
    own.write_text(content)
    shown = fanion("settings", "show", "--json")
    assert (shown.code, shown.json["fault"]["code"]) == (5, "settings")
    assert fanion("check", "--practice", "clean").code == 5
    said = fanion("settings", "reset", "--yes", "--json")
    assert said.code == 0
    assert Path(said.json["kept"]).read_text() == content
    assert not own.exists()
    assert fanion("settings", "show").code == 0
    assert fanion("settings", "reset", "--yes").out == "They are already the standard settings.\n"


def test_a_reset_asks_and_does_nothing_unasked(fanion: Fanion, own: Path, at_keyboard: Callable[[bool], None]) -> None:
    own.write_text("ask_imei = true\n")
    said = fanion("settings", "reset")
    assert (said.code, "--yes" in said.err) == (2, True)
    assert own.read_text() == "ask_imei = true\n"


def test_one_setting_goes_back_to_the_standard(fanion: Fanion, own: Path) -> None:
    own.write_text('ask_imei = true\ndesk = "North"\n')
    assert fanion("settings", "reset", "ask_imei").out == "ask_imei has the standard again: false\n"
    assert own.read_text().strip() == 'desk = "North"'
    assert fanion("settings", "reset", "imei").code == 2


def test_what_the_department_has_set_stays_locked(fanion: Fanion, own: Path, machine: Path) -> None:
    machine.write_text("ask_imei = true\n")
    own.write_text('desk = "North"\n')
    shown = fanion("settings", "show", "--json").json["settings"]["ask_imei"]
    assert (shown["value"], shown["source"], shown["locked"]) == (True, "department-file", True)
    refused = fanion("settings", "reset", "ask_imei", "--json")
    assert (refused.code, refused.json["problem"]["code"]) == (5, "settings")
    assert fanion("settings", "reset", "policy_root").code == 5, "only the department may set it"
    assert fanion("settings", "reset", "--yes").code == 0
    after = fanion("settings", "show", "--json").json["settings"]["ask_imei"]
    assert (after["value"], after["locked"]) == (True, True)


def test_nothing_is_reset_where_the_departments_file_cannot_be_read(fanion: Fanion, own: Path, machine: Path) -> None:
    machine.write_text("nonsense")
    own.write_text('desk = "North"\n')
    for words in (("show",), ("reset", "--yes"), ("reset", "desk")):
        assert fanion("settings", *words).code == 5
    assert own.read_text() == 'desk = "North"\n'
