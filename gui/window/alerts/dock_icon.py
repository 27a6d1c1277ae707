"""macOS: how far the program is, as a bar at the foot of its icon in the Dock.

What Qt has for the icon in the Dock is `QGuiApplication.setWindowIcon`, which on macOS sets NSApplication's
applicationIconImage. The badge with the number lies at the top of the icon: it leaves the bar free.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPainterPath, QPixmap

from gui.toolkit.images.icons import app_pixmap
from gui.toolkit.theme import LIGHT

#: The sizes that are painted, in pixels: the largest is that of a Dock at its largest on a Retina screen.
SIZES: Final = (32, 128, 256)
_STEPS: Final = 100

#: The bar in parts of the icon's side: how far its ends are from the icon's edges and it from the foot, and its height.
_ASIDE: Final = 38 / 256
_BELOW: Final = 26 / 256
_HEIGHT: Final = 32 / 256
#: Its rim, and as much again of the icon's own ground around that, which parts it from the flag's pole.
_RIM: Final = 5 / 256
_GROUND: Final = "#dfe6ef"
#: The icon is the same on a light and on a dark desktop.
_RIM_COLOUR: Final = LIGHT.accent
_TROUGH: Final = LIGHT.base
_FILLED: Final = LIGHT.focus


class DockIcon:
    """The icon in the Dock, for the one window of the program."""

    def __init__(self) -> None:
        #: The icon without a bar, while there is one.
        self._plain: QIcon | None = None

    def show(self, share: int | None) -> None:
        """Show `share`, in steps of a hundred, or the plain icon again where nothing is under way."""
        if share is not None:
            if self._plain is None:
                self._plain = QGuiApplication.windowIcon()
            QGuiApplication.setWindowIcon(_icon(share))
        elif self._plain is not None:
            QGuiApplication.setWindowIcon(self._plain)
            self._plain = None


def _icon(share: int) -> QIcon:
    drawn_icon = QIcon()
    for size in SIZES:
        drawn_icon.addPixmap(with_bar(size, share))
    return drawn_icon


def with_bar(size: int, share: int) -> QPixmap:
    """The application's icon of `size` pixels with a bar that is filled up to `share`, in steps of a hundred."""
    picture = app_pixmap(size, 1)
    height, rim = max(5, round(size * _HEIGHT)), max(1, round(size * _RIM))
    aside, top = round(size * _ASIDE), size - round(size * _BELOW) - height
    edge = QRectF(aside, top, size - 2 * aside, height)
    inside = edge.adjusted(rim, rim, -rim, -rim)
    filled = QPainterPath()
    filled.addRect(inside.x(), inside.y(), inside.width() * share / _STEPS, inside.height())
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(_pill(edge.adjusted(-rim, -rim, rim, rim)), QColor(_GROUND))
    painter.fillPath(_pill(edge), QColor(_RIM_COLOUR))
    painter.fillPath(_pill(inside), QColor(_TROUGH))
    painter.fillPath(_pill(inside) & filled, QColor(_FILLED))
    painter.end()
    return picture


def _pill(place: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(place, place.height() / 2, place.height() / 2)
    return path
