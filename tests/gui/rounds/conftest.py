"""What the tests of the Round page have in common."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from gui.rounds.dialogs.new_round_dialog import NewRoundDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office


@pytest.fixture
def page(office: Office) -> RoundsPage:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.until(lambda: office.fanion.runner.idle)
    return page


def visible(office: Office, kind: type[QWidget]) -> QWidget | None:
    """The dialog of this kind that is open."""
    return next((one for one in office.window.findChildren(kind) if one.isVisible()), None)


def begin(
    office: Office, page: RoundsPage, name: str = "Autumn round", *, practice: bool = False, recheck: int = 0
) -> None:
    """Begin a round, and wait until the page shows it."""
    dialog = page.begin_round()
    assert isinstance(dialog, NewRoundDialog)
    assert not dialog.go.isEnabled()  # it needs a name
    dialog.name.setText(name)
    dialog.practice.setChecked(practice)
    dialog.recheck.setValue(recheck)
    dialog.begin()
    office.until(lambda: dialog.new_round is not None)
    dialog.close()
    office.until(lambda: page.page_data.current is not None and page.page_data.current.about.name == name)


def press_in_menu(page: RoundsPage, words: str) -> None:
    """Choose the entry of the menu of rounds that has these words."""
    (action,) = [action for action in page.menu().actions() if words in action.text()]
    action.trigger()
