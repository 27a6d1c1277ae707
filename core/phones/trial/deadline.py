"""A stop button that presses itself once a time is over."""

from __future__ import annotations

import time

from core.jobs import Cancel
from core.phones.iphone.stream import Clock
from core.problem import Cancelled


class Deadline(Cancel):
    """The stop button `cancel`, and after `seconds` one of its own."""

    def __init__(self, cancel: Cancel, seconds: float, clock: Clock = time.monotonic) -> None:
        super().__init__()
        self._cancel = cancel
        self._clock = clock
        self._end = clock() + seconds

    @property
    def pressed(self) -> bool:
        return self._cancel.pressed or self._clock() >= self._end

    def press(self) -> None:
        self._cancel.press()

    def check(self) -> None:
        """Raise Cancelled if the button was pressed, or the time is over."""
        if self.pressed:
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Rest for `seconds`, or until one of the two; then raise Cancelled."""
        self._cancel.wait(max(min(seconds, self._end - self._clock()), 0.0))
        self.check()
