"""Which serial numbers more than one phone had at this desk at the same time: such a number names none of them.

What is not known is no proof: two that are never here together cannot be told apart so.
"""

from __future__ import annotations

import threading

from core.problem import Problem
from core.same_phone import SHARED_SERIAL
from core.text import T


class SharedSerial(Problem):
    """Two phones at the desk say that they have one serial number."""

    code = SHARED_SERIAL

    def __init__(self) -> None:
        super().__init__(
            T("Another phone at this desk has the same serial number, so that it does not tell which phone this is."),
            T("Tell them apart by their asset tags."),
        )


class SerialNumbers:
    """The serial numbers of the phones that are here. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: dict[str, str] = {}
        self._shared: set[str] = set()

    def arrive(self, visit: str, serial: str) -> bool:
        """The phone of this visit has this serial number. Whether another phone has it too, or had it with this one."""
        with self._lock:
            self._present[visit] = serial
            if serial and any(
                other_serial == serial for number, other_serial in self._present.items() if number != visit
            ):
                self._shared.add(serial)
            return serial in self._shared

    def leave(self, visit: str) -> None:
        """The phone of this visit is not here any more."""
        with self._lock:
            self._present.pop(visit, None)

    def shared(self, serial: str) -> bool:
        """Whether two phones with this serial number were here together."""
        with self._lock:
            return serial in self._shared
