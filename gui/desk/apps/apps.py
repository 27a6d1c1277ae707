"""The apps of the chosen phone: search, filters, table, and the details of a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.model import Finding
from core.text import T
from gui.desk.acts.act_rules import can_be_banned, can_be_excepted
from gui.desk.acts.all_acts import BAN, COPY_ROWS, EXCEPT, SEARCH
from gui.desk.apps.app_model import AppsModel, Column, Narrow
from gui.desk.apps.finding_view import WIDTH, FindingPane
from gui.desk.session.app_rows import AppRow
from gui.desk.session.lane import FileRead
from gui.toolkit.layouts import FlowLayout, column, row
from gui.toolkit.lists.tables import FlagDelegate, SearchField, Table
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, mark
from gui.toolkit.widgets import copy

#: What the chips are called; {count} are the apps of that kind.
_CHIPS: Final = {
    Narrow.ALL: lambda n: T("All {count}", count=n),
    Narrow.BANNED: lambda n: T("Banned {count}", count=n),
    Narrow.NOT_FROM_A_STORE: lambda n: T("Not from a store {count}", count=n),
    Narrow.SYSTEM: lambda n: T("System {count}", count=n),
}
#: Logical pixels: what the table needs beside the details. Where that is not there, they take its place.
_TABLE: Final = 380
#: The widths of the flags' column: until the officer drags it, it has room for what stands in it.
_FLAG, _WIDEST_FLAG = 152, 288


class Apps(QWidget):
    """Shows the rows of one check, and finds among them as one types."""

    #: Another row is chosen, or none.
    chosen_changed = Signal()
    #: How many rows were copied.
    copied = Signal(int)
    #: An exception for this finding is wanted.
    except_wanted = Signal(object)
    #: This app is to be banned.
    ban_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Parts(self)
        self._opened = False
        self._filling = False
        #: The row of which `chosen_changed` spoke last.
        self._last_chosen: AppRow | None = None
        self._flag_width = _FLAG
        self._make_table()
        self.pane = FindingPane()
        self.pane.hide()
        self.pane.close_wanted.connect(self.close_details)
        self.pane.except_wanted.connect(self.except_wanted)
        self.search = SearchField()
        self.search.setMinimumWidth(64)
        self.search.textChanged.connect(self._narrow)
        self.say(self.search.invite, SEARCH.with_key(T("Search these apps")))
        self.say(self.search.setToolTip, SEARCH.with_key(T("Search these apps")))
        group, chips = self.say.chips(*("" for _ in Narrow))
        group.buttonClicked.connect(self._narrow)
        self.chips = dict(zip(Narrow, chips, strict=True))
        kinds = QWidget()
        mark(kinds, "clear")
        flow = FlowLayout(kinds, STEP)
        for chip in chips:
            flow.addWidget(chip)
        top = Qt.AlignmentFlag.AlignTop
        column(
            row((self.search, 1, top), kinds, (None, 1)),
            (row((self.table, 1), self.pane), 1),
            inside=self,
        )
        self._say_counts()

    def _make_table(self) -> None:
        self.model = AppsModel(self)
        self.table = Table()
        self.table.setModel(self.model)
        self.flags = FlagDelegate(self.table)
        self.table.setItemDelegateForColumn(Column.FLAG, self.flags)
        self.table.set_widths(_FLAG, 184, 92, 184, 88, 152)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.horizontalHeader().setSortIndicatorClearable(True)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        self.table.copied.connect(self.copy_rows)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.table.entered_row.connect(self.open_details)
        self.table.doubleClicked.connect(self.open_details)
        self.model.modelReset.connect(self._after_search)
        self.say(self.table.setAccessibleName, T("Apps on this phone"))

    def show_rows(self, rows: Sequence[AppRow], files: Mapping[str, FileRead], *, anew: bool) -> None:
        """Show a check's apps, with what their files have told since; `anew` for another phone, whose findings no old
        search may hide."""
        if anew:
            self.search.clear()
            self.chips[Narrow.ALL].setChecked(True)
            self._narrow()
            self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        if self._refill(partial(self.model.show_rows, rows), None if anew else self.chosen()):
            self._say_counts()
            self._fit_flags()
        self._name(files)
        if anew:
            self.table.scrollToTop()

    def _name(self, files: Mapping[str, FileRead]) -> None:
        """Show names as they come; what the officer reads or has chosen stays where it is."""
        moves, place = self.model.names_would_move(), self.table.verticalScrollBar().value()
        if self._refill(partial(self.model.name, files), self.chosen()) and moves:
            self.table.verticalScrollBar().setValue(place)

    def look_for(self) -> None:
        """Put the cursor into the search."""
        self.search.setFocus()
        self.search.selectAll()

    def copy_rows(self) -> None:
        """Copy the chosen rows as they are pasted into a spreadsheet."""
        if chosen := sorted(i.row() for i in self.table.selectionModel().selectedRows()):
            copy(self.model.as_lines(chosen))
            self.copied.emit(len(chosen))

    def save(self, settings: QSettings) -> None:
        self.table.save(settings, "desk/apps")

    def restore(self, settings: QSettings) -> None:
        self.table.restore(settings, "desk/apps")
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    # --- one app

    def chosen(self) -> AppRow | None:
        """The row that is chosen; None if none is, or several are."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.row(rows[0].row()) if len(rows) == 1 else None

    def open_details(self) -> None:
        """Go to the details of the chosen finding."""
        row = self.chosen()
        if row is not None and row.finding is not None:
            self._opened = True
            self._show_details()
            self.pane.area.setFocus()

    def show_finding(self, finding: Finding) -> None:
        """Choose the row of this finding, and go to its details."""
        self.search.clear()
        self.chips[Narrow.ALL].setChecked(True)
        self._narrow()
        place = next((n for n in range(self.model.rowCount()) if self.model.row(n).finding == finding), -1)
        if place >= 0:
            self.table.setCurrentIndex(self.model.index(place, 0))
            self.open_details()

    def close_details(self) -> None:
        """Back to the table, all of it."""
        self._opened = False
        self.pane.hide()
        self.table.show()
        self.table.setFocus()

    def show_menu(self) -> None:
        """What can be done with the chosen row, beside it."""
        place = self.table.visualRect(self.table.currentIndex())
        if place.isValid() and self.table.isVisible():
            self._menu(place.center())

    def menu_for(self, row: AppRow) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(str(T("Copy rows")), self.copy_rows).setShortcut(COPY_ROWS.sequence)
        menu.addAction(str(T("Copy the id")), lambda: copy(row.app.package))
        finding = row.finding
        if finding is not None:
            menu.addAction(str(T("Show how it was recognised")), self.open_details)
        menu.addSeparator()
        if finding is not None and can_be_excepted(row):
            grant = menu.addAction(str(T("Grant an exception…")), lambda: self.except_wanted.emit(finding))
            grant.setShortcut(EXCEPT.sequence)
        if can_be_banned(row):
            ban = menu.addAction(str(T("Ban this app…")), lambda: self.ban_wanted.emit(row.app))
            ban.setShortcut(BAN.sequence)
        return menu

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._refill(self._retranslate, self.chosen())
            self._fit_flags()
        super().changeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The Menu key opens the menu beside the chosen row, not where the mouse happens to be."""
        if isinstance(event, QContextMenuEvent) and event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.show_menu()
            return True
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_key and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.pane.isVisible():
            self.close_details()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.pane.isHidden():
            self._show_details()

    def _menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            self.menu_for(self.model.row(index.row())).popup(self.table.viewport().mapToGlobal(place))

    def _refill(self, fill: Callable[[], bool], chosen: AppRow | None) -> bool:
        """Fill the table anew; `chosen` is still chosen afterwards, if it is there, and its details are as they were.

        Returns what `fill` says: whether anything is other than before.
        """
        self._filling = True
        new = fill()
        if new and self.chosen() is None and chosen is not None and (place := self.model.place(chosen)) >= 0:
            self.table.setCurrentIndex(self.model.index(place, 0))
        self._filling = False
        if new:
            self._chosen_changed()
        return new

    def _retranslate(self) -> bool:
        self.model.retranslate()
        return True

    def _after_search(self) -> None:
        """Nothing is chosen in what a search leaves: that is news only where something was."""
        if self._last_chosen is not None:
            self._chosen_changed()

    def _chosen_changed(self) -> None:
        if self._filling:
            return
        self._last_chosen = row = self.chosen()
        if row is None or row.finding is None:
            self._opened = False
        self._show_details()
        self.chosen_changed.emit()

    def _show_details(self) -> None:
        """Beside the table where there is room for both, else in its place once they are opened."""
        row = self.chosen()
        roomy = self.width() >= _TABLE + WIDTH
        opened = row is not None and row.finding is not None and (roomy or self._opened)
        if opened and row is not None:
            self.pane.show_row(row)
        if roomy:
            self.pane.setFixedWidth(WIDTH)
        else:
            self.pane.setMinimumWidth(0)
            self.pane.setMaximumWidth(16_777_215)
        self.pane.setVisible(opened)
        self.table.setVisible(roomy or not opened)

    def _fit_flags(self) -> None:
        """Room for the longest flag, unless the officer has dragged the column."""
        if self.table.columnWidth(Column.FLAG) != self._flag_width:
            return
        self._flag_width = max(_FLAG, min(self.flags.width_of(self.model.flag_words()), _WIDEST_FLAG))
        self.table.setColumnWidth(Column.FLAG, self._flag_width)

    def _narrow(self) -> None:
        narrow = next(narrow for narrow, chip in self.chips.items() if chip.isChecked())
        self.model.look_for(self.search.text(), narrow)

    def _say_counts(self) -> None:
        for narrow, chip in self.chips.items():
            self.say(chip.setText, _CHIPS[narrow](self.model.count(narrow)))
        self.say(self.table.set_overlay, T("No match. Clear the search, or choose “All”."))
