"""What a window needs besides being seen, and what takes time to load: begun once it is."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication, QBoxLayout

from core.desk.personal_places import clear
from core.system.support import support_log
from core.system.support.crash_files import Bug
from core.system.support.last_run import EarlierRuns, Ending, RunState
from gui.startup.crash_handler import CrashHandler
from gui.startup.garbage_collector import keep_responsive
from gui.startup.single_instance import SingleInstance
from gui.toolkit.images.icons import app_icon
from gui.toolkit.jobs import Done, JobEnd, one_call
from gui.window.bars.crash_bar import CrashBar
from gui.window.main_window import MainWindow


class LateServices:
    """Watches for bugs, for signals, and for a second start, until :meth:`end`."""

    def __init__(self, app: QApplication, window: MainWindow, instance: SingleInstance) -> None:
        app.setWindowIcon(app_icon())
        support_log.keep()
        self._state = RunState(window.desk.data)
        self._crashes = CrashHandler(window.desk.data, close=self._close_after_bug)
        self._crashes.install()
        tell_of_earlier_runs(self._state, window)
        app.commitDataRequest.connect(self._session_ends)
        self._signals = TerminationSignals(app.quit)
        instance.asked_to_show.connect(window.show_yourself)
        instance.listen()
        self._garbage = keep_responsive(app)
        self._garbage.follow(window.desk_page.phones, window.runner)

    def end(self) -> None:
        """Let go of signals, exceptions and the timer, and note that this run has ended."""
        self._garbage.stop()
        self._signals.close()
        self._crashes.uninstall()
        self._state.end()

    def _close_after_bug(self) -> None:
        self._state.end(Ending.BUG)
        QCoreApplication.exit(Bug.exit_code)

    def _session_ends(self, manager: QSessionManager) -> None:
        """The system may end this process before it comes to its end, which is no accident."""
        self._state.end()


def tell_of_earlier_runs(state: RunState, window: MainWindow) -> None:
    """Have a bar over the Desk page, if there is anything to tell. The run begins with it, off this thread."""

    def add_bar(end: JobEnd[EarlierRuns]) -> None:
        if isinstance(end, Done) and end.value.is_told:
            bar = CrashBar(end.value, state, window.desk, window.runner, window.memory)
            cast(QBoxLayout, window.desk_page.layout()).insertWidget(0, bar)

    def begin() -> EarlierRuns:
        clear(window.desk.data)
        return state.begin()

    window.runner.start(window, "earlier runs", one_call(begin), add_bar)


class TerminationSignals(QObject):
    """Ctrl-C and a polite request to end, told through the event loop: Python cannot run while Qt waits."""

    def __init__(self, quit: Callable[[], None]) -> None:
        super().__init__()
        self._quit = quit
        self._listener, self._bell = socket.socketpair()
        for end in (self._listener, self._bell):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._listener.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._rung)
        self._before = {
            number: signal.signal(number, lambda number, frame: None) for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Let the signals mean what they meant before."""
        signal.set_wakeup_fd(self._wakeup)
        for number, before in self._before.items():
            signal.signal(number, before)
        self._notifier.setEnabled(False)
        self._listener.close()
        self._bell.close()

    def _rung(self) -> None:
        if any(number in self._before for number in self._listener.recv(64)):
            self._quit()
