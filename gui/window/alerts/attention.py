"""What asks for the officer's attention while they look elsewhere: the window's flash on red, sounds, the tray,
the taskbar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.desk.moments import PhoneMoments
from gui.window.alerts.bell import Bell
from gui.window.alerts.red_alert import RedAlert
from gui.window.alerts.taskbar import Taskbar
from gui.window.alerts.tray import Tray

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow


class Attention(QObject):
    """All of it, for one window, for as long as it lives."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        phones = window.desk_page.phones
        self.moments = PhoneMoments(phones, self)
        self.alert = RedAlert(phones, window)
        self.bell = Bell(self.moments, window.desk, window.runner, self)
        self.tray = Tray(self.moments, window)
        self.taskbar = Taskbar(window)
