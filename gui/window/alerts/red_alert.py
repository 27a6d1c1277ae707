"""Asks for the officer's eyes when a phone turns out red while another program is in front.

How, the system decides: Windows flashes the window's button in the taskbar, macOS lets the icon in the Dock jump once,
and most desktops of Linux mark the window as one that wants attention. It ends when the window is in front again.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from core.model import Verdict
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions


class RedAlert(QObject):
    """Watches the verdicts of the phones at a desk for `window`. A phone that stays red asks once."""

    def __init__(self, phones: PhoneSessions, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._verdicts: WeakKeyDictionary[PhoneSession, Verdict | None] = WeakKeyDictionary()
        phones.changed.connect(self._look)

    def _look(self, session: PhoneSession) -> None:
        before, self._verdicts[session] = self._verdicts.get(session), session.verdict
        if session.verdict is Verdict.RED and before is not Verdict.RED and QApplication.activeWindow() is None:
            QApplication.alert(self._window)
