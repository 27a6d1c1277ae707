"""What is pressed is 24 pixels wide and high at least, in every page and state of the real window at 100 %."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QTabBar,
    QWidget,
)

from tests.gui.conftest import Office
from tests.gui.window.test_accessibility import STATES

pytestmark = pytest.mark.slow

#: Logical pixels (WCAG 2.2, 2.5.8).
LEAST = 24
PRESSED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)


def settings(office: Office) -> QWidget:
    office.window.open_page("settings")
    return office.window


@pytest.fixture(params=[*STATES, "settings"])
def shown(request: pytest.FixtureRequest, short_flood: None, office: Office) -> Iterator[QWidget]:
    widget = (STATES | {"settings": settings})[request.param](office)
    QApplication.processEvents()
    yield widget
    office.let_go()
    if isinstance(widget, QDialog):
        widget.close()
        widget.deleteLater()


def targets(window: QWidget) -> Iterator[tuple[str, int, int]]:
    """All that can be pressed and is in sight, with its width and height."""
    for one in window.findChildren(QWidget):
        if not one.isVisible() or one.visibleRegion().isEmpty():
            continue
        if isinstance(one, QTabBar):
            for number in range(one.count()):
                area = one.tabRect(number)
                yield f"tab {one.tabText(number)}", area.width(), area.height()
        elif isinstance(one, PRESSED) and not isinstance(one.parent(), QLineEdit | QAbstractSpinBox | QComboBox):
            # What lies in a field does what a press on the field, or Esc in it, does too.
            said = one.text() if isinstance(one, QAbstractButton) else ""
            yield f"{type(one).__name__} {one.accessibleName() or said}", one.width(), one.height()


def test_a_box_is_ticked_by_a_press_anywhere_on_it(office: Office) -> None:
    STATES["red"](office)
    (box,) = [one for one in office.window.findChildren(QCheckBox) if one.isVisible()]
    for place in (QPoint(2, 1), QPoint(box.width() - 3, box.height() - 2)):
        before = box.isChecked()
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=place)
        assert box.isChecked() is not before, place


def test_what_is_pressed_is_large_enough(shown: QWidget) -> None:
    found = list(targets(shown.window()))
    assert found
    assert not [(name, wide, high) for name, wide, high in found if min(wide, high) < LEAST]
