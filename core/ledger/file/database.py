"""The SQLite file under the ledger: how it is recognised and opened, and what its errors mean.

The settings are those that lost no acknowledged record in simulated power cuts: a rollback journal,
`synchronous=EXTRA`, and every writing begun with `BEGIN IMMEDIATE`. WAL is not used: SQLite 3.7.0 to 3.51.2 can lose
commits in it when two connections write, and a WAL file cannot be read from a read-only medium.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlite_utils import Database

from core.ledger import problems
from core.ledger.file import journal
from core.ledger.file.beside import require_no_links
from core.ledger.file.journal_pages import Header
from core.ledger.file.kept_tree import caught_up_tree, seal_missing
from core.ledger.file.open_ledger import translated
from core.ledger.file.schema import RECORDS, SEALS, statements
from core.system.files.file_lock import PATIENCE, Patience, Waiting
from core.system.files.files import ensure_file, make_folder, open_file

#: Version 2 added the seals. Whatever opens an older one for writing adds them to it.
VERSION: Final = 2
#: What stands in the file's header to tell whose it is: "FNLG" for a real ledger, "FNLP" for one of practice.
REAL_ID: Final = 0x464E4C47
PRACTICE_ID: Final = 0x464E4C50

#: STRICT tables came with SQLite 3.37, JSON functions that are always there with 3.38.
_OLDEST_SQLITE: Final = (3, 38, 0)
_BUSY_SECONDS: Final = PATIENCE
#: What queries call: a table of such a name would be asked in the place of SQLite's own.
_FUNCTIONS: Final = frozenset({"json_each", "json_tree"})
#: The same where a stop button is looked at in between.
_ASKING_SECONDS: Final = 0.2
#: Looks at a header, 10 ms apart, until it is said that the file is shorter than it says.
_LOOKS: Final = 10
_LOOK_SECONDS: Final = 0.01
#: Steps of SQLite's own between two looks at a stop button, and what it tells of a file that is broken all over.
_STEPS: Final = 500_000
_FLAWS: Final = 100


#: The statements that make a file of each version.
_FORMS: Final = {1: RECORDS, 2: RECORDS + SEALS}


def open_for_writing(path: Path, *, practice: bool, waiting: Waiting | None = None) -> Database:
    """The ledger at `path`, which is made, with its folder, if it is not there. Only its owner can read it.

    In a folder that was made for several people they all can: see :mod:`core.system.files.permissions`. Raises
    LedgerProblem.
    """
    _require_sqlite(path)
    with translated(path):
        make_folder(path.parent, shared=False)  # no program makes a folder for several people
        ensure_file(path)
    status = _look_at_header(path, practice=practice)
    if not os.access(path, os.W_OK):  # SQLite would open it for reading, and say so only when a record is to be written
        raise problems.ReadOnlyLedger(path)
    with translated(path), journal.erased_when_played_back(path):
        database = _connect(path, "rw", waiting, status)
        try:
            _require_same(path, status)
            if database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                journal.keep(database, path)
            _recognise_or_create(database, path, practice)
            journal.keep(database, path)
        except BaseException:
            database.close()
            raise
    return database


def require_writable(path: Path, *, practice: bool) -> None:
    """Raise LedgerProblem where open_for_writing() would not open the ledger at `path`, which is there.

    The file stays as it is, byte for byte: what is tried is taken back before it comes to the disk. For that reason
    also a writing that was cut off is a problem here, which the opening would repair.
    """
    # First for reading: a connection that may write would play back a journal.
    with contextlib.closing(open_for_reading(path, practice)) as reader, translated(path, reading=True):
        if not has_its_guards(reader, path):
            raise problems.AlteredLedger(path, "tables, indexes or triggers")
        is_ours = reader.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    if not os.access(path, os.W_OK):
        raise problems.ReadOnlyLedger(path)
    if not is_ours:  # the opening takes it out of WAL, and already a connection that may write would change the file
        return
    with translated(path), contextlib.closing(_connect(path, "rw")) as database:
        database.execute("PRAGMA cache_spill=OFF")
        database.execute("PRAGMA journal_mode=MEMORY")
        database.execute("BEGIN IMMEDIATE")
        try:
            if _version(database, path) == VERSION:
                caught_up_tree(database, path)
        finally:
            database.rollback()


def open_for_reading(path: Path, practice: bool | None = None, waiting: Waiting | None = None) -> Database:
    """The ledger at `path`, which may come from another desk, or on a read-only medium. Nothing is ever written.

    Raises LedgerProblem. The guards against change may be missing, and other tables may be there: it is the verifier's
    part to say so.
    """
    _require_sqlite(path)
    status = _look_at_header(path, practice=practice, reading=True)
    with translated(path, reading=True):
        database = _connect(path, "ro", waiting)
        try:
            _require_same(path, status)
            database.execute("PRAGMA query_only=ON")
            _require_tables(database, path)
        except BaseException:
            database.close()
            raise
    return database


def _require_tables(database: Database, path: Path) -> None:
    """Raise AlteredLedger unless Fanion's tables are there, and none that takes the place of a function."""
    objects = _schema(database)  # besides the tables that Fanion makes, there may be others
    if any(
        expected not in objects for expected in _schema_of_version(_version(database, path)) if expected[0] == "table"
    ):
        raise problems.AlteredLedger(path, "tables")
    if shadows := [name for _, name, _, _ in objects if name.lower() in _FUNCTIONS]:
        raise problems.AlteredLedger(path, f"table {shadows[0]}")
    if database.execute("PRAGMA encoding").fetchone() != ("UTF-8",):
        raise problems.AlteredLedger(path, "encoding")


@contextlib.contextmanager
def writing(database: Database | sqlite3.Connection) -> Iterator[None]:
    """A transaction that has the right to write from its first moment on, and is on disk when the block is left."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        # Where even this fails, the journal stays, and the next program that opens the file rolls back with it.
        with contextlib.suppress(sqlite3.Error):
            database.rollback()
        raise


def _require_sqlite(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise problems.OldSQLite(path, sqlite3.sqlite_version)


def _look_at_header(path: Path, *, practice: bool | None, reading: bool = False) -> os.stat_result:
    """Refuse what is not ours before SQLite may write beside it, as it does for a file in WAL mode; what is there.

    Also this is left to SQLite. POSIX takes every lock that a program has on a file from it as soon as the program
    closes any descriptor of that file: one look of our own would let others into a writing that is under way.
    """
    with translated(path, reading=True):
        require_no_links(path)
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise problems.NotALedger(path, f"mode {status.st_mode:o}")
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        journal.require_own(path, None)  # whatever the file is: SQLite would open it with this journal
        if not status.st_size:
            if reading:
                raise problems.EmptyLedger(path)
            return status
        header = _header(path, reading)
        if header is not None:
            _recognise(path, *header, practice)
            with contextlib.closing(_immutable(path)) as database:
                journal.require_own(path, database)
    return status


def _require_same(path: Path, status: os.stat_result) -> None:
    """Raise LedgerMoved where the name leads to another file than was looked at: SQLite may have opened that one."""
    if not os.path.samestat(path.lstat(), status):
        raise problems.LedgerMoved(path)


def _immutable(path: Path) -> sqlite3.Connection:
    """The file as it stands, without its journal and without locks: what it says may be of the middle of a writing."""
    return sqlite3.connect(file_uri(path, "ro&immutable=1"), uri=True)


def _header(path: Path, reading: bool) -> tuple[int, int] | None:
    """Whose file it is, and its version; None where that is not to be told before its journal is played back.

    As the file is called immutable, SQLite takes no locks and looks for nothing beside it: what it reads may be of the
    middle of a writing.
    """
    beside = journal.journal_of(path)
    for look in range(_LOOKS):
        if look:
            time.sleep(_LOOK_SECONDS)
        try:
            with contextlib.closing(_immutable(path)) as database:
                (application_id,) = database.execute("PRAGMA application_id").fetchone()
                (version,) = database.execute("PRAGMA user_version").fetchone()
                return application_id, version
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code == sqlite3.SQLITE_NOTADB and _was_empty(beside):
                # A power cut while the file was made: SQLite makes it empty again, by its journal.
                if reading:
                    raise problems.UnfinishedLedger(path, "no header, but a journal") from error
                return None
            if code != sqlite3.SQLITE_CORRUPT or look == _LOOKS - 1:
                raise
        # Its header says that it is longer than it is, as while it grows: then the program at work keeps a journal.
        if beside.exists():
            return None
    return None


def _was_empty(beside: Path) -> bool:
    """Whether the journal at rest is the one of a file's very first writing. No program locks journals."""
    try:
        with os.fdopen(open_file(beside, os.O_RDONLY, links=False), "rb") as file:
            header = Header.read(file)
    except FileNotFoundError:
        return False
    return header is not None and header.pages_before == 0


def _recognise(path: Path, application_id: int, version: int, practice: bool | None) -> None:
    """Raise LedgerProblem unless these numbers are those of a ledger that this version can use."""
    if application_id not in (REAL_ID, PRACTICE_ID):
        raise problems.NotALedger(path, f"application_id {application_id:#x}")
    if version > VERSION:
        raise problems.NewerLedger(path, f"user_version {version}")
    if practice is not None and application_id != _application_id(practice):
        raise problems.OtherLedger(path, practice)


def _application_id(practice: bool) -> int:
    return PRACTICE_ID if practice else REAL_ID


@functools.cache
def _schema_may_use_json() -> bool:
    """Whether SQLite trusts its own JSON functions in a schema that is not trusted. Not so 3.40.1, which Debian 12 has.

    There the log's indexes can be had only if its schema is trusted. That means: a schema that another
    program has put into the file may call functions, of which Fanion adds none that does anything.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        try:
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("CREATE TABLE probe (a TEXT, CHECK (json_extract(a, '$.b') = 1))")
            database.execute("""INSERT INTO probe VALUES ('{"b":1}')""")
        except sqlite3.Error:
            return False
    return True


class _Patient(sqlite3.Connection):
    """A connection that waits for others as :class:`Waiting` says. SQLite itself waits silently, and up to a limit.

    Whatever finds the file locked has done nothing yet, so that it can be tried again: a statement before its first
    row, or a COMMIT.
    """

    waiting: Waiting | None = None
    #: The file that was opened for writing.
    opened: os.stat_result | None = None

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        patience: Patience | None = None
        while True:
            try:
                return super().execute(*statement)
            except sqlite3.OperationalError as error:
                if self.waiting is None or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                patience = patience or Patience(self.waiting)
                if not patience.pause():
                    raise


def _connect(path: Path, mode: str, waiting: Waiting | None = None, opened: os.stat_result | None = None) -> Database:
    connection = sqlite3.connect(
        file_uri(path, mode),
        uri=True,
        timeout=_BUSY_SECONDS if waiting is None else _ASKING_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=_Patient,
    )
    connection.waiting, connection.opened = waiting, opened
    prepare(
        connection,
        "recursive_triggers=ON",
        f"trusted_schema={'OFF' if _schema_may_use_json() else 'ON'}",
        "cell_size_check=ON",
        "foreign_keys=ON",
        "synchronous=EXTRA",
        "fullfsync=ON",
        "secure_delete=ON",  # an erased opening is overwritten in the file
        "temp_store=MEMORY",  # and was in no other one
    )
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def prepare(connection: sqlite3.Connection, *pragmas: str) -> None:
    """Have a connection take no orders from its file, and set `pragmas`. It is closed where that fails."""
    try:
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise


def file_uri(path: Path, mode: str) -> str:
    """What SQLite is to open, and how: a path may have characters that mean something in a URI."""
    name = path.absolute().as_posix()
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name))}?mode={mode}"


def _recognise_or_create(database: Database, path: Path, practice: bool) -> None:
    """Two programs may do this at once: the second finds what the first has made."""
    with writing(database):
        journal.erase(path)  # what a program left that was cut off; one that was to be played back is gone by now
        objects = _schema(database)
        if not objects:
            _make(database, _FORMS[VERSION])
            database.execute(f"PRAGMA application_id={_application_id(practice)}")
            _begin_tree(database)
            return
        _recognise(path, _number(database, "application_id"), _number(database, "user_version"), practice)
        version = _version(database, path)
        if objects != _schema_of_version(version):
            raise problems.AlteredLedger(path, "tables, indexes or triggers")
        if (number := seal_missing(database)) is not None:  # a seal of ours over it would hide that
            raise problems.DamagedLedger(path, f"the seal over entry {number} is missing")
        if version < VERSION:
            _make(database, SEALS)
            _begin_tree(database)
        caught_up_tree(database, path)


def has_its_guards(database: Database, path: Path) -> bool:
    """Whether the tables, their indexes and what guards them are those that Fanion makes, and nothing else is there."""
    return _schema(database) == _schema_of_version(_version(database, path))


def flaws(database: Database, stop: Callable[[], bool]) -> Iterator[str]:
    """What SQLite finds wrong with the file's structure, in its own words, and which index does not fit its table.

    It reads all of the file, in some five seconds for a million records, and lets no program write meanwhile. `stop` is
    asked again and again: where it says so, sqlite3.OperationalError is raised.
    """
    database.conn.set_progress_handler(stop, _STEPS)
    try:
        rows = database.execute(f"PRAGMA integrity_check({_FLAWS})").fetchall()
    finally:
        database.conn.set_progress_handler(None, 0)
    return (str(row[0]) for row in rows if row != ("ok",))


def _make(database: Database, script: str) -> None:
    """Run the statements of `script` in the transaction that is open."""
    for statement in statements(script):
        database.execute(statement)


def _begin_tree(database: Database) -> None:
    """Write an empty tree into the file, and the version of its form."""
    database.execute("INSERT INTO head (one, size, hashes) VALUES (1, 0, x'')")
    database.execute(f"PRAGMA user_version={VERSION}")


def _version(database: Database, path: Path) -> int:
    version = _number(database, "user_version")
    if version not in _FORMS:
        raise problems.AlteredLedger(path, f"user_version {version}")
    return version


def _number(database: Database, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


#: A table, an index or a trigger: its type, its name, the table that it belongs to, and the statement that made it.
SchemaObject = tuple[str, str, str, str | None]


def _schema(database: Database) -> list[SchemaObject]:
    """All that SQLite keeps of what was made in the file, in order. An object of each type may have the same name."""
    return sorted(
        database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall(),
        key=lambda row: tuple(map(str, row)),
    )


@functools.cache
def _schema_of_version(version: int) -> list[SchemaObject]:
    """The schema objects that Fanion makes in a file of this version, in order."""
    with contextlib.closing(Database(memory=True, execute_plugins=False)) as fresh:
        fresh.executescript(_FORMS[version])
        return _schema(fresh)
