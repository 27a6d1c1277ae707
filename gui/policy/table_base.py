"""What the tables of the policy page have in common: headers and cells are words of the language in use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from core.text import Text
from gui.toolkit.tables import Index, Table, as_cell
from gui.toolkit.widgets import as_tip

#: Characters that a cell shows. A policy file bounds only its whole size.
CELL: Final = 300

_ROOT: Final = QModelIndex()


def bounded(text: str, limit: int = CELL) -> str:
    """At most `limit` characters of a text from a policy file, which has no control characters and keeps its spaces."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Rows(QAbstractTableModel):
    """A table of words."""

    heads: tuple[Text, ...] = ()

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        across = orientation is Qt.Orientation.Horizontal and 0 <= section < len(self.heads)
        return str(self.heads[section]) if across and role == Qt.ItemDataRole.DisplayRole else None

    def cell(self, row: int, column: int) -> str:
        """What a cell says."""
        raise NotImplementedError

    def cells(self, row: int) -> list[str]:
        """All that a row says."""
        return [self.cell(row, column) for column in range(self.columnCount())]

    def retranslate(self) -> None:
        """The language has changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.cell(index.row(), index.column()))
        return None


def chosen_rows(table: Table) -> list[int]:
    """The numbers of the chosen rows, from above."""
    return sorted(index.row() for index in table.selectionModel().selectedRows())


def as_cells(model: Rows, rows: Iterable[int]) -> str:
    """Rows as they are pasted into a spreadsheet."""
    return "\n".join("\t".join(map(as_cell, model.cells(row))) for row in rows)
