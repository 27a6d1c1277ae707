"""The apps of the chosen phone: search, filters, table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from core.text import T, Text
from gui.desk.model import AppsModel, Column, Narrow
from gui.desk.rows import Row
from gui.parts import Button, copy
from gui.sayings import Sayings
from gui.tables import FlagDelegate, SearchField, Table
from gui.theme import STEP, mark

_WORDS = {
    Narrow.ALL: lambda n: T("All {count}", count=n),
    Narrow.BANNED: lambda n: T("Banned {count}", count=n),
    Narrow.NOT_FROM_A_STORE: lambda n: T("Not from a store {count}", count=n),
    Narrow.SYSTEM: lambda n: T("System {count}", count=n),
}


class Apps(QWidget):
    """Shows the rows of one check, and finds among them as one types."""

    #: How many rows were copied.
    copied = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Sayings(self)
        self.model = AppsModel(self)
        self.search = SearchField()
        self.table = Table()
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(Column.FLAG, FlagDelegate(self.table))
        self.table.set_widths(152, 180, 104, 190, 108, 164)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setSortIndicatorClearable(True)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.copied.connect(self.copy_rows)
        self.chips: dict[Narrow, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(STEP)
        self.search.setMinimumWidth(120)
        row.addWidget(self.search, 1)
        for narrow in Narrow:
            chip = Button()
            chip.setCheckable(True)
            mark(chip, "chip")
            self._group.addButton(chip)
            self.chips[narrow] = chip
            row.addWidget(chip)
        row.addStretch(1)
        self.chips[Narrow.ALL].setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        self.say(self.search.invite, T("Search these apps"))
        self.say(self.search.setToolTip, T("Search these apps (Ctrl+F)"))
        self.say(self.table.setAccessibleName, T("Apps on this phone"))
        self.search.textChanged.connect(self._narrow)
        self._group.buttonClicked.connect(self._narrow)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.look_for)
        self._say_counts()

    def show_rows(self, rows: Sequence[Row], *, anew: bool) -> None:
        """Show a check's apps; `anew` for another phone, whose findings no old search may hide."""
        if anew:
            self.search.clear()
            self.chips[Narrow.ALL].setChecked(True)
            self._narrow()
            self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        if self.model.show_rows(rows):
            self._say_counts()
        if anew:
            self.table.scrollToTop()

    def look_for(self) -> None:
        """Put the cursor into the search."""
        self.search.setFocus()
        self.search.selectAll()

    def narrowed_to(self) -> Narrow:
        return next(narrow for narrow, chip in self.chips.items() if chip.isChecked())

    def copy_rows(self) -> None:
        """Copy the chosen rows as they are pasted into a spreadsheet."""
        chosen = sorted({i.row() for i in self.table.selectionModel().selectedRows()})
        if chosen:
            copy(self.model.as_lines(chosen))
            self.copied.emit(len(chosen))

    def save(self, settings: QSettings) -> None:
        self.table.save(settings, "desk/apps")

    def restore(self, settings: QSettings) -> None:
        self.table.restore(settings, "desk/apps")
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def menu_for(self, row: Row) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(str(T("Copy rows")), self.copy_rows).setShortcut(QKeySequence.StandardKey.Copy)
        menu.addAction(str(T("Copy the package")), lambda: copy(row.app.package))
        return menu

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.model.retranslate()
        super().changeEvent(event)

    def _menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            self.menu_for(self.model.row(index.row())).popup(self.table.viewport().mapToGlobal(place))

    def _narrow(self) -> None:
        self.model.look_for(self.search.text(), self.narrowed_to())

    def _say_counts(self) -> None:
        for narrow, chip in self.chips.items():
            self.say(chip.setText, _counted(narrow, self.model.count(narrow)))
        self.say(self.table.set_overlay, self._nothing)

    def _nothing(self) -> Text:
        return T("No match. Clear the search, or choose “All”.")


def _counted(narrow: Narrow, count: int) -> Text:
    return _WORDS[narrow](count)
