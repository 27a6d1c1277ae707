"""What can be pressed with a mouse can be pressed by assistive technology: by the action of its accessible thing.

`test_accessibility.py` asks :func:`unpressed` in every page and state of the real window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import SIGNAL, QTimer
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.desk.phone_list.phone_list_model import Order
from gui.log.log_page import LogPage
from gui.policy.policy_page import PolicyPage
from gui.toolkit.buttons import TickBox
from gui.toolkit.lists.tables import ComboBox
from tests.gui.conftest import Office

pytestmark = [pytest.mark.usefixtures("no_wrapper_left")]

Role = QAccessible.Role
NAME = QAccessible.Text.Name
PRESSED = {
    Role.Button,
    Role.ButtonMenu,
    Role.CheckBox,
    Role.PageTab,
    Role.RadioButton,
}
ROWS = {Role.ListItem, Role.Cell}


def interface(thing: QWidget) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(thing)
    assert found is not None
    return found


def children(around: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [child for n in range(around.childCount()) if (child := around.child(n)) is not None and child.isValid()]


def seen(around: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """All that is shown and is pressed, or has rows."""
    if around.state().invisible:  # type: ignore[attr-defined]
        return
    yield around
    if around.role() not in (Role.Table, Role.List, Role.ComboBox):
        for child in children(around):
            yield from seen(child)


def press(thing: QAccessibleInterface) -> str:
    """Do what assistive technology offers first of a thing; gives what that is called, or nothing."""
    acts = thing.actionInterface()
    names = acts.actionNames() if acts is not None else []
    own = [name for name in names if name != QAccessibleActionInterface.setFocusAction()]
    if not own:
        return ""
    acts.doAction(own[0])
    return own[0]


def named(around: QWidget, role: QAccessible.Role, name: str) -> QAccessibleInterface:
    (thing,) = [one for one in seen(interface(around)) if one.role() is role and one.text(NAME) == name]
    return thing


def cells(table: QTableView, row: int) -> list[QAccessibleInterface]:
    """What tells of the cells of a row."""
    found = [one for one in children(interface(table)) if one.role() in ROWS]
    columns = table.model().columnCount()
    return found[row * columns : (row + 1) * columns]


def _heard(button: QAbstractButton) -> bool:
    """Whether anything hears that a button was clicked."""
    signals = [(button, "clicked(bool)"), (button, "toggled(bool)")]
    if (group := button.group()) is not None:
        signals += [(group, name) for name in ("idClicked(int)", "idToggled(int,bool)")]
        signals.append((group, "buttonClicked(QAbstractButton*)"))
    return any(thing.receivers(SIGNAL(name)) for thing, name in signals)


def unpressed(shown: QWidget, qtbot: QtBot) -> list[str]:
    """What is shown and is not pressed by its action. Afterwards no button of it does anything any more.

    Raises AssertionError where there is nothing to press.
    """
    found: list[str] = []
    waiting: dict[QAbstractButton, QAccessibleInterface] = {}
    things = [one for one in seen(interface(shown)) if one.role() in PRESSED]
    assert things, "there is nothing to press"
    for one in things:
        thing: Any = one.object()
        if not isinstance(thing, QAbstractButton) or isinstance(thing.parent(), QLineEdit | QTabBar):
            continue  # what lies in a field, or scrolls, has its keys; of all else there are tests below
        if not thing.isEnabled():
            assert not one.actionInterface().actionNames()[1:], f"{thing} cannot be pressed, but says so"
            continue
        if not _heard(thing) and not isinstance(thing, QCheckBox | QRadioButton):  # a form looks what is ticked
            found.append(f"{one.role().name} {one.text(NAME)!r}: nothing hears it")
        waiting[thing] = one
    for button in waiting:  # none does what it does: it would change what is shown, or open something
        for signal in (button.clicked, button.toggled):
            signal.connect(_do_nothing)
            signal.disconnect()
        if (group := button.group()) is not None:
            group.blockSignals(True)
    pressed: list[QAbstractButton] = []
    for button, one in waiting.items():
        button.clicked.connect(lambda *_, button=button: pressed.append(button))
        press(one)
    qtbot.waitUntil(lambda: not any(button.isDown() for button in waiting))
    found += [f"{one.role().name} {one.text(NAME)!r}" for button, one in waiting.items() if button not in pressed]
    return found


def _do_nothing(*_: object) -> None:
    pass


@pytest.mark.slow
def test_a_tab_is_told_as_one_of_a_list_of_tabs_and_opens_its_page(office: Office) -> None:
    bar = office.window.bar

    def told() -> dict[str, bool]:
        (tabs,) = [one for one in seen(interface(bar)) if one.role() is Role.PageTabList]
        assert tabs.text(NAME) == "Pages"
        assert all(one.role() is Role.PageTab and one.state().selectable for one in children(tabs))  # type: ignore[attr-defined]
        return {one.text(NAME): bool(one.state().selected) for one in children(tabs)}  # type: ignore[attr-defined]

    assert told() == {"Desk": True, "Round": False, "Log": False, "Policy": False}
    for page, name in (("log", "Log"), ("policy", "Policy"), ("round", "Round"), ("desk", "Desk"), ("desk", "Desk")):
        assert press(named(bar, Role.PageTab, name)) == "Press"
        office.until(lambda page=page: office.window.page_name() == page)
        office.until(lambda: not any(tab.isDown() for tab in bar.nav.values()))
        assert [other for other, on in told().items() if on] == [name]


def test_pages_beside_the_tabs_open_by_their_action(office: Office) -> None:
    press(named(office.window.bar, Role.CheckBox, "Settings"))
    office.until(lambda: office.window.page_name() == "settings")


def test_a_phone_is_chosen_by_the_action_of_its_row(office: Office) -> None:
    desk = office.window.desk_page
    first = desk.practise("walk-up")
    office.idle()
    second = desk.practise("clean")
    office.idle()
    assert desk.cards.session() is second
    rows = {one.text(NAME): one for one in children(interface(desk.cards)) if one.role() in ROWS}
    (name,) = [name for name in rows if "Samsung Galaxy S22" in name]
    assert press(rows[name])
    office.until(lambda: desk.cards.session() is first)
    office.until(lambda: office.page.session is first)


def test_the_order_of_the_phones_is_chosen_by_the_action_of_a_segment(office: Office) -> None:
    desk = office.window.desk_page
    desk.practise("clean")
    office.idle()
    for name, order in (("Slots", Order.SLOTS), ("By priority", Order.WORK)):
        press(named(desk.side, Role.RadioButton, name))
        office.until(lambda order=order: desk.cards.phones.order is order)


@pytest.mark.slow
def test_a_row_of_the_log_and_an_event_of_a_visit_open_by_their_actions(office: Office) -> None:
    for scenario in ("walk-up", "clean"):
        office.window.desk_page.practise(scenario)
        office.idle()
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    page.practice.setChecked(True)
    office.until(lambda: page.visit.visit is not None and page.visits.table.model().rowCount() == 2)
    before = page.visit.visit
    row = 1 - page.visits.table.currentIndex().row()
    press(cells(page.visits.table, row)[0])
    office.until(lambda: page.visit.visit is not before and page.visit.visit is not None)
    opened: list[object] = []
    page.visit.opened.connect(opened.append)
    events = [one for one in children(interface(page.visit.timeline)) if one.role() in ROWS]
    assert len(events) > 1
    press(events[-1])
    office.until(lambda: bool(opened))


@pytest.mark.slow
def test_the_kinds_of_the_log_are_chosen_by_their_actions(office: Office) -> None:
    office.window.desk_page.practise("clean")
    office.idle()
    page = office.window.open_page("log")
    assert isinstance(page, LogPage)
    press(named(office.window, Role.RadioButton, "All entries"))
    office.until(lambda: page.side is not page.visits)
    press(named(office.window, Role.RadioButton, "Visits"))
    office.until(lambda: page.side is page.visits)


def test_a_rule_is_shown_by_the_action_of_its_row(office: Office) -> None:
    page = office.window.open_page("policy")
    assert isinstance(page, PolicyPage)
    office.until(lambda: page.policy is not None and page.table.currentIndex().isValid())
    row = page.table.currentIndex().row() + 1
    press(cells(page.table, row)[0])
    office.until(lambda: page.table.currentIndex().row() == row)


def test_a_box_is_ticked_by_its_action(qtbot: QtBot) -> None:
    box = TickBox()
    box.setText("I told the holder")
    qtbot.addWidget(box)
    box.show()
    clicked: list[bool] = []
    box.clicked.connect(lambda on: clicked.append(on))
    for on in (True, False):
        assert press(interface(box)) == "Toggle"
        qtbot.waitUntil(lambda on=on: box.isChecked() is on and clicked[-1:] == [on])
        assert bool(interface(box).state().checked) is on  # type: ignore[attr-defined]


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_choice_opens_and_is_chosen_by_the_actions(qtbot: QtBot) -> None:
    choice = ComboBox()
    choice.setAccessibleName("Language")
    for words in ("English", "Français"):
        choice.addItem(words)
    qtbot.addWidget(choice)
    chosen: list[int] = []
    choice.activated.connect(chosen.append)
    choice.show()
    assert press(interface(choice))
    qtbot.waitUntil(choice.view().isVisible)
    (item,) = [one for one in children(interface(choice.view())) if one.text(NAME) == "Français"]
    assert press(item)
    qtbot.waitUntil(lambda: choice.currentIndex() == 1 and not choice.view().isVisible())
    assert chosen == [1]


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_each_entry_of_a_menu_is_chosen_by_its_action(office: Office) -> None:
    office.window.desk_page.practise("walk-up")
    office.idle()
    office.page.identity.show_menu()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = [action for action in menu.actions() if not action.isSeparator() and action.isEnabled()]
    chosen: list[QAction] = []
    for action in entries:
        action.triggered.connect(_do_nothing)
        action.triggered.disconnect()
        action.triggered.connect(lambda *_, action=action: chosen.append(action))
    for one in children(interface(menu)):
        if isinstance(one.object(), QAction) and one.object() in entries:
            press(one)
    assert entries
    assert chosen == entries
    menu.close()


def test_the_makers_of_phones_are_chosen_by_the_actions_of_their_tabs(office: Office) -> None:
    office.window.desk_page.practise("not-ready-debugging-off")
    office.until(office.page.ready.isVisible)
    tabs = office.page.ready.tabs
    other = (tabs.currentIndex() + 1) % tabs.count()
    (tab,) = [one for one in children(interface(tabs)) if one.text(NAME) == tabs.tabText(other)]
    press(tab)
    assert tabs.currentIndex() == other


def test_a_removal_is_begun_and_stopped_by_actions(office: Office, second_lasts: Callable[[int], None]) -> None:
    office.window.desk_page.practise("walk-up")
    office.idle()
    second_lasts(100_000)
    session = office.page.session
    assert session is not None
    assert press(named(office.window, Role.Button, "Remove 2 apps")) == "Press"
    office.until(lambda: session.coming_removal is not None)
    assert press(named(office.window, Role.Button, "Removing 2 apps – Stop")) == "Press"
    office.until(lambda: session.coming_removal is None)
    assert session.removal is None
    assert not session.busy


@pytest.mark.slow
@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_question_when_to_close_is_told_and_answered_by_an_action(office: Office) -> None:
    server = office.serve("usb-1", "walk-up")
    office.plug("usb-1")
    office.until(office.block.remove.isVisible)
    office.idle()
    gate = office.gate(server, "pm uninstall")
    office.press("Alt+R")
    office.until(lambda: gate.reached)
    asked: list[str] = []

    def answer() -> None:
        (box,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox) and one.isVisible()]
        asked.extend(one.text(NAME) for one in seen(interface(box)) if one.role() is Role.Button)
        asked.append(interface(box).text(NAME))
        press(named(box, Role.Button, "Keep it open"))

    QTimer.singleShot(0, answer)
    office.window.close()
    assert office.window.isVisible()
    assert {"Close when it is done", "Stop after this app", "Keep it open"} <= set(asked)
    assert asked[-1], "the question has no name"
    gate.open()
    office.idle()


def test_what_is_pressed_without_effect_is_noticed(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    for number, name in enumerate(("heard", "unheard")):
        pressed = QPushButton(name, around)
        if not number:
            pressed.clicked.connect(_do_nothing)
    around.show()
    assert unpressed(around, qtbot) == ["Button 'unheard': nothing hears it"]
