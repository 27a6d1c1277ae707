"""What a department asks its store, in SQL that DuckDB and Spark both take; see resources/head-office.

Each question is a file of its own. Its tables are those of core.head_office.store.tables, with the columns `day` and
`group` by which they are parted. ``:first`` and ``:last`` are days, which are put in as they are written in SQL.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterable, Iterator
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final

from core.head_office.questions import remarks
from core.head_office.questions.remarks import Remarks
from core.head_office.store.store import Store, StoreProblem, read, reported
from core.head_office.store.tables import TABLES, WITHOUT_DAYS, schema
from core.jobs import Cancel
from core.problem import Cancelled
from core.system.files.momentary import momentary_folder
from core.system.libraries import library
from core.text import T, plain

#: The question whose answers are told beside every other.
CONTRADICTIONS: Final = "contradictions"
_DAYS: Final = re.compile(r":(first|last)\b")
#: DuckDB loads none of its extensions, which it would look for in the home folder, or even on a network.
_NO_EXTENSIONS: Final = {"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
#: What DuckDB calls by another name.
_MACRO: Final = "CREATE MACRO unix_millis(moment) AS epoch_ms(moment)"

#: Seconds between two looks at the stop button.
_LOOK_UP: Final = 0.1


def names() -> tuple[str, ...]:
    """The questions that there are."""
    folder = resources.files("resources") / "head-office"
    return tuple(sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql")))


def question(name: str, first: date, last: date) -> str:
    """The SQL of a question about the days from `first` to `last`, both included."""
    text = (resources.files("resources") / "head-office" / f"{name}.sql").read_text(encoding="utf-8")
    days = {"first": first, "last": last}
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return _DAYS.sub(lambda match: f"DATE '{days[match[1]].isoformat()}'", "\n".join(lines))


def ask(
    store: Path, name: str, first: date, last: date, *, limit: int | None = None, cancel: Cancel | None = None
) -> list[dict[str, Any]]:
    """The answer of DuckDB to a question, a row each, at most so many. Raises StoreProblem, Cancelled."""
    # To look at a table's files takes a while: of a hundred days there are thousands.
    with asking(store, cancel, _tables_in(question(name, first, last))) as database:
        return answered(database, name, first, last, limit)


def ask_with_remarks(
    folder: Path, name: str, first: date, last: date, *, cancel: Cancel | None = None
) -> tuple[list[dict[str, Any]], Remarks]:
    """The answer to a question as :func:`ask` gives it, and what has to be told beside it. Raises the same."""
    store = read(folder)
    text = "\n".join(question(part, first, last) for part in (name, CONTRADICTIONS))
    with asking(folder, cancel, {*_tables_in(text), *remarks.TABLES_READ}, store) as database:
        rows = answered(database, name, first, last)
        return rows, remarks_of(store, database, first, last)


def remarks_of(store: Store, database: Any, first: date, last: date) -> Remarks:
    """What has to be told beside each answer about these days, of a database from :func:`asking`."""
    phones = {row["phone"] for row in answered(database, CONTRADICTIONS, first, last)}
    return remarks.of_days(store, database, first, last, len(phones))


def _tables_in(text: str) -> list[str]:
    """The tables that a question reads."""
    return [table for table in TABLES if re.search(rf"\b{table}\b", text)]


def answered(database: Any, name: str, first: date, last: date, limit: int | None = None) -> list[dict[str, Any]]:
    """The answer to a question, a row each, at most so many, of a database from :func:`asking`."""
    relation = database.sql(question(name, first, last))
    rows = (relation if limit is None else relation.limit(limit)).fetchall()
    return [dict(zip(relation.columns, row, strict=True)) for row in rows]


@contextlib.contextmanager
def asking(
    folder: Path,
    cancel: Cancel | None = None,
    tables: Iterable[str] = tuple(TABLES),
    store: Store | None = None,
) -> Iterator[Any]:
    """A DuckDB connection in which these of the store's tables are views; it reads their files and writes none.

    `store` is the one in `folder` where it was read already. Pressing `cancel` breaks off the question that is being
    answered. Raises StoreProblem, Cancelled, and as :func:`connected`.
    """
    store = store or read(folder)
    cancel = cancel or Cancel()
    with reported(folder), connected(cancel) as (duckdb, database, _):
        try:
            database.execute(_MACRO)
            for table in tables:
                _view(database, store, table)
            yield database
        except duckdb.InterruptException as error:
            raise Cancelled from error
        except duckdb.OutOfMemoryException as error:
            raise not_enough_memory(error) from error
        except duckdb.Error as error:  # a file that is damaged, or has other columns than the table
            cancel.check()
            raise _unreadable(folder, error) from error


@contextlib.contextmanager
def connected(cancel: Cancel, **config: object) -> Iterator[tuple[Any, Any, Path]]:
    """DuckDB, a connection to it, and the folder for what does not fit in memory, until the block is left.

    Pressing `cancel` breaks off its questions. Raises Problem where it is not installed or must not be used, OSError.
    """
    duckdb = library("duckdb", T("This Fanion cannot ask a store: duckdb is not installed."), code="no-duckdb")
    # What does not fit in memory would otherwise go to the folder in which the program was started.
    with momentary_folder() as spill:
        database = duckdb.connect(":memory:", config={"temp_directory": str(spill), **_NO_EXTENSIONS, **config})
        with contextlib.closing(database), stopped_by(cancel, database):
            database.execute("SET enable_progress_bar = false")
            yield duckdb, database, spill


@contextlib.contextmanager
def stopped_by(cancel: Cancel, database: Any) -> Iterator[None]:
    """Break off what DuckDB does once the button is pressed, whichever question that is."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_UP):
            if cancel.pressed:
                database.interrupt()

    watcher = threading.Thread(target=watch, name="stop button of a question", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def not_enough_memory(error: Exception) -> StoreProblem:
    """The problem that DuckDB ran out of memory."""
    return StoreProblem(
        T("This computer has too little memory or room for this question."),
        T("Ask about fewer days, or on a larger computer."),
        str(error),
    )


def _unreadable(folder: Path, error: Exception) -> StoreProblem:
    return StoreProblem(
        T(
            "A file of the store {folder} could not be read: it is damaged, or a merge has just replaced it.",
            folder=plain(str(folder), 500),
        ),
        T("Ask again. If that does not help, bring the store back from a backup."),
        str(error),
    )


def _view(database: Any, store: Store, table: str) -> None:
    paths = [str(store.place(path)) for path in store.of_table(table)]
    if paths:
        relation = database.read_parquet(paths, hive_partitioning=True)
    else:
        relation = database.from_arrow(schema(table).empty_table())
        if table not in WITHOUT_DAYS:
            relation = relation.project("*, CAST(NULL AS DATE) AS day")
    relation.create_view(table)
