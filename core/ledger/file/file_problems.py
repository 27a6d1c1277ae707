"""What an error of the ledger's file means for a person: each becomes a LedgerProblem."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.ledger import problems
from core.system.file_lock import LockHeldError


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
        raise problems.DamagedLedger(path, str(error)) from error
    except OSError as error:
        raise _file_problem(error, path, reading) from error


def _file_problem(error: OSError, path: Path, reading: bool) -> problems.LedgerProblem:
    """What a failure at the file itself means, or at its folder or its session files where it is to be written."""
    detail = str(error)
    if os.path.isdir(path):
        return problems.NotALedger(path, detail)
    if isinstance(error, LockHeldError):
        return problems.LedgerBusy(path, detail)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return problems.NoSpace(path, detail)
        case errno.ENOENT:
            return problems.LedgerMissing(path, detail)
        case errno.EACCES | errno.EPERM:
            return problems.NoPermission(path, detail) if reading else problems.FolderNotWritable(path, detail)
        case errno.ENOTDIR:
            return problems.LedgerMissing(path, detail) if reading else problems.FolderNotWritable(path, detail)
        case errno.EROFS | errno.EEXIST:
            return problems.FolderNotWritable(path, detail)
        case _:
            return problems.LedgerFault(path, detail)


def _database_problem(error: sqlite3.Error, path: Path, reading: bool) -> problems.LedgerProblem:
    """What an SQLite error means; its numbers are in https://www.sqlite.org/rescode.html."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    detail = f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}"
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return problems.LedgerMoved(path, detail)
    if code == sqlite3.SQLITE_READONLY_DIRECTORY:
        return problems.FolderNotWritable(path, detail)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return problems.NoSpace(path, detail)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return problems.LedgerBusy(path, detail)
        case sqlite3.SQLITE_READONLY:
            return problems.UnfinishedLedger(path, detail) if reading else problems.ReadOnlyLedger(path, detail)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_CONSTRAINT:
            # What is written obeys the file's rules: where they refuse it, the file is not what it says it is.
            return problems.DamagedLedger(path, detail)
        case sqlite3.SQLITE_NOTADB:
            return problems.NotALedger(path, detail)
        case sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return problems.NoPermission(path, detail)
        case sqlite3.SQLITE_CANTOPEN:
            return problems.NoPermission(path, detail) if reading else problems.FolderNotWritable(path, detail)
        case sqlite3.SQLITE_ERROR:
            # The tables were as they should be when the file was opened: another program has altered it since.
            return problems.AlteredLedger(path, detail)
        case _:
            return problems.LedgerFault(path, detail)
