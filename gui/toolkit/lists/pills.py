"""Flags as pills outside of a table's own cells: one, or several with an arrow between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.toolkit.lists.tables import GLYPH, Flag, paint_flag
from gui.toolkit.theme import STEP, Colours, TextSize, colours, font

#: Logical pixels: what is beside the glyph and the word of a pill, and between two pills.
_BESIDE: Final = 17
_ARROW: Final = 20


def pills_width(flags: Sequence[Flag]) -> int:
    """Logical pixels that flags take with the arrows between them."""
    metrics = QFontMetrics(font(TextSize.STRONG))
    words = sum(metrics.horizontalAdvance(flag.word) + GLYPH + _BESIDE for flag in flags)
    return words + _ARROW * (len(flags) - 1)


def paint_pills(painter: QPainter, room: QRectF, c: Colours, flags: Sequence[Flag], muted: QColor) -> None:
    """Paint flags from the left of `room`, with an arrow between them; what has no room is cut at its right."""
    painter.save()
    painter.setClipRect(room)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(TextSize.STRONG))
    x = room.left()
    for number, flag in enumerate(flags):
        if number:
            painter.setPen(muted)
            painter.drawText(QRectF(x, room.top(), _ARROW, room.height()), Qt.AlignmentFlag.AlignCenter, "→")
            x += _ARROW
        pill = QRectF(x, room.top(), pills_width([flag]), room.height()).adjusted(0.5, 0.5, -0.5, -0.5)
        paint_flag(painter, pill, c, flag)
        x = pill.right() + 0.5
    painter.restore()


class Pills(QWidget):
    """Flags as pills, in a widget of their own, which needs an accessible name."""

    def __init__(self) -> None:
        super().__init__()
        self.flags: Sequence[Flag] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_flags(self, flags: Sequence[Flag]) -> None:
        """Show these flags."""
        self.flags = flags
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(pills_width(self.flags) + 1, QFontMetrics(font(TextSize.STRONG)).height() + STEP)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = colours(self.palette())
        paint_pills(QPainter(self), QRectF(self.rect()), c, self.flags, QColor(c.muted))
