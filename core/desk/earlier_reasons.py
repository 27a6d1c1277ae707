"""Why this officer handed phones back that were not green, by the desk's log: what was erased there is nowhere else."""

from __future__ import annotations

from typing import Final

from core.desk.desk import Desk
from core.desk.problems import NothingRecorded
from core.ledger.records import HandBackIntended, Kind
from core.ledger.records.visit import WORDS_LIMIT
from core.text import plain

#: How many are offered, and the handings back that are looked at.
_OFFERED: Final = 3
_LOOKED_AT: Final = 200


def earlier_reasons(desk: Desk, practice: bool) -> tuple[str, ...]:
    """The last reasons that the officer gave, the newest first, each once. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice) as ledger:
            entries = ledger.newest(_LOOKED_AT, kind=Kind.HAND_BACK_INTENDED)
    except NothingRecorded:
        return ()
    mine = (e.record.reason for e in entries if e.officer == desk.officer and isinstance(e.record, HandBackIntended))
    return tuple(dict.fromkeys(plain(reason.value, WORDS_LIMIT) for reason in mine if reason.value))[:_OFFERED]
