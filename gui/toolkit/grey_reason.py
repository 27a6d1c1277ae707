"""A grey control says why: to a screen reader, and in a line beside it. A press on it goes to what is missing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.toolkit.theme import TextSize, mark
from gui.toolkit.translated_text import Setter, Translatable, TranslatedText, worded
from gui.toolkit.widgets import WrappedLabel


class GreyReason(QObject):
    """Makes one control grey, with the reason, and live again."""

    #: The control was pressed while it was grey: Qt tells nobody of that.
    pressed = Signal()

    def __init__(self, control: QWidget, say: TranslatedText | None = None) -> None:
        """`say` has the reason follow the language; without it, the page that shows it says it again."""
        super().__init__(control)
        self._say = say
        self._control = control
        self._missing: QWidget | None = None
        self._line: WrappedLabel | None = None
        self.pressed.connect(self.go_to_missing)

    @property
    def line(self) -> WrappedLabel:
        """The reason in words, hidden while there is none: to be put beside the control."""
        if self._line is None:
            self._line = WrappedLabel(TextSize.SMALL)
            mark(self._line, "muted")
            self._line.hide()
        return self._line

    def show(self, why: Translatable | None, missing: QWidget | None = None) -> None:
        """Have the control grey for this reason; a press on it leads to `missing`. None: it is live."""
        self._missing = missing
        self._control.setEnabled(why is None)
        self._tell(self._control.setAccessibleDescription, why or "")
        if self._line is not None:
            self._tell(self._line.setText, why or "")
            self._line.setVisible(why is not None)
        # Only a grey control is listened to: each event of a live one would come by here.
        self._control.removeEventFilter(self)
        if why is not None:
            self._control.installEventFilter(self)

    def _tell(self, setter: Setter, words: Translatable) -> None:
        if self._say is not None:
            self._say(setter, words)
        else:
            setter(worded(words))

    def go_to_missing(self) -> None:
        """Put the focus on what is missing, where that is known."""
        if self._missing is not None:
            go_to(self._missing)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and not self._control.isEnabled():
            self.pressed.emit()
            return True
        return False


def go_to(widget: QWidget) -> None:
    """Put the focus on `widget`, and scroll to where that is seen."""
    widget.setFocus()
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
        around = around.parentWidget()


def offer(control: QWidget, usable: bool) -> None:
    """Show a control only while it can be used: for one of which nothing needs to be said while it cannot."""
    control.setEnabled(usable)
    control.setVisible(usable)
