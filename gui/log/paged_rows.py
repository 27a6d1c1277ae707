"""Rows of which only the numbers stand ready, however many: what is shown in them is fetched by pages. Where the day of
each is known, they are grouped by it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, QTimer, Signal

from core.policy.wording import long_date
from core.rounds.days import today
from core.text import N, T, Text, grouped
from gui.toolkit.lists.tables import Index

#: Records fetched at a time.
PAGE: Final = 128
#: Pages that are waited for at once; of more, the earliest have been scrolled past.
_WANTED: Final = 3
#: Items kept: some ten kilobytes each.
_KEPT: Final = 1_024
_ROOT: Final = QModelIndex()
#: The number of a day that is not known.
UNKNOWN: Final = 0


class DayGroup(NamedTuple):
    """Rows one after another of one day, and how many they are."""

    day: date
    visits: int

    @property
    def words(self) -> Text:
        """The heading of the day."""
        number = N("{number} visit", "{number} visits", self.visits, number=grouped(self.visits))
        this_day = today()
        if self.day == this_day:
            return T("Today, {date} · {visits}", date=long_date(self.day), visits=number)
        if self.day == this_day - timedelta(days=1):
            return T("Yesterday, {date} · {visits}", date=long_date(self.day), visits=number)
        return T("{date} · {visits}", date=long_date(self.day), visits=number)


def day_groups(days: Sequence[int]) -> Mapping[int, DayGroup]:
    """The groups of rows with these days, as ``date.toordinal`` numbers them, each by the row that it begins with.

    A row of which the day is not known belongs to the group of the row above it, or else of the one below it. A day can
    have several groups: rows stand in the order of the log, whatever the clock said.
    """
    groups: dict[int, DayGroup] = {}
    first, above = 0, UNKNOWN
    row = 0
    for number, rows in groupby(days):
        count = len(list(rows))
        if above in (UNKNOWN, number) or number == UNKNOWN:
            above = above or number
        else:
            groups[first] = DayGroup(date.fromordinal(above), row - first)
            first, above = row, number
        row += count
    if above:
        groups[first] = DayGroup(date.fromordinal(above), row - first)
    return groups


class Numbered(Protocol):
    """What can be shown in a row: it is known by a number of the log."""

    @property
    def seq(self) -> int: ...


Item = TypeVar("Item", bound=Numbered)


class PagedRows(QAbstractTableModel, Generic[Item]):
    """Items with certain numbers, the newest first. A row that is shown asks for its page, and fills in.

    A subclass says in :meth:`texts` what stands in the columns, and names them in `heads`.
    """

    heads: Sequence[Text] = ()
    #: Rows fetched at a time.
    page = PAGE

    #: These numbers are to be fetched; :meth:`fetched` ends that, and nothing more is asked for before.
    rows_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._numbers: Sequence[int] = range(0)
        self._items: OrderedDict[int, Item] = OrderedDict()
        self._cells: dict[int, tuple[str, ...]] = {}
        self._lost: set[int] = set()
        self._days = array("i")
        #: What is grouped by day: the groups, each by the row that it begins with.
        self.groups: Mapping[int, DayGroup] = {}
        self._pages: OrderedDict[int, None] = OrderedDict()
        self._fetching = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)

    # What is shown

    def clear(self) -> None:
        """Another log comes: nothing of this one is kept."""
        self._fetching = False
        self._items.clear()
        self._cells.clear()
        self._lost.clear()
        self.show(range(0))

    def show(self, numbers: Sequence[int], days: Sequence[int] = ()) -> None:
        """Have the items with these numbers, the newest first; `days` are theirs where they are grouped by day."""
        self.beginResetModel()
        self._numbers = numbers
        self._group(array("i", days))
        self._pages.clear()
        self.endResetModel()

    def extend(self, numbers: array[int], days: Sequence[int] = ()) -> None:
        """Have these older ones below as well, of these days."""
        if numbers:
            self.beginInsertRows(_ROOT, len(self._numbers), len(self._numbers) + len(numbers) - 1)
            if not isinstance(self._numbers, array):
                self._numbers = array("q", self._numbers)
            self._numbers.extend(numbers)
            self._group(self._days + array("i", days))
            self.endInsertRows()

    def prepend(self, numbers: Sequence[int], days: Sequence[int] = ()) -> None:
        """Have these newer ones above as well, of these days; those that are there already are not doubled."""
        newest = self._numbers[0] if self._numbers else 0
        new = [number for number in numbers if number > newest]
        new_days = array("i", [day for number, day in zip(numbers, days, strict=False) if number > newest])
        if not new:
            return
        self.beginInsertRows(_ROOT, 0, len(new) - 1)
        # All numbers there are: as a range they take no memory, however many.
        if isinstance(self._numbers, range) and new[-1] == newest + 1:
            self._numbers = range(new[0], 0, -1)
        else:
            self._numbers = array("q", new) + array("q", self._numbers)
        self._group(new_days + self._days)
        self._pages.clear()
        self.endInsertRows()

    def _group(self, days: array[int]) -> None:
        self._days, self.groups = days, day_groups(days)

    def number(self, row: int) -> int:
        """The number of the item in a row."""
        return self._numbers[row]

    def row(self, number: int) -> int:
        """The row of the item with this number; -1 if it is not shown."""
        row = bisect_left(self._numbers, -number, key=lambda n: -n)
        return row if row < len(self._numbers) and self._numbers[row] == number else -1

    def item(self, row: int) -> Item | None:
        """The item in a row; None if it has not been fetched yet, which is then asked for, or cannot be."""
        item = self._items.get(self._numbers[row])
        if item is None:
            self._want(row)
        return item

    def peek(self, row: int) -> Item | None:
        """The item in a row, if it has been fetched."""
        return self._items.get(self._numbers[row])

    def lately(self) -> Iterable[Item]:
        """The items that were fetched last: at least those of one answer."""
        return islice(reversed(self._items.values()), _WANTED * self.page)

    def is_lost(self, row: int) -> bool:
        """Whether the item in a row could not be read."""
        return self._numbers[row] in self._lost

    # Fetching

    def keep(self, items: Iterable[Item]) -> None:
        """Have these items ready, in place of those that were fetched first."""
        for item in items:
            self._items[item.seq] = item
            self._items.move_to_end(item.seq)
            self._cells.pop(item.seq, None)
            self._lost.discard(item.seq)
        while len(self._items) > _KEPT:
            number, _ = self._items.popitem(last=False)
            self._cells.pop(number, None)

    def fetched(self, items: Sequence[Item], lost: Sequence[int] = ()) -> None:
        """The answer to :attr:`rows_wanted`: the items, and the numbers of those that cannot be read."""
        self._fetching = False
        self.keep(items)
        self._lost.update(lost)
        rows = [row for n in (*(e.seq for e in items), *lost) if (row := self.row(n)) >= 0]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(self.heads) - 1))
        if self._pages:
            self._soon.start()

    def try_again(self) -> None:
        """Ask anew for what could not be read."""
        self._lost.clear()
        self._changed()

    def _want(self, row: int) -> None:
        if self._numbers[row] in self._lost:
            return
        self._pages[row // self.page] = None
        self._pages.move_to_end(row // self.page)
        while len(self._pages) > _WANTED:
            self._pages.popitem(last=False)
        if not self._fetching:
            self._soon.start()

    def _ask(self) -> None:
        if self._fetching:
            return
        pages = [self._numbers[page * self.page : (page + 1) * self.page] for page in reversed(self._pages)]
        self._pages.clear()
        numbers = [n for page in pages for n in page if n not in self._items and n not in self._lost]
        if numbers:
            self._fetching = True
            self.rows_wanted.emit(numbers)

    def texts(self, item: Item) -> tuple[str, ...]:
        """What stands in the columns of a row, in the language in use."""
        raise NotImplementedError

    def text(self, row: int, column: int, item: Item | None, unreadable: int) -> str:
        """What stands in a cell; where the item could not be read, that is said in the column `unreadable`."""
        number = self._numbers[row]
        if item is None:
            if number not in self._lost:
                return "…"
            return str(T("This entry cannot be read.")) if column == unreadable else ""
        if number not in self._cells:
            self._cells[number] = self.texts(item)
        return self._cells[number][column]

    def replace(self, items: Iterable[Item], changed: Sequence[int]) -> None:
        """These items are others by now: those that are not among `items` are asked for again where they are shown."""
        for number in changed:
            self._items.pop(number, None)
            self._cells.pop(number, None)
        self.keep(items)
        for row in filter(lambda row: row >= 0, map(self.row, changed)):
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.heads) - 1))

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(self.heads[section])
        return None

    def retranslate(self) -> None:
        """Have heads and cells made anew: the language has changed."""
        self._cells.clear()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.heads) - 1)
        self._changed()

    def _changed(self) -> None:
        if self._numbers:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._numbers) - 1, len(self.heads) - 1))
