"""How one row of the list of phones is drawn: slot, name, model; at the right the verdict over what is next."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core import value_names
from core.text import T, Text
from gui.desk.phone_list.phone_list_model import ROW_ROLE, SESSION_ROLE
from gui.desk.phone_text import ending, title
from gui.desk.queue import Group, QueueRow
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.focus_marks import is_marked
from gui.toolkit.images.icons import pixmap
from gui.toolkit.lists.tables import Index
from gui.toolkit.theme import STEP, Colours, Status, TextSize, colours, font

#: Logical pixels: a phone's slot, the width below which a row has only that, and how far a row's parts stand apart.
_SLOT: Final = 28
_NARROW: Final = 140
_GAP: Final = 12
#: The least height of a row, and that where the rows would need more room than there is.
_LEAST: Final = 45
_DENSE: Final = 41


class PhoneRowPainter(QStyledItemDelegate):
    """Paints one phone, or the heading of a group."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fonts: dict[TextSize, tuple[Any, QFontMetrics]] = {}
        #: The rows stand close together.
        self.dense = False

    def _font(self, size: TextSize) -> tuple[Any, QFontMetrics]:
        if size not in self._fonts:
            drawn_font = font(size)
            self._fonts[size] = drawn_font, QFontMetrics(drawn_font)
        return self._fonts[size]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if index.data(SESSION_ROLE) is None:
            return QSize(0, 0 if _is_narrow(option) else self.heading_height)
        return QSize(_SLOT, self.row_height(dense=self.dense))

    @property
    def heading_height(self) -> int:
        """How high the heading of a group is, in logical pixels."""
        return self._font(TextSize.SMALL)[1].height() + STEP + 4

    def row_height(self, *, dense: bool) -> int:
        """How high a phone's row is, in logical pixels."""
        words = self._font(TextSize.STRONG)[1].height() + self._font(TextSize.SMALL)[1].height()
        return max(words + 6, _DENSE) if dense else max(words + STEP + 4, _LEAST)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        session: PhoneSession | None = index.data(SESSION_ROLE)
        c = colours(option.palette)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if session is None:
            self._paint_heading(painter, option, str(index.data()), c)
        else:
            self._paint_phone(painter, option, session, index.data(ROW_ROLE), c)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, words: str, c: Colours) -> None:
        if _is_narrow(option):
            return
        painter.setFont(self._font(TextSize.SMALL_STRONG)[0])
        painter.setPen(QColor(c.muted))
        area = option.rect.adjusted(STEP, 0, -STEP, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_phone(
        self, painter: QPainter, option: QStyleOptionViewItem, session: PhoneSession, row: QueueRow, c: Colours
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus) and is_marked(option.widget)
        area = option.rect
        if chosen or focused:
            painter.setPen(QPen(QColor(c.focus if focused else c.status[Status.INFO].line), 2.0 if focused else 1.0))
            painter.setBrush(QColor(c.selected) if chosen else Qt.BrushStyle.NoBrush)
            inset = 1.0 if focused else 0.5
            painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), 8, 8)
        if _is_narrow(option):
            self._paint_pill(painter, area, session, row, c)
            return
        slot = QRect(area.left() + STEP, area.center().y() - _SLOT // 2 + 1, _SLOT, _SLOT)
        self._paint_slot(painter, slot, session, row, c, chosen=chosen)
        start, right = slot.right() + _GAP + 1, area.right() - STEP
        width = self._paint_next(painter, area, right, row, c)
        self._paint_name(painter, area, start, right - width - STEP, session, row, c)

    def _paint_slot(
        self, painter: QPainter, slot: QRect, session: PhoneSession, row: QueueRow, c: Colours, *, chosen: bool
    ) -> None:
        pair = c.status[row.status]
        painter.setPen(Qt.PenStyle.NoPen)
        neutral = row.status is Status.NEUTRAL
        painter.setBrush(QColor(c.base if chosen and neutral else pair.back))
        painter.drawRoundedRect(slot, 8, 8)
        bar = row.share is not None
        painter.setFont(self._font(TextSize.SMALL if bar else TextSize.STRONG)[0])
        painter.setPen(QColor(pair.text))
        words = slot.adjusted(0, 0, 0, -STEP + 1) if bar else slot
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, str(session.slot))
        if row.share is not None:
            track = QRectF(slot.left() + 4, slot.bottom() - 6, slot.width() - 8, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(pair.line))
            painter.drawRoundedRect(track, 1.5, 1.5)
            painter.setBrush(QColor(c.accent))
            track.setWidth(max(track.width() * min(row.share, 1.0), 3.0))
            painter.drawRoundedRect(track, 1.5, 1.5)

    def _paint_pill(self, painter: QPainter, area: QRect, session: PhoneSession, row: QueueRow, c: Colours) -> None:
        """Where there is no room for words: the slot's number and the glyph."""
        pair = c.status[row.status]
        pill = QRect(0, 0, min(area.width() - STEP, 48), _SLOT)
        pill.moveCenter(area.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(pair.back))
        painter.drawRoundedRect(pill, 8, 8)
        painter.setFont(self._font(TextSize.STRONG)[0])
        painter.setPen(QColor(pair.text))
        painter.drawText(
            pill.adjusted(4, 0, -22, 0), Qt.AlignmentFlag.AlignCenter | Qt.AlignmentFlag.AlignVCenter, str(session.slot)
        )
        _draw(painter, pill.right() - 18, pill.center().y() - 5, row.glyph, pair.text, 12)

    def _paint_next(self, painter: QPainter, area: QRect, right: int, row: QueueRow, c: Colours) -> int:
        """The verdict's word over what is to be done next, at the right. Returns how wide that is."""
        word_font, word_metrics = self._font(TextSize.BODY if row.group is Group.HAND_BACK else TextSize.STRONG)
        small_font, small_metrics = self._font(TextSize.SMALL)
        limit = area.width() * 11 // 20
        word = word_metrics.elidedText(str(row.word), Qt.TextElideMode.ElideRight, limit - 18)
        act = small_metrics.elidedText(str(row.act), Qt.TextElideMode.ElideRight, limit)
        width = word_metrics.horizontalAdvance(word)
        top = area.top() + (area.height() - word_metrics.height() - small_metrics.height()) // 2
        colour = c.status[row.status].text if row.status is not Status.NEUTRAL else c.status[Status.NEUTRAL].text
        painter.setFont(word_font)
        painter.setPen(QColor(colour))
        painter.drawText(right - width, top + word_metrics.ascent(), word)
        middle = top + word_metrics.height() // 2
        _draw(painter, right - width - 18, middle - 6, row.glyph, colour, 12)
        painter.setFont(small_font)
        painter.setPen(QColor(c.muted))
        act_width = small_metrics.horizontalAdvance(act)
        painter.drawText(right - act_width, top + word_metrics.height() + small_metrics.ascent(), act)
        return max(width + 18, act_width)

    def _paint_name(
        self, painter: QPainter, area: QRect, start: int, right: int, session: PhoneSession, row: QueueRow, c: Colours
    ) -> None:
        name_font, name_metrics = self._font(TextSize.STRONG)
        small_font, small_metrics = self._font(TextSize.SMALL)
        top = area.top() + (area.height() - name_metrics.height() - small_metrics.height()) // 2
        if session.practice:
            _draw(painter, start, top + name_metrics.height() // 2 - 7, "practice", c.status[Status.INFO].text, 14)
        indent = 18 if session.practice else 0
        painter.setFont(name_font)
        painter.setPen(QColor(c.muted if session.absent else c.text))
        name = name_metrics.elidedText(str(title(session)), Qt.TextElideMode.ElideRight, right - start - indent)
        painter.drawText(start + indent, top + name_metrics.ascent(), name)
        painter.setFont(small_font)
        painter.setPen(QColor(c.muted))
        # Where there is little room the model is cut: the serial number tells phones of one model apart.
        end = str(ending(session))
        room = right - start - small_metrics.horizontalAdvance(end)
        model = small_metrics.elidedText(str(_below(session)), Qt.TextElideMode.ElideRight, room)
        painter.drawText(start, top + name_metrics.height() + small_metrics.ascent(), model + end)


def _below(session: PhoneSession) -> Text | str:
    """What stands under the name of a phone: its model, unless that is its name; then its system."""
    if title(session) != session.name:
        return session.name
    system = value_names.system(session.phone) if session.phone is not None else ""
    return system or T("model not read yet")


def _is_narrow(option: QStyleOptionViewItem) -> bool:
    return option.rect.width() < _NARROW


def _draw(painter: QPainter, x: int, top: int, name: str, colour: str, size: int = 16) -> None:
    """Draw the icon `name`."""
    painter.drawPixmap(x, top, pixmap(name, QColor(colour), size, painter.device().devicePixelRatioF()))
