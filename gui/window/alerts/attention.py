"""What asks for the officer's attention while they look elsewhere: the window's flash on red, sounds, the tray,
the taskbar.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.desk.moments import PhoneMoments
from gui.window.alerts.bell import Bell
from gui.window.alerts.red_alert import RedAlert
from gui.window.alerts.taskbar import Taskbar
from gui.window.alerts.tray import Tray
from gui.window.shell import WindowShell


class Attention(QObject):
    """All of it, for one window, for as long as it lives."""

    def __init__(self, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        phones = shell.desk_page.phones
        self.moments = PhoneMoments(phones, self)
        self.alert = RedAlert(phones, shell.widget)
        self.bell = Bell(self.moments, shell.desk, shell.runner, self)
        self.tray = Tray(self.moments, shell)
        self.taskbar = Taskbar(shell.desk_page, self)
