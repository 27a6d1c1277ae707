"""What is pressed is 24 pixels wide and high at least, at 100 %.

`test_accessibility.py` asks :func:`too_small` in every page and state of the real window.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.desk.acts.all_acts import HAND_BACK
from tests.gui.conftest import Office

#: Logical pixels (WCAG 2.2, 2.5.8).
LEAST = 24
PRESSED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)


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


def too_small(window: QWidget) -> list[str]:
    """What can be pressed and is smaller. Raises AssertionError where there is nothing to press."""
    pressed = list(targets(window))
    assert pressed, "there is nothing to press"
    return [f"{name}: {wide} by {high}" for name, wide, high in pressed if min(wide, high) < LEAST]


#: Logical pixels: links and small segments, choices above a list, and all else that is pressed or written into.
HEIGHTS = (24, 28, 36)
LINES = (QPushButton, QComboBox, QLineEdit, QAbstractSpinBox)


def off_the_grid(window: QWidget) -> list[str]:
    """The buttons and fields of one line that are of another height than all others; not figures to be pressed."""
    return [
        f"{type(one).__name__} {one.accessibleName() or one.objectName()}: {one.height()}"
        for one in window.findChildren(QWidget)
        if isinstance(one, LINES) and one.isVisible() and not one.visibleRegion().isEmpty()
        if not isinstance(one.parent(), QLineEdit | QAbstractSpinBox | QComboBox)
        and not str(one.property("kind")).startswith("number")
        if one.height() not in HEIGHTS
    ]


def test_a_box_is_ticked_by_a_press_anywhere_on_it(office: Office) -> None:
    office.window.desk_page.practise("walk-up")
    office.idle()
    office.page.desk_actions.want(HAND_BACK)
    office.until(lambda: any(one.isVisible() for one in office.window.findChildren(QCheckBox)))
    (box, *_) = [one for one in office.window.findChildren(QCheckBox) if one.isVisible()]
    for place in (QPoint(2, 1), QPoint(box.width() - 3, box.height() - 2)):
        before = box.isChecked()
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=place)
        assert box.isChecked() is not before, place


def test_what_is_smaller_is_noticed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    for name, side in (("Large", LEAST), ("Small", LEAST - 1)):
        button = QPushButton(name, window)
        button.setFixedSize(side, 2 * LEAST)
    window.show()
    assert too_small(window) == ["QPushButton Small: 23 by 48"]
