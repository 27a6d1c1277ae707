"""The records of a ledger as rows, however many: their numbers stand ready, the records are fetched by pages."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication

from core import describe
from core.ledger.records import HOUSEKEEPING, Entry, Kind
from core.model import Verdict
from core.text import T
from gui.toolkit.tables import FLAG_ROLE, Flag, Index
from gui.toolkit.theme import Status, colours
from gui.toolkit.widgets import as_tip

#: Rows fetched at a time.
PAGE: Final = 128
#: Pages that are waited for at once; of more, the earliest have been scrolled past.
_WANTED: Final = 3
#: Records kept: some ten kilobytes each.
_KEPT: Final = 1_024

STATUSES: Final = {Verdict.RED: Status.RED, Verdict.AMBER: Status.AMBER, Verdict.GREEN: Status.GREEN}

#: A kind in the list and in the filter, where there is little room; the record itself has it in full.
SHORT: Final = {
    Kind.CHECK_ENDED: T("Check ended"),
    Kind.FINDING: T("App found"),
    Kind.REMOVAL_INTENDED: T("Before a removal"),
    Kind.REMOVAL_OUTCOME: T("After a removal"),
    Kind.UNDO_INTENDED: T("Before an undo"),
    Kind.UNDO_OUTCOME: T("After an undo"),
    Kind.LOOKED: T("Looked on the phone"),
    Kind.LOOKED_FOR: T("Quick look"),
    Kind.HAND_BACK_INTENDED: T("Before handing back"),
    Kind.HANDED_BACK: T("Handed back"),
    Kind.HAND_BACK_FOLLOWED: T("After handing back"),
    Kind.PROBLEM: T("Problem"),
    Kind.CHECK_STARTED: T("Check began"),
    Kind.PHONE_SEEN: T("Phone connected"),
    Kind.PHONE_LABELLED: T("Phone labelled"),
    Kind.POLICY_LOADED: T("Policy loaded"),
    Kind.PROGRAM_START: T("Fanion started"),
    Kind.EXCEPTION_GRANTED: T("Exception granted"),
    Kind.EXCEPTION_REVOKED: T("Exception withdrawn"),
    Kind.POLICY_ACCEPTED: T("Policy accepted"),
    Kind.POLICY_REFUSED: T("Policy refused"),
    Kind.OUTSIDE_COPY: T("Outside copy"),
    Kind.EXPORTED: T("Export"),
    Kind.ERASED: T("Values erased"),
    Kind.TIMESTAMPED: T("Time stamp"),
    Kind.COSIGNED: T("Other desk seen"),
    Kind.COSIGNATURES: T("Cosigned"),
    Kind.FORK_SEEN: T("Contradiction"),
    Kind.KEY_NEXT: T("Next key"),
    Kind.LOG_BEGUN: T("Sealing began"),
    Kind.KEYS_REPLACED: T("Keys replaced"),
}

#: The roles that have an answer: Qt asks for ten of each cell whenever it draws.
_ANSWERED: Final = frozenset(
    map(
        int,
        (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ForegroundRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
            FLAG_ROLE,
        ),
    )
)
_ROOT: Final = QModelIndex()


class Column(IntEnum):
    """The columns, from the left."""

    NUMBER = 0
    TIME = 1
    KIND = 2
    PHONE = 3
    SUMMARY = 4
    OFFICER = 5


_HEADS: Final = {
    Column.NUMBER: T("No."),
    Column.TIME: T("Date and time"),
    Column.KIND: T("What"),
    Column.PHONE: T("Phone"),
    Column.SUMMARY: T("Summary"),
    Column.OFFICER: T("Officer"),
}


class Rows(QAbstractTableModel):
    """The records with certain numbers, the newest first. A row that is shown asks for its page, and fills in."""

    #: These numbers are to be fetched; :meth:`fetched` ends that, and nothing more is asked for before.
    wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers: Sequence[int] = range(0)
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._cells: dict[int, tuple[str, ...]] = {}
        self._lost: set[int] = set()
        self._pages: OrderedDict[int, None] = OrderedDict()
        self._fetching = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)

    # What is shown

    def clear(self) -> None:
        """Another log comes: nothing of this one is kept."""
        self._fetching = False
        self._entries.clear()
        self._cells.clear()
        self._lost.clear()
        self.show(range(0))

    def show(self, numbers: Sequence[int]) -> None:
        """Have the records with these numbers, the newest first."""
        self.beginResetModel()
        self._numbers = numbers
        self._pages.clear()
        self.endResetModel()

    def extend(self, numbers: array[int]) -> None:
        """Have these older ones below as well."""
        if numbers:
            self.beginInsertRows(_ROOT, len(self._numbers), len(self._numbers) + len(numbers) - 1)
            if not isinstance(self._numbers, array):
                self._numbers = array("q", self._numbers)
            self._numbers.extend(numbers)
            self.endInsertRows()

    def prepend(self, numbers: Sequence[int]) -> None:
        """Have these newer ones above as well; those that are there already are not doubled."""
        newest = self._numbers[0] if self._numbers else 0
        new = [number for number in numbers if number > newest]
        if not new:
            return
        self.beginInsertRows(_ROOT, 0, len(new) - 1)
        if isinstance(self._numbers, range) and new[-1] == newest + 1:
            self._numbers = range(new[0], 0, -1)
        else:
            self._numbers = array("q", new) + array("q", self._numbers)
        self._pages.clear()
        self.endInsertRows()

    def number(self, row: int) -> int:
        """The number of the record in a row."""
        return self._numbers[row]

    def row(self, number: int) -> int:
        """The row of the record with this number; -1 if it is not shown."""
        row = bisect_left(self._numbers, -number, key=lambda n: -n)
        return row if row < len(self._numbers) and self._numbers[row] == number else -1

    def entry(self, row: int) -> Entry | None:
        """The record in a row; None if it has not been fetched yet, which is then asked for, or cannot be."""
        found = self._entries.get(self._numbers[row])
        if found is None:
            self._want(row)
        return found

    def known(self, row: int) -> Entry | None:
        """The record in a row, if it has been fetched."""
        return self._entries.get(self._numbers[row])

    def is_lost(self, row: int) -> bool:
        """Whether the record in a row could not be read."""
        return self._numbers[row] in self._lost

    # Fetching

    def keep(self, entries: Iterable[Entry]) -> None:
        """Have these records ready, in place of those that were fetched first."""
        for entry in entries:
            self._entries[entry.seq] = entry
            self._entries.move_to_end(entry.seq)
            self._lost.discard(entry.seq)
        while len(self._entries) > _KEPT:
            number, _ = self._entries.popitem(last=False)
            self._cells.pop(number, None)

    def fetched(self, entries: Sequence[Entry], lost: Sequence[int] = ()) -> None:
        """The answer to :attr:`wanted`: the records, and the numbers of those that cannot be read."""
        self._fetching = False
        self.keep(entries)
        self._lost.update(lost)
        rows = [row for n in (*(e.seq for e in entries), *lost) if (row := self.row(n)) >= 0]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(Column) - 1))
        if self._pages:
            self._soon.start()

    def try_again(self) -> None:
        """Ask anew for what could not be read."""
        self._lost.clear()
        self._changed()

    def _want(self, row: int) -> None:
        if self._numbers[row] in self._lost:
            return
        self._pages[row // PAGE] = None
        self._pages.move_to_end(row // PAGE)
        while len(self._pages) > _WANTED:
            self._pages.popitem(last=False)
        if not self._fetching:
            self._soon.start()

    def _ask(self) -> None:
        if self._fetching:
            return
        pages = [self._numbers[page * PAGE : (page + 1) * PAGE] for page in reversed(self._pages)]
        self._pages.clear()
        numbers = [n for page in pages for n in page if n not in self._entries and n not in self._lost]
        if numbers:
            self._fetching = True
            self.wanted.emit(numbers)

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(_HEADS[Column(section)])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in _ANSWERED or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if column == Column.NUMBER:
            return str(self._numbers[row]) if role == Qt.ItemDataRole.DisplayRole else None
        entry = self.entry(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(row, column, entry)
        if role == Qt.ItemDataRole.ForegroundRole and (entry is None or entry.kind in HOUSEKEEPING):
            return QColor(colours(QGuiApplication.palette()).muted)
        if entry is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(str(describe.kind(entry)) if column == Column.KIND else self._cell(row, column, entry))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.KIND:
            return str(describe.kind(entry))
        if role == FLAG_ROLE and column == Column.SUMMARY and (verdict := describe.verdict(entry)) is not None:
            return Flag(STATUSES[verdict], self._cell(row, column, entry))
        return None

    def _cell(self, row: int, column: int, entry: Entry | None) -> str:
        number = self._numbers[row]
        if entry is None:
            if number not in self._lost:
                return "…"
            return str(T("This entry cannot be read.")) if column == Column.SUMMARY else ""
        if number not in self._cells:
            self._cells[number] = _cells(entry)
        return self._cells[number][column]

    def retranslate(self) -> None:
        """The language has changed."""
        self._cells.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self._changed()

    def _changed(self) -> None:
        if self._numbers:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._numbers) - 1, len(Column) - 1))


def _cells(entry: Entry) -> tuple[str, ...]:
    """What stands in a row. Of the time, the minute: the order says the rest, and the record itself the second."""
    short = SHORT[Kind(entry.kind)] if entry.kind in list(Kind) else describe.kind(entry)
    minute = describe.when(entry)[: len("2026-11-24 14:32")]
    return str(entry.seq), minute, str(short), describe.phone(entry), describe.summary(entry), describe.officer(entry)
