"""Which visits a ledger has, or of which of them a record fits what is looked for.

A visit is given by the number of its first record. Stretch by stretch, as records are searched: see
:meth:`core.ledger.search.scan.ScanReader.scan`. What is shown first takes as long in a long ledger as in a short one.
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
#: Visits of which all records are looked at at a time, where something else is asked of them too.
_TRIED: Final = 250
#: What a filter may ask of a record, beside its time; first what the ledger's own indexes know.
_ASKED: Final = ("verdict", "kind", "text", "phone", "officer")


def visits(ledger: ScanReader) -> Iterator[SearchStretch]:
    """All visits, the newest first. Those that the search index knows come in one stretch, at the end.

    Raises LedgerProblem.
    """
    newest = ledger.count()
    known, indexed = visits_known(ledger)
    before, length = newest + 1, _FIRST_STRETCH
    while before > known + 1:
        first = max(before - length, known + 1)
        begun = ledger.visits_begun(first, before)
        before, length = first, min(length * 2, _STRETCH)
        yield SearchStretch(begun, (newest + 1 - before) / newest if before > 1 else 1.0)
    if known or not newest:
        yield SearchStretch(indexed, 1.0)


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

    It need not be one record: a visit with a red check and an officer's name in another record is found by both. What
    the fewest records have is looked for, and the other things in all records of the visits that have it. A stretch
    may have visits that are newer than those of the one before: a visit is found by its newest record that fits. Raises
    LedgerProblem.
    """
    if not chosen:
        yield from visits(ledger)
        return
    rarest, *others = _parts(ledger, chosen, propose)
    tried: set[int] = set()
    for stretch in ledger.scan(rarest, propose=propose):
        new = [visit for visit in ledger.visits_of(stretch.numbers) if visit not in tried]
        tried.update(new)
        if not others:
            yield SearchStretch(array("q", new), stretch.share)
            continue
        for start in range(0, len(new) or 1, _TRIED):  # where there are none, a caller can say how far it is, or stop
            some = new[start : start + _TRIED]
            share = stretch.share if start + _TRIED >= len(new) else min(stretch.share, 0.999)
            yield SearchStretch(_having(ledger, some, others), share)


def _having(ledger: ScanReader, candidates: list[int], others: list[Filter]) -> array[int]:
    """Which of some visits have a record that fits each of the other things asked, the newest first."""
    left = array("q", candidates)
    for part in others:
        left = ledger.visits_of(ledger.fitting(part, ledger.records_of(left)))
    return left


def _parts(ledger: ScanReader, chosen: Filter, propose: Propose | None) -> list[Filter]:
    """One filter for each thing that is asked, all with the same time, the rarest first; the time alone where nothing
    else is."""
    times = Filter(since=chosen.since, until=chosen.until)
    asked = [replace(times, **{name: value}) for name in _ASKED if (value := getattr(chosen, name))]
    if len(asked) < 2:
        return asked or [times]
    return sorted(asked, key=lambda part: ledger.rarity(part, propose))
