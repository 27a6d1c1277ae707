"""What the holder of a practice phone would do now, as buttons in a row: an officer plays the holder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from core.text import T, Text
from gui.toolkit.buttons import Button
from gui.toolkit.layouts import FlowLayout, row, tab_after
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, mark

#: One thing that the holder can do: its words, and what comes of it.
HolderAct = tuple[Text, Callable[[], object]]
#: Logical pixels that the words take at least; where there are fewer, the buttons stand below them.
_WORDS: Final = 280


class HolderRow(QFrame):
    """Stands on each page of a practice phone that waits for its holder; hidden for a real phone."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "info")
        self.say = Parts(self)
        self.words = self.say.label(T("Practice: play the holder of the phone."))
        #: What can be pressed now, in order.
        self.buttons: list[Button] = []
        self._names: tuple[Text, ...] = ()
        self._acts: list[Callable[[], object]] = []
        self._box = QWidget()
        mark(self._box, "clear")
        self._flow = FlowLayout(self._box, STEP)
        self._line = row((self.words, 1), self._box, inside=self, margins=(STEP * 2, STEP, STEP, STEP))
        self.hide()

    def offer(self, acts: Sequence[HolderAct], instead: Text | None = None) -> None:
        """Offer these acts; where there are none, say `instead` why the holder can do nothing. Neither hides the row.

        Buttons that stay the same keep the focus.
        """
        names = tuple(name for name, _ in acts)
        self._acts = [act for _, act in acts]
        if names != self._names:
            self._names = names
            self._make(names)
        self.say(self.words.setText, instead or T("Practice: play the holder of the phone."))
        self._box.setVisible(bool(names))
        self.setVisible(bool(names) or instead is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self._box.sizeHint().width() + _WORDS <= event.size().width()
        self._line.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def _make(self, names: tuple[Text, ...]) -> None:
        had_focus = any(button.hasFocus() for button in self.buttons)
        for old in self.buttons:
            old.hide()
            self._flow.removeWidget(old)
            old.deleteLater()
        self.buttons = [self.say.button(name, self._pressing(number)) for number, name in enumerate(names)]
        for button in self.buttons:
            self._flow.addWidget(button)
        tab_after(self.words, self._box)  # where they stand, not where the youngest would be
        if had_focus and self.buttons:
            self.buttons[0].setFocus()

    def _pressing(self, number: int) -> Callable[[], object]:
        return lambda: self._acts[number]()
