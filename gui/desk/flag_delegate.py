"""The flags of the apps: as everywhere, but that of a banned app that an exception allows is only drawn in outline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from gui.desk.app_rows import STATUS, Kind, Row
from gui.toolkit.icons import pixmap
from gui.toolkit.tables import FlagDelegate, Index
from gui.toolkit.theme import STEP, TextSize, colours, font

#: The model gives the row itself for this role.
ROW_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 2
#: Logical pixels of a pill beside its word.
_BESIDE: Final = 14 + 18 + STEP * 2


class AppFlagDelegate(FlagDelegate):
    """Paints the flags."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strong = font(TextSize.STRONG)
        self._strong_metrics = QFontMetrics(self._strong)

    def width_of(self, words: Iterable[str]) -> int:
        """The room that the longest of these takes as a flag."""
        return max((self._strong_metrics.horizontalAdvance(word) for word in words), default=0) + _BESIDE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row) or row.kind is not Kind.EXCEPTED:
            super().paint(painter, option, index)
            return
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        ink = QColor(colours(option.palette).status[STATUS[row.kind]].text)
        glyph = min(14, option.rect.height() - 8)
        metrics = self._strong_metrics
        room = option.rect.width() - STEP - glyph - 18
        word = metrics.elidedText(str(row.flag), Qt.TextElideMode.ElideRight, max(room, 1))
        pill = QRectF(option.rect).adjusted(3.5, 3.5, 0, -3.5)
        pill.setWidth(min(metrics.horizontalAdvance(word) + glyph + 18, option.rect.width() - STEP))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 1.0, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(pill, 4, 4)
        ratio = painter.device().devicePixelRatioF()
        top = round(pill.top() + (pill.height() - glyph) / 2)
        painter.drawPixmap(round(pill.left()) + 6, top, pixmap("seal", ink, glyph, ratio))
        painter.setFont(self._strong)
        painter.setPen(ink)
        words = pill.adjusted(glyph + 11, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        painter.restore()
