"""Fanion's own icons: line drawings in `resources/icons`, given their colour from the palette when they are painted.

An icon that a widget has been given follows a change between light and dark by itself, and is sharp on any screen.
Nothing is read or drawn before it is asked for. A name that does not exist is a bug and raises KeyError at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from gui.toolkit.theme import Colours, Status, colours

#: Not through importlib.resources, which a window that is to be seen soon would have to load.
_FOLDER: Final = Path(__file__).resolve().parents[3] / "resources" / "icons"

#: What an icon stands on. Without a kind its ground is the window, a list or a plain button, and it is as dark as text;
#: the others are the looks of `theme.mark` that have a ground or a colour of their own.
Kind = Literal["", "primary", "danger", "nav", "link", "broken"]

#: The sizes that a system asks of an application's icon, in pixels.
APP_SIZES: Final = (16, 20, 24, 32, 48, 64, 128, 256)

#: Below this many pixels the application's icon has a drawing of its own, with fewer and thicker parts.
_SMALL_BELOW: Final = 32


def icon(name: str, kind: Kind = "") -> QIcon:
    """The icon `name`, in the colour of the text that stands beside it, on a ground of `kind`.

    Raises KeyError if there is no such icon or kind.
    """
    return QIcon(_shared(name, kind))


def pixmap(name: str, colour: QColor, size: int, ratio: float) -> QPixmap:
    """The icon `name` in `colour`, for a widget that paints itself. The same drawing is made only once.

    `size` is in logical pixels, `ratio` is how many pixels of the screen make one of them. Raises KeyError.
    """
    drawing = _drawing(name)
    pixels = max(1, round(size * ratio))
    key = f"fanion/{name}/{colour.rgba():08x}/{pixels}/{ratio}"
    picture = QPixmap()
    if not QPixmapCache.find(key, picture):
        picture = QPixmap.fromImage(_tinted(_rendered(drawing, pixels), colour))
        picture.setDevicePixelRatio(ratio)
        QPixmapCache.insert(key, picture)
    return picture


def app_pixmap(size: int, ratio: float) -> QPixmap:
    """The application's icon in one size (logical pixels), for a screen with that many pixels to one of them."""
    drawing = _file("app/fanion-small.svg" if size < _SMALL_BELOW else "app/fanion.svg")
    picture = QPixmap.fromImage(_rendered(drawing, round(size * ratio)))
    picture.setDevicePixelRatio(ratio)
    return picture


def app_icon() -> QIcon:
    """The application's icon, in full colour, at every size that a system asks for."""
    whole = QIcon()
    for size in APP_SIZES:
        whole.addPixmap(app_pixmap(size, 1))
    return whole


class _Engine(QIconEngine):
    """Paints one icon in the colour that the application's palette has at that moment.

    `pixmap` is asked in pixels of the screen: Qt has multiplied by the ratio, and sets it on what it is given.
    """

    def __init__(self, name: str, kind: Kind) -> None:
        super().__init__()
        self._name = name
        self._kind: Kind = kind

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        if side <= 0:
            return
        ratio = painter.device().devicePixelRatio()
        place = QRect(0, 0, side, side)
        place.moveCenter(rect.center())
        place.moveLeft(rect.left())  # one that is wider than high keeps its distance from the text beside it
        painter.drawPixmap(place, pixmap(self._name, _colour(self._kind, mode, state), side, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        # Qt's own would paint on memory that it has not cleared.
        ground = QPixmap(size)
        ground.fill(Qt.GlobalColor.transparent)
        if not ground.isNull():
            painter = QPainter(ground)
            self.paint(painter, ground.rect(), mode, state)
            painter.end()
        return ground

    def clone(self) -> QIconEngine:
        twin = _Engine(self._name, self._kind)
        _clones.append(twin)
        return twin


#: Qt owns what `clone` returns, but PySide does not know that and would delete it with its last reference in Python,
#: under Qt's feet. Qt clones only an icon that a picture is added to, so this stays short.
_clones: Final[list[_Engine]] = []


@cache
def _shared(name: str, kind: Kind) -> QIcon:
    """One engine for each name and kind, alive as long as the program: copies of a QIcon share it."""
    _drawing(name)
    if kind and kind not in _ON_THEIR_OWN:
        raise KeyError(kind)
    return QIcon(_Engine(name, kind))


def _colour(kind: Kind, mode: QIcon.Mode, state: QIcon.State) -> QColor:
    """What the palette says now for an icon on a ground of `kind`."""
    palette = QGuiApplication.palette()
    if kind:
        normal, on, disabled = _ON_THEIR_OWN[kind](colours(palette))
        return QColor(disabled if mode is QIcon.Mode.Disabled else on if state is QIcon.State.On else normal)
    if mode is QIcon.Mode.Disabled:
        return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    picked = mode is QIcon.Mode.Selected or state is QIcon.State.On
    return palette.color(QPalette.ColorRole.HighlightedText if picked else QPalette.ColorRole.Text)


#: For each kind with colours of its own: as it is, pressed in, and disabled. They are those of the style sheet.
_ON_THEIR_OWN: Final[Mapping[str, Callable[[Colours], tuple[str, str, str]]]] = {
    "primary": lambda c: (c.accent_text, c.accent_text, c.muted),
    "danger": lambda c: (c.on_red, c.on_red, c.muted),
    "nav": lambda c: (c.text, c.accent_text, c.control),
    "link": lambda c: (c.focus, c.focus, c.control),
    "broken": lambda c: (c.status[Status.RED].text, c.status[Status.RED].text, c.control),
}


@cache
def _drawing(name: str) -> bytes:
    """The bytes of the drawing of an icon. Raises KeyError for a name that no icon has."""
    if "/" in name:
        raise KeyError(name)
    try:
        return _file(f"{name}.svg")
    except FileNotFoundError as error:
        raise KeyError(name) from error


def _file(path: str) -> bytes:
    return (_FOLDER / path).read_bytes()


def _rendered(drawing: bytes, pixels: int) -> QImage:
    """Draw `drawing` as a square of `pixels`, on nothing."""
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(drawing).render(painter, QRectF(image.rect()))
    painter.end()
    return image


def _tinted(image: QImage, colour: QColor) -> QImage:
    """What is painted in `image`, in `colour`. Qt draws `currentColor` in black; where it is, the colour comes."""
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), colour)
    painter.end()
    return image
