"""Debian's own PostgreSQL, started with a socket of its own and no port; a role that loads, and a hostile one."""

from __future__ import annotations

import contextlib
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
from pathlib import Path
from typing import Any

import pytest

from core.head_office.store.tables import TABLES, read_table

#: Who has started the server, who loads, and who may do no more than make a schema and use the one for all.
SUPERUSER, OFFICE, MALLORY = "fanion", "office", "mallory"
_ROLES = f"""
CREATE ROLE {OFFICE} LOGIN; GRANT CREATE ON DATABASE one TO {OFFICE};
CREATE ROLE {MALLORY} LOGIN; GRANT CREATE ON DATABASE one TO {MALLORY}; GRANT CREATE ON SCHEMA public TO {MALLORY};
"""


def server_program(name: str) -> str:
    """A program that Debian keeps out of the path."""
    path = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if path is None or shutil.which("psql") is None:
        pytest.skip("needs PostgreSQL")
    return path


@contextlib.contextmanager
def running() -> Iterator[Path]:
    """The folder with the socket of a running server, which has the database `one` and the roles."""
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
        new = [initdb, "-D", "data", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(new, **run)
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"
        subprocess.run([pg_ctl, "-D", "data", "-l", "log", "-o", options, "-w", "start"], **run)
        made = "CREATE DATABASE one TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'fr-CA'"
        for database, sql in (("postgres", made), ("one", _ROLES)):
            command = ["psql", "-X", "-q", "-h", name, "-U", SUPERUSER, "-d", database, "-c", sql]
            subprocess.run(command, check=True)
        try:
            yield folder
        finally:
            subprocess.run([pg_ctl, "-D", "data", "-m", "immediate", "stop"], **run)


class Database:
    """A database whose language sorts otherwise than byte by byte."""

    def __init__(self, server: Path) -> None:
        self._server = server
        # Not Debian's own in the path, which looks for the newest one first, each time.
        self._psql = Path(server_program("initdb")).resolve().with_name("psql")
        self.place = self.place_of(OFFICE)
        schemas = "DROP SCHEMA IF EXISTS fanion CASCADE; DROP SCHEMA IF EXISTS elsewhere CASCADE"
        self.run(f"{schemas}; DROP PUBLICATION IF EXISTS pub", SUPERUSER)

    def place_of(self, role: str, folder: Path | None = None) -> str:
        """Where a role finds it: at the server's own socket, or at one in another folder."""
        return f"host={folder or self._server} user={role} dbname=one"

    def run(self, sql: str, role: str) -> None:
        """Have a role say something."""
        self.psql("-c", sql, role=role)

    def psql(self, *words: str, role: str = SUPERUSER) -> str:
        command = [self._psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.place_of(role), "--csv", *words]
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
