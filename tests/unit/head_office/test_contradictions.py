"""A tag never outweighs a serial number: where they contradict each other, each phone counts by its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.head_office.bundles import layout
from core.head_office.questions import dashboard
from core.head_office.questions.counting import Scope
from core.head_office.questions.questions import ask, ask_with_remarks
from core.ledger.records import RoundBegun
from core.model import Verdict
from tests.unit.head_office.conftest import Desk, Office, OpenDesk

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

DAYS = date(2026, 11, 20), date(2026, 11, 27)
SCOPE = Scope(*DAYS)
ONE, OTHER = "R58N12ABCDE", "R58N12FGHIJ"


def begin(desk: Desk) -> None:
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    desk.ledger.append(begun, seal=True)


def line(serial: str, other: str = "", seen: int | None = None) -> dict[str, bytes]:
    said = {"round": "r1", "serial": serial, "other": other, "unit": "Fleet", "seen": seen}
    return {"coverage.jsonl": layout.json_line(said)}


def phones(office: Office, verdict: Verdict | None) -> list[str]:
    return [str(row[0]) for row in dashboard.phones(office.store, SCOPE, verdict).rows]


@pytest.mark.slow
def test_a_check_of_another_serial_number_does_not_count_for_the_line_that_its_tag_names(
    office: Office, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    begin(desk)
    seen = desk.check(OTHER, tag="GC-1-23")  # green, and somebody typed the tag of the listed phone
    office.enrol(desk)
    office.merge(desk.bundle(extra=line(ONE, seen=seen)))
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["phones"], row["seen"], row["not_seen"]) == (1, 0, 1)
    assert [row["unit"] for row in ask(office.store, "not-seen", *DAYS)] == ["Fleet"]
    shown = dashboard.dashboard(office.store, SCOPE)
    assert {bar.label: (bar.green, bar.due) for bar in shown.units} == {"Fleet": (0, 1), "": (1, 0)}
    (round_,) = shown.rounds
    of_round = dashboard.dashboard(office.store, Scope.of(round_))
    assert (of_round.whole.green, of_round.whole.due, of_round.checks) == (0, 1, 0)
    rows, remarks = ask_with_remarks(office.store, "contradictions", *DAYS)
    assert [row["kind"] for row in rows] == ["roster"]
    assert remarks.contradictions == 1
    assert any("contradict each other" in str(one) for one in shown.remarks.sentences)
    assert len(shown.contradictions.rows) == 1


def test_two_phones_with_one_tag_are_two_and_are_told_apart(office: Office, open_desk: OpenDesk) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check(ONE, banned=True, tag="GC-1-23")
    second.check(OTHER, tag="gc-1-23 ")  # green, later, under the same tag
    office.enrol(first, second)
    office.merge(first.bundle(), second.bundle())
    shown = dashboard.dashboard(office.store, SCOPE)
    assert (shown.whole.red, shown.whole.green) == (1, 1)
    names = phones(office, Verdict.RED) + phones(office, Verdict.GREEN)
    assert len(set(names)) == 2
    assert all("…" in name for name in names), names
    rows = ask(office.store, "contradictions", *DAYS)
    assert [(row["kind"], row["tag"]) for row in rows] == [("tag", "GC-1-23")] * 2
    assert len({row["phone"] for row in rows}) == 2


def test_tags_that_differ_in_their_separators_are_two_tags(office: Office, open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.check(ONE, tag="GC-1-23")
    desk.check(OTHER, tag="GC-12-3")
    office.enrol(desk)
    office.merge(desk.bundle())
    assert ask(office.store, "contradictions", *DAYS) == []
    assert sorted(phones(office, Verdict.GREEN)) == ["GC-1-23", "GC-12-3"]


def test_a_line_without_a_serial_number_that_was_found_to_be_two_phones_makes_neither_of_them_better(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    begin(first)
    red = first.check(ONE, banned=True)
    green = second.check(OTHER)
    office.enrol(first, second)
    office.merge(first.bundle(extra=line("", "T-1", red)), second.bundle(extra=line("", "T-1", green)))
    shown = dashboard.dashboard(office.store, SCOPE)
    assert (shown.whole.red, shown.whole.green, shown.whole.total) == (1, 1, 2)
    assert {row["kind"] for row in ask(office.store, "contradictions", *DAYS)} == {"line"}
    assert sum(row["red"] for row in ask(office.store, "by-unit", *DAYS)) == 1


def test_a_line_without_a_serial_number_is_the_phone_that_one_desk_found_it_to_be(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    begin(first)
    seen = first.check(ONE)
    second.clock.now = first.clock.now
    second.check(ONE, banned=True)  # later, by its serial number
    office.enrol(first, second)
    office.merge(first.bundle(extra=line("", "T-1", seen)), second.bundle(extra=line("", "T-1")))
    shown = dashboard.dashboard(office.store, SCOPE)
    assert (shown.whole.red, shown.whole.total) == (1, 1)
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["phones"], row["seen"], row["red"]) == (1, 1, 1)


def test_a_phone_that_tells_no_serial_number_is_not_the_listed_one_for_its_tag(
    office: Office, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    begin(desk)
    seen = desk.check("unknown", tag="GC-1-23")
    office.enrol(desk)
    office.merge(desk.bundle(extra=line(ONE, "GC-1-23", seen)))
    (row,) = ask(office.store, "by-unit", *DAYS)
    assert (row["seen"], row["not_seen"]) == (0, 1)
    assert [row["unit"] for row in ask(office.store, "not-seen", *DAYS)] == ["Fleet"]
    assert dashboard.dashboard(office.store, SCOPE).whole.green == 0
    assert [row["kind"] for row in ask(office.store, "contradictions", *DAYS)] == ["roster"]


@pytest.mark.parametrize("hours", [0.02, 3, 26, 47])
@pytest.mark.parametrize("red_first", [True, False])
def test_what_two_desks_found_within_two_days_is_in_no_known_order_and_the_worst_counts(
    office: Office, open_desk: OpenDesk, hours: float, red_first: bool
) -> None:
    """A green check at a desk whose clock is ahead is no later than the red one of another desk."""
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check(ONE, banned=red_first)
    second.clock.now = first.clock.now + timedelta(hours=hours)
    second.check(ONE, banned=not red_first)
    office.enrol(first, second)
    office.merge(first.bundle(), second.bundle())
    shown = dashboard.dashboard(office.store, SCOPE)
    assert (shown.whole.red, shown.whole.green) == (1, 0)
    (row,) = ask(office.store, "contradictions", *DAYS)
    assert (row["kind"], row["desks"]) == ("desks", 2)
    assert any("contradict each other" in str(sentence) for sentence in shown.remarks.sentences)


@pytest.mark.parametrize("red_first", [True, False])
def test_what_is_two_days_apart_is_in_the_order_of_the_clocks(
    office: Office, open_desk: OpenDesk, red_first: bool
) -> None:
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check(ONE, banned=red_first)
    second.clock.now = first.clock.now + timedelta(hours=49)
    second.check(ONE, banned=not red_first)
    office.enrol(first, second)
    office.merge(first.bundle(), second.bundle())
    assert dashboard.dashboard(office.store, SCOPE).whole.red == (not red_first)
    assert ask(office.store, "contradictions", *DAYS) == []


def test_what_a_desk_found_itself_in_the_end_is_its_word(office: Office, open_desk: OpenDesk) -> None:
    """It was red and is green at one desk, and another one has found it green: nothing contradicts."""
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    first.check(ONE, banned=True)
    first.check(ONE)
    second.clock.now = first.clock.now + timedelta(hours=1)
    second.check(ONE)
    office.enrol(first, second)
    office.merge(first.bundle(), second.bundle())
    assert dashboard.dashboard(office.store, SCOPE).whole.green == 1
    assert ask(office.store, "contradictions", *DAYS) == []
