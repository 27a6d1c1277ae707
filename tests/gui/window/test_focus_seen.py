"""Where the focus is, is seen: each place that Tab leads to looks otherwise while it has the focus; and nothing
moves."""

from __future__ import annotations

import re
from operator import ne
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget

from gui.toolkit.theme import ColourScheme
from tests.gui.conftest import Office
from tests.gui.window.test_accessibility import STATES

GUI = Path(__file__).resolve().parents[3] / "gui"
RGB = QImage.Format.Format_RGB32
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
    """How many pixels of two pictures of one size are of another colour."""
    assert one.size() == other.size()
    pixels, others = (memoryview(image.convertToFormat(RGB).constBits()).cast("I") for image in (one, other))
    return sum(map(ne, pixels, others))


@pytest.mark.slow
@pytest.mark.parametrize("state", PAGES)
def test_each_place_shows_that_it_has_the_focus(office: Office, short_flood: None, state: str) -> None:
    window = STATES[state](office).window()
    window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is window)
    light = unseen(window)
    office.fanion.looks.choose(ColourScheme.DARK)
    assert window.palette().window().color().lightness() < 100
    dark = unseen(window)
    office.let_go()
    assert (light, dark) == ([], [])


def unseen(window: QWidget) -> list[str]:
    """The places that do not show that they have the focus. Raises AssertionError where there is none at all."""
    found, places = [], stops(window)
    assert places
    for one in places:
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if not one.hasFocus():  # it has passed the focus on
            continue
        bring_up(one)
        area = QRect(one.mapTo(window, one.rect().topLeft()), one.size()).intersected(window.rect())
        with_focus = picture(window, area)
        one.clearFocus()
        if changed(with_focus, picture(window, area)) < LEAST:
            words = one.text() if isinstance(one, QAbstractButton) else ""
            found.append(f"{type(one).__name__} {one.accessibleName() or words!r}")
    return found


def test_nothing_in_the_window_moves_by_itself() -> None:
    """Who is made dizzy by movement needs no setting here: no animation, no film, no bar that runs without an end."""
    moves = re.compile(r"Q\w*Animation\b|QMovie|QTimeLine|\.setRange\(0, 0\)")
    found = {str(file.relative_to(GUI)): moves.findall(file.read_text(encoding="utf-8")) for file in GUI.rglob("*.py")}
    assert not {name: what for name, what in found.items() if what}
