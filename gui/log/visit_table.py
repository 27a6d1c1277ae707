"""The list of visits: its columns, and the verdicts painted as pills with an arrow between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.text import N, T
from gui.log.record_table import FittedTable
from gui.log.visit_model import FLAGS_ROLE, LINES_ROLE, VisitColumn, VisitRows
from gui.toolkit.lists.pills import paint_pills, pills_width
from gui.toolkit.lists.tables import Flag, Index
from gui.toolkit.theme import STEP, Status, TextSize, colours, font

#: What a column has room for at first.
_SAMPLES: Final = {
    VisitColumn.TIME: "2026-11-24",
    VisitColumn.PHONE: "Samsung Galaxy S22 · 02",
    VisitColumn.DONE: "Removed: We",
    VisitColumn.OFFICER: "A. Tremblay",
}
#: What gives way where there is little room, the first first: each stands in the visit itself as well.
_GIVING: Final = (VisitColumn.OFFICER,)
#: Logical pixels above and below what is in a row.
_AROUND: Final = 5


class _CellDelegate(QStyledItemDelegate):
    """Paints a cell's background as ever, and on it what its `role` gives; a cell that gives nothing, as any other."""

    role: int

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        value = index.data(self.role)
        if not value:
            super().paint(painter, option, index)
            return
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
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
        room = option.rect.adjusted(4, 0, -2, 0)
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


class VisitTable(FittedTable):
    """The visits of a log."""

    def __init__(self, rows: VisitRows) -> None:
        super().__init__(rows, VisitColumn.DONE, _GIVING)
        self.setItemDelegateForColumn(VisitColumn.VERDICT, PillsDelegate(self))
        self.setItemDelegateForColumn(VisitColumn.PHONE, LinesDelegate(self, strong=True))
        self.setItemDelegateForColumn(VisitColumn.TIME, LinesDelegate(self, strong=False))
        text_height = sum(QFontMetrics(font(size)).height() for size in (TextSize.STRONG, TextSize.SMALL))
        self.verticalHeader().setDefaultSectionSize(text_height + 2 * _AROUND)

    def samples(self) -> Mapping[int, Iterable[str]]:
        samples: dict[int, Iterable[str]] = {column: [sample] for column, sample in _SAMPLES.items()}
        return samples | {VisitColumn.VERDICT: [""]}

    def least(self, column: int) -> int:
        if column != VisitColumn.VERDICT:
            return 0
        banned, unseen = str(N("{count} banned", "{count} banned", 2)), str(T("Not all seen"))
        return pills_width([Flag(Status.RED, banned), Flag(Status.AMBER, unseen)]) + STEP
