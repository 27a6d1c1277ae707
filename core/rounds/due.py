"""Which phones were not seen for long: every desk has such a list, in a round and outside one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from core.model import Verdict
from core.rounds.coverage import PhoneCoverage, RosterKeys, name_of
from core.rounds.model import RosterLine, SeenPhone

#: Days that are looked back for the last check of a phone: one that was not seen for three years is told of no more.
LOOK_BACK: Final = 3 * 366
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def due_again(
    seen: Iterable[SeenPhone], lines: Iterable[RosterLine], today: date, days: int
) -> tuple[PhoneCoverage, ...]:
    """The phones that were not seen for more than so many days: those that this desk has checked, and those of a
    roster, also where it never saw them. As :func:`most_urgent` has them; `before` of each is its last check."""
    listed = tuple(lines)
    keys = RosterKeys(listed)
    last: dict[int | str, SeenPhone] = {}
    for check in sorted(seen, key=lambda one: (one.time, one.entry)):
        at = keys.find(check)
        last[name_of(check) if at is None else at] = check
    limit = today - timedelta(days=days)
    found = [PhoneCoverage(line, before=last.pop(at, None)) for at, line in enumerate(listed)]
    found += [PhoneCoverage(None, before=check) for check in last.values()]
    return most_urgent(phone for phone in found if phone.before is None or _day(phone.before) < limit)


def most_urgent(phones: Iterable[PhoneCoverage]) -> tuple[PhoneCoverage, ...]:
    """Those that were red when they were seen last come first, then the ones that were never seen, then the oldest."""

    def urgency(phone: PhoneCoverage) -> tuple[bool, datetime]:
        seen = phone.seen
        return (seen is None or seen.verdict is not Verdict.RED), seen.time if seen is not None else _NEVER

    return tuple(sorted(phones, key=urgency))


def _day(check: SeenPhone) -> date:
    return check.time.astimezone().date()
