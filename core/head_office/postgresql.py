"""The tables of a store in a PostgreSQL database, kept as the store has them.

PostgreSQL's own ``psql`` does the talking: Fanion opens no connection, and who may log in, and how, is what a
department has set for it. Each row remembers the file of the store that it came from. What a load finds in the database
and not in the store goes, so that what was erased there is erased here, and only the files that are new are read. All
of it is one transaction.
"""

from __future__ import annotations

import contextlib
import hmac
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from core.head_office.events import mark_of
from core.head_office.store import Store, StoreProblem, read, reported
from core.head_office.tables import TABLES, arrow, day_of
from core.jobs import Cancel, Progress, Report, silent
from core.problem import Problem
from core.system.child_process import PIPE, Popen, begin
from core.system.programs import find_program, untrusted_folder
from core.system.surroundings import systems_environment
from core.text import T, plain

#: Where the tables are in the database.
SCHEMA: Final = "fanion"
_KINDS: Final[Mapping[str, str]] = {
    # Compared byte by byte, as other engines do, whatever the database's language is.
    "string": 'text COLLATE "C"',
    "int64": "bigint",
    "timestamp": "timestamptz",
    "binary": "bytea",
    "bool": "boolean",
    "date32": "date",
}
#: Tables of which no row ever goes by itself, and those that questions take by days.
_KEPT: Final = frozenset({"records", "seals"})
_BY_DAY: Final = ("checks", "findings", "steps")
#: What the questions ask for and PostgreSQL has under other names.
_FUNCTIONS: Final = """
CREATE OR REPLACE FUNCTION unix_millis(moment timestamptz) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT extract(epoch FROM moment)::double precision * 1000';
CREATE OR REPLACE FUNCTION middle(numbers double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY number) FROM unnest(numbers) AS number';
CREATE OR REPLACE AGGREGATE median(double precision) (
    SFUNC = array_append, STYPE = double precision[], FINALFUNC = middle, INITCOND = '{}');
"""
#: How COPY takes signs that mean something to it; NUL is the one that PostgreSQL has not.
_WRITTEN: Final = (
    ("\\", "\\\\"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\t", "\\t"),
    ("\0", "\N{REPLACEMENT CHARACTER}"),
)
#: A number of our own for one load at a time.
_LOCK: Final = 7_001_200_311
_PAGE: Final = 10_000
_SAID: Final = 4_000


class NoPsql(Problem):
    """PostgreSQL's client is not there."""

    code = "no-psql"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The program psql cannot be started: PostgreSQL’s client is not installed."),
            T("Install PostgreSQL’s client (postgresql-client), then load again."),
            detail,
        )


class PsqlUntrusted(Problem):
    """PostgreSQL's client is there, where others could have put something else in its place."""

    code = "psql-untrusted"
    exit_code = 5

    def __init__(self, folder: str) -> None:
        super().__init__(
            T(
                "Fanion does not start the program psql in {folder}: others may write there, or the folder is not "
                "named by its full path.",
                folder=plain(folder, 500),
            ),
            T(
                "Install PostgreSQL’s client (postgresql-client) where only administrators may write, have PATH name "
                "that folder in full, then load again."
            ),
        )


class DatabaseProblem(Problem):
    """The database was not reached, or did not take the store. It is as it was."""

    code = "database"
    exit_code = 5

    def __init__(self, said: str) -> None:
        super().__init__(
            T("PostgreSQL did not take the store; the database is as it was: {said}", said=plain(_first(said), 500)),
            T("Check the database’s name, and that you may create a schema in it, then load again."),
            plain(said, _SAID),
        )


class OtherStore(Problem):
    """The database has the tables of another store."""

    code = "other-store"
    exit_code = 5

    def __init__(self) -> None:
        super().__init__(
            T("The database has the tables of another store."), T("Give each store a database of its own.")
        )


@dataclass(slots=True)
class Loaded:
    """What a load did: rows of so many files were put in, and those of others removed; up to which merge it is."""

    merge: int
    files: int = 0
    rows: int = 0
    removed: int = 0


def load(store: Path, database: str, *, report: Report = silent, cancel: Cancel | None = None) -> Loaded:
    """Have the database hold what the store holds. `database` is its name, or what libpq calls a connection string.

    Raises StoreProblem, OtherStore, DatabaseProblem, NoPsql, PsqlUntrusted, NoArrow, Cancelled: then the database is
    as it was.
    """
    cancel, source = cancel or Cancel(), read(store)
    with reported(store):
        secret = source.secret
    done = Loaded(source.generation)
    with _psql(database) as session:
        there = _prepare(session, source, secret)
        live = {path: file.rows for path, file in source.files.items()}
        gone = {path: number for path, number in there.items() if path not in live}
        new = {path: rows for path, rows in live.items() if path not in there}
        _remove(session, gone)
        total, free = sum(new.values()), max(there.values(), default=0)
        for number, (path, rows) in enumerate(sorted(new.items()), free + 1):
            for count in _copy(session, source, path, number):
                cancel.check()
                done.rows += count
                report(Progress(T("Loading the tables"), done.rows / max(total, 1)))
            session.say(f"INSERT INTO file VALUES ({number}, {_quoted(path)}, {rows});")
        mark = mark_of(source, secret, source.generation)
        session.say(f"UPDATE store SET merge = {source.generation}, mark = '{mark}';")
        done.files, done.removed = len(new), len(gone)
        cancel.check()
        session.say("COMMIT;")
        for table in dict.fromkeys(path.partition("/")[0] for path in sorted({**gone, **new})):
            session.say(f"VACUUM (ANALYZE) {table};")  # what went is not kept for older readers
        session.end()
    return done


class _Session:
    """A psql that runs: it stops at the first error."""

    def __init__(self, process: Popen[bytes], stdin: IO[bytes], stdout: IO[bytes], said: IO[bytes]) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout
        self._said = said

    def say(self, sql: str) -> None:
        self.write(f"{sql}\n".encode())

    def write(self, data: bytes) -> None:
        """Raises DatabaseProblem."""
        try:
            self._stdin.write(data)
        except OSError as error:
            raise self._problem() from error

    def ask(self, sql: str) -> list[list[str]]:
        """The rows of a query; they have neither tabs nor line ends in them. Raises DatabaseProblem."""
        self.say(f"COPY ({sql}) TO STDOUT;\n\\echo .")
        with contextlib.suppress(OSError):
            self._stdin.flush()
        rows: list[list[str]] = []
        for line in self._stdout:
            if line == b".\n":
                return rows
            rows.append(line.decode().rstrip("\n").split("\t"))
        raise self._problem()

    def end(self) -> None:
        """All was said. Raises DatabaseProblem."""
        try:
            self._stdin.close()
        except OSError as error:
            raise self._problem() from error
        if self._process.wait():
            raise self._problem()

    def _problem(self) -> DatabaseProblem:
        self._process.wait()
        self._said.seek(0)
        return DatabaseProblem(self._said.read(_SAID).decode(errors="replace"))


@contextlib.contextmanager
def _psql(database: str) -> Iterator[_Session]:
    """Raises NoPsql, PsqlUntrusted. A psql that has not come to its end is stopped: the server undoes what it began."""
    options = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-"]
    psql = find_program("psql")
    if psql is None:
        folder = untrusted_folder("psql")
        raise NoPsql() if folder is None else PsqlUntrusted(folder)
    settings = {"PGCLIENTENCODING": "UTF8", "PGAPPNAME": "fanion", "LC_MESSAGES": "C"}
    with tempfile.TemporaryFile() as said:
        try:
            process = begin(
                [psql, *options, f"--dbname={database}"],
                systems_environment() | settings,
                stdin=PIPE,
                stdout=PIPE,
                stderr=said,
                in_terminal=True,
            )
        except OSError as error:
            raise NoPsql(str(error)) from error
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise NoPsql
        try:
            yield _Session(process, stdin, stdout, said)
        finally:
            process.kill()
            for pipe in (stdin, stdout):
                with contextlib.suppress(OSError):  # what it has not taken
                    pipe.close()
            process.wait()


def _prepare(session: _Session, store: Store, secret: bytes) -> dict[str, int]:
    """Begin, make the tables where they are not as they should be; the files that are loaded, with their numbers.

    Raises OtherStore, DatabaseProblem.
    """
    tables = "\n".join(_table(name) for name in TABLES)
    form = hmac.digest(b"", tables.encode(), "sha256").hex()
    own = hmac.digest(secret, b"postgresql", "sha256").hex()
    session.say(
        f"SET client_min_messages = warning;\n"
        f"BEGIN;\n"
        f"SET LOCAL standard_conforming_strings = on;\n"
        f"DO 'BEGIN PERFORM pg_advisory_xact_lock({_LOCK}); END';\n"
        f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};\n"
        f"SET search_path = {SCHEMA};\n"
        f"CREATE TABLE IF NOT EXISTS store (id text, form text, merge bigint, mark text);"
    )
    found = session.ask("SELECT id, form, merge, mark FROM store")
    if found and found[0][0] != own:
        raise OtherStore
    same = bool(found) and found[0][1] == form and found[0][3] == mark_of(store, secret, int(found[0][2]))
    if not same or int(found[0][2]) > store.generation:
        # Nothing is there, or it is of another version, or the store was brought back from a backup: all of it anew.
        session.say(
            "\n".join(f"DROP TABLE IF EXISTS {name};" for name in ("file", *TABLES))
            + f"\nCREATE TABLE file (number integer, path text, rows bigint);\n{tables}\n{_FUNCTIONS}"
            f"DELETE FROM store;\nINSERT INTO store VALUES ('{own}', '{form}', 0, '');"
        )
        return {}
    files = session.ask("SELECT number, path FROM file")
    return {path: int(number) for number, path in files}


def _table(name: str) -> str:
    """What makes a table and its indexes."""
    columns = [f'"{column}" {_KINDS[kind]}' for column, kind in TABLES[name].items()]
    indexes = [] if name in _KEPT else ["file"]
    indexes += ["day"] if name in _BY_DAY else []
    made = f"CREATE TABLE {name} ({', '.join(columns)}, day date, file integer);"
    return "\n".join([made, *(f"CREATE INDEX ON {name} ({column});" for column in indexes)])


def _remove(session: _Session, gone: Mapping[str, int]) -> None:
    for table in TABLES:
        numbers = ", ".join(str(number) for path, number in gone.items() if path.startswith(f"{table}/"))
        if numbers:
            session.say(f"DELETE FROM {table} WHERE file IN ({numbers});")
    if gone:
        numbers = ", ".join(map(str, gone.values()))
        session.say(f"DELETE FROM file WHERE number IN ({numbers});")


def _copy(session: _Session, store: Store, path: str, number: int) -> Iterator[int]:
    """Put the rows of a file in; yields how many, a stretch at a time."""
    table = path.partition("/")[0]
    columns = ", ".join(f'"{column}"' for column in TABLES[table])
    session.say(f"COPY {table} ({columns}, day, file) FROM STDIN;")
    for batch in _batches(store, path, list(TABLES[table])):
        session.write(as_text(batch, table, day_of(path), number))
        yield batch.num_rows
    session.say("\\.")


def _batches(store: Store, path: str, columns: list[str]) -> Iterator[Any]:
    try:
        with reported(store.folder), arrow("pyarrow.parquet").ParquetFile(store.place(path)) as content:
            yield from content.iter_batches(_PAGE, columns=columns)
    except StoreProblem as problem:
        if isinstance(problem.__cause__, FileNotFoundError):
            raise StoreProblem(
                T("The store was merged into while it was loaded; the database is as it was."), T("Load again.")
            ) from problem
        raise


def as_text(batch: Any, table: str, day: str, number: int) -> bytes:
    """Rows as PostgreSQL's COPY takes them in its text format: no text in them can be taken for anything else."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    columns = []
    for name, kind in TABLES[table].items():
        column = batch[name]
        if kind == "string":
            for sign, written in _WRITTEN:
                column = compute.replace_substring(column, sign, written)
        elif kind == "binary":
            told = [None if value is None else f"\\\\x{value.hex()}" for value in column.to_pylist()]
            column = pa.array(told, pa.string())
        else:
            column = column.cast(pa.string())
        columns.append(compute.fill_null(column, "\\N"))
    lines = compute.binary_join_element_wise(*columns, day or "\\N", str(number), "\t")
    return "".join([f"{line}\n" for line in lines.to_pylist()]).encode()


def _quoted(text: str) -> str:
    return "'" + re.sub("'", "''", text) + "'"


def _first(said: str) -> str:
    """The first line of what a program said; where it stands in our script is not told."""
    lines = [line for line in said.splitlines() if line.strip()]
    return re.sub(r"^psql:(<stdin>:\d+:)? *(error: |ERROR: +|FATAL: +)*", "", lines[0]) if lines else "?"
