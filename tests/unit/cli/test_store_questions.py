"""``fanion store show`` and ``ask``, as head office types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


def test_what_cannot_be_asked_is_said(fanion: Callable[..., Any], store: str, tmp_path: Path) -> None:
    assert fanion("store", "ask", store, "who-knows").code == 2
    done = fanion("store", "show", str(tmp_path))
    assert (done.code, "no store" in done.err) == (5, True)
    assert fanion("store", "show", store, "--first", "yesterday").code == 2


def test_a_last_day_before_the_first_is_said(fanion: Callable[..., Any], store: str) -> None:
    done = fanion("store", "show", store, "--first", "2026-11-02", "--last", "2026-11-01")
    assert (done.code, "last day" in done.err) == (2, True)
