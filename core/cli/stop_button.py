"""Ctrl-C as a stop button, and waiting for another program that has the log."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from core.cli import terminal
from core.jobs import Cancel, Progress
from core.system.file_lock import Waiting
from core.text import T

#: The stop buttons of the commands that have one: Ctrl-C presses the last.
_buttons: list[Cancel] = []


@contextlib.contextmanager
def stop_button(cancel: Cancel) -> Iterator[None]:
    """Have Ctrl-C press `cancel`; pressed again, Ctrl-C ends the program as usual."""

    def pressed(*_: object) -> None:
        if cancel.pressed:
            raise KeyboardInterrupt
        cancel.press()

    before = signal.signal(signal.SIGINT, pressed)
    _buttons.append(cancel)
    try:
        yield
    finally:
        _buttons.remove(cancel)
        signal.signal(signal.SIGINT, before)


def waiting() -> Waiting:
    """How a command waits for another program that has the log: visibly, until Ctrl-C."""
    said: list[bool] = []

    def told(seconds: float) -> None:
        if not said:
            said.append(True)
            terminal.say(T("Another program is using the log: waiting for it. Ctrl+C stops."))
        terminal.progress(Progress(T("Waiting for the log: {seconds} s", seconds=round(seconds)), 0.0))

    return Waiting(told, lambda: _buttons[-1] if _buttons else None)
