"""The SQLite file under the ledger: how it is opened, what its tables are, and what its errors mean.

The settings are those that lost no acknowledged record in simulated power cuts: a rollback journal,
`synchronous=EXTRA`, and every writing begun with `BEGIN IMMEDIATE`. WAL is not used: SQLite 3.7.0 to 3.51.2 can lose
commits in it when two connections write, and a WAL file cannot be read from a read-only medium.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlite_utils import Database

from core import ledger
from core.ledger.keys import make_folder
from core.ledger.tree import Frontier

#: Version 2 added the seals. Whatever opens an older one for writing adds them to it.
VERSION: Final = 2
#: What stands in the file's header to tell whose it is: "FNLG" for a real ledger, "FNLP" for one of practice.
REAL_ID: Final = 0x464E4C47
PRACTICE_ID: Final = 0x464E4C50

#: STRICT tables came with SQLite 3.37, JSON functions that are always there with 3.38.
_OLDEST_SQLITE: Final = (3, 38, 0)
_MAGIC: Final = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, section 1.3
_BUSY_SECONDS: Final = 30

# The leaf is the truth; the other columns of `entry` are computed from it, and the indexes keep what was computed.
_SCHEMA: Final = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) <= 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    kind TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.type')) VIRTUAL,
    time TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.time')) VIRTUAL,
    visit TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.visit')) VIRTUAL,
    verdict TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.verdict')) VIRTUAL,
    intent INTEGER GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.intent')) VIRTUAL,
    CHECK (json_extract(CAST(leaf AS TEXT), '$.seq') = seq)
) STRICT;
CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX entry_time ON entry (time);
CREATE INDEX entry_visit ON entry (visit) WHERE visit IS NOT NULL;
CREATE INDEX entry_verdict ON entry (verdict) WHERE verdict IS NOT NULL;
CREATE INDEX entry_intent ON entry (intent) WHERE intent IS NOT NULL;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT raise(ABORT, 'records are added one after the other'); END;
CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'records are never changed'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
CREATE TABLE opening (
    commitment BLOB NOT NULL PRIMARY KEY CHECK (length(commitment) = 32),
    seq INTEGER NOT NULL REFERENCES entry (seq),
    salt BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX opening_seq ON opening (seq);
CREATE TRIGGER opening_with_its_record BEFORE INSERT ON opening
WHEN new.seq IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM opening WHERE commitment = new.commitment)
BEGIN SELECT raise(ABORT, 'an opening comes with its record, once'); END;
CREATE TRIGGER opening_unchanged BEFORE UPDATE ON opening
BEGIN SELECT raise(ABORT, 'openings are erased, never changed'); END;
"""

# `head` is the tree over all records, `node` its complete subtrees of 2^8, 2^16... leaves, both computed from the
# leaves; `seal` are the signed checkpoints, each over all records that there were.
_SEALS: Final = """
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    hashes BLOB NOT NULL
) STRICT;
CREATE TRIGGER head_kept BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TABLE node (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER node_unchanged BEFORE UPDATE ON node
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TRIGGER node_kept BEFORE DELETE ON node
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TABLE seal (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT;
CREATE TRIGGER seal_over_all BEFORE INSERT ON seal
WHEN new.size IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE size >= new.size)
BEGIN SELECT raise(ABORT, 'a seal is over all records, once'); END;
CREATE TRIGGER seal_unchanged BEFORE UPDATE ON seal
BEGIN SELECT raise(ABORT, 'seals are never changed'); END;
CREATE TRIGGER seal_kept BEFORE DELETE ON seal
BEGIN SELECT raise(ABORT, 'seals are never deleted'); END;
"""
_FORMS: Final = {1: _SCHEMA, 2: _SCHEMA + _SEALS}


def open_for_writing(path: Path, *, practice: bool) -> Database:
    """The ledger at `path`, which is made, with its folder, if it is not there. Only its owner can read it.

    On Windows the folder's own access list decides who can. Raises LedgerProblem.
    """
    _require_sqlite(path)
    with translated(path):
        _make_file(path)
    _look_at_header(path, practice=practice)
    if not os.access(path, os.W_OK):  # SQLite would open it for reading, and say so only when a record is to be written
        raise ledger.ReadOnlyLedger(path)
    with translated(path):
        database = _connect(path, "rw")
        try:
            _recognise_or_create(database, path, practice)
            if database.execute("PRAGMA journal_mode=DELETE").fetchone() != ("delete",):
                raise ledger.AlteredLedger(path, "journal_mode")
        except BaseException:
            database.close()
            raise
    return database


def open_for_reading(path: Path, practice: bool | None = None) -> Database:
    """The ledger at `path`, which may be anybody's and on a medium that cannot be written. Nothing is ever written.

    Raises LedgerProblem. The guards against change may be missing: it is the verifier's part to say so.
    """
    _require_sqlite(path)
    _look_at_header(path, practice=practice, reading=True)
    with translated(path, reading=True):
        database = _connect(path, "ro")
        try:
            database.execute("PRAGMA query_only=ON")
            if not _objects(database, "table").items() >= _expected(_version(database, path), "table").items():
                raise ledger.AlteredLedger(path, "tables")
        except BaseException:
            database.close()
            raise
    return database


@contextlib.contextmanager
def writing(database: Database) -> Iterator[None]:
    """A transaction that has the right to write from its first moment on, and is on disk when the block is left."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        # Where even this fails, the journal stays, and whoever opens the file next rolls back with it.
        with contextlib.suppress(sqlite3.Error):
            database.rollback()
        raise


@contextlib.contextmanager
def translated(path: Path, *, reading: bool = False) -> Iterator[None]:
    """Turn the world's faults into LedgerProblems. Misuse of the database is a bug and passes through."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise _database_problem(error, path, reading) from error
    except UnicodeDecodeError as error:  # raised by Python where a broken file's error message is not UTF-8
        raise ledger.DamagedLedger(path, str(error)) from error
    except OSError as error:
        raise _file_problem(error, path, reading) from error


def _require_sqlite(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ledger.OldSQLite(path, sqlite3.sqlite_version)


def _make_file(path: Path) -> None:
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _look_at_header(path: Path, *, practice: bool | None, reading: bool = False) -> None:
    """Refuse what is not ours before SQLite touches it: opening a file in WAL mode already writes beside it."""
    with translated(path, reading=True), path.open("rb") as file:
        header = file.read(100)
    if not header:
        if reading:
            raise ledger.NotALedger(path, "empty")
        return
    if not header.startswith(_MAGIC):
        if not header.strip(b"\0") and path.with_name(f"{path.name}-journal").exists():
            # A power cut while the file was made: SQLite makes it empty again, by its journal.
            if reading:
                raise ledger.UnfinishedLedger(path, "no header, but a journal")
            return
        raise ledger.NotALedger(path, "no SQLite file")
    _recognise(path, int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big"), practice)


def _recognise(path: Path, application_id: int, version: int, practice: bool | None) -> None:
    """Raise LedgerProblem unless these numbers are those of a ledger that this version can use."""
    if application_id not in (REAL_ID, PRACTICE_ID):
        raise ledger.NotALedger(path, f"application_id {application_id:#x}")
    if version > VERSION:
        raise ledger.NewerLedger(path, f"user_version {version}")
    if practice is not None and application_id != _application_id(practice):
        raise ledger.OtherLedger(path, practice)


def _application_id(practice: bool) -> int:
    return PRACTICE_ID if practice else REAL_ID


def _connect(path: Path, mode: str) -> Database:
    name = path.absolute().as_posix()
    uri = f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        database = Database(connection, recursive_triggers=True, execute_plugins=False)
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "foreign_keys=ON",
            "synchronous=EXTRA",
            "fullfsync=ON",
            "secure_delete=ON",  # an erased opening is overwritten in the file
        ):
            database.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return database


def _recognise_or_create(database: Database, path: Path, practice: bool) -> None:
    """Two programs may do this at once: the second finds what the first has made."""
    with writing(database):
        found = _objects(database)
        if not found:
            database.executescript(_FORMS[VERSION])
            database.execute(f"PRAGMA application_id={_application_id(practice)}")
            _grow_tree(database)
            return
        _recognise(path, _number(database, "application_id"), _number(database, "user_version"), practice)
        version = _version(database, path)
        if found != _expected(version):
            raise ledger.AlteredLedger(path, "tables, indexes or triggers")
        if version < VERSION:
            database.executescript(_SEALS)
            _grow_tree(database)


def has_its_guards(database: Database, path: Path) -> bool:
    """Whether the tables and what guards them are those that Fanion makes."""
    return _objects(database) == _expected(_version(database, path))


def _grow_tree(database: Database) -> None:
    """Put all records of a file that had no tree into one, and say that the file is of this version."""
    tree = Frontier()
    for (leaf_hash,) in database.execute("SELECT leaf_hash FROM entry ORDER BY seq"):
        for node in tree.append_and_tell(leaf_hash):
            database.execute("INSERT INTO node (level, position, hash) VALUES (?, ?, ?)", node)
    database.execute("INSERT INTO head (one, size, hashes) VALUES (1, ?, ?)", [tree.size, tree.hashes])
    database.execute(f"PRAGMA user_version={VERSION}")


def _version(database: Database, path: Path) -> int:
    version = _number(database, "user_version")
    if version not in _FORMS:
        raise ledger.AlteredLedger(path, f"user_version {version}")
    return version


def _number(database: Database, pragma: str) -> int:
    return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])


def _objects(database: Database, type: str = "%") -> dict[str, str]:
    """Tables, indexes and triggers by name, each with the statement that made it; SQLite's own left out."""
    rows = database.query(
        r"SELECT name, sql FROM sqlite_master WHERE type LIKE ? AND name NOT LIKE 'sqlite\_%' ESCAPE '\'", [type]
    )
    return {row["name"]: row["sql"] for row in rows}


def _expected(version: int, type: str = "%") -> dict[str, str]:
    with contextlib.closing(Database(memory=True, execute_plugins=False)) as fresh:
        fresh.executescript(_FORMS[version])
        return _objects(fresh, type)


def _file_problem(error: OSError, path: Path, reading: bool) -> ledger.LedgerProblem:
    """What a failure at the file itself means, or at its folder or its session files where it is to be written."""
    detail = str(error)
    if os.path.isdir(path):
        return ledger.NotALedger(path, detail)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return ledger.NoSpace(path, detail)
        case errno.ENOENT:
            return ledger.LedgerMissing(path, detail)
        case errno.EACCES | errno.EPERM:
            return ledger.NoPermission(path, detail) if reading else ledger.FolderNotWritable(path, detail)
        case errno.ENOTDIR:
            return ledger.LedgerMissing(path, detail) if reading else ledger.FolderNotWritable(path, detail)
        case errno.EROFS | errno.EEXIST:
            return ledger.FolderNotWritable(path, detail)
        case _:
            return ledger.LedgerFault(path, detail)


def _database_problem(error: sqlite3.Error, path: Path, reading: bool) -> ledger.LedgerProblem:
    """What an SQLite error means; its numbers are in https://www.sqlite.org/rescode.html."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    detail = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return ledger.LedgerMoved(path, detail)
    if code == sqlite3.SQLITE_READONLY_DIRECTORY:
        return ledger.FolderNotWritable(path, detail)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return ledger.NoSpace(path, detail)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return ledger.LedgerBusy(path, detail)
        case sqlite3.SQLITE_READONLY:
            return ledger.UnfinishedLedger(path, detail) if reading else ledger.ReadOnlyLedger(path, detail)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_CONSTRAINT:
            # What is written obeys the file's rules: where they refuse it, the file is not what it says it is.
            return ledger.DamagedLedger(path, detail)
        case sqlite3.SQLITE_NOTADB:
            return ledger.NotALedger(path, detail)
        case sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return ledger.NoPermission(path, detail)
        case sqlite3.SQLITE_CANTOPEN:
            return ledger.NoPermission(path, detail) if reading else ledger.FolderNotWritable(path, detail)
        case sqlite3.SQLITE_ERROR:
            # The tables were as they should be when the file was opened: somebody else has been in it since.
            return ledger.AlteredLedger(path, detail)
        case _:
            return ledger.LedgerFault(path, detail)
