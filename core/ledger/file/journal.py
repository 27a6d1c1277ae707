"""The rollback journal beside a log: when it may be played back, and that nothing of it is left behind.

While SQLite writes, it keeps in the journal what stood in the file before. If the program dies, the next one that opens
the file plays the journal back. Whoever can put a file there has SQLite do so with theirs: it would write what they
like into the log, take entries back that were sealed, or delete the file that the journal names as its super-journal.
The journal's form is in https://www.sqlite.org/fileformat.html, section 3.

What stood before may be a personal value that is erased later. So a journal is not deleted as it is: it stays under its
name while the log is open, is overwritten when values are erased and whenever the log is opened or closed, and only
then deleted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from sqlite_utils import Database

from core.ledger.file.journal_pages import HEADER_BYTES, MAGIC, Header, page_before, single_row_integer
from core.ledger.keys.enrolment import key_announced_in, keys_folder
from core.ledger.keys.epoch_keys import kept_seeds
from core.ledger.keys.identity import signing_key
from core.ledger.problems import AlteredLedger, JournalNoFile, LedgerProblem
from core.ledger.tlog.notes import NoteSigner
from core.system.files.erasing import overwrite
from core.system.files.files import open_file
from core.text import T, Text

#: What a super-journal's name is followed by: its length, a checksum and the magic of journals.
_SUPER_END: Final = 16
#: What SQLite keeps of another way of writing. Where such a file is, it is read in the place of the log's own pages.
_WRITE_AHEAD: Final = ("-wal", "-shm")
#: Looks at a journal, so many seconds apart, until it is said that it is not the log's: a program may be at work.
_LOOKS: Final = 10
_LOOK_SECONDS: Final = 0.01


class ForeignJournal(LedgerProblem):
    """The journal beside the log is not the one of its last writing. It stays where it is, as evidence."""

    code = "foreign-journal"

    def __init__(self, path: Path, journal: Path, why: Text, detail: str = "") -> None:
        super().__init__(
            T(
                "Beside the log file {file}, {journal} is not from its last writing: {why}.",
                file=str(path),
                journal=journal.name,
                why=why,
            ),
            T("Tell your IT security team. Once that file is moved away, the log can be opened again."),
            detail,
        )


def journal_of(path: Path) -> Path:
    """The path of SQLite's rollback journal for the file at `path`."""
    return path.with_name(f"{path.name}-journal")


def require_own(path: Path, database: sqlite3.Connection | None) -> None:
    """Refuse a journal that SQLite may not play back into the log at `path`, and any write-ahead log.

    Nothing is changed. `database` has the log opened as an immutable file, whose journal is not looked at; None where
    it cannot be read without one. Raises JournalNoFile, ForeignJournal, OSError.
    """
    for end in _WRITE_AHEAD:
        beside = path.with_name(f"{path.name}{end}")
        with contextlib.suppress(FileNotFoundError):
            if size := beside.lstat().st_size:
                raise ForeignJournal(path, beside, T("Fanion writes no such file"), f"{size} bytes")
    before: tuple[object, ...] = ()
    for look in range(_LOOKS):
        if look:
            time.sleep(_LOOK_SECONDS)
        try:
            with _opened(path) as file:
                why, detail, state = _foreign(file, path, database)
        except FileNotFoundError:
            return
        if why is None:
            return
        if state == before:  # no program is writing it
            raise ForeignJournal(path, journal_of(path), why, detail)
        before = state


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The journal, open for reading. SQLite would open whatever is called like it, and for ever wait for a pipe."""
    journal = journal_of(path)
    if not stat.S_ISREG(journal.lstat().st_mode):
        raise JournalNoFile(path, journal)
    with os.fdopen(open_file(journal, os.O_RDONLY, links=False), "rb") as file:
        yield file


def _foreign(
    file: BinaryIO, path: Path, database: sqlite3.Connection | None
) -> tuple[Text | None, str, tuple[object, ...]]:
    """Why this journal is not the log's, None where nothing tells so; a detail; and what was seen of it."""
    size = os.fstat(file.fileno()).st_size
    if file.read(1) in (b"", b"\0"):  # at rest, or not begun: SQLite leaves it alone
        return None, "", ()
    file.seek(0)
    header = Header.read(file)
    state = (size, header)
    if name := _super_journal(file, size):  # deleted also where nothing else in the journal can be read
        return T("it names another file, which would be deleted"), f"super-journal {name!r:.200}", state
    if database is None or header is None:
        return None, "", state
    with contextlib.suppress(sqlite3.Error, ValueError, TypeError, OSError):
        (page_size,) = database.execute("PRAGMA page_size").fetchone()
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        if header.page_size != page_size or header.pages_before > pages:
            detail = f"{header.pages_before} pages of {header.page_size} bytes, {pages} of {page_size}"
            return T("it was written for another file"), detail, state
        count, sealed = _count_before(file, header, database), _sealed(path, database)
        if count is not None and count < sealed:
            return T("it would take back entries that are sealed"), f"to {count} of {sealed} records", state
    return None, "", state


def _super_journal(file: BinaryIO, size: int) -> bytes:
    """The name of the file that a journal names as its super-journal; empty where it names none. Fanion's never do."""
    if size < _SUPER_END:
        return b""
    file.seek(size - _SUPER_END)
    end = file.read(_SUPER_END)
    length = int.from_bytes(end[:4], "big")
    if not end.endswith(MAGIC) or not 0 < length <= size - _SUPER_END:
        return b""
    file.seek(size - _SUPER_END - length)
    return file.read(min(length, 4_096))


def _count_before(file: BinaryIO, header: Header, database: sqlite3.Connection) -> int | None:
    """How many records the log had when the journal's writing began, by the head of its tree; None if it is not in it.

    Every writing changes the head, so that the journal has the page as it was.
    """
    row = database.execute("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'head'").fetchone()
    page = page_before(file, header, row[0]) if row is not None else None
    return single_row_integer(page) if page is not None else None


def _sealed(path: Path, database: sqlite3.Connection) -> int:
    """How many records are sealed for certain; 0 where that is not known. Raises ValueError, TypeError, OSError.

    Once a seal is on disk, every key is erased but the one that it announces (see :mod:`core.ledger.sealing`). So the
    newest seal was finished if the key that it announces is the only one that is left, and the seal before it was if
    the key that that one announces is still there.
    """
    sizes = [row[0] for row in database.execute("SELECT size FROM seal ORDER BY size DESC LIMIT 2")]
    seeds = kept_seeds(keys_folder(path) / "epoch.keys")
    for number, size in enumerate(sizes):
        key = key_announced_in(*database.execute("SELECT leaf FROM entry WHERE seq = ?", [size]).fetchone())
        is_here = any(NoteSigner(key.name, signing_key(seed)).verifier == key for seed in seeds)
        if is_here and (number or len(seeds) == 1):
            return int(size)
    return 0


def keep(database: Database, path: Path) -> None:
    """Have SQLite leave the journal of each writing in its place, instead of deleting it unerased.

    Raises AlteredLedger, sqlite3.Error.
    """
    if database.execute("PRAGMA journal_mode=PERSIST").fetchone() != ("persist",):
        raise AlteredLedger(path, "journal_mode")


def erase(path: Path) -> None:
    """Overwrite the journal, if there is one and it is at rest, which means that its header is zero. Raises OSError.

    Only to be called inside a transaction that has the right to write: then no other program needs the journal. This
    program needs it from the first page on that it changes, and in an empty file from the transaction's begin on: from
    then on the header is not zero, and nothing is overwritten.
    """
    with contextlib.suppress(FileNotFoundError):
        descriptor = open_file(journal_of(path), os.O_RDWR, links=False)
        try:
            if os.fstat(descriptor).st_size and not any(os.read(descriptor, HEADER_BYTES)):
                overwrite(descriptor)
        finally:
            os.close(descriptor)


def erase_now(database: Database, path: Path) -> None:
    """Overwrite what the journal of a log that is open for writing still has. Raises sqlite3.Error, OSError."""
    database.execute("BEGIN IMMEDIATE")
    try:
        if _is_opened(database, path):
            erase(path)
    finally:
        database.rollback()


def close(database: Database, path: Path) -> None:
    """Close a log that is open for writing, so that nothing of its journal is left; where another program is writing
    just now, that one does it. Never raises."""
    with contextlib.suppress(sqlite3.Error, OSError):
        database.execute("PRAGMA busy_timeout=0")
        sqlite3.Connection.execute(database.conn, "BEGIN IMMEDIATE")  # without the patience that ours has
        try:
            if _is_opened(database, path):
                erase(path)
                journal_of(path).unlink(missing_ok=True)
        finally:
            database.rollback()
    database.close()


def _is_opened(database: Database, path: Path) -> bool:
    """Whether the name still leads to the file that was opened: else the journal beside it is another log's."""
    opened = getattr(database.conn, "opened", None)
    return opened is not None and os.path.samestat(path.lstat(), opened)


@contextlib.contextmanager
def erased_when_played_back(path: Path) -> Iterator[None]:
    """Overwrite the journal that SQLite plays back and deletes within the block: its bytes are there while it is open.

    Windows deletes no file that is open: there it goes as it is.
    """
    descriptor = -1
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            descriptor = open_file(journal_of(path), os.O_RDWR, links=False)
    try:
        yield
    finally:
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                if not os.fstat(descriptor).st_nlink:
                    overwrite(descriptor)
            os.close(descriptor)
