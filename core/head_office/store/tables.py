"""The tables of the store: their columns, and Parquet files that are written a stretch of rows at a time.

Each table is a folder, parted by day and by group of desks as Hive does it (``checks/day=2026-11-24/group=07/``), which
DuckDB, Spark and Trino read as it is. What is in `checks`, `findings` and `steps` is without personal values once those
in `personal` are erased: a phone is a number that nobody can tell a serial number by without the store's secret, and
that number goes with the serial number.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from core.jobs import Cancel
from core.system.files.files import open_file, writing_new
from core.system.libraries import library
from core.text import T


def _all(kind: str, names: str) -> dict[str, str]:
    """Columns of one kind, their names divided by spaces."""
    return dict.fromkeys(names.split(), kind)


_LOG: Final = {"log": "string"}
#: Which entry of a desk's log a row is about.
_ENTRY: Final = {**_LOG, "desk": "string", "seq": "int64", "time": "timestamp"}
#: Which phone it is about, and in which visit.
_PHONE: Final = {"visit": "string", "phone": "int64", "phone_known": "bool"}
#: Columns by their names, each with pyarrow's name for what it holds.
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    # Every entry, exactly as it was hashed.
    "records": {**_ENTRY, "kind": "string", "visit": "string", "leaf": "binary"},
    # Every seal: over how many entries, the root, and the signed checkpoint.
    "seals": {**_LOG, "size": "int64", "root": "binary", "note": "string"},
    # One row for each check that ended, and one for each that had seen banned apps and whose end is not here.
    "checks": {
        **_ENTRY,
        **_PHONE,
        **_all("string", "platform maker model os verdict"),
        **_all("int64", "banned excepted suspected gaps apps took_ms"),
        **_all("string", "policy policy_version policy_sha256 app_version"),
    },
    # One row for each app in a profile that a rule matched.
    "findings": {
        **_ENTRY,
        **_PHONE,
        **_all("string", "rule product_en product_fr strength match"),
        **_all("bool", "banned excepted"),
        **_all("string", "package version profile_kind"),
    },
    # One row for each banned product of a check: whether it can be installed again. Checks that have none on record, as
    # those of earlier versions, have no row.
    "returns": {**_LOG, "seq": "int64", **_all("string", "rule product_en product_fr state")},
    # One row for each step that was announced, and one for each outcome; with what it was for, where its bundle has
    # that.
    "steps": {
        **_ENTRY,
        **_PHONE,
        **_all("string", "kind act package rule"),
        **_all("int64", "finding_seq intent_seq"),
        "outcome": "string",
    },
    # The personal values beside the checks, each with the day after which it may not be here any more.
    "personal": {
        **_LOG,
        "seq": "int64",
        **_all("string", "visit field value"),
        "salt": "binary",
        "erase_by": "date32",
    },
    # Which entries' values were erased: by which entry of the desk, or by the store after its time.
    "erased": {**_LOG, **_all("int64", "record by_seq")},
    # The rounds that were begun, each at the desk that has it in its log.
    "rounds": {**_ENTRY, **_all("string", "round name place"), **_all("date32", "first_day last_day")},
    # The phones that a round was to see; `seen_seq` is the entry of its check. Of each log, as its newest
    # bundle has them.
    "roster": {
        **_LOG,
        "round": "string",
        "phone": "int64",
        "phone_known": "bool",
        "unit": "string",
        "seen_seq": "int64",
    },
    # The entries that no bundle has brought although later ones came, which count once these are here.
    "gaps": {**_LOG, "desk": "string", **_all("int64", "first_seq last_seq")},
    # The phones of checks whose number is gone with what was erased, and the time of the last of these: an earlier
    # check tells no more how such a phone stands. Which check it was, or with what result, is not kept.
    "forgotten": {"phone": "int64", "time": "timestamp"},
    # One row for each log: who it is, with which keys, and what is here of it.
    "desks": {
        **_all("string", "log desk keys stretches"),
        **_all("int64", "retention_months size"),
        **_all("timestamp", "newest merged"),
    },
}
#: The tables that are parted by groups of desks alone.
WITHOUT_DAYS: Final = frozenset({"gaps", "desks"})
_DAY: Final = re.compile(r"/day=(\d{4}-\d\d-\d\d)/")
#: Rows that wait for being written, of all files of one task.
_WAITING: Final = 30_000
#: Files that are open at the same time.
_OPEN: Final = 48
#: Rows of a table that are made into Python's objects at a time.
_AT_ONCE: Final = 10_000
#: Bytes of a file that are read at a time.
_PIECE: Final = 1 << 20


class LiveFile(msgspec.Struct, frozen=True):
    """A file of a table. `due` is the first day after which a personal value in it has to go (ISO 8601).

    `id` is drawn when the file is made: another file under the same path, of as many rows, has another. `sha256` is
    that of its bytes, in hex; empty where an earlier version has made it.
    """

    rows: int
    due: str = ""
    id: str = ""
    sha256: str = ""


def arrow(module: str = "pyarrow") -> Any:
    """pyarrow or a module of it. Raises Problem where it is not installed, or must not be used."""
    return library(module, T("This Fanion cannot read or write a store: pyarrow is not installed."), code="no-arrow")


def schema(table: str) -> Any:
    """The columns of a table as pyarrow has them."""
    pa = arrow()
    kinds = {"timestamp": pa.timestamp("ms", tz="UTC")}
    return pa.schema([(name, kinds.get(kind) or pa.type_for_alias(kind)) for name, kind in TABLES[table].items()])


class TableFiles:
    """New files of one group of desks, below `folder`. Rows are kept until there are enough of them.

    Everything here may raise OSError.
    """

    def __init__(self, folder: Path, group: int, name: str) -> None:
        self._folder = folder
        self._group = group
        self._name = name
        self._rows: dict[tuple[str, str], list[Sequence[object]]] = {}
        self._waiting = 0
        self._open: dict[tuple[str, str], _File] = {}
        self._file_count = 0
        #: The files that are whole, by their paths below the store.
        self.files: dict[str, LiveFile] = {}

    def add(self, table: str, day: str, row: Sequence[object]) -> None:
        """One row more; `day` is empty for a table that is not parted by days."""
        self.extend(table, day, (row,))

    def extend(self, table: str, day: str, rows: Sequence[Sequence[object]]) -> None:
        """Several rows more."""
        self._rows.setdefault((table, day), []).extend(rows)
        self._waiting += len(rows)
        if self._waiting >= _WAITING:
            self._flush()

    def write(self, table: str, day: str, contents: Iterable[Any]) -> None:
        """A whole file of pyarrow tables, one behind the other."""
        file = self._begin(table, day)
        with file:
            for content in contents:
                file.write(content)
        self.files[file.path] = file.live_file()

    def drop(self, path: str) -> None:
        """Remove a file that is whole: what was in it is in another."""
        del self.files[path]
        (self._folder / path).unlink()

    def end(self) -> None:
        """Finish the files, after the last row."""
        self._flush()
        for key in list(self._open):
            self._close(key)

    def close(self) -> None:
        """Let go of the files, whole or not."""
        for file in self._open.values():
            with contextlib.suppress(Exception):  # what ended it early is the failure to tell
                file.__exit__(OSError, OSError(), None)
        self._open.clear()

    def _flush(self) -> None:
        pa = arrow()
        for key, rows in self._rows.items():
            columns = schema(key[0])
            arrays = [pa.array(c, type=f.type) for c, f in zip(zip(*rows, strict=True), columns, strict=True)]
            if key not in self._open:
                if len(self._open) >= _OPEN:
                    self._close(next(iter(self._open)))
                self._open[key] = self._begin(*key)
                self._open[key].__enter__()
            self._open[key].write(pa.Table.from_arrays(arrays, schema=columns))
        self._rows, self._waiting = {}, 0

    def _begin(self, table: str, day: str) -> _File:
        self._file_count += 1
        part = f"day={day}/" if day else ""
        path = f"{table}/{part}group={self._group:02}/{self._name}-{self._file_count}.parquet"
        return _File(self._folder / path, path, table)

    def _close(self, key: tuple[str, str]) -> None:
        file = self._open.pop(key)
        file.__exit__(None, None, None)
        self.files[file.path] = file.live_file()


class _File:
    """A Parquet file that is written in the block, and durable once it is left."""

    def __init__(self, place: Path, path: str, table: str) -> None:
        self.path = path
        self._place = place
        self._table = table
        self._rows = 0
        self._due = ""
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> _File:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as undo:
            private = self._table == "personal"
            file = undo.enter_context(writing_new(self._place, private=private))
            self._writer = arrow("pyarrow.parquet").ParquetWriter(file, schema(self._table), compression="zstd")
            undo.callback(self._writer.close)
            self._stack = undo.pop_all()
        return self

    def write(self, content: Any) -> None:
        """Add the rows of a pyarrow table."""
        self._writer.write_table(content)
        self._rows += content.num_rows
        if self._table == "personal":
            first = arrow("pyarrow.compute").min(content["erase_by"]).as_py()
            if first is not None:
                self._due = min(self._due or "9999", first.isoformat())

    def __exit__(self, *raised: Any) -> None:
        self._stack.__exit__(*raised)

    def live_file(self) -> LiveFile:
        return LiveFile(self._rows, self._due, secrets.token_hex(8), file_hash(self._place))


def file_hash(path: Path, cancel: Cancel | None = None) -> str:
    """The SHA-256 of a file's bytes, in hex. Raises OSError; Cancelled where `cancel` is pressed."""
    hashing = hashlib.sha256()
    with os.fdopen(open_file(path, os.O_RDONLY), "rb") as file:
        while piece := file.read(_PIECE):
            hashing.update(piece)
            if cancel is not None:
                cancel.check()
    return hashing.hexdigest()


def require_listed(path: Path, file: LiveFile) -> None:
    """Refuse a file that is not the one that the store's list of files names. Raises OSError, with EBADMSG."""
    if file.sha256 and file_hash(path) != file.sha256:
        raise OSError(errno.EBADMSG, "not as the list of files has it", str(path))


def read_table(path: Path, columns: Sequence[str] | None = None) -> Any:
    """A whole Parquet file; the parts of its path are no columns. Raises OSError."""
    with readable(path):
        return arrow("pyarrow.parquet").ParquetFile(path).read(columns=columns)


def rows_with(path: Path, columns: Sequence[str], filters: Sequence[tuple[str, str, object]]) -> Any:
    """The rows of a Parquet file that fit all filters: a column, ``=`` or ``in``, and what it has to be. Raises
    OSError."""
    return arrow("pyarrow.parquet").read_table(path, columns=columns, filters=list(filters), partitioning=None)


def row_groups(path: Path) -> Iterator[Any]:
    """The rows of a Parquet file as tables, as it was written piece by piece. Raises OSError."""
    with readable(path), arrow("pyarrow.parquet").ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise OSError in the block where a file is damaged, as where the disk cannot read it."""
    try:
        yield
    except arrow().ArrowInvalid as error:
        raise OSError(errno.EIO, f"{path.name}: {error}") from error


def table_of(path: str) -> str:
    """The table that a file is of."""
    return path.partition("/")[0]


def day_of(path: str) -> str:
    """The day that a file is of; empty where its table is not parted by days."""
    match = _DAY.search(path)
    return match[1] if match else ""


def rows_of(content: Any) -> Iterator[dict[str, Any]]:
    """The rows of a pyarrow table, one by one."""
    for batch in content.to_batches(max_chunksize=_AT_ONCE):
        yield from batch.to_pylist()
