"""Without colours: each status is told apart by the shape of its sign, and each part of a chart by its pattern, on a
screen or a printer that has only greys."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from core.model import Verdict
from core.reports.charts.chart_data import Bar, Day
from core.reports.charts.chart_parts import PAPER, PARTS
from core.reports.charts.charts import day_columns, key
from core.reports.charts.svg import ChartColours, ChartLook, Drawn
from core.text import LANGUAGES
from core.value_names import VERDICTS
from gui.toolkit.images.chart import chart_colours
from gui.toolkit.images.icons import pixmap
from gui.toolkit.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, STATUS_ICONS, Colours

SIZE = 32
ALL = pytest.mark.parametrize("c", [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST], ids=["light", "dark", "hl", "hd"])


def sign(name: str, colour: str) -> list[bool]:
    """Where a sign is inked, whatever its colour."""
    drawn = pixmap(name, QColor(colour), SIZE, 1.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return [drawn.pixelColor(x, y).alpha() > 128 for y in range(SIZE) for x in range(SIZE)]


@ALL
def test_the_signs_differ_in_shape_and_not_only_in_colour(qapp: QApplication, c: Colours) -> None:
    signs = {status: sign(STATUS_ICONS[status], c.status[status].text) for status in STATUS_ICONS}
    for one, other in combinations(signs, 2):
        inked = max(sum(signs[one]), sum(signs[other]))
        differ = sum(a != b for a, b in zip(signs[one], signs[other], strict=True))
        assert differ > inked / 2, f"{one.value} and {other.value} look alike"


GROUNDS = pytest.mark.parametrize(
    "ground",
    [PAPER, *map(chart_colours, (LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST))],
    ids=["paper", "light", "dark", "hl", "hd"],
)


def painted(drawn: Drawn, ground: ChartColours, scale: int = 4) -> QImage:
    image = QImage(round(drawn.width) * scale, round(drawn.height) * scale, QImage.Format.Format_RGB32)
    image.fill(QColor(ground.base))
    painter = QPainter(image)
    QSvgRenderer(drawn.svg).render(painter, QRectF(image.rect()))
    painter.end()
    return image


def pattern(image: QImage, area: QRectF, scale: int = 4) -> list[bool]:
    """Where a square in the middle of an area is nearer to its darkest than to its lightest: no matter which grey."""
    side, middle = round(9 * scale), area.center() * scale
    left, top = round(middle.x()) - side // 2, round(middle.y()) - side // 2
    greys = [image.pixelColor(left + x, top + y).lightness() for y in range(side) for x in range(side)]
    if max(greys) - min(greys) < 40:
        return [False] * len(greys)
    return [grey < (max(greys) + min(greys)) / 2 for grey in greys]


def alike(one: list[bool], other: list[bool]) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=True)) < len(one) / 6


def parts_of(drawn: Drawn) -> list[QRectF]:
    """The rectangles of a drawing, without what lies in the one before."""
    found: list[QRectF] = []
    for one in ET.fromstring(drawn.svg):
        if one.tag.endswith("rect"):
            area = QRectF(*(float(one.attrib[name]) for name in ("x", "y", "width", "height")))
            if not (found and found[-1].adjusted(-1, -1, 1, 1).contains(area)):  # its frame lies inside it
                found.append(area)
    return found


@GROUNDS
def test_the_parts_of_a_chart_differ_in_pattern(qapp: QApplication, ground: ChartColours) -> None:
    look = ChartLook(ground, "Inter", ("en",))
    drawn = key(look, 400, [Bar("", 10, 10, 10, 10, 10)])
    image, areas = painted(drawn, ground), parts_of(drawn)
    assert len(areas) == len(PARTS)
    patterns = dict(zip(PARTS, (pattern(image, area) for area in areas), strict=True))
    for one, other in combinations(PARTS, 2):
        # What is due and what is green are both plain: the one is an outline on the ground, the other filled.
        plain = {one, other} == {"green", "due"}
        assert plain or not alike(patterns[one], patterns[other]), f"{one} and {other} look alike"


@GROUNDS
def test_a_column_of_days_has_the_patterns_of_its_key(qapp: QApplication, ground: ChartColours) -> None:
    drawn = day_columns([Day(date(2026, 11, 24), 10, 10, 10, 10)], ChartLook(ground, "Inter", ("en",)), 400)
    image, areas = painted(drawn, ground), parts_of(drawn)
    assert len(areas) == 8
    in_key, in_column = ([pattern(image, area) for area in half] for half in (areas[:4], areas[4:]))
    for patterns in (in_key, in_column):
        assert not any(alike(one, other) for one, other in combinations(patterns, 2))


@GROUNDS
def test_a_red_that_is_too_small_for_its_pattern_has_its_mark_above_the_column(
    qapp: QApplication, ground: ChartColours
) -> None:
    def marks(*days: Day) -> int:
        drawn = day_columns(days, ChartLook(ground, "Inter", ("en",)), 400)
        return drawn.svg.decode().count(f'stroke="{ground.red_text}"')

    one, other = date(2026, 11, 24), date(2026, 11, 25)
    assert marks(Day(one, 300, 2, 0), Day(other, 300, 0, 0)) == 0
    assert marks(Day(one, 300, 2, 1), Day(other, 300, 0, 0)) == 1
    assert marks(Day(one, 300, 2, 1), Day(other, 300, 0, 1)) == 2
    assert marks(Day(one, 10, 2, 8), Day(other, 10, 0, 8)) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_a_word_of_its_own(language: str) -> None:
    words = {VERDICTS[verdict].in_language(language) for verdict in Verdict}  # type: ignore[arg-type]
    assert len(words) == len(Verdict)
