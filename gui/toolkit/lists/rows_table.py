"""Tables of words, a row for each of the things that they are given: heads and cells in the language in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt

from core.text import Text, Value
from gui.toolkit.lists.tables import Index, Table, as_cell
from gui.toolkit.theme import TextSize, font
from gui.toolkit.widgets import as_tip, copy

#: Characters that a cell shows: a policy file bounds only its whole size.
CELL: Final = 300

_ROOT: Final = QModelIndex()
_ROLE: Final = Qt.ItemDataRole
Row = TypeVar("Row")


def bounded(text: str, limit: int = CELL) -> str:
    """At most `limit` characters of a text from a policy file, which has no control characters and keeps its spaces."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[Row]):
    """A column: its header, and what its cell says of a row."""

    head: Text
    text: Callable[[Row], Value]
    strong: bool = False


class TableRows(QAbstractTableModel, Generic[Row]):
    """A table of words, a row for each of the things that it is given."""

    def __init__(self, columns: Sequence[TableColumn[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: Sequence[Row] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows in the place of those before."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, number: int) -> Row:
        """The thing that a row is about."""
        return self._rows[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:
        across = orientation is Qt.Orientation.Horizontal and 0 <= section < len(self._columns)
        return str(self._columns[section].head) if across and role == _ROLE.DisplayRole else None

    def cell(self, row: int, column: int) -> str:
        """The words of a cell."""
        return bounded(str(self._columns[column].text(self._rows[row])))

    def cells(self, row: int) -> list[str]:
        """The words of all cells of a row."""
        return [self.cell(row, column) for column in range(self.columnCount())]

    def retranslate(self) -> None:
        """Have heads and cells asked for anew: the language has changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == _ROLE.DisplayRole:
            return self.cell(index.row(), index.column())
        if role == _ROLE.ToolTipRole:
            return as_tip(self.cell(index.row(), index.column()))
        if role == _ROLE.FontRole and self._columns[index.column()].strong:
            return font(TextSize.STRONG)
        return None


class RowsTable(Table):
    """A table of such rows, in the language in use. Ctrl+C copies the chosen ones."""

    def __init__(self, rows: TableRows[Any], *widths: int) -> None:
        """`widths` are those of the columns from the first, in logical pixels."""
        super().__init__()
        self.rows = rows
        self.setModel(rows)
        self.set_widths(*widths)
        self.copied.connect(self.copy_rows)

    def chosen(self) -> list[int]:
        """The numbers of the chosen rows, from above."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def copy_rows(self) -> None:
        """Put the chosen rows on the clipboard, one a line, as cells of a spreadsheet."""
        if chosen := self.chosen():
            copy("\n".join("\t".join(map(as_cell, self.rows.cells(row))) for row in chosen))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.rows.retranslate()
