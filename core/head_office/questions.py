"""What a department asks its store, in SQL that DuckDB and Spark both take; see resources/head-office.

Each question is a file of its own. Its tables are those of core.head_office.tables, with the columns `day` and `group`
by which they are parted. ``:first`` and ``:last`` are days, which are put in as they are written in SQL.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from importlib import import_module, resources
from pathlib import Path
from typing import Any, Final

from core.head_office.store import Store, read, reported
from core.head_office.tables import TABLES, schema
from core.problem import Problem
from core.text import T

_DAYS: Final = re.compile(r":(first|last)\b")
#: What DuckDB calls by another name.
_MACRO: Final = "CREATE MACRO unix_millis(moment) AS epoch_ms(moment)"


class NoDuckDB(Problem):
    """The library that asks the store is not there."""

    code = "no-duckdb"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("This Fanion cannot ask a store: duckdb is not installed."),
            T("Install Fanion with what head office needs: fanion[office]."),
            detail,
        )


def names() -> tuple[str, ...]:
    """The questions that there are."""
    folder = resources.files("resources") / "head-office"
    return tuple(sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql")))


def question(name: str, first: date, last: date) -> str:
    """The SQL of a question about the days from `first` to `last`, both included."""
    text = (resources.files("resources") / "head-office" / f"{name}.sql").read_text(encoding="utf-8")
    days = {"first": first, "last": last}
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return _DAYS.sub(lambda found: f"DATE '{days[found[1]].isoformat()}'", "\n".join(lines))


def ask(store: Path, name: str, first: date, last: date) -> list[dict[str, Any]]:
    """The answer of DuckDB to a question, a row each. Raises StoreProblem, NoDuckDB."""
    text = question(name, first, last)
    # To look at a table's files takes a while: of a hundred days there are thousands.
    tables = [table for table in TABLES if re.search(rf"\b{table}\b", text)]
    with asking(store, tables) as database, reported(store):
        rows: list[dict[str, Any]] = database.sql(text).to_arrow_table().to_pylist()
        return rows


@contextlib.contextmanager
def asking(folder: Path, tables: Iterable[str] = tuple(TABLES)) -> Iterator[Any]:
    """A DuckDB connection in which these of the store's tables are views; it reads their files and writes none.

    Raises StoreProblem, NoDuckDB.
    """
    store = read(folder)
    try:
        # Not an import statement: neither the packaged program nor the type checker is to look for it.
        duckdb = import_module("duckdb")
    except ImportError as error:
        raise NoDuckDB(str(error)) from error
    with contextlib.closing(duckdb.connect(":memory:")) as database:
        database.execute("SET enable_progress_bar = false")
        database.execute(_MACRO)
        for table in tables:
            _view(database, store, table)
        yield database


def _view(database: Any, store: Store, table: str) -> None:
    paths = [str(store.place(path)) for path in store.of_table(table)]
    if paths:
        found = database.read_parquet(paths, hive_partitioning=True)
    else:
        found = database.from_arrow(schema(table).empty_table())
        if table != "desks":
            found = found.project("*, CAST(NULL AS DATE) AS day")
    found.create_view(table)
