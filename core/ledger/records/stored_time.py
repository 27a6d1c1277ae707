"""The one form in which leaves have a time, which sorts as text: ``2026-11-30T08:15:00.000+00:00``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_LENGTH: Final = len("2026-11-30T08:15:00.000+00:00")
#: Every third character from the fourth on, and the end. What stands between has to be digits, as ISO 8601 has it.
_MARKS: Final = "--T::."
_ZONE: Final = "+00:00"


def as_stored(time: datetime) -> str:
    """Write a time as leaves have it: in UTC, in whole milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(stored: str) -> datetime:
    """Read a time as leaves have it. Raises ValueError for every other form, also where it means the same moment."""
    time = datetime.fromisoformat(stored)
    if len(stored) != _LENGTH or stored[4:20:3] != _MARKS or stored[23:] != _ZONE:
        raise ValueError(f"{stored!r} is not how a log writes a time")
    return time
