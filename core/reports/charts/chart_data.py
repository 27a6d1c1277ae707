"""What a chart shows, as numbers, and the same in words and as a table for those who cannot see it.

A chart is drawn by :mod:`core.reports.charts.charts`; both are made from the same values, so that they cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from core import value_names
from core.model import Verdict
from core.policy.wording import long_date
from core.reports.charts.svg import single_line
from core.text import Bilingual, N, T, Text, Value, grouped

#: The days over which the pace is taken that a round has now.
PACE_DAYS: Final = 28
#: Days that must have passed before it is said where a round leads.
_SOONEST: Final = 7
#: Rows of a table of days, and of a table of units.
MOST_DAYS: Final = 60
MOST_UNITS: Final = 200

GREEN: Final = value_names.VERDICTS[Verdict.GREEN]
AMBER: Final = value_names.VERDICTS[Verdict.AMBER]
RED: Final = value_names.VERDICTS[Verdict.RED]
RED_OPEN: Final = T("Red, still open")
DUE: Final = T("Due")
#: Of phones that were checked, and whose result is not told until another officer has checked them too.
WAITING: Final = T("Second check to come")
#: Of a phone that is due, unless a check that cannot be matched any more was its own.
NOT_KNOWN: Final = T("Due, or its check is not matched any more")
#: What is said of an empty roster.
NO_PHONE: Final = T("The roster names no phone.")
_NO_UNIT: Final = T("No unit")
_PHONES: Final = T("Phones")

_SHORT_EN: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"]
_SHORT_FR: Final = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."]


@dataclass(frozen=True, slots=True)
class Bar:
    """The phones of one unit, or of all: checked and green, amber, or red and still open; or due. None is negative.

    `waiting` are those that were checked and wait for a second look, until which the first result is not told.
    `label` is the unit's name as the department gives it, empty for phones of which it gives none.
    """

    label: str
    green: int = 0
    amber: int = 0
    red: int = 0
    due: int = 0
    waiting: int = 0

    @property
    def checked(self) -> int:
        """The phones that were checked."""
        return self.green + self.amber + self.red + self.waiting

    @property
    def total(self) -> int:
        """All its phones."""
        return self.checked + self.due

    @property
    def name(self) -> Value:
        """What its row is called."""
        return single_line(self.label) or _NO_UNIT


@dataclass(frozen=True, slots=True)
class Day:
    """The checks of one day, by their verdicts; `waiting` are those whose verdict is not told before a second look."""

    day: date
    green: int = 0
    amber: int = 0
    red: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        """All its checks."""
        return self.green + self.amber + self.red + self.waiting


@dataclass(frozen=True, slots=True)
class Pace:
    """How a round gets on: how many phones of its roster were ticked off on each day, in any order of days.

    `first` and `last` are its days, both included; `needed` is how many phones its roster has.
    """

    daily_counts: tuple[tuple[date, int], ...]
    first: date
    last: date
    needed: int
    today: date

    @property
    def total(self) -> int:
        """The phones that were ticked off until today."""
        return sum(count for day, count in self.daily_counts if day <= self.today)

    @property
    def days_left(self) -> int:
        """The days after today that the round has."""
        return max(0, (self.last - max(self.today, self.first - timedelta(1))).days)

    @property
    def days_past(self) -> int:
        """The days until today that the round has had, today included."""
        return max(0, (min(self.today, self.last) - self.first).days + 1)

    @property
    def leads_on(self) -> bool:
        """Whether it can be said where the round leads: it goes on, some phones are done, and a week has passed."""
        return self.days_past >= _SOONEST and self.days_left > 0 and 0 < self.total < self.needed

    @property
    def a_day(self) -> float:
        """The phones ticked off a day, over the last four weeks or since the round began."""
        since = max(self.first, self.today - timedelta(PACE_DAYS - 1))
        days = (min(self.today, self.last) - since).days + 1
        return sum(count for day, count in self.daily_counts if since <= day <= self.today) / days if days > 0 else 0.0

    @property
    def projected(self) -> int:
        """How many will be done on the last day if it goes on like this; never more than are needed or done."""
        return max(self.total, min(self.needed, math.floor(self.total + self.a_day * self.days_left)))

    @property
    def course(self) -> list[tuple[date, int]]:
        """How many were done so far, at the end of each day on which one was, until today."""
        days: dict[date, int] = {}
        for day, count in sorted(self.daily_counts):
            if day <= self.today:
                days[day] = days.get(day, 0) + count
        return list(zip(days, accumulate(days.values()), strict=True))

    def needed_by(self, day: date) -> int:
        """How many would be done at the end of `day` if every day had as many, rounded up."""
        days = (self.last - self.first).days + 1
        past = min(max((day - self.first).days + 1, 0), days)
        return -(-self.needed * past // days)


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A chart for those who cannot see it: what it says, and its numbers under their headings. A number is an `int`."""

    about: tuple[Text, ...]
    head: tuple[Text, ...]
    rows: tuple[tuple[Value, ...], ...]


def worst_first(bars: Iterable[Bar]) -> list[Bar]:
    """The units with the most phones due come first; of equal ones, those with more red, then amber phones."""
    return sorted(bars, key=lambda bar: (-bar.due, -bar.red, -bar.amber, -bar.total, bar.label))


def summed(bars: Iterable[Bar]) -> Bar:
    """The phones of all these units as one bar, which has no name."""
    rows = [(bar.green, bar.amber, bar.red, bar.due, bar.waiting) for bar in bars]
    return Bar("", *map(sum, zip(*rows, strict=True)))


def short_date(day: date, *, year: bool = False) -> Bilingual:
    """A date as an axis has it: 1 Sept; 1er sept."""
    first = "1er" if day.day == 1 else str(day.day)
    english, french = f"{day.day} {_SHORT_EN[day.month - 1]}", f"{first} {_SHORT_FR[day.month - 1]}"
    return Bilingual(f"{english} {day.year}", f"{french} {day.year}") if year else Bilingual(english, french)


def progress_words(bar: Bar) -> Text:
    """The progress of a round in one sentence."""
    return N(
        "{checked} of {total} phone checked: {green} green, {amber} amber, {red} red and still open; {due} due.",
        "{checked} of {total} phones checked: {green} green, {amber} amber, {red} red and still open; {due} due.",
        bar.total,
        checked=grouped(bar.checked),
        total=grouped(bar.total),
        green=grouped(bar.green),
        amber=grouped(bar.amber),
        red=grouped(bar.red),
        due=grouped(bar.due),
    )


def progress_table(bar: Bar) -> ChartTable:
    """The progress bar for those who cannot see it."""
    waiting = [(WAITING, bar.waiting)] if bar.waiting else []
    parts = ((GREEN, bar.green), (AMBER, bar.amber), (RED_OPEN, bar.red), *waiting, (DUE, bar.due))
    about = (progress_words(bar), *([waiting_words(bar.waiting)] if bar.waiting else []))
    return ChartTable(about, (T("State"), _PHONES), (*parts, (T("In all"), bar.total)))


def waiting_words(count: int) -> Text:
    """The sentence that some phones wait for a second look, so that their results are not told yet."""
    return N(
        "{count} more was checked and waits for a second check: its result is not shown before.",
        "{count} more were checked and wait for a second check: their results are not shown before.",
        count,
    )


def unit_table(bars: Iterable[Bar]) -> ChartTable:
    """The bars of the units for those who cannot see them: the worst first; the last row sums what has no room."""
    ranked = worst_first(bars)
    waiting = any(bar.waiting for bar in ranked)
    rows: list[tuple[Value, ...]] = [(bar.name, *_numbers(bar, waiting=waiting)) for bar in ranked[:MOST_UNITS]]
    if rest := ranked[MOST_UNITS:]:
        rows.append((other_units(len(rest)), *_numbers(summed(rest), waiting=waiting)))
    head = (T("Unit"), DUE, RED_OPEN, AMBER, GREEN, *([WAITING] if waiting else []), _PHONES)
    return ChartTable((unit_words(ranked),), head, tuple(rows))


def unit_words(bars: Iterable[Bar]) -> Text:
    """The sentence that names the unit with the most phones due."""
    ranked = worst_first(bars)
    if not any(bar.total for bar in ranked):
        return NO_PHONE
    if not (worst := ranked[0]).due:
        return T("No phone is due in any unit.")
    return T(
        "Most phones are due in {unit}: {due} of {total}.",
        unit=worst.name,
        due=grouped(worst.due),
        total=grouped(worst.total),
    )


def other_units(count: int) -> Text:
    """The units that have no row of their own."""
    return N("{count} other unit", "{count} other units", count)


def _numbers(bar: Bar, *, waiting: bool) -> tuple[Value, ...]:
    return bar.due, bar.red, bar.amber, bar.green, *([bar.waiting] if waiting else []), bar.total


def pace_words(pace: Pace) -> Text:
    """How a round gets on and what it needs, in at most two sentences."""
    last = long_date(pace.last)
    open_phones = pace.needed - pace.total
    if not pace.needed:
        return NO_PHONE
    if open_phones <= 0:
        return T("Every phone of the roster was checked.")
    if pace.today < pace.first:
        return T("The round begins on {date}.", date=long_date(pace.first))
    if not pace.days_left:
        return N(
            "The round ended on {date}; {number} phone was not checked.",
            "The round ended on {date}; {number} phones were not checked.",
            open_phones,
            date=last,
            number=grouped(open_phones),
        )
    need = math.ceil(open_phones / pace.days_left * min(7, pace.days_left))
    now = grouped(round(pace.a_day * 7))
    if pace.days_past < _SOONEST <= pace.days_left:
        done_count = grouped(pace.total)
        return T(
            "{done} so far. {need} a week are needed to end on {date}.", done=done_count, need=grouped(need), date=last
        )
    if pace.days_left < 7:
        return T(
            "{now} a week now. {need} are still needed until {date}.", now=now, need=grouped(open_phones), date=last
        )
    return T("{now} a week now. {need} a week are needed to end on {date}.", now=now, need=grouped(need), date=last)


def pace_table(pace: Pace) -> ChartTable:
    """The pace for those who cannot see it: what was done and what was needed at the end of some days, a week apart or
    more; then what the last weeks lead to."""
    span = max(0, (min(pace.today, pace.last) - pace.first).days)
    step = 7 * max(1, math.ceil(span / 7 / MOST_DAYS))
    days = [*(pace.first + timedelta(n) for n in range(min(step - 1, span), span, step)), pace.first + timedelta(span)]
    course = pace.course
    rows = [
        (end.isoformat(), max((count for day, count in course if day <= end), default=0), pace.needed_by(end))
        for end in (days if pace.today >= pace.first else [])
    ]
    about = (pace_words(pace), *([_leads_to(pace)] if pace.leads_on else []))
    return ChartTable(about, (T("Until the end of"), T("Done"), T("Needed")), tuple(rows))


def _leads_to(pace: Pace) -> Text:
    values: dict[str, Value] = {
        "number": grouped(pace.projected),
        "needed": grouped(pace.needed),
        "date": long_date(pace.last),
    }
    if pace.days_past < PACE_DAYS:
        return N(
            "If it goes on as so far, {number} of {needed} phone will be checked on {date}.",
            "If it goes on as so far, {number} of {needed} phones will be checked on {date}.",
            pace.needed,
            **values,
        )
    return N(
        "If it goes on as in the last four weeks, {number} of {needed} phone will be checked on {date}.",
        "If it goes on as in the last four weeks, {number} of {needed} phones will be checked on {date}.",
        pace.needed,
        **values,
    )


def in_steps(days: Iterable[Day], limit: int) -> tuple[list[Day], int]:
    """The days one after another, those without a check too, in steps of so many days that there are at most `limit`.

    A step is called by its first day. Days are one step each, else weeks, else as many weeks as it takes.
    """
    counted = [day for day in days if day.total]
    if not counted:
        return [], 1
    first, last = min(day.day for day in counted), max(day.day for day in counted)
    span = (last - first).days + 1
    step = 1 if span <= limit else 7 * math.ceil(span / 7 / max(1, limit))
    sums = [[0, 0, 0, 0] for _ in range(-(-span // step))]
    for day in counted:
        row = sums[(day.day - first).days // step]
        for number, count in enumerate((day.green, day.amber, day.red, day.waiting)):
            row[number] += count
    return [Day(first + timedelta(n * step), *row) for n, row in enumerate(sums)], step


def step_words(step: int) -> Text:
    """What one column of a chart of days stands for."""
    if step == 1:
        return T("Checks a day")
    return N("Checks a week", "Checks in {count} weeks", step // 7)


def day_table(days: Iterable[Day]) -> ChartTable:
    """The columns of the days for those who cannot see them."""
    steps, step = in_steps(days, MOST_DAYS)
    waiting = any(day.waiting for day in steps)
    rows = tuple(
        (day.day.isoformat(), day.green, day.amber, day.red, *([day.waiting] if waiting else []), day.total)
        for day in steps
        if day.total
    )
    first = T("Day") if step == 1 else T("From the day")
    head = (first, GREEN, AMBER, RED, *([WAITING] if waiting else []), T("In all"))
    return ChartTable((step_words(step),), head, rows)
