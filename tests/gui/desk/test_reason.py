"""The reason for handing a phone back as it is: a line beside the button, and the last three to choose from."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu, QWidget

from core.ledger.records import Kind
from core.text import T
from gui.desk.acts.all_acts import HAND_BACK
from gui.desk.hand_back.reason_field import ReasonField
from tests.gui.conftest import MakeOffice, Office


def red(office: Office, key: str) -> ReasonField:
    """A red phone that is to be handed back as it is."""
    office.plug(key, "walk-up")
    office.until(lambda: any(key in session.key for session in office.fanion.phones.sessions))
    office.idle()
    office.choose(len(office.fanion.phones.sessions) - 1)
    office.idle()
    office.page.desk_actions.want(HAND_BACK)
    return office.page.block.action_row.reason


def middle(office: Office, widget: QWidget) -> int:
    """How far down the page the middle of a widget stands, in logical pixels."""
    return widget.mapTo(office.page, widget.rect().center()).y()


@pytest.mark.slow
def test_the_reason_stands_in_the_row_of_the_button_one_line_high(office: Office) -> None:
    field, finish = red(office, "S1"), office.block.finish
    assert office.block.action_row.isAncestorOf(field)
    office.until(lambda: abs(middle(office, field.line) - middle(office, finish)) <= 4)
    assert field.line.height() <= finish.height()


def offered(office: Office, field: ReasonField, take: int | None = None) -> list[str]:
    """What the menu of earlier reasons has, once it is open; one of them is taken. It is closed again."""
    field.choose.click()
    office.until(lambda: any(menu.isVisible() for menu in field.findChildren(QMenu)))
    (menu,) = (menu for menu in field.findChildren(QMenu) if menu.isVisible())
    texts = [action.text() for action in menu.actions() if action.isEnabled()]
    if take is not None:
        menu.actions()[take].trigger()
    menu.close()
    return texts


@pytest.mark.slow
@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_last_three_reasons_come_from_the_log_and_go_with_what_is_erased(open_office: MakeOffice) -> None:
    office = open_office()
    for number, reason in enumerate(("Called away", "Managed by IT", "Called away", "Flat battery", "Lent"), 1):
        field = red(office, f"S{number}")
        assert field.line.text() == ""
        office.type(reason)
        office.press("Alt+F")
        office.idle()
    field = red(office, "S9")
    assert offered(office, field, take=1) == ["Lent", "Flat battery", "Called away"]
    assert field.line.text() == "Flat battery"
    assert office.block.finish.isEnabled()
    desk = office.fanion.desk
    with desk.ledger(True, desk.policy(None, practice=True)) as ledger:
        numbers = [e.seq for e in ledger.newest(50, kind=Kind.HAND_BACK_INTENDED)]
        assert ledger.erase_records(numbers[:1], "asked for")
    assert offered(office, field) == ["Flat battery", "Called away", "Managed by IT"]
    desk.introduce("B. Tremblay", None)
    assert offered(office, field) == []  # another officer's are nobody else's
    office.close()
    assert b"Flat battery" not in Path(office.fanion.settings.fileName()).read_bytes()


def test_what_an_earlier_version_kept_of_reasons_is_taken_away(open_office: MakeOffice) -> None:
    office = open_office()
    office.fanion.settings.setValue("desk/reasons", ["Called away"])
    office.close()
    assert not open_office().fanion.settings.contains("desk/reasons")


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_log_that_cannot_be_read_is_not_said_to_have_no_reason(office: Office) -> None:
    field = ReasonField(office.window)
    field.show_menu((), T("The log cannot be read."))
    (menu,) = field.findChildren(QMenu)
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [("The log cannot be read.", False)]
    menu.close()
