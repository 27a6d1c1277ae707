"""What time it is, twice: by the calendar, and by a counter that cannot be set.

A calendar clock that was turned back or forward between two records shows as a difference to the counter, as long as
both records come from one start of the computer.
"""

from __future__ import annotations

import ctypes
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_LINUX_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")  # proc_sys_kernel(5)


@dataclass(frozen=True, slots=True)
class Instant:
    """`time` is aware; `mono_ms` counts milliseconds and only means something beside another with the same `boot`."""

    time: datetime
    mono_ms: int
    boot: str


Clock = Callable[[], Instant]


def system_clock() -> Instant:
    """Read both clocks of this computer."""
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
        boot_id = _of_macos() if sys.platform == "darwin" else _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError, AttributeError):
        boot_id = ""
    return boot_id or f"process-{secrets.token_hex(8)}"


def _of_macos() -> str:
    """The kernel's own name for this start, a UUID; empty where it has none."""
    name = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(name) - 1)
    failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", name, ctypes.byref(size), None, ctypes.c_size_t(0))
    return "" if failed else name.value.decode("ascii")


_BOOT: Final = _boot()
