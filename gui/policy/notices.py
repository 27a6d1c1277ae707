"""Strips over the rules: what has to be said with the policy, and what was just done to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.text import T
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import Button, StatusIcon, WrappedLabel, button, icon_button


class Warnings(QFrame):
    """What nobody may overlook: a sentence each. Hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        mark(self, Status.AMBER.value)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        self._column.setSpacing(STEP // 2)
        self._rows: list[QWidget] = []
        self.hide()

    def show_warnings(self, warnings: Sequence[Translatable]) -> None:
        """Say these, and no others any more."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [self._row(warning) for warning in warnings]
        for row in self._rows:
            self._column.addWidget(row)
        self.say(self.setAccessibleName, lambda: " ".join(str(warning) for warning in warnings))
        self.setVisible(bool(warnings))

    def _row(self, warning: Translatable) -> QWidget:
        row = QWidget()
        glyph = StatusIcon(18, name="warning")
        glyph.show_status(Status.AMBER, "warning")
        sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.say(sentence.setText, warning)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(STEP)
        line.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(sentence, 1)
        return row


class DoneStrip(QFrame):
    """What was done, and the way back from it."""

    undo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        mark(self, Status.GREEN.value)
        glyph = StatusIcon(18)
        glyph.show_status(Status.GREEN)
        self.sentence = WrappedLabel(TextSize.STRONG)
        self.undo: Button = button("undo", destroys=True)
        self.shut: Button = icon_button("close", "quiet")
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(STEP * 2, STEP // 2, STEP, STEP // 2)
        row.setSpacing(STEP)
        row.addWidget(glyph)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.undo)
        row.addWidget(self.shut)
        self.undo.clicked.connect(self.undo_wanted)
        self.shut.clicked.connect(self.hide)
        self.say(self.undo.setText, T("Take it back"))
        self.say(self.undo.setToolTip, T("Have the rules as they were before (Ctrl+Z)"))
        self.say(self.shut.setAccessibleName, T("Close this notice"))
        self.say(self.shut.setToolTip, T("Close this notice"))
        self.hide()

    def be_small(self, small: bool) -> None:
        """Be no higher than its buttons."""
        edge = 1 if small else STEP // 2
        self._row.setContentsMargins(STEP * 2, edge, STEP, edge)

    def show_done(self, sentence: Translatable, *, can_undo: bool) -> None:
        """Say what was done."""
        self.say(self.sentence.setText, sentence)
        self.say(self.setAccessibleName, sentence)
        self.undo.setVisible(can_undo)
        self.show()
