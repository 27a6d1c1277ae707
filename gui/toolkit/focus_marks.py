"""Where the focus is, is drawn for those who move it with keys: not after a press of the mouse, and not by itself.

The widget that has the focus, and came by it with the keyboard, has the property `keys`: the style sheet draws its
frame where that is "true", and what is painted here asks :func:`is_marked`. On a list without a row it is "empty": that
has no frame. Fields that take text always show theirs: what is typed goes there.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QWidget
from shiboken6 import isValid

#: The property of the widget whose focus is to be seen.
PROPERTY: Final = "keys"
#: Keys that lead from one thing to another: from now on the focus is looked for. What types, or presses something by
#: its own key, also does so in hands that are at the mouse, and a barcode reader types.
_LEADING: Final = frozenset(
    (
        *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right),
        *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    )
)
_POINTING: Final = frozenset((QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress))


def is_marked(widget: QWidget) -> bool:
    """Whether `widget` has the focus, and that is to be seen."""
    return widget.hasFocus() and bool(widget.property(PROPERTY))


class FocusMarks(QObject):
    """Knows whether a leading key or the mouse was pressed last, in whatever window, and marks what has the focus.

    It looks at windows, where the system's keys and presses arrive, and not at widgets: nothing else is slowed down.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._by_keys = False
        self._marked: QWidget | None = None
        # A moment later: what loses the focus to nothing may be on its way out, and can be styled no more.
        self._lost = QTimer(self, singleShot=True)
        self._lost.timeout.connect(lambda: self._mark(QApplication.focusWidget() if self._by_keys else None))
        app.focusWindowChanged.connect(self._watch)
        app.focusChanged.connect(self._moved)
        self._watch(app.focusWindow())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _POINTING:
            self._by_keys = False
            self._mark(None)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _LEADING:
            self._by_keys = True
            self._mark(QApplication.focusWidget())
        return False

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # a second time is as once

    def _moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            self._lost.start(0)
        else:
            self._mark(now if self._by_keys else None)

    def _mark(self, widget: QWidget | None) -> None:
        before, self._marked = self._marked, widget
        if before is not None and before is not widget and isValid(before):
            _put(before, None)
        if widget is not None:
            _put(widget, "empty" if _is_empty(widget) else "true")


def _is_empty(widget: QWidget) -> bool:
    """Whether it is a list or table without a row, which has no frame."""
    model = widget.model() if isinstance(widget, QAbstractItemView) else None
    return model is not None and model.rowCount() == 0


def _put(widget: QWidget, mark: str | None) -> None:
    if widget.property(PROPERTY) == mark:
        return
    widget.setProperty(PROPERTY, mark)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
    if isinstance(widget, QAbstractItemView):
        widget.viewport().update()
    if isinstance(widget, QTableView):
        widget.horizontalHeader().viewport().update()
