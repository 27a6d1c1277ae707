"""What the practice log must say for a goal of a lesson to be reached.

A goal is a row of conditions that entries of one visit of one practice phone meet, one after the other; or of entries
that belong to no visit, such as a receipt. Nothing counts but what is on record: no press of a button does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.ledger import records
from core.ledger.records import Entry
from core.model import ProfileKind, Verdict
from core.simulator import scenario_list

#: Whether an entry is what a goal waits for next.
Condition = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Entries meet these conditions, one after the other: of one visit of the practice phone `scenario`; or, where that
    is empty, of no visit at all."""

    scenario: str
    conditions: tuple[Condition, ...]

    def reached(self, entries: Sequence[Entry]) -> bool:
        """Whether `entries`, the oldest first, reach it."""
        return any(_in_order(candidate, self.conditions) for candidate in self._candidates(entries))

    def _candidates(self, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
        if not self.scenario:
            yield [entry for entry in entries if entry.visit is None]
            return
        visits: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.visit is not None and _serial(entry) == serial_of(self.scenario):
                visits.setdefault(entry.visit, []).append(entry)
        yield from visits.values()


def in_visit(scenario: str, *conditions: Condition) -> OnRecord:
    """Reached in one visit of the practice phone `scenario`."""
    return OnRecord(scenario, conditions)


def outside_visits(*conditions: Condition) -> OnRecord:
    """Reached by entries about the log as a whole."""
    return OnRecord("", conditions)


@lru_cache
def serial_of(scenario: str) -> str:
    """The serial number that the practice phone `scenario` tells."""
    return scenario_list.serial(scenario)


# --- conditions


def found_in(kind: ProfileKind) -> Condition:
    """A banned app was found in a profile of this kind."""
    return lambda entry: (
        isinstance(entry.record, records.AppFound) and entry.record.is_ban and entry.record.profile_kind is kind
    )


def check_ended(verdict: Verdict, *, products: int | None = None) -> Condition:
    """A check ended with this verdict, and so many banned apps where that is given."""
    return lambda entry: (
        isinstance(entry.record, records.CheckEnded)
        and entry.record.verdict is verdict
        and products in (None, entry.record.products)
    )


def step_taken(entry: Entry) -> bool:
    """A step of a removal was taken, whatever the phone answered."""
    return isinstance(entry.record, records.RemovalOutcome) and entry.record.outcome != "not-taken"


def taken_back(entry: Entry) -> bool:
    """A step of a removal was taken back."""
    return isinstance(entry.record, records.UndoOutcome) and entry.record.outcome == "done"


def attested(verdict: Verdict) -> Condition:
    """An officer looked on the phone, which left the visit with this verdict."""
    return lambda entry: isinstance(entry.record, records.Attestation) and entry.record.verdict is verdict


def handed_back(verdict: Verdict) -> tuple[Condition, Condition]:
    """The phone was handed back with this verdict: it was announced, and done."""
    return (
        lambda entry: isinstance(entry.record, records.HandBackIntended) and entry.record.verdict is verdict,
        lambda entry: isinstance(entry.record, records.HandedBack),
    )


def copy_left(way: str) -> Condition:
    """A checkpoint left the computer by this way, one of :data:`core.ledger.records.desk.WAYS`."""
    return lambda entry: isinstance(entry.record, records.OutsideCopy) and entry.record.how == way


def exported(entry: Entry) -> bool:
    """Entries were written into files."""
    return isinstance(entry.record, records.Exported)


def _in_order(entries: Iterable[Entry], conditions: Sequence[Condition]) -> bool:
    waiting = iter(entries)
    return all(any(condition(entry) for entry in waiting) for condition in conditions)


def _serial(entry: Entry) -> str:
    serial = entry.device.serial if entry.device is not None else None
    return (serial.value or "") if serial is not None else ""
