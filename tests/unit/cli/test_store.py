"""``fanion store``, as head office types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.head_office.conftest import Office, desks_in

pytest.importorskip("duckdb")
pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one desk's check of one phone."""
    office = Office(tmp_path)
    with desks_in(tmp_path) as open_desk:
        desk = open_desk()
        office.enrol(desk)
        desk.check("R58N12ABCDE")
        office.merge(desk.bundle())
    return office.store


def test_events_are_written_once(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    done = fanion("store", "events", store, "--into", tmp_path / "siem", "--json")
    told = json.loads(done.out)
    assert (done.code, told["events"], told["merge"], told["unread"]) == (0, 1, 1, 0)
    (file,) = told["files"]
    assert json.loads(Path(file).read_text())["class_name"] == "Scan Activity"
    done = fanion("store", "events", store, "--into", tmp_path / "siem")
    assert (done.code, done.out) == (0, "Nothing is new since the last time.\n")


def test_what_cannot_be_done_is_said(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    done = fanion("store", "events", tmp_path / "none", "--into", tmp_path / "siem")
    assert done.code == 5
    assert "There is no store in the folder" in done.err
    assert not (tmp_path / "siem").exists()
    done = fanion("store", "events", store, "--into", tmp_path / "siem", "--since", "yesterday")
    assert done.code == 2
    assert "no day such as" in done.err


def test_a_database_that_is_not_there_is_said(
    fanion: Callable[..., Any], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    done = fanion("store", "postgresql", store, "--database", "fanion")
    assert done.code == 5
    assert "PostgreSQL’s client is not installed" in done.err


# --- verify, sign, files


def spoil(store: Path) -> Path:
    """Have a check say another verdict; the file in which it stands."""
    (path,) = (store / "checks").rglob("*.parquet")
    content = pq.ParquetFile(path).read()
    at = content.schema.get_field_index("verdict")
    pq.write_table(content.set_column(at, "verdict", pa.array(["amber"])), path)
    return path.relative_to(store)


def test_a_store_is_verified(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    done = fanion("store", "verify", store)
    assert done.code == 0
    assert "✔ The store is as the desks’ bundles made it." in done.out
    assert "of 1 desk." in done.out
    assert "is not signed" in done.out
    assert "keys are those in the store" in done.out
    done = fanion("store", "verify", store, tmp_path / "sticks" / "Desk 1", "--enrolled", tmp_path / "enrolled.txt")
    assert done.code == 0
    assert "compared with 1 bundle." in done.out
    assert "keys are those in the store" not in done.out


def test_what_was_changed_is_said_with_its_file_desk_and_entry(fanion: Callable[..., Any], store: Path) -> None:
    file = spoil(store)
    done = fanion("store", "verify", store)
    assert done.code == 5
    assert f"✖ The file {file.as_posix()} was changed" in done.out
    assert "of the desk Desk 1" in done.out
    assert "verdict" in done.out
    done = fanion("store", "verify", store, "--json")
    assert done.code == 5
    told = done.json
    assert (told["intact"], told["fault_count"], told["list"]["signed"]) == (False, 2, False)
    of_file, of_row = told["faults"]
    assert (of_file["kind"], of_file["file"]) == ("file-changed", file.as_posix())
    assert {**of_row, "log": "", "problem": ""} == {
        "kind": "row-changed",
        "file": file.as_posix(),
        "log": "",
        "desk": "Desk 1",
        "first": 2,
        "last": 2,
        "columns": ["verdict"],
        "problem": "",
    }


def test_many_faults_are_counted_for_people(fanion: Callable[..., Any], store: Path) -> None:
    for number in range(30):
        (store / "checks" / f"stray-{number}.parquet").write_bytes(b"")
    done = fanion("store", "verify", store)
    assert done.code == 5
    assert done.out.count("✖ The file") == 20
    assert "and 10 more" in done.out


def test_the_list_is_signed_once_and_by_each_merge_from_then_on(
    fanion: Callable[..., Any], store: Path, data: Path, tmp_path: Path
) -> None:
    done = fanion("store", "sign", store, "--json")
    assert (done.code, done.json["new_key"]) == (0, True)
    key = done.json["key"]
    assert list((data / "store-keys").glob("store-*.key"))
    assert key in fanion("store", "sign", store).out
    (store / "checks" / "day=2026-11-24").mkdir(exist_ok=True)
    assert fanion("merge", "--into", store).code == 0
    done = fanion("store", "verify", store, "--signed-by", key, "--json")
    assert (done.code, done.json["list"]["signed"], done.json["list"]["key_from"]) == (0, True, "given")
    state = json.loads((store / "store.json").read_bytes())
    (store / "store.json").write_bytes(json.dumps(state).encode())
    done = fanion("store", "verify", store, "--data", tmp_path / "another", "--signed-by", key)
    assert done.code == 5
    assert "✖ The list of files is not signed" in done.out
    for command in (
        ("merge", "--into", store),
        ("store", "files", store),
        ("store", "sign", store),
        ("store", "show", store),
        ("store", "ask", store, "coverage"),
        ("store", "events", store, "--into", tmp_path / "siem"),
        ("store", "postgresql", store, "--database", "fanion"),
    ):
        done = fanion(*command)
        assert done.code == 5
        assert "not signed with the store’s key" in done.err
    assert fanion("store", "verify", store, "--signed-by", "RWT").code == 2


def test_a_computer_without_the_key_says_so(fanion: Callable[..., Any], store: Path, tmp_path: Path) -> None:
    assert fanion("store", "sign", store).code == 0
    done = fanion("merge", "--into", store, "--data", tmp_path / "another")
    assert done.code == 5
    assert "does not have the key" in done.err
    done = fanion("store", "verify", store, "--data", tmp_path / "another")
    assert done.code == 0
    assert "The list names its key itself" in done.out


def test_the_files_to_read_are_listed(fanion: Callable[..., Any], store: Path) -> None:
    done = fanion("store", "files", store, "--table", "checks")
    assert done.code == 0
    assert [Path(line) for line in done.out.splitlines()] == list((store / "checks").rglob("*.parquet"))
    assert fanion("store", "files", store, "--table", "findings").out == ""
    told = fanion("store", "files", store, "--json", "--at", "hdfs://name/fanion").json
    assert told["generation"] == 1
    assert told["tables"]["checks"]["files"][0].startswith("hdfs://name/fanion/checks/day=")
    assert told["tables"]["findings"]["files"] == []
    assert told["tables"]["checks"]["columns"]["time"] == "TIMESTAMP"
    assert fanion("store", "files", store, "--table", "letters").code == 2


def test_a_store_that_is_not_there_is_said_by_all(fanion: Callable[..., Any], tmp_path: Path) -> None:
    for command in ("verify", "sign", "files"):
        done = fanion("store", command, tmp_path / "none")
        assert done.code == 5
        assert "There is no store in the folder" in done.err
