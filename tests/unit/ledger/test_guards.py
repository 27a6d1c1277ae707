"""The file guards itself: records are only added, and what is not a ledger is left alone."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.db import TransformError

import core.ledger.file.database as storage
from core.ledger.problems import (
    AlteredLedger,
    DamagedLedger,
    EmptyLedger,
    LedgerMissing,
    LedgerProblem,
    NewerLedger,
    NotALedger,
)
from core.ledger.records import CheckStarted
from core.ledger.records.leaf import Personal, commit, encode, leaf_hash
from core.ledger.writer import Ledger
from core.model import Phone
from core.text import T
from tests.examples import examples
from tests.inside import database_of


@pytest.fixture
def database(ledger: Ledger, started: CheckStarted, phone: Phone, path: Path) -> Iterator[Database]:
    """A second way into a ledger of three records, as another program has it."""
    ledger.append_all([started] * 3, phone=phone)
    with closing(Database(path)) as opened:
        yield opened


def row(seq: int, within: int | None = None) -> dict[str, object]:
    leaf = encode({"seq": seq if within is None else within, "type": "x", "time": "t", "visit": None, "body": {}})[0]
    return {"seq": seq, "leaf": leaf, "leaf_hash": leaf_hash(leaf)}


REFUSED: list[Callable[[Database], object]] = [
    lambda db: db.execute("UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 2"),
    lambda db: db.execute("UPDATE entry SET seq = 9 WHERE seq = 3"),
    lambda db: db.execute("DELETE FROM entry WHERE seq = 3"),
    lambda db: db.execute("DELETE FROM entry"),
    lambda db: db.execute("INSERT OR REPLACE INTO entry (seq, leaf, leaf_hash) SELECT seq, leaf, leaf_hash FROM entry"),
    lambda db: db.execute("INSERT OR IGNORE INTO entry (seq, leaf, leaf_hash) SELECT 9, leaf, leaf_hash FROM entry"),
    lambda db: db.execute("UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2"),
    lambda db: db.table("entry").insert(row(3)),
    lambda db: db.table("entry").insert(row(5)),
    lambda db: db.table("entry").insert(row(0)),
    lambda db: db.table("entry").insert(row(-1)),
    lambda db: db.table("entry").insert({k: v for k, v in row(4).items() if k != "seq"}),
    lambda db: db.table("entry").insert(row(3), replace=True),
    lambda db: db.table("entry").insert(row(3), ignore=True),
    lambda db: db.table("entry").upsert(row(3), pk="seq"),
    lambda db: db.table("entry").update(3, {"leaf": b"{}"}),
    lambda db: db.table("entry").delete(3),
    lambda db: db.table("entry").delete_where(),
    # In order, but not what a record is.
    lambda db: db.table("entry").insert(row(4, within=3)),
    lambda db: db.table("entry").insert(row(4) | {"leaf_hash": b"short"}),
    lambda db: db.table("entry").insert(row(4) | {"leaf": "text"}),
    lambda db: db.table("entry").insert(row(4) | {"leaf": b"not json"}),
    lambda db: db.table("entry").insert(row(4) | {"leaf": encode({"seq": 4, "type": "x" * 65_536, "time": "t"})[0]}),
    # Openings may go, but neither change nor come later.
    lambda db: db.execute("UPDATE opening SET value = x'00'"),
    lambda db: db.execute("INSERT OR REPLACE INTO opening SELECT commitment, seq, salt, x'00' FROM opening"),
    lambda db: db.table("opening").insert(opening(seq=1)),
    lambda db: db.table("opening").insert(opening(seq=4)),
]


def opening(seq: int) -> dict[str, object]:
    made = commit(Personal("someone"))
    return {"commitment": made.commitment, "seq": seq, "salt": made.salt, "value": made.value}


@pytest.mark.parametrize("attempt", REFUSED)
def test_records_are_only_added(ledger: Ledger, database: Database, attempt: Callable[[Database], object]) -> None:
    before = list(ledger.entries())
    with pytest.raises((sqlite3.IntegrityError, sqlite3.OperationalError)):
        attempt(database)
    database.rollback()
    assert list(ledger.entries()) == before
    assert [e.openings for e in ledger.entries()] == [e.openings for e in before]


def test_what_comes_next_is_taken(ledger: Ledger, database: Database) -> None:
    """So that the refusals above are not refusals of everything."""
    database.table("entry").insert(forged(ledger))
    assert ledger.entry(4) is not None
    assert ledger.count() == 4


def test_file_is_kept_as_durably_as_sqlite_can(ledger: Ledger) -> None:
    pragmas = {
        "journal_mode": "persist",  # overwritten before it is deleted: see core.ledger.file.journal
        "synchronous": 3,  # EXTRA
        "fullfsync": 1,
        "foreign_keys": 1,
        "trusted_schema": 0 if storage._schema_may_use_json() else 1,
        "cell_size_check": 1,
        "recursive_triggers": 1,
        "busy_timeout": 30_000,
        "secure_delete": 1,
        "temp_store": 2,  # memory
    }
    inside = database_of(ledger)
    assert {p: inside.execute(f"PRAGMA {p}").fetchone()[0] for p in pragmas} == pragmas
    assert inside.table("entry").strict
    assert inside.table("opening").strict


def test_an_sqlite_that_trusts_no_json_in_a_schema_still_keeps_a_log(
    open_ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite 3.40.1, which Debian 12 has: the log's own indexes use json_extract(), and it would refuse every entry."""
    monkeypatch.setattr(storage, "_schema_may_use_json", lambda: False)
    with open_ledger() as ledger:
        assert database_of(ledger).execute("PRAGMA trusted_schema").fetchone()[0] == 1
        ledger.append(CheckStarted(T("over USB")), visit="0123456789ab")
        assert ledger.count() == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python cannot set it")
def test_file_cannot_be_altered_through_our_own_connection(ledger: Ledger) -> None:
    database_of(ledger).execute("PRAGMA writable_schema=ON")
    with pytest.raises(sqlite3.OperationalError):
        database_of(ledger).execute("UPDATE sqlite_master SET sql = '' WHERE name = 'entry_kept'")


@pytest.mark.parametrize("column", ["kind", "time", "visit", "verdict"])
def test_looking_up_uses_an_index(ledger: Ledger, column: str) -> None:
    plan = list(
        database_of(ledger).query(f"EXPLAIN QUERY PLAN SELECT seq FROM entry WHERE {column} = 'x' ORDER BY seq DESC")
    )
    assert f"INDEX entry_{column}" in str(plan)


ALTERATIONS = [
    "DROP TRIGGER entry_kept",
    "DROP INDEX entry_kind",
    "DROP TABLE opening",
    "CREATE TABLE notes (a)",
    "CREATE TRIGGER mine AFTER INSERT ON entry BEGIN SELECT 1; END",
    "CREATE VIEW looking AS SELECT * FROM entry",
]


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_altered_file_is_not_written(open_ledger: Callable[..., Ledger], database: Database, alteration: str) -> None:
    database.execute(alteration)
    with pytest.raises(AlteredLedger, match="altered by another program"):
        open_ledger()


def test_file_without_guards_can_still_be_read(ledger: Ledger, database: Database, path: Path) -> None:
    database.execute("DROP TRIGGER entry_kept")
    with Ledger.read(path) as reader:
        assert reader.count() == 3
    database.execute("DROP TABLE opening")
    with pytest.raises(AlteredLedger):
        Ledger.read(path)


def test_table_cannot_be_rebuilt_by_sqlite_utils(open_ledger: Callable[..., Ledger], database: Database) -> None:
    """Its transform() drops triggers without a word; our partial indexes stand in its way."""
    with pytest.raises(TransformError):
        database.table("entry").transform(rename={"leaf_hash": "hash"})
    assert open_ledger().count() == 3


def test_alteration_while_it_is_open_is_noticed(ledger: Ledger, database: Database, started: CheckStarted) -> None:
    database.execute("DROP TABLE opening")
    with pytest.raises(AlteredLedger):
        ledger.newest(1)


def test_forged_opening_is_not_shown(ledger: Ledger, database: Database) -> None:
    database.execute("DROP TRIGGER opening_unchanged")
    database.execute("UPDATE opening SET value = x'00ff'")
    with pytest.raises(DamagedLedger):
        list(ledger.entries())


def forged(ledger: Ledger, without: str = "", **fields: object) -> dict[str, object]:
    """A fourth record that the ledger did not write."""
    leaf = json.loads(ledger.newest(1)[0].exact) | {"seq": 4} | fields
    leaf.pop(without, None)
    exact = json.dumps(leaf).encode()
    return {"seq": 4, "leaf": exact, "leaf_hash": leaf_hash(exact)}


@pytest.mark.parametrize(
    "fields",
    [{"time": "yesterday"}, {"time": "2026-11-24T09:00"}, {"body": []}, {"without": "session"}, {"without": "officer"}],
)
def test_forged_record_that_is_none_is_damage(ledger: Ledger, database: Database, fields: dict[str, Any]) -> None:
    database.table("entry").insert(forged(ledger, **fields))
    with pytest.raises(DamagedLedger, match="damaged"):
        ledger.newest(1)
    assert ledger.entry(3) is not None


def test_writing_into_a_file_that_contradicts_itself_is_damage(
    ledger: Ledger, database: Database, started: CheckStarted
) -> None:
    database.execute("CREATE TRIGGER another BEFORE INSERT ON entry BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(DamagedLedger):
        ledger.append(started)


def foreign_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, leaf BLOB, leaf_hash BLOB)")


def newer_ledger(path: Path) -> None:
    Ledger(path, desk="", officer="", app_version="").close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version=3")


STRANGERS: list[tuple[Callable[[Path], object], type[LedgerProblem]]] = [
    (lambda p: p.write_bytes(b"PK\x03\x04 a document"), NotALedger),
    (lambda p: p.write_bytes(b"x"), NotALedger),
    (lambda p: p.write_bytes(bytes(8_192)), NotALedger),
    (lambda p: p.mkdir(), NotALedger),
    (foreign_sqlite, NotALedger),
    (newer_ledger, NewerLedger),
]


@pytest.mark.parametrize(("make", "problem"), STRANGERS)
def test_what_is_not_ours_is_left_alone(
    open_ledger: Callable[..., Ledger], tmp_path: Path, make: Callable[[Path], object], problem: type[LedgerProblem]
) -> None:
    path = tmp_path / "ledger.db"
    make(path)
    before = {f.name: f.is_file() and f.read_bytes() for f in tmp_path.iterdir()}
    for opening in (open_ledger, Ledger.read):
        with pytest.raises(problem) as refused:
            opening(path)
        assert str(path) in refused.value.sentence.in_language("en")
        assert (refused.value.code, refused.value.exit_code) == ("ledger", 5)
    assert {f.name: f.is_file() and f.read_bytes() for f in tmp_path.iterdir()} == before


def test_empty_file_is_a_new_log_for_writing_and_nothing_to_read(
    open_ledger: Callable[..., Ledger], tmp_path: Path, started: CheckStarted
) -> None:
    path = tmp_path / "ledger.db"
    path.touch()  # as another program has it for the moment in which it makes the log
    with pytest.raises(EmptyLedger, match="holds no entry yet"):
        Ledger.read(path)
    assert open_ledger(path).append(started).seq == 1


def test_no_file_to_read(path: Path) -> None:
    with pytest.raises(LedgerMissing):
        Ledger.read(path)
    assert not path.parent.exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    with Ledger(path, desk="", officer="", app_version="") as ledger:
        for _ in range(30):
            ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "a", "b", "14", "serial"))
    return path


@examples(60)
@given(at=st.integers(0, 60_000), junk=st.binary(min_size=1, max_size=300), cut=st.booleans())
def test_damage_anywhere_ends_in_a_problem_or_in_nothing_worse(
    tmp_path: Path, sound: Path, at: int, junk: bytes, cut: bool
) -> None:
    folder = tmp_path / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "ledger.db"
    whole = sound.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] if cut else whole[:at] + junk + whole[at + len(junk) :])
    for use in (read_all, write_one):
        with contextlib.suppress(LedgerProblem):
            use(path)


def read_all(path: Path) -> None:
    with Ledger.read(path) as reader:
        list(reader.entries())
        reader.search("usb", 5)
        reader.open_intents()


def write_one(path: Path) -> None:
    with Ledger(path, desk="", officer="", app_version="") as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "a", "b", "14", "serial"))
