"""A field for the words of a search over a list: the keys that lead to another row choose it in the list below."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget

from core.text import T, Text
from gui.toolkit.parts import Parts

#: The keys that choose a row while the words are typed.
_ROW_KEYS: Final = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown))
#: Characters of a search.
_LONGEST: Final = 100


class SearchField(QLineEdit):
    """Above a list, in a dialog of its own; Ctrl+F leads to it."""

    def __init__(self, rows: QListWidget, name: Text, dialog: QWidget) -> None:
        super().__init__()
        self._list = rows
        say = Parts(self)
        self.setClearButtonEnabled(True)
        self.setMaxLength(_LONGEST)
        say.name(self, name)
        say(self.setPlaceholderText, T("Search (Ctrl+F)"))
        QShortcut(QKeySequence("Ctrl+F"), dialog).activated.connect(self.go_to)

    def go_to(self) -> None:
        """Have the cursor here, and what is typed replace the words."""
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ROW_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._list.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
