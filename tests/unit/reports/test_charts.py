"""The charts of a round: whatever the numbers and names, all of it is there, in proportion, and nothing is cut."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from core.reports.charts.chart_data import (
    Bar,
    ChartTable,
    Day,
    Pace,
    day_table,
    pace_table,
    pace_words,
    progress_table,
    progress_words,
    summed,
    unit_table,
    worst_first,
)
from core.reports.charts.chart_parts import PAPER, ticks
from core.reports.charts.charts import day_columns, key, pace_chart, progress_bar, unit_bars
from core.reports.charts.svg import SERIF, ChartLook, Drawn
from core.text import LANGUAGES, Language, Text
from tests.examples import examples

SVG: Final = "{http://www.w3.org/2000/svg}"
LONG: Final = "Direction générale des politiques stratégiques et de la planification"
FIRST, LAST, TODAY = date(2026, 9, 1), date(2026, 12, 18), date(2026, 11, 24)
UNITS: Final = (
    Bar("Legal services", 29, 0, 0, 3),
    Bar("Regional office, Québec", 16, 2, 1, 37),
    Bar("Minister’s office", 10, 1, 0, 37),
    Bar("Field operations", 38, 3, 4, 51),
)
#: Up to the last day before today 100 phones, 40 of them in the last four weeks.
PACE: Final = Pace(((FIRST, 60), (TODAY - timedelta(27), 12), (TODAY, 28)), FIRST, LAST, 412, TODAY)

counts = st.integers(0, 100_000)
names = st.one_of(st.just(LONG), st.text(max_size=200))
bars = st.builds(Bar, names, counts, counts, counts, counts)
dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
days = st.builds(Day, dates, counts, counts, counts)
widths = st.floats(100, 1400)
looks = st.builds(
    ChartLook, st.just(PAPER), st.just("DejaVu Sans"), st.sampled_from([("en",), ("fr",), LANGUAGES]), st.floats(14, 28)
)


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    first = draw(dates)
    last = first + timedelta(draw(st.integers(0, 900)))
    done = draw(st.lists(st.tuples(st.integers(-5, 950), st.integers(0, 5_000)), max_size=40))
    today = first + timedelta(draw(st.integers(-30, 950)))
    return Pace(tuple((first + timedelta(n), count) for n, count in done), first, last, draw(counts), today)


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        apart = self.right <= other.left + 0.1 or other.right <= self.left + 0.1
        return not apart and self.top < other.bottom - 0.1 and other.top < self.bottom - 0.1


def look(language: Language = "en", size: float = 14.0) -> ChartLook:
    return ChartLook(PAPER, "DejaVu Sans", (language,), size)


def elements(drawn: Drawn) -> list[ET.Element]:
    root = ET.fromstring(drawn.svg)
    assert root.attrib["viewBox"].startswith("0 0 ")
    return list(root)


def texts(drawn: Drawn) -> list[str]:
    return ["".join(one.itertext()) for one in elements(drawn) if one.tag == f"{SVG}text"]


def box(one: ET.Element, look: ChartLook) -> Box:
    """What an element takes up."""
    given = one.attrib
    if one.tag == f"{SVG}rect":
        x, y = float(given["x"]), float(given["y"])
        return Box(x, y, x + float(given["width"]), y + float(given["height"]))
    if one.tag == f"{SVG}circle":
        x, y, r = float(given["cx"]), float(given["cy"]), float(given["r"])
        return Box(x - r, y - r, x + r, y + r)
    if one.tag == f"{SVG}path":
        numbers = list(map(float, re.findall(r"-?[\d.]+", given["d"])))
        return Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2]))
    assert one.tag == f"{SVG}text"
    size = float(given["font-size"])
    wide = look.measure(one.text or "", size, "font-weight" in given)
    wide += sum(look.measure(then.text or "", size, False) for then in one)
    x = float(given["x"]) - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[given["text-anchor"]]
    return Box(x, float(given["y"]) - 0.75 * size, x + wide, float(given["y"]) + 0.22 * size)


def check(drawn: Drawn, look: ChartLook) -> None:
    """Well formed, nothing outside of it, and no text over another."""
    boxes = [(one.tag, box(one, look)) for one in elements(drawn)]
    for tag, at in boxes:
        inside = min(at.left, at.top, drawn.width - at.right, drawn.height - at.bottom)
        assert inside >= -0.5, (tag, at, drawn[1:])
    written = [at for tag, at in boxes if tag == f"{SVG}text"]
    for one, other in combinations(written[:80], 2):
        assert not one.touches(other), (one, other)


@examples(60)
@given(st.lists(bars, max_size=8), looks, widths)
def test_whatever_the_units_are_nothing_is_cut_and_nothing_overlaps(
    some: list[Bar], look: ChartLook, width: float
) -> None:
    for drawn in (
        unit_bars(some, look, width),
        unit_bars(some, look, width, max_bars=2, with_key=False),
        progress_bar(summed(some), look, width),
        key(look, width),
    ):
        check(drawn, look)


@examples(80)
@given(paces(), looks, widths)
def test_whatever_the_pace_is_nothing_is_cut_and_nothing_overlaps(pace: Pace, look: ChartLook, width: float) -> None:
    drawn = pace_chart(pace, look, width)
    check(drawn, look)
    assert len(drawn.svg) < 100_000
    table = pace_table(pace)
    assert len(table.rows) <= 62
    assert pace.total <= pace.projected <= max(pace.needed, pace.total)


@examples(60)
@given(st.lists(days, max_size=40), looks, widths)
def test_whatever_the_days_are_nothing_is_cut_and_nothing_overlaps(
    some: list[Day], look: ChartLook, width: float
) -> None:
    check(day_columns(some, look, width), look)
    rows = day_table(some).rows
    assert len(rows) <= 60
    in_all = sum(int(str(row[-1])) for row in rows)
    assert in_all == sum(day.total for day in some)


@examples(60)
@given(st.lists(bars, min_size=1, max_size=8), widths)
def test_lengths_are_in_proportion_to_phones(some: list[Bar], width: float) -> None:
    drawn = unit_bars(some, look(), width, with_key=False)
    parts = [one for one in elements(drawn) if one.tag == f"{SVG}rect"]
    expected = [n for bar in worst_first(some) for n in (bar.green, bar.amber, bar.red, bar.due) if n]
    # What is due is drawn with its frame inside, by half its stroke on each side.
    wide = [float(one.attrib["width"]) + ("stroke" in one.attrib) for one in parts]
    assert len(wide) == len(expected)
    scale = max((w / n for w, n in zip(wide, expected, strict=True) if w > 3), default=0)
    for got, count in zip(wide, expected, strict=True):
        assert got == pytest.approx(max(2.0, count * scale), abs=1.0)


def test_the_worst_unit_comes_first_and_each_has_its_numbers() -> None:
    said = texts(unit_bars(UNITS, look(), 800))
    assert said[:4] == ["Green", "Amber", "Red, still open", "Due"]
    assert [word for word in said if word in {bar.label for bar in UNITS}] == [
        "Field operations",
        "Regional office, Québec",
        "Minister’s office",
        "Legal services",
    ]
    for expected in ("51 of 96", "4 red", "1 red"):
        assert expected in said
    french = texts(unit_bars(UNITS, look("fr"), 800))
    for expected in ("Vert", "Rouge, à régler", "À voir", "51 sur 96", "4 rouges"):
        assert expected in french


@pytest.mark.parametrize("size", [14.0, 28.0])
def test_a_long_name_is_broken_and_not_cut(size: float) -> None:
    said = texts(unit_bars([Bar(LONG, due=2)], look(size=size), 683))
    assert LONG in " ".join(said)


@given(st.floats(14, 28))
def test_a_name_that_has_room_is_not_broken(size: float) -> None:
    assert "Unit 69" in texts(unit_bars([Bar("Unit 69", due=2)], look(size=size), 1_000))


def test_units_that_have_no_row_are_told_as_a_number() -> None:
    some = [Bar(f"Unit {n}", green=1, due=n) for n in range(70)]
    said = texts(unit_bars(some, look(), 800))
    assert "Unit 69" in said
    assert "Unit 9" not in said
    assert "10 other units: 45 due of 55." in said
    assert len(unit_table(some).rows) == 70
    many = unit_table([Bar(f"Unit {n}", green=1) for n in range(5_000)])
    assert len(many.rows) == 201
    assert str(many.rows[-1][0]) == "4,800 other units"
    assert many.rows[-1][-1] == 4_800


def test_an_empty_roster_is_said() -> None:
    assert texts(unit_bars([], look(), 500, with_key=False)) == ["The roster names no phone."]
    nothing = Pace((), FIRST, LAST, 0, TODAY)
    assert str(pace_words(nothing)) == "The roster names no phone."
    assert texts(day_columns([], look(), 500)) == ["There is no check yet."]
    check(pace_chart(nothing, look(), 500), look())


def test_green_amber_red_and_due_differ_without_colour() -> None:
    """Green is a plain shape, what is due has a frame, and over amber and red lie other lines."""
    drawn = elements(progress_bar(Bar("", 9, 9, 9, 9), look(), 500))
    shapes = [one for one in drawn if one.tag != f"{SVG}text"]
    tags = ["rect", "rect", "path", "rect", "path", "rect"]
    assert [one.tag.removeprefix(SVG) for one in shapes] == tags
    amber, red = (one.attrib["d"].count("M") for one in shapes if one.tag == f"{SVG}path")
    assert amber != red
    assert "stroke" in shapes[-1].attrib


def test_the_pace_says_what_is_needed_and_where_it_leads() -> None:
    assert (PACE.total, PACE.days_left, PACE.a_day) == (100, 24, pytest.approx(40 / 28))
    assert PACE.projected == 134
    about = " ".join(map(str, pace_table(PACE).about))
    assert about == (
        "10 a week now. 91 a week are needed to end on 18 December 2026. If it goes on as in the last four weeks, "
        "134 of 412 phones will be checked on 18 December 2026."
    )
    said = texts(pace_chart(PACE, look("fr"), 518))
    for expected in ("100", "412", "134", "1er sept.", "aujourd’hui", "18 déc.", "Si le rythme se maintient"):
        assert expected in said


@pytest.mark.parametrize(
    ("today", "done", "words"),
    [
        (FIRST - timedelta(3), 0, "The round begins on 1 September 2026."),
        (FIRST + timedelta(2), 9, "9 so far. 27 a week are needed to end on 18 December 2026."),
        (LAST - timedelta(3), 400, "0 a week now. 12 are still needed until 18 December 2026."),
        (LAST + timedelta(9), 400, "The round ended on 18 December 2026; 12 phones were not checked."),
        (TODAY, 412, "Every phone of the roster was checked."),
    ],
)
def test_the_pace_at_other_times(today: date, done: int, words: str) -> None:
    pace = Pace(((FIRST, done),), FIRST, LAST, 412, today)
    assert str(pace_words(pace)) == words
    drawn = pace_chart(pace, look(), 518)
    check(drawn, look())
    assert ("today" in texts(drawn)) is (FIRST <= today <= LAST)


def test_where_a_young_round_leads_is_not_said_before_a_week_has_passed() -> None:
    young = Pace(((FIRST, 50),), FIRST, LAST, 412, FIRST + timedelta(5))
    assert len(pace_table(young).about) == 1
    assert "If it goes on like this" not in texts(pace_chart(young, look(), 518))
    week = replace(young, today=FIRST + timedelta(6))
    assert "as so far" in str(pace_table(week).about[1])
    assert "If it goes on like this" in texts(pace_chart(week, look(), 518))


def test_a_round_that_is_fast_enough_leads_to_its_end_and_no_further() -> None:
    pace = Pace(((TODAY, 300),), FIRST, LAST, 412, TODAY)
    assert pace.projected == 412


@pytest.mark.parametrize(("most", "expected"), [(1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (412, [0, 100, 200, 300, 400])])
def test_axes_have_few_round_numbers(most: int, expected: list[int]) -> None:
    assert ticks(most) == expected


@given(st.integers(1, 10**9))
def test_there_are_never_many_numbers_at_an_axis(most: int) -> None:
    found = ticks(most)
    assert 2 <= len(found) <= 6
    assert found[-1] <= most


def test_checks_of_days_become_weeks_where_days_have_no_room() -> None:
    some = [Day(FIRST + timedelta(n), green=1) for n in range(100)]
    assert "Checks a week" in texts(day_columns(some, look(), 500))
    assert texts(day_columns(some[:20], look(), 500))[:3] == ["Green", "Amber", "Red"]
    assert str(day_table(some).about[0]) == "Checks a week"


def rows(table: ChartTable, language: Language) -> list[list[str]]:
    def said(value: object) -> str:
        return value.in_language(language) if hasattr(value, "in_language") else str(value)

    return [[said(value) for value in row] for row in (table.head, *table.rows)]


def test_the_tables_say_in_both_languages_what_the_charts_show() -> None:
    all_of_it = summed(UNITS)
    assert str(progress_words(all_of_it)) == (
        "104 of 232 phones checked: 93 green, 6 amber, 5 red and still open; 128 due."
    )
    assert rows(progress_table(all_of_it), "fr")[1:] == [
        ["Vert", "93"],
        ["Jaune", "6"],
        ["Rouge, à régler", "5"],
        ["À voir", "128"],
        ["En tout", "232"],
    ]
    assert rows(unit_table(UNITS), "en")[:2] == [
        ["Unit", "Due", "Red, still open", "Amber", "Green", "Phones"],
        ["Field operations", "51", "4", "3", "38", "96"],
    ]
    assert rows(pace_table(PACE), "en")[1] == ["2026-09-07", "60", "27"]
    assert rows(pace_table(PACE), "en")[-1] == ["2026-11-24", "100", "322"]


def test_no_text_is_wider_on_paper_than_is_estimated(tmp_path: Path) -> None:
    """What the window's fonts measure is asked of Qt, in the tests of the window."""
    letters = [chr(c) for c in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x180))]
    words = [LONG, "1,234,567 / 1 234 567", "1er sept.", "4 red / 4 rouges", *letters]
    template = tmp_path / "widths.typ"
    template.write_text(
        '#set text(size: 100pt, font: ("Libertinus Serif", "DejaVu Sans Mono"))\n'
        "#context for w in json(bytes(sys.inputs.words)) [#metadata((measure(text(w)).width.pt(),"
        " measure(text(weight: 600, w)).width.pt()))<width>]",
        encoding="utf-8",
    )
    found = typst.query(
        template, "<width>", field="value", ignore_system_fonts=True, sys_inputs={"words": json.dumps(words)}
    )
    for said, (regular, bold) in zip(words, json.loads(found), strict=True):
        assert regular <= SERIF(said, 100, False) + 1, said
        assert bold <= SERIF(said, 100, True) + 1, said


HOSTILE: Final = '</text><script>alert("1")</script>&\u202e\x00\ud800\ufffe]]>'


@pytest.mark.parametrize("draw", [lambda bars: unit_bars(bars, look(), 800), lambda bars: unit_bars(bars, look(), 200)])
def test_a_name_stays_a_text(draw: Callable[[list[Bar]], Drawn]) -> None:
    drawn = draw([Bar(HOSTILE, 1), Bar("x" * 100_000, 1)])
    check(drawn, look())
    assert {one.tag.removeprefix(SVG) for one in elements(drawn)} <= {"text", "rect", "path", "circle"}
    assert len(drawn.svg) < 20_000
    assert '</text><script>alert("1")</script>&' in "".join(texts(drawn)).replace(" ", "")


def test_the_words_are_the_catalogues() -> None:
    assert all(isinstance(word, Text) for word in unit_table(UNITS).head)
