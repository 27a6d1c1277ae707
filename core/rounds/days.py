"""On which day something happened: the one place in which rounds turn a moment into a day.

A round's days are those of a time zone; None stands for the computer's own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo


def day_of(moment: datetime, zone: tzinfo | None = None) -> date:
    """The day of an aware moment in a time zone; its own where the calendar has no such day there."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError, OSError):
        return moment.date()


def today(zone: tzinfo | None = None) -> date:
    """The day that it is now in a time zone."""
    return day_of(datetime.now(UTC), zone)


def beginning_of(day: date, zone: tzinfo | None = None) -> datetime:
    """The moment at which a day begins in a time zone."""
    midnight = datetime.combine(day, time.min, zone)
    return midnight if zone is not None else midnight.astimezone()
