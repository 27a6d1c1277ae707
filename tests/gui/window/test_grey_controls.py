"""No control is grey without a word: in every page and state of the real window, its reason can be heard and read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from gui.desk.acts.all_acts import HAND_BACK
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.parts import Parts
from tests.gui.conftest import Office, texts
from tests.gui.window.states import checked

pytestmark = [pytest.mark.usefixtures("short_flood")]

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
