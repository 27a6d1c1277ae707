"""The list of a round against the checks on record: which phones were seen, and what is left to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.model import Verdict
from core.reports.charts.chart_data import Bar, Day
from core.rounds.coverage import figures
from core.rounds.coverage.coverage import Coverage, coverage
from core.rounds.coverage.log_order import Placing, RoundSpan, in_order, placings
from core.rounds.coverage.phone_coverage import CoverageState
from core.rounds.model import Loss, LossCause, Roster, RosterLine, Round, SeenPhone
from tests.examples import examples

ROUND = Round("0123456789ab", "Autumn round 2026", "", date(2026, 9, 1), date(2026, 12, 18), "canada")
TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 20, 12).astimezone()


def roster(*lines: RosterLine) -> Roster:
    return Roster(lines, "phones.csv", "00" * 32, NOON)


def seen(entry: int, verdict: Verdict = Verdict.GREEN, days: int = 0, **more: object) -> SeenPhone:
    found = SeenPhone(entry, NOON + timedelta(days=days), "Desk 4", "A. Roy", verdict, visit=f"v{entry}")
    return replace(found, **more)  # type: ignore[arg-type]


def states(found: Coverage) -> list[CoverageState]:
    return [phone.state for phone in found.phones]


def test_a_check_ticks_off_its_phone_by_whatever_names_it() -> None:
    lines = (
        RosterLine(1, serial="R58N12ABCDE", unit="Field"),
        RosterLine(2, imei="356938035643809"),
        RosterLine(3, tag="DRH-0412"),
        RosterLine(4, serial="R58N12ABCDF"),
    )
    found = coverage(
        ROUND,
        roster(*lines),
        [
            seen(1, serial="r58n12abcde"),
            seen(2, Verdict.AMBER, imei="35 693803 564380 9"),
            seen(3, Verdict.RED, tag="drh 0412", serial="SOMEOTHER1"),
        ],
        TODAY,
    )
    assert states(found) == [CoverageState.GREEN, CoverageState.AMBER, CoverageState.RED, CoverageState.DUE]
    assert (found.checked, found.unexpected) == (3, ())


def test_a_number_that_many_phones_have_names_none() -> None:
    lines = roster(RosterLine(1, serial="0123456789ABCDEF"), RosterLine(2, serial="UNKNOWN"))
    found = coverage(ROUND, lines, [seen(1, serial="0123456789ABCDEF"), seen(2, serial="unknown")], TODAY)
    assert states(found) == [CoverageState.DUE] * 2
    assert len(found.unexpected) == 2  # each may be a phone of its own


def test_the_last_check_counts_and_a_visit_is_one() -> None:
    lines = roster(RosterLine(1, serial="R58N12ABCDE"))
    one = [seen(5, Verdict.RED, serial="R58N12ABCDE", visit="a"), seen(9, serial="R58N12ABCDE", visit="a")]
    found = coverage(ROUND, lines, one, TODAY)
    assert states(found) == [CoverageState.GREEN]
    assert found.seen_twice == ()
    twice = coverage(ROUND, lines, [*one, seen(12, Verdict.RED, 1, serial="R58N12ABCDE")], TODAY)
    assert states(twice) == [CoverageState.RED]
    assert len(twice.seen_twice) == 1


def test_what_comes_to_the_top_is_told() -> None:
    lines = roster(
        RosterLine(1, serial="SEENLATELY1"), RosterLine(2, serial="WASRED0001"), RosterLine(3, serial="NEVERSEEN1")
    )
    found = coverage(
        ROUND,
        lines,
        [
            seen(1, Verdict.RED, -300, serial="WASRED0001"),
            seen(2, days=-85, serial="SEENLATELY1"),
            seen(3, days=0, serial="UNEXPECTED1"),
        ],
        TODAY,
    )
    assert states(found) == [CoverageState.DUE] * 3
    assert [phone.line.line for phone in found.late if phone.line] == [2, 3]
    assert [phone.line.line for phone in found.red_before if phone.line] == [2]
    assert [phone.last.entry for phone in found.unexpected if phone.last] == [3]


def test_checks_outside_its_days_do_not_count() -> None:
    lines = roster(RosterLine(1, serial="R58N12ABCDE"))
    for days, today in ((-200, TODAY), (40, date(2027, 1, 15))):
        found = coverage(ROUND, lines, [seen(1, Verdict.RED, days, serial="R58N12ABCDE")], today)
        assert states(found) == [CoverageState.DUE]
        assert len(found.afterwards) == (days > 0)  # it is not hidden
    edges = [
        datetime.combine(day, datetime.min.time()).astimezone() + timedelta(minutes=1)
        for day in (ROUND.first, ROUND.last)
    ]
    for time in edges:
        checks = [replace(seen(1, serial="R58N12ABCDE"), time=time)]
        assert states(coverage(ROUND, lines, checks, TODAY)) == [CoverageState.GREEN]


def test_units_with_most_to_do_come_first_and_each_day_is_counted() -> None:
    lines = roster(
        *(RosterLine(n, serial=f"R58N12ABC{n:02}", unit="Finance" if n < 4 else "Field") for n in range(1, 9))
    )
    checks = [seen(n, Verdict.RED if n == 1 else Verdict.GREEN, n, serial=f"R58N12ABC{n:02}") for n in (1, 2, 4)]
    found = coverage(ROUND, lines, checks, TODAY)
    assert [(unit.unit, unit.count(CoverageState.DUE), unit.phones) for unit in found.units] == [
        ("Field", 4, 5),
        ("Finance", 1, 3),
    ]
    assert [sum(day.values()) for day in found.by_day.values()] == [1, 1, 1]


def test_the_pace_says_whether_it_will_end_in_time() -> None:
    lines = roster(*(RosterLine(n, serial=f"R58N12AB{n:03}") for n in range(100)))
    checks = [seen(n, days=-n, serial=f"R58N12AB{n:03}") for n in range(28)]
    again = seen(99, Verdict.RED, 1, serial="R58N12AB000")
    pace = figures.pace(coverage(ROUND, lines, [*checks, again], date(2026, 11, 20)))
    assert (pace.total, pace.needed, pace.days_left) == (28, 100, 28)
    assert (pace.a_day, pace.projected) == (1.0, 56)
    over = figures.pace(coverage(ROUND, lines, checks, date(2027, 2, 1)))
    assert (over.days_left, over.projected) == (0, 28)


def test_its_figures_are_those_of_its_charts() -> None:
    lines = roster(RosterLine(1, serial="R58N12ABCDE", unit="Finance"), RosterLine(2, tag="A", unit="Field"))
    found = coverage(ROUND, lines, [seen(1, Verdict.RED, serial="R58N12ABCDE"), seen(2, serial="OTHERONE1")], TODAY)
    assert figures.whole(found) == Bar("", red=1, due=1)
    assert figures.units(found) == [Bar("Field", due=1), Bar("Finance", red=1)]
    assert figures.days(found) == [Day(NOON.date(), green=1, red=1)]


def test_without_a_list_all_are_unexpected_and_an_empty_round_is_one() -> None:
    found = coverage(ROUND, None, [seen(1, serial="R58N12ABCDE")], TODAY)
    assert (found.phones, len(found.unexpected), found.checked) == ((), 1, 0)
    assert figures.pace(coverage(ROUND, None, [], ROUND.first)).projected == 0


serials = st.sampled_from([f"R58N12ABC{n:02}" for n in range(6)] + ["", "unknown"])
checks_of = st.builds(
    lambda entry, verdict, days, serial, tag: seen(entry, verdict, days, serial=serial, tag=tag),
    st.integers(1, 99),
    st.sampled_from(Verdict),
    st.integers(-100, 60),
    serials,
    st.sampled_from(["", "A-1", "A-2"]),
)
lines_of = st.lists(
    st.builds(RosterLine, st.integers(1, 9), serials, st.just(""), st.sampled_from(["", "A-1", "A-2"])), max_size=6
)


@given(lines_of, st.lists(checks_of, max_size=12, unique_by=lambda one: one.entry), st.randoms())
@examples(100)
def test_no_phone_counts_twice_and_the_order_changes_nothing(
    lines: list[RosterLine], checks: list[SeenPhone], random: object
) -> None:
    found = coverage(ROUND, roster(*lines), checks, TODAY)
    assert sum(found.counts.values()) == len(lines)
    assert sum(unit.phones for unit in found.units) == len(lines)
    counted = [one.entry for phone in (*found.phones, *found.unexpected) for one in phone.checks]
    assert len(counted) == len(set(counted))
    assert sum(sum(day.values()) for day in found.by_day.values()) == len(counted)
    random.shuffle(checks)  # type: ignore[attr-defined]
    again = coverage(ROUND, roster(*lines), checks, TODAY)
    assert (again.phones, set(again.unexpected)) == (found.phones, set(found.unexpected))


@given(lines_of, st.lists(checks_of, max_size=12, unique_by=lambda one: one.entry), st.sets(st.integers(1, 99)))
@examples(100)
def test_each_red_visit_of_the_rounds_time_is_counted_once_on_the_roster_or_off_it(
    lines: list[RosterLine], checks: list[SeenPhone], erased: set[int]
) -> None:
    gone = Loss(LossCause.ERASED)
    checks = [replace(one, serial="", tag="", erased=gone) if one.entry in erased else one for one in checks]
    found = coverage(ROUND, roster(*lines), checks, TODAY)
    ordered = in_order(checks, TODAY)
    placed = zip(ordered, placings(ROUND, ordered, RoundSpan()), strict=True)
    red_visits = sorted(one.entry for one, place in placed if place is Placing.IN and one.verdict is Verdict.RED)
    rows = (*found.phones, *found.unexpected, *found.unmatched)
    counted = sorted(one.entry for phone in rows for one in phone.checks if one.verdict is Verdict.RED)
    assert counted == red_visits
    assert sum(day[CoverageState.RED] for day in found.by_day.values()) == len(red_visits)
    left_red = [phone for phone in rows if phone.state is CoverageState.RED]
    assert Counter(map(id, (*found.red, *found.red_unexpected))) == Counter(map(id, left_red))
    assert found.counts.get(CoverageState.RED, 0) == len(found.red)
