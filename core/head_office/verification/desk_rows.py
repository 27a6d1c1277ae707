"""What the store's rows of a desk have to be, by its entries: each row is made anew and compared, field by field.

Not made anew is what no entry tells: the rosters, the days after which personal information has to go, and when the
desk was merged. The store's list of files covers these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.head_office.store.rows import EntryRows, day_of_entry, is_ban_seen, sealed_number
from core.head_office.store.store_faults import StoreFault, StoreFaultKind, of_row
from core.head_office.store.tables import TABLES, day_of
from core.head_office.verification.sorted_rows import StoredRow, entry_column, within_column
from core.ledger.records.leaf import Opening

#: The tables whose rows are made of entries.
MADE: Final = ("records", "seals", "checks", "findings", "returns", "steps", "personal", "erased", "rounds")
#: What depends on the bundles in which entries came: it may be empty where an earlier entry was in another one.
_MAY_BE_EMPTY: Final = frozenset({"act", "package", "rule", "finding_seq"})
_NOT_COMPARED: Final = frozenset({"erase_by"})
_PHONE: Final = ("phone", "phone_known")
_KNOWN: Final = list(TABLES["checks"]).index("phone_known")

_Made = dict[tuple[int, object], tuple[str, Sequence[object]]]
_Openings = Mapping[int, Sequence[Opening]]
#: What an edited leaf may make of the program that reads it.
_NO_ENTRY: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class _MadeRows:
    """Rows as core.head_office.store.rows makes them, by table, entry and what is within it."""

    def __init__(self) -> None:
        self.tables: dict[str, _Made] = {}

    def add(self, table: str, day: str, row: Sequence[object]) -> None:
        names = list(TABLES[table])
        entry, within = row[names.index(entry_column(table))], row[names.index(within_column(table))]
        self.tables.setdefault(table, {})[int(str(entry)), within] = (day, row)

    def extend(self, table: str, day: str, rows: Sequence[Sequence[object]]) -> None:
        for row in rows:
            self.add(table, day, row)


class DeskRows:
    """The comparison of one desk's rows, entry by entry in their order. Of `incomplete` tables files cannot be read."""

    def __init__(self, log: str, desk: str, secret: bytes, incomplete: frozenset[str]) -> None:
        self._log = log
        self._desk = desk
        self._secret = secret
        self._incomplete = incomplete
        self._expected = _MadeRows()
        self._rows = EntryRows(self._expected, log, secret, 0, every_ban=True)
        #: The numbers by which the phone of a visit is known, and the rows that say one without an opening beside them.
        self._phones: dict[str | None, set[object]] = {}
        self._by_visit: list[tuple[str | None, object, str, StoredRow]] = []

    def compare(
        self,
        leaves: Sequence[tuple[int, bytes]],
        openings: _Openings,
        seals: Mapping[int, tuple[bytes, str]],
        stored: Mapping[str, Sequence[StoredRow]],
    ) -> list[StoreFault]:
        """What is wrong with the `stored` rows of these entries, by table, where `openings` are all that is known."""
        self._make(leaves, openings, seals)
        exact = dict(leaves)
        serials = {row.entry for row in stored.get("personal", ()) if row.within == "serial"}
        # Personal information goes when it is erased or over its time: all of an entry's, and the phone's number.
        with_phone = {row.entry for row in stored.get("checks", ()) if row.values[_KNOWN]}
        with_values = with_phone | {row.entry for row in stored.get("personal", ())}
        faults = []
        for table in MADE:
            expected = self._expected.tables.get(table, {})
            for row in stored.get(table, ()):
                anew = expected.pop((row.entry, row.within), None)
                if anew is None:
                    faults.append(self._fault(StoreFaultKind.ROW_ADDED, table, row.file, row.entry))
                elif columns := self._differing(table, row, *anew, exact.get(row.entry, b""), serials):
                    faults.append(self._fault(StoreFaultKind.ROW_CHANGED, table, row.file, row.entry, columns))
            if table not in self._incomplete:
                # Whole, or not there: a version that did not know this table has merged the entry.
                with_returns = {row.entry for row in stored.get("returns", ())}
                present = {"personal": with_values, "returns": with_returns}.get(table)
                missing = [
                    entry
                    for entry, _ in expected
                    if (present is None or entry in present) and not (table == "checks" and is_ban_seen(exact[entry]))
                ]
                faults += [self._fault(StoreFaultKind.ROW_MISSING, table, "", entry) for entry in missing]
        self._expected.tables.clear()
        return faults

    def end(self) -> list[StoreFault]:
        """There are no more entries: what is wrong with the phones of findings and steps, which a visit's checks
        tell."""
        return [
            self._fault(StoreFaultKind.ROW_CHANGED, table, row.file, row.entry, ("phone",))
            for visit, phone, table, row in self._by_visit
            if (numbers := self._phones.get(visit)) and phone not in numbers
        ]

    def _make(
        self, leaves: Sequence[tuple[int, bytes]], openings: _Openings, seals: Mapping[int, tuple[bytes, str]]
    ) -> None:
        try:
            self._rows.add(leaves, openings, seals)
        except _NO_ENTRY:  # one of them was edited, which the seals tell: the others are read one by one
            self._expected.tables.clear()
            for leaf in leaves:
                try:
                    self._rows.add([leaf], openings, seals)
                except _NO_ENTRY:
                    continue

    def _differing(
        self,
        table: str,
        row: StoredRow,
        day: str,
        expected: Sequence[object],
        leaf: bytes,
        serials: set[int],
    ) -> tuple[str, ...]:
        """The columns of a row that are not as they were made."""
        names = list(TABLES[table])
        stored, anew = dict(zip(names, row.values, strict=True)), dict(zip(names, expected, strict=True))
        columns = [
            name
            for name in names
            if stored[name] != anew[name]
            and name not in _PHONE
            and name not in _NOT_COMPARED
            and not (table == "steps" and name in _MAY_BE_EMPTY and stored[name] is None)
        ]
        # A bundle behind a gap, and an earlier version, did not know which day the log had reached before.
        if not day_of_entry(leaf, day) <= day_of(row.file) <= day:
            columns.append("day")
        if "phone" in stored and not self._is_phone(table, row, stored, anew, leaf, serials):
            columns.append("phone")
        return tuple(columns)

    def _is_phone(
        self,
        table: str,
        row: StoredRow,
        stored: Mapping[str, Any],
        expected: Mapping[str, Any],
        leaf: bytes,
        serials: set[int],
    ) -> bool:
        """Whether a row names the phone that it has to name, as far as that is known here.

        The number is made of the serial number. Where that is not here, because it was erased or did not come, the row
        has one that stands for nothing. Rows of findings and steps have no serial number beside them: what they name is
        compared in :meth:`end` with the checks of their visit.
        """
        phone, right = (tuple(values[name] for name in _PHONE) for values in (stored, expected))
        if table == "checks" and phone[1]:
            self._phones.setdefault(stored["visit"], set()).add(phone[0])
        if phone == right:
            return True
        if not phone[1]:
            # Erased at the desk, or over its time; or its serial number did not come.
            if table == "checks" and row.entry in serials:
                return False
            return phone[0] in (sealed_number(f"{self._log} {row.entry}"), self._unopened(table, row, leaf))
        if right[1] or table == "checks":
            return False
        self._by_visit.append((stored["visit"], phone[0], table, row))
        return True

    def _unopened(self, table: str, row: StoredRow, leaf: bytes) -> object:
        """The number that the phone of an entry has where its serial number did not come."""
        rows = _MadeRows()
        try:
            EntryRows(rows, self._log, self._secret, 0, every_ban=True).add([(row.entry, leaf)], {}, {})
        except _NO_ENTRY:
            return None
        anew = rows.tables.get(table, {}).get((row.entry, row.within))
        return None if anew is None else anew[1][list(TABLES[table]).index("phone")]

    def _fault(
        self, kind: StoreFaultKind, table: str, file: str, entry: int, columns: tuple[str, ...] = ()
    ) -> StoreFault:
        return of_row(kind, table, file, self._log, self._desk, entry, columns)
