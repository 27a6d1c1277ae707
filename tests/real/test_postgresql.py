"""A store in Debian's own PostgreSQL, which is started here with a socket of its own and no port."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from core.head_office import postgresql
from core.head_office.postgresql import DatabaseProblem, Loaded, NoPsql, OtherStore, load
from core.head_office.questions import ask, names
from core.head_office.tables import TABLES, read_table
from core.jobs import Cancel
from core.problem import Cancelled
from tests.unit.head_office.conftest import BANNED, Desk, Office, OpenDesk, asked_store, desks_in

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)
ODD = "v\n\\.\nDROP SCHEMA fanion CASCADE;\r\t\\N \\x41 \x00'\" \N{FACE WITH TEARS OF JOY} été"


def server_program(name: str) -> str:
    """A program that Debian keeps out of the path."""
    found = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None or shutil.which("psql") is None:
        pytest.skip("needs PostgreSQL")
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder with the socket of a running server."""
    initdb, pg_ctl = server_program("initdb"), server_program("pg_ctl")
    # It refuses to be root, and its folder's name has to fit into a socket's.
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if owner:
        try:
            known = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("needs the user postgres")
    with tempfile.TemporaryDirectory(prefix="fanion-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")) as name:
        folder = Path(name)
        if owner:
            os.chown(folder, known.pw_uid, known.pw_gid)
        run = {"check": True, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "cwd": folder, **owner}
        new = [initdb, "-D", "data", "-U", "fanion", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(new, **run)
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"
        subprocess.run([pg_ctl, "-D", "data", "-l", "log", "-o", options, "-w", "start"], **run)
        made = "CREATE DATABASE one TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'fr-CA'"
        subprocess.run(["psql", "-X", "-q", "-h", name, "-U", "fanion", "-d", "postgres", "-c", made], check=True)
        try:
            yield folder
        finally:
            subprocess.run([pg_ctl, "-D", "data", "-m", "immediate", "stop"], **run)


class Database:
    """A database whose language sorts otherwise than byte by byte."""

    def __init__(self, server: Path) -> None:
        self.place = f"host={server} user=fanion dbname=one"
        self.psql("-c", "DROP SCHEMA IF EXISTS fanion CASCADE")

    def psql(self, *words: str) -> str:
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.place, "--csv", *words]
        settings = os.environ | {"PGOPTIONS": "--search_path=fanion", "PGTZ": "UTC", "PGCLIENTENCODING": "UTF8"}
        return subprocess.run(command, env=settings, check=True, capture_output=True, encoding="utf-8").stdout

    def rows(self, query: str, *words: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.psql(*words, *(["-c", query] if query else [])))))

    def tables(self) -> dict[str, list[Any]]:
        """What is in every table, in some order that is always the same."""
        found: dict[str, list[Any]] = {table: [] for table in TABLES}
        asked = (f"SELECT '{table}' AS of, row_to_json(t)::text AS row FROM {table} AS t" for table in TABLES)
        for line in self.rows(" UNION ALL ".join(asked)):
            row = json.loads(line["row"])
            found[line["of"]].append({name: row[name] for name in TABLES[line["of"]]})
        return {table: sorted(rows, key=json.dumps) for table, rows in found.items()}


@pytest.fixture
def database(server: Path) -> Database:
    return Database(server)


def held(store: Path) -> dict[str, list[Any]]:
    """What is in every table of a store, as :meth:`Database.tables` has it."""
    found = {}
    for table in TABLES:
        files = (read_table(path) for path in (store / table).rglob("*.parquet"))
        rows = [{name: _told(value) for name, value in row.items()} for file in files for row in file.to_pylist()]
        found[table] = sorted(rows, key=json.dumps)
    return found


def _told(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


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
    server: Path, office: Office, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk: Desk = open_desk()
    office.enrol(desk)
    desk.check(BANNED)
    office.merge(desk.bundle())
    with pytest.raises(DatabaseProblem, match="none"):
        load(office.store, f"host={server} user=fanion dbname=none")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoPsql):
        load(office.store, "fanion")
