"""Which phones of a round were seen, and how each was left: the list of the round against the checks on record.

A phone of the list is the one that was checked if the serial numbers are the same, else the IMEI, else the asset tag
that the officer gave. A serial number that many phones have names none. The last check counts; the ones before it tell
that a phone was seen twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from core.model import Verdict
from core.rounds.identifiers import imei_of, key_of
from core.rounds.model import Roster, RosterLine, Round, SeenPhone
from core.same_phone import names_one_phone

#: Days after which a phone is due again where nothing else is said.
DUE_AFTER: Final = 90


class PhoneState(StrEnum):
    """How a phone of the list stands."""

    DUE = "due"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    #: Checked, and waiting for a second look, until which nobody is told how it was left.
    WAITING = "waiting"


_STATES: Final[Mapping[Verdict | None, PhoneState]] = {
    None: PhoneState.WAITING,
    Verdict.GREEN: PhoneState.GREEN,
    Verdict.AMBER: PhoneState.AMBER,
    Verdict.RED: PhoneState.RED,
}


@dataclass(frozen=True, slots=True)
class PhoneCoverage:
    """One phone of the list and its checks in the days of the round, the newest last; `before` is its last one earlier.

    `line` is None for a phone that was checked and is not on the list. Outside a round `checks` is empty.
    """

    line: RosterLine | None
    checks: tuple[SeenPhone, ...] = ()
    before: SeenPhone | None = None

    @property
    def last(self) -> SeenPhone | None:
        return self.checks[-1] if self.checks else None

    @property
    def seen(self) -> SeenPhone | None:
        """Its last check, in the round or before it; None where this desk never saw it."""
        return self.last or self.before

    @property
    def state(self) -> PhoneState:
        return _STATES[self.last.verdict] if self.last is not None else PhoneState.DUE

    @property
    def unit(self) -> str:
        return self.line.unit if self.line is not None else ""

    @property
    def holder(self) -> str:
        """As the list has it, else as an officer has said."""
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
    def named(self) -> str:
        """By what people know it: its holder, else its tag, else what it is and the end of its number."""
        number = self._of_line("serial") or self._of_line("imei") or self._of_check("serial")
        said = (self._of_line("holder"), self._of_line("tag"), self.holder, self.tag)
        end = f"{self.model} · {number[-4:]}" if self.model else f"…{number[-4:]}"
        return next((text for text in said if text), end if number else self.model or "?")

    def _of_line(self, name: str) -> str:
        return str(getattr(self.line, name)) if self.line is not None else ""

    def _of_check(self, name: str) -> str:
        return str(getattr(self.seen, name)) if self.seen is not None else ""


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """How the phones of one unit stand, in numbers."""

    unit: str
    counts: Mapping[PhoneState, int]

    @property
    def phones(self) -> int:
        return sum(self.counts.values())

    def count(self, state: PhoneState) -> int:
        return self.counts.get(state, 0)


@dataclass(frozen=True)
class Coverage:
    """A round on one day: the phones of its list in its order, and those that were checked and are not on it."""

    round: Round
    today: date
    phones: tuple[PhoneCoverage, ...]
    unexpected: tuple[PhoneCoverage, ...]

    @cached_property
    def counts(self) -> Mapping[PhoneState, int]:
        return Counter(phone.state for phone in self.phones)

    @property
    def checked(self) -> int:
        return len(self.phones) - self.counts.get(PhoneState.DUE, 0)

    @cached_property
    def units(self) -> tuple[UnitCoverage, ...]:
        """Each unit of the list, the one with most to do first: red ones, then those that are due, then by name."""
        found: dict[str, Counter[PhoneState]] = {}
        for phone in self.phones:
            found.setdefault(phone.unit, Counter())[phone.state] += 1
        units = [UnitCoverage(unit, counts) for unit, counts in found.items()]
        return tuple(
            sorted(units, key=lambda u: (-u.count(PhoneState.DUE), -u.count(PhoneState.RED), u.unit.casefold()))
        )

    @cached_property
    def late(self) -> tuple[PhoneCoverage, ...]:
        """Those of the due that no check of this desk has seen for longer than DUE_AFTER days, or ever."""
        limit = self.today - timedelta(days=DUE_AFTER)
        return tuple(
            phone
            for phone in self.of(PhoneState.DUE)
            if phone.before is None or phone.before.time.astimezone().date() < limit
        )

    @cached_property
    def seen_twice(self) -> tuple[PhoneCoverage, ...]:
        """Those that were checked in more than one visit."""
        return tuple(phone for phone in (*self.phones, *self.unexpected) if len(phone.checks) > 1)

    @cached_property
    def red_before(self) -> tuple[PhoneCoverage, ...]:
        """Those that are due and were red when they were seen last."""
        return tuple(p for p in self.of(PhoneState.DUE) if p.before is not None and p.before.verdict is Verdict.RED)

    def of(self, state: PhoneState) -> tuple[PhoneCoverage, ...]:
        """The phones of the list that stand so."""
        return tuple(phone for phone in self.phones if phone.state is state)

    @cached_property
    def by_day(self) -> Mapping[date, Counter[PhoneState]]:
        """The checks of each day by how they ended, also those of phones that are not on the list."""
        days: dict[date, Counter[PhoneState]] = {}
        for phone in (*self.phones, *self.unexpected):
            for check in phone.checks:
                days.setdefault(check.time.astimezone().date(), Counter())[_STATES[check.verdict]] += 1
        return dict(sorted(days.items()))

    @cached_property
    def first_seen(self) -> Mapping[date, int]:
        """How many phones of the list were seen for the first time on each day."""
        days = Counter(phone.checks[0].time.astimezone().date() for phone in self.phones if phone.checks)
        return dict(sorted(days.items()))


def coverage(about: Round, roster: Roster | None, seen: Iterable[SeenPhone], today: date) -> Coverage:
    """Match the checks on record with the list. `seen` may have checks of other days: those before the round tell when
    a phone was seen last, those after it are left out."""
    lines = roster.lines if roster is not None else ()
    keys = RosterKeys(lines)
    checks: dict[int, list[SeenPhone]] = {}
    before: dict[int, SeenPhone] = {}
    others: dict[str, list[SeenPhone]] = {}
    for check in sorted(seen, key=lambda one: (one.time, one.entry)):
        day = check.time.astimezone().date()
        at = keys.find(check)
        if day < about.first:
            if at is not None:
                before[at] = check
        elif day <= about.last:
            if at is not None:
                checks.setdefault(at, []).append(check)
            else:
                others.setdefault(name_of(check), []).append(check)
    phones = tuple(PhoneCoverage(line, _by_visit(checks.get(at, ())), before.get(at)) for at, line in enumerate(lines))
    unexpected = tuple(PhoneCoverage(None, _by_visit(found)) for found in others.values())
    return Coverage(about, today, phones, unexpected)


class RosterKeys:
    """The lines of a list by what names a phone."""

    def __init__(self, lines: Sequence[RosterLine]) -> None:
        self._serials: dict[str, int] = {}
        self._imeis: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        for at, line in enumerate(lines):
            if names_one_phone(line.serial):
                self._serials.setdefault(key_of(line.serial), at)
            if line.imei:
                self._imeis.setdefault(line.imei, at)
            if line.tag:
                self._tags.setdefault(key_of(line.tag), at)

    def find(self, check: SeenPhone) -> int | None:
        """The line of a phone that was checked; None where it is not on the list."""
        if names_one_phone(check.serial) and (at := self._serials.get(key_of(check.serial))) is not None:
            return at
        if check.imei and (at := self._imeis.get(imei_of(check.imei).digits)) is not None:
            return at
        return self._tags.get(key_of(check.tag)) if check.tag else None


def _by_visit(checks: Iterable[SeenPhone]) -> tuple[SeenPhone, ...]:
    """The last check of each visit: a phone that is read again after a removal was seen once."""
    last: dict[str, SeenPhone] = {}
    for check in checks:
        key = check.visit or str(check.entry)
        last.pop(key, None)
        last[key] = check
    return tuple(last.values())


def name_of(check: SeenPhone) -> str:
    """What tells one phone from the others, as far as anything does: one without is a phone of its own."""
    if names_one_phone(check.serial):
        return f"serial {key_of(check.serial)}"
    return f"tag {key_of(check.tag)}" if check.tag else f"entry {check.entry}"
