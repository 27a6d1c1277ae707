"""A store in Debian's own PostgreSQL: loaded, loaded again, broken off, erased. See also test_postgresql_hostile.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from core.head_office.postgresql import postgresql
from core.head_office.postgresql.postgresql import Loaded, load
from core.head_office.postgresql.postgresql_problems import DatabaseProblem, NoPsql, OtherStore
from core.head_office.questions.questions import ask, names
from core.jobs import Cancel
from core.problem import Cancelled
from tests.real.postgresql_server import Database, held
from tests.unit.head_office.conftest import BANNED, Desk, Office, OpenDesk, asked_store, desks_in

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)
ODD = "v\n\\.\nDROP SCHEMA fanion CASCADE;\r\t\\N \\x41 \x1a5 \x00'\" \N{FACE WITH TEARS OF JOY} été"


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with desks_in(tmp_path) as opener:
        yield opener


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_every_question_has_the_answer_that_duckdb_gives(
    database: Database, open_desk: OpenDesk, tmp_path: Path
) -> None:
    store = asked_store(open_desk, tmp_path)
    load(store, database.place)
    assert database.tables() == held(store)
    days = ["-v", f"first=DATE '{FIRST}'", "-v", f"last=DATE '{LAST}'"]
    for name in names():
        file = str(resources.files("resources") / "head-office" / f"{name}.sql")
        theirs, ours = database.rows("", *days, "-f", file), ask(store, name, FIRST, LAST)
        assert ours
        assert [list(map(_shown, row.values())) for row in theirs] == [
            list(map(_shown, row.values())) for row in ours
        ], name


def _shown(value: object) -> str:
    """A value without what the engines only write differently."""
    text = "" if value is None else str(value)
    try:
        return f"{float(text):.3f}"
    except ValueError:
        return text[:19]


def test_the_same_store_is_loaded_once(database: Database, office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check(BANNED, banned=True, removed=True, visit=ODD)
    office.merge(desk.bundle())
    first = load(office.store, database.place)
    assert database.tables() == held(office.store), "whatever stands in a text"
    assert load(office.store, database.place) == Loaded(1)
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle())
    second = load(office.store, database.place)
    assert (first.removed, second.removed) == (0, 1), "the row of the desk is replaced"
    assert second.files < first.files + 1
    assert database.tables() == held(office.store)


def test_what_a_desk_erases_is_erased_here(database: Database, office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    check = desk.check(BANNED, banned=True, removed=True)
    office.merge(desk.bundle())
    load(office.store, database.place)
    assert BANNED in str(database.rows("SELECT value FROM personal"))
    desk.ledger.erase_records([check], "asked for")
    office.merge(desk.bundle())
    load(office.store, database.place)
    assert database.rows("SELECT value FROM personal") == []
    assert {row["phone_known"] for row in database.rows("SELECT phone_known FROM checks")} == {"f"}
    assert database.tables() == held(office.store)


def test_what_is_broken_off_changes_nothing(database: Database, office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check(BANNED, banned=True)
    office.merge(desk.bundle())
    load(office.store, database.place)
    before = database.tables()
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle())
    cancel = Cancel()
    with pytest.raises(Cancelled):
        load(office.store, database.place, report=lambda _: cancel.press(), cancel=cancel)
    assert database.tables() == before
    (lost,) = [path for path in (office.store / "checks").rglob("*.parquet") if "000002-" in path.name]
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(Exception, match="merged into while"):
        load(office.store, database.place)
    assert database.tables() == before
    lost.write_bytes(content)
    load(office.store, database.place)
    assert database.tables() == held(office.store)


def test_nothing_in_a_store_is_taken_for_a_command(
    database: Database, office: Office, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even if a row was not as it has to be: psql ends with the first error."""
    desk = open_desk()
    office.enrol(desk)
    desk.check(BANNED)
    office.merge(desk.bundle())
    load(office.store, database.place)
    before = database.tables()
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle())
    for row in (b"x\nROLLBACK;\nDROP SCHEMA fanion CASCADE;\n", b"x\n\\.\nROLLBACK;\nDROP SCHEMA fanion CASCADE;\n"):
        monkeypatch.setattr(postgresql, "as_text", lambda *_, row=row: row)
        with pytest.raises(DatabaseProblem):
            load(office.store, database.place)
        assert database.tables() == before


def test_another_store_is_refused_and_one_from_a_backup_loaded_anew(
    database: Database, office: Office, open_desk: OpenDesk, tmp_path: Path
) -> None:
    desk, other = open_desk(), open_desk("Desk 2")
    office.enrol(desk, other)
    desk.check(BANNED)
    office.merge(desk.bundle())
    shutil.copytree(office.store, tmp_path / "backup")
    other.check("R58N12FGHIJ", banned=True)
    office.merge(other.bundle())
    load(office.store, database.place)
    shutil.rmtree(office.store)
    (tmp_path / "backup").rename(office.store)
    load(office.store, database.place)
    assert database.tables() == held(office.store)
    desk.check("R58N12KLMNO")
    office.merge(desk.bundle())
    load(office.store, database.place)
    assert database.tables() == held(office.store)
    (tmp_path / "second").mkdir()
    second = Office(tmp_path / "second")
    second.enrol(desk)
    second.merge(desk.bundle())
    with pytest.raises(OtherStore):
        load(second.store, database.place)
    assert database.tables() == held(office.store)


def test_what_cannot_be_reached_is_said(
    database: Database, office: Office, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk: Desk = open_desk()
    office.enrol(desk)
    desk.check(BANNED)
    office.merge(desk.bundle())
    with pytest.raises(DatabaseProblem, match="none"):
        load(office.store, database.place.replace("dbname=one", "dbname=none"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoPsql):
        load(office.store, "fanion")
