"""Which visits a ledger has, or of which of them a record fits what is looked for.

A visit is given by the number of its first record. They are known once all records were read: see
:mod:`core.ledger.file.contents`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from core.ledger.search.record_filter import Filter
from core.ledger.search.scan import ScanReader, SearchStretch, milliseconds

#: Visits of which all records are looked at at a time, where something else is asked of them too.
_TRIED: Final = 250
#: What a filter may ask of a record beside its time; what the fewest records have comes first.
_ASKED: Final = ("verdict", "phone", "text", "kind", "officer")


def visits(ledger: ScanReader) -> Iterator[SearchStretch]:
    """All visits, the newest first: in the last stretch, as any record may be one of an older visit.

    Raises LedgerProblem, at the end also where a damaged record may be of a visit that is not among them.
    """
    for _, share in ledger.reading():
        if share < 1.0:
            yield SearchStretch(array("q"), share)
    contents = ledger.contents()
    yield SearchStretch(contents.visits()[::-1], 1.0)
    ledger.require_undamaged(contents, 1, contents.high)


def visits_in(ledger: ScanReader, since: datetime, until: datetime) -> array[int]:
    """The visits that began from `since` on and before `until` (both aware), by the time of their first record; the
    oldest first. Raises LedgerProblem, also where a record between the first and the last one of them is damaged."""
    contents = ledger.contents()
    low, high = milliseconds(since) or 0, milliseconds(until) or 0
    visit_numbers = array("q", [visit for visit in contents.visits() if low <= contents.time(visit) < high])
    ends = (visit_numbers[0], max(map(contents.last_of, visit_numbers))) if visit_numbers else (1, contents.high)
    ledger.require_undamaged(contents, *ends)
    return visit_numbers


def days_of(ledger: ScanReader, visit_numbers: Sequence[int]) -> array[int]:
    """The day on which each of these visits began, by the time of its first record where this computer is, as
    ``date.toordinal`` numbers it; 0 where that is not known. Raises LedgerProblem."""
    contents = ledger.contents()
    days, low, high, day = array("i"), 0, 0, 0
    for visit in visit_numbers:
        moment = contents.time(visit)
        if not low <= moment < high:  # most visits are of the day of the one before
            low, high, day = _local_day(moment)
        days.append(day)
    return days


def _local_day(moment: int) -> tuple[int, int, int]:
    """The day of a time in milliseconds since 1970: when it begins and ends, in these, and its number; 0 for a time
    that was not read, or of which the calendar has no such day."""
    try:
        day = datetime.fromtimestamp(moment / 1000, UTC).astimezone().date()
        midnights = (datetime.combine(at, time.min).astimezone() for at in (day, day + timedelta(days=1)))
        begin, end = (round(midnight.timestamp() * 1000) for midnight in midnights)
    except (OverflowError, ValueError, OSError):
        return moment, moment + 1, 0
    return (begin, end, day.toordinal()) if moment else (moment, moment + 1, 0)


def visits_fitting(ledger: ScanReader, chosen: Filter) -> Iterator[SearchStretch]:
    """The visits in which each thing that `chosen` asks is fulfilled by a record in its time, each visit once.

    It need not be one record: a visit with a red check and an officer's name in another record is found by both. The
    first thing asked is looked for, and the others in all records of the visits that have it. A stretch may have
    visits that are newer than those of the one before: a visit is found by its newest record that fits. Raises
    LedgerProblem.
    """
    if not chosen:
        yield from visits(ledger)
        return
    first, *other_parts = _parts(chosen)
    tried: set[int] = set()
    for stretch in ledger.scan(first):
        new = [visit for visit in ledger.visits_of(stretch.numbers) if visit not in tried]
        tried.update(new)
        if not other_parts:
            yield SearchStretch(array("q", new), stretch.share)
            continue
        for start in range(0, len(new) or 1, _TRIED):  # where there are none, a caller can say how far it is, or stop
            candidates = new[start : start + _TRIED]
            share = stretch.share if start + _TRIED >= len(new) else min(stretch.share, 0.999)
            yield SearchStretch(_having(ledger, candidates, other_parts), share)


def _having(ledger: ScanReader, candidates: list[int], other_parts: list[Filter]) -> array[int]:
    """Which of some visits have a record that fits each of the other things asked, the newest first."""
    remaining = array("q", candidates)
    for part in other_parts:
        remaining = ledger.visits_of(ledger.fitting(part, ledger.records_of(remaining)))
    return remaining


def _parts(chosen: Filter) -> list[Filter]:
    """One filter for each thing that is asked, all with the same time; the time alone where nothing else is."""
    times = Filter(since=chosen.since, until=chosen.until)
    parts = [replace(times, **{name: value}) for name in _ASKED if (value := getattr(chosen, name))]
    return parts or [times]
