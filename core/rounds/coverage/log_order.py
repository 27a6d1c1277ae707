"""When a check was made, as far as the log knows: entries stand in their order, whatever the computer's clock said.

An entry's own time is the computer's, which may have run ahead or behind. A later entry, or the clock now, says by when
an earlier one was made at the latest; an earlier entry says when a later one was made at the earliest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Final

from core.rounds.model import Round, SeenPhone

#: A clock that shows an earlier day has lost its battery: there was no log then, and it tells nothing of other entries.
_NO_LOG: Final = date(2025, 1, 1)


class Placing(Enum):
    """How a check stands to the days of a round."""

    BEFORE = "before"
    IN = "in"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class RoundSpan:
    """Where a round stands in the log: the number of the record of its begin, and its day; 0 and None where its begin
    is not known."""

    first_entry: int = 0
    begun_on: date | None = None


def in_order(checks: Iterable[SeenPhone], as_of: date) -> list[SeenPhone]:
    """The checks in the order of the log, each with the day by which it was made where that is not its own."""
    ordered = sorted(checks, key=lambda check: check.entry)
    latest = as_of if as_of >= _NO_LOG else date.max
    for at in range(len(ordered) - 1, -1, -1):
        check = ordered[at]
        if latest < check.day:
            ordered[at] = replace(check, by_day=latest)
        elif check.day >= _NO_LOG:
            latest = check.day
    return ordered


def placings(about: Round, ordered: Sequence[SeenPhone], span: RoundSpan) -> list[Placing]:
    """Where each of these checks stands, which are in the order of the log.

    Behind the record of its begin a check is one of the round, unless its own time lies outside of the round's days and
    nothing in the log speaks against that. Before that record it is one only if nothing speaks against its time.
    """
    placed: list[Placing] = []
    reached = date.min
    for check in ordered:
        if span.begun_on is not None and check.entry > span.first_entry:
            reached = max(reached, span.begun_on)
        reached = max(reached, check.day)
        early, late = check.sure_day, reached
        if check.entry < span.first_entry:
            early_enough = span.begun_on is None or check.day <= span.begun_on
            is_in = about.first <= early and check.day <= about.last and early_enough
            placed.append(Placing.IN if is_in else Placing.BEFORE)
        elif late < about.first:
            placed.append(Placing.BEFORE)
        else:
            placed.append(Placing.AFTER if early > about.last else Placing.IN)
    return placed
