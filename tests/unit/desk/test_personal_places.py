"""A personal value rests beside its record and nowhere else, or the officer is told where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.desk import Desk
from core.desk.papers import erasures
from core.desk.personal_places import PLACES, ErasureEffect, effect_on, erase_elsewhere
from core.desk.settings.settings_table import Settings
from core.ledger.records import CheckStarted
from core.model import Labels, Phone
from core.rounds import rounds
from core.rounds.model import Roster, RosterLine
from core.system.files import momentary
from core.system.support import crash_files
from core.text import T
from tests.unit.conftest import Fanion

PHONE = Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE")
HOLDER = "Élodie Verschwunden"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "data", Settings(officer="A. Roy", desk="Desk 4"), portable=True)
    with desk.custodian(False, make=True) as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=PHONE, labels=Labels("T-100", HOLDER, ""), seal=True)
    return desk


def erase(desk: Desk) -> erasures.Erasure:
    return erasures.erase(desk, False, [1], "asked for", consent=True)


def test_a_report_of_a_fault_that_quotes_it_goes_with_it_and_others_stay(desk: Desk) -> None:
    quoting = crash_files.keep(f"ValueError: no such holder: {HOLDER}", desk.data)
    other = crash_files.keep("ValueError: something else", desk.data)
    assert quoting is not None
    assert other is not None
    erased = erase(desk)
    assert not quoting.exists()
    assert other.exists()
    assert erased.elsewhere.erased == (f"crashes/{quoting.name}",)
    assert [str(line) for line in erased.elsewhere.lines()] == [
        "1 report of a fault of Fanion, which quoted it, was deleted too."
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_roster_and_a_file_of_some_other_hand_that_have_it_are_told(
    desk: Desk, fanion: Fanion, language: str
) -> None:
    roster = Roster((RosterLine(1, holder=HOLDER),), "list.csv", "", datetime(2026, 11, 24, tzinfo=UTC))
    with desk.custodian(False) as ledger:
        about = rounds.begin(ledger, "Autumn", date(2026, 11, 1), date(2026, 11, 30), "canada")
        rounds.bring(ledger, desk.data, about, roster)
    (desk.data / "notes.txt").write_text(f"ask {PHONE.serial}", encoding="utf-16-le")
    (desk.data / "harmless.txt").write_text("nothing")
    (kept,) = (desk.data / "rounds").iterdir()
    words = ["log", "erase", "1", "--reason", "asked for", "--consent", "--yes", "--data", desk.data]
    code, told, _ = fanion(*words, "--language", language)
    assert code == 0
    assert f"notes.txt, rounds/{kept.name}" in told
    assert "harmless" not in told
    assert "fanion round forget" in told


def test_scripts_are_told_as_well(desk: Desk, fanion: Fanion) -> None:
    (desk.data / "settings.toml.bak").write_text(json.dumps(HOLDER))
    words = ["log", "erase", "1", "--reason", "asked for", "--consent", "--yes", "--data", desk.data, "--json"]
    assert fanion(*words).json == {"erased": 3, "still_in": ["settings.toml.bak"]}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_may_have_it(desk: Desk) -> None:
    (desk.data / "secret.txt").write_text("?")
    (desk.data / "secret.txt").chmod(0)
    assert erase(desk).elsewhere.left == ("secret.txt",)


def test_what_is_too_large_to_be_read_may_have_it(desk: Desk) -> None:
    with (desk.data / "large.bin").open("wb") as file:
        file.truncate(2**30)
    assert erase(desk).elsewhere.left == ("large.bin",)


def test_a_link_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text(HOLDER)
    (desk.data / "crashes").mkdir()
    (desk.data / "crashes" / "2026-12-03-120000.txt").symlink_to(outside)
    assert erase(desk).elsewhere.erased == ()
    assert outside.read_text() == HOLDER


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_whatever_a_value_is_it_is_found_in_each_form(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    data = tmp_path_factory.mktemp("data")
    (data / "crashes").mkdir()
    (data / "crashes" / "one.txt").write_text(f"({value})", encoding="utf-8")
    (data / "crashes" / "two.json").write_text(json.dumps([value]))
    (data / "crashes" / "three.txt").write_bytes(f"({value})".encode("utf-16-le"))
    assert len(erase_elsewhere(data, {value}).erased) == 3
    assert not list((data / "crashes").iterdir())


def test_each_place_is_of_a_kind_and_what_is_unknown_is_told() -> None:
    assert list(PLACES.values())[-1] is ErasureEffect.TOLD
    assert effect_on("window.ini") is ErasureEffect.TOLD
    assert effect_on("rounds/1.json") is ErasureEffect.TOLD
    assert effect_on("crashes/2026.txt") is ErasureEffect.ERASED
    assert effect_on("ledger.db-wal") is ErasureEffect.LOG
    assert effect_on("ledger.db.before") is ErasureEffect.LOG


@pytest.mark.slow
def test_what_commands_were_given_is_nowhere_once_it_is_erased(
    tmp_path: Path, fanion: Fanion, temporary: Path, monkeypatch: pytest.MonkeyPatch, today: date
) -> None:
    """The asset tag, the holder and the IMEI that were typed, and the serial number that was read."""
    (data := tmp_path / "data").mkdir()
    (data / "settings.toml").write_text('officer = "A. Roy"\ndesk = "Desk 4"\nask_imei = true\n')
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    typed = "TB-0412-77", "Verschwunden", "490154203237518"
    labels = ["--asset-tag", typed[0], "--holder", typed[1], "--imei", typed[2]]
    assert fanion("remove", "--practice", "walk-up", "--yes", *labels, "--data", data).code == 0
    grant = ["--until", f"{today:%Y-%m-%d}", "--authority", "CIO", "--reference", "1", "--asset-tag", typed[0]]
    grant += ["--app", "com.zhiliaoapp.musically"]
    assert fanion("exception", "grant", "tiktok", *grant, "--practice", "--data", data).code == 0
    assert fanion("capture", "--practice", "walk-up", tmp_path, "--yes", *labels, "--data", data).code == 0
    listed = fanion("log", "list", "--practice", "--json", "--data", data).json["entries"]
    serial = next(entry["serial"] for entry in listed if entry["serial"])
    names = [str(entry["seq"]) for entry in listed]
    erase = ["--reason", "asked for", "--consent", "--yes", "--practice", "--data", data]
    assert fanion("log", "erase", *names, *erase).code == 0
    found = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file()
        for value in (*typed, serial)
        if value.encode() in path.read_bytes()
    ]
    assert found == []


# --- for a moment only

#: Begins something that is there for a moment, says where, and is killed in the middle of it.
KILLED = """
import sys, time
from pathlib import Path
from core.system.files import momentary
with momentary.{what} as path:
    {write}
    print(path, flush=True)
    time.sleep(600)
"""


def killed(what: str, write: str, temporary: Path) -> Path:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED.format(what=what, write=write)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    path = Path(process.stdout.readline().strip())
    process.kill()
    process.wait()
    process.stdout.close()
    return path


def contents(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not momentary.is_in_memory(), reason="files have names here")
def test_nothing_stays_of_a_file_whose_program_was_killed(temporary: Path) -> None:
    path = killed(f"momentary_file('preview', b'{PHONE.serial}')", "assert path.read_bytes()", temporary)
    assert str(path).startswith("/proc/")
    assert not list(temporary.iterdir())


def test_a_start_clears_the_folder_of_a_program_that_was_killed_and_no_other(
    desk: Desk, fanion: Fanion, temporary: Path
) -> None:
    left = killed("momentary_folder()", f"(path / 'spill').write_text('{PHONE.serial}')", temporary)
    assert list(contents(left)) == [PHONE.serial.encode()]
    with momentary.momentary_folder() as used:
        assert not left.exists()  # already the next that asks for one clears it
        left = killed("momentary_folder()", f"(path / 'spill').write_text('{PHONE.serial}')", temporary)
        assert fanion("log", "list", "--data", desk.data).code == 0
        assert not left.exists()
        assert used.is_dir()
    assert not list(temporary.iterdir())


def test_a_start_clears_what_an_earlier_version_left_of_a_capture(desk: Desk, fanion: Fanion) -> None:
    left = desk.data / "capture-to-read.fanion-capture"
    left.write_text(PHONE.serial)
    assert fanion("log", "list", "--data", desk.data).code == 0
    assert not left.exists()


def test_a_start_clears_by_which_keys_iphones_trusted_an_earlier_version(desk: Desk, fanion: Fanion) -> None:
    record = desk.data / "keys" / "iphones" / "00008101-000A1B2C3D4E5F60.plist"
    record.parent.mkdir(parents=True)
    record.write_text("HostPrivateKey")
    (desk.data / "keys" / "adbkey").write_text("key")
    assert fanion("log", "list", "--data", desk.data).code == 0
    assert [path.name for path in (desk.data / "keys").iterdir()] == ["adbkey"]
