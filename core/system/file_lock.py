"""Waiting for a file that another program has: for a while, or for as long as that program lives.

Every lock is the operating system's, and ends with the process that holds it, however that ends; where it is flock(),
only once every child that was forked of that process, and still has the file open, has ended too. Fanion forks none
that keeps it: the file is closed in whatever it starts. So a program that waits without a limit waits for one
that runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel

#: Seconds for which a lock is waited for by a program in which nobody would see that, or could stop it.
PATIENCE: Final = 30.0
#: Seconds after which a waiting is told of.
_SILENT: Final = 1.0
#: Seconds between two attempts, before that and afterwards.
_STEPS: Final = (0.01, 0.1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a program waits that somebody looks at: as long as it takes.

    `told` is told again and again for how many seconds so far. `button` gives the stop button that is at hand just
    now, if there is one.
    """

    told: Callable[[float], object]
    button: Callable[[], Cancel | None]


class Turn:
    """One waiting, which begins when it is made; without `waiting`, it is for `PATIENCE` seconds."""

    def __init__(self, waiting: Waiting | None) -> None:
        self._waiting = waiting
        self._button = waiting.button() if waiting is not None else None
        # Somebody who stops has something to write down all the same, but does not wait for ever with it.
        self._limited = waiting is None or (self._button is not None and self._button.pressed)
        self._began = time.monotonic()

    def rest(self) -> bool:
        """Rest for a moment; false where that was enough of it. Raises Cancelled."""
        waited = time.monotonic() - self._began
        if self._limited:
            if waited >= PATIENCE:
                return False
        elif self._button is not None:
            self._button.check()
        if self._waiting is not None and waited >= _SILENT:
            self._waiting.told(waited)
        time.sleep(_STEPS[waited >= _SILENT])
        return True
