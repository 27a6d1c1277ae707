"""When a check was made, as far as the order of the log tells it: no clock hides one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Verdict
from core.rounds import days
from core.rounds.coverage.coverage import coverage
from core.rounds.coverage.log_order import in_order
from core.rounds.model import Roster, RosterLine, Round, SeenPhone
from tests.examples import examples

ROUND = Round("0123456789ab", "Autumn round 2026", "", date(2026, 9, 1), date(2026, 12, 18), "canada")
TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 20, 12).astimezone()
SERIALS = [f"R58N12ABC{n:02}" for n in range(3)]
ROSTER = Roster(tuple(RosterLine(n, serial=serial) for n, serial in enumerate(SERIALS, 1)), "", "", NOON)

CHECKS = st.lists(
    st.tuples(st.integers(-30_000, 3_000), st.sampled_from(Verdict), st.sampled_from(SERIALS)), max_size=9
)


def made(checks: list[tuple[int, Verdict, str]]) -> list[SeenPhone]:
    return [
        SeenPhone(n, NOON + timedelta(days=ahead), "Desk 4", "A. Roy", verdict, serial=serial, visit=f"v{n}")
        for n, (ahead, verdict, serial) in enumerate(checks, 10)
    ]


@given(CHECKS, st.randoms())
@examples(150)
def test_between_its_begin_and_its_end_the_last_check_of_the_log_decides(
    checks: list[tuple[int, Verdict, str]], random: object
) -> None:
    """Whatever the times are, as long as the clock is right at the begin and now."""
    seen = made(checks)
    last = {check.serial: check for check in seen}
    random.shuffle(seen)  # type: ignore[attr-defined]
    found = coverage(ROUND, ROSTER, seen, TODAY, first_entry=5, begun_on=date(2026, 11, 1))
    assert {phone.serial: phone.last for phone in found.phones if phone.last is not None} == {
        serial: next(one for one in in_order(seen, TODAY) if one.entry == check.entry) for serial, check in last.items()
    }
    outside = [check for check in seen if not ROUND.first <= check.day <= ROUND.last]
    assert sorted(check.entry for check in found.mistimed) == sorted(check.entry for check in outside)


@given(CHECKS, st.integers(0, 25), st.integers(-2_000, 2_000))
@examples(150)
def test_no_check_is_lost_whatever_the_clock_said(
    checks: list[tuple[int, Verdict, str]], begun: int, ahead: int
) -> None:
    begun_on = TODAY + timedelta(days=ahead)
    found = coverage(ROUND, ROSTER, made(checks), TODAY, first_entry=begun, begun_on=begun_on)
    rows = (*found.phones, *found.unexpected, *found.afterwards)
    told = {check.entry for phone in rows for check in phone.checks} | {
        p.before.entry for p in found.phones if p.before
    }
    for serial in SERIALS:
        of_phone = [check for check in made(checks) if check.serial == serial]
        assert not of_phone or of_phone[-1].entry in told


def test_a_day_of_the_calendar_s_end_is_its_own() -> None:
    edge = datetime.max.replace(tzinfo=UTC)
    assert days.day_of(edge, timezone(timedelta(hours=5))) == edge.date()


@pytest.mark.parametrize("hours", [-11, 0, 5, 13])
def test_a_day_begins_where_it_does_in_its_zone(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    begins = days.beginning_of(TODAY, zone)
    assert days.day_of(begins, zone) == TODAY
    assert days.day_of(begins - timedelta(milliseconds=1), zone) == TODAY - timedelta(days=1)
    assert replace(made([(0, Verdict.RED, SERIALS[0])])[0], time=begins, zone=zone).day == TODAY
