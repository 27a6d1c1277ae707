"""An index for searches, in a file beside the ledger: it says where it is worth to look, and the ledger what is there.

Every 64 records are one block; of each, the index knows which three characters stand side by side in its texts. A text
can only stand in a block that has all of its threes, and there the ledger itself is searched. So nothing depends on the
index but the time: it may lag behind, and may be missing, or deleted at any time. About 15 bytes a record.

It also knows with which records visits began, so that a list of visits need not go through all records: their numbers
stand in few rows, and all of them are read in some milliseconds where there are a hundred thousand. They too are made
out of the ledger, and only say which visits there are; what a visit was, its records say.

It belongs to one ledger, by the hashes of the first and of the last record that it knows. No personal value is in it.
It is used where an officer looks for something; what is exported or proved never asks it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import shutil
import sqlite3
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.jobs import Cancel, Progress, Report, silent
from core.ledger.file import journal
from core.ledger.file.beside import require_usable
from core.ledger.file.database import file_uri, prepare, writing
from core.ledger.problems import LedgerProblem
from core.ledger.search.scan import Proposal, ScanReader
from core.system.files import ensure_file
from core.text import T

#: Records in a block.
BLOCK: Final = 64
#: Records from which on an index is worth its file: fewer are looked through in some hundredths of a second.
WORTH: Final = 10_000
#: Blocks that are added at a time: a twentieth of a second's work.
_STEP: Final = 64
#: Bytes of visits' numbers in a row, until another row is begun.
_ROW: Final = 8 * 1024
#: Bytes that have to stay free on the disk: the ledger needs them more.
_ROOM: Final = 256 * 1024 * 1024
#: Threes of characters that are asked for: all of a long text would not tell more.
_THREES: Final = 32
#: Seconds for which another program, or the same, may have the file to itself: who searches does without, sooner.
_BUSY_WRITING: Final = 2.0
_BUSY_READING: Final = 0.25

_ID: Final = 0x464E4C53  # "FNLS"
#: Version 2 added the visits, and version 3 packed their numbers: an older file is made anew.
_VERSION: Final = 3
# Of texts that are only looked for by their threes, nothing else is kept: neither the texts, nor where in them.
_SCHEMA: Final = (
    "CREATE VIRTUAL TABLE threes USING fts5(texts, content='', detail=none, tokenize='trigram case_sensitive 1')",
    "CREATE TABLE known (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, "
    "first BLOB NOT NULL, last BLOB NOT NULL) STRICT",
    # The oldest visits in the first row; their numbers ascend, each in 8 bytes as this computer has them.
    "CREATE TABLE visits (row INTEGER PRIMARY KEY, numbers BLOB NOT NULL) STRICT",
)
_TABLES: Final = ("known", "threes", "visits")

#: What this program has looked over once: a file that a failing disk has changed is noticed at the next start.
_looked_over: Final[set[Path]] = set()
#: What turned out to be damaged when it was asked.
_damaged: Final[set[Path]] = set()


class _BrokenError(Exception):
    """The file is none of ours, or not any more."""


def search_file(ledger: Path) -> Path:
    """Where the index of the ledger at this path stands."""
    return ledger.with_name(f"{ledger.stem}-search.db")


def propose(ledger: ScanReader, words: Sequence[str]) -> Proposal | None:
    """Where the words, which are folded, may all stand in one leaf. None if that is not known.

    Raises LedgerProblem if the ledger cannot be read.
    """
    question = _question(words)
    if not question:
        return None
    size, blocks = _asked(ledger, functools.partial(_blocks, question))
    return Proposal(size + 1, BLOCK, blocks) if size else None


def _blocks(question: str, index: sqlite3.Connection, size: int) -> list[int]:
    rows = index.execute("SELECT rowid FROM threes(?) ORDER BY rowid", [question])
    return [block for (block,) in rows if block <= size]


def visits_known(ledger: ScanReader) -> tuple[int, array[int]]:
    """Up to which record the index knows the visits, 0 where it knows none, and with which records they began: the
    newest first.

    Raises LedgerProblem if the ledger cannot be read.
    """
    size, numbers = _asked(ledger, _unpacked)
    found = array("q", numbers)
    found.reverse()
    return size, found


def _unpacked(index: sqlite3.Connection, size: int) -> array[int]:
    """The numbers of all visits among the first `size` records, the oldest first. Raises _BrokenError where they are
    in another order or cannot be."""
    numbers = array("q")
    for (packed,) in index.execute("SELECT numbers FROM visits ORDER BY row"):
        if len(packed) % numbers.itemsize:
            raise _BrokenError("visits")
        numbers.frombytes(packed)
    told = numbers.tolist()
    if told != sorted(told) or (told and not 0 < told[0] <= told[-1] <= size):
        raise _BrokenError("visits")
    return numbers


def _asked(
    ledger: ScanReader, question: Callable[[sqlite3.Connection, int], Sequence[int]]
) -> tuple[int, Sequence[int]]:
    """How many records the index knows, and what numbers of them it answers; 0 and none where it cannot be asked."""
    path = search_file(ledger.path)
    if not _is_possible() or path in _damaged:
        return 0, []
    try:
        with contextlib.closing(_connect(path, "ro", _BUSY_READING)) as index:
            index.execute("PRAGMA query_only=ON")
            index.execute("BEGIN")  # all that is read is of one moment
            _recognise(index)
            size = _known(index, ledger)
            numbers = question(index, size) if size else []
    except (_BrokenError, sqlite3.Error, OSError, UnicodeError) as error:
        if _is_broken(error):
            _damaged.add(path)
        return 0, []
    return size, numbers


def catch_up(ledger: ScanReader, cancel: Cancel, report: Report = silent) -> None:
    """Have the index know all whole blocks of `ledger`; it is made if there is none, and anew if it is another's.

    Several programs may do so at once. Where it cannot be done, there is none. Raises Cancelled; what was done is kept.
    """
    with contextlib.suppress(LedgerProblem):  # the page that shows the ledger has said so
        if ledger.count() < WORTH or not _is_possible():
            return
        path = search_file(ledger.path)
        for again in (False, True):
            try:
                if path in _damaged:
                    _delete(path)
                    _damaged.discard(path)
                _catch_up(ledger, path, cancel, report)
            except (_BrokenError, sqlite3.Error, OSError, UnicodeError) as error:
                if again or not _is_broken(error):
                    return
                _damaged.add(path)
            else:
                return


def distrust(ledger: Path) -> None:
    """Throw the index of this ledger away: it is made anew out of the records when they are shown next.

    A file that leaves something out looks like one that does not, and to compare it takes as long as to make it.
    """
    path = search_file(ledger)
    _looked_over.discard(path)
    with contextlib.suppress(OSError):
        _delete(path)
        return
    _damaged.add(path)  # open, another account's, or on a medium that cannot be written: this program does without


def _delete(path: Path) -> None:
    """Delete the index. Raises OSError, also where it is not this account's."""
    require_usable(path)
    path.unlink(missing_ok=True)


def _catch_up(ledger: ScanReader, path: Path, cancel: Cancel, report: Report) -> None:
    ensure_file(path)
    with contextlib.closing(_connect(path, "rw", _BUSY_WRITING)) as index:
        # As for the ledger, and safe in a power cut. A WAL would spare little: it is read for milliseconds.
        if index.execute("PRAGMA journal_mode=DELETE").fetchone() != ("delete",):
            raise _BrokenError("journal_mode")
        if path not in _looked_over:
            if index.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _BrokenError("quick_check")
            _looked_over.add(path)
        share = 0.0
        while share < 1.0 and shutil.disk_usage(path).free > _ROOM:
            share = _step(index, ledger, cancel)
            report(Progress(T("Preparing the search…"), share))
            if share < 1.0:
                cancel.check()


def _step(index: sqlite3.Connection, ledger: ScanReader, cancel: Cancel) -> float:
    """Add some blocks; return the share of them that is known now. Another program may have added some since."""
    with writing(index):
        if not index.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in (*_SCHEMA, f"PRAGMA application_id={_ID}", f"PRAGMA user_version={_VERSION}"):
                index.execute(statement)
        _recognise(index)
        size = _known(index, ledger)
        if not size:  # it was another ledger's, or that ledger was replaced
            index.execute("INSERT INTO threes (threes) VALUES ('delete-all')")
            index.execute("DELETE FROM known")
            index.execute("DELETE FROM visits")
        whole = ledger.count() // BLOCK * BLOCK
        end = min(size + _STEP * BLOCK, whole)
        for start in range(size + 1, end + 1, BLOCK):
            if cancel.pressed:
                end = start - 1
                break
            texts = ledger.folded_texts(start, start + BLOCK).replace("\0", "\n")  # the tokenizer would end there
            index.execute("INSERT INTO threes (rowid, texts) VALUES (?, ?)", (start, texts))
        if end > size:
            _pack(index, ledger.visits_begun(size + 1, end + 1)[::-1])
            first, last = ledger.leaf_hash(1), ledger.leaf_hash(end)
            index.execute("INSERT OR REPLACE INTO known VALUES (1, ?, ?, ?)", (end, first, last))
    return end / whole if whole else 1.0


def _pack(index: sqlite3.Connection, numbers: array[int]) -> None:
    """Keep the numbers of more visits, which are above all that are kept: in the last row, as long as that is short."""
    last = index.execute("SELECT row, numbers FROM visits ORDER BY row DESC LIMIT 1").fetchone()
    row, before = last or (0, b"")
    if len(before) >= _ROW:
        row, before = row + 1, b""
    if numbers:
        index.execute("INSERT OR REPLACE INTO visits VALUES (?, ?)", (row, before + numbers.tobytes()))


def _known(index: sqlite3.Connection, ledger: ScanReader) -> int:
    """How many of the ledger's records the index knows: none of them, if it knows another ledger's."""
    row = index.execute("SELECT size, first, last FROM known").fetchone()
    if row is None:
        return 0
    size, first, last = row
    if size % BLOCK or size <= 0 or first != ledger.leaf_hash(1) or last != ledger.leaf_hash(size):
        return 0
    return int(size)


def _question(words: Sequence[str]) -> str:
    """What to ask the index: that all threes of all words are there. Empty, if they are too short to say anything."""
    threes = dict.fromkeys(
        three
        for word in words
        for piece in word[: _THREES * 8].split("\0")
        for three in map("".join, zip(piece, piece[1:], piece[2:], strict=False))
    )
    some = list(threes)[:_THREES]
    return " AND ".join('"' + three.replace('"', '""') + '"' for three in some)


@functools.cache
def _is_possible() -> bool:
    """Whether this SQLite has what the index needs."""
    if sqlite3.sqlite_version_info < (3, 37, 0):
        return False
    try:
        with contextlib.closing(sqlite3.connect(":memory:")) as trial:
            trial.execute(_SCHEMA[0])
    except sqlite3.Error:
        return False
    return True


def _connect(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    """Raises OSError where the file or its journal is not this account's to use, sqlite3.Error."""
    for file in (path, journal.journal_of(path)):
        require_usable(file)
    try:
        journal.require_own(path, None)
    except LedgerProblem as problem:  # it would be played back into the index; the log itself is in order
        raise PermissionError(errno.EPERM, problem.detail, str(path)) from problem
    uri = file_uri(path, mode)
    connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    prepare(connection, "trusted_schema=OFF", "cell_size_check=ON", "synchronous=FULL")
    return connection


def _recognise(index: sqlite3.Connection) -> None:
    """Raise _BrokenError unless the tables are ours."""
    marks = index.execute("SELECT * FROM pragma_application_id, pragma_user_version").fetchone()
    named = index.execute(
        "SELECT name, sql FROM sqlite_master WHERE name IN (?, ?, ?) ORDER BY name", _TABLES
    ).fetchall()
    if marks != (_ID, _VERSION) or sorted(sql for _, sql in named) != sorted(_SCHEMA):
        raise _BrokenError("tables")


def _is_broken(error: Exception) -> bool:
    """Whether a new file would help."""
    if not isinstance(error, sqlite3.Error):
        return isinstance(error, _BrokenError)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA)
