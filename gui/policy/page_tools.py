"""The row of buttons over the rules: what can be done with the policy as a whole."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from core.text import T, Text
from gui.toolkit.theme import STEP
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import button


class Tools(QWidget):
    """Says what is wanted; the page knows who does it."""

    add_wanted = Signal()
    exceptions_wanted = Signal()
    bring_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self._small = False
        self.add, self.exceptions = button("plus"), button("except")
        self.bring, self.export = button("bring"), button("export")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(STEP)
        for one, wanted, word, told in (
            (self.add, self.add_wanted, T("Add a rule…"), T("A rule of this desk’s own (Ctrl+N)")),
            (
                self.exceptions,
                self.exceptions_wanted,
                T("Exceptions…"),
                T("Phones that may carry a banned app for a time (Ctrl+E)"),
            ),
            (
                self.bring,
                self.bring_wanted,
                T("Bring a signed policy…"),
                T("From the policy team’s USB stick (Ctrl+O)"),
            ),
            (
                self.export,
                self.export_wanted,
                T("Save for device management…"),
                T("In a format that Intune, Apple, Android Management and others read (Ctrl+S)"),
            ),
        ):
            one.clicked.connect(wanted)
            self.say(one.setText, partial(self._word, word))
            self.say(one.setAccessibleName, word)
            self.say(one.setToolTip, told)
            row.addWidget(one)
            if one is self.exceptions:
                row.addStretch(1)

    def be_small(self, small: bool) -> None:
        """Leave the words out: they are in the tooltips, and said by a screen reader."""
        self._small = small
        self.say.again()

    def _word(self, word: Text) -> Text | str:
        return "" if self._small else word

    def pop_up(self, menu: QMenu) -> None:
        """Show a menu at the button for it, within the window."""
        corner = self.export.mapToGlobal(self.export.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))
