"""What the charts of a round are made of: the parts of bars, their key, and axes of numbers and days.

Green, amber and red are told apart without colour, too: amber is striped, red is crossed, what is due is an outline,
and what waits for a second look has bars across it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal

from core.reports.charts.chart_data import AMBER, DUE, GREEN, RED, RED_OPEN, WAITING, Bar, Day, short_date
from core.reports.charts.svg import SMALL, Anchor, Canvas, ChartColours, ChartLook, Point
from core.text import T, Text

Part = Literal["green", "amber", "red", "waiting", "due"]
PARTS: Final[tuple[Part, ...]] = ("green", "amber", "red", "waiting", "due")
#: What they mean of phones, and of checks.
OF_PHONES: Final[dict[Part, Text]] = {"green": GREEN, "amber": AMBER, "red": RED_OPEN, "waiting": WAITING, "due": DUE}
OF_CHECKS: Final[dict[Part, Text]] = {"green": GREEN, "amber": AMBER, "red": RED, "waiting": WAITING}

#: The colours on paper.
PAPER: Final = ChartColours(
    base="#ffffff",
    text="#1d2129",
    muted="#545c68",
    hair="#d8dce2",
    control="#6a7280",
    green="#4a9c60",
    amber="#b07f0a",
    red="#b3261e",
    red_text="#8c1d18",
    due="#f3f4f6",
    line="#2f6db3",
    area="#e6f0fb",
)

#: In units of a drawing that is not scaled: the least of a part, by which its pattern is seen; the space between parts,
#: between columns, between stripes; a line of text.
LEAST: Final = 3.0
BETWEEN: Final = 3.0
GAP: Final = 12.0
LINE: Final = 18.0
_STRIPES: Final = 5.0
_CROSSES: Final = 8.0
#: Between the bars across what waits for a second look.
_APART: Final = 4.0
#: The side of the sign of a part in a key, and the room between its signs.
_PART: Final = 12.0
_KEY_GAP: Final = 16.0
#: Lines of an axis of numbers, at most.
_TICKS: Final = 5


def words_of(meanings: Mapping[Part, Text], counted: Iterable[Bar | Day]) -> dict[Part, Text]:
    """What the parts of a chart mean, without that of a second look where no phone waits for one."""
    waiting = any(item.waiting for item in counted)
    return {part: words for part, words in meanings.items() if waiting or part != "waiting"}


def draw_part(canvas: Canvas, look: ChartLook, part: Part, x: float, y: float, width: float, height: float) -> None:
    """One part of a bar: filled, striped, crossed or an outline."""
    c, u = look.colours, look.unit
    if part == "due":
        canvas.rect(x, y, width, height, c.due, stroke=c.control)
        return
    if part == "waiting":
        canvas.rect(x, y, width, height, c.due, stroke=c.control)
        bars = max(1, int((height - _APART * u) // (2 * _APART * u)))
        inside = max((height - (bars + 1) * _APART * u) / bars, 2 * u)
        space = (height - bars * inside) / (bars + 1)
        for number in range(bars):
            canvas.rect(x, y + space + number * (inside + space), width, inside, c.control)
        return
    canvas.rect(x, y, width, height, getattr(c, part))
    if part == "green":
        return
    apart = (_CROSSES if part == "red" else _STRIPES) * u
    rising = list(_stripes(x, y, width, height, apart, 0.6 * u))
    falling = [((2 * x + width - a[0], a[1]), (2 * x + width - b[0], b[1])) for a, b in rising]
    canvas.lines(rising + falling if part == "red" else rising, c.base, 1.1 * u)


def _stripes(
    x: float, y: float, width: float, height: float, apart: float, inset: float
) -> Iterator[tuple[Point, Point]]:
    """Rising lines over a rectangle, which stay within it."""
    left_x, right, upper, lower = x + inset, x + width - inset, y + inset, y + height - inset
    at = left_x + upper + apart / 2
    while at < right + lower:
        low, high = max(left_x, at - lower), min(right, at - upper)
        if high > low:
            yield (low, at - low), (high, at - high)
        at += apart


def write(canvas: Canvas, look: ChartLook, words: str, y: float, width: float, colour: str) -> float:
    """Write a text in as many lines as it needs, from `y` on. Returns where it ends."""
    for line in look.wrapped(words, width):
        canvas.text(0, y + 15 * look.unit, line, colour)
        y += LINE * look.unit
    return y


class Key:
    """What the signs of a chart mean, one after another in as many lines as they need."""

    def __init__(self, canvas: Canvas, look: ChartLook, width: float, top: float = 0.0, left: float = 0.0) -> None:
        self._canvas = canvas
        self._look = look
        self._width = width
        self._x = left
        self._y = top

    def title(self, words: Text) -> None:
        """Write a heading over the key."""
        u = self._look.unit
        for line in self._look.wrapped(self._look.text_of(words), self._width, size=SMALL, bold=True):
            self._canvas.text(0, self._y + 13 * u, line, self._look.colours.text, size=SMALL, bold=True)
            self._y += LINE * u

    def parts(self, words: Mapping[Part, Text]) -> None:
        """Add each part of a bar with what it means."""
        u = self._look.unit
        for part, meaning in words.items():
            x, y = self._place(meaning, _PART)
            draw_part(self._canvas, self._look, part, x, y + 3 * u, _PART * u, _PART * u)

    def line(self, words: Text, colour: str, width: float, dashes: tuple[float, float] | None = None) -> None:
        """Add a line of this look with what it means; `width` and `dashes` are in units of an unscaled drawing."""
        u = self._look.unit
        x, y = self._place(words, 24)
        on_and_off = (dashes[0] * u, dashes[1] * u) if dashes else None
        self._canvas.lines([[(x + 2 * u, y + 9 * u), (x + 23 * u, y + 9 * u)]], colour, width * u, dashes=on_and_off)

    @property
    def bottom(self) -> float:
        """Where it ends, with the space below it."""
        return self._y + (LINE + 4) * self._look.unit

    def _place(self, words: Text, sign: float) -> Point:
        """Write the words of a sign that is `sign` wide; where the sign itself belongs."""
        u = self._look.unit
        label = self._look.text_of(words)
        wide = _sign_width(self._look, words, sign)
        if self._x and self._x + wide > self._width + u:
            self._x, self._y = 0.0, self._y + LINE * u
        at = self._x, self._y
        self._canvas.text(self._x + (sign + 6) * u, self._y + 13.5 * u, label, self._look.colours.muted, size=SMALL)
        self._x += wide + _KEY_GAP * u
        return at


def _sign_width(look: ChartLook, words: Text, sign: float) -> float:
    """The width of a sign of a key, `sign` wide, with its words."""
    return (sign + 6) * look.unit + look.width_of(look.text_of(words), size=SMALL)


def key_width(look: ChartLook, words: Mapping[Part, Text]) -> float:
    """The width of a key of these parts of a bar on one line."""
    return sum(_sign_width(look, text, _PART) + _KEY_GAP * look.unit for text in words.values()) - _KEY_GAP * look.unit


def ticks(maximum: int) -> list[int]:
    """Few round numbers from 0 on, the last of which is no more than `maximum`."""
    step = 1
    while maximum / step > _TICKS:
        step = next(10 ** int(math.log10(step)) * n for n in (2, 5, 10, 20) if 10 ** int(math.log10(step)) * n > step)
    return list(range(0, maximum + 1, step))


class Axes:
    """Numbers upwards and days from left to right, with room for their words around."""

    def __init__(
        self,
        look: ChartLook,
        size: tuple[float, float],
        maximum: int,
        days: tuple[date, date],
        *,
        today: date | None = None,
        right: float = 0.0,
        above: float = 0.0,
    ) -> None:
        self._look = look
        self._maximum = maximum
        self._days = days
        self._ticks = ticks(maximum)
        u = look.unit
        width, height = size
        self._width = width
        self._left_x = max(look.width_of(self._look.number(n), size=SMALL) for n in self._ticks) + 8 * u
        self._right = width - max(right, 6 * u)
        self.top = above + 10 * u
        self._dates = self._placed(today)
        rows = 1 + max(row for *_, row in self._dates)
        self.bottom = above + height
        self._zero = self.bottom - (rows * LINE + 6) * u

    def x(self, share: float) -> float:
        """The place of a time: 0 is the beginning of the first day, 1 the end of the last."""
        return self._left_x + share * (self._right - self._left_x)

    def y(self, count: float) -> float:
        """The place of a number."""
        return self._zero - count / self._maximum * (self._zero - self.top)

    def share(self, day: date) -> float:
        """The time of the end of a day, for :meth:`x`."""
        first, last = self._days
        return min(max(((day - first).days + 1) / ((last - first).days + 1), 0.0), 1.0)

    def draw(self, canvas: Canvas) -> None:
        """The lines and words of both axes."""
        c, u = self._look.colours, self._look.unit
        for number in self._ticks:
            y = self.y(number)
            canvas.lines([[(self._left_x, y), (self._right, y)]], c.hair, u)
            canvas.text(self._left_x - 8 * u, y + 4 * u, self._look.number(number), c.muted, size=SMALL, anchor="end")
        for x, words, anchor, bold, row in self._dates:
            colour = c.text if bold else c.muted
            canvas.text(x, self._zero + (18 + row * LINE) * u, words, colour, size=SMALL, bold=bold, anchor=anchor)

    def label(self, canvas: Canvas, labels: Sequence[tuple[int, str]]) -> None:
        """Numbers at the right end of the lines that end there, moved apart where they would touch."""
        u = self._look.unit
        apart = 15 * u
        placed: list[tuple[float, int, str]] = []
        for count, colour in sorted(labels):
            y = self.y(count) + 4 * u
            placed.append((min(y, placed[-1][0] - apart) if placed else y, count, colour))
        sink = max(0.0, self.top + 4 * u - placed[-1][0]) if placed else 0.0
        for y, count, colour in placed:
            x = self._right + 8 * u
            canvas.text(x, y + sink, self._look.number(count), colour, size=SMALL, bold=True)

    def _placed(self, today: date | None) -> list[tuple[float, str, Anchor, bool, int]]:
        """The words of the axis of days: place, words, anchor, whether they are bold, and in which row."""
        first, last = self._days
        years = first.year != last.year

        def day_text(day: date) -> str:
            return self._look.text_of(short_date(day, year=years))

        labels: list[tuple[float, str, Anchor, bool]] = [(self._left_x, day_text(first), "start", False)]
        if last != first:
            half = self._look.width_of(day_text(last), size=SMALL) / 2
            fits = self._right + half <= self._width
            labels.append(
                (self._right, day_text(last), "middle", False) if fits else (self._width, day_text(last), "end", False)
            )
        if today is not None and first <= today <= last:
            words = self._look.text_of(T("today"))
            half = self._look.width_of(words, size=SMALL, bold=True) / 2
            labels.append((min(max(self.x(self.share(today)), half), self._width - half), words, "middle", True))
        placed: list[tuple[float, str, Anchor, bool, int]] = []
        ends: list[list[tuple[float, float]]] = [[] for _ in labels]
        for x, words, anchor, bold in labels:
            wide = self._look.width_of(words, size=SMALL, bold=bold)
            begin = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
            gap = 8 * self._look.unit
            row = next(
                n for n, row in enumerate(ends) if all(begin + wide + gap <= a or b + gap <= begin for a, b in row)
            )
            ends[row].append((begin, begin + wide))
            placed.append((x, words, anchor, bold, row))
        return placed
