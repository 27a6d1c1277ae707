"""What a window needs besides being seen, and what takes time to load: begun once it is."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final, cast

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication, QBoxLayout

from core.system import support_log
from core.system.crash_files import Bug
from core.system.last_run import EarlierRuns, Ending, RunState
from gui.startup.crash_handler import CrashHandler
from gui.startup.single_instance import SingleInstance
from gui.toolkit.icons import app_icon
from gui.toolkit.jobs import Done, JobEnd, one_call
from gui.window.main_window import MainWindow

#: Seconds after which a thread that computes lets another one go on. Most calls of Qt let go of Python's lock and wait
#: for it again: with Python's own 5 ms, a window beside one busy thread would be late by that for each of them.
SWITCH: Final = 0.0005
#: New objects before the youngest are looked through for rings, and how often the older ones are: a full search takes
#: forty milliseconds, in which nothing is painted.
GARBAGE: Final = (10_000, 20, 100)
#: Milliseconds between two looks at how many there are.
_LOOK: Final = 250


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

    def end(self) -> None:
        """Leave everything as it was before."""
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

    def told(end: JobEnd[EarlierRuns]) -> None:
        if isinstance(end, Done) and end.value.is_told:
            from gui.window.crash_bar import CrashBar  # most runs end well

            bar = CrashBar(end.value, state, window.desk, window.runner, window.memory)
            cast(QBoxLayout, window.desk_page.layout()).insertWidget(0, bar)

    window.runner.start(window, "earlier runs", one_call(state.begin), told)


def keep_responsive(app: QApplication) -> GarbageCollector:
    """Have Python keep a window waiting as little as can be. For the whole process."""
    sys.setswitchinterval(SWITCH)
    gc.freeze()
    return GarbageCollector(app)


class GarbageCollector(QObject):
    """Frees rings of objects on the GUI thread alone, until :meth:`stop`.

    Python looks for them on the thread that makes one object too many, be it a worker's. A widget in a ring would then
    end there: it takes a lock of Qt's and waits for Python's, while the GUI thread has Python's and waits for Qt's.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        gc.disable()
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Look through the objects of each age of which there are enough."""
        for age, (count, limit) in enumerate(zip(gc.get_count(), GARBAGE, strict=True)):
            if count <= limit:
                break
            gc.collect(age)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()


class TerminationSignals(QObject):
    """Ctrl-C and a polite request to end, told through the event loop: Python cannot run while Qt waits."""

    def __init__(self, quit: Callable[[], None]) -> None:
        super().__init__()
        self._quit = quit
        self._heard, self._bell = socket.socketpair()
        for end in (self._heard, self._bell):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._heard.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._rung)
        self._before = {
            which: signal.signal(which, lambda number, frame: None) for which in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Let the signals mean what they meant before."""
        signal.set_wakeup_fd(self._wakeup)
        for which, before in self._before.items():
            signal.signal(which, before)
        self._notifier.setEnabled(False)
        self._heard.close()
        self._bell.close()

    def _rung(self) -> None:
        if any(number in self._before for number in self._heard.recv(64)):
            self._quit()
