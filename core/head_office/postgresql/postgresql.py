"""The tables of a store in a PostgreSQL database, kept as the store has them.

PostgreSQL's own ``psql`` does the talking: Fanion opens no connection, and who may log in, and how, is what a
department has set for it. Each row remembers the file of the store that it came from. What a load finds in the database
and not in the store goes, so that what was erased there is erased here, and only the files that are new are read. All
of it is one transaction.

Nothing that stands in the database is believed: what is said to it is constant
(core.head_office.postgresql.postgresql_sql), its schema is looked through first, and what it has of the store is
only compared. Where that is not as a load leaves it, all of it is loaded anew.
"""

from __future__ import annotations

import errno
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.head_office.postgresql.postgresql_problems import CommitUnknown, NotVacuumed, OtherStore, refusal
from core.head_office.postgresql.postgresql_sql import END, FORM, LOAD
from core.head_office.postgresql.psql import Broken, Client, Row, psql
from core.head_office.questions.events import mark_of
from core.head_office.store.store import Store, StoreProblem, read, reported
from core.head_office.store.tables import TABLES, arrow, day_of, readable, schema, table_of
from core.jobs import Cancel, Progress, Report, silent
from core.text import T

#: How COPY takes signs that mean something to it, or to Windows (the end of a text); PostgreSQL has no NUL.
_WRITTEN: Final = (
    ("\\", "\\\\"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\t", "\\t"),
    ("\x1a", "\\x1a"),
    ("\0", "\N{REPLACEMENT CHARACTER}"),
)
_SIGNS: Final = str.maketrans(dict(_WRITTEN))
_NULL: Final = "\\N"
_PAGE: Final = 10_000
_MERGE: Final = re.compile("[0-9]{1,18}")


@dataclass(slots=True)
class Loaded:
    """What a load did: rows of so many files were put in, and those of others removed; up to which merge it is."""

    merge: int
    files: int = 0
    rows: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a load has to do: the files that go, stay and come, each with its number in the database.

    `anew`: all tables are made again, and all files come.
    """

    anew: bool
    former: Mapping[str, int]
    unchanged: Mapping[str, int]
    new: Mapping[str, int]


def load(store: Path, database: str, *, report: Report = silent, cancel: Cancel | None = None) -> Loaded:
    """Have the database hold what the store holds. `database` is its name, or what libpq calls a connection string.

    Raises StoreProblem, SchemaProblem, OtherStore, DatabaseProblem, NoPsql, PsqlUntrusted, Cancelled: then the
    database is as it was. Raises CommitUnknown: it is as it was, or has the store; NotVacuumed: it has the store.
    """
    cancel, source = cancel or Cancel(), read(store)
    with reported(store):
        secret = source.secret
    with psql(database, LOAD) as client:
        try:
            result, mark = _fill(client, source, secret, report, cancel)
        except Broken as broken:
            cancel.check()  # Ctrl-C reaches psql as well
            raise refusal(broken.errors) from broken
        try:
            client.end_data(_line(_identity(secret), FORM, str(source.generation), mark))
            client.answer(END)
        except Broken as broken:
            raise CommitUnknown(broken.errors) from broken
        try:
            client.finish()
        except Broken as broken:
            raise NotVacuumed(broken.errors) from broken
    return result


def _fill(client: Client, store: Store, secret: bytes, report: Report, cancel: Cancel) -> tuple[Loaded, str]:
    """Do all of a load but having the database keep it; what was done, and its mark. Raises Broken, and as load."""
    changes = _changes(client, store, secret)
    former = [_line(table_of(path), str(number)) for path, number in changes.former.items()]
    client.end_data(_line(None, None) if changes.anew else b"".join(former))
    result = Loaded(store.generation, len(changes.new), removed=len(former))
    total = sum(store.files[path].rows for path in changes.new)
    for table in TABLES:
        for rows, count in _rows(store, table, changes.new):
            client.write(rows)
            cancel.check()
            result.rows += count
            report(Progress(T("Loading the tables"), result.rows / max(total, 1)))
        client.end_data()
    files = (_line(str(number), path, str(store.files[path].rows)) for path, number in changes.new.items())
    client.end_data(b"".join(files))
    client.answer(END)
    cancel.check()
    loaded = ((str(number), path) for path, number in {**changes.unchanged, **changes.new}.items())
    return result, _mark(store, secret, store.generation, loaded)


def _changes(client: Client, store: Store, secret: bytes) -> _Changes:
    """Compare what the database says that it has with the store. Raises OtherStore, Broken."""
    tables, states, files = client.answer(END), client.answer(END), client.answer(END)
    if any(state[0] != _identity(secret) for state in states):
        raise OtherStore
    anew = not (_same(store, secret, states, files) and {row[0] for row in tables} >= set(TABLES))
    present = {} if anew else {str(path): int(str(number)) for number, path in files}
    first = max(present.values(), default=0) + 1
    return _Changes(
        anew,
        former={path: number for path, number in present.items() if path not in store.files},
        unchanged={path: number for path, number in present.items() if path in store.files},
        new={path: number for number, path in enumerate(sorted(set(store.files) - set(present)), first)},
    )


def _same(store: Store, secret: bytes, states: Sequence[Row], files: Sequence[Row]) -> bool:
    """Whether the tables are of this form, and have what the last load of this store, as it then was, left in them."""
    match states:
        case [[_, form, str(merge), mark]] if form == FORM and _MERGE.fullmatch(merge):
            return int(merge) <= store.generation and mark == _mark(store, secret, int(merge), files)
    return False


def _mark(store: Store, secret: bytes, merge: int, files: Iterable[Sequence[str | None]]) -> str:
    """What tells whether the store still has what was merged up to then, and the database these files of it.

    Only who has the store's secret can make it: what the database says of itself is not believed without it.
    """
    lines = sorted(_line(*file) for file in files)
    return hmac.digest(secret, b"".join([mark_of(store, secret, merge).encode(), *lines]), "sha256").hex()


def _identity(secret: bytes) -> str:
    """What a store is known by in a database."""
    return hmac.digest(secret, b"postgresql", "sha256").hex()


def _batches(store: Store, path: str) -> Iterator[Any]:
    """The rows of a file, a stretch at a time. Raises StoreProblem."""
    columns = [(field.name, field.type) for field in schema(table_of(path))]
    try:
        with (
            reported(store.folder),
            readable(store.place(path)),
            arrow("pyarrow.parquet").ParquetFile(store.place(path)) as content,
        ):
            if [(field.name, field.type) for field in content.schema_arrow] != columns:
                raise OSError(errno.EIO, f"{path}: other columns")
            for batch in content.iter_batches(_PAGE):
                batch.validate(full=True)  # a text that is no UTF-8
                yield batch
    except StoreProblem as problem:
        if isinstance(problem.__cause__, FileNotFoundError):
            raise StoreProblem(
                T("The store was merged into while it was loaded; the database is as it was."), T("Load again.")
            ) from problem
        raise


def _rows(store: Store, table: str, files: Mapping[str, int]) -> Iterator[tuple[bytes, int]]:
    """The rows of a table as COPY takes them, and how many, a stretch at a time. Raises StoreProblem."""
    for path, number in files.items():
        if table_of(path) == table:
            for batch in _batches(store, path):
                yield as_text(batch, table, day_of(path), number), batch.num_rows


def as_text(batch: Any, table: str, day: str, number: int) -> bytes:
    """Rows as PostgreSQL's COPY takes them in its text format: no text in them can be taken for anything else."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    columns = []
    for name, kind in TABLES[table].items():
        column = batch[name]
        if kind == "string":
            for sign, escaped in _WRITTEN:
                column = compute.replace_substring(column, sign, escaped)
        elif kind == "binary":
            texts = [None if value is None else f"\\\\x{value.hex()}" for value in column.to_pylist()]
            column = pa.array(texts, pa.string())
        else:
            column = column.cast(pa.string())
        columns.append(compute.fill_null(column, _NULL))
    lines = compute.binary_join_element_wise(*columns, day or _NULL, str(number), "\t")
    return "".join([f"{line}\n" for line in lines.to_pylist()]).encode()


def _line(*fields: str | None) -> bytes:
    """A row of texts, as :func:`as_text` has it."""
    texts = [_NULL if field is None else field.translate(_SIGNS) for field in fields]
    return ("\t".join(texts) + "\n").encode(errors="replace")
