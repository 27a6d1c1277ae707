"""The question whether to close the window while phones are being changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMessageBox, QWidget

from core.text import N, T
from gui.toolkit.icons import pixmap
from gui.toolkit.theme import STEP, Status, colours
from gui.toolkit.widgets import button

if TYPE_CHECKING:
    from gui.desk.session.phone_sessions import PhoneSessions


def may_close(window: QWidget, phones: PhoneSessions) -> bool:
    """Ask; a removal that is cut off leaves a phone of which nobody knows. Once it is done, nothing is asked."""
    amber = colours(window.palette()).status[Status.AMBER]
    box = QMessageBox(window)
    box.setIconPixmap(pixmap("warning", QColor(amber.text), STEP * 5, window.devicePixelRatioF()))
    box.setTextFormat(Qt.TextFormat.PlainText)
    count = len(phones.changing)
    box.setText(str(N("{count} phone is being changed.", "{count} phones are being changed.", count)))
    box.setInformativeText(
        str(
            T(
                "If you close Fanion now, the step under way is cut off: "
                "nobody knows what came of it until the phone is checked again."
            )
        )
    )
    stop = button(destroys=True)
    stop.setText(str(T("Stop and close")))
    box.addButton(stop, QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(str(T("Keep it open")), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    past = False

    def look() -> None:
        nonlocal past
        if not phones.changing:
            past = True
            box.done(0)

    phones.changed.connect(look)
    phones.vanished.connect(look)
    try:
        box.exec()
    finally:
        phones.changed.disconnect(look)
        phones.vanished.disconnect(look)
    return past or box.clickedButton() is stop
