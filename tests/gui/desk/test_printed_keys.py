"""The key that is printed is the key that works where it is printed, and each key that works is printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit

from gui.desk.acts.all_acts import ACTS, LIST, ROW_MENU
from gui.desk.acts.desk_act import DeskAct
from gui.toolkit.buttons import Button
from gui.toolkit.widgets import KeyCap
from tests.gui.conftest import Office
from tests.gui.window.states import checked

pytestmark = [pytest.mark.usefixtures("short_flood")]

NATIVE = QKeySequence.SequenceFormat.NativeText
#: What has no control of its own: the list of phones, and the menu of a row, which is where the key opens it.
WITHOUT: tuple[DeskAct, ...] = (LIST, ROW_MENU)


def printed(office: Office) -> Iterator[str]:
    """The keys on what can be seen and used on the page and in the bar above it."""
    page = office.window.desk_page
    for button in page.findChildren(Button):
        if button.isVisible() and button.isEnabled() and button.printed_key:
            yield button.printed_key
    for cap in page.findChildren(KeyCap):
        if cap.isVisible():
            yield cap.text()
    for field in page.findChildren(QLineEdit):
        in_brackets = field.placeholderText().rpartition("(")[2].rstrip(")")
        if field.isVisible() and "+" in in_brackets:
            yield in_brackets


def in_menus(office: Office) -> Iterator[str]:
    """The keys beside what can be done from the menu of the phone, and from that of the chosen row."""
    menus = [office.page.identity.menu()]
    if (row := office.page.fold.chosen()) is not None:
        menus.append(office.page.apps.menu_for(row))
    for menu in menus:
        for action in menu.actions():
            if action.isEnabled() and not action.shortcut().isEmpty():
                yield action.shortcut().toString(NATIVE)
        menu.close()
        menu.deleteLater()


def listen(office: Office) -> list[DeskAct]:
    """Have nothing done any more; the list fills with what is wanted."""
    wanted: list[DeskAct] = []
    actions = office.page.desk_actions
    actions.act_wanted.disconnect(office.page.acts.do)
    actions.act_wanted.connect(wanted.append)
    return wanted


def keys_amiss(office: Office) -> list[str]:
    """What is printed on a phone's page and does nothing, and what works there and is not printed.

    Afterwards nothing of the page is done any more.
    """
    QApplication.processEvents()
    keys, in_menu = set(printed(office)), set(in_menus(office))
    office.window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is office.window)
    wanted = listen(office)
    now = office.page.state
    amiss = [] if keys else ["no key is printed"]
    for key in keys | in_menu:
        wanted.clear()
        office.page.identity.title.setFocus()
        office.press(key)
        if not [act for act in wanted if act.key_name == key and now.enabled(act)]:
            amiss.append(f"{key} does nothing")
    shown = keys | in_menu
    working = [act for act in ACTS if act.key and not act.heard_elsewhere and act not in WITHOUT and now.enabled(act)]
    return amiss + [f"{act.name}: {act.key_name} is not printed" for act in working if act.key_name not in shown]


def test_a_key_of_a_grey_button_is_printed_and_leads_to_what_is_missing(office: Office) -> None:
    checked("unseen")(office)
    record = office.block.record
    assert (record.isEnabled(), record.printed_key) == (False, "Alt+S")
    office.press(record.printed_key)
    assert office.block.look.first.hasFocus()
