"""Widths and order of a table's columns without dragging: by keys, and by one press in the menu of a head."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView, QMenu
from pytestqt.qtbot import QtBot

from gui.toolkit.focus_marks import FocusMarks
from gui.toolkit.lists.tables import Table
from gui.toolkit.theme import colours
from tests.gui.conftest import press_in

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    """Three rows of three columns, in the second one of which the keys are."""
    table = Table()
    model = QStandardItemModel(0, 3, table)
    for words in (("b", "two", "x"), ("a", "a longer text than the column has room for", "y"), ("c", "one", "z")):
        model.appendRow([QStandardItem(word) for word in words])
    model.setHorizontalHeaderLabels(["One", "Two", "Three"])
    table.setModel(model)
    table.set_widths(100, 120)
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    table.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is table)
    table.setFocus()
    table.setCurrentIndex(model.index(1, 1))
    return table


def widths(table: Table) -> list[int]:
    return [table.columnWidth(column) for column in range(2)]


def test_alt_and_arrows_change_the_column_of_the_chosen_cell(table: Table) -> None:
    QTest.keyClick(table, Key.Key_Right, ALT)
    assert widths(table) == [100, 136]
    QTest.keyClick(table, Key.Key_Left, ALT)
    QTest.keyClick(table, Key.Key_Left, ALT)
    assert widths(table) == [100, 104]
    assert table.currentIndex().column() == 1
    QTest.keyClick(table, Key.Key_Left)
    QTest.keyClick(table, Key.Key_Right, ALT)
    assert widths(table) == [116, 104]


def test_a_column_never_vanishes(table: Table) -> None:
    for _ in range(20):
        QTest.keyClick(table, Key.Key_Left, ALT)
    assert widths(table) == [100, table.horizontalHeader().minimumSectionSize()]


def test_without_a_chosen_cell_the_first_column_that_is_shown_changes(table: Table) -> None:
    table.setCurrentIndex(table.model().index(-1, -1))
    table.setColumnHidden(0, True)
    QTest.keyClick(table, Key.Key_Right, ALT)
    assert table.columnWidth(1) == 136


def test_a_column_that_has_what_the_others_leave_stays_so(table: Table) -> None:
    last = table.columnWidth(2)
    table.setCurrentIndex(table.model().index(1, 2))
    QTest.keyClick(table, Key.Key_Right, ALT)
    assert table.columnWidth(2) == last
    table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    before = table.columnWidth(1)
    table.setCurrentIndex(table.model().index(1, 1))
    QTest.keyClick(table, Key.Key_Right, ALT)
    assert table.columnWidth(1) == before
    assert not menu_of(table, 1)


def test_alt_up_and_down_sort_by_the_column_where_a_table_is_sorted(table: Table) -> None:
    table.setCurrentIndex(table.model().index(1, 0))
    QTest.keyClick(table, Key.Key_Down, ALT)
    assert first_column(table) == ["b", "a", "c"]  # this one is not
    table.setSortingEnabled(True)
    QTest.keyClick(table, Key.Key_Down, ALT)
    assert first_column(table) == ["c", "b", "a"]
    QTest.keyClick(table, Key.Key_Up, ALT)
    assert first_column(table) == ["a", "b", "c"]


def test_arrows_with_other_keys_go_where_they_went(table: Table) -> None:
    for held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        table.setCurrentIndex(table.model().index(0, 0))
        QTest.keyClick(table, Key.Key_Right, held)
        assert table.currentIndex().column() == 1
    assert widths(table) == [100, 120]


def menu_of(table: Table, column: int) -> QMenu | None:
    """The menu that a press of the right button on a head opens; None if none does."""
    place = QPoint(table.columnViewportPosition(column) + 10, 10)
    heads = table.horizontalHeader()
    everywhere = heads.viewport().mapToGlobal(place)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, everywhere)
    QApplication.sendEvent(heads.viewport(), asked)
    return next(iter(heads.findChildren(QMenu)), None)


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_menu_of_a_head_changes_its_column_in_one_press(table: Table) -> None:
    menu = menu_of(table, 0)
    assert menu is not None
    acts = {action.text(): action for action in menu.actions()}
    acts["Wider"].trigger()
    assert widths(table) == [164, 120]
    acts["Narrower"].trigger()
    assert widths(table) == [100, 120]
    menu.close()
    QApplication.processEvents()


def test_a_column_fits_to_its_content_but_not_beyond_the_table(table: Table) -> None:
    table.heads.fit(1)
    fitted = table.columnWidth(1)
    assert fitted > 120
    table.model().setData(table.model().index(0, 1), "very long " * 200)
    table.heads.fit(1)
    assert table.columnWidth(1) == table.viewport().width()


def first_column(table: Table) -> list[str]:
    return [str(table.model().index(row, 0).data()) for row in range(table.model().rowCount())]


def marked(table: Table) -> list[bool]:
    """Below which heads there is a line in the colour of the focus."""
    QApplication.processEvents()
    heads = table.horizontalHeader()
    seen: QImage = heads.viewport().grab().toImage()
    focus = QColor(colours(QApplication.palette()).focus).rgb()
    found = []
    for column in range(3):
        area = QRect(heads.sectionViewportPosition(column), 0, heads.sectionSize(column), heads.height())
        bottom = min(area.bottom(), seen.height() - 1)
        found.append(all(seen.pixel(area.left() + x, bottom) == focus for x in (5, area.width() // 2)))
    return found


def test_the_column_that_the_keys_are_in_is_marked_while_the_table_has_the_focus(
    focus_marks: FocusMarks, table: Table
) -> None:
    assert marked(table) == [False, False, False]  # the focus came by itself
    press_in(table, Key.Key_Right)
    assert marked(table) == [False, False, True]
    table.clearFocus()
    assert marked(table) == [False, False, False]
