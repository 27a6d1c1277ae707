"""When an app was last used, by `dumpsys usagestats`: asked only where the policy asks, and for one app alone.

As AOSP prints it (UsageStatsService, UserUsageStatsService.printIntervalStats): below ``user=0`` a line for each app
and each stretch of time, with ``lastTimeUsed``; up to Android 8 it was called ``lastTime``. 1970 stands for never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.link.shell import is_package_name

_USER: Final = re.compile(r"user=([0-9]{1,9}) *")
_LINE: Final = re.compile(
    r'\s*package=(\S{1,255}) totalTime(?:Used)?="[^"]{0,40}"'
    r' lastTime(?:Used)?="([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})"(?: .*)?'
)
#: A time before this day is that of an app which was never used.
_NEVER_BEFORE: Final = "1971"


def command(package: str) -> str:
    """Ask for one app's use, in all profiles: of no other app anything comes over the cable. ValueError for what is no
    package name."""
    if not is_package_name(package):
        raise ValueError(f"not a package name: {package!r}")
    escaped = package.replace(".", "[.]")
    return f"dumpsys usagestats '{package}' 2>/dev/null | grep -E '^user=|package={escaped} total'"


def last_used(lines: Iterable[str], package: str, profile: int) -> Account[str]:
    """When the app was last used in its profile, in the phone's local time; empty where the phone does not tell, or it
    never was."""
    leftovers = Leftovers()
    times = [""]
    user: int | None = None
    for line in lines:
        if begin := _USER.fullmatch(line):
            user = int(begin[1])
        elif use := _LINE.fullmatch(line):
            if use[1] == package and user == profile and use[2] > _NEVER_BEFORE:
                times.append(use[2])
        elif line.strip():
            leftovers.add(Why.UNKNOWN, "line", package, line)
    return leftovers.account(max(times))
