"""How many phones of a round a banned app can come back to, by unit. It tells how the phones were set up when they were
checked, and promises nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.model.can_return import Return
from core.reports.charts.chart_data import MOST_UNITS, ChartTable, other_units
from core.reports.charts.svg import single_line
from core.text import T, Text, Value

TITLE: Final = T("Can a banned app be reinstalled?")
BY_UNIT: Final = T("Can a banned app be reinstalled, by unit")
#: What is said of a phone, the worst first. What no check has told is not known.
_WORDS: Final = {
    Return.POSSIBLE: T("Phones on which one can be reinstalled"),
    Return.UNKNOWN: T("Phones on which that is not known, or not recorded"),
    Return.BLOCKED: T("Phones whose management blocked them when they were checked"),
}


@dataclass(frozen=True, slots=True)
class UnitReturns:
    """The checked phones of a unit: those to which a banned app can come back, those of which that is not known, and
    those whose management blocks it. `unit` is empty for phones of which the roster names none."""

    unit: str
    possible: int = 0
    unknown: int = 0
    blocked: int = 0

    @classmethod
    def of(cls, unit: str, states: Sequence[Return]) -> UnitReturns:
        """Those of the phones of a unit, by the state of each."""
        return cls(unit, *(states.count(state) for state in _WORDS))

    @property
    def numbers(self) -> tuple[int, int, int]:
        return self.possible, self.unknown, self.blocked


def return_rows(units: Iterable[UnitReturns]) -> list[tuple[Text, int]]:
    """The phones of all units."""
    whole = _summed(units)
    return list(zip(_WORDS.values(), whole.numbers, strict=True))


def return_table(units: Iterable[UnitReturns]) -> ChartTable:
    """The phones of each unit, those first to which most can come back; the last row sums what has no room."""
    ranked = sorted(units, key=lambda unit: (-unit.possible, -unit.unknown, -unit.blocked, unit.unit))
    rows: list[tuple[Value, ...]] = [
        (single_line(unit.unit) or T("No unit"), *_row(unit)) for unit in ranked[:MOST_UNITS]
    ]
    if rest := ranked[MOST_UNITS:]:
        rows.append((other_units(len(rest)), *_row(_summed(rest))))
    return ChartTable((), (T("Unit"), T("Can be reinstalled"), T("Not known"), T("Blocked"), T("Phones")), tuple(rows))


def _row(unit: UnitReturns) -> tuple[int, ...]:
    return *unit.numbers, sum(unit.numbers)


def _summed(units: Iterable[UnitReturns]) -> UnitReturns:
    return UnitReturns("", *map(sum, zip((0, 0, 0), *(unit.numbers for unit in units), strict=True)))
