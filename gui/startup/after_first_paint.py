"""What a window needs besides being seen, and what takes time to load: begun once it is."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from core.problem import Problem
from core.system import support_log
from core.text import T
from gui.startup.crash_handler import CrashHandler
from gui.startup.single_instance import SingleInstance
from gui.toolkit.icons import app_icon
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
        self._crashes = CrashHandler(window.desk.data)
        earlier = self._crashes.install()
        if earlier is not None:
            window.desk_page.tell(EarlierCrash(earlier))
        self._signals = TerminationSignals(app.quit)
        instance.asked_to_show.connect(window.show_yourself)
        instance.listen()
        self._garbage = keep_responsive(app)

    def end(self) -> None:
        """Leave everything as it was before."""
        self._garbage.stop()
        self._signals.close()
        self._crashes.uninstall()


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


class EarlierCrash(Problem):
    """An earlier run was brought down by native code, which could not be told then."""

    code = "ended-badly"
    exit_code = 70

    def __init__(self, file: Path) -> None:
        super().__init__(
            T("Fanion did not end properly the last time."),
            T("Look in the log what was done, and give {file} to your IT support.", file=str(file)),
        )


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
