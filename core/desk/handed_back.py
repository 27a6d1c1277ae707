"""How many phones a desk has handed back today, by its log."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Final

from core.desk.desk import Desk
from core.ledger.records import Kind
from core.ledger.writer import ledger_file

#: More phones than one desk hands back in a day.
_MOST: Final = 1_000


def handed_back_today(desk: Desk, now: datetime) -> int:
    """How many handings back are on record since midnight where `now` is (aware). Raises LedgerProblem."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    # Not Path.exists(), which raises where this account may not even look into a folder that others share.
    if not os.path.exists(ledger_file(desk.log_folder)):  # nothing was recorded yet
        return 0
    with desk.read_ledger(practice=False) as ledger:
        return sum(entry.time >= midnight for entry in ledger.newest(_MOST, kind=Kind.HANDED_BACK))
