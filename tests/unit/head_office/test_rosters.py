"""Rounds of several desks in one store: each phone of their rosters counts once, whichever desk has seen it."""

from __future__ import annotations

from datetime import date

import pytest

from core.head_office.bundles import layout
from core.head_office.questions.questions import ask
from core.head_office.store.tables import TABLES
from core.ledger.records import RoundBegun
from tests.unit.head_office.conftest import Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 27)
#: A roster with a serial number, and with phones that it names by tag or IMEI only.
LISTED = [("R58N12ABCDE", "", "Fleet"), ("", "DRH-1", "Fleet"), ("", "DRH-2", "Legal"), ("", "490154203237518", "")]


def begin(desk: Desk, number: str, name: str = "Autumn") -> None:
    begun = RoundBegun(round=number, name=name, first="2026-11-01", last="2026-12-18", policy="ca-tbs")
    desk.ledger.append(begun, seal=True)


def coverage(number: str, seen: dict[str, int]) -> dict[str, bytes]:
    lines = [
        {"round": number, "serial": serial, "other": other, "unit": unit, "seen": seen.get(serial or other)}
        for serial, other, unit in LISTED
    ]
    return {"coverage.jsonl": b"".join(map(layout.json_line, lines))}


def test_a_line_that_cannot_be_read_is_left_out(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk()
    desk.check("R58N12ABCDE")
    lines = (b'{"round":"\xff"}\n', b'{"x":' * 5_000 + b"\n", b'{"round":"r1","serial":"R58N12ABCDE"}\n')
    office.enrol(desk)
    assert not office.merge(desk.bundle(extra={"coverage.jsonl": b"".join(lines)})).refused
    assert [row["round"] for row in ask(office.store, "by-unit", *DAYS)] == ["r1"]


def test_two_laptops_of_one_round_count_each_phone_once(open_desk: OpenDesk, office: Office) -> None:
    first, second = open_desk("Laptop 1"), open_desk("Laptop 2")
    begin(first, "r1")
    begin(second, "r2")
    office.enrol(first, second)
    by_tag = first.check("unknown", banned=True)  # its serial number says nothing: the desk knew it by its tag
    second.check("R58N12ABCDE")
    one = first.bundle(extra=coverage("r1", {"DRH-1": by_tag}))
    two = second.bundle(extra=coverage("r2", {}))
    office.merge(two)
    office.merge(one, two)
    rows = ask(office.store, "by-unit", *DAYS)
    assert [(r["round"], r["unit"], r["phones"], r["seen"], r["red"]) for r in rows] == [
        ("Autumn", "", 1, 0, 0),
        ("Autumn", "Fleet", 2, 2, 1),
        ("Autumn", "Legal", 1, 0, 0),
    ]


def test_a_round_without_a_name_here_is_called_by_its_number(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle(extra=coverage("r9", {})))
    assert {row["round"] for row in ask(office.store, "by-unit", *DAYS)} == {"r9"}


def test_what_a_roster_says_of_a_phone_is_in_no_table(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle(extra=coverage("r1", {})))
    told = str([office.rows(table) for table in TABLES])
    assert "Legal" in told
    assert not any(word in told for word in ("DRH-1", "490154203237518", "R58N12ABCDE"))
    assert len({row["phone"] for row in office.rows("roster")}) == len(LISTED)


def test_a_newer_list_takes_the_place_of_the_earlier_one(open_desk: OpenDesk, office: Office) -> None:
    desk, other = open_desk("Laptop 1"), open_desk("Laptop 2")
    office.enrol(desk, other)
    begin(desk, "r1")
    desk.check("R58N12ABCDE")
    other.check("R58N12FGHIJ")
    office.merge(desk.bundle(extra=coverage("r1", {})), other.bundle(extra=coverage("r2", {})))
    assert len(office.rows("roster")) == 2 * len(LISTED)
    first = desk.ledger.count()
    desk.check("R58N12ABCDE")
    office.merge(desk.bundle(extra=coverage("r1", {}), after=first))
    assert len(office.rows("roster")) == 2 * len(LISTED)


def test_a_list_that_a_desk_has_forgotten_is_gone_and_no_late_bundle_brings_it_back(
    open_desk: OpenDesk, office: Office
) -> None:
    desk, other = open_desk("Laptop 1"), open_desk("Laptop 2")
    office.enrol(desk, other)
    for one in (desk, other):
        one.check("R58N12ABCDE")
    early = desk.bundle(extra=coverage("r1", {}))
    first = desk.ledger.count()
    desk.check("R58N12FGHIJ")
    office.merge(other.bundle(extra=coverage("r2", {})))
    forgotten = desk.bundle(extra={"coverage.jsonl": b""}, after=first)
    office.merge(forgotten)
    assert len(office.rows("roster")) == len(LISTED)
    assert office.merge(early).counted
    assert len(office.rows("roster")) == len(LISTED)


def test_the_newest_list_counts_where_several_bundles_come_at_once(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("R58N12ABCDE")
    early = desk.bundle(extra=coverage("r1", {}))
    first = desk.ledger.count()
    desk.check("R58N12FGHIJ")
    late = desk.bundle(
        extra={"coverage.jsonl": layout.json_line({"round": "r1", "serial": "R58N12ABCDE"})}, after=first
    )
    assert len(office.merge(late, early).counted) == 2
    assert len(office.rows("roster")) == 1
