"""The reason for handing a phone back as it is: a line beside the button, and the last three to choose from."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from gui.desk.acts.all_acts import HAND_BACK
from gui.desk.hand_back.reason_field import LIMIT, ReasonField
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
    assert not field.choose.isVisible()  # none was given yet


@pytest.mark.slow
def test_the_last_three_reasons_can_be_chosen_also_after_the_next_start(open_office: MakeOffice) -> None:
    office = open_office()
    for number, reason in enumerate(("Called away", "Managed by IT", "Called away", "Flat battery", "Lent"), 1):
        field = red(office, f"S{number}")
        assert field.line.text() == ""
        office.type(reason)
        office.press("Alt+F")
        office.idle()
    assert field.earlier == ["Lent", "Flat battery", "Called away"]
    office.close()
    again = open_office()
    field = red(again, "S9")
    menu = field.menu()
    assert [action.text() for action in menu.actions()] == ["Lent", "Flat battery", "Called away"]
    assert field.choose.isVisible()
    menu.actions()[1].trigger()
    assert field.line.text() == "Flat battery"
    assert field.line.hasFocus()
    assert again.block.finish.isEnabled()
    menu.deleteLater()


@pytest.mark.parametrize("kept", [None, 7, "One", ["a" * 10_000, "", "b\nc", "d", "e"], [3, None, "x"]])
def test_what_the_memory_of_the_window_has_is_bounded(office: Office, kept: object) -> None:
    settings = office.fanion.settings
    settings.setValue("desk/reasons", kept)
    field = ReasonField(office.window)
    field.restore(settings)
    assert len(field.earlier) <= 3
    assert all(0 < len(reason) <= LIMIT and reason.isprintable() for reason in field.earlier)
