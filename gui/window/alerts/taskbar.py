"""The program's button in the taskbar or the Dock: how many phones need the officer, and how far the others are.

The number is Qt's to show: as a badge on the button in Windows and macOS, and on Linux by a message to the desktop, of
which those of Ubuntu, KDE and others take notice. Qt has nothing for progress. On Linux that is in the same message
(https://wiki.ubuntu.com/Unity/LauncherAPI); on Windows it is a bar on the button (`windows_progress`), and on macOS one
on the icon in the Dock (`dock_icon`). A desktop that does not listen, or has no bus or no taskbar, shows nothing.
"""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from gui.desk.desk_page import DeskPage
from gui.desk.queue import Group
from gui.window.alerts import windows_progress
from gui.window.alerts.dock_icon import DockIcon

#: Milliseconds between two messages: thirty phones report all the time.
_REST: Final = 500
#: Steps of the progress that are told apart.
_STEPS: Final = 100

_INTERFACE: Final = "com.canonical.Unity.LauncherEntry"
_PATH: Final = "/ca/fanion/Fanion"


class Taskbar(QObject):
    """Keeps the button of the window around `desk` true."""

    def __init__(self, desk: DeskPage, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._dock = DockIcon()
        self._count = 0
        #: The share of all that is under way which is done, in steps; None while nothing is.
        self._share: int | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.refresh)
        self._desk.phones.all_told.connect(self._changed)
        self._desk.phones.vanished.connect(lambda session: self._changed())

    def _changed(self) -> None:
        if not self._rest.isActive():
            self._rest.start()

    def refresh(self) -> None:
        """Show it as it is now."""
        rows = self._desk.cards.phones.rows
        count = sum(row.group is Group.NEEDS_YOU for _, row in rows)
        shares = [row.share or 0.0 for _, row in rows if row.group is Group.GOING_ON]
        self.show_state(count, round(sum(shares) / len(shares) * _STEPS) if shares else None)

    def show_state(self, count: int, share: int | None) -> None:
        """Show this number, and this share in steps of a hundred; None for no progress."""
        if count != self._count:
            self._count = count
            app = QGuiApplication.instance()
            if isinstance(app, QGuiApplication):
                app.setBadgeNumber(count)
        if share != self._share:
            self._share = share
            self._tell(share)

    def _tell(self, share: int | None) -> None:
        if sys.platform == "linux":
            send_progress(share)
        elif sys.platform == "win32":
            # Asked in this way, a window that has no handle is not given one. What Qt paints elsewhere than in Windows'
            # own windows has numbers of its own.
            window = self._desk.window().internalWinId() if QGuiApplication.platformName() == "windows" else 0
            if window:
                windows_progress.send_progress(window, share)
        elif sys.platform == "darwin":
            self._dock.show(share)

    def clear(self) -> None:
        """Leave the button as it was before."""
        self._rest.stop()
        self.show_state(0, None)


def send_progress(share: int | None) -> None:
    """Tell the desktop how far the program is: a share in steps of a hundred, or that nothing is under way."""
    try:
        from PySide6.QtDBus import (  # connects to the desktop's bus, once there is progress
            QDBusConnection,
            QDBusMessage,
        )
    except ImportError:  # a part of Qt without which all else works
        return
    name = QGuiApplication.desktopFileName()
    message = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
    progress = {"progress": (share or 0) / _STEPS, "progress-visible": share is not None}
    message.setArguments([f"application://{name}.desktop", progress])
    QDBusConnection.sessionBus().send(message)
