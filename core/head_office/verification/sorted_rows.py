"""The rows of the store in the order of logs and entries, whichever files they are in, without having all in memory.

DuckDB sorts them, and puts on the disk what does not fit into the memory that it is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.head_office.questions.questions import connected, not_enough_memory
from core.head_office.store.tables import TABLES, arrow
from core.jobs import Cancel
from core.problem import Cancelled

#: What DuckDB may have in memory, whatever the store's size.
MEMORY: Final = "400MB"
#: Each thread that sorts needs memory of its own.
_THREADS: Final = 1
#: Rows that are fetched at a time, and rows of which a sorted file has one piece.
_PAGE: Final = 500
_GROUP: Final = 4_096
_ENTRY: Final[Mapping[str, str]] = {"seals": "size", "erased": "by_seq"}
_WITHIN: Final[Mapping[str, str]] = {"personal": "field", "erased": "record", "returns": "rule"}


def entry_column(table: str) -> str:
    """The column with the number of the entry that a row is made of."""
    return _ENTRY.get(table, "seq")


def within_column(table: str) -> str:
    """The column that tells a row from others of the same entry."""
    return _WITHIN.get(table, entry_column(table))


class RowsUnreadable(Exception):  # noqa: N818 - the caller says what it means for the store
    """Rows cannot be read, although their files can be opened."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row: the log and entry that it belongs to, what tells it from others of that entry, and its values in the order
    of the table's columns, times in milliseconds since 1970. `file` is the path below the store of where it is."""

    log: str
    entry: int
    within: object
    values: tuple[Any, ...]
    file: str


class SortedRows:
    """The rows of one table, which are taken from the front."""

    def __init__(self, rows: Iterator[StoredRow]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, log: str, last: float = float("inf")) -> Iterator[StoredRow]:
        """The rows of this log up to entry number `last`. Raises RowsUnreadable, Cancelled."""
        while (row := self._next) is not None and row.log == log and row.entry <= last:
            self._next = next(self._rows, None)
            yield row

    def take_before(self, log: str | None) -> Iterator[StoredRow]:
        """The rows of logs that come before this one; with None, all that are left."""
        while (row := self._next) is not None and (log is None or row.log < log):
            self._next = next(self._rows, None)
            yield row


class RowSorter:
    """A DuckDB of its own; see :func:`sorting`."""

    def __init__(self, database: Any, errors: Any, folder: Path, stack: contextlib.ExitStack) -> None:
        self._database = database
        self._errors = errors
        self._folder = folder
        self._stack = stack

    def rows(self, table: str, files: Mapping[str, str]) -> SortedRows:
        """The rows of a table in these files: where they are, and their paths below the store.

        They are sorted here, one table at a time, so that each has all of the memory. Raises RowsUnreadable, Cancelled,
        StoreProblem, OSError; RowsUnreadable also as they are taken.
        """
        return SortedRows(self._read(table, self._sorted(table, files), files) if files else iter(()))

    def _sorted(self, table: str, files: Mapping[str, str]) -> Any:
        """A file with the sorted rows, open to be read."""
        columns = [f'epoch_ms("{c}")' if kind == "timestamp" else f'"{c}"' for c, kind in TABLES[table].items()]
        chosen = ", ".join(f"{column} AS c{number}" for number, column in enumerate(columns))
        names, place = ", ".join(map(_quoted, files)), self._folder / f"{table}.parquet"
        sql = (
            f"COPY (SELECT coalesce(log, '') AS log, coalesce({entry_column(table)}, 0) AS entry, "  # noqa: S608 - ours
            f"{within_column(table)} AS within, {chosen}, filename "
            f"FROM read_parquet([{names}], hive_partitioning = false, filename = true) ORDER BY 1, 2, 3) "
            f"TO {_quoted(str(place))} (FORMAT parquet, ROW_GROUP_SIZE {_GROUP})"
        )
        try:
            self._database.execute(sql)
        except self._errors.InterruptException as error:
            raise Cancelled from error
        except self._errors.OutOfMemoryException as error:
            raise not_enough_memory(error) from error
        except self._errors.Error as error:
            raise RowsUnreadable(f"{table}: {error}") from error
        file = self._stack.enter_context(arrow("pyarrow.parquet").ParquetFile(place))
        with contextlib.suppress(OSError):  # nothing of it stays where the program is killed; Windows needs the name
            place.unlink()
        return file

    def _read(self, table: str, file: Any, files: Mapping[str, str]) -> Iterator[StoredRow]:
        by_place = {Path(place): path for place, path in files.items()}
        paths = dict(files)
        for batch in file.iter_batches(_PAGE):
            for log, number, key, *values, place in zip(*(c.to_pylist() for c in batch.columns), strict=True):
                if place not in paths:  # DuckDB has written it in its own way
                    paths[place] = by_place.get(Path(place), place)
                yield StoredRow(log, number, key, tuple(values), paths[place])


@contextlib.contextmanager
def sorting(cancel: Cancel) -> Iterator[RowSorter]:
    """What sorts rows, until the block is left. Raises Problem, OSError; Cancelled where `cancel` is pressed."""
    limits = {"memory_limit": MEMORY, "threads": _THREADS}
    with connected(cancel, **limits) as (duckdb, database, spill), contextlib.ExitStack() as stack:
        yield RowSorter(database, duckdb, spill, stack)


def _quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
