"""How one row of the list of practice phones is drawn: its title over the sentence about it; or a group's heading."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.simulator.scenario_list import Offer
from core.text import T
from gui.toolkit.lists.tables import Index
from gui.toolkit.theme import STEP, Status, TextSize, colours, font

#: Of an item: the offer that it shows; None for a heading.
OFFER_ROLE: Final = Qt.ItemDataRole.UserRole
#: Of an item: whether it is the phone to begin with.
RECOMMENDED_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_WRAPPED: Final = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
#: Logical pixels between the edges of a row and its words.
_SIDE: Final = STEP + 4
_EDGE: Final = STEP - 1


class PracticeRowPainter(QStyledItemDelegate):
    """Paints one practice phone, or the heading of a group."""

    def __init__(self, parent: QListWidget) -> None:
        super().__init__(parent)
        self._list = parent
        self._title, self._small, self._heading = (
            font(size) for size in (TextSize.STRONG, TextSize.SMALL, TextSize.SMALL_STRONG)
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        offer: Offer | None = index.data(OFFER_ROLE)
        width = self._list.viewport().width()
        if offer is None:
            return QSize(width, QFontMetrics(self._heading).height() + STEP * 2)
        return QSize(width, self._title_height + self._sentence(offer, QRect(0, 0, width, 0)).height() + _EDGE * 2 + 2)

    @property
    def _title_height(self) -> int:
        return QFontMetrics(self._title).height()

    def _sentence(self, offer: Offer, row: QRect) -> QRect:
        """Where the sentence stands in a row (logical pixels)."""
        top = row.top() + _EDGE + self._title_height + 2
        room = QRect(row.left() + _SIDE, top, max(row.width() - _SIDE * 2, 1), 10_000)
        return QFontMetrics(self._small).boundingRect(room, int(_WRAPPED), str(offer.sentence))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Offer | None = index.data(OFFER_ROLE)
        c = colours(option.palette)
        area = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if offer is None:
            painter.setFont(self._heading)
            painter.setPen(QColor(c.muted))
            words = area.adjusted(_SIDE, 0, -_SIDE, -STEP // 2)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, str(index.data()))
            painter.restore()
            return
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(c.focus if focused else c.status[Status.INFO].line), 2.0 if focused else 1.0))
            painter.setBrush(QColor(c.selected))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), STEP, STEP)
        line = QRect(area.left() + _SIDE, area.top() + _EDGE, area.width() - _SIDE * 2, self._title_height)
        if index.data(RECOMMENDED_ROLE):
            line.setWidth(line.width() - self._paint_recommended(painter, line, c.muted) - STEP)
        painter.setFont(self._title)
        painter.setPen(QColor(c.text))
        title = QFontMetrics(self._title).elidedText(str(offer.title), Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(self._small)
        painter.setPen(QColor(c.muted))
        painter.drawText(self._sentence(offer, area).adjusted(0, 0, _SIDE, 0), int(_WRAPPED), str(offer.sentence))
        painter.restore()

    def _paint_recommended(self, painter: QPainter, line: QRect, colour: str) -> int:
        """Paint at the end of a line that this phone is the one to begin with. Returns how wide that is."""
        words = str(T("Start here"))
        painter.setFont(self._small)
        painter.setPen(QColor(colour))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return QFontMetrics(self._small).horizontalAdvance(words)
