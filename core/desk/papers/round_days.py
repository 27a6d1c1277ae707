"""The days of a desk's rounds: in which time zone they begin and end, and which day it is now."""

from __future__ import annotations

from datetime import date, tzinfo

from core.desk.desk import Desk
from core.desk.settings.time_zone import zone_of
from core.rounds import days


def round_zone(desk: Desk) -> tzinfo:
    """The time zone of the days of this desk's rounds: the department's, as the setting names it."""
    return zone_of(desk.settings.time_zone)


def round_day(desk: Desk) -> date:
    """The day that it is now for this desk's rounds."""
    return days.today(round_zone(desk))
