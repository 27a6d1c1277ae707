"""The kiosk: the window shows the Desk page alone, over the whole screen, until its password is entered.

It keeps people from getting lost, and from changing what they need not see. It is no lock: a person who can use the
computer otherwise can change the settings file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from core.text import T

if TYPE_CHECKING:
    from gui.window.shell import WindowShell


class Kiosk(QObject):
    """Closes what is not the desk, where the settings say so at the start."""

    #: Whether the window is a kiosk from now on.
    closed = Signal(bool)

    def __init__(self, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        self._shell = shell
        self._window = shell.widget
        #: Whether the Desk page is all there is now.
        self.locked = shell.desk.settings.kiosk

    def begin(self) -> None:
        """Show only what a kiosk has."""
        if self.locked:
            self.closed.emit(True)
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)

    def guarded(self, act: Callable[..., Any]) -> Callable[..., None]:
        """`act`, done only while the window is no kiosk; else it is said why not."""

        def guarded(*arguments: Any) -> None:
            if self.locked:
                self._shell.say_passing(T("This is a kiosk: only the Desk page is open here."))
            else:
                act(*arguments)

        return guarded

    def leave(self) -> None:
        """Have the whole window again, once the password was entered, if there is one."""
        self._ask(self.unlock)

    def unlock(self) -> None:
        """Have the whole window again."""
        self.locked = False
        self.closed.emit(False)
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)

    def may_close(self) -> bool:
        """Whether the window may be closed now; where it may not, the password is asked for, which then closes it."""
        if not self.locked or not self._shell.desk.settings.kiosk_password or _session_ends():
            return True
        self._ask(self._close)
        return False

    def _close(self) -> None:
        self.unlock()
        self._window.close()

    def _ask(self, act: Callable[[], None]) -> None:
        password_hash = self._shell.desk.settings.kiosk_password
        if not password_hash:
            act()
            return
        from gui.settings.password_dialog import LeaveKioskDialog  # brings scrypt and the settings: hardly a window

        dialog = LeaveKioskDialog(self._window, password_hash)
        dialog.accepted.connect(act)
        dialog.open()


def _session_ends() -> bool:
    """Whether the computer is being shut down, or its user logged out: a question would keep it from that."""
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()
