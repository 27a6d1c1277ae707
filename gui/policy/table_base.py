"""What the tables and lists of the policy page have in common: headers and cells are words of the language in use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from core.text import Bilingual, N, Text
from gui.toolkit.images.icons import icon
from gui.toolkit.lists.tables import Index, Table, as_cell
from gui.toolkit.theme import STEP, TextSize, font
from gui.toolkit.widgets import as_tip, copy

#: Characters that a cell shows. A policy file bounds only its whole size.
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
    text: Callable[[Row], Text | Bilingual | str]
    strong: bool = False


class TableRows(QAbstractTableModel, Generic[Row]):
    """A table of words, a row for each of the things that it is given."""

    def __init__(self, columns: Sequence[TableColumn[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: Sequence[Row] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, and no others any more."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, number: int) -> Row:
        """What a row is about."""
        return self._rows[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:
        across = orientation is Qt.Orientation.Horizontal and 0 <= section < len(self._columns)
        return str(self._columns[section].head) if across and role == _ROLE.DisplayRole else None

    def cell(self, row: int, column: int) -> str:
        """What a cell says."""
        return bounded(str(self._columns[column].text(self._rows[row])))

    def cells(self, row: int) -> list[str]:
        """All that a row says."""
        return [self.cell(row, column) for column in range(self.columnCount())]

    def retranslate(self) -> None:
        """The language has changed."""
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


class ShortList(QListWidget):
    """A list of lines that may wrap, as tall as its first lines need."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_lines(self, lines: Iterable[tuple[str, str]], hidden: int, visible: int) -> None:
        """Show lines, each the name of an icon (or none) and a text, and that there are `hidden`; `visible` without
        scrolling.

        Hidden where there is none.
        """
        self.clear()
        for name, line in lines:
            self.addItem(QListWidgetItem(icon(name), line) if name else QListWidgetItem(line))
        if hidden > 0:
            self.addItem(str(N("and {count} more.", "and {count} more.", hidden)))
        self.setVisible(self.count() > 0)
        rows = sum(max(self.sizeHintForRow(n), 24) for n in range(min(self.count(), visible)))
        self.setFixedHeight(rows + STEP)
