"""Buttons: their keys, how they are drawn, and those that destroy something."""

from __future__ import annotations

import time
from typing import Any, Final, cast

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QPushButton,
    QRadioButton,
    QWidget,
)

from gui.toolkit.focus_marks import is_marked
from gui.toolkit.images.icons import icon
from gui.toolkit.theme import STEP, Colours, TextSize, colours, font, mark

#: Seconds after a filled button has appeared in which Enter does not press it: a second press of Enter was made before
#: it could be read.
SETTLE: Final = 0.4
ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button that Enter presses as Space does: when the key is let go of, so that a held key presses it once."""

    def __init__(self) -> None:
        super().__init__()
        self._entered = False
        self._since = 0.0
        self._key = ""

    def show_key(self, key: str) -> None:
        """Draw the name of the key that presses it, such as "Alt+R", after its text."""
        if key != self._key:
            self._key = key
            self.updateGeometry()
            self.update()

    def width_with(self, key: str) -> int:
        """Logical pixels that it takes with the name of this key drawn, or with none."""
        return super().sizeHint().width() + self._size_of(key).width()

    @property
    def printed_key(self) -> str:
        """The name of the key that is drawn on it; empty where none is."""
        return "" if self._key_size().isEmpty() else self._key

    def _key_size(self) -> QSize:
        """How much the drawn key takes, with the room before it."""
        return self._size_of(self._key)

    def _size_of(self, key: str) -> QSize:
        if not key or not self.text():
            return QSize(0, 0)
        metrics = QFontMetrics(font(TextSize.SMALL))
        return QSize(metrics.horizontalAdvance(key) + 12 + STEP, metrics.height() + 2)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self._key_size().width(), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._key else super().minimumSizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        key_size = self._key_size()
        ink = self._ink(colours(QApplication.palette()))
        if key_size.isEmpty():
            super().paintEvent(event)
        else:
            from gui.toolkit.key_cap import paint_with_key  # brings all of Qt's styles: not for the first painting

            paint_with_key(self, self._key, key_size, ink)
        if ink and is_marked(self):
            # The ring around it is seen on what it stands on, this one on its own ground.
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(ink))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), 6, 6)

    def _ink(self, c: Colours) -> str:
        """What is written with on a filled button; empty for one that is not filled."""
        filled = {"primary": c.accent_text, "danger": c.on_red, "nav": c.accent_text if self.isChecked() else ""}
        return filled.get(str(self.property("kind")), "") if self.isEnabled() else ""

    def showEvent(self, event: QShowEvent) -> None:
        self._since = time.monotonic()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat() and not self._is_new():
            self._entered = True
            self.setDown(True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyReleaseEvent(event)
        elif self._entered and not event.isAutoRepeat():
            self._entered = False
            self.setDown(False)
            self.click()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._entered = False
        super().focusOutEvent(event)

    def _is_new(self) -> bool:
        return self.property("kind") == "primary" and time.monotonic() - self._since < SETTLE


class DestructiveButton(Button):
    """A button for what destroys something, or cannot simply be taken back: it is not pressed unread.

    It has the focus only where Tab or the mouse went to it. Where the focus would fall on it by itself,
    because what had it has vanished, was disabled or a window came up, the next one has it. Enter never presses it,
    Space does: a barcode reader ends with Enter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self._reason = Qt.FocusReason.OtherFocusReason
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._focus_moved)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER:
            event.accept()  # nor does a dialog make anything of it
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._reason = event.reason()
        super().focusInEvent(event)

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is self and not self._was_wanted(before):
            self._pass_on()

    def _was_wanted(self, before: QWidget | None) -> bool:
        reason, self._reason = self._reason, Qt.FocusReason.OtherFocusReason  # Qt does not always give one
        if reason is Qt.FocusReason.MouseFocusReason:
            return True
        # Qt says Tab also where it moves the focus itself; but Tab leaves something that is still there.
        tab = reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        return tab and before is not None and _is_there(before)

    def _pass_on(self) -> None:
        widget: QWidget | None = self.nextInFocusChain()
        while widget is not None and widget is not self:
            tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            reachable = _is_there(widget) and widget.window() is self.window()
            if tab and reachable and not isinstance(widget, DestructiveButton):
                widget.setFocus()
                return
            widget = widget.nextInFocusChain()
        self.clearFocus()


def _is_there(widget: QWidget) -> bool:
    """Whether it can be seen and used. What is about to be hidden with what is around it is not."""
    around: QWidget | None = widget
    while around is not None and not around.isHidden():
        if around.isWindow():
            return widget.isEnabled()
        around = around.parentWidget()
    return False


class TickBox(QCheckBox):
    """A box to tick, by a press on its sign or words, or a little above or below them: Qt takes only the former."""

    def hitButton(self, place: QPoint) -> bool:
        return _is_on(self, place)


class RoundBox(QRadioButton):
    """One of several answers, chosen by a press as one ticks a box."""

    def hitButton(self, place: QPoint) -> bool:
        return _is_on(self, place)


def _is_on(box: QAbstractButton, place: QPoint) -> bool:
    """Whether a place is on a box or its words: not right of them, where it has room to spare."""
    return box.rect().contains(place) and place.x() < box.sizeHint().width()


def button(name: str = "", kind: str = "", *, destroys: bool = False) -> Button:
    """A button with the icon `name`; `kind` is its look. A red one is always for what `destroys` something."""
    new_button = DestructiveButton() if destroys or kind == "danger" else Button()
    if kind:
        mark(new_button, kind)
    if name:
        new_button.setIcon(icon(name, cast(Any, kind if kind in _ICON_KINDS else "")))
        # Wider than high: that keeps the text off it.
        new_button.setIconSize(QSize(22, 16))
    return new_button


def icon_button(name: str, kind: str = "") -> Button:
    """A button that has only an icon. It needs an accessible name and a tooltip."""
    new_button = button(name, kind)
    new_button.setIconSize(QSize(18, 18))
    return new_button


def be_one_of_many(choice: Button) -> None:
    """Make a button one of a group of which one is pressed in. A screen reader is told so: it is a radio button."""
    choice.setCheckable(True)
    # Their group sees to that; but by this alone Qt takes them for more than boxes to tick.
    choice.setAutoExclusive(True)


#: The looks on which an icon has colours of its own.
_ICON_KINDS: Final = ("primary", "danger", "nav", "link")
