"""What is said to psql and what it answers; tests/real/test_postgresql_hostile.py has psql itself."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.head_office.postgresql.postgresql_problems import (
    DatabaseProblem,
    NoPsql,
    PsqlUntrusted,
    SchemaProblem,
    refusal,
)
from core.head_office.postgresql.postgresql_sql import END, LOAD, REFUSED
from core.head_office.postgresql.psql import Client, psql
from core.problem import Problem
from tests.examples import examples

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\n\t\r.N!`"), max_size=20)
#: As COPY writes one sign to standard output: see "COPY" in PostgreSQL's documentation.
WRITTEN = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def answering(*rows: list[str | None]) -> Client:
    """A psql that has written these rows and the last one."""
    lines = (
        "\t".join("\\N" if field is None else "".join(WRITTEN.get(s, s) for s in field) for field in row)
        for row in (*rows, [END])
    )
    output = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    return Client(cast(subprocess.Popen[bytes], None), io.BytesIO(), output, io.BytesIO())


@given(st.lists(st.lists(st.none() | TEXTS, min_size=2, max_size=4)))
def test_an_answer_is_read_as_the_database_has_it_whatever_stands_in_it(rows: list[list[str | None]]) -> None:
    assert answering(*rows).answer(END) == rows


def test_each_statement_goes_to_the_server_and_all_of_them_fit_into_a_command() -> None:
    assert not [statement for statement in LOAD if statement.startswith("\\")]
    assert sum(len(statement) + len("--command= ") for statement in LOAD) < 30_000, "Windows takes 32,767 characters"
    assert [statement for statement in LOAD if "FROM STDIN" in statement and not statement.startswith("COPY ")] == []


def test_a_command_of_psql_is_no_statement() -> None:
    with pytest.raises(ValueError, match="command of psql"), psql("one", ["SELECT 1", "\\! true"]):
        pass


@pytest.mark.parametrize("path", ["", ".", "here", ":"])
def test_a_psql_that_lies_in_the_working_directory_is_not_started(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "psql.exe" if sys.platform == "win32" else "psql"
    for place in (tmp_path / name, tmp_path / "here" / name):
        place.parent.mkdir(exist_ok=True)
        place.write_text("#!/bin/sh\ntouch started\n")
        place.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    with pytest.raises(PsqlUntrusted), psql("one", LOAD):
        pass
    assert not (tmp_path / "started").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_psql_that_others_could_have_put_there_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPsql), psql("one", LOAD):
        pass
    program = tmp_path / "psql"
    program.write_text(f"#!/bin/sh\n: > '{tmp_path}/started'\n", encoding="utf-8")
    program.chmod(0o755)
    tmp_path.chmod(0o777)
    with pytest.raises(PsqlUntrusted, match=str(tmp_path)), psql("one", LOAD):
        pass
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("objection", ["", "[", '["owner"]', '["owner","a"]', "[1,2,3]", '["a","b","c","d"]'])
def test_a_refusal_that_is_none_is_told_as_it_was_said(objection: str) -> None:
    problem = refusal(f"ERROR:  {REFUSED}{objection}\n")
    assert isinstance(problem, DatabaseProblem)


@examples(40)
@given(st.sampled_from(["owner", "object", "grant", "columns", "other"]), TEXTS, TEXTS)
def test_a_refusal_names_what_it_is_about_in_one_line(sort: str, thing: str, role: str) -> None:
    objection = msgspec.json.encode([sort, thing, role]).decode()
    problem: Problem = refusal(f"NOTICE:  x\nERROR:  {REFUSED}{objection}\nCONTEXT:  PL/pgSQL function\n")
    assert isinstance(problem, SchemaProblem)
    assert str(problem.sentence).isprintable()
    if thing.isprintable() and thing.isascii():
        assert thing in str(problem.sentence)
