"""When a practice phone's apps were used: what `dumpsys usagestats` prints, as AOSP's UserUsageStatsService does."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from core.simulator.model.identity import days_ago
from core.simulator.model.installed import Package
from core.simulator.model.phone import PracticePhone

_NEVER: Final = "1970-01-01 00:00:00"
#: Up to Android 8 the two times had shorter names.
_LONG_NAMES_SINCE: Final = 28


def usage(phone: PracticePhone, names: Collection[str]) -> str:
    """`dumpsys usagestats`; of the apps `names` alone, where any are named."""
    packages = [p for p in phone.in_order() if not names or p.name in names]
    return "".join(_lines(phone, packages))


def _lines(phone: PracticePhone, packages: Collection[Package]) -> Iterator[str]:
    word = "Used" if phone.scenario.device.sdk >= _LONG_NAMES_SINCE else ""
    for profile in phone.profiles:
        yield f"user={profile} \n"
        for title, days in (("daily", 0), ("weekly", 1), ("monthly", 9)):
            yield f'  In-memory {title} stats\n    timeRange="1/1/2026, 00:00 – 23:59"\n    packages\n'
            for package in packages:
                if profile in package.states and package.states[profile].installed:
                    time = last_used(package, profile, days)
                    yield f'      package={package.name} totalTime{word}="00:42" lastTime{word}="{time}" '
                    yield f'totalTimeVisible="00:42" lastTimeVisible="{time}" appLaunchCount=1 \n'
            yield "    ChooserCounts\n    configurations\n"


def last_used(package: Package, profile: int, days: int = 0) -> str:
    """When an app was last used, `days` before the newest time that the phone tells: always the same; never, what came
    with the phone."""
    if package.system:
        return _NEVER
    minutes = zlib.crc32(f"used {profile} {package.name}".encode()) % 20_000
    return str(days_ago(1 + days, "18:00:00") - timedelta(minutes=minutes))
