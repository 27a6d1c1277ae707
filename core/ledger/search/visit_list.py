"""Which visits a ledger has, or of which of them a record fits what is looked for.

A visit is given by the number of its first record. Stretch by stretch, as records are searched: see
:meth:`core.ledger.search.scan.ScanReader.scan`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from core.ledger.search.record_filter import Filter
from core.ledger.search.scan import Propose, ScanReader, SearchStretch
from core.ledger.search.search_index import visits_known

#: Records looked through at a time for visits that no index knows: few at first, so that something is shown at once.
_FIRST_STRETCH: Final = 1_000
_STRETCH: Final = 20_000
#: Visits that the index is asked for at first: all of them take a tenth of a second where there are many.
_FIRST_PAGE: Final = 200
#: What a filter may ask of a record, beside its time.
_ASKED: Final = ("text", "phone", "officer", "kind", "verdict")


def visits(ledger: ScanReader) -> Iterator[SearchStretch]:
    """All visits, the newest first. Those that the search index knows come in two stretches, at the end.

    Raises LedgerProblem.
    """
    newest = ledger.count()
    known, first_of_them = visits_known(ledger, _FIRST_PAGE)
    before, length = newest + 1, _FIRST_STRETCH
    while before > known + 1:
        first = max(before - length, known + 1)
        begun = ledger.visits_begun(first, before)
        before, length = first, min(length * 2, _STRETCH)
        yield SearchStretch(begun, (newest + 1 - before) / newest if before > 1 else 1.0)
    if len(first_of_them) == _FIRST_PAGE:
        yield SearchStretch(first_of_them, (newest + 1 - before) / newest)
        _, indexed = visits_known(ledger)
        # The index may have gone on since, or be gone: then the ledger itself is looked through.
        rest = array("q", (visit for visit in indexed if visit < first_of_them[-1]))
        yield SearchStretch(rest if indexed else ledger.visits_begun(1, first_of_them[-1]), 1.0)
    elif first_of_them or not newest:
        yield SearchStretch(first_of_them, 1.0)


def visits_in(ledger: ScanReader, since: datetime, until: datetime) -> Iterator[array[int]]:
    """The visits that began from `since` on and before `until` (both aware), the oldest first, some at a time.

    No index beside the ledger is asked: these are for papers. Where a clock was set back, others are among them. Raises
    LedgerProblem.
    """
    low, high = ledger.span(since, until)
    for first in range(low, high, _STRETCH):
        begun = ledger.visits_begun(first, min(first + _STRETCH, high))
        yield begun[::-1]


def visits_fitting(ledger: ScanReader, chosen: Filter, propose: Propose | None = None) -> Iterator[SearchStretch]:
    """The visits in which each thing that `chosen` asks is fulfilled by a record in its time, each visit once.

    It need not be one record: a visit with a red check and an officer's name in another record is found by both. A
    stretch may have visits that are newer than those of the one before: a visit is found by its newest record that
    fits. Raises LedgerProblem.
    """
    if not chosen:
        yield from visits(ledger)
        return
    parts = _parts(chosen)
    allowed: set[int] | None = None
    for number, part in enumerate(parts[:-1]):
        found: set[int] = set()
        for stretch in ledger.scan(part, propose=propose):
            found.update(ledger.visits_of(stretch.numbers))
            yield SearchStretch(array("q"), (number + min(stretch.share, 0.999)) / len(parts))
        allowed = found if allowed is None else allowed & found
    told: set[int] = set()
    done = len(parts) - 1
    for stretch in ledger.scan(parts[-1], propose=propose):
        new = [
            visit
            for visit in ledger.visits_of(stretch.numbers)
            if visit not in told and (allowed is None or visit in allowed)
        ]
        told.update(new)
        yield SearchStretch(array("q", new), (done + stretch.share) / len(parts))


def _parts(chosen: Filter) -> list[Filter]:
    """One filter for each thing that is asked, all with the same time; the time alone where nothing else is."""
    times = Filter(since=chosen.since, until=chosen.until)
    asked = [replace(times, **{name: value}) for name in _ASKED if (value := getattr(chosen, name))]
    return asked or [times]
