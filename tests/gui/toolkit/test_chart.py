"""Charts on the screen: QtSvg draws all of them, in every palette, and no text is wider than was reckoned."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core import text
from core.reports.charts.chart_data import Bar, Day, Pace, pace_table, unit_table
from core.reports.charts.chart_parts import PAPER
from core.reports.charts.charts import day_columns, key, pace_chart, progress_bar, unit_bars
from core.reports.charts.svg import SANS, ChartColours, ChartLook, Drawn
from core.text import T
from gui.toolkit.images.chart import Chart, chart_colours
from gui.toolkit.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Colours

PALETTES = pytest.mark.parametrize("c", [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST])
NAME = "Direction générale des politiques stratégiques et de la planification"
UNITS = (Bar(NAME, 38, 3, 4, 51), Bar("Finance", 58, 1, 0, 5), Bar("", 0, 0, 0, 1))
FIRST, TODAY = date(2026, 9, 1), date(2026, 11, 24)
PACE = Pace(tuple((FIRST + timedelta(n), n % 7) for n in range(85)), FIRST, date(2026, 12, 18), 412, TODAY)
DAYS = tuple(Day(FIRST + timedelta(n), n % 7, n % 3, n % 2) for n in range(20))
CHARTS: tuple[Callable[[ChartLook, float], Drawn], ...] = (
    lambda look, width: progress_bar(UNITS[0], look, width),
    key,
    lambda look, width: unit_bars(UNITS, look, width),
    lambda look, width: pace_chart(PACE, look, width),
    lambda look, width: day_columns(DAYS, look, width),
)


def luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def legible(c: ChartColours) -> None:
    for fill in (c.green, c.amber, c.red, c.line, c.control):
        assert contrast(fill, c.base) >= 3, fill
    for words in (c.text, c.muted, c.red_text, c.line):
        assert contrast(words, c.base) >= 4.5, words


@PALETTES
def test_charts_can_be_seen_on_their_ground(c: Colours) -> None:
    legible(chart_colours(c))


def test_charts_can_be_seen_on_paper() -> None:
    legible(PAPER)


@pytest.mark.parametrize("draw", CHARTS)
@PALETTES
def test_qt_draws_each_with_all_of_its_colours(qapp: QApplication, c: Colours, draw: Callable[..., Drawn]) -> None:
    drawn = draw(ChartLook(chart_colours(c), "Inter", ("fr",)), 500.0)
    renderer = QSvgRenderer(drawn.svg)
    assert renderer.isValid()
    assert renderer.defaultSize().width() == 500
    image = QImage(500, round(drawn.height), QImage.Format.Format_RGB32)
    image.fill(QColor(c.raised))
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    filled = {one.attrib["fill"] for one in ET.fromstring(drawn.svg) if one.tag.endswith("rect")}
    painted = {image.pixelColor(x, y).name() for x in range(500) for y in range(image.height())}
    assert filled <= painted


@pytest.mark.parametrize("family", ["Inter", "DejaVu Sans"])
@pytest.mark.parametrize("bold", [False, True])
def test_no_text_is_wider_than_is_estimated_where_no_font_can_be_asked(
    qapp: QApplication, family: str, bold: bool
) -> None:
    chosen = QFont(family)
    chosen.setPixelSize(100)
    chosen.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    metrics = QFontMetricsF(chosen)
    letters = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0x180)]))
    words = ("Illicit trafficking", NAME, "1,234,567", "1er sept.", "MWQ@", "É. Œuvres à l’étranger", *letters)
    for said in words:
        assert metrics.horizontalAdvance(said) <= SANS(said, 100, bold) + 1, said


def test_a_chart_is_told_in_words_and_in_the_language_in_use(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    chart = Chart()
    layout = QVBoxLayout(window)
    layout.addWidget(chart)
    assert chart.heightForWidth(500) == 0
    chart.show_chart(lambda look, width: unit_bars(UNITS, look, width), T("Units"), unit_table(UNITS))
    window.resize(520, 600)
    window.show()
    assert chart.accessibleName() == "Units"
    assert chart.accessibleDescription() == f"Most phones are due in {NAME}: 51 of 96."
    assert chart.grab().toImage().colorCount() == 0
    assert chart.height() == chart.heightForWidth(chart.width()) > 100
    chart.show_chart(lambda look, width: pace_chart(PACE, look, width), T("Unit"), pace_table(PACE))
    text.use("fr")
    QApplication.sendEvent(chart, QEvent(QEvent.Type.LanguageChange))
    assert chart.accessibleName() == "Unité"
    assert "par semaine" in chart.accessibleDescription()
    assert chart.table == pace_table(PACE)
