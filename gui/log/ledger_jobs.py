"""What the log page has done off the GUI thread: reading and searching a ledger.

A writer may hold the file, for seconds if need be. It is opened for each job and let go of at its end.
"""

from __future__ import annotations

import contextlib
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from core.desk.desk import Desk
from core.desk.problems import NothingRecorded
from core.jobs import Cancel
from core.ledger.problems import DamagedLedger
from core.ledger.records import Entry
from core.ledger.search.record_filter import Filter
from core.model import Problem
from gui.log.paged_rows import PAGE, Numbered
from gui.toolkit.jobs import Report

if TYPE_CHECKING:
    from core.ledger.reader import LedgerReader

#: Seconds between two words of a search: each has the rows drawn anew.
NEWS: Final = 0.1


Item = TypeVar("Item", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Fetched(Generic[Item]):
    """Items of a list, the numbers of those that cannot be read, and why."""

    items: tuple[Item, ...]
    lost: tuple[int, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class OpenedLog(Generic[Item]):
    """A ledger was opened: how many records it has, and the newest items, as far as they are known."""

    count: int
    first: Fetched[Item]


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search has found since it told last, and the share of the log that it has been through.

    `whole`: the numbers are all that there are, those that were told before among them. `days` has the day of each, as
    :func:`gui.log.paged_rows.day_groups` takes it; it is empty where the list is not grouped by day.
    """

    numbers: array[int]
    share: float
    whole: bool = False
    days: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Grown(Generic[Item]):
    """What was added to a ledger: how many records it has now, the numbers that fit, some of the items, open steps.

    `changed` are older items that are others by now. `numbers` is None where it has to be looked for anew; `days` has
    the day of each, as in :class:`Hits`.
    """

    count: int
    numbers: Sequence[int] | None
    first: Fetched[Item]
    open_steps: tuple[Entry, ...]
    changed: Sequence[int] = ()
    days: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class ListReading(Generic[Item]):
    """How one list of a log is read, off the GUI thread; each is as the function of its name for records below.

    `numbered` tells of so many records which numbers there are while nothing is looked for; None where that has to be
    searched for too.
    """

    open: Callable[[Desk, bool, Cancel, Report], tuple[Entry, ...]]
    search: Callable[[Desk, bool, Filter, Cancel, Report], None]
    grown: Callable[[Desk, bool, Filter, int, Cancel, Report], Grown[Item]]
    fetch: Callable[[Desk, bool, Sequence[int], Cancel, Report], Fetched[Item]]
    numbered: Callable[[int], Sequence[int]] | None


def open_log(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> tuple[Entry, ...]:
    """Report what is shown first. Returns the open steps, which take longer, the newest first. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        count = ledger.count()
        report(OpenedLog(count, _read(ledger, range(count, max(count - PAGE, 0), -1))))
        cancel.check()
        return ledger.open_intents(desk.given_up(practice))[::-1]


def search(desk: Desk, practice: bool, query: Filter, cancel: Cancel, report: Report) -> None:
    """Report which records fit, the newest first: the first at once, then a few times a second. Raises LedgerProblem,
    Cancelled."""
    numbers, is_first = array("q"), True
    when = time.monotonic()
    with desk.read_ledger(practice) as ledger:
        for stretch in ledger.scan(query):
            cancel.check()
            numbers.extend(stretch.numbers)
            if (is_first and numbers) or time.monotonic() - when > NEWS or stretch.share == 1:
                report(Hits(numbers, stretch.share))
                is_first = is_first and not numbers
                numbers, when = array("q"), time.monotonic()


def grown(desk: Desk, practice: bool, query: Filter, last: int, cancel: Cancel, report: Report) -> Grown[Entry]:
    """What has come after record number `last`. Raises LedgerProblem, Cancelled."""
    with desk.read_ledger(practice) as ledger:
        count = ledger.count()
        numbers: Sequence[int] = range(count, last, -1)
        if query:
            hits = ledger.scan(query, after=last)
            numbers = [number for stretch in hits for number in stretch.numbers if number <= count]
        cancel.check()
        steps = ledger.open_intents(desk.given_up(practice))[::-1]
        return Grown(count, numbers, _read(ledger, numbers[:PAGE]), steps)


def fetch(desk: Desk, practice: bool, numbers: Sequence[int], cancel: Cancel, report: Report) -> Fetched[Entry]:
    """The records with these numbers. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        return _read(ledger, numbers)


def _read(ledger: LedgerReader, numbers: Sequence[int]) -> Fetched[Entry]:
    return as_far_as_readable(ledger.entries_numbered, numbers)


def as_far_as_readable(read: Callable[[Sequence[int]], Iterable[Item]], numbers: Sequence[int]) -> Fetched[Item]:
    """The items with these numbers: where one is damaged or missing, the others all the same."""
    items: list[Item] = []
    problem = None
    try:
        items += read(numbers)
    except DamagedLedger as damaged:
        problem = damaged
        for number in numbers:
            with contextlib.suppress(DamagedLedger):
                items += read([number])
    readable = {item.seq for item in items}
    return Fetched(tuple(items), tuple(number for number in numbers if number not in readable), problem)


#: The list of all records.
RECORDS: Final = ListReading(open_log, search, grown, fetch, lambda count: range(count, 0, -1))


def has_practice(desk: Desk) -> bool:
    """Whether anything was practised at this desk. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice=True) as ledger:
            return ledger.count() > 0
    except NothingRecorded:
        return False
