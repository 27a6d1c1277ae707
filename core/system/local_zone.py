"""The time zone that this computer is set to: the system's own, not the one that a user's environment asks for.

Python's local time follows the variable ``TZ``, which any user can set for a program that they start. By which day an
exception ends must not depend on that.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

#: On Linux and macOS: the rules of the zone (TZif, RFC 8536), written by an administrator.
FILE: Final = Path("/etc/localtime")


@cache
def system_zone() -> tzinfo:
    """The time zone of this computer. UTC where the system tells none."""
    if sys.platform == "win32":
        return _WindowsZone()
    from zoneinfo import ZoneInfo  # a start does not need it

    try:
        with FILE.open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except Exception:  # whatever is in that file: zoneinfo also asserts what it expects there
        return UTC


if sys.platform == "win32":

    class _SystemTime(ctypes.Structure):
        """SYSTEMTIME: https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-systemtime"""

        _fields_ = [
            (name, wintypes.WORD)
            for name in ("year", "month", "weekday", "day", "hour", "minute", "second", "milliseconds")
        ]

    class _WindowsZone(tzinfo):
        """The zone that Windows is set to, by its own functions: they know the rules of each year."""

        def fromutc(self, moment: datetime) -> datetime:
            return self._converted("SystemTimeToTzSpecificLocalTimeEx", moment)

        def utcoffset(self, moment: datetime | None) -> timedelta | None:
            if moment is None:
                return None
            local = moment.replace(tzinfo=self)
            return local.replace(tzinfo=None) - self._converted("TzSpecificLocalTimeToSystemTimeEx", local).replace(
                tzinfo=None
            )

        def dst(self, moment: datetime | None) -> timedelta | None:
            return None

        def tzname(self, moment: datetime | None) -> str | None:
            return None

        def _converted(self, function: str, moment: datetime) -> datetime:
            """What a function of Windows makes of a time. OverflowError for a year that it does not know."""
            source, converted = _SystemTime(), _SystemTime()
            source.year, source.month, source.day = moment.year, moment.month, moment.day
            source.hour, source.minute, source.second = moment.hour, moment.minute, moment.second
            kernel: Any = ctypes.windll.kernel32
            # Without Ex, the rules of this year are taken for all years: where a system has no other.
            convert = getattr(kernel, function, None) or getattr(kernel, function.removesuffix("Ex"))
            if not convert(None, ctypes.byref(source), ctypes.byref(converted)):
                raise OverflowError(f"{function} knows no {moment.isoformat()}")
            return datetime(
                *(converted.year, converted.month, converted.day, converted.hour, converted.minute, converted.second),
                moment.microsecond,
                self,
            )
