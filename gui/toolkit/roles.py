"""What a screen reader is told a widget is, where Qt would tell it something else: a heading, what unfolds, an edge.

Qt asks a factory for what tells of a widget, once, when something first wants to know it. What is made for it here is
Qt's own `QAccessibleWidget`; only what unfolds has methods of Python. None of them may override `interface_cast`: what
PySide makes of its answer is no pointer that Qt can follow, and the process ends (PySide 6.11).
"""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import cache
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleInterface,
    QAccessibleStateChangeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QWidget

from core.text import T
from gui.toolkit.announcement import announce

#: The property of a widget that says what it is.
_PROPERTY: Final = "told"


class SpokenRole(StrEnum):
    """What a widget is told to be."""

    HEADING = "heading"
    #: A button that unfolds something, and folds it up again.
    FOLD = "fold"
    #: Between two panes, to be moved.
    EDGE = "edge"


_ROLES: Final = {
    SpokenRole.HEADING: QAccessible.Role.Heading,
    SpokenRole.FOLD: QAccessible.Role.Button,
    SpokenRole.EDGE: QAccessible.Role.Separator,
}


def speak_as(widget: QWidget, role: SpokenRole | None) -> None:
    """Have `widget` told as something else than Qt takes it for; with None as that.

    A heading and an edge need an accessible name. Before it has words: with those Qt asks what it is, and only once.
    """
    widget.setProperty(_PROPERTY, None if role is None else role.value)


def spoken_role(widget: QObject) -> SpokenRole | None:
    """What a widget was told to be."""
    value = widget.property(_PROPERTY)
    return SpokenRole(value) if value is not None else None


def be_a_fold(button: QAbstractButton) -> None:
    """Make a button one that unfolds something while it is pressed in."""
    button.setCheckable(True)
    speak_as(button, SpokenRole.FOLD)
    button.toggled.connect(_Teller(button).tell)


@cache
def install() -> None:
    """Have Qt ask :func:`_made_for` first what tells of a widget."""
    QAccessible.installFactory(_made_for)


def _made_for(name: str, widget: QObject | None) -> QAccessibleInterface | None:
    """What tells of a widget; None leaves that to Qt. `name` is of its class, then of each that this is made of."""
    if not isinstance(widget, QWidget) or (role := spoken_role(widget)) is None:
        return None
    if role is SpokenRole.FOLD and isinstance(widget, QAbstractButton):
        return _Fold(widget)
    return QAccessibleWidget(widget, _ROLES[role])


class _Fold(QAccessibleWidget):
    """Tells of a button whether what it unfolds is to be seen, and lets it be pressed."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button, _ROLES[SpokenRole.FOLD])

    def state(self) -> QAccessible.State:
        state, button = super().state(), self.widget()
        if isinstance(button, QAbstractButton):
            state.expandable = True
            state.expanded = button.isChecked()
            state.collapsed = not button.isChecked()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        text, button = super().text(kind), self.widget()
        if not text and kind is QAccessible.Text.Name and isinstance(button, QAbstractButton):
            return button.text().replace("&&", "&")
        return text

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.pressAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        button = self.widget()
        if name == QAccessibleActionInterface.pressAction() and isinstance(button, QAbstractButton):
            button.click()
        else:
            super().doAction(name)


class _Teller(QObject):
    """Tells when a button unfolds something. It knows the button as what it belongs to, and so keeps it from no end."""

    def tell(self) -> None:
        """Tell a screen reader that the button has unfolded something, or folded it up."""
        button = self.parent()
        if not isinstance(button, QAbstractButton) or not QAccessible.isActive():
            return
        changed = QAccessible.State()
        changed.expanded = True
        QAccessible.updateAccessibility(QAccessibleStateChangeEvent(button, changed))
        if sys.platform == "linux" and button.hasFocus():  # Qt does not hand this change on to AT-SPI
            announce(button, str(T("Expanded") if button.isChecked() else T("Collapsed")))
