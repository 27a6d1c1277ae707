"""What is done on the phone itself, step by step: what is done already, what is done now, and what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.text import Text
from gui.desk.ready.ready_parts import Disc
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import StatusIcon, WrappedLabel

#: The most lines that there are: what is done, three steps, and what Fanion sees.
_LINES: Final = 5


class _StepLine(QWidget):
    """One line: its number in a disc, or a sign, and its words."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "clear")
        self.say = Parts(self)
        self.disc = Disc("")
        self.sign = StatusIcon(24)
        self.words = WrappedLabel()
        top = Qt.AlignmentFlag.AlignTop
        row((self.disc, 0, top), (self.sign, 0, top), (self.words, 1), spacing=STEP + 4, inside=self)

    def show_line(self, words: Text, *, number: int = 0, now: bool = False, sign: str = "") -> None:
        """Show a step with its number, the one to be done `now` in bold; or another line, with a sign."""
        self.disc.setVisible(bool(number))
        self.sign.setVisible(bool(sign))
        self.disc.setText(str(number or ""))
        self.disc.light(now)
        self.sign.show_status(Status.GREEN if sign == "check" else Status.NEUTRAL, sign)
        self.words.setFont(font(TextSize.STRONG if now else TextSize.BODY))
        mark(self.words, "" if now else "muted")
        self.say(self.words.setText, words)
        self.show()


class HandSteps(QWidget):
    """The lines. The first step is the one to be done now."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "clear")
        self._lines = [_StepLine() for _ in range(_LINES)]
        column(*self._lines, spacing=STEP, inside=self)

    def show_steps(self, done: Text | None, steps: Sequence[Text], after: Text | None) -> None:
        """Show what is `done`, the steps, and what comes `after` them."""
        lines = iter(self._lines)
        if done is not None:
            next(lines).show_line(done, sign="check")
        for number, step in enumerate(steps, 1):
            next(lines).show_line(step, number=number, now=number == 1)
        if after is not None:
            next(lines).show_line(after, sign="more")
        for line in lines:
            line.hide()

    def show_way(self, way: Text, why: Text) -> None:
        """Show what can be done instead, and why nothing can be done on the phone."""
        first, second, *others = self._lines
        first.show_line(way, now=True)
        second.show_line(why)
        for line in others:
            line.hide()
