"""The program's icon in the forms that systems want, out of the two drawings in ``resources/icons/app``."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWINGS: Final = Path(__file__).resolve().parent.parent / "resources" / "icons" / "app"
#: Pixels up to which the drawing with fewer, thicker lines is used.
SMALL: Final = 32
#: Sizes in pixels: those of a freedesktop.org theme, and of a Windows icon.
THEME: Final = (16, 24, 32, 48, 64, 128, 256, 512)
WINDOWS: Final = (16, 20, 24, 32, 40, 48, 64, 256)


def drawing(size: int) -> Path:
    """The drawing for an icon of `size` pixels."""
    return DRAWINGS / ("fanion-small.svg" if size <= SMALL else "fanion.svg")


def png(size: int) -> bytes:
    """The icon as a PNG file, `size` pixels wide and high. The same bytes each time."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(drawing(size))).render(painter, QRectF(0, 0, size, size))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


def write_ico(path: Path) -> None:
    """A Windows icon with all its sizes, each as PNG (understood since Windows Vista)."""
    pictures = [(size, png(size)) for size in WINDOWS]
    begins = 6 + 16 * len(pictures)
    head = struct.pack("<HHH", 0, 1, len(pictures))
    for size, picture in pictures:
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), begins)
        begins += len(picture)
    path.write_bytes(head + b"".join(picture for _, picture in pictures))
