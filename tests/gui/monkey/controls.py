"""The controls that somebody could click now, found as a hand finds them: by what is seen, not by names in the code."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

#: What is worth a click.
CLICKABLE = (
    QAbstractButton,
    QLineEdit,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QTabBar,
    QTextEdit,
    QPlainTextEdit,
)
#: Characters of a control's words in its signature.
_WORDS = 60


def open_windows() -> list[QWidget]:
    """The windows that take a click now: the menu that is open, else the dialog that asks, else all of them."""
    over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if over is not None:
        return [over]
    return [window for window in QApplication.topLevelWidgets() if window.isVisible()]


def controls() -> list[tuple[str, QWidget]]:
    """Every control that is seen, enabled, and under nothing else, with its signature."""
    found = []
    for window in open_windows():
        for widget in widgets_in(window):
            # PySide may take a part that Qt makes of its own, such as a calendar's table, for one that was deleted.
            with contextlib.suppress(RuntimeError):
                if isinstance(widget, CLICKABLE) and _can_be_clicked(widget):
                    found.append((signature(widget), widget))
    return sorted(found, key=_by_place)


def _by_place(control: tuple[str, QWidget]) -> tuple[int, int, str]:
    """From above, in lines, as they are read."""
    words, widget = control
    corner = widget.mapToGlobal(QPoint(0, 0))
    return corner.y(), corner.x(), words


def widgets_in(window: QWidget) -> list[QWidget]:
    """All widgets of a window. Of what `findChildren` finds, PySide keeps each part of Qt's own making for as long as
    the window is there: a memory that nobody but the monkey would need."""
    return [widget for widget in QApplication.allWidgets() if widget.window() is window]


def actions_in(window: QWidget) -> list[QAction]:
    """All actions of a window's widgets, each once."""
    return list({action: None for widget in (window, *widgets_in(window)) for action in widget.actions()})


def _can_be_clicked(widget: QWidget) -> bool:
    if not (widget.isVisible() and widget.isEnabled()):
        return False
    centre = _target(widget).rect().center()
    hit = widget.window().childAt(_target(widget).mapTo(widget.window(), centre))
    return hit is not None and (hit is widget or widget.isAncestorOf(hit))


def _target(widget: QWidget) -> QWidget:
    return widget.viewport() if isinstance(widget, QAbstractItemView | QTextEdit | QPlainTextEdit) else widget


def signature(widget: QWidget) -> str:
    """What names a control in a list of steps: its class, and its words or those that a screen reader says."""
    words = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__}:{(words or widget.accessibleName() or widget.objectName())[:_WORDS]}"


def control(named: str) -> QWidget | None:
    """The control with this signature, if it is there now."""
    return next((widget for words, widget in controls() if words == named), None)


def click(widget: QWidget, share: tuple[float, float], *, double: bool = False) -> None:
    """Click a control at a place inside of it, in shares of its width and height."""
    if not isValid(widget) or not isValid(target := _target(widget)):  # it went while the step was chosen
        return
    at = QPoint(int(target.width() * share[0]), int(target.height() * share[1]))
    press = QTest.mouseDClick if double else QTest.mouseClick
    press(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def click_at(window: QWidget, share: tuple[float, float]) -> None:
    """Click whatever stands at this place of a window."""
    at = QPoint(int(window.width() * share[0]), int(window.height() * share[1]))
    target = window if isinstance(window, QMenu) else window.childAt(at) or window
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, target.mapFrom(window, at))


def menu_entries() -> list[str]:
    """What the menu that is open offers."""
    menu = QApplication.activePopupWidget()
    actions = menu.actions() if isinstance(menu, QMenu) else []
    return [a.text() for a in actions if a.isVisible() and a.isEnabled() and not a.isSeparator()]


def choose_entry(words: str) -> None:
    """Click the entry of the open menu that says this, if it is there."""
    menu = QApplication.activePopupWidget()
    for action in menu.actions() if isinstance(menu, QMenu) else []:
        if action.text() == words:
            at = menu.actionGeometry(action).center()
            QTest.mouseClick(menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
            return


def keys_of(window: QWidget) -> list[str]:
    """Every key that does something in a window, in portable words."""
    sequences = [action.shortcut() for action in actions_in(window)]
    sequences += [shortcut.key() for shortcut in window.findChildren(QShortcut)]
    single = {s.toString(QKeySequence.SequenceFormat.PortableText) for s in sequences if s.count() == 1}
    return sorted(single - {""})


def listeners(key: str) -> list[str]:
    """What listens to a key in the windows that are seen, each with where it is heard: two at one place are a fault."""
    listening = []
    for window in QApplication.topLevelWidgets():
        for action in actions_in(window):
            places = [w for w in action.associatedObjects() if isinstance(w, QWidget) and w.isVisible()]
            if places and action.isEnabled() and action.shortcut() == QKeySequence(key):
                listening.append(f"{action.objectName()} on {', '.join(map(signature, places))}")
        for shortcut in window.findChildren(QShortcut):
            place = shortcut.parent()
            if isinstance(place, QWidget) and place.isVisible() and shortcut.key() == QKeySequence(key):
                listening.append(f"{shortcut.context().name} of {signature(place)}")
    return listening


def mnemonics() -> list[str]:
    """Alt with the underlined letter of each control that is seen."""
    words = (w.text() for _, w in controls() if isinstance(w, QAbstractButton) and isValid(w))
    labels = (
        w.text()
        for window in open_windows()
        for w in widgets_in(window)
        if isValid(w) and isinstance(w, QLabel) and w.isVisible()
    )
    keys = {QKeySequence.mnemonic(text).toString() for text in (*words, *labels)}
    return sorted(keys - {""})


def write(target: QWidget, text: str) -> None:
    """Type letters of any script. (QTest ends the program at one that is not ASCII.)"""
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = ord(letter.upper()) if letter.isascii() else int(Qt.Key.Key_unknown)
            if isValid(target):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
                QCoreApplication.sendEvent(target, event)


def key_target() -> QWidget | None:
    """The widget that has the next key."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        return popup.focusWidget() or popup
    return QApplication.focusWidget() or QApplication.activeModalWidget() or QApplication.activeWindow()
