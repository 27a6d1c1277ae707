"""The list of a log: how wide its columns are, where it scrolls, and what the keys do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSettings, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView

from gui.log.paged_rows import PagedRows
from gui.log.record_model import SHORT, RecordColumn, RecordRows
from gui.toolkit.lists.tables import LEAST_ROWS, FlagDelegate, Table
from gui.toolkit.theme import TextSize, font

#: What a column has room for at first. The summary has what is left, but not less than for this.
_SAMPLES: Final = {
    RecordColumn.NUMBER: "10000",
    RecordColumn.TIME: "2026-11-24 14:32",
    RecordColumn.PHONE: "Samsung Galaxy S22",
    RecordColumn.SUMMARY: "Banned: WeChat (com.te",
    RecordColumn.OFFICER: "A. Tremblay",
}
#: Logical pixels beside the text of a cell.
_BESIDE: Final = 16
#: What gives way where there is little room, the first first: each stands in the record itself as well.
_GIVING: Final = (RecordColumn.OFFICER, RecordColumn.PHONE, RecordColumn.KIND)


class FittedTable(Table):
    """Rows of a log: one is chosen, Home and End are the newest and the oldest, and what is read stays in place.

    `main` is the column that has what room the others leave, and `giving` are those that give way to it. A subclass
    says in :meth:`samples` what each has room for.
    """

    def __init__(self, rows: PagedRows[Any], main: int, giving: Sequence[int]) -> None:
        super().__init__()
        self.rows = rows
        self._main, self._giving = main, giving
        self.have_least(LEAST_ROWS)
        self.setModel(rows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        #: The width that each column was given last, in logical pixels; and whether widths change without an officer.
        self._widths: dict[int, int] = {}
        self._filling = False
        heads = self.horizontalHeader()
        heads.setStretchLastSection(False)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        heads.sectionResized.connect(self._resized)
        rows.modelReset.connect(self.fit)
        self.fit()

    def samples(self) -> Mapping[int, Iterable[str]]:
        """Texts that each column has room for at first, in the language in use; the main one not less than those."""
        raise NotImplementedError

    def least(self, column: int) -> int:
        """Logical pixels that a column has at least beside its samples."""
        return 0

    def fit(self) -> None:
        """Give every column that was not dragged the width that its texts take, in the language in use."""
        body, head = QFontMetrics(font(TextSize.BODY)), QFontMetrics(font(TextSize.STRONG))
        self._filling = True
        for column in range(self.rows.columnCount()):
            self.setColumnHidden(column, False)
        self._filling = False
        for column, texts in self.samples().items():
            title = str(self.rows.headerData(column, Qt.Orientation.Horizontal))
            width = max(head.horizontalAdvance(title), *map(body.horizontalAdvance, texts)) + _BESIDE
            width = max(width, self.least(column))
            # One that does not have the width that it was given last was dragged since.
            if self.columnWidth(column) == self._widths.get(column, self.columnWidth(column)):
                self._widths[column] = width
                self.setColumnWidth(column, width)
        self._fill()

    def restore(self, settings: QSettings, key: str) -> None:
        super().restore(settings, key)
        self._fill()

    def go_to(self, row: int) -> None:
        """Choose a row, and have it in sight; with rows around it where it has to be scrolled into sight."""
        index = self.model().index(row, 0)
        top = self.rowViewportPosition(row)
        self.setCurrentIndex(index)
        if not 0 <= top <= self.viewport().height() - self.rowHeight(row):
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        bar = self.verticalScrollBar()
        above = bar.value()
        super().rowsInserted(parent, start, end)
        if start == 0 and above > 0:
            self.updateGeometries()
            bar.setValue(above + end - start + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self.model().rowCount() - 1
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and last >= 0:
            self.go_to(0 if event.key() == Qt.Key.Key_Home else last)
        else:
            super().keyPressEvent(event)

    def _resized(self, column: int, before: int, now: int) -> None:
        if column != self._main and not self._filling:
            self._fill()

    def _fill(self) -> None:
        """The main column takes what the others leave, and some of them give way to it: a verdict is never cut.

        Where an officer has dragged a column wider than that leaves, one scrolls to the side.
        """
        self._filling = True
        room, least = self.viewport().width(), self._widths.get(self._main, 0)
        columns = range(self.rows.columnCount())
        visible = list(columns)
        for column in self._giving:
            if sum(self._widths.get(column, 0) for column in visible) > room:
                visible.remove(column)
        for column in columns:
            self.setColumnHidden(column, column not in visible)
        used_width = sum(self.columnWidth(column) for column in visible if column != self._main)
        self.setColumnWidth(self._main, max(room - used_width, least))
        self._filling = False


class LogTable(FittedTable):
    """The records of a log."""

    def __init__(self, rows: RecordRows) -> None:
        super().__init__(rows, RecordColumn.SUMMARY, _GIVING)
        self.setItemDelegateForColumn(RecordColumn.SUMMARY, FlagDelegate(self))

    def samples(self) -> Mapping[int, Iterable[str]]:
        longest = str(self.rows.number(0)) if self.rows.rowCount() else ""
        samples: dict[int, Iterable[str]] = {column: [sample] for column, sample in _SAMPLES.items()}
        return samples | {
            RecordColumn.KIND: map(str, SHORT.values()),
            RecordColumn.NUMBER: [_SAMPLES[RecordColumn.NUMBER], longest],
        }
