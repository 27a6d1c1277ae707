"""The coverage of a round as its charts and its report take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.reports.charts.chart_data import Bar, Day, Pace
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import CoverageState

#: How a phone stands that was checked.
_CHECKED: Final = (CoverageState.GREEN, CoverageState.AMBER, CoverageState.RED, CoverageState.WAITING)


def whole(covered: Coverage) -> Bar:
    """All phones of the list."""
    return _bar("", covered.counts)


def units(covered: Coverage) -> list[Bar]:
    """The phones of each unit; all as one where it is not known any more how each phone of a closed round stood."""
    if covered.ended is not None and not covered.is_whole:
        return [whole(covered)]
    return [_bar(unit.unit, unit.counts) for unit in covered.units]


def _bar(label: str, counts: Mapping[CoverageState, int]) -> Bar:
    """The bar of these phones. A phone of which it is not known whether it was checked is drawn as due: no chart makes
    a round look further than is known."""
    by_state = {str(state): counts.get(state, 0) for state in CoverageState if state is not CoverageState.NOT_KNOWN}
    by_state[CoverageState.DUE.value] += counts.get(CoverageState.NOT_KNOWN, 0)
    return Bar(label, **by_state)


def days(covered: Coverage) -> list[Day]:
    """The checks of each day, also of phones that are not on the list."""
    return [Day(day, **{str(state): counts[state] for state in _CHECKED}) for day, counts in covered.by_day.items()]


def pace(covered: Coverage) -> Pace:
    """How many phones of the list were seen for the first time on each day."""
    about = covered.round
    return Pace(tuple(covered.first_seen.items()), about.first, about.last, covered.listed, covered.today)
