"""The tests at another time, in another zone and another language than this computer's. Standard library only."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from installer.clone import Clone, Command, environment
from installer.set_up_failures import BootstrapProblem

SOURCE: Final = Path(__file__).with_name("other_clock.c")
#: A number of days or years from now; or a day, a time of day, or both: the year is this one where none is named.
_AWAY: Final = re.compile(r"(?P<number>[+-][0-9]{1,4})(?P<unit>[dy])")
_DAY: Final = re.compile(r"(?:(?P<year>[0-9]{4})-)?(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_TIME: Final = re.compile(r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})")


class NoSuchTimeError(BootstrapProblem):
    """What was asked for is no time, zone or language."""

    code = 2


class ClockFixedError(BootstrapProblem):
    """Here the clock of a program cannot be moved."""

    #: As test harnesses have it for what was skipped.
    code = 77

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was tested: the clock of a program cannot be moved here ({reason}).")


def zone_named(name: str | None) -> tzinfo | None:
    """The zone of that name; None where none is named. Raises NoSuchTimeError."""
    try:
        return ZoneInfo(name) if name is not None else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NoSuchTimeError(f"This computer knows no time zone {name}. One is Pacific/Auckland.") from error


def moment(text: str, now: datetime) -> datetime:
    """When that is: ``+400d``, ``+5y``, ``2028-02-29``, ``12-31``, ``23:58``, ``12-31T23:58``; `now` has its zone.

    Raises NoSuchTimeError.
    """
    try:
        if away := _AWAY.fullmatch(text):
            number = int(away["number"])
            if away["unit"] == "d":
                return now + timedelta(days=number)
            leap_day = (now.month, now.day) == (2, 29)  # which few years have
            return now.replace(year=now.year + number, day=28 if leap_day else now.day)
        for part in text.split("T", 1):
            if day := _DAY.fullmatch(part):
                now = now.replace(int(day["year"] or now.year), int(day["month"]), int(day["day"]))
            elif time := _TIME.fullmatch(part):
                now = now.replace(hour=int(time["hour"]), minute=int(time["minute"]), second=0)
            else:
                raise ValueError("neither a day nor a time of day")
        return now
    except (ValueError, OverflowError) as error:
        example = "+400d, +5y, 2028-02-29, 23:58 or 12-31T23:58"
        raise NoSuchTimeError(f"“{text}” is no time for --clock ({error}). Write it as {example}.") from error


def variables(clone: Clone, clock: str | None, zone: str | None, language: str | None) -> Mapping[str, str]:
    """What is set for a program that is to run there; where none of the three is named, nothing.

    Raises NoSuchTimeError, ClockFixedError.
    """
    place = zone_named(zone)
    result = {"TZ": zone} if zone is not None else {}
    if language is not None:
        if not re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", language):
            raise NoSuchTimeError(f"“{language}” is no language for --lang. Write it as fr_CA.")
        result |= {"LANG": f"{language}.UTF-8", "LC_ALL": f"{language}.UTF-8", "LANGUAGE": language}
    if clock is not None:
        since = datetime.now(UTC)
        seconds = moment(clock, since.astimezone(place)).timestamp() - since.timestamp()
        before = environment().get("LD_PRELOAD", "").split()
        result |= {
            "FANION_CLOCK": f"{round(seconds)} {int(since.timestamp())}",
            "LD_PRELOAD": " ".join([str(_library(clone)), *before]),
        }
    return result


def _library(clone: Clone) -> Path:
    """The library that moves a program's clock, built. Raises ClockFixedError."""
    compiler = shutil.which("cc", path=environment()["PATH"])
    if sys.platform != "linux" or sys.maxsize < 2**32 or platform.libc_ver()[0] != "glibc":
        raise ClockFixedError("that takes 64-bit Linux with glibc")
    if compiler is None:
        raise ClockFixedError("there is no C compiler (cc); on Debian: apt-get install gcc libc6-dev")
    if " " in str(clone.root):
        raise ClockFixedError("LD_PRELOAD takes no path with a blank")
    library = clone.root / "build" / "other_clock.so"
    library.parent.mkdir(exist_ok=True)
    fresh = library.with_suffix(f".{os.getpid()}")  # another run may have the library open
    build: Command = [compiler, "-shared", "-fPIC", "-O2", "-o", fresh, SOURCE, "-ldl"]
    compilation = subprocess.run(build, env=environment(), capture_output=True, encoding="utf-8", check=False)
    if compilation.returncode == 0:
        fresh.replace(library)
    else:
        raise ClockFixedError(f"{compiler} failed: {compilation.stderr.strip()}")
    return library
