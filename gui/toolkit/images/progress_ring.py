"""A ring that fills as something goes on, with what it is of in the middle."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.toolkit.images.app_icon import decode_icon
from gui.toolkit.images.icons import pixmap
from gui.toolkit.theme import Status, TextSize, colours, font

#: How thick the ring is, as a share of its width; a full turn in Qt's sixteenths of a degree.
_THICK: Final = 0.07
_TURN: Final = 360 * 16


class ProgressRing(QWidget):
    """Shows a share, 0 to 1, around an icon. Decoration: what it shows is said in words beside it."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.setFixedSize(size, size)
        self._share: float | None = None
        self._icon = "phone"
        self._status = Status.NEUTRAL

    def show_share(self, share: float | None, icon: str, status: Status = Status.NEUTRAL) -> None:
        """Show a share between 0 and 1 as a ring; None: the icon on a disc in the colour of `status`."""
        if (share, icon, status) != (self._share, self._icon, self._status):
            self._share, self._icon, self._status = share, icon, status
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = colours(self.palette())
        pair = c.status[self._status]
        size = self.width()
        if self._share is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(pair.back))
            painter.drawEllipse(self.rect())
        else:
            thick = size * _THICK
            ring = QRectF(self.rect()).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
            painter.setPen(QPen(QColor(c.status[Status.NEUTRAL].back), thick))
            painter.drawEllipse(ring)
            pen = QPen(QColor(c.accent), thick)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(ring, _TURN // 4, -round(max(min(self._share, 1.0), 0.01) * _TURN))
        icon = round(size * 0.43)
        drawn = pixmap(self._icon, QColor(pair.text), icon, self.devicePixelRatioF())
        painter.drawPixmap((size - icon) // 2, (size - icon) // 2, drawn)


class Tile(QWidget):
    """The letter of an app, where it has no picture; or its picture."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(40, 40)
        self._letter = ""
        self._picture: QImage | None = None

    def show_app(self, name: str, icon: bytes = b"") -> None:
        """Show the app's own picture, where `icon` is one that can be shown; else the first letter of its name."""
        self._letter = next((letter for letter in name if letter.isalnum()), "?").upper()
        self._picture = decode_icon(icon, self.width() * 2) if icon else None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = colours(self.palette())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.tile))
        painter.drawRoundedRect(self.rect(), self.width() / 4, self.width() / 4)
        if self._picture is not None:
            room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
            size = QSizeF(self._picture.size()).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(room.center().x() - size.width() / 2, room.center().y() - size.height() / 2, 0, 0)
            place.setSize(size)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._picture)
            return
        painter.setPen(QColor(c.tile_text))
        painter.setFont(font(TextSize.TITLE))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
