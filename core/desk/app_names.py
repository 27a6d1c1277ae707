"""What apps are called on a phone's screen, remembered by package and version code: which phone had them is not.

No listing of Android's gives these names; they are read from the apps' files, once for each version that this computer
meets. The file may be deleted at any time. What is remembered only makes a table easier to read: a label is what an app
says of itself, and decides nothing.

A database tells more than its rows: in which order and beside what each was written, what was there before, which went
first. So the file is never changed. It is made anew from all its names, in the order of their packages, as soon as one
is new, and what it holds is decided by the names alone: the same names give the same bytes, however many phones had
them, together or one after the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from core.model import App, Identity
from core.system.files.files import read_file, write_private
from core.text import plain

FILE_NAME: Final = "app-names.db"
#: Names that are kept, some 60 bytes each. With more, which of them stay is decided by their digests: age tells when
#: somebody's phone was here.
LIMIT: Final = 50_000
#: Bytes of the file that are read: more than so many names take.
_FILE_LIMIT: Final = 2**26
#: Characters of a name.
_NAME: Final = 120
#: Characters of a package, as :func:`core.phones.android.link.shell.is_package_name` has it.
_PACKAGE: Final = 255
#: The form of the file. The earlier one (0) kept the order in which the names came.
_FORM: Final = 2
_SCHEMA: Final = """CREATE TABLE name
    (package TEXT NOT NULL, version INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (package, version))
    WITHOUT ROWID"""

#: Names by package and version code.
_Names: TypeAlias = dict[tuple[str, int], str]
#: The file is read and made anew by one at a time. Of two programs on one folder, what one has added may be lost.
_writing: Final = threading.Lock()


class AppNames:
    """The names that this computer has met. May be used from any thread; never raises: without its file it forgets."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE_NAME

    def of(self, apps: Sequence[App]) -> Mapping[str, str]:
        """The names of these apps that are known, by package."""
        versions = [[a.package, a.version_code] for a in apps if a.version_code is not None and not a.label]
        if not versions or not self._file.exists():
            return {}
        rows: list[tuple[str, str]] = []
        current = False
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._open()) as database:
            rows = database.execute(
                "SELECT name.package, name.label FROM json_each(?) AS asked JOIN name"
                " ON name.package = asked.value ->> 0 AND name.version = asked.value ->> 1",
                [json.dumps(versions)],
            ).fetchall()
            current = _is_current(database)
        if not current:
            self.add(())
        return {package: plain(label, _NAME) for package, label in rows}

    def add(self, identities: Iterable[Identity]) -> None:
        """Remember what these are called. Of two labels of one version, the one that comes first in the alphabet stays.

        A file of an earlier form, or a damaged one, is replaced in any case.
        """
        names = [
            (i.package, i.version_code, plain(i.label, _NAME))
            for i in identities
            if i.label and i.version_code is not None and abs(i.version_code) < 2**63
        ]
        with _writing, contextlib.suppress(sqlite3.Error, OSError):
            stored, current = self._stored()
            merged = dict(stored)
            for package, version, label in names:
                if plain(package, _PACKAGE) == package and label:
                    merged[package, version] = min(label, merged.get((package, version), label))
            merged = _bounded(merged)
            if merged != stored or not current:
                write_private(self._file, _bytes(merged))
                # What an earlier form left beside it, if it was broken off: it names what was written last.
                self._file.with_name(f"{FILE_NAME}-journal").unlink(missing_ok=True)

    def _stored(self) -> tuple[_Names, bool]:
        """The names of the file, and whether it is of the present form or not there at all. What is no database of
        names has none. Raises OSError."""
        try:
            with contextlib.closing(self._open()) as database:
                rows = database.execute("SELECT package, version, label FROM name").fetchall()
                names = {(str(package), int(version)): str(label) for package, version, label in rows}
                return names, _is_current(database)
        except FileNotFoundError:
            return {}, True
        except (sqlite3.Error, ValueError):
            return {}, False

    def _open(self) -> sqlite3.Connection:
        """Read the file into a database in memory: so nobody holds the file open. Raises OSError, sqlite3.Error."""
        content = read_file(self._file, _FILE_LIMIT)
        if not content:  # for which Python runs out of memory
            raise sqlite3.DatabaseError("an empty file")
        database = sqlite3.connect(":memory:")
        try:
            database.deserialize(content)
            database.execute("PRAGMA trusted_schema = OFF")
        except BaseException:
            database.close()
            raise
        return database


def _is_current(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA user_version").fetchone()[0] == _FORM)


def _bounded(names: _Names) -> _Names:
    """As many of the names as are kept: of any two sets with the same names the same ones."""
    if len(names) <= LIMIT:
        return names
    return dict(sorted(names.items(), key=lambda item: _digest(*item[0]))[:LIMIT])


def _digest(package: str, version: int) -> bytes:
    return hashlib.sha256(f"{package} {version}".encode()).digest()


def _bytes(names: _Names) -> bytes:
    """A database of exactly these names. It depends on nothing else but the version of SQLite."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        with database:
            database.execute(_SCHEMA)
            database.execute(f"PRAGMA user_version = {_FORM}")
            rows = sorted((package, version, label) for (package, version), label in names.items())
            database.executemany("INSERT INTO name VALUES (?, ?, ?)", rows)
        return database.serialize()
