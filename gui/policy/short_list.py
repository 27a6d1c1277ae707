"""A short list of lines in a dialog of the policy page."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from core.text import N
from gui.toolkit.images.icons import icon
from gui.toolkit.theme import STEP


class ShortList(QListWidget):
    """A list of lines that may wrap, as tall as its first lines need."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_lines(self, lines: Iterable[tuple[str, str]], hidden: int, visible: int) -> None:
        """Show lines, each the name of an icon (or none) and a text, and that there are `hidden`; `visible` without
        scrolling.

        Hidden where there is none.
        """
        self.clear()
        for name, line in lines:
            self.addItem(QListWidgetItem(icon(name), line) if name else QListWidgetItem(line))
        if hidden > 0:
            self.addItem(str(N("and {count} more.", "and {count} more.", hidden)))
        self.setVisible(self.count() > 0)
        rows = sum(max(self.sizeHintForRow(n), 24) for n in range(min(self.count(), visible)))
        self.setFixedHeight(rows + STEP)
