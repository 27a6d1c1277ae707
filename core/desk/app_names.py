"""What apps are called on a phone's screen, remembered by package and version code: which phone had them is not.

No listing of Android's gives these names; they are read from the apps' files, once for each version that this computer
meets. The file may be deleted at any time. What is remembered only makes a table easier to read: a label is what an app
says of itself, and decides nothing.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.model import App, Identity
from core.system.files import ensure_file
from core.text import plain

FILE_NAME: Final = "app-names.db"
#: Rows that are kept: the oldest go first. Some 100 bytes each.
LIMIT: Final = 50_000
#: Seconds that another Fanion on the same folder is waited for.
PATIENCE: Final = 5.0
#: Characters of a name.
_NAME: Final = 120
_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS name
    (package TEXT NOT NULL, version INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (package, version))"""


class AppNames:
    """The names that this computer has met. May be used from any thread; never raises: without its file it forgets."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE_NAME
        self._lock = threading.Lock()

    def of(self, apps: Sequence[App]) -> Mapping[str, str]:
        """The names of these apps that are known, by package."""
        wanted = [[a.package, a.version_code] for a in apps if a.version_code is not None and not a.label]
        if not wanted or not self._file.exists():
            return {}
        rows: list[tuple[str, str]] = []
        with self._lock, contextlib.suppress(sqlite3.Error), contextlib.closing(self._open()) as database:
            rows = database.execute(
                "SELECT name.package, name.label FROM json_each(?) AS asked JOIN name"
                " ON name.package = asked.value ->> 0 AND name.version = asked.value ->> 1",
                [json.dumps(wanted)],
            ).fetchall()
        return {package: plain(label, _NAME) for package, label in rows}

    def add(self, identities: Iterable[Identity]) -> None:
        """Remember what these are called."""
        rows = [
            (i.package, i.version_code, i.label)
            for i in identities
            if i.label and i.version_code is not None and abs(i.version_code) < 2**63
        ]
        if not rows:
            return
        with self._lock, contextlib.suppress(sqlite3.Error, OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._write(rows)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL):
                    return
            else:
                return
            # Damaged, or no database at all: it only ever saved time. Out of the handler, which still holds the file.
            self._file.unlink(missing_ok=True)
            self._write(rows)

    def _write(self, rows: list[tuple[str, int, str]]) -> None:
        ensure_file(self._file)  # SQLite would let others read it
        with contextlib.closing(self._open()) as database, database:
            database.execute(_SCHEMA)
            database.executemany("INSERT OR REPLACE INTO name VALUES (?, ?, ?)", rows)
            database.execute(
                "DELETE FROM name WHERE rowid <= (SELECT max(rowid) FROM name) - ?",
                [LIMIT],
            )

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=PATIENCE)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("PRAGMA synchronous = OFF")
        except BaseException:
            database.close()
            raise
        return database
