"""Looking for records: from the newest to the oldest, stretch by stretch."""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from core.ledger.file.clock import as_stored
from core.ledger.file.open_ledger import OpenLedger
from core.ledger.search.record_filter import FUNCTIONS, IS_TEXT, PARTS, Clause, Filter, clauses, numbers_in

#: Records searched at a time: few at first, so that something is shown at once; never so many that a writer waits.
_FIRST_STRETCH: Final = 1_000
_STRETCH: Final = 10_000
#: Records of a kind, a verdict or a time listed at a time, after the first few: an index has their numbers.
_LEAP: Final = 100_000
#: The newest records, whose personal values are found by their numbers: of more, all are looked through at once.
_NEWEST: Final = 2_000
#: Share of a search that the leaves take, where only some of them are looked at.
_LEAVES_SHARE: Final = 0.9

_NUMBERS: Final = "SELECT seq FROM entry WHERE seq >= ? AND seq < ?"
_NUMBERS_IN: Final = """SELECT seq FROM json_each(?) AS span CROSS JOIN entry
    ON seq >= json_extract(span.value, '$[0]') AND seq < json_extract(span.value, '$[1]') WHERE true"""
_NUMBERED: Final = "seq IN (SELECT value FROM json_each(?))"
_NUMBERS_OF: Final = f"SELECT seq FROM entry WHERE {_NUMBERED}"  # noqa: S608 - nothing but what stands here
_IN_TIME: Final = "SELECT min(seq), max(seq), count(*) FROM entry WHERE"
_VISITS_BEGUN: Final = """SELECT (SELECT min(o.seq) FROM entry AS o WHERE o.visit = v.visit)
    FROM (SELECT DISTINCT visit FROM entry WHERE seq >= ? AND seq < ? AND +visit IS NOT NULL) AS v"""
_VISITS_OF: Final = f"""SELECT (SELECT min(o.seq) FROM entry AS o WHERE o.visit = v.visit)
    FROM (SELECT DISTINCT visit FROM entry WHERE {_NUMBERED} AND +visit IS NOT NULL) AS v"""  # noqa: S608 - only this
_RECORDS_OF: Final = f"""SELECT o.seq FROM (SELECT DISTINCT visit FROM entry WHERE {_NUMBERED} AND +visit IS NOT NULL)
AS v
    CROSS JOIN entry AS o ON o.visit = v.visit"""  # noqa: S608 - only this
_DISTINCT: Final = f"SELECT DISTINCT part.atom FROM entry, {PARTS} WHERE seq >= ? AND seq < ? AND {IS_TEXT}"  # noqa: S608
_TEXTS: Final = f"SELECT CAST(group_concat(atom, char(10)) AS BLOB) FROM ({_DISTINCT})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class SearchStretch:
    """What one stretch of a ledger gave: the numbers of the records that fit, the newest first, and the share of the
    ledger that has been looked through with it (up to 1.0)."""

    numbers: array[int]
    share: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where it is worth to look among the records numbered below `end`, which are known in blocks of `length`.

    `blocks` are those in which a leaf may fulfil all that is asked, by the numbers of their first records, in ascending
    order. No leaf in any other block does.
    """

    end: int
    length: int
    blocks: Sequence[int]

    def back(self, before: int, low: int, records: int) -> tuple[int, list[tuple[int, int]]]:
        """Where a stretch of about so many `records` begins that ends with `before`, and what to look at in it."""
        end = bisect_left(self.blocks, before)
        start = max(end - max(1, records // self.length), 0)
        first = max(self.blocks[start], low) if start else low
        spans = [(max(block, first), min(block + self.length, before)) for block in self.blocks[start:end]]
        return first, [(begin, stop) for begin, stop in spans if begin < stop]


#: Says where to look in a ledger, given the folded words that all stand in a leaf that fulfils what is asked.
Propose = Callable[["ScanReader", Sequence[str]], Proposal | None]


class ScanReader(OpenLedger):
    """The part of a ledger that is searched. Everything here may raise LedgerProblem."""

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        super().__init__(database, path, reading=reading)
        for name, (count, function) in FUNCTIONS.items():
            database.conn.create_function(name, count, function, deterministic=True)

    def numbers(self, chosen: Filter | None = None) -> Sequence[int]:
        """The numbers of the records that fit, or of all, the newest first: 8 bytes for each."""
        if not chosen:
            return range(self.count(), 0, -1)
        found = array("q")
        for stretch in self.scan(chosen):
            found.extend(stretch.numbers)
        return found

    def scan(
        self, chosen: Filter, *, after: int = 0, propose: Propose | None = None, indexed: bool = True
    ) -> Iterator[SearchStretch]:
        """Look for the records that fit, numbered above `after`.

        Goes from the newest to the oldest, stretch by stretch: between two of them a caller can show what was found,
        say how far it is, or stop. What is known of a phone beside its records is found until it is erased. What is
        added meanwhile is not looked at.

        With `propose` the result is the same and sooner there: most leaves are looked at only where it is worth it, and
        those that only fit by a personal value come last, again the newest first.

        Without `indexed`, no index of the file is asked, which takes some seconds for a million records: then nothing
        is left out even where one was altered.
        """
        newest = self.count()
        if newest <= after:
            return
        low, high, where = self._in_time(chosen, after + 1, newest + 1, indexed)
        if chosen.verdict is not None:
            where["verdict = ?" if indexed else "+verdict = ?"] = (chosen.verdict,)
        if chosen.kind is not None:
            # Fewer records have a verdict than a kind: where both are asked for, the index on verdicts is the one.
            where["kind = ?" if indexed and chosen.verdict is None else "+kind = ?"] = (chosen.kind,)
        search = _Search(self, clauses(chosen), where, low, high, indexed)
        proposal: Proposal | None = None
        share = 0.0
        most = _LEAP if indexed and not search.asked else _STRETCH
        length, before = _FIRST_STRETCH, high
        while before > low and (proposal is None or before > proposal.end):
            first = max(before - length, low if proposal is None else max(proposal.end, low))
            numbers = search.all_between(first, before)
            before = first
            share = 1.0 if before <= low else (newest + 1 - before) / (newest - after)
            yield SearchStretch(numbers, share)
            length = min(length * 2, most)
            if propose is not None and search.asked and before > low:
                proposal, propose = propose(self, [word for clause in search.asked for word in clause.words]), None
        if proposal is not None and before > low:
            for stretch in search.by_proposal(proposal, before):
                yield SearchStretch(stretch.numbers, share + (1 - share) * stretch.share if stretch.share < 1 else 1.0)
        elif high <= low:
            yield SearchStretch(array("q"), 1.0)

    def fitting(self, chosen: Filter, numbers: Sequence[int]) -> array[int]:
        """Which of the records with these numbers fit, the newest first."""
        # Of so few records each is looked at, and no index is asked.
        _, _, where = self._in_time(chosen, 0, 0, indexed=False)
        for column, value in (("verdict", chosen.verdict), ("kind", chosen.kind)):
            if value is not None:
                where[f"+{column} = ?"] = (value,)
        return _Search(self, clauses(chosen), where, 0, 0, indexed=False).among(numbers)

    def rarity(self, chosen: Filter, propose: Propose | None = None) -> int:
        """How many records have to be looked at for all that fit at any time, as far as indexes tell, up to a limit."""
        most = _LEAP
        asked = clauses(chosen)
        if propose is not None and asked:
            proposal = propose(self, [word for clause in asked for word in clause.words])
            if proposal is not None:
                most = min(most, len(proposal.blocks) * proposal.length)
        for column, value in (("verdict", chosen.verdict), ("kind", chosen.kind)):
            if value is not None:
                query = f"SELECT count(*) FROM (SELECT 1 FROM entry WHERE {column} = ? LIMIT ?)"  # noqa: S608 - these two
                most = int(self.rows(query, [value, most])[0][0])
        return most

    def words_of(self, chosen: Filter) -> Mapping[str, str]:
        """What was asked, in plain words for a record, which is for ever: nothing personal may be in it.

        A name that is looked for may be a holder's: words that stand in no record as they are, are not told.
        """
        words = dict(chosen.words())
        for name, only in (("text", Filter(text=chosen.text)), ("phone", Filter(phone=chosen.phone))):
            if name in words and not self._is_in_a_leaf(clauses(only)[0]):
                words[name] = "***"
        return words

    def _is_in_a_leaf(self, asked: Clause) -> bool:
        before = self.count() + 1
        while before > 1:
            first = max(before - _STRETCH, 1)
            query = f"{_NUMBERS} AND {asked.in_leaf} LIMIT 1"
            if self.rows(query, [first, before, *asked.of_leaf]):
                return True
            before = first
        return False

    def folded_texts(self, first: int, before: int) -> str:
        """All that a person may look for in the leaves of these records, folded, each text once and on a line."""
        text = (self.rows(_TEXTS, [first, before])[0][0] or b"").decode(errors="replace")
        composed = unicodedata.normalize("NFC", text)
        # The database compares texts as they stand, and Python composes their accents first.
        return text.casefold() if composed == text else f"{text.casefold()}\n{composed.casefold()}"

    def visits_begun(self, first: int, before: int) -> array[int]:
        """The visits of which the first record is numbered from `first` on and before `before`, the newest first.

        Each is given by the number of that record: records are only added, so that it stays the same.
        """
        begun = (row[0] for row in self.rows(_VISITS_BEGUN, [first, before]) if row[0] >= first)
        return array("q", sorted(begun, reverse=True))

    def visits_of(self, numbers: Sequence[int]) -> array[int]:
        """The visits to which records with these numbers belong, the newest first; given as in `visits_begun`."""
        if not numbers:
            return array("q")
        return array("q", sorted((row[0] for row in self.rows(_VISITS_OF, [numbers_in(numbers)])), reverse=True))

    def records_of(self, visits: Sequence[int]) -> array[int]:
        """The numbers of all records of the visits to which the records with these numbers belong."""
        return array("q", (row[0] for row in self.rows(_RECORDS_OF, [numbers_in(visits)])))

    def span(self, since: datetime, until: datetime) -> tuple[int, int]:
        """The first record from `since` on, and the one after the last before `until` (both aware); where a clock was
        set back, others are between. Both are the same where there is none."""
        low, high, _ = self._in_time(Filter(since=since, until=until), 1, self.count() + 1, indexed=True)
        return (low, high) if low < high else (low, low)

    def leaf_hash(self, seq: int) -> bytes | None:
        """The hash of record number `seq`, as it is kept with it."""
        rows = self.rows("SELECT leaf_hash FROM entry WHERE seq = ?", [seq])
        return bytes(rows[0][0]) if rows else None

    def _in_time(
        self, chosen: Filter, low: int, high: int, indexed: bool
    ) -> tuple[int, int, dict[str, tuple[object, ...]]]:
        """The first record that is in the time asked for, the one after the last, and what else to ask of those
        between: a clock may have been set back."""
        times: dict[str, tuple[object, ...]] = {}
        if chosen.since is not None:
            times["time >= ?"] = (as_stored(chosen.since),)
        if chosen.until is not None:
            times["time < ?"] = (as_stored(chosen.until),)
        if not times:
            return low, high, {}
        if not indexed:
            return low, high, {f"+{condition}": value for condition, value in times.items()}
        select = f"{_IN_TIME} {' AND '.join(times)}"
        least, most, count = self.rows(select, [value for given in times.values() for value in given])[0]
        least, most = least or 0, most or 0
        where = {} if count == most - least + 1 else {f"+{condition}": value for condition, value in times.items()}
        return max(low, least), min(high, most + 1), where


class _Search:
    """One search: what is asked of the records from `low` up to `high`."""

    def __init__(
        self,
        ledger: ScanReader,
        asked: Sequence[Clause],
        where: Mapping[str, Sequence[object]],
        low: int,
        high: int,
        indexed: bool,
    ) -> None:
        self.asked = asked
        self._indexed = indexed
        self._ledger = ledger
        self._where = where
        self._low = low
        self._high = high
        self._beside: list[array[int]] | None = None

    def all_between(self, first: int, before: int) -> array[int]:
        """The records that fit, the newest first."""
        return self._fulfilling(_NUMBERS, (first, before), self._where, self._by_a_value(first, before))

    def among(self, numbers: Sequence[int]) -> array[int]:
        """Those of the records with these numbers that fit, the newest first."""
        beside = [self._opened_of(clause, numbers) for clause in self.asked]
        return self._fulfilling(_NUMBERS_OF, (numbers_in(numbers),), self._where, beside)

    def by_proposal(self, proposal: Proposal, high: int) -> Iterator[SearchStretch]:
        """Below `high`, first the records that fit by their leaves alone, then those that do not."""
        before, length = high, _FIRST_STRETCH
        while before > self._low:
            before, spans = proposal.back(before, self._low, length)
            numbers = self._fulfilling(_NUMBERS_IN, (numbers_in(spans),), self._where) if spans else array("q")
            yield SearchStretch(numbers, _LEAVES_SHARE * (high - before) / (high - self._low))
            length = min(length * 2, _STRETCH)
        values = self._by_a_value(self._low, high)
        late = sorted({number for here in values for number in here}, reverse=True)
        # Those that fit by their leaves alone have been told.
        told = f"({' AND '.join(clause.in_leaf for clause in self.asked)}) IS NOT TRUE"
        where = {**self._where, told: [value for clause in self.asked for value in clause.of_leaf]}
        for start in range(0, len(late), _STRETCH):
            some = late[start : start + _STRETCH]
            beside = [_part(here, some[-1], some[0] + 1) for here in values]
            left = (len(late) - start - len(some)) / len(late)
            numbers = self._fulfilling(_NUMBERS_OF, (numbers_in(some),), where, beside)
            yield SearchStretch(numbers, 1 - (1 - _LEAVES_SHARE) * left)
        if not late:
            yield SearchStretch(array("q"), 1.0)

    def _fulfilling(
        self,
        query: str,
        given: Sequence[object],
        where: Mapping[str, Sequence[object]],
        beside: Sequence[Sequence[int]] = (),
    ) -> array[int]:
        """The numbers that a query gives of the records that fulfil everything, the newest first.

        `beside` has for each clause the records that fulfil it by a personal value.
        """
        conditions, values = list(where), [value for needed in where.values() for value in needed]
        for clause, here in zip(self.asked, beside or [()] * len(self.asked), strict=True):
            conditions.append(f"({clause.in_leaf} OR {_NUMBERED})" if here else clause.in_leaf)
            values += [*clause.of_leaf, numbers_in(here)] if here else clause.of_leaf
        query = " AND ".join([query, *conditions])
        return array("q", sorted((row[0] for row in self._ledger.rows(query, [*given, *values])), reverse=True))

    def _by_a_value(self, first: int, before: int) -> list[array[int]]:
        """For each clause, the records that fulfil it by a personal value, in ascending order.

        Openings lie in no order that allows of stretches: unless it is about the newest, all are looked through.
        """
        if self._beside is None and first >= self._high - _NEWEST and self._indexed:
            return [self._opened(clause, first, before, "seq") for clause in self.asked]
        if self._beside is None:
            # The + keeps the database from its index on seq, which only helps to find a few.
            self._beside = [self._opened(clause, self._low, self._high, "+seq") for clause in self.asked]
        return [_part(here, first, before) for here in self._beside]

    def _opened(self, clause: Clause, first: int, before: int, seq: str) -> array[int]:
        if not clause.in_opening:
            return array("q")
        return self._by_openings(clause, f"{seq} >= ? AND {seq} < ?", [first, before])

    def _opened_of(self, clause: Clause, numbers: Sequence[int]) -> array[int]:
        return self._by_openings(clause, _NUMBERED, [numbers_in(numbers)]) if clause.in_opening else array("q")

    def _by_openings(self, clause: Clause, where: str, values: Sequence[object]) -> array[int]:
        query = f"SELECT seq FROM opening WHERE {where} AND {clause.in_opening}"  # noqa: S608
        return array("q", sorted({row[0] for row in self._ledger.rows(query, [*values, *clause.of_opening])}))


def _part(numbers: array[int], first: int, before: int) -> array[int]:
    return numbers[bisect_left(numbers, first) : bisect_left(numbers, before)]
