"""A job with a phone as one function that reads from top to bottom.

A flow is a generator that lives on the GUI thread. What it yields is work for the phone's lane, a thread of its own; it
goes on, again on the GUI thread, with what the work gave. A failure is raised where it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Flag, auto
from functools import partial
from typing import Any

from core.problem import Cancelled
from gui.toolkit.jobs import Done, Failed, JobEnd, Work

Flow = Generator[Work[Any], Any, None]
#: Has work done on the lane, and calls back on the GUI thread.
Start = Callable[[Work[Any], Callable[[JobEnd[Any]], None]], object]


class Effect(Flag):
    """What a change of a phone makes necessary elsewhere in the window."""

    #: Its page and its card are shown anew.
    SHOW = auto()
    #: The log may have new records.
    RECORDED = auto()


def run(flow: Flow, start: Start, end: JobEnd[Any] | None = None) -> None:
    """Run `flow` until the work that it waits for next, and have that done; `end` is how the work before ended."""
    try:
        if end is None:
            work = next(flow)
        elif isinstance(end, Done):
            work = flow.send(end.value)
        else:
            work = flow.throw(end.problem if isinstance(end, Failed) else Cancelled())
    except StopIteration:
        return
    start(work, partial(run, flow, start))
