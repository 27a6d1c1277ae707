"""What a screen reader is told a widget is, where Qt would tell it something else, and how it presses what is pressed.

Qt asks a factory for what tells of a widget, once, when something first wants to know it. What is made for it here is
Qt's own `QAccessibleWidget`; only buttons have methods of Python. None of them may override `interface_cast`: what
PySide makes of its answer is no pointer that Qt can follow, and the process ends (PySide 6.11).

Buttons have their own because Qt *toggles* what can be pressed in when assistive technology acts on it: nobody hears
that it was clicked, and what waits for a click does nothing.
"""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from functools import cache
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleStateChangeEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAccessibleWidget,
    QCheckBox,
    QPushButton,
    QRadioButton,
    QWidget,
)

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
    #: A button that opens a page, and is pressed in while that page is open.
    TAB = "tab"
    #: What the tabs lie in.
    TAB_LIST = "tab-list"


_ROLES: Final = {
    SpokenRole.HEADING: QAccessible.Role.Heading,
    SpokenRole.FOLD: QAccessible.Role.Button,
    SpokenRole.EDGE: QAccessible.Role.Separator,
    SpokenRole.TAB: QAccessible.Role.PageTab,
    SpokenRole.TAB_LIST: QAccessible.Role.PageTabList,
}


def speak_as(widget: QWidget, role: SpokenRole | None) -> None:
    """Have `widget` told as something else than Qt takes it for; with None as that.

    A heading, an edge and a list of tabs need an accessible name. Before it has words: with those Qt asks what it is,
    and only once; of a button it asks each time.
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
    button.toggled.connect(_Teller(button).tell_fold)


def be_a_tab(button: QAbstractButton) -> None:
    """Make a button the tab of a page. It lies in a widget that is told as a list of tabs."""
    button.setCheckable(True)
    speak_as(button, SpokenRole.TAB)
    button.toggled.connect(_Teller(button).tell_tab)


@cache
def install() -> None:
    """Have Qt ask :func:`_made_for` first what tells of a widget."""
    QAccessible.installFactory(_made_for)


def _made_for(name: str, widget: QObject | None) -> QAccessibleInterface | None:
    """What tells of a widget; None leaves that to Qt. `name` is of its class, then of each that this is made of."""
    if isinstance(widget, QPushButton | QCheckBox | QRadioButton):
        return _SpokenButton(widget)
    if name in ("QScrollArea", "QAbstractScrollArea") and isinstance(widget, QAbstractScrollArea):
        # Qt's own of a scroll area ends the process when it is asked for a child that has just gone, such as a scroll
        # bar (QAccessibleAbstractScrollArea::child has no bounds, Qt 6.11). This one says that there is none.
        return QAccessibleWidget(widget, QAccessible.Role.Client)
    if not isinstance(widget, QWidget) or (role := spoken_role(widget)) is None:
        return None
    return QAccessibleWidget(widget, _ROLES[role])


class _SpokenButton(QAccessibleWidget):
    """Tells of a button what Qt would, and whether what it opens is to be seen; its action is a press of it."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button, QAccessible.Role.Button)

    def _button(self) -> QAbstractButton | None:
        button = self.widget()
        return button if isinstance(button, QAbstractButton) else None

    def role(self) -> QAccessible.Role:
        button = self._button()
        if button is None:
            return QAccessible.Role.Button
        if (told := spoken_role(button)) is not None:
            return _ROLES[told]
        if isinstance(button, QPushButton) and button.menu() is not None:
            return QAccessible.Role.ButtonMenu
        if button.isCheckable():
            return QAccessible.Role.RadioButton if button.autoExclusive() else QAccessible.Role.CheckBox
        return QAccessible.Role.Button

    def state(self) -> QAccessible.State:
        state, button = super().state(), self._button()
        if button is None:
            return state
        told, on = spoken_role(button), button.isChecked()
        state.pressed = button.isDown()
        if isinstance(button, QPushButton):
            state.defaultButton = button.isDefault()
            state.hasPopup = button.menu() is not None
        if told is SpokenRole.FOLD:
            state.expandable, state.expanded, state.collapsed = True, on, not on
        elif told is SpokenRole.TAB:
            state.selectable, state.selected = True, on
        elif button.isCheckable():
            mixed = isinstance(button, QCheckBox) and button.checkState() is Qt.CheckState.PartiallyChecked
            state.checkable, state.checked, state.checkStateMixed = True, on and not mixed, mixed
        return state

    def text(self, kind: QAccessible.Text) -> str:
        text, button = super().text(kind), self._button()
        if text or button is None:
            return text
        if kind is QAccessible.Text.Name:
            return re.sub("&(.)", r"\1", button.text())
        if kind is QAccessible.Text.Accelerator:
            return button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return text

    def actionNames(self) -> list[str]:
        button = self._button()
        own = [self._action(button)] if button is not None and button.isEnabled() else []
        return [*own, *super().actionNames()]

    def doAction(self, name: str) -> None:
        button = self._button()
        if button is None or name not in (self._action(button), QAccessibleActionInterface.pressAction()):
            super().doAction(name)
        elif button.isEnabled():
            button.animateClick()  # a moment later: a dialog that it opens would keep who asked waiting

    def keyBindingsForAction(self, name: str) -> list[str]:
        button = self._button()
        if button is None or name != self._action(button) or button.shortcut().isEmpty():
            return super().keyBindingsForAction(name)
        return [button.shortcut().toString()]

    def _action(self, button: QAbstractButton) -> str:
        """What assistive technology calls a press of it."""
        actions = QAccessibleActionInterface
        if self.role() is QAccessible.Role.ButtonMenu:
            return actions.showMenuAction()
        ticked = button.isCheckable() and spoken_role(button) is None
        return actions.toggleAction() if ticked else actions.pressAction()


class _Teller(QObject):
    """Tells when a button opens something. It knows the button as what it belongs to, and so keeps it from no end."""

    def _changed(self) -> QAbstractButton | None:
        button = self.parent()
        return button if isinstance(button, QAbstractButton) and QAccessible.isActive() else None

    def tell_fold(self) -> None:
        """Tell a screen reader that the button has unfolded something, or folded it up."""
        if (button := self._changed()) is None:
            return
        changed = QAccessible.State()
        changed.expanded = True
        QAccessible.updateAccessibility(QAccessibleStateChangeEvent(button, changed))
        if sys.platform == "linux" and button.hasFocus():  # Qt does not hand this change on to AT-SPI
            announce(button, str(T("Expanded") if button.isChecked() else T("Collapsed")))

    def tell_tab(self) -> None:
        """Tell a screen reader that another page is open."""
        if (button := self._changed()) is None:
            return
        changed = QAccessible.State()
        changed.selected = True
        QAccessible.updateAccessibility(QAccessibleStateChangeEvent(button, changed))
        if button.isChecked():
            QAccessible.updateAccessibility(QAccessibleEvent(button, QAccessible.Event.Selection))
