"""One open ledger file: the lock around it, and what an error of it means for a person, a LedgerProblem each."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeAlias

from sqlite_utils import Database

from core.ledger import problems
from core.system.files.file_lock import LockHeldError


class OpenLedger:
    """A ledger file that is open. May be used from any thread; the code that opens it closes it."""

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        self.path = path
        self._database = database
        self._reading = reading
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        with self._lock:
            self._database.close()

    def count(self) -> int:
        """How many records there are: records are numbered from 1, without gaps."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM entry", [])[0][0])

    def rows(self, query: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
        """Run a query of this package, and return all its rows."""
        with self._access():
            return self._database.execute(query, values).fetchall()

    @contextlib.contextmanager
    def one_reading(self) -> Iterator[None]:
        """Read all of the block from one moment: writers wait, and other threads do not use this ledger."""
        with self._access():
            self._database.execute("BEGIN")
            try:
                yield
            finally:
                self._database.execute("COMMIT")

    @contextlib.contextmanager
    def _access(self) -> Iterator[None]:
        """Keep other threads out of the block, and raise each fault of the world in it as a LedgerProblem."""
        with self._lock, translated(self.path, reading=self._reading):
            yield


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
    kind = _BY_ERRNO.get(error.errno or 0, (problems.LedgerFault,))
    if isinstance(error, LockHeldError):
        kind = (problems.LedgerBusy,)
    if os.path.isdir(path):
        kind = (problems.NotALedger,)
    return kind[0 if reading else -1](path, str(error))


def _database_problem(error: sqlite3.Error, path: Path, reading: bool) -> problems.LedgerProblem:
    """What an SQLite error means; its numbers are in https://www.sqlite.org/rescode.html."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code == sqlite3.SQLITE_IOERR_WRITE and not os.access(path.parent, os.W_OK):
        code = sqlite3.SQLITE_CANTOPEN  # the journal from before is there, and could only be opened for reading
    kind = _BY_CODE.get(code) or _BY_CODE.get(code & 0xFF, (problems.LedgerFault,))
    if kind is _FORBIDDEN and not os.path.exists(path):  # such as on a USB key that was pulled
        kind = (problems.LedgerMissing,)
    return kind[0 if reading else -1](path, f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}")


#: What an error means; first while reading, then while writing, where that makes a difference.
_Kinds: TypeAlias = tuple[type[problems.LedgerFileProblem], ...]
_FORBIDDEN: Final[_Kinds] = (problems.NoPermission, problems.FolderNotWritable)
_BY_ERRNO: Final[Mapping[int, _Kinds]] = {
    errno.ENOSPC: (problems.NoSpace,),
    errno.EDQUOT: (problems.NoSpace,),
    errno.ENOENT: (problems.LedgerMissing,),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOTDIR: (problems.LedgerMissing, problems.FolderNotWritable),
    errno.EROFS: (problems.FolderNotWritable,),
    errno.EEXIST: (problems.FolderNotWritable,),
}
_BY_CODE: Final[Mapping[int, _Kinds]] = {
    sqlite3.SQLITE_READONLY_DBMOVED: (problems.LedgerMoved,),
    sqlite3.SQLITE_IOERR_FSTAT: (problems.LedgerMoved,),  # the journal is to be made like the file, which is gone
    sqlite3.SQLITE_READONLY_DIRECTORY: (problems.FolderNotWritable,),
    sqlite3.SQLITE_FULL: (problems.NoSpace,),
    sqlite3.SQLITE_BUSY: (problems.LedgerBusy,),
    sqlite3.SQLITE_LOCKED: (problems.LedgerBusy,),
    sqlite3.SQLITE_PROTOCOL: (problems.LedgerBusy,),
    sqlite3.SQLITE_READONLY: (problems.UnfinishedLedger, problems.ReadOnlyLedger),
    # What is written obeys the file's rules: where they refuse it, the file is not what it says it is.
    sqlite3.SQLITE_CORRUPT: (problems.DamagedLedger,),
    sqlite3.SQLITE_CONSTRAINT: (problems.DamagedLedger,),
    sqlite3.SQLITE_NOTADB: (problems.NotALedger,),
    sqlite3.SQLITE_PERM: (problems.NoPermission,),
    sqlite3.SQLITE_AUTH: (problems.NoPermission,),
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    # The tables were as they should be when the file was opened: another program has altered it since.
    sqlite3.SQLITE_ERROR: (problems.AlteredLedger,),
}
