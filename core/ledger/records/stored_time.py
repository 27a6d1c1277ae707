"""The one form in which leaves have a time, which sorts as text: ``2026-11-30T08:15:00.000+00:00``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

_LENGTH: Final = len("2026-11-30T08:15:00.000+00:00")
#: Every third character from the fourth on, and the end. What stands between has to be digits, as ISO 8601 has it.
_MARKS: Final = "--T::."
_ZONE: Final = "+00:00"
#: Later Pythons take it for the next day's first hour.
_NO_HOUR: Final = "24"
#: The same where every digit is a zero, to compare many at once.
_DIGITS: Final = b"0000-00-00T00:00:00.000+00:00"
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")


def as_stored(time: datetime) -> str:
    """Write a time as leaves have it: in UTC, in whole milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(stored: str) -> datetime:
    """Read a time as leaves have it. Raises ValueError for every other form, also where it means the same moment."""
    time = datetime.fromisoformat(stored)
    if len(stored) != _LENGTH or stored[4:20:3] != _MARKS or stored[23:] != _ZONE or stored[11:13] == _NO_HOUR:
        raise ValueError(f"{stored!r} is not how a log writes a time")
    return time


def seconds_of(stored: Sequence[str]) -> list[float]:
    """Read many times, as seconds since 1970. Raises ValueError where :func:`time_of` refuses one of them."""
    lines = "\n".join(stored)
    has_form = lines.encode().translate(_ZEROS) == b"\n".join([_DIGITS] * len(stored))
    if not has_form or lines.count(_ZONE) != len(stored) or f"T{_NO_HOUR}" in lines:
        raise ValueError("not all of these are how a log writes a time")
    return [datetime.fromisoformat(time).timestamp() for time in stored]
