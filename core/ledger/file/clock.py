"""What time it is, twice: by the calendar, and by a counter that cannot be set.

A calendar clock that was turned back or forward between two records shows as a difference to the counter, as long as
both records come from one start of the computer.
"""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

#: What :func:`as_stored` writes. A day has no hour 24, which later Pythons take for the next day's first.
_STORED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+00:00")
#: The same where every digit is a zero, to compare many at once.
_DIGITS: Final = b"0000-00-00T00:00:00.000+00:00"
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_LINUX_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")  # proc_sys_kernel(5)


@dataclass(frozen=True, slots=True)
class Instant:
    """`time` is aware; `mono_ms` counts milliseconds and only means something beside another with the same `boot`."""

    time: datetime
    mono_ms: int
    boot: str


Clock = Callable[[], Instant]


def as_stored(time: datetime) -> str:
    """A time as leaves have it, which sorts as text: in UTC, in whole milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(stored: object) -> datetime:
    """The time that stands in a leaf, in the one form that :func:`as_stored` gives it.

    Raises ValueError for any other form: times would not sort as texts any more.
    """
    if not isinstance(stored, str) or not _STORED.fullmatch(stored):
        raise ValueError(f"{stored!r:.60} is not the form of a stored time")
    return datetime.fromisoformat(stored)


def seconds_of(stored: Sequence[str]) -> list[float]:
    """Seconds since 1970 of many stored times. Raises ValueError where :func:`time_of` takes one of them for none."""
    lines = "\n".join(stored)
    has_form = lines.encode().translate(_ZEROS) == b"\n".join([_DIGITS] * len(stored))
    if not has_form or lines.count("+00:00") != len(stored) or "T24" in lines:
        raise ValueError("not all of these are in the form of a stored time")
    return [datetime.fromisoformat(time).timestamp() for time in stored]


def system_clock() -> Instant:
    """This computer's clocks."""
    return Instant(datetime.now(UTC), _counter_ms(), _BOOT)


def _counter_ms() -> int:
    """Milliseconds, those asleep included: otherwise each sleep would look like a calendar clock set forward."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    if sys.platform == "darwin":
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000
    return time.monotonic_ns() // 1_000_000


def _boot() -> str:
    """Linux and macOS name each start of the computer. Elsewhere this process stands for it: weaker, but never wrong.

    Windows only tells when it was started, by the clock that can be set.
    """
    try:
        named = _of_macos() if sys.platform == "darwin" else _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError, AttributeError):
        named = ""
    return named or f"process-{secrets.token_hex(8)}"


def _of_macos() -> str:
    """The kernel's own name for this start, a UUID; empty where it has none."""
    import ctypes  # which macOS alone needs

    name = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(name) - 1)
    failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", name, ctypes.byref(size), None, ctypes.c_size_t(0))
    return "" if failed else name.value.decode("ascii")


_BOOT: Final = _boot()
