"""A chart of :mod:`core.reports.charts.charts` on the screen, in the colours, the font and the language in use."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from core import text
from core.reports.charts.chart_data import ChartTable
from core.reports.charts.svg import ChartColours, ChartLook, Drawn
from core.text import Text
from gui.toolkit.theme import Colours, Status, colours

#: What draws a chart, by how it is to look and how wide it may be.
Draw = Callable[[ChartLook, float], Drawn]

#: The fills of green, amber and red, at least 3:1 on a card's ground: in light, in dark.
_LIGHT: Final = ("#4a9c60", "#b07f0a", "#c0392f")
_DARK: Final = ("#4f9f62", "#c9a227", "#e5645a")
#: Pixels at which a width is measured, and by which it is then scaled.
_MEASURED: Final = 100


def chart_colours(c: Colours) -> ChartColours:
    """The colours of a chart on a card of this palette; in high contrast those of texts."""
    status = c.status
    text_colours = (status[Status.GREEN].text, status[Status.AMBER].text, status[Status.RED].text)
    contrast = status[Status.RED].back in (c.raised, c.window)
    green, amber, red = text_colours if contrast else _DARK if c.dark else _LIGHT
    return ChartColours(
        base=c.raised,
        text=c.text,
        muted=c.muted,
        hair=c.hair,
        control=c.control,
        green=green,
        amber=amber,
        red=red,
        red_text=status[Status.RED].text,
        due=status[Status.NEUTRAL].back,
        line=c.focus,
        area=status[Status.INFO].soft,
    )


class Chart(QWidget):
    """One chart, as wide as there is room and as high as it needs; told in words for those who have it read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self._draw: Draw | None = None
        self._name: Text | None = None
        #: The numbers that it shows.
        self.table = ChartTable((), (), ())
        self._drawn: tuple[tuple[object, ...], Drawn, QSvgRenderer] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_chart(self, draw: Draw, name: Text, table: ChartTable) -> None:
        """Show what `draw` draws. `name` is what it is called when it is read aloud, `table` what it says."""
        self._draw, self._name, self.table = draw, name, table
        self._drawn = None
        self._say()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, self.heightForWidth(480))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 20)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        drawn = self._at(width)
        return round(drawn[0].height * min(1.0, width / drawn[0].width)) if drawn is not None else 0

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self._say()
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        drawn = self._at(self.width())
        if drawn is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(1.0, self.width() / drawn[0].width)
        drawn[1].render(painter, QRectF(0, 0, drawn[0].width * scale, drawn[0].height * scale))

    def _at(self, width: int) -> tuple[Drawn, QSvgRenderer] | None:
        """The chart for this width; drawn again only where something changed."""
        if self._draw is None:
            return None
        family, size = QApplication.font().families()[0], float(QFontInfo(self.font()).pixelSize())
        appearance = (width, family, size, text.language(), chart_colours(colours(self.palette())))
        if self._drawn is None or self._drawn[0] != appearance:
            look = ChartLook(appearance[-1], family, (appearance[3],), size, _width_of(family))
            drawn = self._draw(look, float(width))
            self._drawn = appearance, drawn, QSvgRenderer(drawn.svg)
        return self._drawn[1:]

    def _say(self) -> None:
        self.setAccessibleName(str(self._name) if self._name is not None else "")
        self.setAccessibleDescription(" ".join(map(str, self.table.about)))


@lru_cache(maxsize=8)
def _width_of(family: str) -> Callable[[str, float, bool], float]:
    """Make the function that measures texts in a font: of the words, a size in pixels, and whether they are bold."""
    metrics = {}
    for bold in (False, True):
        chosen = QFont(family)
        chosen.setPixelSize(_MEASURED)
        chosen.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        metrics[bold] = QFontMetricsF(chosen)
    return lambda words, size, bold: metrics[bold].horizontalAdvance(words) * size / _MEASURED
