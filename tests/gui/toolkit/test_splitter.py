"""The edge between two panes: moved by keys and from its menu, reached by Tab between them, seen with the focus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.text import T
from gui.toolkit.focus_marks import FocusMarks
from gui.toolkit.layouts import column
from gui.toolkit.lists.splitter import Edge, Splitter
from gui.toolkit.theme import Appearance, ColourScheme
from gui.toolkit.translated_text import speak
from tests.gui.conftest import press_in

Across, Down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
Key = Qt.Key


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[Appearance]:
    looks = Appearance(qapp, ColourScheme.LIGHT)
    yield looks
    looks.deleteLater()


class Panes(QWidget):
    """Two panes with a field in each, and a button after them."""

    def __init__(self, orientation: Qt.Orientation = Across, handle: int = 16, least: int = 100) -> None:
        super().__init__()
        self.splitter = Splitter(orientation, T("Width of the list of phones"))
        self.splitter.setHandleWidth(handle)
        self.one, self.two, self.last = QLineEdit(), QLineEdit(), QPushButton("Last")
        for field in (self.one, self.two):
            pane = QWidget()
            pane.setMinimumSize(least, least)
            column(field, None, inside=pane)
            self.splitter.addWidget(pane)
        column((self.splitter, 1), self.last, inside=self)
        self.resize(800, 600)
        self.splitter.setSizes([400, 400])

    @property
    def edge(self) -> Edge:
        (edge,) = self.splitter.edges()
        return edge

    @property
    def first(self) -> int:
        """How large the first pane is."""
        return self.splitter.sizes()[0]


def shown(panes: Panes, qtbot: QtBot) -> Panes:
    qtbot.addWidget(panes)
    panes.show()
    panes.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is panes)
    return panes


def ask(edge: Edge) -> None:
    """Press it with the right button."""
    place = edge.rect().center()
    QApplication.sendEvent(edge, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, edge.mapToGlobal(place)))


def focused() -> QWidget | None:
    return QApplication.focusWidget()


def test_tab_comes_to_the_edge_between_its_panes_and_back(qtbot: QtBot) -> None:
    panes = shown(Panes(), qtbot)
    panes.one.setFocus()
    stops: list[QWidget | None] = []
    for _ in range(3):
        QTest.keyClick(focused() or panes, Key.Key_Tab)
        stops.append(focused())
    assert stops == [panes.edge, panes.two, panes.last]
    panes.two.setFocus()
    QTest.keyClick(panes.two, Key.Key_Backtab)
    assert focused() is panes.edge


@pytest.mark.parametrize(
    ("orientation", "less", "more"), [(Across, Key.Key_Left, Key.Key_Right), (Down, Key.Key_Up, Key.Key_Down)]
)
@pytest.mark.parametrize(
    ("held", "step"),
    [
        (Qt.KeyboardModifier.NoModifier, 16),
        (Qt.KeyboardModifier.ControlModifier, 64),
        (Qt.KeyboardModifier.ShiftModifier, 64),
    ],
)
def test_arrow_keys_move_it(
    qtbot: QtBot, orientation: Qt.Orientation, less: Key, more: Key, held: Qt.KeyboardModifier, step: int
) -> None:
    panes = shown(Panes(orientation), qtbot)
    before = panes.first
    QTest.keyClick(panes.edge, more, held)
    assert panes.first == before + step
    QTest.keyClick(panes.edge, less, held)
    QTest.keyClick(panes.edge, less, held)
    assert panes.first == before - step
    assert sum(panes.splitter.sizes()) + 16 == (
        panes.splitter.width() if orientation is Across else panes.splitter.height()
    )


def test_home_and_end_lead_to_where_a_pane_has_its_least(qtbot: QtBot) -> None:
    panes = shown(Panes(least=120), qtbot)
    QTest.keyClick(panes.edge, Key.Key_Home)
    assert panes.first == 120
    QTest.keyClick(panes.edge, Key.Key_Left)
    assert panes.first == 120
    QTest.keyClick(panes.edge, Key.Key_End)
    assert panes.splitter.sizes()[1] == 120
    QTest.keyClick(panes.edge, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert panes.splitter.sizes()[1] == 120


def test_the_keys_are_told_like_a_drag_to_who_remembers_widths(qtbot: QtBot) -> None:
    panes = shown(Panes(), qtbot)
    with qtbot.waitSignal(panes.splitter.splitterMoved) as moved:
        QTest.keyClick(panes.edge, Key.Key_Right)
    assert moved.args == [panes.first, 1]


def test_a_screen_reader_is_told_the_share_and_the_name_in_both_languages(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gui.toolkit.announcement.QAccessible.updateAccessibility", lambda event: told.append(event.message())
    )
    panes = shown(Panes(), qtbot)
    QTest.keyClick(panes.edge, Key.Key_Home)
    assert told == ["13 %"]
    assert panes.edge.accessibleName() == "Width of the list of phones"
    speak("fr")
    assert panes.edge.accessibleName() == "Largeur de la liste des téléphones"


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
@pytest.mark.parametrize(
    ("orientation", "words"),
    [
        (Across, ["More room on the left", "More room on the right"]),
        (Down, ["More room above", "More room below"]),
    ],
)
def test_its_menu_moves_it_in_one_press(qtbot: QtBot, orientation: Qt.Orientation, words: list[str]) -> None:
    panes = shown(Panes(orientation), qtbot)
    before = panes.first
    ask(panes.edge)
    (menu,) = panes.edge.findChildren(QMenu)
    assert [action.text() for action in menu.actions()] == words
    more, less = menu.actions()
    more.trigger()
    assert panes.first == before + 64
    less.trigger()
    less.trigger()
    assert panes.first == before - 64
    menu.close()


def test_one_that_cannot_be_moved_is_passed_by_and_offers_nothing(qtbot: QtBot) -> None:
    panes = shown(Panes(), qtbot)
    pane = panes.splitter.widget(0)
    assert pane is not None
    pane.setFixedWidth(80)
    qtbot.waitUntil(lambda: panes.edge.focusPolicy() is Qt.FocusPolicy.NoFocus)
    panes.one.setFocus()
    QTest.keyClick(panes.one, Key.Key_Tab)
    assert focused() is panes.two
    ask(panes.edge)
    assert not panes.edge.findChildren(QMenu)
    pane.setMinimumWidth(80)
    pane.setMaximumWidth(300)
    qtbot.waitUntil(lambda: panes.edge.focusPolicy() is Qt.FocusPolicy.TabFocus)


def test_a_pane_that_is_hidden_takes_its_edge_along(qtbot: QtBot) -> None:
    panes = shown(Panes(), qtbot)
    pane = panes.splitter.widget(1)
    assert pane is not None
    pane.hide()
    qtbot.waitUntil(panes.edge.isHidden)
    panes.one.setFocus()
    QTest.keyClick(panes.one, Key.Key_Tab)
    assert focused() is panes.last


@pytest.mark.parametrize("orientation", [Across, Down])
@pytest.mark.parametrize("handle", [1, 8, 16])
@pytest.mark.parametrize("scheme", [ColourScheme.LIGHT, ColourScheme.DARK])
@pytest.mark.parametrize("contrast", [False, True])
def test_it_is_seen_with_the_focus(
    qtbot: QtBot,
    looks: Appearance,
    focus_marks: FocusMarks,
    orientation: Qt.Orientation,
    handle: int,
    scheme: ColourScheme,
    contrast: bool,
) -> None:
    """Four pixels thick at least, in the colour of the focus, also where it is a line of one pixel otherwise."""
    panes = Panes(orientation, handle)
    looks.dress(panes)
    looks.choose(scheme)
    looks.raise_contrast(contrast)
    shown(panes, qtbot)
    area = panes.edge.geometry().translated(panes.splitter.pos())
    panes.one.setFocus()
    QApplication.processEvents()
    without = panes.grab(area).toImage()
    press_in(panes)
    panes.edge.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    seen = panes.grab(area).toImage()
    places = [(x, y) for x in range(seen.width()) for y in range(seen.height())]
    changed = sum(seen.pixel(x, y) != without.pixel(x, y) for x, y in places)
    assert changed >= 4 * (max(seen.width(), seen.height()) - 4)
