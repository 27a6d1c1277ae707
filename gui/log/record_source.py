"""A ledger behind the rows: read on a lane of its own, searched on another, never on the thread that draws.

A writer may hold the file, for seconds if need be. It is opened for each job and let go of at its end.
"""

from __future__ import annotations

import contextlib
import time
from array import array
from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from operator import neg
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.jobs import Cancel
from core.ledger.problems import DamagedLedger
from core.ledger.records import Entry
from core.ledger.search.record_filter import Filter
from core.model import Problem
from gui.log.record_model import PAGE, Rows
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner, Report

if TYPE_CHECKING:
    from core.desk.desk import Desk
    from core.ledger.reader import LedgerReader

_LANE: Final = "log"
_SEARCH_LANE: Final = "log search"
_INDEX_LANE: Final = "log index"
#: Seconds between two words of a search: each has the rows drawn anew.
_NEWS: Final = 0.1


class State(Enum):
    """What there is to show."""

    READING = auto()
    NOTHING = auto()
    UNREADABLE = auto()
    READY = auto()


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records, the numbers of those that cannot be read, and why."""

    entries: tuple[Entry, ...]
    lost: tuple[int, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A ledger was opened: how many records it has, and the newest."""

    count: int
    first: Fetched


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found since it told last, and the share of the log that it has been through.

    `whole`: the numbers are all that there are, those that were told before among them.
    """

    numbers: array[int]
    share: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What there is to know of a ledger besides: the open steps, and who has written in it, both the newest first."""

    steps: tuple[Entry, ...]
    officers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grown:
    """What was added to a ledger: how many records it has now, the numbers that fit, the newest of them, open steps."""

    count: int
    numbers: Sequence[int]
    first: Fetched
    about: About


class Source(QObject):
    """One of a desk's two ledgers, what is looked for in it, and the rows with what was found."""

    #: The state, the numbers or the progress of a search.
    changed = Signal()
    #: The rows are others than before: another log, or another search.
    replaced = Signal()
    #: Steps without a known result; a tuple of entries, the newest first.
    steps = Signal(object)
    #: A part could not be read, or (None) that is past.
    trouble = Signal(object)

    def __init__(self, desk: Desk, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = Rows(self)
        self.state = State.READING
        self.practice = False
        self.query = Filter()
        #: How many records there are, whether they fit or not.
        self.count = 0
        #: Who has written in the log, the newest first.
        self.officers: tuple[str, ...] = ()
        #: How much of the log has been searched; None while nothing is looked for, or all has been found.
        self.share: float | None = None
        #: Why the log cannot be read.
        self.problem: Problem | None = None
        self._desk = desk
        self._runner = runner
        self._turn = 0
        self._search = 0
        self._searching: Job[None] | None = None
        self._indexing: Job[None] | None = None
        #: The rows are still those of before: nothing is known yet of what is looked for.
        self.waiting = False
        self._refreshing = False
        self._outdated = False
        self.rows.wanted.connect(self._fetch)

    # What the page wants

    def open(self, practice: bool) -> None:
        """Read the real ledger, or that of practice, anew."""
        self.state = State.READING
        self._open(practice)
        self.changed.emit()

    def look_for(self, query: Filter) -> None:
        """Show only what fits."""
        if query != self.query:
            self.query = query
            if self.state is State.READY:
                self._apply()
                self._index()

    def refresh(self) -> None:
        """Something may have been recorded: show that too."""
        if self.state is State.READING or self.share is not None or self._refreshing:
            self._outdated = True
        elif self.state is not State.READY:
            self._open(self.practice)
        else:
            self._outdated, self._refreshing = False, True
            work = partial(_grown, self._desk, self.practice, self.query, self.count)
            self._runner.start(self, _LANE, work, partial(self._grown, self._turn, self.query))

    def try_again(self) -> None:
        """Read anew what could not be read."""
        if self.state is State.READY:
            self.trouble.emit(None)
            self.rows.try_again()
            self.refresh()
        else:
            self.open(self.practice)

    # Opening

    def _open(self, practice: bool) -> None:
        self._turn += 1
        self._stop_searching()
        self._stop_indexing()
        self._outdated = self._refreshing = False
        self.practice, self.count, self.officers = practice, 0, ()
        self.rows.clear()
        self.steps.emit(())
        self.trouble.emit(None)
        work = partial(_open, self._desk, practice)
        self._runner.start(self, _LANE, work, partial(self._opened, self._turn), partial(self._begun, self._turn))

    def _begun(self, turn: int, opened: Opened) -> None:
        if turn != self._turn:
            return
        self.count = opened.count
        self.state = State.READY if opened.count else State.NOTHING
        self.rows.fetched(opened.first.entries, opened.first.lost)
        if opened.first.problem is not None:
            self.trouble.emit(opened.first.problem)
        self._apply()

    def _opened(self, turn: int, end: JobEnd[About]) -> None:
        if turn != self._turn:
            return
        if isinstance(end, Done):
            self._tell_about(end.value)
            self._index()
        elif isinstance(end, Failed) and self.state is State.READY:
            self.trouble.emit(end.problem)
        elif isinstance(end, Failed):
            self.problem = end.problem
            self.state = State.NOTHING if end.problem.code == "nothing-recorded" else State.UNREADABLE
            self.changed.emit()
        self._catch_up()

    def _tell_about(self, about: About) -> None:
        self.officers = about.officers
        self.steps.emit(about.steps)
        self.changed.emit()

    # Searching

    def _apply(self) -> None:
        """Show what fits the query."""
        self._stop_searching()
        if not self.query:
            self.rows.show(range(self.count, 0, -1))
            self.replaced.emit()
        else:
            self.share, self.waiting = 0.0, True
            self._stop_indexing()
            work = partial(_search, self._desk, self.practice, self.query)
            found, searched = partial(self._found, self._search), partial(self._searched, self._search)
            self._searching = self._runner.start(self, _SEARCH_LANE, work, searched, found)
        self.changed.emit()

    def _stop_searching(self) -> None:
        self._search += 1
        self.share = None
        if self._searching is not None:
            self._searching.stop()
            self._searching = None

    def _found(self, search: int, found: Found) -> None:
        if search != self._search:
            return
        self.share = found.share
        self._add(found.numbers, found.whole)
        self.changed.emit()

    def _add(self, numbers: array[int], whole: bool = False) -> None:
        """What was shown before stays until something is known, so that nothing flickers while somebody types."""
        if self.waiting or whole:
            self.waiting = False
            self.rows.show(numbers)
            self.replaced.emit()
        else:
            self.rows.extend(numbers)

    def _searched(self, search: int, end: JobEnd[None]) -> None:
        if search != self._search:
            return
        self.share, self._searching = None, None
        if self.waiting:
            self._add(array("q"))
        if isinstance(end, Failed):
            self.trouble.emit(end.problem)
        self.changed.emit()
        self._index()
        self._catch_up()

    # The index, which makes the next search faster

    def _index(self) -> None:
        """Have it catch up, while nobody looks for anything."""
        under_way = self._indexing is not None and self._indexing.end is None
        if not under_way and self.share is None and self.state is State.READY:
            work = partial(_index, self._desk, self.practice)
            self._indexing = self._runner.start(self, _INDEX_LANE, work, lambda end: None)

    def _stop_indexing(self) -> None:
        if self._indexing is not None:
            self._indexing.stop()
            self._indexing = None

    # Growing

    def _grown(self, turn: int, query: Filter, end: JobEnd[Grown]) -> None:
        if turn != self._turn:
            return
        self._refreshing = False
        if query != self.query:
            self._outdated = True
        elif isinstance(end, Failed):
            self.trouble.emit(end.problem)
        elif isinstance(end, Done) and end.value.count < self.count:  # another file stands in its place
            self.open(self.practice)
        elif isinstance(end, Done):
            self.trouble.emit(None)
            self.count = end.value.count
            self.rows.keep(end.value.first.entries)
            self.rows.prepend(end.value.numbers)
            self._tell_about(end.value.about)
            self._index()
        self._catch_up()

    def _catch_up(self) -> None:
        if self._outdated:
            self.refresh()

    # Fetching

    def _fetch(self, numbers: Sequence[int]) -> None:
        work = partial(_fetch, self._desk, self.practice, numbers)
        self._runner.start(self, _LANE, work, partial(self._fetched, self._turn, numbers))

    def _fetched(self, turn: int, numbers: Sequence[int], end: JobEnd[Fetched]) -> None:
        if turn != self._turn:
            return
        if isinstance(end, Done):
            self.rows.fetched(end.value.entries, end.value.lost)
            problem = end.value.problem
        else:
            self.rows.fetched((), numbers)
            problem = end.problem if isinstance(end, Failed) else None
        if problem is not None:
            self.trouble.emit(problem)


# On a lane


def _open(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> About:
    """Report what is shown first, then see to the rest, which takes longer. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        count = ledger.count()
        report(Opened(count, _read(ledger, range(count, max(count - PAGE, 0), -1))))
        cancel.check()
        return _about(ledger, desk.given_up(practice))


def _about(ledger: LedgerReader, given_up: Set[int]) -> About:
    return About(ledger.open_intents(given_up)[::-1], ledger.officers())


def _search(desk: Desk, practice: bool, query: Filter, cancel: Cancel, report: Report) -> None:
    """Report what fits: the first at once, then a few times a second. Raises LedgerProblem, Cancelled."""
    from core.ledger.search.search_index import propose

    told, late, numbers = array("q"), array("q"), array("q")
    when = time.monotonic()
    with desk.read_ledger(practice) as ledger:
        for stretch in ledger.scan(query, propose=propose):
            cancel.check()
            lowest = numbers[-1] if numbers else told[-1] if told else None
            if stretch.numbers and lowest is not None and (late or stretch.numbers[0] > lowest):
                late.extend(stretch.numbers)
            else:
                numbers.extend(stretch.numbers)
            first = bool(numbers) and not told
            if first or time.monotonic() - when > _NEWS or (stretch.share == 1 and not late):
                report(Found(numbers, stretch.share))
                told.extend(numbers)
                numbers, when = array("q"), time.monotonic()
    if late:
        told.extend(numbers)
        report(Found(_merged(told, late), 1.0, whole=True))


def _merged(numbers: array[int], late: array[int]) -> array[int]:
    """Both, the newest first, as each of them is."""
    merged, start = array("q"), 0
    for number in late:
        end = bisect_left(numbers, -number, start, key=neg)
        merged.extend(numbers[start:end])
        merged.append(number)
        start = end
    merged.extend(numbers[start:])
    return merged


def _grown(desk: Desk, practice: bool, query: Filter, known: int, cancel: Cancel, report: Report) -> Grown:
    """What has come after record number `known`. Raises LedgerProblem, Cancelled."""
    with desk.read_ledger(practice) as ledger:
        count = ledger.count()
        numbers: Sequence[int] = range(count, known, -1)
        if query:
            hits = ledger.scan(query, after=known)
            numbers = [number for stretch in hits for number in stretch.numbers if number <= count]
        cancel.check()
        return Grown(count, numbers, _read(ledger, numbers[:PAGE]), _about(ledger, desk.given_up(practice)))


def _index(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> None:
    """Have the next search find more at once. Raises LedgerProblem, Cancelled."""
    from core.ledger.search.search_index import catch_up

    with desk.read_ledger(practice) as ledger:
        catch_up(ledger, cancel)


def _fetch(desk: Desk, practice: bool, numbers: Sequence[int], cancel: Cancel, report: Report) -> Fetched:
    """The records with these numbers. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        return _read(ledger, numbers)


def _read(ledger: LedgerReader, numbers: Sequence[int]) -> Fetched:
    """The records with these numbers: where one is damaged or missing, the others all the same."""
    found: list[Entry] = []
    problem = None
    try:
        found += ledger.entries_numbered(numbers)
    except DamagedLedger as damaged:
        problem = damaged
        for number in numbers:
            with contextlib.suppress(DamagedLedger):
                found += ledger.entries_numbered([number])
    there = {entry.seq for entry in found}
    return Fetched(tuple(found), tuple(number for number in numbers if number not in there), problem)
