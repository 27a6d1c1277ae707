"""The coverage of a round as its charts and its report take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.reports.charts.chart_data import Bar, Day, Pace
from core.rounds.coverage.coverage import Coverage
from core.rounds.coverage.phone_coverage import PhoneState

#: How a phone stands that was checked.
_CHECKED: Final = (PhoneState.GREEN, PhoneState.AMBER, PhoneState.RED, PhoneState.WAITING)


def whole(found: Coverage) -> Bar:
    """All phones of the list."""
    return _bar("", found.counts)


def units(found: Coverage) -> list[Bar]:
    """The phones of each unit; all as one where it is not known any more how each phone of a closed round stood."""
    if found.ended is not None and not found.is_whole:
        return [whole(found)]
    return [_bar(unit.unit, unit.counts) for unit in found.units]


def _bar(label: str, counts: Mapping[PhoneState, int]) -> Bar:
    """What no check is matched with is due: no chart makes anything better of it."""
    shown = {str(state): counts.get(state, 0) for state in PhoneState if state is not PhoneState.NOT_KNOWN}
    shown[PhoneState.DUE.value] += counts.get(PhoneState.NOT_KNOWN, 0)
    return Bar(label, **shown)


def days(found: Coverage) -> list[Day]:
    """The checks of each day, also of phones that are not on the list."""
    return [Day(day, **{str(state): counts[state] for state in _CHECKED}) for day, counts in found.by_day.items()]


def pace(found: Coverage) -> Pace:
    """How many phones of the list were seen for the first time on each day."""
    about = found.round
    return Pace(tuple(found.first_seen.items()), about.first, about.last, found.listed, found.today)
