"""Where the focus is, is seen: each place that Tab leads to looks otherwise while it has the focus; and nothing
moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeOffice
from tests.gui.window.test_accessibility import STATES

GUI = Path(__file__).resolve().parents[3] / "gui"
#: Pixels of a ring of two around a thing of twelve by twelve; WCAG 2.2 asks for no less (2.4.13, AAA).
LEAST = 2 * 4 * 12
PAGES = ("empty", "red", "handed back", "unfolded", "debugging off", "log", "policy", "round", "manual")


def stops(window: QWidget) -> list[QWidget]:
    """All that Tab can lead to."""
    return [
        one
        for one in window.findChildren(QWidget)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not one.visibleRegion().isEmpty() and one.focusProxy() is None
    ]


def bring_up(one: QWidget) -> None:
    """Scroll to where it is seen, as Tab does."""
    around = one.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea) and around is not one:
            around.ensureWidgetVisible(one)
        around = around.parentWidget()
    QApplication.processEvents()


def picture(window: QWidget, area: QRect) -> QImage:
    QApplication.processEvents()
    return window.grab(area).toImage()


def changed(one: QImage, other: QImage) -> int:
    """How many pixels are of another colour."""
    width, height = min(one.width(), other.width()), min(one.height(), other.height())
    return sum(one.pixel(x, y) != other.pixel(x, y) for x in range(width) for y in range(height))


@pytest.mark.slow
@pytest.mark.parametrize("state", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_place_shows_that_it_has_the_focus(
    open_office: MakeOffice, qtbot: QtBot, short_flood: None, state: str, scheme: str
) -> None:
    office = open_office(scheme=scheme)
    window = STATES[state](office).window()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    unseen = []
    for one in stops(window):
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if not one.hasFocus():  # it has passed the focus on
            continue
        bring_up(one)
        area = QRect(one.mapTo(window, one.rect().topLeft()), one.size()).intersected(window.rect())
        with_focus = picture(window, area)
        one.clearFocus()
        if changed(with_focus, picture(window, area)) < LEAST:
            words = one.text() if isinstance(one, QAbstractButton) else ""
            unseen.append(f"{type(one).__name__} {one.accessibleName() or words!r}")
    office.let_go()
    assert not unseen


def test_nothing_in_the_window_moves_by_itself() -> None:
    """Who is made dizzy by movement needs no setting here: no animation, no film, no bar that runs without an end."""
    moves = re.compile(r"Q\w*Animation\b|QMovie|QTimeLine|\.setRange\(0, 0\)")
    found = {str(file.relative_to(GUI)): moves.findall(file.read_text(encoding="utf-8")) for file in GUI.rglob("*.py")}
    assert not {name: what for name, what in found.items() if what}
