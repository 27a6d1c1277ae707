"""Reading a ledger: one's own while it is being written, or anybody's file."""

from __future__ import annotations

import json
import threading
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from sqlite_utils import Database

from core.ledger import DamagedLedger
from core.ledger.database import translated
from core.ledger.entries import Entry, entry, texts
from core.ledger.leaf import Opening, clean
from core.ledger.records import INTENTS, Kind
from core.ledger.sessions import is_alive
from core.model import Verdict

#: Records fetched at a time: reading a million never takes the memory, nor keeps a writer waiting, for more than these.
_PAGE: Final = 500
_SELECT: Final = "SELECT seq, leaf, leaf_hash FROM entry"
_OPENINGS: Final = "SELECT * FROM opening WHERE seq IN (SELECT value FROM json_each(?))"
_MAKER: Final = "json_extract(CAST(leaf AS TEXT), '$.device.maker') = ?"
_MODEL: Final = "json_extract(CAST(leaf AS TEXT), '$.device.model') = ?"
#: Records searched at a time, for the same reason: few at first, so that something is shown at once.
_FIRST_STRETCH: Final = 1_000
_STRETCH: Final = 10_000
#: Records of a kind listed at a time: an index has their numbers.
_LEAP: Final = 100_000
# LIKE is fast, but knows upper and lower case only of ASCII, and takes a field's name for a text: it chooses what is
# worth a closer look. That is taken by the database where the text is ASCII, else by Python, which takes five times as
# long and keeps whoever draws meanwhile from drawing.
_IN_LEAF: Final = """(CAST(leaf AS TEXT) LIKE ? AND EXISTS (
    SELECT 1 FROM json_tree(CAST(leaf AS TEXT)) AS part
    WHERE part.atom LIKE ? ESCAPE '!' AND part.type IN ('text', 'integer')
    AND part.key NOT IN ('sha256', 'session', 'boot')
))"""
_IN_OPENING: Final = "CAST(value AS TEXT) LIKE ? ESCAPE '!'"
_IN_LEAF_FOLDED: Final = "(CAST(leaf AS TEXT) LIKE ? AND leaf_has(leaf, ?, ?))"
_IN_OPENING_FOLDED: Final = "CAST(value AS TEXT) LIKE ? AND value_has(value, ?)"
_NUMBERED: Final = "seq IN (SELECT value FROM json_each(?))"
_NUMBERS: Final = "SELECT seq FROM entry"
_NUMBERS_BESIDE: Final = "SELECT seq FROM opening"
#: Characters of a search that the database compares; the rest is compared afterwards.
_PATTERN_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stretch of a ledger gave: the numbers of the records that fit, the newest first, and the share of the
    ledger that has been looked through with it (up to 1.0)."""

    numbers: array[int]
    share: float


class LedgerReader:
    """A ledger open for reading. May be used from any thread; whoever opened it closes it.

    Everything here may raise LedgerProblem: the file may be damaged, or somebody else may keep it.
    """

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        """Not for callers: :meth:`core.ledger.store.Ledger.read` gives one."""
        self.path = path
        self._database = database
        self._reading = reading
        self._lock = threading.RLock()
        database.conn.create_function("leaf_has", 3, _leaf_has, deterministic=True)
        database.conn.create_function("value_has", 2, _value_has, deterministic=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. A second time does nothing."""
        with self._lock:
            self._database.close()

    def count(self) -> int:
        """How many records there are: records are numbered from 1, without gaps."""
        with self._access():
            return int(self._database.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchone()[0])

    def entry(self, seq: int) -> Entry | None:
        """Record number `seq`."""
        return next(iter(self._entries("seq = ?", [seq], order="seq", limit=1)), None)

    def newest(
        self,
        limit: int,
        before: int | None = None,
        kind: Kind | None = None,
        verdict: Verdict | None = None,
        device: tuple[str, str] | None = None,
    ) -> tuple[Entry, ...]:
        """The last `limit` records, the newest first: those numbered below `before`, of one kind, or of one verdict.

        `device` is a maker and a model: only records about such a phone.
        """
        maker, model = device or (None, None)
        wanted = {"seq < ?": before, "kind = ?": kind, "verdict = ?": verdict, _MAKER: maker, _MODEL: model}
        chosen = {condition: value for condition, value in wanted.items() if value is not None}
        return self._entries(" AND ".join(chosen) or "true", list(chosen.values()), order="seq DESC", limit=limit)

    def of_visit(self, visit: str) -> tuple[Entry, ...]:
        """All records of one visit, the oldest first."""
        return self._entries("visit = ?", [clean(visit)], order="seq")

    def entries(
        self, after: int = 0, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """The records after number `after`, the oldest first, from `since` on and before `until` (both aware).

        They are fetched as they are asked for, so that those added meanwhile are among them.
        """
        # The + before time keeps the database from its index on time, which it would have to sort for each page.
        where, values = "seq > ?", list[object]()
        if since is not None:
            where += " AND +time >= ?"
            values.append(as_stored(since))
            after = max(after, self._edge("SELECT min(seq) FROM entry WHERE time >= ?", since) - 1)
        if until is not None:
            where += " AND +time < ? AND seq <= ?"
            values += [as_stored(until), self._edge("SELECT max(seq) FROM entry WHERE time < ?", until)]
        while page := self._entries(where, [after, *values], order="seq", limit=_PAGE):
            yield from page
            after = page[-1].seq

    def entries_numbered(self, numbers: Sequence[int]) -> tuple[Entry, ...]:
        """The records with these numbers, in this order; those that are not there are left out."""
        found = {e.seq: e for e in self._entries(_NUMBERED, [json.dumps(list(numbers))], order="seq")}
        return tuple(found[number] for number in numbers if number in found)

    def numbers(self, kind: Kind | None = None, verdict: Verdict | None = None) -> Sequence[int]:
        """The numbers of all records, or of those of one kind or one verdict, the newest first: 8 bytes for each."""
        if kind is None and verdict is None:
            return range(self.count(), 0, -1)
        found = array("q")
        for stretch in self.hits(kind=kind, verdict=verdict):
            found.extend(stretch.numbers)
        return found

    def hits(
        self, text: str = "", *, kind: Kind | None = None, verdict: Verdict | None = None, after: int = 0
    ) -> Iterator[Stretch]:
        """Look for the records in which `text` stands, of one kind or one verdict, numbered above `after`.

        Goes from the newest to the oldest, stretch by stretch: between two of them a caller can show what was found,
        say how far it is, or stop. Upper and lower case are the same; a phone's serial number is found until it is
        erased. What is added meanwhile is not looked at.
        """
        text = text.strip()
        newest = before = self.count() + 1
        wanted = _wanted(text)
        beside = self._numbers_beside(wanted, after) if text else array("q")
        length = _FIRST_STRETCH if text else _LEAP
        while before > after + 1:
            first = max(before - length, after + 1)
            here = beside[bisect_left(beside, first) : bisect_left(beside, before)]
            where: dict[str, list[object]] = {"seq >= ?": [first], "seq < ?": [before]}
            if verdict is not None:
                where["verdict = ?"] = [verdict]
            if kind is not None:
                # Fewer records have a verdict than a kind: where both are asked for, the index on verdicts is the one.
                where["kind = ?" if verdict is None else "+kind = ?"] = [kind]
            if text:
                where[f"({wanted.in_leaf} OR {_NUMBERED})"] = [*wanted.of_leaf, json.dumps(here.tolist())]
            yield Stretch(self._numbers(where), (newest - first) / (newest - 1 - after))
            before = first
            length = min(length * 2, _STRETCH) if text else _LEAP

    def search(self, text: str, limit: int) -> tuple[Entry, ...]:
        """The newest records in which `text` stands, in upper or lower case; also by a serial that is not erased."""
        found: list[Entry] = []
        for stretch in self.hits(text) if limit > 0 else ():
            found += self.entries_numbered(stretch.numbers[: limit - len(found)])
            if len(found) == limit:
                break
        return tuple(found)

    def open_intents(self, given_up: Set[int] = frozenset()) -> tuple[Entry, ...]:
        """What was about to be done and has no outcome, because the program that meant to do it is gone.

        Those numbered in `given_up` are open although their program still runs: see :meth:`Ledger.give_up`.
        """
        without_outcome = self._entries(
            "kind IN (SELECT value FROM json_each(?)) "
            "AND NOT EXISTS (SELECT 1 FROM entry AS outcome WHERE outcome.intent = entry.seq)",
            [json.dumps(INTENTS)],
            order="seq",
        )
        alive = {s for s in {str(e.leaf["session"]) for e in without_outcome} if is_alive(self.path, s)}
        return tuple(e for e in without_outcome if e.seq in given_up or str(e.leaf["session"]) not in alive)

    def _numbers(self, where: Mapping[str, Sequence[object]]) -> array[int]:
        """The numbers of the records that fulfil all conditions, each with its values; the newest first."""
        values = [value for needed in where.values() for value in needed]
        with self._access():
            rows = self._database.execute(f"{_NUMBERS} WHERE {' AND '.join(where)} ORDER BY seq DESC", values)
            return array("q", [row[0] for row in rows])

    def _numbers_beside(self, wanted: _Wanted, after: int) -> array[int]:
        """The numbers above `after` of the records that have the text in a personal value, the oldest first.

        All at once: openings lie in no order that allows of stretches, but are small.
        """
        # The + keeps the database from its index on seq, which only helps to find a few.
        where = f"{'seq' if after else '+seq'} > ? AND {wanted.in_opening}"
        with self._access():
            rows = self._database.execute(f"{_NUMBERS_BESIDE} WHERE {where}", [after, *wanted.of_opening])
            return array("q", sorted({row[0] for row in rows}))

    def _edge(self, select: str, time: datetime) -> int:
        """The first or last record on one side of a time; where a clock was set back, others are between."""
        with self._access():
            return int(self._database.execute(select, [as_stored(time)]).fetchone()[0] or 0)

    @contextmanager
    def _access(self) -> Iterator[None]:
        """One thread at a time, and every fault of the world as a LedgerProblem."""
        with self._lock, translated(self.path, reading=self._reading):
            yield

    def _entries(self, where: str, values: Sequence[object], *, order: str, limit: int = -1) -> tuple[Entry, ...]:
        with self._access():
            # Not sqlite-utils' rows_where(): where the table is missing, it gives no rows instead of an error.
            query = f"{_SELECT} WHERE {where} ORDER BY {order} LIMIT ?"
            rows = list(self._database.query(query, [*values, limit]))
            beside = list(self._database.query(_OPENINGS, [json.dumps([row["seq"] for row in rows])]))
        try:
            openings = _revealed(beside)
            return tuple(entry(row["seq"], row["leaf"], row["leaf_hash"], openings.get(row["seq"], {})) for row in rows)
        except (ValueError, TypeError) as error:
            raise DamagedLedger(self.path, str(error)) from error


def _revealed(rows: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, str]]:
    """What is not erased, by record and commitment. A value that is not what was committed to is not shown."""
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        opening = Opening(row["commitment"], row["salt"], row["value"])
        if opening.true:
            found.setdefault(row["seq"], {})[opening.commitment.hex()] = opening.value.decode()
    return found


def as_stored(time: datetime) -> str:
    """A time as leaves have it, which sorts as text: in UTC, in whole milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _leaf_has(leaf: bytes, wanted: str, in_json: str) -> bool:
    """Whether one of a leaf's texts has `wanted`, which is folded, in it; `in_json` is the same as JSON writes it."""
    return in_json in _folded(leaf.decode()) and any(wanted in _folded(text) for text in texts(json.loads(leaf)))


def _value_has(value: bytes, wanted: str) -> bool:
    return wanted in _folded(value.decode())


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a search asks of a leaf and of an opening: conditions with their values."""

    in_leaf: str
    of_leaf: tuple[str, ...]
    in_opening: str
    of_opening: tuple[str, ...]


def _wanted(text: str) -> _Wanted:
    pattern = _pattern(text)
    if text.isascii() and text.isprintable() and len(text) <= _PATTERN_LIMIT:
        exact = "%" + "".join(f"!{c}" if c in "!%_" else c for c in text) + "%"
        return _Wanted(_IN_LEAF, (pattern, exact), _IN_OPENING, (exact,))
    folded = _folded(clean(text))
    in_json = json.dumps(folded, ensure_ascii=False)[1:-1]
    return _Wanted(_IN_LEAF_FOLDED, (pattern, folded, in_json), _IN_OPENING_FOLDED, (pattern, folded))


def _folded(text: str) -> str:
    """`text` as it is compared: without regard to case, nor to whether an accent is a character of its own."""
    return unicodedata.normalize("NFC", text).casefold()


def _pattern(text: str) -> str:
    """A LIKE pattern that fits every JSON text with `text` in it, in whatever case, and possibly some more."""
    composed = unicodedata.normalize("NFC", text)[:_PATTERN_LIMIT]
    return "%" + "".join(c if (c.isascii() and c.isalnum()) or c in " .-" else "%" for c in composed) + "%"
