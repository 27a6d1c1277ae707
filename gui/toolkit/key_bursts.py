"""Keys that follow each other faster than any hand presses them: a barcode reader's, ending with Enter.

In a text field they are what was scanned. Anywhere else they press nothing, whatever has the focus.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

#: Milliseconds between two keys, below which no hand has pressed them.
GAP: Final = 30
#: Milliseconds for which a burst that has begun goes on, and for which a key before it may be a part of it: a reader,
#: or the computer between, may falter.
_PAUSE: Final = 2_000
#: Characters of a scan: a reader sends more than two, and of a code that is longer the rest says nothing new.
_SHORTEST: Final = 3
_LONGEST: Final = 1_000
#: What a reader sends after a code.
_ENDS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
#: Held with another key: a chord is one press.
_MODIFIERS: Final = frozenset(
    (
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Meta,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
    )
)


class KeyBurstFilter(QObject):
    """Keeps bursts of keys from everything but text fields, in every window of the application.

    It looks at windows, where the system's keys arrive, and not at widgets: each key comes by once, before shortcuts
    and buttons, and nothing but what windows get is slowed down. The first key of a burst is known as such only by
    the second. A button acts when its key is let go of; so a key that is let go of at once is, outside a text field,
    held back until it is clear that no other follows.

    All times are those of the keys themselves, not of their handling: what waits behind something slow is no slower
    for it. A burst that has begun goes on over a pause, until its Enter or Tab; one that a single character came
    shortly before may have lost its beginning, and is told as such.
    """

    #: What a barcode reader has read, where that went into no text field; and whether it is surely the whole of it.
    scanned = Signal(str, bool)

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        """It ends with `parent`, or with the application."""
        super().__init__(parent or app)
        self._last = -GAP
        #: The key that came last and its time, until it is let go of; and whether it is part of a burst.
        self._key: tuple[int, int] | None = None
        self._quick = False
        #: Whether a burst has begun that has no end yet; when a single character was pressed outside a text field; and
        #: whether that may be the beginning of this burst.
        self._begun, self._single, self._cut = False, -_PAUSE, False
        #: The keys whose press was kept back: so is the rest of them.
        self._held_keys: set[int] = set()
        #: What the burst has said so far: its first key, which is only known as such by the second, with it.
        self._text = ""
        self._release: tuple[QWindow, QKeyEvent] | None = None
        self._quiet = QTimer(self, singleShot=True, interval=GAP)
        # Once more round the event loop: keys that wait behind something slow are heard first.
        self._settled = QTimer(self, singleShot=True, interval=0)
        self._quiet.timeout.connect(self._settled.start)
        self._settled.timeout.connect(self._let_go)
        app.focusWindowChanged.connect(self._watch)
        self._watch(app.focusWindow())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.timestamp() and event.key() not in _MODIFIERS:
            if event.type() == QEvent.Type.KeyRelease:
                return isinstance(watched, QWindow) and self._released(watched, event)
            return self._pressed(event)
        return False

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # a second time is as once

    def _pressed(self, event: QKeyEvent) -> bool:
        """Whether a key is kept from what it was meant for. It comes twice: may a shortcut have it, and as a press."""
        key, now = event.key(), event.timestamp()
        if not event.isAutoRepeat() and self._key != (key, now):
            gap, typed = now - self._last, _is_typed(event)
            goes_on = self._begun and 0 <= gap < _PAUSE and (typed or key in _ENDS)
            self._quick = 0 <= gap < GAP or goes_on
            self._key, self._last = (key, now), now
            self._begun = self._quick and typed
            if self._quick:
                self._text = (self._text + event.text())[:_LONGEST]
                self._forget()
                self._ended(event)
            else:
                self._text, self._cut = event.text(), 0 <= now - self._single < _PAUSE
                self._quiet.stop()
                self._let_go()
            # A single space is a hand's, on a button.
            is_code = typed and (self._quick or event.text() != " ")
            self._single = now if is_code and not _takes_text() else -_PAUSE
            self._held_keys.discard(key)
            if self._quick and not _takes_text():
                self._held_keys.add(key)
        if key not in self._held_keys:
            return False
        event.accept()  # no shortcut has it either
        return True

    def _ended(self, event: QKeyEvent) -> None:
        """Tell of a burst that ends with Enter, unless it went into a text field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not _takes_text():
            text, self._text = self._text.strip(), ""
            if text and (self._cut or len(text) >= _SHORTEST):
                self.scanned.emit(text, not self._cut)

    def _released(self, window: QWindow, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return event.key() in self._held_keys
        pressed, self._key = self._key, None
        if event.key() in self._held_keys:
            self._held_keys.discard(event.key())
            return True
        at_once = pressed is None or pressed[0] != event.key() or event.timestamp() - pressed[1] < GAP
        if not at_once or _takes_text():
            return False
        self._release = window, event.clone()
        self._quiet.start()
        return True

    def _let_go(self) -> None:
        """Hand over a key that no other one has followed: it was a single press."""
        if self._release is None or self._quiet.isActive():
            return
        (window, event), self._release = self._release, None
        if isValid(window):
            window.removeEventFilter(self)
            QCoreApplication.sendEvent(window, event)
            if isValid(window):
                window.installEventFilter(self)

    def _forget(self) -> None:
        """Take back what the key before has pressed: it was the first of a burst."""
        self._quiet.stop()
        self._release = None
        button = QApplication.focusWidget()
        if isinstance(button, QAbstractButton):
            button.setDown(False)


def _is_typed(event: QKeyEvent) -> bool:
    """Whether a key is one of those by which a code is told."""
    chord = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return not chord and event.text().isprintable() and event.text() != ""


def _takes_text() -> bool:
    """Whether a key would be typed into a field now."""
    popup = QApplication.activePopupWidget()
    widget: QWidget | None = (popup.focusWidget() or popup) if popup is not None else QApplication.focusWidget()
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit | QAbstractSpinBox):
        return not widget.isReadOnly()
    return isinstance(widget, QComboBox) and widget.isEditable()
