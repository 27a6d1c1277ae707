"""Rows on their way into PostgreSQL; tests/real/test_postgresql.py has the database itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.postgresql.postgresql import as_text
from core.head_office.postgresql.postgresql_problems import DatabaseProblem
from core.head_office.store.tables import TABLES, schema

pa = pytest.importorskip("pyarrow")

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\n\r\t\0\x1a.N")),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "timestamp": st.integers(0, 4 * 10**12).map(
        lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    ),
    "binary": st.binary(),
    "bool": st.booleans(),
    "date32": st.dates(),
}
#: What COPY's text format writes for one sign: see "COPY" in PostgreSQL's documentation.
WRITTEN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


def as_postgresql_reads(data: bytes) -> list[list[str | None]]:
    rows = data.decode().split("\n")
    assert rows.pop() == "", "each row ends"
    assert not {"\\.", "\r", "\x1a"} & {*rows, *data.decode()}, "nothing ends the data"
    return [[None if field == "\\N" else unescaped(field) for field in row.split("\t")] for row in rows]


def unescaped(field: str) -> str:
    signs, found = iter(field), []
    for sign in signs:
        if sign == "\\":
            escape = next(signs)
            sign = chr(int(next(signs) + next(signs), 16)) if escape == "x" else WRITTEN[escape]
        found.append(sign)
    return "".join(found)


@given(st.data())
def test_whatever_is_in_a_row_is_read_as_it_was(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(sorted(TABLES)))
    kinds = list(TABLES[table].values())
    rows = data.draw(st.lists(st.tuples(*(st.none() | VALUES[kind] for kind in kinds)), min_size=1, max_size=5))
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema(table), strict=True)
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=schema(table))
    read = as_postgresql_reads(as_text(batch, table, "2026-11-24", 7))
    assert [row[-2:] for row in read] == [["2026-11-24", "7"]] * len(rows)
    for told, row in zip(read, rows, strict=True):
        assert [meant(one, kind) for one, kind in zip(told[:-2], kinds, strict=True)] == [
            one.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(one, str) else one for one in row
        ]


def meant(told: str | None, kind: str) -> object:
    """What PostgreSQL takes a text for in a column."""
    if told is None:
        return None
    match kind:
        case "int64":
            return int(told)
        case "timestamp":
            return datetime.fromisoformat(told)
        case "binary":
            assert told.startswith("\\x")
            return bytes.fromhex(told[2:])
        case "bool":
            return {"true": True, "false": False}[told]
        case "date32":
            return date.fromisoformat(told)
    return told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('psql: error: connection to server at "db" failed: FATAL:  no such user\n', "connection to server"),
        ('WARNING:  x\nERROR:  permission denied for database "one"\nLINE 1: x\n', ": permission denied"),
        ("server closed the connection unexpectedly\n\tThis probably means\n", ": server closed the connection"),
        ("", "?"),
    ],
)
def test_what_psql_says_is_told_in_its_first_words(said: str, told: str) -> None:
    sentence = str(DatabaseProblem(said).sentence)
    assert told in sentence
    assert "ERROR" not in sentence
