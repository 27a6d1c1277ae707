"""One way to list a log, by records or by visits: what it is read from, its table, and which of its rows is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, Signal

from core.text import T, Text
from gui.log.paged_rows import Numbered, PagedRows
from gui.log.record_source import LogSource
from gui.log.record_table import FittedTable

Item = TypeVar("Item", bound=Numbered)


class LogSide(QObject, Generic[Item]):
    """A list of a log. What is chosen stays chosen while the rows change."""

    #: What is to be shown in full: an item, or None; and why there is none, where that is worth a word.
    item_shown = Signal(object, object)

    def __init__(
        self,
        source: LogSource[Item],
        table: FittedTable,
        newest: Callable[[PagedRows[Item]], int],
        parent: QObject,
    ) -> None:
        """`newest` tells which row is chosen while none was."""
        super().__init__(parent)
        self.source, self.table = source, table
        self._newest = newest
        #: Whether the log was asked for yet.
        self.is_open = False
        #: Something was recorded since it was read.
        self.outdated = False
        #: The item that the officer chose, by its number.
        self.chosen = 0
        #: One that is to be shown once it is there.
        self.pending = 0
        self._choosing = False
        source.replaced.connect(self.choose)
        source.rows.dataChanged.connect(self._filled)
        source.rows.rowsInserted.connect(self._added)
        table.selectionModel().currentRowChanged.connect(self._current)

    def open(self, practice: bool) -> None:
        """Read the real ledger, or that of practice, where that was not done yet; else what is new in it."""
        if not self.is_open or practice != self.source.practice:
            self.is_open = True
            self.chosen = 0
            self.source.open(practice)
        elif self.outdated:
            self.source.refresh()
        self.outdated = False

    def choose(self) -> None:
        """Have a row chosen: of the item that is wanted, else of the one that was chosen, else of the newest."""
        rows = self.source.rows
        row = rows.row(self.pending)
        if row >= 0:
            self.chosen, self.pending = self.pending, 0
        else:
            row = rows.row(self.chosen)
        self._choosing = True
        if rows.rowCount():
            self.table.go_to(row if row >= 0 else self._newest(rows))
        self._choosing = False
        self.show_current()

    def show_current(self) -> None:
        """Show what is chosen in full."""
        rows, current = self.source.rows, self.table.currentIndex()
        item = rows.item(current.row()) if current.isValid() else None
        why: Text | None = None
        if current.isValid() and item is None:
            lost = rows.is_lost(current.row())
            why = T("This entry cannot be read.") if lost else T("Reading the log…")
        self.item_shown.emit(item, why)

    def _added(self) -> None:
        if self.pending and self.source.rows.row(self.pending) >= 0:
            self.choose()

    def _current(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and not self._choosing:
            self.chosen, self.pending = self.source.rows.number(current.row()), 0
        self.show_current()

    def _filled(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.table.currentIndex().row() <= last.row():
            self.show_current()
