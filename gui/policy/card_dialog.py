"""The dialogs that show what a policy has in cards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QWidget

from core.text import T, Text
from gui.toolkit.layouts import Part, column
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark

_EDGES = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)


class CardDialog(QDialog):
    """An introduction, cards, and the button that closes the dialog."""

    def __init__(self, title: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self.say(self.setWindowTitle, title)

    def lay_out(self, introduction: Text, *middle: Part) -> None:
        """Put all into the dialog, the cards, or what they are in, as its `middle`."""
        shut = self.say.button(T("Close"), self.accept)
        shut.setDefault(True)
        last = (shut, 0, Qt.AlignmentFlag.AlignRight)
        column(self.say.label(introduction), *middle, last, spacing=STEP * 3 // 2, inside=self, margins=_EDGES)

    def card(self, title: Text, *parts: Part) -> QFrame:
        """A card with these parts below its title."""
        card = QFrame()
        mark(card, "card")
        edges = (STEP * 2, STEP, STEP * 2, STEP)
        column(self.say.label(title, TextSize.STRONG), *parts, spacing=STEP // 2, inside=card, margins=edges)
        return card
