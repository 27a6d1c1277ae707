"""How a button is drawn that shows the name of its key after its text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QPushButton, QStyle, QStyleOptionButton, QStylePainter

from gui.toolkit.theme import STEP, TextSize, colours, font


def paint_with_key(button: QPushButton, key: str, key_size: QSize, ink: str) -> None:
    """Paint `button` with the name of its key in a frame, for which there is `key_size`.

    `ink` is what is written with on a filled button, empty for another.
    """
    option = QStyleOptionButton()
    button.initStyleOption(option)
    painter = QStylePainter(button)
    painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
    option.rect = button.rect().adjusted(0, 0, -key_size.width(), 0)
    painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)
    cap = QRectF(0, 0, key_size.width() - STEP, key_size.height())
    edge = {"link": 4, "segment": STEP}.get(str(button.property("kind")), STEP * 1.75)  # as in the style sheet
    cap.moveCenter(QPointF(button.width() - edge - cap.width() / 2, button.height() / 2))
    # Not the colours of the button's own palette, in which a filled button's ground is the window's.
    muted = colours(QApplication.palette()).muted
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(ink or muted))
    painter.drawRoundedRect(cap, 4, 4)
    painter.setFont(font(TextSize.SMALL))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
