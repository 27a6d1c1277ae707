"""What long work needs: to be told to stop, to tell how far it is, and to take turns with other such work.

The work calls :meth:`Cancel.check` between its steps and `report` when there is news; its caller decides on which
thread the news is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from core.problem import Cancelled
from core.text import Text

#: Seconds between two looks at the stop button while a turn is waited for.
_LOOK_UP: Final = 0.5


class Cancel:
    """A stop button. May be pressed from any thread, more than once."""

    def __init__(self) -> None:
        self._pressed = threading.Event()

    def press(self) -> None:
        self._pressed.set()

    @property
    def pressed(self) -> bool:
        return self._pressed.is_set()

    def check(self) -> None:
        """Raise Cancelled if the button was pressed."""
        if self._pressed.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Rest for `seconds`, or until the button is pressed; then raise Cancelled."""
        with WAITING:
            self._pressed.wait(seconds)
        self.check()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: what it does now, and the share that is done (0.0 to 1.0)."""

    doing: Text
    share: float


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that goes nowhere."""


@contextmanager
def turn(cancel: Cancel) -> Iterator[None]:
    """``with turn(cancel):`` for the length of a job whose work is Python's own. Raises Cancelled while it waits.

    Python runs one thread at a time, and lets each run for 5 ms. With thirty phones read at once, a window would get
    its own 5 ms every 150; so the jobs take turns among themselves, and the window has only one of them to wait for.
    """
    while not _lock.acquire(timeout=_LOOK_UP):
        cancel.check()
    _mine.has_turn, _mine.waits = True, 0
    try:
        yield
    finally:
        _mine.has_turn = False
        _lock.release()


class _Waiting:
    """``with WAITING:`` around each wait for a phone or a disk: meanwhile another job has the turn. Without a turn, and
    inside another one, it does nothing.

    Never inside a lock that other jobs wait for: the job that has the turn may be one of them.
    """

    def __enter__(self) -> None:
        if getattr(_mine, "has_turn", False):
            _mine.waits += 1
            if _mine.waits == 1:
                _lock.release()

    def __exit__(self, *_: object) -> None:
        if getattr(_mine, "has_turn", False):
            _mine.waits -= 1
            if _mine.waits == 0:
                _lock.acquire()


_lock = threading.Lock()
_mine = threading.local()

WAITING: Final = _Waiting()
