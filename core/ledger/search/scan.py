"""Looking for records: from the newest to the oldest, stretch by stretch. No index of the file is asked."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from core.ledger.file.contents import LogContents
from core.ledger.file.entry_reader import EntryReader
from core.ledger.search.record_filter import FUNCTIONS, Clause, Filter, clauses, numbers_in

#: Records searched at a time: few at first, so that something is shown at once; never so many that a writer waits.
_FIRST_STRETCH: Final = 1_000
_STRETCH: Final = 10_000

_NUMBERED: Final = "seq IN (SELECT value FROM json_each(?))"
_NUMBERS: Final = "SELECT seq FROM entry NOT INDEXED WHERE seq >= ? AND seq < ?"
_NUMBERS_OF: Final = f"SELECT seq FROM entry NOT INDEXED WHERE {_NUMBERED}"  # noqa: S608 - nothing but what stands here


@dataclass(frozen=True, slots=True)
class SearchStretch:
    """What one stretch of a ledger gave: the numbers of the records that fit, the newest first, and the share of the
    ledger that has been looked through with it (up to 1.0)."""

    numbers: array[int]
    share: float


class ScanReader(EntryReader):
    """The part of a ledger that is searched. Everything here may raise LedgerProblem."""

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        super().__init__(database, path, reading=reading)
        for name, (count, function) in FUNCTIONS.items():
            database.conn.create_function(name, count, function, deterministic=True)

    def numbers(self, chosen: Filter | None = None) -> Sequence[int]:
        """The numbers of the records that fit, or of all, the newest first: 8 bytes for each."""
        if not chosen:
            return range(self.count(), 0, -1)
        numbers = array("q")
        for stretch in self.scan(chosen):
            numbers.extend(stretch.numbers)
        return numbers

    def scan(self, chosen: Filter, *, after: int = 0) -> Iterator[SearchStretch]:
        """Look for the records that fit, numbered above `after`.

        Goes from the newest to the oldest, stretch by stretch: between two of them a caller can show what was found,
        say how far it is, or stop. What is known of a phone beside its records is found until it is erased. What is
        added meanwhile is not looked at. Raises DamagedLedger at the end where a damaged record was come past, or where
        personal values are gone that no record says were erased.
        """
        newest = self.count()
        if newest <= after:
            return
        search = _Search(self, chosen)
        length, before = _FIRST_STRETCH, newest + 1
        while before > after + 1:
            first = max(before - length, after + 1)
            contents = self.contents(first)
            with self.one_reading():
                self.require_as_read(contents, first, before)
                numbers = search.between(contents, first, before)
            before = first
            yield SearchStretch(numbers, (newest + 1 - before) / (newest - after))
            length = min(length * 2, _STRETCH)
        self.require_undamaged(contents, after + 1, newest)
        if search.asks_for_values:
            self.require_all_values()

    def fitting(self, chosen: Filter, numbers: Sequence[int]) -> array[int]:
        """Which of the records with these numbers fit, the newest first."""
        ascending = sorted(numbers)
        contents = self.contents()
        self.stored(ascending)  # each is the entry that was read
        return _Search(self, chosen).among(contents, ascending)

    def words_of(self, chosen: Filter) -> Mapping[str, str]:
        """What was asked, in plain words for a record, which is for ever: nothing personal may be in it.

        A name that is looked for may be a holder's: words that stand in no record as they are, are not told.
        """
        words = dict(chosen.words())
        for name, only in (("text", Filter(text=chosen.text)), ("phone", Filter(phone=chosen.phone))):
            if name in words and not self._is_in_a_leaf(clauses(only)[0]):
                words[name] = "***"
        return words

    def _is_in_a_leaf(self, clause: Clause) -> bool:
        before = self.count() + 1
        while before > 1:
            first = max(before - _STRETCH, 1)
            query = f"{_NUMBERS} AND {clause.in_leaf} LIMIT 1"
            if self.rows(query, [first, before, *clause.of_leaf]):
                return True
            before = first
        return False


class _Search:
    """One search of one ledger: of the records, those that have what is asked."""

    def __init__(self, ledger: ScanReader, chosen: Filter) -> None:
        self._ledger = ledger
        self._chosen = chosen
        self._clauses = clauses(chosen)
        self._plain = (chosen.kind, chosen.verdict, chosen.since, chosen.until) == (None, None, None, None)
        self._by_value: list[array[int]] | None = None

    @property
    def asks_for_values(self) -> bool:
        """Whether a record may also fit by a personal value beside it."""
        return any(clause.in_opening for clause in self._clauses)

    def between(self, contents: LogContents, first: int, before: int) -> array[int]:
        """Those from number `first` on and below `before`, the newest first."""
        if self._plain and self._clauses:
            return self._having_texts(_NUMBERS, (first, before), first, before)
        numbers = self._chosen_of(contents, first, before)
        if self._clauses and numbers:
            return self._having_texts(_NUMBERS_OF, (numbers_in(numbers),), first, before)
        return numbers[::-1]

    def among(self, contents: LogContents, numbers: Sequence[int]) -> array[int]:
        """Those with these ascending numbers, the newest first."""
        if not numbers:
            return array("q")
        fitting = set(self._chosen_of(contents, numbers[0], numbers[-1] + 1))
        matches = array("q", [number for number in numbers if number in fitting])
        if self._clauses and matches:
            return self._having_texts(_NUMBERS_OF, (numbers_in(matches),), matches[0], matches[-1] + 1)
        return matches[::-1]

    def _chosen_of(self, contents: LogContents, first: int, before: int) -> array[int]:
        chosen = self._chosen
        since, until = milliseconds(chosen.since), milliseconds(chosen.until)
        return contents.chosen(first, before, kind=chosen.kind, verdict=chosen.verdict, since=since, until=until)

    def _having_texts(self, query: str, query_values: Sequence[object], first: int, before: int) -> array[int]:
        """The numbers that a query gives of the records that have all texts, in themselves or in a value beside."""
        conditions, values = list[str](), list[object]()
        for clause, beside in zip(self._clauses, self._beside(), strict=True):
            in_range = beside[bisect_left(beside, first) : bisect_left(beside, before)]
            conditions.append(f"({clause.in_leaf} OR {_NUMBERED})" if in_range else clause.in_leaf)
            values += [*clause.of_leaf, numbers_in(in_range)] if in_range else clause.of_leaf
        query = " AND ".join([query, *conditions])
        return array("q", sorted((row[0] for row in self._ledger.rows(query, [*query_values, *values])), reverse=True))

    def _beside(self) -> list[array[int]]:
        """For each clause, the records that fulfil it by a personal value, in ascending order: all are looked through,
        once, as no order of theirs leads to some of them."""
        if self._by_value is None:
            self._by_value = [self._opened(clause) for clause in self._clauses]
        return self._by_value

    def _opened(self, clause: Clause) -> array[int]:
        if not clause.in_opening:
            return array("q")
        # The table itself is in the order of the commitments: asked for all of them, no index is looked at.
        query = f"SELECT seq FROM opening NOT INDEXED WHERE commitment >= x'' AND {clause.in_opening}"  # noqa: S608
        return array("q", sorted({row[0] for row in self._ledger.rows(query, clause.of_opening)}))


def milliseconds(time: datetime | None) -> int | None:
    """A time as :class:`LogContents` compares it: milliseconds since 1970, None for none."""
    return None if time is None else round(time.timestamp() * 1000)
