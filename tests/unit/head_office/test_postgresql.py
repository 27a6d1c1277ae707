"""Rows on their way into PostgreSQL; tests/real/test_postgresql.py has the database itself."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office import postgresql
from core.head_office.postgresql import DatabaseProblem, NoPsql, PsqlUntrusted, as_text
from core.head_office.tables import TABLES, schema

pa = pytest.importorskip("pyarrow")

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(exclude_categories=["Cs"])),
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
    assert "\\." not in rows, "nothing ends the data"
    return [[None if field == "\\N" else unescaped(field) for field in row.split("\t")] for row in rows]


def unescaped(field: str) -> str:
    signs, found = iter(field), []
    for sign in signs:
        found.append(WRITTEN[next(signs)] if sign == "\\" else sign)
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
        ('psql:<stdin>:7: ERROR:  permission denied for database "one"\nLINE 1: x\n', "permission denied"),
        ("", "?"),
    ],
)
def test_what_psql_says_is_told_in_its_first_words(said: str, told: str) -> None:
    sentence = str(DatabaseProblem(said).sentence)
    assert told in sentence
    assert "stdin" not in sentence


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_psql_that_others_could_have_put_there_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.system.programs._NAMED_AT_START", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPsql), postgresql._psql("x"):
        pass
    program = tmp_path / "psql"
    program.write_text(f"#!/bin/sh\n: > '{tmp_path}/started'\n", encoding="utf-8")
    program.chmod(0o755)
    tmp_path.chmod(0o777)
    with pytest.raises(PsqlUntrusted, match=str(tmp_path)), postgresql._psql("x"):
        pass
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PsqlUntrusted), postgresql._psql("x"):
        pass
    assert not (tmp_path / "started").exists()
