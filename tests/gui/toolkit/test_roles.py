"""What a screen reader is told a widget is: headings, what unfolds, edges; and that what tells of it ends with it."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleStateChangeEvent,
)
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from core.text import T
from gui.toolkit.buttons import Button
from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.parts import Parts
from gui.toolkit.roles import be_a_fold, install
from gui.toolkit.theme import TextSize
from gui.toolkit.widgets import ElidedLabel, WrappedLabel

Role = QAccessible.Role
NAME = QAccessible.Text.Name


def interface(widget: QWidget) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def told(widget: QWidget) -> tuple[QAccessible.Role, str]:
    found = interface(widget)
    return found.role(), found.text(NAME)


@pytest.mark.parametrize("size", TextSize)
@pytest.mark.parametrize("kind", [WrappedLabel, ElidedLabel])
def test_what_is_large_is_told_as_a_heading(
    qtbot: QtBot, kind: type[WrappedLabel | ElidedLabel], size: TextSize
) -> None:
    label = kind(size)
    qtbot.addWidget(label)
    label.setText("2 banned apps")
    heading = size in (TextSize.HEAD, TextSize.TITLE, TextSize.DISPLAY)
    assert told(label) == (Role.Heading if heading else Role.StaticText, "2 banned apps")
    label.setText("No banned app")
    assert told(label)[1] == "No banned app"


def test_a_small_heading_and_a_large_sentence_are_told_as_what_they_are(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    say = Parts(around)
    small = say.label(T("Phones"), TextSize.STRONG, heading=True)
    large = say.label(T("Phones"), TextSize.HEAD, heading=False)
    assert [told(one) for one in (small, large)] == [(Role.Heading, "Phones"), (Role.StaticText, "Phones")]


def test_what_unfolds_is_told_as_a_button_that_does_and_can_be_pressed(qtbot: QtBot) -> None:
    button = Button()
    button.setText("20 other apps && more")
    be_a_fold(button)
    qtbot.addWidget(button)

    def states() -> tuple[bool, ...]:
        state = interface(button).state()
        return tuple(
            bool(one) for one in (state.expandable, state.expanded, state.collapsed, state.checkable, state.focusable)
        )

    assert told(button) == (Role.Button, "20 other apps & more")
    assert states() == (True, False, True, False, True)
    acts = interface(button).actionInterface()
    assert QAccessibleActionInterface.pressAction() in acts.actionNames()
    acts.doAction(QAccessibleActionInterface.pressAction())
    qtbot.waitUntil(button.isChecked)
    assert states() == (True, True, False, False, True)
    button.setAccessibleName("Apps")
    assert told(button)[1] == "Apps"


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_that_it_is_unfolded_is_told_when_it_happens(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """In words where Qt does not hand the change on, and then only of what the officer has pressed."""
    told: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            told.append(event.message())
        elif isinstance(event, QAccessibleStateChangeEvent) and event.changedStates().expanded:
            told.append("changed")

    button = Button()
    be_a_fold(button)
    qtbot.addWidget(button)
    button.show()
    button.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is button)
    button.setFocus()
    monkeypatch.setattr("gui.toolkit.roles.sys.platform", system)
    monkeypatch.setattr("gui.toolkit.roles.QAccessible.isActive", lambda: True)
    monkeypatch.setattr("gui.toolkit.roles.QAccessible.updateAccessibility", hear)
    button.toggle()
    button.toggle()
    words = [["Expanded"], ["Collapsed"]] if system == "linux" else [[], []]
    assert told == ["changed", *words[0], "changed", *words[1]]
    told.clear()
    button.clearFocus()
    button.toggle()
    assert told == ["changed"]


def test_an_edge_between_panes_is_told_as_one(qtbot: QtBot) -> None:
    panes = Splitter(Qt.Orientation.Horizontal, T("Width of the list"))
    qtbot.addWidget(panes)
    for _ in range(2):
        panes.addWidget(QWidget())
    assert told(panes.edges()[0]) == (Role.Separator, "Width of the list")


def test_all_else_is_left_to_qt(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    assert told(QLabel("text", around)) == (Role.StaticText, "text")
    assert told(QPushButton("press", around)) == (Role.Button, "press")


def edges_in(around: QWidget) -> list[QWidget]:
    return [edge for panes in around.findChildren(Splitter) for edge in panes.edges()]


@pytest.mark.slow
def test_what_tells_of_widgets_ends_with_them(qtbot: QtBot) -> None:
    """Hundreds, each ended in one of the ways in which a widget ends, some while they are being asked."""
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    around.show()
    for turn in range(4):
        made: list[QWidget] = []
        for number in range(40):
            label, button = WrappedLabel(TextSize.TITLE), Button()
            label.setText(f"Heading {number}")
            button.setText(f"Fold {number}")
            be_a_fold(button)
            panes = Splitter(Qt.Orientation.Horizontal, T("Width of the list"))
            panes.addWidget(QWidget())
            panes.addWidget(QWidget())
            for one in (label, button, panes):
                column.addWidget(one)
                one.show()
            made += [label, button, panes]
        asked = [interface(one) for one in (*made, *edges_in(around)) if not isinstance(one, Splitter)]
        assert {one.role() for one in asked} == {Role.Heading, Role.Button, Role.Separator}
        assert all(one.isValid() and one.text(NAME) is not None and one.state() is not None for one in asked)
        if turn % 2:
            gc.collect()
            assert [one.role() for one in map(interface, made[:2])] == [Role.Heading, Role.Button]
        for number, one in enumerate(made):
            if number % 4 == 0:
                one.deleteLater()
            elif number % 4 == 1:
                delete(one)
            elif number % 4 == 2:
                one.setParent(None)  # ends with the last that knows it
            else:
                one.hide()
                one.deleteLater()
        made.clear()
        del one, label, button, panes
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()
        assert not any(isValid(one) for one in asked)
        asked.clear()


def test_a_scroll_area_that_is_asked_for_a_part_that_has_gone_says_that_there_is_none(qtbot: QtBot) -> None:
    """Assistive technology counts the parts and asks for each: meanwhile a scroll bar may have gone."""
    install()
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidget(QLabel("long"))
    tells = interface(area)
    assert tells.role() is Role.Client
    assert tells.child(0).object() is area.viewport()
    assert tells.child(tells.childCount()) is None
