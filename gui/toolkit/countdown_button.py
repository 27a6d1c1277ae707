"""A button that fills while the time runs in which it can be pressed."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QApplication

from gui.toolkit.buttons import Button
from gui.toolkit.images.icons import icon
from gui.toolkit.theme import Status, colours, mark

#: Milliseconds between two steps of the filling.
_STEP: Final = 40
#: Logical pixels of the line at its foot.
_LINE: Final = 4


class CountdownButton(Button):
    """Stops what begins by itself once it is full.

    It stands where the button was that asked for it: the second press of a double click is not for this one.
    """

    def __init__(self) -> None:
        super().__init__()
        mark(self, "countdown")
        self.setIcon(icon("stop"))
        self.setIconSize(QSize(22, 16))
        self._milliseconds = 0
        self._since = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP)
        self._timer.timeout.connect(self.update)

    def start(self, milliseconds: int, share: float = 0.0) -> None:
        """Fill within `milliseconds`, of which `share` (0 to 1) is over already."""
        self._milliseconds = milliseconds
        self._since = time.monotonic() - share * milliseconds / 1_000
        self._timer.start()

    def stop(self) -> None:
        """Fill no further."""
        self._timer.stop()

    @property
    def _elapsed(self) -> float:
        """Milliseconds since it began."""
        return (time.monotonic() - self._since) * 1_000

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._elapsed >= QApplication.doubleClickInterval():
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = colours(QApplication.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(whole, 8, 8)
        painter.setClipPath(shape)
        share = min(self._elapsed / self._milliseconds, 1.0) if self._milliseconds else 1.0
        full = self.width() * share
        painter.fillRect(QRectF(0, 0, full, self.height()), QColor(c.status[Status.RED].back))
        # In high contrast its ground is that of everything: the line at its foot tells how full it is.
        painter.fillRect(QRectF(0, self.height() - _LINE, full, _LINE), QColor(c.status[Status.RED].text))
        painter.end()
        super().paintEvent(event)
