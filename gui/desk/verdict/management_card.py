"""What is said below a verdict where a phone's management is the better tool, with the way to give it the policy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from core.phones.driver import Management
from core.text import T
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon


class ManagementCard(QFrame):
    """A heading, a sentence, and the button that saves the policy for the phone's management."""

    #: The policy is to be saved in the form of this name.
    export_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self._form = ""
        self.sentence = self.say.label("", kind="muted")
        tip = T("Save the list of banned apps in the format that this phone’s device management reads")
        self.export = self.say.button(T("Save the list for it…"), self._export, icon="export", tip=tip)
        heading = self.say.label(T("This phone is managed."), TextSize.STRONG)
        texts = column(heading, self.sentence, spacing=2)
        edges = (STEP * 3, STEP + 4, STEP * 3, STEP + 4)
        row(StatusIcon(16, Status.INFO, "info"), (texts, 1), self.export, spacing=STEP * 2, inside=self, margins=edges)

    def show_management(self, management: Management | None) -> None:
        """Say what this management is for; hidden where there is none."""
        self.setVisible(management is not None)
        if management is not None:
            self._form = management.export
            self.say(self.sentence.setText, management.says)

    def _export(self) -> None:
        self.export_wanted.emit(self._form)
