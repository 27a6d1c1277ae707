"""How many phones of a round a banned app can come back to: what is not on record, or not to be told, is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Phone
from core.model.can_return import Return
from core.reports.charts.chart_data import MOST_UNITS
from core.reports.rounds.round_figures import RoundFigures
from core.reports.rounds.round_returns import UnitReturns, return_rows, return_table
from core.rounds import recheck, rounds
from core.rounds.coverage.report import report_figures
from core.rounds.model import Roster, RosterLine
from tests.examples import examples
from tests.unit.reports.conftest import RETURNS, Desk, desk, gatineau, make_desk

__all__ = ["desk", "gatineau", "make_desk"]

FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
SERIALS = tuple(f"R58N12ABC{n:02}" for n in range(6))
ROSTER = Roster(
    tuple(RosterLine(n, serial=serial, unit="Finance" if n < 4 else "Field") for n, serial in enumerate(SERIALS)),
    "phones.csv",
    "ab" * 32,
    datetime(2026, 11, 14, 12, tzinfo=UTC),
)

pytestmark = pytest.mark.usefixtures("gatineau")


def phone(serial: str) -> Phone:
    return Phone("android", "Google", "Pixel 7", "14", serial)


def begun(desk: Desk, data: Path, share: int = 0) -> None:
    about = rounds.begin(desk.ledger, "Round", FIRST, LAST, "canada", recheck=share)
    rounds.bring(desk.ledger, data, about, ROSTER)


def figures(desk: Desk, data: Path) -> RoundFigures:
    (known,) = rounds.recorded_rounds(desk.ledger)
    to_come = recheck.waiting(desk.ledger, data, TODAY, practice=False)
    return report_figures(desk.ledger, known, rounds.covered(desk.ledger, data, known, TODAY), "Canada", to_come)


def test_it_is_counted_by_unit_from_the_last_check_of_each_phone(desk: Desk, tmp_path: Path) -> None:
    begun(desk, tmp_path)
    told = {SERIALS[0]: RETURNS, SERIALS[1]: RETURNS[1:], SERIALS[2]: (), SERIALS[4]: RETURNS}
    for serial, returns in told.items():
        desk.phone = phone(serial)
        desk.visit().check(returns=returns)
    desk.visit().check(returns=RETURNS[1:])  # the last one again, which its management blocks by now
    desk.phone = phone("R58N12OTHER")
    desk.visit().check(returns=RETURNS)
    assert figures(desk, tmp_path).returns == (
        UnitReturns("", 1, 0, 0),
        UnitReturns("Field", 0, 0, 1),
        UnitReturns("Finance", 1, 1, 1),
    )


def test_of_a_phone_that_waits_for_its_second_look_it_is_not_told(desk: Desk, tmp_path: Path) -> None:
    begun(desk, tmp_path, share=100)
    desk.phone = phone(SERIALS[0])
    desk.visit().check(returns=RETURNS[1:])
    (known,) = rounds.recorded_rounds(desk.ledger)
    recheck.draw(desk.ledger, rounds.covered(desk.ledger, tmp_path, known, TODAY))
    assert figures(desk, tmp_path).returns == (UnitReturns("Finance", 0, 1, 0),)


@given(st.lists(st.lists(st.sampled_from(Return), max_size=5), max_size=MOST_UNITS + 5))
@examples(30)
def test_no_phone_is_lost_in_the_table_and_the_sums(states: list[list[Return]]) -> None:
    units = [UnitReturns.of(f"Unit {at}", of_unit) for at, of_unit in enumerate(states)]
    every = [state for of_unit in states for state in of_unit]
    assert [count for _, count in return_rows(units)] == [every.count(state) for state in Return]
    rows = return_table(units).rows
    assert len(rows) <= MOST_UNITS + 1
    assert sum(int(str(row[-1])) for row in rows) == len(every)
