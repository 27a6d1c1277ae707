"""What the Round page reads, off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from core.desk.desk import Desk
from core.desk.papers.due_papers import DueChoice, DuePhones, due_in
from core.desk.papers.round_days import round_day, round_zone
from core.desk.problems import NothingRecorded
from core.ledger.reader import LedgerReader
from core.ledger.records import Kind
from core.rounds import recheck, rounds
from core.rounds.coverage.coverage import Coverage
from core.rounds.model import SeenPhone
from core.rounds.recheck import RecheckStatus
from core.rounds.rounds import KnownRound

LANE: Final = "rounds"


@dataclass(frozen=True, slots=True)
class RoundsRead:
    """The rounds on record, the newest first; the one that is shown, and how it stands, without how the phones were
    left that wait for a second look; how that stands, where the round asks for one; and, where there is no round, the
    phones that this desk has not seen for long, and whether the log of practice has rounds (`practised`)."""

    rounds: tuple[KnownRound, ...] = ()
    current: KnownRound | None = None
    coverage: Coverage | None = None
    recheck: RecheckStatus | None = None
    due: DuePhones | None = None
    practice: bool = False
    practised: bool = False


def read(desk: Desk, number: str, practice: bool, days: int, today: date) -> RoundsRead:
    """Read the rounds of a log, and how the one with this number stands, or the newest; where there is none, which
    phones were not seen for more than so many days. Raises RosterFileProblem, LedgerProblem."""
    try:
        ledger = desk.read_ledger(practice)
    except NothingRecorded:
        return RoundsRead(practice=practice, practised=_has_rounds(desk))
    zone = round_zone(desk)
    with ledger:
        known_rounds = rounds.recorded_rounds(ledger, practice=practice)
        current = next(
            (known_round for known_round in known_rounds if known_round.about.id == number),
            known_rounds[0] if known_rounds else None,
        )
        if current is None:
            due = due_in(ledger, desk, practice, DueChoice(days=days), today)
            return RoundsRead(due=due, practice=practice, practised=_has_rounds(desk))
        covered = rounds.covered(ledger, desk.data, current, today, zone)
        to_come = recheck.waiting(ledger, desk.data, today, zone, practice=practice, covered=covered)
        second = None
        if current.about.recheck:
            second = recheck.status(covered, recheck.drawn(ledger, current.about.id))
        return RoundsRead(known_rounds, current, recheck.blinded(covered, to_come), second, practice=practice)


def _has_rounds(desk: Desk) -> bool:
    """Whether the log of practice has a round. Raises LedgerProblem."""
    try:
        with desk.read_ledger(True) as ledger:
            return ledger.newest(1, kind=Kind.ROUND_BEGUN) != ()
    except NothingRecorded:
        return False


def draw(desk: Desk, practice: bool, known_round: KnownRound) -> RecheckStatus:
    """Draw the phones of a round for a second look. Raises Problem."""
    with desk.custodian(practice) as ledger:
        covered = _covered(desk, ledger, known_round)
        return recheck.status(covered, recheck.draw(ledger, covered))


def end(desk: Desk, practice: bool, known_round: KnownRound) -> Coverage:
    """Close a round: what goes on record is how it stands now, with the phones that wait for a second look. Raises
    Problem."""
    with desk.custodian(practice) as ledger:
        covered = _covered(desk, ledger, known_round)
        rounds.end(ledger, covered)
        return covered


def _covered(desk: Desk, ledger: LedgerReader, known_round: KnownRound) -> Coverage:
    return rounds.covered(ledger, desk.data, known_round, round_day(desk), round_zone(desk))


def add(desk: Desk, practice: bool, known_round: KnownRound, check: SeenPhone) -> None:
    """Put the phone of a check that was not expected on the roster of a round. Raises Problem."""
    with desk.custodian(practice) as ledger:
        rounds.add(ledger, desk.data, known_round, check)
