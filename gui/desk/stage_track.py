"""The four stages of a visit, with the present one lit: ready, read, settle, hand back."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.model import Verdict
from core.text import T, Text
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.images.icons import pixmap
from gui.toolkit.theme import Status, TextSize, colours, font
from gui.toolkit.translated_text import TranslatedText


class Stage(IntEnum):
    """Where a visit stands."""

    READY = 1
    READ = 2
    SETTLE = 3
    HAND_BACK = 4
    DONE = 5

    @property
    def word(self) -> Text:
        return _WORDS[self]


_WORDS: Final = {
    Stage.READY: T("Ready"),
    Stage.READ: T("Read"),
    Stage.SETTLE: T("Resolve"),
    Stage.HAND_BACK: T("Hand back"),
    Stage.DONE: T("Handed back"),
}
#: Logical pixels: a number's disc, and the line between two stages with the room around it.
_DISC: Final = 20
_LINE: Final = 28
_GAP: Final = 6


def stage_of(view: PhoneView) -> Stage:
    """The stage that a phone is in."""
    if view.is_handed_back:
        return Stage.DONE
    if view.phase is Phase.HANDING_BACK:
        return Stage.HAND_BACK
    if view.changing:
        return Stage.SETTLE
    if view.check is not None:
        return Stage.HAND_BACK if view.settled else Stage.SETTLE
    if view.bans or view.verdict is Verdict.RED:
        return Stage.SETTLE
    return Stage.READ if view.phase in (Phase.OPENING, Phase.READING, Phase.LOOKING) else Stage.READY


class StageTrack(QWidget):
    """Draws the stages; where there is little room, in words: "3 of 4: Settle"."""

    def __init__(self) -> None:
        super().__init__()
        self._say = TranslatedText(self)
        self._stage = Stage.READY
        self._short = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_stage(Stage.READY)

    def show_stage(self, stage: Stage) -> None:
        """Light this stage."""
        self._stage = stage
        self._say(self.setAccessibleName, self._stage_words)
        self.updateGeometry()
        self.update()

    def be_short(self, short: bool) -> None:
        """Say it in words."""
        self._short = short
        self.updateGeometry()
        self.update()

    def _stage_words(self) -> Text:
        if self._stage is Stage.DONE:
            return Stage.DONE.word
        return T("{number} of 4: {stage}", number=int(self._stage), stage=self._stage.word)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:  # other words take more or less room
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        strong = QFontMetrics(font(TextSize.SMALL_STRONG))
        height = max(_DISC, strong.height())
        if self._short:
            return QSize(strong.horizontalAdvance(str(self._stage_words())) + 2, height)
        words = sum(strong.horizontalAdvance(str(stage.word)) for stage in list(Stage)[:4])
        return QSize(words + 4 * (_DISC + _GAP) + 3 * _LINE + 2, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = colours(self.palette())
        strong, small = font(TextSize.SMALL_STRONG), font(TextSize.SMALL)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self._short:
            painter.setFont(strong)
            painter.setPen(QColor(c.text))
            painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, str(self._stage_words()))
            return
        neutral = c.status[Status.NEUTRAL]
        x, height = 0, self.height()
        for stage in list(Stage)[:4]:
            if stage is not Stage.READY:
                painter.setPen(QPen(QColor(neutral.line), 1.5))
                painter.drawLine(x + 8, height // 2, x + _LINE - 8, height // 2)
                x += _LINE
            disc = QRectF(x + 0.75, (height - _DISC) / 2 + 0.75, _DISC - 1.5, _DISC - 1.5)
            now, past = stage is self._stage, stage < self._stage
            painter.setPen(QPen(QColor(c.accent if now else neutral.back if past else neutral.line), 1.5))
            painter.setBrush(QColor(c.accent if now else neutral.back) if now or past else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(disc)
            painter.setFont(strong)
            if past:
                drawn = pixmap("check", QColor(neutral.text), 12, self.devicePixelRatioF())
                painter.drawPixmap(x + 4, (height - 12) // 2, drawn)
            else:
                painter.setPen(QColor(c.accent_text if now else c.muted))
                painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(int(stage)))
            x += _DISC + _GAP
            painter.setFont(strong if now else small)
            painter.setPen(QColor(c.text if now else c.muted))
            width = QFontMetrics(strong).horizontalAdvance(str(stage.word))
            painter.drawText(x, 0, width + 2, height, middle | Qt.AlignmentFlag.AlignLeft, str(stage.word))
            x += width
