"""Erasing turns nothing green: what was red stays red, or is not known, in every question and on the page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.head_office.bundles import layout
from core.head_office.questions import dashboard
from core.head_office.questions.counting import Scope
from core.head_office.questions.questions import ask, ask_with_remarks, names
from core.ledger.records import RoundBegun
from core.model import Verdict
from tests.unit.head_office.conftest import NOW, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 30)
SCOPE = Scope(*DAYS)
PHONE = "R58N12ABCDE"


def listed(office: Office, verdict: Verdict | None) -> list[str]:
    return [str(row[0]) for row in dashboard.phones(office.store, SCOPE, verdict).rows]


def numbers(office: Office) -> tuple[int, int, int]:
    whole = dashboard.dashboard(office.store, SCOPE).whole
    return whole.green, whole.amber, whole.red


@pytest.mark.slow
def test_a_red_phone_stays_red_without_its_name(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    red = desk.check(PHONE, banned=True, tag="DRH-1")
    office.merge(desk.bundle())
    assert numbers(office) == (0, 0, 1)
    desk.ledger.erase_records([red], "asked for")
    office.merge(desk.bundle())
    assert numbers(office) == (0, 0, 1)
    assert listed(office, Verdict.RED) == ["was red, erased"]
    for name in names():
        remarks = ask_with_remarks(office.store, name, *DAYS)[1]
        assert any("1 check of these days was red, erased" in str(one) for one in remarks.sentences), name
    (row,) = ask(office.store, "time-to-removal", *DAYS)
    assert (row["found"], row["open"]) == (1, 1)
    (row,) = ask(office.store, "coverage", *DAYS)
    assert (row["red"], row["green"]) == (1, 0)


@pytest.mark.slow
def test_an_earlier_green_does_not_come_back_when_a_later_red_is_erased(office: Office, open_desk: OpenDesk) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    first.check(PHONE)
    second.clock.now += timedelta(days=1)
    red = second.check(PHONE, banned=True)
    bundle = first.bundle()
    office.merge(bundle, second.bundle())
    assert numbers(office) == (0, 0, 1)
    second.ledger.erase_records([red], "asked for")
    office.merge(second.bundle())
    assert numbers(office) == (0, 1, 1), "the phone is not known to be well, and what was red is red"
    assert listed(office, Verdict.RED) == ["was red, erased"]
    assert all("its last check was erased" in name for name in listed(office, Verdict.AMBER))


def test_what_comes_after_the_erased_check_counts_as_it_is(office: Office, open_desk: OpenDesk) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    erased = first.check(PHONE)
    second.clock.now += timedelta(days=3)
    second.check(PHONE)
    first.ledger.erase_records([erased], "asked for")
    office.merge(first.bundle(), second.bundle())
    assert numbers(office) == (1, 0, 0)


def test_a_visit_that_ended_well_is_not_red_for_what_it_began_with(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    red = desk.check(PHONE, banned=True, removed=True, visit="v1")
    green = desk.check(PHONE, visit="v1")
    office.merge(desk.bundle())
    desk.ledger.erase_records([red, green], "asked for")
    office.merge(desk.bundle())
    assert numbers(office) == (0, 0, 0)


def test_a_phone_of_a_round_stays_red_for_its_unit(office: Office, open_desk: OpenDesk) -> None:
    desk, other = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(desk, other)
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    desk.ledger.append(begun, seal=True)
    other.check(PHONE)  # green, and earlier
    desk.clock.now += timedelta(days=1)
    red = desk.check(PHONE, banned=True)
    line = {"coverage.jsonl": layout.json_line({"round": "r1", "serial": PHONE, "unit": "Fleet", "seen": red})}
    office.merge(desk.bundle(extra=line), other.bundle())
    desk.ledger.erase_records([red], "asked for")
    office.merge(desk.bundle(extra=line))
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["seen"], row["red"]) == (1, 1)
    shown = dashboard.dashboard(office.store, SCOPE)
    assert (shown.whole.green, shown.whole.red) == (0, 1)
    unlisted = {"coverage.jsonl": layout.json_line({"round": "r1", "serial": PHONE, "unit": "Fleet"})}
    desk.check("R58N12OTHER")
    office.merge(desk.bundle(extra=unlisted))
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["seen"], row["not_seen"]) == (0, 1), "a later check was erased: how it stands is not known"


@pytest.mark.slow
def test_a_line_without_a_serial_number_whose_check_was_erased_is_not_seen_well(
    office: Office, open_desk: OpenDesk
) -> None:
    """It was two phones, one red and one green. Once the green one is erased, it is not green for the red one."""
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    first.ledger.append(begun, seal=True)
    red = first.check(PHONE, banned=True)
    second.clock.now += timedelta(days=1)
    green = second.check("R58N12OTHER")

    def line(seen: int) -> dict[str, bytes]:
        said = {"round": "r1", "serial": "", "other": "T-1", "unit": "Fleet", "seen": seen}
        return {"coverage.jsonl": layout.json_line(said)}

    office.merge(first.bundle(extra=line(red)), second.bundle(extra=line(green)))
    assert numbers(office) == (1, 0, 1)
    second.ledger.erase_records([green], "asked for")
    office.merge(second.bundle(extra=line(green)))
    assert numbers(office) == (0, 1, 1)
    rows = ask(office.store, "by-unit", *DAYS)
    assert (sum(row["phones"] for row in rows), sum(row["seen"] for row in rows), rows[0]["red"]) == (2, 1, 1)


def test_what_contradicts_its_line_does_not_count_for_it_once_it_is_erased(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    desk.ledger.append(begun, seal=True)
    seen = desk.check("R58N12OTHER")
    said = {"round": "r1", "serial": PHONE, "other": "T-1", "unit": "Fleet", "seen": seen}
    line = {"coverage.jsonl": layout.json_line(said)}
    office.merge(desk.bundle(extra=line))
    desk.ledger.erase_records([seen], "asked for")
    office.merge(desk.bundle(extra=line))
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["seen"], row["red"]) == (0, 0)
    assert numbers(office)[0] == 0


def test_what_is_over_its_time_is_erased_red_as_well(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check(PHONE, banned=True)
    office.merge(desk.bundle(retention_months=6))
    office.merge(now=NOW + timedelta(days=800))
    assert not any(PHONE.encode() in content for content in office.state().values())
    assert numbers(office) == (0, 0, 1)
    assert listed(office, Verdict.RED) == ["was red, erased"]


def test_a_red_phone_that_no_serial_number_names_is_red(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check("unknown", banned=True)
    office.merge(desk.bundle())
    assert numbers(office) == (0, 0, 1)
    assert listed(office, Verdict.RED) == ["no serial number"]


@pytest.mark.parametrize("minutes", [10, 60 * 47])
def test_a_green_that_may_be_earlier_does_not_come_back_when_a_red_is_erased(
    office: Office, open_desk: OpenDesk, minutes: int
) -> None:
    """By its clock it is later: less than two days, which says nothing. Of a round and of its unit likewise."""
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    second.ledger.append(begun, seal=True)
    red = first.check(PHONE, banned=True)
    second.clock.now = first.clock.now + timedelta(minutes=minutes)
    seen = second.check(PHONE)
    line = {"round": "r1", "serial": PHONE, "other": "", "unit": "Fleet", "seen": seen}
    office.merge(first.bundle(), second.bundle(extra={"coverage.jsonl": layout.json_line(line)}))
    assert numbers(office) == (0, 0, 1)
    first.ledger.erase_records([red], "asked for")
    office.merge(first.bundle())
    assert numbers(office) == (0, 1, 1)
    (round_,) = dashboard.dashboard(office.store, SCOPE).rounds
    whole = dashboard.dashboard(office.store, Scope.of(round_)).whole
    assert (whole.green, whole.amber) == (0, 1)
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["seen"], row["not_seen"]) == (0, 1)


def test_nor_at_one_desk_whose_clock_fell_back_between_both(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    office.enrol(desk)
    desk.check(PHONE)
    desk.clock.now -= timedelta(hours=1)
    red = desk.check(PHONE, banned=True)
    office.merge(desk.bundle())
    desk.ledger.erase_records([red], "asked for")
    office.merge(desk.bundle())
    assert numbers(office) == (0, 1, 1)
