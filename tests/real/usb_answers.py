"""How what runs inside the virtual machine with a USB bus waits, and says what it found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final

#: Seconds that anything may take. The machine is slow, and slower where others use the computer that emulates it.
WAIT: Final = 240.0


class Telling:
    """Answers questions about one kind of phone, each in a line of JSON."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, name: str, value: Any) -> None:
        print("ANSWER", json.dumps([self._kind, name, value]), flush=True)


def until(true: Callable[[], object], what: str) -> None:
    """Wait for something that no event announces. Raises TimeoutError."""
    deadline = time.monotonic() + WAIT
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)
