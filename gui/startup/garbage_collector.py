"""Python's memory beside a window: what is not wanted any more is freed on the GUI thread, when nothing is under way.

Python looks for rings of objects on the thread that makes one object too many, be it a worker's. A widget in a ring
would then end there: it takes a lock of Qt's and waits for Python's, while the GUI thread has Python's and waits for
Qt's. So Python is kept from it, and a timer of the window's does it.
"""

from __future__ import annotations

import gc
import linecache
import sys
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.system.processes import allocator

if TYPE_CHECKING:
    from gui.desk.session.phone_session import PhoneSession
    from gui.desk.session.phone_sessions import PhoneSessions
    from gui.toolkit.jobs import JobRunner

#: Seconds after which a thread that computes lets another one go on. Most calls of Qt let go of Python's lock and wait
#: for it again: with Python's own 5 ms, a window beside one busy thread would be late by that for each of them.
SWITCH: Final = 0.0005
#: New objects before the youngest are looked through for rings, and how often the older ones are: a full search takes
#: twenty to forty milliseconds, in which nothing is painted.
GARBAGE: Final = (10_000, 20, 100)
#: Milliseconds between two looks at how many there are, and looks between two times that what was freed is given back
#: to the system while jobs are under way, which takes a few milliseconds.
_LOOK: Final = 250
LOOKS: Final = 4


def keep_responsive(app: QApplication) -> GarbageCollector:
    """Have Python keep a window waiting as little as can be. For the whole process."""
    sys.setswitchinterval(SWITCH)
    allocator.use_one_arena()
    allocator.give_large_blocks_back()
    gc.freeze()
    return GarbageCollector(app)


class GarbageCollector(QObject):
    """Frees rings of objects on the GUI thread alone, until :meth:`stop`."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        gc.disable()
        self._phones_left = False
        self._runner: JobRunner | None = None
        #: Looks since jobs began, or since something was given back.
        self.looks_at_work = 0
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def follow(self, phones: PhoneSessions, runner: JobRunner) -> None:
        """Free all that a phone has left behind once it is unplugged and none of the runner's jobs is under way.

        A phone leaves some hundred kilobytes in rings. They grow old before the search for old ones comes, and what
        stays between them keeps Python from giving memory back: after sixty phones, twenty megabytes.
        """
        self._runner = runner
        phones.changed.connect(self._look_at)

    def _look_at(self, session: PhoneSession) -> None:
        self._phones_left = self._phones_left or session.absent

    def collect(self) -> None:
        """Look through the objects of each age of which there are enough; through all, if a phone has left."""
        # Where there are sources, PySide6 reads that of each module that is imported, and Python keeps the lines.
        linecache.clearcache()
        if self._phones_left and self._runner is not None and self._runner.idle:
            self._phones_left = False
            self.free_all()
            return
        if self._runner is not None:
            self._give_back_at_work(self._runner.idle)
        for age, (count, limit) in enumerate(zip(gc.get_count(), GARBAGE, strict=True)):
            if count <= limit:
                break
            gc.collect(age)

    def _give_back_at_work(self, idle: bool) -> None:
        """Give back now and then what was freed while phones are read, and once nothing is under way any more."""
        self.looks_at_work += not idle
        if self.looks_at_work >= LOOKS or (idle and self.looks_at_work):
            self.looks_at_work = 0
            allocator.give_back()

    def free_all(self) -> None:
        """Free what can be freed, and give the system back what it was in."""
        gc.collect()
        allocator.give_back()

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
