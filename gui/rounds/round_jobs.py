"""What the Round page reads, off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from core.desk.desk import Desk
from core.rounds import rounds
from core.rounds.coverage import DUE_AFTER, Coverage, due_again
from core.rounds.model import SeenPhone
from core.rounds.rounds import KnownRound

LANE: Final = "rounds"


@dataclass(frozen=True, slots=True)
class RoundsRead:
    """The rounds on record, the newest first; the one that is shown, and how it stands; and the phones that this desk
    has not seen for long."""

    known: tuple[KnownRound, ...] = ()
    shown: KnownRound | None = None
    coverage: Coverage | None = None
    due: tuple[SeenPhone, ...] = ()
    practice: bool = False


def read(desk: Desk, number: str, practice: bool, today: date) -> RoundsRead:
    """Read the rounds of a log, and how the one with this number stands, or the newest. Raises RosterFileProblem,
    LedgerProblem."""
    if not desk.ledger_path(practice).exists():
        return RoundsRead(practice=practice)
    with desk.read_ledger(practice) as ledger:
        known = rounds.known(ledger, practice=practice)
        shown = next((one for one in known if one.about.id == number), known[0] if known else None)
        if shown is None:
            seen = rounds.seen(ledger, today.replace(year=today.year - 1))
            return RoundsRead(due=due_again(seen, today, DUE_AFTER), practice=practice)
        return RoundsRead(known, shown, rounds.covered(ledger, desk.data, shown, today), practice=practice)
