"""What long work needs: to be told to stop, and to tell how far it is.

Whoever does the work calls :meth:`Cancel.check` between its steps and `report` when there is news. Whoever started it
decides on which thread the news is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from core.model import Cancelled
from core.text import Text


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
        self._pressed.wait(seconds)
        self.check()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: what it does now, and the share that is done (0.0 to 1.0)."""

    doing: Text
    share: float


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report for callers who do not want to know."""
