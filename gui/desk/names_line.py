"""The quiet line below the apps: how far the reading of their names is, with a stop, and why it does not go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.text import N, T, Text
from gui.parts import Line, button
from gui.sayings import Sayings
from gui.theme import STEP, Size, mark

if TYPE_CHECKING:
    from gui.desk.stay import Stay


class NamesLine(QWidget):
    """Hidden where there is nothing to say."""

    stop_wanted = Signal()
    names_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = Sayings(self)
        self.line = Line(Size.SMALL)
        mark(self.line, "muted")
        self.stop, self.again = button("stop", "link"), button("refresh", "link")
        self.say(self.stop.setText, T("Stop"))
        self.say(self.stop.setAccessibleName, T("Stop reading the names"))
        self.say(self.stop.setToolTip, T("The verdict stays as it is (Ctrl+.)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        row.addWidget(self.line, 1)
        row.addWidget(self.stop)
        row.addWidget(self.again)
        self.stop.clicked.connect(self.stop_wanted)
        self.again.clicked.connect(self.names_wanted)
        self.hide()

    def show_stay(self, stay: Stay) -> None:
        """Say how it stands with the names of a phone's apps."""
        naming = stay.naming
        self.setVisible(naming.total > 0 and not stay.gone)
        if self.isHidden():
            return
        had_focus = self.stop.hasFocus() or self.again.hasFocus()
        self.say(self.line.setText, _words(stay))
        self.stop.setVisible(naming.under_way)
        self.again.setVisible(not naming.under_way)
        lost = naming.problem is not None
        self.say(self.again.setText, T("Check again") if lost else T("Read the names"))
        self.say(
            self.again.setToolTip,
            T("Read the phone again (F5)") if lost else T("Read from the apps’ files what they are called"),
        )
        if had_focus:
            (self.stop if naming.under_way else self.again).setFocus()


def _words(stay: Stay) -> Text:
    naming = stay.naming
    if naming.problem is not None:
        return T("The names of the apps could not be read. {why}", why=naming.problem.sentence)
    if naming.under_way and stay.checked is not None and not stay.checked.nameless:
        return T("Looking closer at the apps… {read} of {total}", read=naming.read, total=naming.total)
    if naming.under_way:
        return T("Reading the names of the apps… {read} of {total}", read=naming.read, total=naming.total)
    left = max(naming.total - naming.read, 1)
    return N("The file of {count} app was not read.", "The files of {count} apps were not read.", left)
