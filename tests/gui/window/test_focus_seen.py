"""Where the focus is, is seen by those who move it with keys: each place that Tab leads to looks otherwise while it has
the focus. Who uses the mouse sees no frame. And nothing moves."""

from __future__ import annotations

import re
from itertools import islice
from operator import ne
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget

from gui.toolkit.focus_marks import is_marked
from gui.toolkit.layouts import FocusRing
from gui.toolkit.lists.tables import SearchField
from gui.toolkit.theme import ColourScheme
from tests.gui.conftest import Office, press_in
from tests.gui.window.states import STATES
from tests.inside import is_at_rest, shows_all

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


def is_changed(one: QImage, other: QImage) -> bool:
    """Whether enough pixels of two pictures of one size are of another colour; they are counted only so far."""
    assert one.size() == other.size()
    pixels, others = (memoryview(image.convertToFormat(RGB).constBits()).cast("I") for image in (one, other))
    return len(list(islice(filter(None, map(ne, pixels, others)), LEAST))) == LEAST


@pytest.mark.parametrize("state", PAGES)
def test_each_place_shows_that_it_has_the_focus(office: Office, short_flood: None, state: str) -> None:
    window = STATES[state](office).window()
    window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is window and shows_all(office.window.desk_page))
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
    with_keys(window)
    for one in places:
        one.setFocus(Qt.FocusReason.TabFocusReason)
        if not one.hasFocus() or not one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue  # it has passed the focus on; or all of it has room by now, and it is not scrolled any more
        bring_up(one)
        around = QRect(one.mapTo(window, one.rect().topLeft()), one.size()).adjusted(-4, -4, 4, 4)
        area = around.intersected(window.rect())
        with_focus = picture(window, area)
        one.clearFocus()
        if not is_changed(with_focus, picture(window, area)):
            words = one.text() if isinstance(one, QAbstractButton) else ""
            found.append(f"{type(one).__name__} {one.accessibleName() or words!r}")
    return found


def with_keys(window: QWidget) -> None:
    """Move the focus with a key. Tab goes to the widget: of two that come to the window, the second is a reader's."""
    press_in(window)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)


def press(widget: QWidget) -> None:
    """Press a widget with the mouse, as the system hands that to the window."""
    window = widget.window()
    place = widget.mapTo(window, widget.rect().center())
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=place)


@pytest.fixture
def made(office: Office) -> Office:
    """The window as it has just come up."""
    office.window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is office.window)
    return office


def rest(office: Office) -> None:
    """Until nothing is under way."""
    office.until(lambda: is_at_rest(office.fanion.runner))
    QApplication.processEvents()


def marked(office: Office) -> list[QWidget]:
    return [one for one in office.window.findChildren(QWidget) if is_marked(one)]


def rings(office: Office) -> list[QWidget]:
    return [one for one in office.window.findChildren(FocusRing) if one.isVisible()]


def test_no_frame_comes_by_itself_or_by_the_mouse_or_a_key_that_leads_nowhere(made: Office) -> None:
    press_in(made.window, Qt.Key.Key_F24)  # as one that types, or presses something by its own key
    made.window.bar.help.setFocus()
    assert (marked(made), rings(made)) == ([], [])
    press(made.window.bar.nav["policy"])
    made.until(lambda: made.window.page_name() == "policy")
    rest(made)
    assert QApplication.focusWidget() is not None
    assert (marked(made), rings(made)) == ([], [])


def test_a_frame_comes_with_tab_and_goes_with_the_mouse(made: Office) -> None:
    with_keys(made.window)
    (first,) = marked(made)
    made.until(lambda: is_at_rest(made.fanion.runner))
    with_keys(made.window)
    made.until(lambda: marked(made) not in ([], [first]))
    assert marked(made) == [QApplication.focusWidget()]
    press(made.window.bar.nav["desk"])
    assert (marked(made), rings(made)) == ([], [])


def test_a_frame_comes_with_the_first_arrow_key_and_with_a_key_that_leads_elsewhere(made: Office) -> None:
    made.window.desk_page.practise("walk-up")
    made.idle()
    cards = made.window.desk_page.cards
    press(cards.viewport())
    cards.setFocus()
    assert not marked(made)
    QTest.keyClick(made.window.windowHandle(), Qt.Key.Key_Control)
    assert not marked(made)
    QTest.keyClick(made.window.windowHandle(), Qt.Key.Key_Down)
    assert marked(made) == [cards]
    press(made.window.bar.help)
    assert not marked(made)


def test_no_frame_is_ever_around_a_page_or_an_empty_list(made: Office) -> None:
    window = made.window
    for page in ("desk", "round", "log", "policy", "settings"):
        window.open_page(page)
        rest(made)
        with_keys(window)
        for one in stops(window):
            one.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            for ring in rings(made):
                assert ring.width() < 32 or ring.height() < 64, f"{page}: a frame around {one}"


def test_a_field_for_text_shows_that_what_is_typed_goes_there(made: Office) -> None:
    made.window.open_page("policy")
    rest(made)
    (field,) = [one for one in made.window.findChildren(SearchField) if one.isVisible()]
    before = picture(made.window, QRect(field.mapTo(made.window, QPoint()), field.size()))
    press(field)
    assert field.hasFocus()
    assert is_changed(before, picture(made.window, QRect(field.mapTo(made.window, QPoint()), field.size())))


def test_nothing_in_the_window_moves_by_itself() -> None:
    """Who is made dizzy by movement needs no setting here: no animation, no film, no bar that runs without an end."""
    moves = re.compile(r"Q\w*Animation\b|QMovie|QTimeLine|\.setRange\(0, 0\)")
    found = {str(file.relative_to(GUI)): moves.findall(file.read_text(encoding="utf-8")) for file in GUI.rglob("*.py")}
    assert not {name: what for name, what in found.items() if what}
