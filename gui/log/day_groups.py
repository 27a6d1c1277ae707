"""The rows of a list by day: which of them begin a day, and how many rows each day has."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from core.policy.wording import long_date
from core.rounds.days import today
from core.text import N, T, Text, grouped

#: The number of a day that is not known.
UNKNOWN: Final = 0


class DayGroup(NamedTuple):
    """Rows one after another of one day, and how many they are."""

    day: date
    visits: int

    @property
    def words(self) -> Text:
        """The heading of the day."""
        number = N("{number} visit", "{number} visits", self.visits, number=grouped(self.visits))
        this_day = today()
        if self.day == this_day:
            return T("Today, {date} · {visits}", date=long_date(self.day), visits=number)
        if self.day == this_day - timedelta(days=1):
            return T("Yesterday, {date} · {visits}", date=long_date(self.day), visits=number)
        return T("{date} · {visits}", date=long_date(self.day), visits=number)


def day_groups(days: Sequence[int]) -> Mapping[int, DayGroup]:
    """The groups of rows with these days, as :meth:`date.toordinal` numbers them, each by the row that it begins with.

    A row of which the day is not known belongs to the group of the row above it, or else of the one below it. A day can
    have several groups: rows stand in the order of the log, whatever the clock said.
    """
    groups: dict[int, DayGroup] = {}
    first, above = 0, UNKNOWN
    row = 0
    for number, rows in groupby(days):
        count = len(list(rows))
        if above in (UNKNOWN, number) or number == UNKNOWN:
            above = above or number
        else:
            groups[first] = DayGroup(date.fromordinal(above), row - first)
            first, above = row, number
        row += count
    if above:
        groups[first] = DayGroup(date.fromordinal(above), row - first)
    return groups


def no_days() -> array[int]:
    """The days of rows that are not grouped by day."""
    return array("i")
