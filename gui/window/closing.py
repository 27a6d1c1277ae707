"""Closing the window while phones are being changed: the officer says when."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMessageBox

from core.text import N, T
from gui.toolkit.buttons import button
from gui.toolkit.images.icons import pixmap
from gui.toolkit.theme import STEP, Status, colours
from gui.window.shell import WindowShell

if TYPE_CHECKING:  # brings the phones: not before the window is seen
    from gui.desk.session.phone_sessions import PhoneSessions


class CloseAnswer(Enum):
    """When the window is to be closed."""

    WHEN_DONE = "when-done"
    AFTER_STEP = "after-step"
    NOT = "not"


class Closing(QObject):
    """Asks when to close, and closes the window then. Without an answer it stays open."""

    def __init__(self, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        self._shell = shell
        #: The window closes as soon as no phone is being changed.
        self._waits = False

    @property
    def _phones(self) -> PhoneSessions:
        return self._shell.desk_page.phones

    def may_close(self) -> bool:
        """Whether the window may be closed now. Where phones are being changed, the officer is asked when."""
        if not self._phones.changing:
            return True
        answer = self._ask()
        self._wait(answer is not CloseAnswer.NOT)
        if answer is CloseAnswer.AFTER_STEP:
            for session in self._phones.changing:
                session.stop()
        elif answer is CloseAnswer.WHEN_DONE:
            self._shell.say_passing(T("Fanion closes when this is done."))
        return False

    def _wait(self, waits: bool) -> None:
        """Close the window as soon as no phone is being changed, or do not any more."""
        if waits == self._waits:
            return
        self._waits = waits
        for signal in (self._phones.changed, self._phones.vanished):
            if waits:
                signal.connect(self._look, Qt.ConnectionType.QueuedConnection)
            else:
                signal.disconnect(self._look)

    def _look(self) -> None:
        if self._waits and not self._phones.changing:
            self._wait(False)
            self._shell.widget.close()

    def _ask(self) -> CloseAnswer:
        """Ask when to close; the question goes away, and the window stays, once nothing is being changed any more."""
        window, phones = self._shell.widget, self._phones
        amber = colours(window.palette()).status[Status.AMBER]
        box = QMessageBox(window)
        box.setIconPixmap(pixmap("warning", QColor(amber.text), STEP * 5, window.devicePixelRatioF()))
        box.setTextFormat(Qt.TextFormat.PlainText)
        count = len(phones.changing)
        box.setText(str(N("{count} phone is being changed.", "{count} phones are being changed.", count)))
        explained = T(
            "If you stop, the app that is being removed now still is; the others stay, and what is on the phone is not "
            "known until it is checked again."
        )
        box.setInformativeText(str(explained))
        when_done = box.addButton(str(T("Close when it is done")), QMessageBox.ButtonRole.AcceptRole)
        stop = button(destroys=True)
        stop.setText(str(T("Stop after this app")))
        box.addButton(stop, QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(str(T("Keep it open")), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)

        def look() -> None:
            if not phones.changing:
                box.done(0)

        signals = (phones.changed, phones.vanished)
        for signal in signals:
            signal.connect(look)
        try:
            box.exec()
        finally:
            for signal in signals:
                signal.disconnect(look)
        clicked = box.clickedButton()
        if clicked is when_done:
            return CloseAnswer.WHEN_DONE
        return CloseAnswer.AFTER_STEP if clicked is stop else CloseAnswer.NOT
