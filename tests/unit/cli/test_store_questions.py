"""``fanion store show`` and ``ask``, as head office types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.head_office.questions.questions import names
from core.ledger.records import RoundBegun
from tests.unit.head_office.conftest import Office, desks_in

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A desk that has begun a round, and checked a clean phone and one with WeChat."""
    folder = tmp_path_factory.mktemp("office")
    office = Office(folder)
    with desks_in(folder) as open_desk:
        desk = open_desk("Desk 1")
        begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
        desk.ledger.append(begun, seal=True)
        desk.check("R58N12ABCDE")
        desk.check("R58N12FGHIJ", banned=True)
        office.enrol(desk)
        line = b'{"round":"r1","serial":"R58N12ABCDE","unit":"Fleet"}\n'
        office.merge(desk.bundle(extra={"coverage.jsonl": line}))
    return str(office.store)


def test_head_office_is_told_how_all_phones_stand(fanion: Callable[..., Any], store: str) -> None:
    done = fanion("store", "show", store)
    assert done.code == 0
    assert "2 of 2 phones seen" in done.out
    assert "2 checks, 1 of 1 desks" in done.out
    assert "ca-tbs" in done.out
    told = json.loads(fanion("store", "show", store, "--json").out)
    assert (told["green"], told["red"], told["rounds"][0]["name"]) == (1, 1, "Autumn")


def test_a_round_is_asked_about_by_its_name(fanion: Callable[..., Any], store: str) -> None:
    told = json.loads(fanion("store", "show", store, "--round", "autumn", "--json").out)
    assert (told["first"], told["phones"], told["units"][0]["label"]) == ("2026-11-20", 1, "Fleet")
    done = fanion("store", "show", store, "--round", "Spring")
    assert (done.code, "Autumn" in done.err) == (2, True)


def test_a_documented_question_is_answered(fanion: Callable[..., Any], store: str) -> None:
    days = ("--first", "2026-11-01", "--last", "2026-11-30")
    told = json.loads(fanion("store", "ask", store, "by-policy", *days, "--json").out)
    assert [(row["policy"], row["checks"]) for row in told["rows"]] == [("ca-tbs", 2)]
    done = fanion("store", "ask", store, "by-unit", *days)
    assert done.out.splitlines() == ["round\tunit\tphones\tseen\tnot_seen\tred", "Autumn\tFleet\t1\t1\t0\t0"]
    assert fanion("store", "ask", store, "coverage", "--last", "2020-01-01").out.startswith("Nothing")


@pytest.mark.slow
def test_an_answer_has_the_form_that_was_asked_for(
    fanion: Callable[..., Any], store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ("store", "ask", store, "by-unit", "--first", "2026-11-01", "--last", "2026-11-30")
    tsv = fanion(*ask, "--format", "tsv").out
    assert tsv == fanion(*ask).out
    comma = fanion(*ask, "--format", "csv").out.splitlines()
    assert comma == ["round,unit,phones,seen,not_seen,red", "Autumn,Fleet,1,1,0,0"]
    assert json.loads(fanion(*ask, "--format", "json").out) == json.loads(fanion(*ask, "--json").out)
    table = fanion(*ask, "--format", "table").out.splitlines()
    assert table[0] == "round   unit   phones  seen  not_seen  red"
    assert table[2] == "Autumn  Fleet       1     1         0    0"
    monkeypatch.setenv("COLUMNS", "30")
    assert max(map(len, fanion(*ask, "--format", "table").out.splitlines())) <= 30
    assert fanion(*ask).out == tsv


def test_two_forms_of_one_answer_are_wrong_usage(fanion: Callable[..., Any], store: str) -> None:
    done = fanion("store", "ask", store, "coverage", "--json", "--format", "csv")
    assert done.code == 2
    assert json.loads(done.out)["problem"]["code"] == "two-forms"
    assert fanion("store", "ask", store, "coverage", "--format", "xml").code == 2


def test_an_empty_answer_as_csv_is_empty(fanion: Callable[..., Any], store: str) -> None:
    done = fanion("store", "ask", store, "coverage", "--last", "2020-01-01", "--format", "csv")
    assert (done.code, done.out) == (0, "")


def test_a_problem_is_json_where_the_answer_would_be(fanion: Callable[..., Any], tmp_path: Path) -> None:
    done = fanion("store", "ask", str(tmp_path), "coverage", "--format", "json")
    assert (done.code, json.loads(done.out)["problem"]["code"]) == (5, "store")


def test_what_cannot_be_asked_is_said(fanion: Callable[..., Any], store: str, tmp_path: Path) -> None:
    assert fanion("store", "ask", store, "who-knows").code == 2
    done = fanion("store", "show", str(tmp_path))
    assert (done.code, "no store" in done.err) == (5, True)
    assert fanion("store", "show", store, "--first", "yesterday").code == 2


def test_a_last_day_before_the_first_is_said(fanion: Callable[..., Any], store: str) -> None:
    done = fanion("store", "show", store, "--first", "2026-11-02", "--last", "2026-11-01")
    assert (done.code, "last day" in done.err) == (2, True)


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A store of practice in which a bundle of three was never brought, and what is to be told of that."""
    folder = tmp_path_factory.mktemp("lacking")
    office = Office(folder)
    with desks_in(folder) as open_desk:
        desk = open_desk("Desk 4", practice=True)
        desk.check("R58N12ABCDE")
        first, after = desk.bundle(), desk.ledger.newest_sizes(1)[0]
        desk.check("R58N12FGHIJ", banned=True)
        missing, before = desk.bundle(after=after), after
        after = desk.ledger.newest_sizes(1)[0]
        desk.check("R58N12KLMNO")
        office.enrol(desk)
        assert office.merge(first, desk.bundle(after=after), practice=True).apart
        assert missing.exists()
    return str(office.store), f"Desk 4: entries {before + 1} to {after} were never brought."


@pytest.mark.parametrize("name", names())
def test_every_question_tells_of_practice_and_of_what_is_missing(
    fanion: Callable[..., Any], lacking: tuple[str, str], name: str
) -> None:
    store, gap = lacking
    lines = fanion("store", "ask", store, name, "--last", "2026-11-30").out.splitlines()
    assert lines[0].startswith("# Practice: ")
    assert f"# {gap}" in lines
    told = json.loads(fanion("store", "ask", store, name, "--last", "2026-11-30", "--json").out)
    assert told["practice"] is True
    (missing,) = told["gaps"]
    assert gap == f"Desk 4: entries {missing['first']} to {missing['last']} were never brought."
    assert [one["desk"] for one in told["kept_apart"]] == ["Desk 4"]


def test_how_all_phones_stand_tells_of_practice_and_of_what_is_missing(
    fanion: Callable[..., Any], lacking: tuple[str, str]
) -> None:
    store, gap = lacking
    done = fanion("store", "show", store)
    assert done.out.startswith("! Practice: ")
    assert f"! {gap}" in done.out.splitlines()
    assert "1 of 1 phones seen" in done.out
    told = json.loads(fanion("store", "show", store, "--json").out)
    assert (told["practice"], told["phones"], len(told["gaps"])) == (True, 1, 1)


def test_what_goes_on_to_a_siem_tells_of_practice_and_of_what_is_missing(
    fanion: Callable[..., Any], lacking: tuple[str, str], tmp_path: Path
) -> None:
    store, gap = lacking
    done = fanion("store", "events", store, "--into", tmp_path / "events")
    assert f"! {gap}" in done.out.splitlines()
    (file,) = (tmp_path / "events").glob("events-*.jsonl")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert events
    assert all(event["unmapped"]["practice"] and event["metadata"]["labels"] == ["practice"] for event in events)


def test_a_real_store_says_that_it_is_none_of_practice(fanion: Callable[..., Any], store: str) -> None:
    told = json.loads(fanion("store", "show", store, "--json").out)
    assert (told["practice"], told["gaps"], told["kept_apart"], told["forks"]) == (False, [], [], [])
