"""What is to be done before a phone is handed back, or what is known of it: a row each, with a pill that says how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from core.text import Text
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import StatusIcon, plain_label


@dataclass(frozen=True, slots=True)
class HandBackRow:
    """One thing: its sign, what it is, more about it, and by whom it is done or how it is known."""

    status: Status
    heading: Text
    lines: tuple[Text, ...] = ()
    glyph: str = ""
    known: Text | None = None


class HandBackRows(QWidget):
    """The rows, with a line above each."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "clear")
        self._rows: tuple[HandBackRow, ...] = ()
        #: Of each row: its words with their pill, and all of it with the sign before them.
        self._boxes: list[tuple[QBoxLayout, QBoxLayout, StatusIcon]] = []
        self._compact = False
        self._column = column(spacing=0, inside=self)

    def be_compact(self, compact: bool) -> None:
        """Where there is little room, a pill stands below what it is about."""
        self._compact = compact
        direction = QBoxLayout.Direction.TopToBottom if compact else QBoxLayout.Direction.LeftToRight
        for about, (beside, whole, sign) in zip(self._rows, self._boxes, strict=True):
            beside.setDirection(direction)
            on_line = Qt.AlignmentFlag.AlignTop if compact or about.lines else Qt.AlignmentFlag.AlignVCenter
            whole.setAlignment(sign, on_line)

    def show_rows(self, rows: Sequence[HandBackRow]) -> None:
        """Show these."""
        if tuple(rows) == self._rows:
            return
        self._rows, self._boxes = tuple(rows), []
        empty(self._column)
        for about in rows:
            frame = self._frame(about)
            self._column.addWidget(frame)
            frame.show()  # Qt would do so a moment later
        self.be_compact(self._compact)

    def _frame(self, about: HandBackRow) -> QFrame:
        frame = QFrame()
        mark(frame, "ruled")
        say = Parts(frame)
        lines = [say.label(line, kind="muted", selectable=True) for line in about.lines]
        texts = column(say.label(about.heading, TextSize.STRONG, selectable=True), *lines, spacing=2)
        beside = row((texts, 1), spacing=STEP * 2)
        if about.known is not None:
            pill = QFrame()
            mark(pill, f"pill-{about.status.value}")
            word = plain_label()
            word.setFont(font(TextSize.SMALL_STRONG))
            say(word.setText, about.known)
            row(word, inside=pill, margins=(STEP, 3, STEP, 3))
            beside.addWidget(pill, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        sign = StatusIcon(18, about.status, about.glyph)
        edges = (0, STEP + 2, 0, STEP + 2)
        whole = row(sign, (beside, 1), spacing=STEP + 4, inside=frame, margins=edges)
        self._boxes.append((beside, whole, sign))
        return frame
