"""The coverage of a round as its charts and its report take it."""

from __future__ import annotations

from core.reports.chart_data import Bar, Day, Pace
from core.rounds.coverage import Coverage, PhoneState


def whole(found: Coverage) -> Bar:
    """All phones of the list."""
    return Bar("", **{str(state): found.counts.get(state, 0) for state in PhoneState})


def units(found: Coverage) -> list[Bar]:
    """The phones of each unit."""
    return [Bar(unit.unit, **{str(state): unit.count(state) for state in PhoneState}) for unit in found.units]


def days(found: Coverage) -> list[Day]:
    """The checks of each day, also of phones that are not on the list."""
    return [
        Day(day, **{str(state): counts[state] for state in PhoneState if state is not PhoneState.DUE})
        for day, counts in found.by_day.items()
    ]


def pace(found: Coverage) -> Pace:
    """How many phones of the list were seen for the first time on each day."""
    about = found.round
    return Pace(tuple(found.first_seen.items()), about.first, about.last, len(found.phones), found.today)
