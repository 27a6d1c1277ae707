"""A ledger behind the rows: read on a lane of its own, searched on another, never on the thread that draws.

The jobs are in :mod:`gui.log.ledger_jobs` and :mod:`gui.log.visit_jobs`.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from core.desk.desk import Desk
from core.ledger.records import Entry
from core.ledger.search.record_filter import Filter
from core.problem import Problem
from gui.log.ledger_jobs import Fetched, Grown, Hits, ListReading, OpenedLog
from gui.log.paged_rows import Numbered, PagedRows
from gui.toolkit.jobs import Done, Failed, Job, JobEnd, JobRunner

_LANE: Final = "log"
_SEARCH_LANE: Final = "log search"

Item = TypeVar("Item", bound=Numbered)


class SourceState(Enum):
    """What there is to show."""

    READING = auto()
    NOTHING = auto()
    UNREADABLE = auto()
    READY = auto()


class LogSource(QObject, Generic[Item]):
    """One of a desk's two ledgers, what is looked for in it, and the rows with what was found: records, or visits."""

    #: The state, the numbers or the progress of a search.
    changed = Signal()
    #: The rows are others than before: another log, or another search.
    replaced = Signal()
    #: Steps without a known result; a tuple of entries, the newest first.
    steps = Signal(object)
    #: A part could not be read, or (None) that is past.
    trouble = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        rows: PagedRows[Item],
        listing: ListReading[Item],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows = rows
        self._listing = listing
        rows.setParent(self)
        self.state = SourceState.READING
        self.practice = False
        self.query = Filter()
        #: How many records there are, whether they fit or not.
        self.count = 0
        #: How much of the log has been searched; None while nothing is looked for, or all has been found.
        self.share: float | None = None
        #: The steps without a known result, as they were told last.
        self.open_steps: tuple[Entry, ...] = ()
        #: Why the log cannot be read.
        self.problem: Problem | None = None
        self._desk = desk
        self._runner = runner
        #: The numbers of the present reading and of the present search: what comes of an earlier one is dropped.
        self._turn = 0
        self._search = 0
        self._searching: Job[None] | None = None
        #: The rows are still those of before: nothing is known yet of what is looked for.
        self.waiting = False
        #: What was recorded since is being read; and whether more was recorded meanwhile, or while a search went on.
        self._refreshing = False
        self._outdated = False
        self.rows.rows_wanted.connect(self._fetch)

    # What the page wants

    def open(self, practice: bool) -> None:
        """Read the real ledger, or that of practice, anew."""
        self.state = SourceState.READING
        self._open(practice)
        self.changed.emit()

    def look_for(self, query: Filter) -> None:
        """Show only what passes a filter."""
        if query != self.query:
            self.query = query
            if self.state is SourceState.READY:
                self._apply()

    def refresh(self) -> None:
        """Show what was recorded since, if anything was."""
        if self.state is SourceState.READING or self.share is not None or self._refreshing:
            self._outdated = True
        elif self.state is not SourceState.READY:
            self._open(self.practice)
        else:
            self._outdated, self._refreshing = False, True
            work = partial(self._listing.grown, self._desk, self.practice, self.query, self.count)
            self._runner.start(self, _LANE, work, partial(self._grown, self._turn, self.query))

    def try_again(self) -> None:
        """Read anew what could not be read."""
        if self.state is SourceState.READY:
            self.trouble.emit(None)
            self.rows.try_again()
            self.refresh()
        else:
            self.open(self.practice)

    # Opening

    def _open(self, practice: bool) -> None:
        self._turn += 1
        self._stop_searching()
        self._outdated = self._refreshing = False
        self.practice, self.count = practice, 0
        self.rows.clear()
        self.open_steps = ()
        self.steps.emit(())
        self.trouble.emit(None)
        work = partial(self._listing.open, self._desk, practice)
        self._runner.start(self, _LANE, work, partial(self._opened, self._turn), partial(self._take_opened, self._turn))

    def _take_opened(self, turn: int, opened: OpenedLog[Item]) -> None:
        if turn != self._turn:
            return
        self.count = opened.count
        self.state = SourceState.READY if opened.count else SourceState.NOTHING
        self.rows.fetched(opened.first.items, opened.first.lost)
        if opened.first.problem is not None:
            self.trouble.emit(opened.first.problem)
        self._apply()

    def _opened(self, turn: int, end: JobEnd[tuple[Entry, ...]]) -> None:
        if turn != self._turn:
            return
        if isinstance(end, Done):
            self._tell_steps(end.value)
        elif isinstance(end, Failed) and self.state is SourceState.READY:
            self.trouble.emit(end.problem)
        elif isinstance(end, Failed):
            self.problem = end.problem
            self.state = SourceState.NOTHING if end.problem.code == "nothing-recorded" else SourceState.UNREADABLE
            self.changed.emit()
        self._catch_up()

    def _tell_steps(self, steps: tuple[Entry, ...]) -> None:
        self.open_steps = steps
        self.steps.emit(steps)
        self.changed.emit()

    # Searching

    def _apply(self) -> None:
        """Show what passes the filter."""
        self._stop_searching()
        if not self.query and self._listing.numbered is not None:
            self.rows.show(self._listing.numbered(self.count))
            self.replaced.emit()
        else:
            self.share, self.waiting = 0.0, True
            work = partial(self._listing.search, self._desk, self.practice, self.query)
            report, searched = partial(self._take_hits, self._search), partial(self._searched, self._search)
            self._searching = self._runner.start(self, _SEARCH_LANE, work, searched, report)
        self.changed.emit()

    def _stop_searching(self) -> None:
        self._search += 1
        self.share = None
        if self._searching is not None:
            self._searching.stop()
            self._searching = None

    def _take_hits(self, search: int, hits: Hits) -> None:
        if search != self._search:
            return
        self.share = hits.share
        self._add(hits.numbers, hits.days, whole=hits.whole)
        self.changed.emit()

    def _add(self, numbers: array[int], days: Sequence[int] = (), *, whole: bool = False) -> None:
        """What was shown before stays until something is known, so that nothing flickers while an officer types."""
        if self.waiting or whole:
            self.waiting = False
            self.rows.show(numbers, days)
            self.replaced.emit()
        else:
            self.rows.extend(numbers, days)

    def _searched(self, search: int, end: JobEnd[None]) -> None:
        if search != self._search:
            return
        self.share, self._searching = None, None
        if self.waiting:
            self._add(array("q"))
        if isinstance(end, Failed):
            self.trouble.emit(end.problem)
        self.changed.emit()
        self._catch_up()

    # Growing

    def _grown(self, turn: int, query: Filter, end: JobEnd[Grown[Item]]) -> None:
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
            self.rows.replace(end.value.first.items, end.value.changed)
            if end.value.numbers is None:
                self._apply()
            else:
                self.rows.prepend(end.value.numbers, end.value.days)
            self._tell_steps(end.value.open_steps)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._outdated:
            self.refresh()

    # Fetching

    def _fetch(self, numbers: Sequence[int]) -> None:
        work = partial(self._listing.fetch, self._desk, self.practice, numbers)
        self._runner.start(self, _LANE, work, partial(self._fetched, self._turn, numbers))

    def _fetched(self, turn: int, numbers: Sequence[int], end: JobEnd[Fetched[Item]]) -> None:
        if turn != self._turn:
            return
        if isinstance(end, Done):
            self.rows.fetched(end.value.items, end.value.lost)
            problem = end.value.problem
        else:
            self.rows.fetched((), numbers)
            problem = end.problem if isinstance(end, Failed) else None
        if problem is not None:
            self.trouble.emit(problem)
