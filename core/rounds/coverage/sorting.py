"""The checks of a round, sorted: those of its roster, those of other phones, and those that cannot be matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.rounds.coverage.contradictions import Contradiction
from core.rounds.coverage.log_order import Placing
from core.rounds.coverage.matching import RosterKeys, name_of
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.model import Loss, LossCause, RosterLine, Round, SeenPhone


class Sorting:
    """The checks of a round as they are sorted, one after the other in the order of the log."""

    def __init__(self, about: Round, lines: Sequence[RosterLine], loss: Loss | None) -> None:
        self._lines, self._loss = lines, loss
        # A roster does not know in a round what a typed word meant before it, nor the other way round.
        self._keys = {placing: RosterKeys(lines) for placing in Placing}
        self._checks = _Rows(about)
        self._before: dict[int, SeenPhone] = {}
        self.unexpected, self.unmatched, self.afterwards = _Rows(about), _Rows(about), _Rows()

    def add(self, check: SeenPhone, placing: Placing) -> None:
        """Sort one more check, the next in the log."""
        match = self._keys[placing].find(check)
        at, loss = match.at, match.loss or self._loss
        if placing is Placing.BEFORE:
            if at is not None:
                self._before[at] = check
        elif placing is Placing.AFTER:
            line = self._lines[at] if at is not None else None
            self.afterwards.add(
                str(at) if at is not None else name_of(check), check, match.contradiction, line=line, loss=loss
            )
        elif at is not None:
            self._checks.add(str(at), check, match.contradiction, line=self._lines[at])
        elif loss is not None:
            # Of erased values, what is left may be one phone's or many phones': each visit is a row of its own.
            erased = loss.cause is LossCause.ERASED
            self.unmatched.add(f"visit {check.visit or check.entry}" if erased else name_of(check), check, loss=loss)
        else:
            self.unexpected.add(name_of(check), check, match.contradiction)

    def phones(self) -> tuple[PhoneCoverage, ...]:
        """The phones of the roster, in its order."""
        return tuple(
            replace(self._checks.row_of(str(at)) or PhoneCoverage(line), before=self._before.get(at))
            for at, line in enumerate(self._lines)
        )


class _Rows:
    """Phones by a name, each with its checks; those of a round are in its days, whatever their own time says."""

    def __init__(self, about: Round | None = None) -> None:
        self._about = about
        self._rows: dict[str, PhoneCoverage] = {}

    def add(
        self,
        name: str,
        check: SeenPhone,
        contradiction: Contradiction | None = None,
        *,
        line: RosterLine | None = None,
        loss: Loss | None = None,
    ) -> None:
        """Add a check of a phone, in place of an earlier one in the same visit: a phone read again was seen once."""
        row = self._rows.get(name) or PhoneCoverage(line)
        visit = check.visit or str(check.entry)
        earlier = tuple(
            other_check for other_check in row.checks if (other_check.visit or str(other_check.entry)) != visit
        )
        self._rows[name] = replace(
            row,
            checks=(*earlier, check),
            contradiction=contradiction or row.contradiction,
            loss=loss or row.loss,
            mistimed=check.day if self._is_outside(check) else None,
        )

    def _is_outside(self, check: SeenPhone) -> bool:
        return self._about is not None and not self._about.first <= check.day <= self._about.last

    def row_of(self, name: str) -> PhoneCoverage | None:
        """The phone with this name."""
        return self._rows.get(name)

    def phones(self) -> tuple[PhoneCoverage, ...]:
        """All phones, in the order in which they were checked first."""
        return tuple(self._rows.values())
