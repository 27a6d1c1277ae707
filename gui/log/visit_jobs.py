"""What the list of visits has done off the GUI thread; see :mod:`gui.log.ledger_jobs`, which does it for records."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Final

from core.describe.visits import RecordedVisit
from core.desk.desk import Desk
from core.jobs import Cancel
from core.ledger.records import Entry
from core.ledger.search.record_filter import Filter
from gui.log.ledger_jobs import NEWS, Fetched, Grown, Hits, ListReading, OpenedLog, as_far_as_readable
from gui.log.paged_rows import PAGE
from gui.toolkit.jobs import Report

if TYPE_CHECKING:
    from core.ledger.reader import LedgerReader


def open_log(desk: Desk, practice: bool, cancel: Cancel, report: Report) -> tuple[Entry, ...]:
    """Report how many records there are. Returns the open steps, the newest first. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        nothing: Fetched[RecordedVisit] = Fetched(())
        report(OpenedLog(ledger.count(), nothing))
        cancel.check()
        return ledger.open_intents(desk.given_up(practice))[::-1]


def search(desk: Desk, practice: bool, query: Filter, cancel: Cancel, report: Report) -> None:
    """Report which visits fit: the first page at once, then a few times a second. Raises LedgerProblem, Cancelled.

    A visit is found by its newest record that fits, so that a newer visit may come after an older one: then all that
    were reported are sorted, and reported again as the whole.
    """
    reported, new, late = array("q"), array("q"), False
    when = time.monotonic()
    with desk.read_ledger(practice) as ledger:
        for stretch in _visit_list().visits_fitting(ledger, query):
            cancel.check()
            lowest = new[-1] if new else reported[-1] if reported else None
            late = late or bool(stretch.numbers and lowest is not None and stretch.numbers[0] > lowest)
            new.extend(stretch.numbers)
            few = bool(new) and len(reported) < PAGE
            if not (few or time.monotonic() - when > NEWS or stretch.share == 1):
                continue
            reported.extend(new)
            if late:  # Python sorts what is in order by pieces in one go
                reported = array("q", sorted(reported, reverse=True))
            numbers = reported[:] if late else new
            report(Hits(numbers, stretch.share, late, _visit_list().days_of(ledger, numbers)))
            new, late, when = array("q"), False, time.monotonic()


def grown(desk: Desk, practice: bool, query: Filter, last: int, cancel: Cancel, report: Report) -> Grown[RecordedVisit]:
    """What has come after record number `last`. Raises LedgerProblem, Cancelled."""
    with desk.read_ledger(practice) as ledger:
        count = ledger.count()
        touched = ledger.visits_of(range(last + 1, count + 1))
        started = [visit for visit in touched if visit > last]
        changed = [visit for visit in touched if visit <= last]
        cancel.check()
        steps = ledger.open_intents(desk.given_up(practice))[::-1]
        numbers = None if query and touched else started
        first = _read(ledger, [*started, *changed][:PAGE])
        return Grown(count, numbers, first, steps, changed, _visit_list().days_of(ledger, numbers or ()))


def fetch(desk: Desk, practice: bool, numbers: Sequence[int], cancel: Cancel, report: Report) -> Fetched[RecordedVisit]:
    """The visits that began with these records. Raises LedgerProblem."""
    with desk.read_ledger(practice) as ledger:
        return _read(ledger, numbers)


def _visit_list() -> ModuleType:
    from core.ledger.search import visit_list  # brings SQLite: loaded by the worker

    return visit_list


def _read(ledger: LedgerReader, numbers: Sequence[int]) -> Fetched[RecordedVisit]:
    return as_far_as_readable(lambda numbers: map(RecordedVisit, ledger.of_visits(numbers)), numbers)


#: The list of visits.
VISITS: Final = ListReading(open_log, search, grown, fetch, None)
