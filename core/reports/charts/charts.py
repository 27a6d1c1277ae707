"""The charts of a round as SVG, for the screen and for paper: progress, units, pace and days.

Each has its words and its table in :mod:`core.reports.charts.chart_data`, for those who cannot see it. A chart is as
wide as is asked, and as high as its texts need.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.reports.charts.chart_data import NO_PHONE, Bar, Day, Pace, in_steps, step_words, summed, worst_first
from core.reports.charts.chart_parts import (
    BETWEEN,
    GAP,
    LEAST,
    LINE,
    OF_CHECKS,
    OF_PHONES,
    PARTS,
    Axes,
    Key,
    Part,
    draw_part,
    key_width,
    words_of,
    write,
)
from core.reports.charts.svg import SMALL, Canvas, ChartLook, Drawn, Point
from core.text import N, T, Text

#: Rows of a chart of units.
MOST_BARS: Final = 60
#: In units of a drawing that is not scaled: the least width of a chart, of bars beside their names, and of
#: names that are broken beside their bars.
_NARROWEST: Final = 240
_BARS: Final = 120
_NAMES: Final = 120
#: How large the mark of red is.
_MARK: Final = 9
#: Lines that are not whole: what is needed, and where the last weeks lead.
_DASHES: Final = (4.0, 4.0)
_DOTS: Final = (0.1, 5.0)


def progress_bar(bar: Bar, look: ChartLook, width: float) -> Drawn:
    """The phones of a round as one bar over the whole width, without words."""
    canvas, u = Canvas(look), look.unit
    width = max(width, _narrowest(look))
    if not bar.total:
        canvas.rect(0, 2 * u, width, 16 * u, look.colours.base, stroke=look.colours.hair)
    x = 0.0
    for part, wide in _shares(bar, width, u).items():
        draw_part(canvas, look, part, x, 2 * u, wide, 16 * u)
        x += wide + BETWEEN * u
    return canvas.drawn(width, 20 * u)


def key(look: ChartLook, width: float, bars: Sequence[Bar] = (), *, at_right: bool = False) -> Drawn:
    """What the parts of bars mean, in as many lines as it needs; a second look only where one of `bars` has it.

    With `at_right`, a key of one line ends where `width` ends.
    """
    canvas = Canvas(look)
    width = max(width, _narrowest(look))
    words = words_of(OF_PHONES, bars)
    of_bars = Key(canvas, look, width, left=max(0.0, width - key_width(look, words)) if at_right else 0.0)
    of_bars.parts(words)
    return canvas.drawn(width, of_bars.bottom)


def unit_bars(
    bars: Iterable[Bar], look: ChartLook, width: float, *, max_bars: int = MOST_BARS, with_key: bool = True
) -> Drawn:
    """A bar for each unit, all in one scale of phones, the worst first.

    Of more than `max_bars` units the last line tells how many others there are, without a bar. Where there is no room
    beside the bars, names and numbers stand above and below them.
    """
    ranked = worst_first(bars)
    canvas, u = Canvas(look), look.unit
    width = max(width, _narrowest(look))
    y = _key(canvas, look, width, ranked) + 6 * u if with_key else 0.0
    if not ranked:
        y = write(canvas, look, look.text_of(NO_PHONE), y, width, look.colours.muted)
        return canvas.drawn(width, y)
    rows = [_Row(look, bar) for bar in ranked[:max_bars]]
    columns = _Columns.fit(look, width, rows)
    per_phone = _per_phone(max(row.bar.total for row in rows), columns.room, u)
    for row in rows:
        y = _unit(canvas, look, row, columns, y, per_phone)
    if rest := ranked[max_bars:]:
        rest_sum = summed(rest)
        words = f"{look.text_of(_other_units(len(rest), rest_sum, look))} {_red(rest_sum, look)}"
        y = write(canvas, look, words, y, width, look.colours.muted) + 6 * u
    return canvas.drawn(width, max(y, u))


def pace_chart(pace: Pace, look: ChartLook, width: float, height: float = 212.0) -> Drawn:
    """What was done so far, what is needed from the first day to the last, and where the last four weeks lead.

    `height` is that of the lines and axes, in units that grow with the text; the key comes on top of it.
    """
    canvas, u, c = Canvas(look), look.unit, look.colours
    width = max(width, _narrowest(look))
    has_begun, done_count, goal = pace.today >= pace.first, pace.total, pace.projected
    labels = [(pace.needed, c.text)] if pace.needed else []
    labels += [(goal, c.line)] if pace.leads_on and goal not in (pace.needed, done_count) else []
    wide = max(look.width_of(look.number(n), size=SMALL, bold=True) for n in (pace.needed, done_count, goal))
    size = (width, max(height, 120.0) * u)
    days = (pace.first, max(pace.first, pace.last))
    axes = Axes(look, size, max(pace.needed, done_count, 1), days, today=pace.today, right=wide + GAP * u)
    start, end = (axes.x(0), axes.y(0)), (axes.x(1), axes.y(pace.needed))
    now = (axes.x(axes.share(pace.today)), axes.y(done_count))
    line = [start, *_course(pace, axes, now)] if has_begun else []
    canvas.lines([[*line, (now[0], axes.y(0)), start]] if line else [], "", 0, fill=c.area)
    axes.draw(canvas)
    if pace.needed:
        canvas.lines([[start, end]], c.control, 1.5 * u, dashes=(_DASHES[0] * u, _DASHES[1] * u))
    canvas.lines([line], c.line, 2.5 * u)
    if pace.leads_on:
        canvas.lines([[now, _end(pace, axes)]], c.line, 2 * u, dashes=(_DOTS[0] * u, _DOTS[1] * u))
    if has_begun:
        if now[0] + wide + 10 * u <= axes.x(1):
            _number_beside(canvas, look, axes, now, done_count)
        elif done_count != pace.needed:
            labels.append((done_count, c.text))
        canvas.dot(*now, 4.5 * u, c.line, c.base, 2 * u)
    axes.label(canvas, labels)
    key = Key(canvas, look, width, axes.bottom + 4 * u)
    if has_begun:
        key.line(T("Done"), c.line, 2.5)
    key.line(T("Needed"), c.control, 1.5, _DASHES)
    if pace.leads_on:
        key.line(T("If it goes on like this"), c.line, 2, _DOTS)
    return canvas.drawn(width, key.bottom)


def day_columns(days: Iterable[Day], look: ChartLook, width: float, height: float = 180.0) -> Drawn:
    """The checks of each day as columns, green below, then amber and red; weeks where days have no room.

    Where there is little red, its mark stands above the column.
    `height` is that of the columns and axes, in units that grow with the text; the key comes on top of it.
    """
    canvas, u = Canvas(look), look.unit
    width = max(width, _narrowest(look))
    steps, step = in_steps(days, max(8, int(width / u / 14)))
    if not steps:
        nothing = look.text_of(T("There is no check yet."))
        return canvas.drawn(width, write(canvas, look, nothing, 0, width, look.colours.muted))
    key = Key(canvas, look, width)
    if step > 1:  # a column is a day, unless something else is said
        key.title(step_words(step))
    key.parts(words_of(OF_CHECKS, steps))
    maximum = max(day.total for day in steps)
    span = (steps[0].day, steps[-1].day + timedelta(step - 1))
    axes = Axes(look, (width, max(height, 100.0) * u), maximum, span, above=key.bottom)
    axes.draw(canvas)
    room = (axes.x(1) - axes.x(0)) / len(steps)
    thick = min(room * 0.7, 36 * u)
    for number, day in enumerate(steps):
        x, base = axes.x(0) + number * room + (room - thick) / 2, axes.y(0)
        little_red = False
        for part, count in _counts(day):
            tall, least = axes.y(0) - axes.y(count), (LEAST + 1) * u
            little_red = little_red or (part == "red" and tall < least)
            tall = max(tall, least)
            draw_part(canvas, look, part, x, base - tall, thick, tall - u)
            base -= tall
        if little_red:  # its pattern is hardly seen, but it is never to be overlooked
            _cross(canvas, look, x + (thick - _MARK * u) / 2, base - (_MARK + 2) * u)
    return canvas.drawn(width, axes.bottom)


def _narrowest(look: ChartLook) -> float:
    """The least width of a chart: several languages need more."""
    return _NARROWEST * len(look.languages) * look.unit


# -- bars


def _per_phone(most_phones: int, room: float, unit: float) -> float:
    """The width of one phone, by which the longest bar fits with its spaces and with parts that are next to nothing."""
    return (
        max(room - ((len(PARTS) - 1) * BETWEEN + len(PARTS) * LEAST) * unit, 0.0) / most_phones if most_phones else 0.0
    )


def _shares(bar: Bar, width: float, unit: float) -> dict[Part, float]:
    """The widths of the parts of a bar that ends where `width` ends: what is next to nothing is seen all the same, and
    the others share the rest."""
    counts: dict[Part, int] = {part: count for part in PARTS if (count := getattr(bar, part))}
    room = width - (len(counts) - 1) * BETWEEN * unit
    thin: set[Part] = set()
    while True:
        rest = sum(count for part, count in counts.items() if part not in thin)
        per_phone = (room - len(thin) * LEAST * unit) / rest if rest else 0.0
        thinner = {part for part, count in counts.items() if count * per_phone < LEAST * unit}
        if thinner <= thin:
            return {part: LEAST * unit if part in thin else count * per_phone for part, count in counts.items()}
        thin |= thinner


def _bar(canvas: Canvas, look: ChartLook, bar: Bar, x: float, y: float, height: float, per_phone: float) -> None:
    for part in PARTS:
        if count := getattr(bar, part):
            wide = max(count * per_phone, LEAST * look.unit)
            draw_part(canvas, look, part, x, y, wide, height)
            x += wide + BETWEEN * look.unit


# -- rows of units


class _Row:
    """What stands in the row of one unit."""

    def __init__(self, look: ChartLook, bar: Bar) -> None:
        self.bar = bar
        self.name = look.text_of(bar.name)
        self.red = _red(bar, look)
        self.due = look.number(bar.due)
        self.of = look.text_of(T("of {total}", total=look.number(bar.total)))


def _red(bar: Bar, look: ChartLook) -> str:
    """How many are red, in words; nothing for none."""
    if not bar.red:
        return ""
    return look.text_of(N("{number} red", "{number} red", bar.red, number=look.number(bar.red)))


def _other_units(count: int, rest_sum: Bar, look: ChartLook) -> Text:
    """The sentence on the units that have no row of their own, together."""
    return N(
        "{count} other unit: {due} due of {total}.",
        "{count} other units: {due} due of {total}.",
        count,
        due=look.number(rest_sum.due),
        total=look.number(rest_sum.total),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """The widths of the rows' columns: names, bars, what is red, what is due of how many. `beside`: all in one row."""

    beside: bool
    width: float
    names: float
    room: float
    red: float
    numbers: float

    @classmethod
    def fit(cls, look: ChartLook, width: float, rows: Sequence[_Row]) -> _Columns:
        u = look.unit
        names = min(max((look.width_of(row.name) for row in rows), default=0), 0.34 * width) + GAP * u
        red = max((_red_width(row, look) for row in rows), default=0)
        numbers = max((_of_width(row, look) for row in rows), default=0)
        room = width - names - numbers - GAP * u - (red + GAP * u if red else 0)
        whole = all(len(look.wrapped(row.name, names - GAP * u)) == 1 for row in rows)
        if room >= _BARS * u and (whole or names >= _NAMES * u):
            return cls(True, width, names, room, red, numbers)
        return cls(False, width, width, width, red, numbers)


def _red_width(row: _Row, look: ChartLook) -> float:
    return look.width_of(row.red, size=SMALL, bold=True) + 16 * look.unit if row.red else 0.0


def _of_width(row: _Row, look: ChartLook) -> float:
    return look.width_of(row.due, bold=True) + look.width_of(f" {row.of}")


def _unit(canvas: Canvas, look: ChartLook, row: _Row, columns: _Columns, y: float, per_phone: float) -> float:
    """Draw the row of a unit, from `y` on. Returns where the next one begins."""
    u, c = look.unit, look.colours
    lines = look.wrapped(row.name, columns.names - (GAP * u if columns.beside else 0))
    for number, line in enumerate(lines):
        canvas.text(0, y + (15 + number * LINE) * u, line, c.text)
    below = y + len(lines) * LINE * u
    if columns.beside:
        middle = (y + below) / 2 + u
        _bar(canvas, look, row.bar, columns.names, middle - 6 * u, 12 * u, per_phone)
        right, baseline = columns.width, middle + 5 * u
        canvas.text(right, baseline, row.due, c.text, bold=True, anchor="end", suffix=(row.of, c.muted))
    else:
        _bar(canvas, look, row.bar, 0, below + 3 * u, 12 * u, per_phone)
        below += 34 * u
        right, baseline = _of_width(row, look), below - u
        canvas.text(0, baseline, row.due, c.text, bold=True, suffix=(row.of, c.muted))
    if row.red:
        red_x = right - columns.numbers - GAP * u - columns.red if columns.beside else right + GAP * u
        if red_x + _red_width(row, look) > columns.width:
            red_x, baseline, below = 0.0, baseline + LINE * u, below + LINE * u
        _cross(canvas, look, red_x, baseline - 9 * u)
        canvas.text(red_x + 16 * u, baseline - 0.5 * u, row.red, c.red_text, size=SMALL, bold=True)
    return below + (14 if columns.beside else 16) * u


def _cross(canvas: Canvas, look: ChartLook, x: float, y: float) -> None:
    """Draw the cross that marks red, with its upper left corner there."""
    s = _MARK * look.unit
    canvas.lines([[(x + s / 9, y), (x + s, y + s * 8 / 9)], [(x + s, y), (x + s / 9, y + s * 8 / 9)]],
                 look.colours.red_text, 2 * look.unit)  # fmt: skip


# -- pace and days


def _course(pace: Pace, axes: Axes, now: Point) -> list[Point]:
    """The line of what was done: level over days without any, and no more than one point for each pixel."""
    points: list[Point] = []
    before = 0
    for day, count in pace.course:
        for at, so_far in ((day - timedelta(1), before), (day, count)):
            point = (axes.x(axes.share(at)), axes.y(so_far))
            if not points or point[0] - points[-1][0] >= 1 or so_far == count:
                if points and point[0] - points[-1][0] < 1:
                    points[-1] = point
                else:
                    points.append(point)
        before = count
    return [*points, now]


def _end(pace: Pace, axes: Axes) -> Point:
    """Where the last weeks lead: to the last day, or to the day on which nothing is due any more."""
    days = pace.days_left
    if pace.a_day * days > pace.needed - pace.total:
        days = min(days, math.ceil((pace.needed - pace.total) / pace.a_day))
        return axes.x(axes.share(pace.today + timedelta(days))), axes.y(pace.needed)
    return axes.x(1), axes.y(pace.projected)


def _number_beside(canvas: Canvas, look: ChartLook, axes: Axes, now: Point, done_count: int) -> None:
    """How many are done, right of today's dot: below it, or above where there is no room below."""
    u, words = look.unit, look.number(done_count)
    x, y = now[0] + 8 * u, now[1] + 16 * u
    if y > axes.y(0) - 3 * u:
        y = now[1] - 8 * u
    canvas.rect(x - u, y - 11 * u, look.width_of(words, size=SMALL, bold=True) + 2 * u, 14 * u, look.colours.base)
    canvas.text(x, y, words, look.colours.text, size=SMALL, bold=True)


def _counts(day: Day) -> list[tuple[Part, int]]:
    return [(part, count) for part in OF_CHECKS if (count := getattr(day, part))]


def _key(canvas: Canvas, look: ChartLook, width: float, bars: Sequence[Bar]) -> float:
    """Draw the key of the bars. Returns where it ends."""
    of_bars = Key(canvas, look, width)
    of_bars.parts(words_of(OF_PHONES, bars))
    return of_bars.bottom
