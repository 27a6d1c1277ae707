"""Reading a ledger: this desk's while it is being written, or another desk's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from core.ledger.file.clock import as_stored
from core.ledger.file.deciding_records import Deciding, deciding
from core.ledger.file.sessions import is_alive
from core.ledger.problems import DamagedLedger
from core.ledger.records import Entry, Kind, read_entry, sql
from core.ledger.records.leaf import Opening, clean
from core.ledger.seals import SealReader
from core.ledger.search.record_filter import Filter
from core.ledger.search.scan import ScanReader
from core.model import Verdict

#: Records fetched at a time: reading a million never takes the memory, nor keeps a writer waiting, for more than these.
_PAGE: Final = 500
_SELECT: Final = "SELECT seq, leaf, leaf_hash FROM entry"
_OPENINGS: Final = "SELECT * FROM opening WHERE seq IN (SELECT value FROM json_each(?))"
_MAKER: Final = f"{sql.MAKER} = ?"
_MODEL: Final = f"{sql.MODEL} = ?"
#: Of the newest records of a kind, those with this serial number beside them.
_OF_PHONE: Final = f"""seq IN (
    SELECT one.seq FROM (SELECT seq FROM entry WHERE kind = ? ORDER BY seq DESC LIMIT ?) AS one
    CROSS JOIN opening ON opening.seq = one.seq AND CAST(opening.value AS TEXT) = ?
    CROSS JOIN entry AS other ON other.seq = one.seq
    WHERE lower(hex(opening.commitment)) = {sql.SERIAL_SEALED} AND {sql.MAKER} = ? AND {sql.MODEL} = ?)"""  # noqa: S608
_OF_VISITS: Final = """visit IN (SELECT visit FROM entry
    WHERE seq IN (SELECT value FROM json_each(?)) AND +visit IS NOT NULL)"""
_NUMBERED: Final = "seq IN (SELECT value FROM json_each(?))"


class LedgerReader(SealReader, ScanReader):
    """A ledger open for reading. May be used from any thread; the code that opens it closes it.

    Everything here may raise LedgerProblem: the file may be damaged, or another program may keep it.
    """

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        super().__init__(database, path, reading=reading)
        self._decided: Deciding | None = None

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

    def checks_of(self, phone: tuple[str, str, str], among: int, limit: int) -> tuple[Entry, ...]:
        """The last `limit` ends of checks of a phone, the newest first, among the newest `among` of all phones.

        `phone` is its maker, model and serial number: one that was erased is not found.
        """
        maker, model, serial = phone
        return self._entries(_OF_PHONE, [Kind.CHECK_ENDED, among, serial, maker, model], order="seq DESC", limit=limit)

    def of_visit(self, visit: str) -> tuple[Entry, ...]:
        """All records of one visit, the oldest first."""
        return self._entries("visit = ?", [clean(visit)], order="seq")

    def of_visits(self, numbers: Sequence[int]) -> tuple[tuple[Entry, ...], ...]:
        """All records of the visits to which the records with these numbers belong, the oldest first, by visit."""
        found: dict[str, list[Entry]] = {}
        for entry in self._entries(_OF_VISITS, [json.dumps(list(numbers))], order="seq"):
            found.setdefault(entry.visit or "", []).append(entry)
        return tuple(map(tuple, found.values()))

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
            if page[-1].seq <= after:  # a page of the file is in another's place: it would never end
                raise DamagedLedger(self.path, f"record {page[-1].seq} stands behind {after}")
            after = page[-1].seq

    def entries_numbered(self, numbers: Sequence[int]) -> tuple[Entry, ...]:
        """The records with these numbers, in this order; those that are not there are left out."""
        found = {e.seq: e for e in self._entries(_NUMBERED, [json.dumps(list(numbers))], order="seq")}
        return tuple(found[number] for number in numbers if number in found)

    def search(self, text: str, limit: int) -> tuple[Entry, ...]:
        """The newest records in which `text` stands, in upper or lower case; also by a serial that is not erased."""
        found: list[Entry] = []
        for stretch in self.scan(Filter(text)) if limit > 0 else ():
            found += self.entries_numbered(stretch.numbers[: limit - len(found)])
            if len(found) == limit:
                break
        return tuple(found)

    def deciding(self) -> Deciding:
        """The records that decide something, whatever an index says."""
        with self._access():
            self._decided = self._deciding_now()
            return self._decided

    def _deciding_now(self) -> Deciding:
        """The same with what a transaction that is under way has added, which may not come about: it is not kept."""
        known = self._decided
        if known is not None and known.tally.upto > self.count():
            known = None  # it is another file by now
        return deciding(self._database, known)

    def decided(self, *kinds: Kind, limit: int = -1) -> Iterator[Entry]:
        """The records of these kinds, of :data:`core.ledger.file.deciding_records.KINDS`; the newest first.

        They are fetched as they are asked for; `limit` of them, if that is not negative. Raises DamagedLedger where one
        is not there, or is another by now.
        """
        records = self.deciding().of(*kinds)[: limit if limit >= 0 else None]
        for start in range(0, len(records), _PAGE):
            page = dict(records[start : start + _PAGE])
            for found in self._all_numbered(list(page)):
                if found.leaf_hash != page[found.seq]:
                    raise DamagedLedger(self.path, f"record {found.seq} is another by now")
                yield found

    def open_intents(self, given_up: Set[int] = frozenset()) -> tuple[Entry, ...]:
        """What was about to be done and has no outcome, because the program that meant to do it is gone.

        Those in `given_up` are open although their program runs: see :meth:`Ledger.give_up`. Raises DamagedLedger.
        """
        without_outcome = self._all_numbered(self.deciding().tally.open)
        alive = {s for s in {e.session for e in without_outcome} if is_alive(self.path, s)}
        return tuple(e for e in without_outcome if e.seq in given_up or e.session not in alive)

    def _all_numbered(self, numbers: Sequence[int]) -> tuple[Entry, ...]:
        """As :meth:`entries_numbered`, of numbers that are on record: leaving one out would decide something."""
        found = self.entries_numbered(numbers)
        if len(found) != len(numbers):
            missing = sorted(set(numbers) - {entry.seq for entry in found})[:10]
            raise DamagedLedger(self.path, f"records {missing} are not there")
        return found

    def _edge(self, select: str, time: datetime) -> int:
        """The first or last record on one side of a time; where a clock was set back, others are between."""
        return int(self.rows(select, [as_stored(time)])[0][0] or 0)

    def _entries(self, where: str, values: Sequence[object], *, order: str, limit: int = -1) -> tuple[Entry, ...]:
        with self._access():
            # Not sqlite-utils' rows_where(): where the table is missing, it gives no rows instead of an error.
            query = f"{_SELECT} WHERE {where} ORDER BY {order} LIMIT ?"
            rows = list(self._database.query(query, [*values, limit]))
            beside = list(self._database.query(_OPENINGS, [json.dumps([row["seq"] for row in rows])]))
        try:
            openings = _revealed(beside)
            return tuple(
                read_entry(row["seq"], row["leaf"], row["leaf_hash"], openings.get(row["seq"], {})) for row in rows
            )
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
