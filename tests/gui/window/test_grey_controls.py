"""No control is grey without a word: in every page and state of the real window, its reason can be heard and read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from core.phones.states import PhoneState
from gui.desk.acts.all_acts import HAND_BACK
from gui.rounds.dialogs.new_round_dialog import NewRoundDialog
from gui.rounds.rounds_page import RoundsPage
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.parts import Parts
from tests.gui.conftest import Office, texts
from tests.gui.rounds.conftest import visible
from tests.gui.window.test_accessibility import STATES, checked

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_flood")]

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit)


def grey_controls(window: QWidget) -> list[QWidget]:
    """What is seen and cannot be used; but the small buttons that Qt puts within its own widgets."""
    grey = [w for w in window.findChildren(QWidget) if isinstance(w, CONTROLS) and w.isVisible() and not w.isEnabled()]
    return [w for w in grey if not isinstance(w.parentWidget(), QTabBar | QLineEdit | QComboBox | QAbstractSpinBox)]


def silent(window: QWidget) -> list[str]:
    """The grey controls whose reason is not heard, or does not stand anywhere."""
    words = " ".join(texts(window))
    faults = []
    for control in grey_controls(window):
        why = control.accessibleDescription()
        if not why or why not in words:
            faults.append(f"{type(control).__name__} {control.accessibleName() or texts(control)!r}: {why!r}")
    return faults


def several(office: Office) -> QWidget:
    """Phones in all kinds of state, some of which wait."""
    for number, scenario in enumerate(("walk-up", "clean", "unseen"), 1):
        office.plug(f"S{number}", scenario)
    office.plug("S4", state=PhoneState.UNAUTHORISED)
    office.until(lambda: len(office.cards()) == 4)
    office.idle()
    return office.window


def new_round(office: Office) -> QWidget:
    page = office.window.open_page("round")
    assert isinstance(page, RoundsPage)
    office.click("New round…")
    dialog = visible(office, NewRoundDialog)
    assert dialog is not None
    return dialog


MORE: dict[str, Callable[[Office], QWidget]] = {
    "several": several,
    "cannot be removed": checked("preinstalled"),
    "new round": new_round,
}


@pytest.mark.parametrize("state", [*STATES, *MORE])
def test_what_is_grey_says_why_where_it_can_be_heard_and_read(office: Office, state: str) -> None:
    shown = (STATES | MORE)[state](office)
    QApplication.processEvents()
    faults = silent(shown.window())
    office.let_go()
    if isinstance(shown, QDialog):
        shown.close()
        shown.deleteLater()
    assert not faults


@pytest.mark.parametrize("way", ["key", "click"])
def test_finish_leads_to_the_reason_that_is_missing(office: Office, way: str) -> None:
    checked("walk-up")(office)
    office.page.desk_actions.want(HAND_BACK)
    office.page.identity.title.setFocus()
    press(office, office.block.finish, "Alt+F", way)
    assert office.block.reason.hasFocus()
    office.see("Why is it handed back with 2 banned apps?")
    assert "hand-back-intended" not in office.kinds()
    office.type("Called away")
    assert office.block.finish.isEnabled()
    assert not office.block.finish.accessibleDescription()


@pytest.mark.parametrize("way", ["key", "click"])
def test_recording_leads_to_the_answer_that_is_missing(office: Office, way: str) -> None:
    checked("unseen")(office)
    press(office, office.block.record, "Alt+S", way)
    assert QApplication.focusWidget() is office.block.look.first
    office.press("Alt+B")
    press(office, office.block.record, "Alt+S", way)
    assert QApplication.focusWidget() is office.block.look.first
    assert QApplication.focusWidget() not in office.block.look.answers.values()
    assert "attestation" not in office.kinds()


def press(office: Office, button: QWidget, key: str, way: str) -> None:
    """Press a button that is grey, or its key."""
    assert not button.isEnabled()
    if way == "key":
        office.press(key)
    else:
        office.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_reason_follows_the_language_and_goes_with_its_cause(office: Office) -> None:
    window = office.window
    parts = Parts(window)
    control, missing = QLineEdit(window), QLineEdit(window)
    for field in (control, missing):
        field.show()
    reason = GreyReason(control, parts)
    reason.line.setParent(window)
    reason.show("Because", missing)
    assert (control.isEnabled(), control.accessibleDescription()) == (False, "Because")
    assert (reason.line.text(), reason.line.isHidden()) == ("Because", False)
    office.qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
    assert missing.hasFocus()
    reason.show(None)
    assert (control.isEnabled(), control.accessibleDescription()) == (True, "")
    assert reason.line.isHidden()
    office.qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
    assert control.hasFocus()
