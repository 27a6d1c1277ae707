"""Which phones were not seen for long: every desk has such a list, in a round and outside one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from core.model import Verdict
from core.rounds.coverage.log_order import in_order
from core.rounds.coverage.matching import RosterKeys, name_of
from core.rounds.coverage.phone_coverage import CoverageState, PhoneCoverage
from core.rounds.model import RosterLine, SeenPhone

#: Days that are looked back for the last check of a phone: one that was not seen for three years is told of no more.
LOOK_BACK: Final = 3 * 366


def due_again(
    checks: Iterable[SeenPhone], lines: Iterable[RosterLine], today: date, days: int
) -> tuple[PhoneCoverage, ...]:
    """The phones that were not seen for more than so many days: those that this desk has checked, and those of a
    roster, also where it never saw them. As :func:`most_urgent` has them; `before` of each is its last check in the
    log, which counts as made on the day by which the log has it."""
    listed = tuple(lines)
    keys = RosterKeys(listed)
    last: dict[int | str, PhoneCoverage] = {}
    for check in in_order(checks, today):
        match = keys.find(check)
        name = name_of(check) if match.at is None else match.at
        line = None if match.at is None else listed[match.at]
        last[name] = PhoneCoverage(line, before=check, contradiction=match.contradiction, loss=match.loss)
    limit = today - timedelta(days=days)
    phones = [last.pop(at, PhoneCoverage(line)) for at, line in enumerate(listed)]
    phones += last.values()
    return most_urgent(phone for phone in phones if phone.before is None or phone.before.sure_day < limit)


def most_urgent(phones: Iterable[PhoneCoverage]) -> tuple[PhoneCoverage, ...]:
    """The phones by urgency: those that were red when seen last, then those never seen, then the oldest checks."""

    def urgency(phone: PhoneCoverage) -> tuple[bool, date, int]:
        check = phone.latest
        is_red = check is not None and check.verdict is Verdict.RED
        return not is_red, check.sure_day if check is not None else date.min, check.entry if check is not None else 0

    return tuple(sorted(phones, key=urgency))


def worst_first(phones: Sequence[PhoneCoverage]) -> tuple[PhoneCoverage, ...]:
    """Red phones first, those with most banned apps before the others; then those with something to say."""

    def rank(phone: PhoneCoverage) -> tuple[bool, int, bool]:
        banned = phone.last.banned if phone.last is not None else 0
        return phone.state is not CoverageState.RED, -banned, phone.contradiction is None

    return tuple(sorted(phones, key=rank))
