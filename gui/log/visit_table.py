"""The list of visits: the headings of its days, its columns, and the verdicts as pills with an arrow between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.log.record_table import FittedTable
from gui.log.visit_model import FLAGS_ROLE, LINES_ROLE, VisitColumn, VisitRows, flags, phone_cell
from gui.toolkit.lists.pills import paint_pills, pills_width
from gui.toolkit.lists.tables import Flag, Index
from gui.toolkit.theme import STEP, Colours, TextSize, colours, font

#: What a column has room for at first.
_SAMPLES: Final = {VisitColumn.TIME: "30 sep", VisitColumn.DONE: "Removed: We"}
#: What a column takes at most for a text that is in it; of a phone, in strong letters.
_LONGEST: Final = {
    VisitColumn.PHONE: "Samsung Galaxy S22 Ultra · 02LM",
    VisitColumn.HOLDER: "Paul Chartrand",
    VisitColumn.OFFICER: "A. Tremblay",
}
#: Logical pixels beside the text of a cell.
_BESIDE: Final = 12
#: What gives way where there is little room, the first first: each stands in the visit itself as well.
_GIVING: Final = (VisitColumn.OFFICER, VisitColumn.HOLDER)
#: Logical pixels of a row, of the heading of a day above one, and before the text of a cell.
_ROW: Final = 40
_HEADING: Final = 32
_INDENT: Final = 4


class _CellDelegate(QStyledItemDelegate):
    """Paints a cell's background as ever, and on it what its `role` gives; a cell that gives nothing, as any other.
    The heading of a day above a row is not part of its cells."""

    role: int = -1

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = option.widget
        if isinstance(table, VisitTable):
            option.rect.setTop(option.rect.top() + table.heading_height(index.row()))
        value = index.data(self.role) if self.role >= 0 else None
        if not value:
            super().paint(painter, option, index)
            return
        table.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, table)
        self.paint_value(painter, option, value, chosen=bool(option.state & QStyle.StateFlag.State_Selected))

    def paint_value(self, painter: QPainter, option: QStyleOptionViewItem, value: Any, *, chosen: bool) -> None:
        """Paint what the role gives; `chosen`: on the colour of the chosen row."""
        raise NotImplementedError


class PillsDelegate(_CellDelegate):
    """Paints how a phone came and how it went."""

    role = FLAGS_ROLE

    def paint_value(
        self, painter: QPainter, option: QStyleOptionViewItem, flags: Sequence[Flag], *, chosen: bool
    ) -> None:
        c = colours(option.palette)
        height = QFontMetrics(font(TextSize.STRONG)).height() + STEP
        room = QRectF(option.rect).adjusted(4, 0, -2, 0)
        room.setTop(room.top() + (room.height() - height) / 2)
        room.setHeight(height)
        paint_pills(painter, room, c, flags, QColor(c.selected_text if chosen else c.muted))


class LinesDelegate(_CellDelegate):
    """Paints two lines: the upper one as a title where `strong`, the lower one small. A single one is in the middle."""

    role = LINES_ROLE

    def __init__(self, parent: QWidget, *, strong: bool) -> None:
        super().__init__(parent)
        self._upper = font(TextSize.STRONG if strong else TextSize.BODY)
        self._lower = font(TextSize.SMALL)

    def paint_value(
        self, painter: QPainter, option: QStyleOptionViewItem, texts: tuple[str, str], *, chosen: bool
    ) -> None:
        c = colours(option.palette)
        room = option.rect.adjusted(_INDENT, 0, -2, 0)
        inks = (c.selected_text, c.selected_text) if chosen else (c.text, c.muted)
        lines = [line for line in zip(texts, (self._upper, self._lower), inks, strict=True) if line[0]]
        heights = [QFontMetrics(letters).height() for _, letters, _ in lines]
        top = room.top() + (room.height() - sum(heights)) // 2
        painter.save()
        for (line, letters, ink), height in zip(lines, heights, strict=True):
            metrics = QFontMetrics(letters)
            painter.setFont(letters)
            painter.setPen(QColor(ink))
            painter.drawText(room.left(), top + metrics.ascent(), shortened(line, metrics, room.width()))
            top += height
        painter.restore()


def shortened(line: str, metrics: QFontMetrics, width: int) -> str:
    """`line` as far as there is room. What stands behind its last dot stays: it tells phones of one model apart."""
    start, dot, end = line.rpartition(" · ")
    room = width - metrics.horizontalAdvance(dot + end)
    if not dot or room < width // 2:
        return metrics.elidedText(line, Qt.TextElideMode.ElideRight, width)
    return metrics.elidedText(start, Qt.TextElideMode.ElideRight, room) + dot + end


class _TimeDelegate(LinesDelegate):
    """Paints the time; in the uppermost row, below it the day, as the heading of that may be out of sight."""

    def paint_value(
        self, painter: QPainter, option: QStyleOptionViewItem, texts: tuple[str, str], *, chosen: bool
    ) -> None:
        table, time = option.widget, texts[0]
        needs_day = isinstance(table, VisitTable) and table.is_without_heading(option.rect.top())
        super().paint_value(painter, option, texts if needs_day else (time, ""), chosen=chosen)


class VisitTable(FittedTable):
    """The visits of a log, with a heading above the first one of each day."""

    #: Logical pixels that the cells of a column take, of the visits of this log that were read so far.
    _taken: Mapping[int, int] = {}

    def __init__(self, rows: VisitRows) -> None:
        super().__init__(rows, VisitColumn.DONE, _GIVING)
        self._rows = rows
        #: The rows that have room for a heading.
        self._headed: set[int] = set()
        self.setItemDelegate(_CellDelegate(self))
        self.setItemDelegateForColumn(VisitColumn.VERDICT, PillsDelegate(self))
        self.setItemDelegateForColumn(VisitColumn.PHONE, LinesDelegate(self, strong=True))
        self.setItemDelegateForColumn(VisitColumn.TIME, _TimeDelegate(self, strong=False))
        text_height = sum(QFontMetrics(font(size)).height() for size in (TextSize.BODY, TextSize.SMALL))
        self.verticalHeader().setDefaultSectionSize(max(text_height + 2, _ROW))
        rows.modelReset.connect(self._lose_headings)
        rows.dataChanged.connect(self._grow)
        rows.rowsInserted.connect(self._move_headings)

    # The headings of days

    def heading_height(self, row: int) -> int:
        """Logical pixels of the heading of a day above a row; 0 where it has none."""
        return _HEADING if row in self._headed else 0

    def is_without_heading(self, top: int) -> bool:
        """Whether the row of which the cells begin at `top` is the uppermost one, and does not begin its day."""
        row = self.rowAt(0)
        return top <= 0 and row >= 0 and row not in self._headed

    def _grow(self) -> None:
        """Have room for what is in the columns: it has been read by now, and is not lost when a row is out of sight."""
        taken = dict(self._taken)
        strong, body = QFontMetrics(font(TextSize.STRONG)), QFontMetrics(font(TextSize.BODY))
        for visit in self._rows.lately():
            cells = (
                (VisitColumn.PHONE, strong, phone_cell(visit)),
                (VisitColumn.HOLDER, body, visit.holder_or_tag),
                (VisitColumn.OFFICER, body, ", ".join(visit.officers)),
            )
            widths = {VisitColumn.VERDICT: pills_width(flags(visit)) + STEP}
            for column, letters, text in cells:
                widths[column] = min(map(letters.horizontalAdvance, (text, _LONGEST[column]))) + _BESIDE
            taken |= {column: max(width, taken.get(column, 0)) for column, width in widths.items()}
        if taken != self._taken:
            self._taken = taken
            self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._taken = {}  # other words are longer or shorter
            self._grow()

    def _lose_headings(self) -> None:
        self._headed = set()  # the rows are new ones, all of the same height
        if not self._rows.rowCount():  # another log comes
            self._taken = {}
        self._place_headings()

    def _move_headings(self, parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._headed = {row + count if row >= first else row for row in self._headed}
        self._place_headings()

    def _place_headings(self) -> None:
        """Have room for a heading above each row that begins a day, and above no other."""
        wanted, heads = set(self._rows.groups), self.verticalHeader()
        low = heads.defaultSectionSize()
        heads.setUpdatesEnabled(False)  # or each change would have the places of all rows counted anew
        for row in self._headed - wanted:
            heads.resizeSection(row, low)
        for row in wanted - self._headed:
            heads.resizeSection(row, low + _HEADING)
        heads.setUpdatesEnabled(True)
        self._headed = wanted
        self.viewport().update()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The cell at a point; none where a heading is."""
        index = super().indexAt(point)
        row = index.row()
        return QModelIndex() if index.isValid() and self._is_in_heading(point.y(), row) else index

    def _is_in_heading(self, y: int, row: int) -> bool:
        return y < self.rowViewportPosition(row) + self.heading_height(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        c, width = colours(self.palette()), self.viewport().width()
        row, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        while 0 <= row <= (last if last >= 0 else self.rows.rowCount() - 1):
            top = self.rowViewportPosition(row)
            painter.fillRect(0, top + self.rowHeight(row) - 1, width, 1, QColor(c.hair))
            if (group := self._rows.groups.get(row)) is not None:
                self._paint_heading(painter, QRect(0, top, width, _HEADING), c, str(group.words))
            row += 1

    def _paint_heading(self, painter: QPainter, room: QRect, c: Colours, words: str) -> None:
        painter.fillRect(room, QColor(c.window))
        painter.fillRect(room.left(), room.bottom(), room.width(), 1, QColor(c.hair))
        painter.setFont(font(TextSize.SMALL_STRONG))
        painter.setPen(QColor(c.muted))
        painter.drawText(room.adjusted(_INDENT, 0, -_INDENT, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def samples(self) -> Mapping[int, Iterable[str]]:
        samples: dict[int, Iterable[str]] = {column: [sample] for column, sample in _SAMPLES.items()}
        return samples | {column: [""] for column in (*_LONGEST, VisitColumn.VERDICT)}

    def least(self, column: int) -> int:
        return self._taken.get(column, 0)
