"""A server that lies, a connection that breaks and a load that is killed: what is told of the database is true."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.head_office.postgresql import postgresql, psql
from core.head_office.postgresql.postgresql import Loaded, load
from core.head_office.postgresql.postgresql_problems import CommitUnknown, DatabaseProblem, NotVacuumed
from core.head_office.store.store import StoreProblem
from core.jobs import Cancel
from core.problem import Cancelled, Problem
from tests.real.postgresql_server import OFFICE, Database, held
from tests.real.postgresql_wire import LyingServer, Relay
from tests.unit.head_office.conftest import Office, OpenDesk, desks_in

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

pytestmark = pytest.mark.usefixtures("nothing_is_started")


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    with desks_in(tmp_path) as opener:
        yield opener


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize("raw", [False, True])
def test_a_server_that_lies_gets_no_program_started(
    office: Office, open_desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bool
) -> None:
    """It takes no data, so that a client that reads a script would go on with the rows: not even if they were raw."""
    desk = open_desk()
    office.enrol(desk)
    for text in ("\t `touch pwned`", "\n\\! touch pwned\n", "\\! touch pwned", "\n\\.\n\\! touch pwned\n"):
        desk.check("R58N12ABCDE", banned=True, visit=text)
    office.merge(desk.bundle())
    if raw:
        row = b"x\n\\.\n\\! touch pwned\n\\.\nSELECT 1;\n\\t `touch pwned`\n"
        monkeypatch.setattr(postgresql, "as_text", lambda *_: row)
    with LyingServer(tmp_path) as server, contextlib.suppress(Problem):
        load(office.store, f"host={tmp_path} user=office dbname=one")
    assert any(statement.startswith('COPY "fanion"."checks"') for statement in server.statements)
    assert server.statements[-1].startswith("VACUUM")


@pytest.mark.parametrize(("reaches", "kept"), [(True, True), (False, False)])
def test_a_connection_that_breaks_at_the_commit_is_told_as_not_known(
    database: Database, postgresql: Path, store: Path, tmp_path: Path, reaches: bool, kept: bool
) -> None:
    with (
        Relay(postgresql, tmp_path, until="COMMIT", reaches=reaches),
        pytest.raises(CommitUnknown, match="is not known"),
    ):
        load(store, database.place_of(OFFICE, tmp_path))
    assert bool(database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fanion'")) is kept
    load(store, database.place)
    assert database.tables() == held(store)


@pytest.mark.parametrize("until", ["LOCK TABLE", 'COPY "fanion"."checks"', 'DELETE FROM "fanion"."store"'])
def test_a_connection_that_breaks_earlier_leaves_all_as_it_was(
    database: Database, postgresql: Path, store: Path, tmp_path: Path, until: str
) -> None:
    with Relay(postgresql, tmp_path, until=until), pytest.raises(DatabaseProblem, match="the database is as it was"):
        load(store, database.place_of(OFFICE, tmp_path))
    assert database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fanion'") == []


def test_a_vacuum_that_fails_does_not_deny_the_load(
    database: Database, postgresql: Path, store: Path, tmp_path: Path
) -> None:
    with Relay(postgresql, tmp_path, until="VACUUM"), pytest.raises(NotVacuumed) as problem:
        load(store, database.place_of(OFFICE, tmp_path))
    assert "as it was" not in str(problem.value)
    assert database.tables() == held(store)
    loaded = load(store, database.place)
    assert loaded == Loaded(loaded.merge)


def test_a_load_that_is_killed_keeps_nothing(database: Database, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """psql outlives it for a moment, and takes the end of its input for the end of the data."""

    def killed(client: psql.Client, rows: bytes) -> None:
        client._stdin.close()
        client._process.wait()
        raise psql.Broken("")

    monkeypatch.setattr(psql.Client, "write", killed)
    with pytest.raises(DatabaseProblem):
        load(store, database.place)
    assert database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fanion'") == []


def test_a_load_that_is_stopped_is_told_as_stopped(database: Database, store: Path) -> None:
    """Ctrl-C reaches psql as well, whose end would be told as a failure of the database."""
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        load(store, database.place.replace("dbname=one", "dbname=none"), cancel=cancel)


@pytest.mark.parametrize("values", [["1\n\\.\nx"], [b"\xff"]])
def test_a_file_of_another_form_is_refused(
    database: Database, office: Office, open_desk: OpenDesk, values: list[object]
) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle())
    (file,) = (office.store / "checks").rglob("*.parquet")
    content = pq.ParquetFile(file).read()
    name = "seq" if isinstance(values[0], str) else "desk"
    at = content.schema.get_field_index(name)
    column = pa.array(values)
    if name == "desk":
        column = pa.Array.from_buffers(pa.string(), 1, column.buffers())
    pq.write_table(content.set_column(at, name, column), file)
    with pytest.raises(StoreProblem):
        load(office.store, database.place)
    assert database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fanion'") == []
