"""The bar over every page that tells that the log itself is amiss, until it is not any more."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.describe.verification import fault_about
from core.desk.log_evidence import Standing
from core.problem import Problem
from core.text import T
from gui.toolkit.layouts import column, row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import StatusIcon, WrappedLabel, button


class AlarmBar(QFrame):
    """Red, with one button. Hidden while nothing is amiss."""

    verify_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        mark(self, Status.RED.value)
        glyph = StatusIcon(20)
        glyph.show_status(Status.RED, "warning")
        self.sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.next_step = WrappedLabel(selectable=True)
        self.verify, self.again = button("seal"), button("refresh")
        self.say(self.verify.setText, T("Verify the log…"))
        self.say(self.again.setText, T("Try again"))
        self.verify.clicked.connect(self.verify_wanted)
        self.again.clicked.connect(self.again_wanted)
        texts = column(self.sentence, self.next_step, spacing=STEP // 4)
        parts = ((glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), self.verify, self.again)
        row(*parts, spacing=STEP * 2, inside=self, margins=(STEP * 2, STEP, STEP * 2, STEP))
        self.hide()

    def show_standing(self, standing: Standing | Problem | None) -> None:
        """Show what is amiss, if anything is."""
        broken = isinstance(standing, Problem)
        if isinstance(standing, Problem):
            self.say(self.sentence.setText, standing.sentence)
            self.say(self.next_step.setText, standing.next_step)
        breaks = () if standing is None or isinstance(standing, Problem) else standing.breaks
        if breaks:
            self.say(self.sentence.setText, T("The log does not match its seals."))
            what = T("{about}: {what}", about=fault_about(breaks[0]), what=breaks[0].what)
            told = T("{what} Change nothing, and see what is wrong.", what=what)
            self.say(self.next_step.setText, told)
        self.verify.setVisible(not broken)
        self.again.setVisible(broken)
        self.say(self.setAccessibleName, lambda: f"{self.sentence.text()} {self.next_step.text()}")
        self.setVisible(broken or bool(breaks))
