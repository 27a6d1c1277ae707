"""The names that a computer has met: found again by package and version, and never in the way."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import app_names as module
from core.desk.app_names import FILE_NAME, AppNames
from core.model import App, Identity
from tests.examples import examples

BANK = App("ca.maple.bank", 7)


@pytest.fixture
def names(tmp_path: Path) -> AppNames:
    return AppNames(tmp_path / "data")


def count(data: Path) -> int:
    with closing(sqlite3.connect(data / FILE_NAME)) as database:
        return int(database.execute("SELECT count(*) FROM name").fetchone()[0])


def test_nothing_is_known_and_nothing_is_made_by_asking(names: AppNames, tmp_path: Path) -> None:
    assert names.of([BANK]) == {}
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead")
def test_only_their_owner_can_read_them_whoever_may_read_the_folder(names: AppNames, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert stat.S_IMODE((tmp_path / "data" / FILE_NAME).stat().st_mode) == 0o600


def test_a_name_is_found_again_by_another_object_on_the_same_folder(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert AppNames(tmp_path / "data").of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_another_version_may_be_called_otherwise(names: AppNames) -> None:
    names.add([Identity("ca.maple.bank", 6, "Old Bank")])
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK, App("ca.maple.bank", 6)])["ca.maple.bank"] in ("Maple Bank", "Old Bank")
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_the_last_word_on_a_version_counts(names: AppNames) -> None:
    names.add([Identity("ca.maple.bank", 7, "First")])
    names.add([Identity("ca.maple.bank", 7, "Second")])
    assert names.of([BANK]) == {"ca.maple.bank": "Second"}


@pytest.mark.parametrize(
    "identity",
    [
        Identity("ca.maple.bank", 7, ""),
        Identity("ca.maple.bank", None, "Maple Bank"),
        Identity("ca.maple.bank", 2**63, "Maple Bank"),
        Identity("ca.maple.bank", -(2**70), "Maple Bank"),
    ],
)
def test_what_is_no_name_of_a_version_is_not_kept(names: AppNames, identity: Identity, tmp_path: Path) -> None:
    names.add([identity])
    assert not (tmp_path / "data" / FILE_NAME).exists()


def test_an_app_that_has_its_name_or_no_version_is_not_asked_for(names: AppNames) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([App("ca.maple.bank", 7, label="It")]) == {}
    assert names.of([App("ca.maple.bank", None)]) == {}


@pytest.mark.parametrize("content", [b"", b"this is no database" * 400])
def test_a_damaged_file_is_forgotten_and_made_anew(names: AppNames, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "data" / FILE_NAME
    file.parent.mkdir()
    file.write_bytes(content)
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_a_file_that_another_program_holds_is_not_thrown_away(
    names: AppNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        names.add([Identity("ca.maple.mail", 1, "Mail")])
        assert names.of([BANK]) == {}
        other.rollback()
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_a_file_of_another_shape_is_made_anew(names: AppNames, tmp_path: Path) -> None:
    file = tmp_path / "data" / FILE_NAME
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE name (package TEXT, something TEXT)")
        database.commit()
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_a_folder_in_its_place_costs_only_the_names(names: AppNames, tmp_path: Path) -> None:
    (tmp_path / "data" / FILE_NAME).mkdir(parents=True)
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {}


def test_a_data_folder_that_cannot_be_made_costs_only_the_names(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    names = AppNames(tmp_path / "data")
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {}


def test_only_so_many_are_kept_and_the_oldest_go_first(
    names: AppNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT", 3)
    for number in range(6):
        names.add([Identity(f"ca.maple.a{number}", 1, f"App {number}")])
    assert count(tmp_path / "data") == 3
    assert names.of([App(f"ca.maple.a{n}", 1) for n in range(6)]) == {f"ca.maple.a{n}": f"App {n}" for n in (3, 4, 5)}


def test_a_whole_phone_is_found_at_once(names: AppNames) -> None:
    names.add(Identity(f"ca.maple.a{n}", n, f"App {n}") for n in range(2_000))
    found = names.of([App(f"ca.maple.a{n}", n) for n in range(2_000)])
    assert len(found) == 2_000
    assert found["ca.maple.a1999"] == "App 1999"


def test_which_phone_had_an_app_is_not_kept(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(name)")]
    assert columns == ["package", "version", "label"]


def test_what_somebody_wrote_into_the_file_is_plain_and_short_when_it_is_read(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as database:
        database.execute("UPDATE name SET label = ?", ["A\u202eB\n\x07" + "x" * 5000])
        database.commit()
    name = names.of([BANK])["ca.maple.bank"]
    assert len(name) <= 120
    assert not set(name) & set("\u202e\n\x07")


def test_several_threads_at_once(names: AppNames) -> None:
    def work(number: int) -> None:
        for turn in range(10):
            names.add([Identity(f"ca.maple.a{number}", turn, f"App {turn}")])
            names.of([App(f"ca.maple.a{number}", turn)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [App(f"ca.maple.a{number}", 9) for number in range(4)]
    assert set(names.of(asked).values()) == {"App 9"}


@examples(40)
@given(
    package=st.text(max_size=60),
    version=st.integers(-(2**80), 2**80) | st.none(),
    label=st.text(max_size=300),
)
def test_whatever_a_phone_says_never_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, package: str, version: int | None, label: str
) -> None:
    names = AppNames(tmp_path_factory.mktemp("names"))
    names.add([Identity(package, version, label)])
    found = names.of([App(package, version), App("ca.maple.bank", version)])
    assert all(len(name) <= 120 for name in found.values())
