"""A phone that is plugged in meanwhile takes nothing from an officer who fills a form in: neither page nor words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from core.model import Attested
from gui.desk.asset_label_dialog import AssetLabelDialog
from gui.rounds.rounds_page import RoundsPage
from tests.gui.conftest import Office


def focused() -> QWidget | None:
    return QApplication.focusWidget()


def plug_another(office: Office, scenario: str = "walk-up") -> None:
    """Another phone comes, is read, and is red."""
    before = len(office.cards())
    office.plug("S2", scenario)
    office.until(lambda: len(office.cards()) > before)
    office.idle()


def start(office: Office, scenario: str) -> None:
    office.plug("S1", scenario)
    office.until(lambda: office.page.session is not None and office.page.session.check is not None)
    office.idle()


def stays(office: Office, typed: Callable[[], str], words: str) -> None:
    """What is typed, where the cursor is and what the page shows stay while another phone is plugged in."""
    shown, cursor = office.page.session, focused()
    assert typed() == words
    plug_another(office)
    assert office.page.session is shown
    assert typed() == words
    assert focused() is cursor


@pytest.mark.slow
def test_the_reason_for_handing_back(office: Office) -> None:
    start(office, "walk-up")
    office.page.desk_actions.want(next(act for act in office.page.desk_actions.acts if act.name == "hand-back"))
    reason = office.block.reason
    office.until(reason.hasFocus)
    office.type("The holder is in a hurry")
    stays(office, lambda: office.page.state.around.answers.hand_back.reason, "The holder is in a hurry")


@pytest.mark.slow
def test_the_look_on_the_phone(office: Office) -> None:
    start(office, "unseen")
    office.press("Alt+N")
    office.block.look.note.setFocus()
    office.type("Four apps in it")
    stays(office, office.block.look.note.text, "Four apps in it")
    assert office.block.look.answers[Attested.NOTHING_SEEN].isChecked()


@pytest.mark.slow
def test_the_asset_tag_and_the_holder(office: Office) -> None:
    start(office, "walk-up")
    office.press("F2")
    (sheet,) = [s for s in office.window.findChildren(AssetLabelDialog) if s.isVisible()]
    office.until(lambda: QApplication.activeWindow() is sheet)
    office.type("DRH-0438")
    stays(office, sheet.fields["tag"].text, "DRH-0438")
    assert sheet.isVisible()
    sheet.reject()


@pytest.mark.slow
def test_an_exception(office: Office) -> None:
    start(office, "walk-up")
    check = office.page.session.check  # type: ignore[union-attr]
    assert check is not None
    office.page.acts.ask_exception(check.red[0])
    office.until(lambda: any(d.isVisible() for d in office.window.findChildren(QDialog)))
    (dialog,) = [d for d in office.window.findChildren(QDialog) if d.isVisible()]
    field = next(f for f in dialog.findChildren(QLineEdit) if f.isVisible() and f.isEnabled() and not f.isReadOnly())
    office.until(lambda: QApplication.activeWindow() is dialog)
    field.setFocus()
    office.type("File 2026-101")
    stays(office, field.text, "File 2026-101")
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.slow
def test_a_round_that_is_begun(office: Office) -> None:
    start(office, "clean")
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.idle()
    dialog = page.begin_round()
    field = next(f for f in dialog.findChildren(QLineEdit) if f.isVisible() and f.isEnabled() and not f.isReadOnly())
    office.until(lambda: QApplication.activeWindow() is dialog)
    field.setFocus()
    office.type("Regional office, 3rd floor")
    plug_another(office)
    assert field.text() == "Regional office, 3rd floor"
    assert focused() is field
    assert dialog.isVisible()
    assert page.isVisible()  # nor does the window go to another page
    dialog.reject()


def test_the_search_among_the_apps(office: Office) -> None:
    start(office, "walk-up")
    office.press("Ctrl+F")
    office.type("Kasp")
    stays(office, lambda: office.page.apps.search.text(), "Kasp")


@pytest.mark.slow
def test_what_was_typed_for_a_phone_is_there_again_after_another_was_shown(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(office.block.look.isVisible)
    office.idle()
    office.press("Alt+N")
    office.block.look.note.setText("In the meeting room")
    office.plug("S2", "walk-up")
    office.until(lambda: "2 banned" in office.card(1) or "2 banned" in office.card(0))
    office.idle()
    office.press("F6")
    office.until(office.block.remove.isVisible)
    office.page.desk_actions.want(next(act for act in office.page.desk_actions.acts if act.name == "hand-back"))
    office.block.reason.setText("The holder is in a hurry")
    office.press("F6")
    office.until(office.block.look.isVisible)
    office.idle()
    answer = office.page.state.around.answers.look
    assert answer is not None
    assert (answer.answer.value, answer.note) == ("nothing-seen", "In the meeting room")
    office.press("F6")
    office.until(lambda: office.block.reason.text() == "The holder is in a hurry")
