"""The comparison of one group of desks: the rows of all its files in the order of entries, beside the entries."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from core.head_office.bundles.carried import BundleRefused
from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.bundles.layout import Base
from core.head_office.store.store_faults import (
    StoreFault,
    StoreFaultKind,
    StoreFaults,
    of_bundle,
    of_entries,
    of_row,
)
from core.head_office.store.stretches import MergedStretch
from core.head_office.store.tables import TABLES
from core.head_office.verification.desk_rows import MADE, DeskRows
from core.head_office.verification.given_bundles import BroughtRange, GivenBundle, opened_bundle
from core.head_office.verification.sorted_rows import SortedRows, StoredRow
from core.head_office.verification.stretch_check import StoredDesk, StretchCheck
from core.ledger.records.leaf import Opening
from core.ledger.verify.faults import FaultKind
from core.text import T, plain

#: Entries that are compared in one go: as many are in memory.
_PAGE: Final = 500
#: Files with entries of one desk that are remembered, to name the one with a fault.
_FILES: Final = 20_000
_NAME: Final = 500
_OF_SEALS: Final = (FaultKind.BAD_SEAL, FaultKind.NOT_THE_DESK, FaultKind.WRONG_EPOCH_KEY)
_LEAF: Final = list(TABLES["records"]).index("leaf")
_BY_SEQ: Final = list(TABLES["erased"]).index("by_seq")
_SEAL_NOTE: Final = list(TABLES["seals"]).index("note")
_PERSONAL: Final = {name: at for at, name in enumerate(TABLES["personal"])}

_Openings = dict[int, list[Opening]]


@dataclass(slots=True)
class Counts:
    """What was compared. `unproved` entries lie behind a gap of which the store does not know the end."""

    entries: int = 0
    seals: int = 0
    rows: int = 0
    desks: int = 0
    bundles: int = 0
    unproved: int = 0


@dataclass(frozen=True, slots=True)
class GroupCheckTask:
    """A group of desks: what the store knows of them, their rows by table, and the bundles to compare with, by log.

    Of the tables that are `incomplete` files cannot be read. `keys` decrypts bundles, `step` is called with the number
    of entries after each page.
    """

    desks: Mapping[str, StoredDesk]
    tables: Mapping[str, SortedRows]
    incomplete: frozenset[str]
    bundles: Mapping[str, Sequence[BroughtRange]]
    keys: PrivateKeys | None
    secret: bytes = field(repr=False)
    now: datetime
    faults: StoreFaults
    counts: Counts
    step: Callable[[int], None]


def check_group(task: GroupCheckTask) -> None:
    """Compare all rows of a group. Raises RowsUnreadable, Cancelled, StoreProblem."""
    for log in sorted(task.desks):
        _drop_strays(task, log)
        _DeskCheck(task, task.desks[log]).run()
        task.counts.desks += 1
    _drop_strays(task, None)


def _drop_strays(task: GroupCheckTask, log: str | None) -> None:
    """Rows of logs that the store knows nothing of: one fault for each table and log."""
    for table, rows in task.tables.items():
        log_before = None
        for row in rows.take_before(log):
            if row.log != log_before:
                log_before = row.log
                task.faults.add(of_row(StoreFaultKind.ROW_ADDED, table, row.file, row.log, "", row.entry))


class _DeskCheck:
    """The comparison of one desk."""

    def __init__(self, task: GroupCheckTask, desk: StoredDesk) -> None:
        self._task = task
        self._desk = desk
        self._rows = DeskRows(desk.log, desk.desk, task.secret, task.incomplete)
        self._seals: list[StoredRow] = []
        self._entry_files = _Files()
        self._seal_files = _Files()
        self._bundles = list(self._opened_bundles())

    def run(self) -> None:
        desk = self._desk
        log, records = desk.log, self._task.tables["records"]
        stretches = sorted(desk.stretches, key=lambda stretch: stretch.base)
        for bundle in self._bundles:
            self._compare_length(bundle, stretches)
        for stretch in stretches:
            self._add_without_place(records.take(log, stretch.base))
            self._check(stretch, records.take(log, stretch.size))
        self._add_without_place(records.take(log))
        self._seals += self._task.tables["seals"].take(log)
        self._compare((), {}, float("inf"))
        for fault in self._rows.end():
            self._task.faults.add(fault)

    def _opened_bundles(self) -> Iterator[GivenBundle]:
        for manifest_range in self._task.bundles.get(self._desk.log, ()):
            try:
                yield opened_bundle(manifest_range.folder, self._task.keys, self._desk.enrolments, self._task.now)
                self._task.counts.bundles += 1
            except BundleRefused as problem:
                self._refuse(problem)

    def _refuse(self, problem: BundleRefused) -> None:
        desk = self._desk
        self._task.faults.add(StoreFault(StoreFaultKind.BUNDLE_REFUSED, problem.sentence, "", desk.log, desk.desk))

    def _compare_length(self, bundle: GivenBundle, stretches: Sequence[MergedStretch]) -> None:
        """Tell which entries a bundle has and the store does not."""
        at = bundle.base
        for stretch in [*stretches, None]:
            end = bundle.size if stretch is None else min(stretch.base, bundle.size)
            if at < end:
                self._add_of_bundle(StoreFaultKind.NOT_MERGED, bundle, at + 1, end)
            if stretch is not None:
                at = max(at, stretch.size)

    def _add_of_bundle(self, kind: StoreFaultKind, bundle: GivenBundle, first: int, last: int) -> None:
        self._task.faults.add(of_bundle(kind, str(bundle.folder), self._desk.log, self._desk.desk, first, last))

    def _add_without_place(self, rows: Iterator[StoredRow]) -> None:
        """Entries of which the store itself says that it does not have them."""
        for row in rows:
            self._add_row(StoreFaultKind.ROW_ADDED, row)

    def _check(self, stretch: MergedStretch, rows: Iterator[StoredRow]) -> None:
        """Verify the entries of a stretch, page by page, and compare the rows that were made of them."""
        desk, seals = self._desk, self._task.tables["seals"]
        check = StretchCheck(desk, stretch, self._before(stretch), self._taken_seals(seals, stretch.size))
        if not check.is_signed:
            sentence = T(
                "The checkpoint of the desk {desk} in the store, over {count} entries, is not signed by the desk.",
                desk=plain(desk.desk or desk.log, _NAME),
                count=stretch.size,
            )
            of_desk = (desk.file, desk.log, desk.desk, stretch.size, stretch.size)
            self._task.faults.add(StoreFault(StoreFaultKind.CHECKPOINT, sentence, *of_desk))
        page: list[StoredRow] = []
        last = stretch.base
        for row in rows:
            if row.entry == last:
                self._add_row(StoreFaultKind.ROW_ADDED, row)
                continue
            last = row.entry
            page.append(row)
            if len(page) == _PAGE:
                self._check_page(check, page)
                page = []
        if page:
            self._check_page(check, page)
        for fault in check.end():
            files = self._seal_files if fault.kind in _OF_SEALS else self._entry_files
            file = files.of(max(fault.first, 1))
            self._task.faults.add(of_entries(fault.sentence, file, desk.log, desk.desk, fault.first, fault.last))
        if not check.possible:
            self._task.counts.unproved += stretch.size - stretch.base

    def _before(self, stretch: MergedStretch) -> Base | None:
        """What the log was before a stretch, as a bundle tells it that begins there."""
        return next((bundle.before for bundle in self._bundles if bundle.base == stretch.base), None)

    def _check_page(self, check: StretchCheck, page: Sequence[StoredRow]) -> None:
        """Verify some entries and compare their rows. Where a bundle has another entry under a number, the bundle's is
        the true one, with which the rows are compared."""
        leaves = [(row.entry, row.values[_LEAF] or b"") for row in page]
        for row in page:
            self._entry_files.add(row)
        check.add(leaves)
        if not check.possible:
            self._seals += self._task.tables["seals"].take(self._desk.log, page[-1].entry)
        theirs, openings = self._from_bundles(page[0].entry, page[-1].entry)
        for number, leaf in leaves:
            if number in theirs and theirs[number][1] != leaf:
                self._add_of_bundle(StoreFaultKind.BUNDLE_DIFFERS, theirs[number][0], number, number)
        true_leaves = [(number, theirs[number][1] if number in theirs else leaf) for number, leaf in leaves]
        self._compare(true_leaves, openings, page[-1].entry, page)
        self._task.counts.entries += len(page)
        self._task.step(len(page))

    def _from_bundles(self, first: int, last: int) -> tuple[dict[int, tuple[GivenBundle, bytes]], _Openings]:
        """The entries that bundles have, and the personal information beside them."""
        leaves: dict[int, tuple[GivenBundle, bytes]] = {}
        openings: _Openings = {}
        for bundle in list(self._bundles):
            try:
                for number, leaf, beside in bundle.entries(first, last):
                    leaves[number] = (bundle, leaf)
                    openings.setdefault(number, []).extend(beside)
            except BundleRefused as problem:
                self._refuse(problem)
                self._bundles.remove(bundle)
        self._bundles = [bundle for bundle in self._bundles if bundle.size > last]
        return leaves, openings

    def _compare(
        self,
        leaves: Sequence[tuple[int, bytes]],
        openings: _Openings,
        last: float,
        records: Sequence[StoredRow] = (),
    ) -> None:
        """Compare what is made of these entries with the rows up to entry number `last`."""
        stored: dict[str, list[StoredRow]] = {
            table: list(self._task.tables[table].take(self._desk.log, last))
            for table in MADE
            if table not in ("records", "seals")
        }
        # What went because of its time is told there without an entry.
        stored["erased"] = [row for row in stored["erased"] if row.values[_BY_SEQ] is not None]
        stored["records"] = list(records)
        stored["seals"] = [row for row in self._seals if row.entry <= last]
        self._seals = [row for row in self._seals if row.entry > last]
        for row in stored["personal"]:
            opening = _opening_of(row)
            openings.setdefault(row.entry, []).append(opening)
        seals = {row.entry: (_root_of(note), note) for row in stored["seals"] if (note := row.values[_SEAL_NOTE])}
        for fault in self._rows.compare(leaves, openings, seals, stored):
            self._task.faults.add(fault)
        self._task.counts.rows += sum(map(len, stored.values()))
        self._task.counts.seals += len(stored["seals"])

    def _taken_seals(self, seals: SortedRows, last: int) -> Iterator[tuple[int, bytes]]:
        """The seals up to number `last`, which are compared as rows, too."""
        for row in seals.take(self._desk.log, last):
            self._seals.append(row)
            self._seal_files.add(row)
            yield row.entry, (row.values[_SEAL_NOTE] or "").encode(errors="replace")

    def _add_row(self, kind: StoreFaultKind, row: StoredRow) -> None:
        self._task.faults.add(of_row(kind, "records", row.file, self._desk.log, self._desk.desk, row.entry))


class _Files:
    """From which entry on the rows of a desk are in which file."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, str]] = []

    def add(self, row: StoredRow) -> None:
        if (not self._runs or self._runs[-1][1] != row.file) and len(self._runs) < _FILES:
            self._runs.append((row.entry, row.file))

    def of(self, entry: int) -> str:
        """The file with that entry, or with the one before it."""
        at = bisect_right(self._runs, entry, key=lambda run: run[0])
        return self._runs[at - 1][1] if at else ""


def _opening_of(row: StoredRow) -> Opening:
    """What a row with personal information says: the value and its salt, and the commitment that these have."""
    salt = row.values[_PERSONAL["salt"]] or b""
    value = (row.values[_PERSONAL["value"]] or "").encode(errors="replace")
    return Opening(sha256(salt + value).digest(), salt, value)


def _root_of(note: str) -> bytes:
    """The root that a checkpoint has on its third line; whether it is true is looked at elsewhere."""
    try:
        return base64.b64decode([*note.split("\n", 3), "", ""][2])
    except (binascii.Error, ValueError):
        return b""
