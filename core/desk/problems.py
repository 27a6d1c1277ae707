"""What can keep a desk from its log, or from a record in it."""

from __future__ import annotations

from pathlib import Path

from core.ledger.problems import LedgerProblem
from core.text import T


class NothingRecorded(LedgerProblem):
    """There is no log yet: neither of real phones nor of practice ones, or not the one of them that was meant."""

    code = "nothing-recorded"

    def __init__(self, data: Path, *, practice: bool = False, other_has_entries: bool = False) -> None:
        """`practice` tells which log was meant, and `other_has_entries` whether the other one has entries."""
        next_step = T("Check a phone first: fanion check.")
        if practice:
            next_step = T("Check a practice phone first: fanion check --practice walk-up.")
        elif other_has_entries:
            next_step = T("Check a phone first: fanion check. For what was practised, add --practice.")
        super().__init__(T("Nothing has been recorded yet in {folder}.", folder=str(data)), next_step)


class NoSuchEntry(LedgerProblem):
    """The log has no record of that number."""

    code = "no-such-entry"

    def __init__(self, seq: int, newest: int) -> None:
        super().__init__(
            T("The log has no entry {entry}: the newest one is {newest}.", entry=seq, newest=newest)
            if newest
            else T("The log has no entries yet."),
            T("List the entries: fanion log list."),
        )
