"""Which phones of a round were seen, and how each was left: the list of the round against the checks on record.

Which phone of the list a check is of is decided by :mod:`core.rounds.coverage.matching`, and whether it is one of
the round by :mod:`core.rounds.coverage.log_order`. The last check in the log counts; the ones before it tell that a
phone was seen twice. A check of which it is not known any more whose phone it was stays, as one that cannot be matched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from core.ledger.records import RoundEnded
from core.model import Verdict
from core.rounds.coverage.log_order import RoundSpan, in_order, placings
from core.rounds.coverage.phone_coverage import STATES, CoverageState, PhoneCoverage
from core.rounds.coverage.sorting import Sorting
from core.rounds.model import Loss, Roster, Round, SeenPhone

#: Days after which a phone is due again where nothing else is said.
DUE_AFTER: Final = 90


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """How the phones of one unit stand, in numbers."""

    unit: str
    counts: Mapping[CoverageState, int]

    @property
    def phones(self) -> int:
        return sum(self.counts.values())

    def count(self, state: CoverageState) -> int:
        return self.counts.get(state, 0)

    @property
    def due(self) -> int:
        """How many phones of the unit no check is matched with."""
        return self.count(CoverageState.DUE) + self.count(CoverageState.NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class DrawnFrom:
    """What the sample of a round was drawn from: each phone of the roster of that time, as it stood `before` the draw
    and as it stands `now`, in the order of that roster."""

    before: tuple[PhoneCoverage, ...]
    now: tuple[PhoneCoverage, ...]


@dataclass(frozen=True)
class Coverage:
    """A round on one day, or at its end: the phones of its list in its order, and those that are not on it.

    `unmatched` are checks of which it is not known any more whether their phones are on the list; `afterwards` those
    that were made after its last day, and are not counted. `ended` is the record of its end. `loss` tells why its list
    is not known any more. `drawn_from` is what its sample was drawn from; `draw_lost` tells that the list of that time
    is gone.
    """

    round: Round
    today: date
    phones: tuple[PhoneCoverage, ...]
    unexpected: tuple[PhoneCoverage, ...]
    unmatched: tuple[PhoneCoverage, ...] = ()
    afterwards: tuple[PhoneCoverage, ...] = ()
    ended: RoundEnded | None = None
    loss: Loss | None = None
    drawn_from: DrawnFrom | None = None
    draw_lost: bool = False

    @cached_property
    def counts(self) -> Mapping[CoverageState, int]:
        """The phones of the list by how they stand.

        What cannot be matched any more stays counted: of a round that goes on, each phone that was left red is counted
        as red, in the place of one that no check is matched with as long as there are such; of a closed one, the
        record of its end has the numbers.
        """
        by_state = Counter(phone.state for phone in self.phones)
        if self.ended is not None:
            return by_state if self._fits(by_state, self.ended) else self._on_record(by_state, self.ended)
        without = by_state[CoverageState.DUE] + by_state[CoverageState.NOT_KNOWN]
        lost = min(len(self.unmatched), without)
        by_state[CoverageState.RED] += len(self.lost_red)
        by_state[CoverageState.NOT_KNOWN] = lost - min(len(self.lost_red), lost)
        by_state[CoverageState.DUE] = without - lost
        return +by_state

    @property
    def listed(self) -> int:
        """How many phones the list has, or had at the end of the round."""
        return len(self.phones) if self.ended is None or self.loss is None else self.ended.phones

    @property
    def due(self) -> int:
        """How many phones of the list have no check."""
        return self.counts.get(CoverageState.DUE, 0) + self.counts.get(CoverageState.NOT_KNOWN, 0)

    @property
    def checked(self) -> int:
        return max(0, self.listed - self.due)

    @cached_property
    def lost_red(self) -> tuple[PhoneCoverage, ...]:
        """The checks that cannot be matched any more and left a phone red."""
        return tuple(phone for phone in self.unmatched if phone.state is CoverageState.RED)

    @cached_property
    def red(self) -> tuple[PhoneCoverage, ...]:
        """All phones that were left red: of the list, and those that cannot be matched with it any more."""
        return self.of(CoverageState.RED) + self.lost_red

    @cached_property
    def red_unexpected(self) -> tuple[PhoneCoverage, ...]:
        """The phones that are not on the list and were left red. With :attr:`red`, these are all red phones of the
        round, each once."""
        return tuple(phone for phone in self.unexpected if phone.state is CoverageState.RED)

    @cached_property
    def other_unexpected(self) -> tuple[PhoneCoverage, ...]:
        """The phones that are not on the list and were not left red."""
        return tuple(phone for phone in self.unexpected if phone.state is not CoverageState.RED)

    @property
    def differs(self) -> bool:
        """Whether the records of a closed round show more red phones of its list than the record of its end tells of,
        or other numbers although nothing is lost."""
        if self.ended is None:
            return False
        by_state = Counter(phone.state for phone in self.phones)
        if by_state[CoverageState.RED] > self.ended.red or by_state[CoverageState.WAITING]:
            return by_state[CoverageState.RED] > self.ended.red
        return not self.unmatched and self.loss is None and not self._fits(by_state, self.ended)

    @property
    def is_whole(self) -> bool:
        """Whether how each phone of the list stands is known, so that the units can be told apart."""
        return self.counts == +Counter(phone.state for phone in self.phones)

    def _fits(self, by_state: Mapping[CoverageState, int], ended: RoundEnded) -> bool:
        """Whether the phones, counted by how they stand, are as many as the record of the end says."""
        on_record = {
            CoverageState.GREEN: ended.green,
            CoverageState.AMBER: ended.amber,
            CoverageState.RED: ended.red,
            CoverageState.DUE: ended.due,
        }
        return not by_state.get(CoverageState.NOT_KNOWN) and all(
            by_state.get(state, 0) == on_record[state] for state in on_record
        )

    def _on_record(self, by_state: Counter[CoverageState], ended: RoundEnded) -> Mapping[CoverageState, int]:
        """The numbers of the record of the end; no red phone that the records show is missing in them."""
        if not self.unmatched and self.loss is None and by_state[CoverageState.RED] >= ended.red:
            return +by_state
        # More red phones than the record of the end tells of take the places of others, so that the sum stays.
        extra = max(0, by_state[CoverageState.RED] - ended.red)
        recorded = Counter(
            {CoverageState.GREEN: ended.green, CoverageState.AMBER: ended.amber, CoverageState.DUE: ended.due}
        )
        recorded[CoverageState.RED] = ended.red + extra
        for state in (CoverageState.GREEN, CoverageState.AMBER, CoverageState.DUE):
            moved = min(extra, recorded[state])
            recorded[state] -= moved
            extra -= moved
        return +recorded

    @cached_property
    def units(self) -> tuple[UnitCoverage, ...]:
        """Each unit of the list, the one with most to do first: those that are due, then red ones, then by name."""
        by_unit: dict[str, Counter[CoverageState]] = {}
        for phone in self.phones:
            by_unit.setdefault(phone.unit, Counter())[phone.state] += 1
        units = [UnitCoverage(unit, counts) for unit, counts in by_unit.items()]
        return tuple(sorted(units, key=lambda u: (-u.due, -u.count(CoverageState.RED), u.unit.casefold())))

    @cached_property
    def late(self) -> tuple[PhoneCoverage, ...]:
        """The due phones that no check of this desk has seen for longer than DUE_AFTER days, or ever."""
        limit = self.today - timedelta(days=DUE_AFTER)
        return tuple(phone for phone in self.to_see if phone.before is None or phone.before.sure_day < limit)

    @cached_property
    def seen_twice(self) -> tuple[PhoneCoverage, ...]:
        """The phones that were checked in more than one visit."""
        return tuple(phone for phone in self._all if len(phone.checks) > 1)

    @cached_property
    def red_before(self) -> tuple[PhoneCoverage, ...]:
        """The due phones that were red when they were seen last."""
        return tuple(p for p in self.to_see if p.before is not None and p.before.verdict is Verdict.RED)

    @cached_property
    def to_see(self) -> tuple[PhoneCoverage, ...]:
        """The phones of the list that no check is matched with."""
        return tuple(phone for phone in self.phones if phone.last is None)

    @cached_property
    def contradicting(self) -> tuple[PhoneCoverage, ...]:
        """The phones that were named by a tag or number which is another phone's."""
        return tuple(phone for phone in self._all if phone.contradiction is not None)

    @cached_property
    def mistimed(self) -> tuple[SeenPhone, ...]:
        """The checks that the order of the log puts into the round, although their own time is outside of its days."""
        checks = (check for phone in self._all for check in phone.checks)
        return tuple(check for check in checks if not self.round.first <= check.day <= self.round.last)

    def of(self, state: CoverageState) -> tuple[PhoneCoverage, ...]:
        """The phones of the list in this state."""
        return tuple(phone for phone in self.phones if phone.state is state)

    @cached_property
    def by_day(self) -> Mapping[date, Counter[CoverageState]]:
        """The checks of each day by how they ended, also those of phones that are not on the list."""
        days: dict[date, Counter[CoverageState]] = {}
        for phone in self._all:
            for check in phone.checks:
                days.setdefault(self._day(check), Counter())[STATES[check.verdict]] += 1
        return dict(sorted(days.items()))

    @cached_property
    def first_seen(self) -> Mapping[date, int]:
        """How many phones of the list were seen for the first time on each day; those of a closed round of which that
        is not known any more, on the day of its end."""
        days = Counter(self._day(phone.checks[0]) for phone in self.phones if phone.checks)
        if self.ended is not None and (rest := self.checked - days.total()) > 0:
            days[min(max(self.today, self.round.first), self.round.last)] += rest
        return dict(sorted(days.items()))

    @property
    def _all(self) -> tuple[PhoneCoverage, ...]:
        return self.phones + self.unexpected + self.unmatched

    def _day(self, check: SeenPhone) -> date:
        """The day of a check; one whose time is outside of the round's days stands at their edge."""
        return min(max(check.day, self.round.first), self.round.last)


def coverage(
    about: Round,
    roster: Roster | None,
    checks: Iterable[SeenPhone],
    today: date,
    *,
    first_entry: int = 0,
    begun_on: date | None = None,
    ended: RoundEnded | None = None,
    loss: Loss | None = None,
) -> Coverage:
    """Match the checks on record with the list. `checks` may be of other days: those before the round tell when a phone
    was seen last, those after it are told beside it.

    `first_entry` is the number of the record that begins the round, `begun_on` its day. Of a closed round, `ended` is
    the record of its end, `today` its day, and `checks` has no check behind it. `loss` tells why there is no roster.
    """
    lines = roster.lines if roster is not None else ()
    ordered = in_order(checks, today)
    sorting = Sorting(about, lines, loss)
    for check, placing in zip(ordered, placings(about, ordered, RoundSpan(first_entry, begun_on)), strict=True):
        sorting.add(check, placing)
    covered = Coverage(
        about,
        today,
        sorting.phones(),
        sorting.unexpected.phones(),
        sorting.unmatched.phones(),
        sorting.afterwards.phones(),
        ended,
        loss,
    )
    return replace(covered, phones=_in_doubt(covered))


def _in_doubt(covered: Coverage) -> tuple[PhoneCoverage, ...]:
    """The phones of the list, with those marked that may have been seen although no check is matched with them."""
    without = len(covered.to_see)
    lost = bool(covered.unmatched) if covered.ended is None else without > covered.ended.due
    if not lost or not without:
        return covered.phones
    return tuple(replace(phone, may_be_lost=True) if phone.last is None else phone for phone in covered.phones)
