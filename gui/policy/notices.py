"""Strips over the rules: what has to be said with the policy, and what was just done to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.text import T
from gui.toolkit.layouts import column, row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import Button, StatusIcon, WrappedLabel, button, icon_button


class PolicyWarnings(QFrame):
    """Warnings that must be seen: a sentence each. Hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        mark(self, Status.AMBER.value)
        self._column = column(spacing=STEP // 2, inside=self, margins=(STEP * 2, STEP, STEP * 2, STEP))
        self._rows: list[QWidget] = []
        self.hide()

    def show_warnings(self, warnings: Sequence[Translatable]) -> None:
        """Say these, and no others any more."""
        for old in self._rows:
            old.hide()
            old.deleteLater()
        self._rows = [self._row(warning) for warning in warnings]
        for new in self._rows:
            self._column.addWidget(new)
        self.say(self.setAccessibleName, lambda: " ".join(str(warning) for warning in warnings))
        self.setVisible(bool(warnings))

    def _row(self, warning: Translatable) -> QWidget:
        strip = QWidget()
        glyph = StatusIcon(18, name="warning")
        glyph.show_status(Status.AMBER, "warning")
        sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.say(sentence.setText, warning)
        row((glyph, 0, Qt.AlignmentFlag.AlignTop), (sentence, 1), inside=strip)
        return strip


class DoneNotice(QFrame):
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
        edges = (STEP * 2, STEP // 2, STEP, STEP // 2)
        self._row = row(glyph, (self.sentence, 1), self.undo, self.shut, inside=self, margins=edges)
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
