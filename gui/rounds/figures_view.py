"""What the pages of a round and of head office's store have in common: a head, numbers in large, charts, and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.reports.charts import chart_data, charts
from core.reports.charts.chart_data import Bar, ChartTable, Day, Pace
from core.text import T, Text
from gui.rounds.cards.card_grid import CardGrid, Head, card
from gui.toolkit.buttons import Button
from gui.toolkit.images.chart import Chart
from gui.toolkit.layouts import Part, ScrollArea, column, row
from gui.toolkit.page import Page
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, font, mark
from gui.toolkit.widgets import ProblemBar, plain_label

#: Units that the chart has a row for; the list behind it has all.
_UNITS: Final = 12
#: The height of the lines and axes of the pace: with its words it is as high as the bars of eight units.
_PACE: Final = 196.0


class FiguresView(Page):
    """The parts of the page. A subclass makes its tiles and cards, and shows what is behind them."""

    def __init__(self, progress: Text, units: Text) -> None:
        """`progress` and `units` are what the charts of all phones and of the units are called."""
        super().__init__()
        self.say = Parts(self)
        self._progress_name, self._units_name = progress, units
        self.problem = ProblemBar()
        self.title = self.say.line("", TextSize.TITLE)
        self.about = self.say.line("", TextSize.BODY, "muted")
        self.practice = plain_label()
        mark(self.practice, "practice")
        self.say(self.practice.setText, T("Practice"))
        self.checked, self.of, self.share = plain_label(), plain_label(), plain_label()
        self.checked.setFont(font(TextSize.DISPLAY))
        self.of.setFont(font(TextSize.STRONG))
        mark(self.share, "muted")
        self.progress, self.units, self.units_key = Chart(), Chart(), Chart()
        self.pace, self.days = Chart(), Chart()
        self.pace_words = self.say.label("", TextSize.BODY, "muted")

    def open_list(self, name: str) -> None:
        """Show the phones that a number counts, or the whole list of a card."""
        raise NotImplementedError

    def show_charts(self, whole: Bar, units: Sequence[Bar], pace: Pace, days: Sequence[Day]) -> None:
        """Show how many phones were checked, of all and of each unit; how that goes on; and the checks of each day."""
        self.progress.show_chart(
            partial(charts.progress_bar, whole), self._progress_name, chart_data.progress_table(whole)
        )
        draw = partial(charts.unit_bars, units, max_bars=_UNITS, with_key=False)
        self.units.show_chart(draw, self._units_name, chart_data.unit_table(units))
        draw_key = partial(charts.key, bars=units, at_right=True)
        self.units_key.show_chart(draw_key, T("What the colours mean"), ChartTable((), (), ()))
        self.pace.show_chart(partial(charts.pace_chart, pace, height=_PACE), T("Pace"), chart_data.pace_table(pace))
        self.days.show_chart(partial(charts.day_columns, days), T("Checks by day"), chart_data.day_table(days))

    def make_grid(self, tiles: Sequence[QWidget], *pairs: tuple[QWidget, QWidget | None]) -> CardGrid:
        """Arrange the numbers, small `tiles` beside them, and the charts with `pairs` of cards between them."""
        whole = card(row(self.checked, self.of, None, self.share, spacing=STEP), self.progress)
        units_head = row(self.say.label(self._units_name, TextSize.HEAD), (self.units_key, 1), spacing=STEP * 2)
        units = card(units_head, STEP // 2, self.units)
        pace = card(self.say.label(T("Pace"), TextSize.HEAD), self.pace_words, self.pace)
        days = card(self.say.label(T("Checks by day"), TextSize.HEAD), self.days)
        self._grid = CardGrid(whole, tiles, ((units, pace), *pairs, (days, None)))
        return self._grid

    def make_content(
        self, buttons: Sequence[QWidget], *below: Part, keys: Mapping[Button, str] = MappingProxyType({})
    ) -> ScrollArea:
        """Put the problem, the title with its `buttons`, and what stands `below` into an area that is scrolled; `keys`
        are what presses some of the buttons."""
        self._head = Head(column(row(self.practice, (self.title, 1)), self.about, spacing=2), buttons, keys)
        inside = QWidget()
        edges = (STEP * 3, STEP * 2 + 4, STEP * 3, STEP * 2)
        column(self.problem, self._head, *below, spacing=STEP * 2, inside=inside, margins=edges)
        area = ScrollArea(inside)
        self.say.name(area, T("Content of this page"))
        return area

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grid.arrange(event.size().width())
