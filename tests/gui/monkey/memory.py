"""What a process has in memory on the way: by the system, by Qt, by Python and by the C library."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken, isValid

#: How many kinds of objects are told that have become more since the time before.
_MOST: Final = 8
#: What the system says of a process's memory, on Linux, in kB a line.
_ROLLUP: Final = Path("/proc/self/smaps_rollup")
_OPEN_FILES: Final = Path("/proc/self/fd")


class _Allocated(ctypes.Structure):
    """`struct mallinfo2` of glibc: bytes taken of the system by all arenas, in use, free, and taken as whole pages."""

    _fields_ = [(f"_{before}", ctypes.c_size_t) for before in range(4)] + [
        ("whole_pages", ctypes.c_size_t),
        *((f"_{between}", ctypes.c_size_t) for between in (5, 6)),
        ("in_use", ctypes.c_size_t),
        ("free", ctypes.c_size_t),
        ("_9", ctypes.c_size_t),
    ]


class MemoryReport:
    """Says in a line what is there now; of Python's objects and of widgets those of which there are more than before.

    PSS is what the process takes, with its share of what others use too; USS is what would be free if it ended.
    """

    def __init__(self) -> None:
        self._widgets: Counter[str] = Counter()
        self._dead: Counter[str] = Counter()
        self._objects: Counter[str] = Counter()
        self._traced: tracemalloc.Snapshot | None = None

    def line(self, steps: int) -> str:
        """All numbers after so many steps: megabytes, then counts."""
        gc.collect()
        dead = _by_kind(dead_wrappers())
        widgets, objects = _by_kind(QApplication.allWidgets()), _by_kind(gc.get_objects())
        numbers = {
            **memory(),
            **allocated(),
            "widgets": widgets.total(),
            "objects of Qt": sum(isinstance(thing, Shiboken.Object) for thing in gc.get_objects()),
            "dead": dead.total(),
            "python": objects.total(),
            "blocks": sys.getallocatedblocks(),
            "threads": threading.active_count(),
            "files": open_files(),
        }
        told = " ".join(f"{name} {number:,}" for name, number in numbers.items())
        grown = "".join(
            f"\n    more {name}: {', '.join(f'{kind} +{more}' for kind, more in (now - before).most_common(_MOST))}"
            for name, now, before in (
                ("widgets", widgets, self._widgets),
                ("dead", dead, self._dead),
                ("objects", objects, self._objects),
            )
        )
        self._widgets, self._dead, self._objects = widgets, dead, objects
        return f"{steps:>6} {told}{grown}{self._traced_lines()}"

    def _traced_lines(self) -> str:
        """Where Python has taken more memory since the time before, if tracemalloc listens (PYTHONTRACEMALLOC=1)."""
        if not tracemalloc.is_tracing():
            return ""
        now = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, tracemalloc.__file__)])
        before, self._traced = self._traced, now
        if before is None:
            return ""
        return "".join(f"\n    {more}" for more in now.compare_to(before, "lineno")[:_MOST])


def _by_kind(things: Iterable[object]) -> Counter[str]:
    """How many there are of each class, by its name."""
    return Counter({f"{kind.__module__}.{kind.__qualname__}": n for kind, n in Counter(map(type, things)).items()})


def memory() -> dict[str, int]:
    """Megabytes that the process takes, and that it alone takes; nothing where the system does not say."""
    with contextlib.suppress(OSError):
        rows = (line.split() for line in _ROLLUP.read_text().splitlines()[1:])
        kilobytes = {row[0]: int(row[1]) for row in rows}
        alone = kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]
        return {"PSS": kilobytes["Pss:"] // 1000, "USS": alone // 1000}
    return {}


def allocated() -> dict[str, int]:
    """Megabytes that the C library has handed out, and has kept free, where it is glibc 2.33 or later."""
    tell = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if tell is None:
        return {}
    tell.restype = _Allocated
    numbers = tell()
    return {"malloc": (numbers.in_use + numbers.whole_pages) // 10**6, "free": numbers.free // 10**6}


def dead_wrappers() -> list[Shiboken.Object]:
    """Python's side of objects of Qt's that are gone, which something in Python still holds on to."""
    return [thing for thing in gc.get_objects() if isinstance(thing, Shiboken.Object) and not isValid(thing)]


def open_files() -> int:
    """Open files and sockets; 0 where the system does not list them."""
    return len(os.listdir(_OPEN_FILES)) if _OPEN_FILES.is_dir() else 0
