"""One phone of a round: its line of the roster, its checks, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from core.model import Verdict
from core.rounds.coverage.contradictions import Contradiction
from core.rounds.model import Loss, RosterLine, SeenPhone


class CoverageState(StrEnum):
    """How a phone of the list stands in a round."""

    DUE = "due"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    #: Checked, and waiting for a second look, until which nobody is told how it was left.
    WAITING = "waiting"
    #: No check is matched with it, and it may be the phone of one that cannot be matched any more.
    NOT_KNOWN = "not-known"


STATES: Final[Mapping[Verdict | None, CoverageState]] = {
    None: CoverageState.WAITING,
    Verdict.GREEN: CoverageState.GREEN,
    Verdict.AMBER: CoverageState.AMBER,
    Verdict.RED: CoverageState.RED,
}


@dataclass(frozen=True, slots=True)
class PhoneCoverage:
    """One phone of the list and its checks in the days of the round, the newest last; `before` is its last one earlier.

    `line` is None for a phone that was checked and is not on the list. Outside a round `checks` is empty.
    `contradiction` is what was typed in against what the phone says; `loss` why it cannot be matched with the list any
    more. `may_be_lost`: it has no check, and one that cannot be matched may be its. `mistimed` is the day that its last
    check has by its own time, where that is outside of the days of the round and the log says otherwise.
    """

    line: RosterLine | None
    checks: tuple[SeenPhone, ...] = ()
    before: SeenPhone | None = None
    contradiction: Contradiction | None = None
    loss: Loss | None = None
    may_be_lost: bool = False
    mistimed: date | None = None

    @property
    def last(self) -> SeenPhone | None:
        return self.checks[-1] if self.checks else None

    @property
    def latest(self) -> SeenPhone | None:
        """The phone's last check, in the round or before it; None where this desk never saw it."""
        return self.last or self.before

    @property
    def state(self) -> CoverageState:
        if self.last is not None:
            return STATES[self.last.verdict]
        return CoverageState.NOT_KNOWN if self.may_be_lost else CoverageState.DUE

    @property
    def unit(self) -> str:
        return self.line.unit if self.line is not None else ""

    @property
    def holder(self) -> str:
        """The holder by the list, else by an officer's word."""
        return self._of_line("holder") or self._of_check("holder")

    @property
    def tag(self) -> str:
        return self._of_line("tag") or self._of_check("tag")

    @property
    def serial(self) -> str:
        return self._of_line("serial") or self._of_check("serial")

    @property
    def imei(self) -> str:
        return self._of_line("imei") or self._of_check("imei")

    @property
    def model(self) -> str:
        """What people call it; empty where this desk never saw it."""
        return self._of_check("phone")

    @property
    def display_name(self) -> str:
        """What people call the phone: its holder, else its tag, else its model and the end of its number."""
        number = self._of_line("serial") or self._of_line("imei") or self._of_check("serial")
        names = (self._of_line("holder"), self._of_line("tag"), self.holder, self.tag)
        end = f"{self.model} · {number[-4:]}" if self.model else f"…{number[-4:]}"
        return next((text for text in names if text), end if number else self.model or "?")

    def _of_line(self, name: str) -> str:
        return str(getattr(self.line, name)) if self.line is not None else ""

    def _of_check(self, name: str) -> str:
        return str(getattr(self.latest, name)) if self.latest is not None else ""
