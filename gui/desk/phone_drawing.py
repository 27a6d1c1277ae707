"""A drawing of a phone, in the colours of the palette, with the phone's own words in the language in use."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from core import drawings, text
from core.drawings import WordPlace
from core.guides import Guide
from gui.toolkit.theme import Colours, Status, colours

_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
#: Words that are too long for their place become smaller, down to this share, before they are elided.
_SMALLEST = 0.8


class PhoneDrawing(QWidget):
    """One of the drawings in ``resources/drawings``; one with words needs a guide.

    It is as wide as there is room, up to its own size.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, scale: float = 1.0) -> None:
        super().__init__(parent)
        self._name = name
        self._scale = scale
        self._guide: Guide | None = None
        self._fingerprint = ("", "")
        self._size = QSize(round(256 * scale), round(200 * scale))
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_guide(self, guide: Guide, fingerprint: str = "", name: str = "") -> None:
        """Show it in the words of a maker's phones, with a fingerprint where the drawing has one."""
        self._name = name or self._name
        self._guide = guide
        self._fingerprint = drawings.halves(fingerprint) if fingerprint else ("", "")
        drawn = self._drawing
        self._size = QSize(round(drawn.width * self._scale), round(drawn.height * self._scale))
        self.setAccessibleName("; ".join(filter(None, self.words())))
        self.updateGeometry()
        self.update()

    def words(self) -> list[str]:
        """What stands in it."""
        return [place.words(self._guide_word, self._fingerprint) for place in self._drawing.places]

    @property
    def _drawing(self) -> drawings.Drawing:
        return drawings.drawing(self._name, frozenset(self._guide.words if self._guide is not None else ()))

    def _guide_word(self, word: str) -> str:
        return self._guide.word_text(word, text.language()) if self._guide is not None else ""

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size * 0.8

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(min(width, self._size.width()) * self._size.height() / self._size.width())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.setAccessibleName("; ".join(filter(None, self.words())))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        drawn = self._drawing
        palette = colours(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(self.width() / drawn.width, self.height() / drawn.height)
        painter.translate((self.width() - drawn.width * scale) / 2, 0)
        painter.scale(scale, scale)
        QSvgRenderer(drawn.coloured(_drawing_colours(palette))).render(painter, QRectF(0, 0, drawn.width, drawn.height))
        for place in drawn.places:
            self._write(painter, place, place.words(self._guide_word, self._fingerprint), palette)
        painter.end()

    def _write(self, painter: QPainter, place: WordPlace, words: str, palette: Colours) -> None:
        room = QRectF(place.x, place.y, place.width, place.height)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if place.mono else QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if place.bold else QFont.Weight.Normal)
        size = place.size
        font.setPixelSize(max(1, round(size)))
        flags = _ALIGNMENTS[place.align] | Qt.AlignmentFlag.AlignVCenter
        if place.lines > 1:
            flags |= Qt.TextFlag.TextWordWrap
        else:
            wide = QFontMetricsF(font).horizontalAdvance(words)
            if wide > place.width:
                font.setPixelSize(max(1, int(size * max(place.width / wide, _SMALLEST))))
                words = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, place.width)
        painter.setFont(font)
        tones = {"text": palette.text, "muted": palette.muted, "base": palette.base}
        painter.setPen(QColor(tones[place.tone]))
        painter.drawText(room, int(flags), words)


def _drawing_colours(palette: Colours) -> dict[str, str]:
    """The colours that drawings may name."""
    lit = palette.status[Status.INFO].back
    colours = palette._asdict()
    return {name: lit if name == "lit" else colours[name] for name in drawings.COLOURS}
