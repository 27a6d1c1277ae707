"""A strength outside a table, as the table paints it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.toolkit.icons import pixmap
from gui.toolkit.theme import STATUS_ICONS, Status, TextSize, colours, font


class Pill(QWidget):
    """A strength as the table paints it: ground, glyph, word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = Status.NEUTRAL
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_strength(self, status: Status) -> None:
        self._status = status
        self.update()

    def setText(self, word: str) -> None:
        self._word = word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._word

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font(TextSize.STRONG))
        return QSize(metrics.horizontalAdvance(self._word) + 36, metrics.height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        pair = colours(self.palette()).status[self._status]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(pair.line))
        painter.setBrush(QBrush(QColor(pair.back)))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        glyph = pixmap(STATUS_ICONS[self._status], QColor(pair.text), 14, self.devicePixelRatioF())
        painter.drawPixmap(8, (self.height() - 14) // 2, glyph)
        painter.setFont(font(TextSize.STRONG))
        painter.setPen(QColor(pair.text))
        room = self.rect().adjusted(27, 0, -4, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)
