"""The log for support and the bundle, by the command line: nothing of a person or a phone is in them."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from core import text
from core.cli import Command, parser, terminal
from core.simulator import PracticeServer, load
from core.system.support import support_log
from tests.unit.conftest import Fanion
from tests.unit.system.personal import IMEI, PERSONAL, TOLD, a_person_s_phone


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "settings.toml").write_text(tomli_w.dumps({"officer": "Odile Gagnon", "desk": "Guichet 14"}))
    monkeypatch.setenv("FANION_DATA", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return folder


def log_of(data: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in reversed(support_log.log_files_in(data)))


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_a_whole_walk_up_leaves_nothing_of_the_person_or_the_phone(fanion: Fanion, data: Path) -> None:
    scenario = a_person_s_phone("preinstalled")
    with PracticeServer(scenario, pace=0) as phone:
        others = {app for app in phone.phone.installed() if "kaspersky" not in app and "kms" not in app}
        about = ("--connect", phone.address, "--asset-tag", TOLD.tag, "--holder", TOLD.holder, "--imei", IMEI)
        assert fanion("check", *about)[0] == 1
        assert fanion("remove", *about, "--yes")[0] == 3
        assert fanion("restore", *about, "com.kmsjp")[0] == 0
    assert fanion("check", "--phone", scenario.device.serial)[0] == 4
    assert fanion("check", "--connect", phone.address)[0] == 4
    assert fanion("log", "verify", "--practice")[0] in (0, 3)
    said = log_of(data)
    for event in ("command.start command=remove", "phone.read phone=1", "check.end phone=1 verdict=red", "undo.step"):
        assert event in said
    assert "removal.step phone=1 outcome=" in said
    assert "problem phone=1 code=phone-no-connection" in said
    assert "rules=kaspersky" in said
    assert len(others) > 200
    for secret in (*PERSONAL, *others, scenario.device.serial, scenario.device.model, "Odile", "Gagnon", "Guichet"):
        assert secret not in said, secret
    assert "=?" not in said


@pytest.mark.slow
def test_why_a_phone_is_amber_is_told_without_naming_anything(fanion: Fanion, data: Path) -> None:
    assert fanion("check", "--practice", "unseen")[0] == 3
    assert "The phone does not let a computer list the apps of this profile." in log_of(data)


def test_a_bug_is_told_by_its_place(fanion: Fanion, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("R58M12ABCDE of Marie Tremblay")

    monkeypatch.setattr("core.visit.visited_phone.check_phone", broken)
    assert fanion("check", "--practice", "clean")[0] == 70
    said = log_of(data)
    assert "bug kind=RuntimeError through=core.cli.main:" in said
    assert "core.visit.visited_phone.check:" in said
    assert "R58M12ABCDE" not in said


@pytest.mark.parametrize(
    "words", [("phones",), ("log", "list"), ("policy", "show"), ("self-test",), ("completion", "bash")]
)
def test_a_command_that_only_reads_leaves_no_log(fanion: Fanion, data: Path, words: tuple[str, ...]) -> None:
    before = {path.name for path in data.iterdir()}
    fanion(*words)
    assert {path.name for path in data.iterdir()} == before


def test_a_data_folder_is_not_made_for_it(fanion: Fanion, tmp_path: Path) -> None:
    folder = tmp_path / "none"
    fanion("--data", str(folder), "check", "--phone", "R58M12ABCDE")
    assert not (folder / support_log.FOLDER).exists()


def test_every_command_has_a_name_in_the_log() -> None:
    (commands,) = (action.choices for action in parser()._actions if action.dest == "command")
    assert set(Command) == set(commands or ())


# --- the bundle


@pytest.mark.slow
def test_the_bundle_has_what_was_shown_and_no_name(fanion: Fanion, data: Path, tmp_path: Path) -> None:
    fanion("check", "--practice", "clean")
    file = tmp_path / "support.zip"
    code, out, err = fanion("self-test", "--bundle", str(file), "--yes", "--json")
    answer = json.loads(out)
    assert (code == 0) is answer["ok"]
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(found) == ["self-test.json", "about.json", "support/fanion.log"]
    assert answer["bundle"]["file"] == str(file)
    assert answer["bundle"]["written"] is True
    assert {one["name"]: one["bytes"] for one in answer["bundle"]["files"]} == {
        name: len(content.encode()) for name, content in found.items()
    }
    for name, content in found.items():
        assert name in err
        for secret in ("Odile", "Gagnon", "Guichet", str(data), str(Path.home()) + os.sep):
            assert secret not in content, (name, secret)
    assert found["self-test.json"] in err
    assert found["about.json"] in err
    assert "check.end phone=1 verdict=green" in found["support/fanion.log"]
    assert {part["part"]: part["ok"] for part in json.loads(found["self-test.json"])["parts"]} == {
        part["part"]: part["ok"] for part in answer["parts"]
    }
    assert json.loads(found["about.json"])["settings"]["values"] == {"officer": "set", "desk": "set"}
    assert sys.platform == "win32" or file.stat().st_mode & 0o777 == 0o600


def test_without_yes_and_without_a_terminal_nothing_is_written(fanion: Fanion, tmp_path: Path) -> None:
    code, out, _ = fanion("self-test", "--bundle", str(tmp_path / "support.zip"), "--json")
    assert code == 2
    assert json.loads(out)["problem"]["code"] == "not-confirmed"
    assert not (tmp_path / "support.zip").exists()


@pytest.mark.parametrize(("answer", "written"), [(False, False), (True, True)])
def test_at_a_terminal_it_is_asked_for(
    fanion: Fanion,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
    written: bool,
    at_keyboard: Callable[[bool], None],
) -> None:
    asked: list[str] = []

    def confirmed(question: text.Text) -> bool:
        asked.append(str(question))
        return answer

    at_keyboard(True)
    monkeypatch.setattr(terminal, "confirmed", confirmed)
    file = tmp_path / "support.zip"
    fanion("self-test", "--bundle", str(file))
    assert asked == [f"Write it to {file}?"]
    assert file.exists() is written


def test_a_file_that_is_there_is_left_alone(fanion: Fanion, tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    file.write_text("mine")
    code, out, _ = fanion("self-test", "--bundle", str(file), "--yes", "--json")
    assert code == 5
    assert json.loads(out)["problem"]["code"] == "file-there"
    assert file.read_text() == "mine"


def test_a_folder_that_is_not_there_is_said(fanion: Fanion, tmp_path: Path) -> None:
    code, out, _ = fanion("self-test", "--bundle", str(tmp_path / "none" / "support.zip"), "--yes", "--json")
    assert code == 5
    assert json.loads(out)["problem"]["code"] == "file"


@pytest.mark.slow
def test_the_ledger_and_crash_files_are_never_in_it(fanion: Fanion, data: Path, tmp_path: Path) -> None:
    fanion("check", "--practice", "clean")
    (data / "crashes").mkdir()
    (data / "crashes" / "2026-11-27-091403.txt").write_text("Marie")
    (data / support_log.FOLDER / "notes.txt").write_text("Marie")
    file = tmp_path / "support.zip"
    fanion("self-test", "--bundle", str(file), "--yes")
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["self-test.json", "about.json", "support/fanion.log"]


@pytest.mark.slow
def test_the_practice_phones_alone_are_read_without_a_word_of_theirs(fanion: Fanion, data: Path) -> None:
    scenario = replace(load("renamed"), name="renamed")
    fanion("check", "--practice", scenario.name)
    said = log_of(data)
    for app in scenario.apps:
        assert app.package not in said
        assert not app.label or app.label not in said
