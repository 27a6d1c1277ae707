"""The time zone of the department: it decides on which day something happened, and when a last day is over.

What comes in is a setting and a moment; what goes out is a day. Nothing here asks the environment of the program: a
user can set the variable ``TZ``, and ``PYTHONTZPATH`` to rules of their own. So the rules of a zone come with Fanion
(the package tzdata), and the computer's own zone is read from the system.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final

import tzdata

from core.system.local_zone import system_zone

#: A name of the IANA Time Zone Database: parts of letters, digits and a few signs, which lead to no other folder.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)*")


def is_zone(name: str) -> bool:
    """Whether a time zone has this name, such as ``America/Toronto``, in these very letters."""
    return name in _names()


def zone_of(name: str) -> tzinfo:
    """The department's time zone, as the setting ``time_zone`` names it; where it names none, the computer's own."""
    return _load_zone(name) if name else system_zone()


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of a moment, in a time zone; its own where the calendar has no such day there."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, ValueError, OSError):
        return moment.date()


def _rules() -> Path:
    """The rules of time zones that come with Fanion: a folder, also in the bundle. Not through importlib.resources,
    which a start would have to load."""
    return Path(tzdata.__path__[0])


@cache
def _names() -> frozenset[str]:
    listed = (_rules() / "zones").read_text(encoding="ascii").split()
    return frozenset(name for name in listed if _NAME.fullmatch(name))


@cache
def _load_zone(name: str) -> tzinfo:
    """The zone of a name that :func:`is_zone` knows. ValueError for any other."""
    if not is_zone(name):
        raise ValueError(f"no time zone is called {name!r}")
    from zoneinfo import ZoneInfo  # a start does not need it

    with _rules().joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
