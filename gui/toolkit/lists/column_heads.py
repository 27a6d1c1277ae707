"""The heads of a table's columns: which one the keys are in is marked, and widths change by keys and by one press."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QHeaderView, QMenu, QTableView

from core.text import T, Text
from gui.toolkit.focus_marks import is_marked
from gui.toolkit.theme import STEP, colours

#: What the keys do in every table, as the list of keys tells it.
KEYS: Final[list[tuple[Text, str]]] = [
    (T("Make the column of the chosen cell wider, narrower"), "Alt+Right, Alt+Left"),
    (T("Sort by the column of the chosen cell, where a table can be sorted: upwards, downwards"), "Alt+Up, Alt+Down"),
]
#: Logical pixels that a key makes a column wider or narrower; and one press in the menu.
_STEP: Final = STEP * 2
_LEAP: Final = STEP * 8
#: Logical pixels of the line below the head of the column that the keys are in.
_MARK: Final = 2
_WIDER: Final = {Qt.Key.Key_Right: _STEP, Qt.Key.Key_Left: -_STEP}
_SORTED: Final = {Qt.Key.Key_Up: Qt.SortOrder.AscendingOrder, Qt.Key.Key_Down: Qt.SortOrder.DescendingOrder}


class ColumnHeads(QHeaderView):
    """The heads above a table's columns."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setStretchLastSection(True)
        self.setMinimumSectionSize(48)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key that was pressed in the table does with its columns. False where it does nothing with them."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key, column = event.key(), self.current()
        if modifiers != Qt.KeyboardModifier.AltModifier or column < 0:
            return False
        if key in _WIDER:
            self.widen(column, _WIDER[Qt.Key(key)])
        elif key in _SORTED and self._table.isSortingEnabled():
            self._table.sortByColumn(column, _SORTED[Qt.Key(key)])
        else:
            return False
        return True

    def current(self) -> int:
        """The column that the keys are in: of the chosen cell, else the first that is shown; -1 where none is."""
        column = self._table.currentIndex().column()
        if column >= 0 and not self.isSectionHidden(column):
            return column
        return next((n for n in map(self.logicalIndex, range(self.count())) if not self.isSectionHidden(n)), -1)

    def widen(self, column: int, by: int) -> None:
        """Make a column wider by so many logical pixels. One that has what the others leave stays as it is."""
        if self._can_change(column):
            self.resizeSection(column, max(self.sectionSize(column) + by, self.minimumSectionSize()))

    def fit(self, column: int) -> None:
        """Make a column as wide as what stands in it, but no wider than the table."""
        self._table.resizeColumnToContents(column)
        if self.sectionSize(column) > self._table.viewport().width():
            self.resizeSection(column, self._table.viewport().width())

    def menu(self, column: int) -> QMenu:
        """Make the menu that changes the width of a column in one press."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(str(T("Wider")), lambda: self.widen(column, _LEAP))
        menu.addAction(str(T("Narrower")), lambda: self.widen(column, -_LEAP))
        menu.addAction(str(T("Fit to its content")), lambda: self.fit(column))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        column = self.logicalIndexAt(QPoint(event.pos().x(), 0))
        if column >= 0 and self._can_change(column):
            self.menu(column).popup(event.globalPos())

    def mark_again(self) -> None:
        """Paint the mark anew: the keys are in another column now, or in no table any more."""
        self.viewport().update()

    def paintSection(self, painter: QPainter, area: QRect, column: int) -> None:
        super().paintSection(painter, area, column)
        if is_marked(self._table) and column == self.current():
            line = QRect(area.left(), area.bottom() + 1 - _MARK, area.width(), _MARK)
            painter.fillRect(line, QColor(colours(QApplication.palette()).focus))

    def _can_change(self, column: int) -> bool:
        if self.stretchLastSection() and self.visualIndex(column) == self._last_shown():
            return False
        return self.sectionResizeMode(column) is not QHeaderView.ResizeMode.Stretch

    def _last_shown(self) -> int:
        visible = (n for n in reversed(range(self.count())) if not self.isSectionHidden(self.logicalIndex(n)))
        return next(visible, -1)
