"""Pages to print and to hand out, made only out of the ledger's records: nothing in here remembers anything.

`receipt` proves one check to an outsider, `close` is the day's last page, `sheet` has a desk's keys; `page` sets them.
"""

from __future__ import annotations

from datetime import date

from core.ledger.problems import LedgerProblem
from core.problem import Problem
from core.text import T


class NotOfACheck(LedgerProblem):
    """A receipt was asked for of a record that belongs to no check that came to its end."""

    code = "not-of-a-check"

    def __init__(self, seq: int) -> None:
        super().__init__(
            T("Entry {entry} of the log belongs to no check that came to its end.", entry=seq),
            T("Choose the end of a check, or another entry of a visit that has one after it."),
        )


class DayToCome(LedgerProblem):
    """The page of a day was asked for that has not begun."""

    code = "day-to-come"

    def __init__(self, day: date) -> None:
        super().__init__(
            T("{day} has not begun yet: there is nothing to close.", day=day.isoformat()),
            T("Choose today or an earlier day. If the date is right, set this computer’s clock."),
        )


class PageProblem(Problem):
    """A page could not be set. Nothing was written; the log has everything that was to stand on it."""

    code = "page"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The page could not be made."),
            T("The log itself is as it was: try again, and report this if it stays so."),
            detail,
        )
