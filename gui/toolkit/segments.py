"""Choices of which one is pressed in, joined into one control."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.toolkit.buttons import Button
from gui.toolkit.layouts import row
from gui.toolkit.theme import mark

#: The property by which the style sheet rounds only the outer corners.
_PROPERTY = "joined"


class Segments(QWidget):
    """Two choices or more, side by side. Which one is pressed in is their group's."""

    def __init__(self, *choices: Button) -> None:
        super().__init__()
        mark(self, "clear")
        for choice in choices:
            choice.setProperty(_PROPERTY, "middle")
        choices[0].setProperty(_PROPERTY, "first")
        choices[-1].setProperty(_PROPERTY, "last")
        row(*choices, spacing=0, inside=self)
