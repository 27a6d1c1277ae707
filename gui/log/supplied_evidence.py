"""What is brought from outside to be compared with a log: files, pasted texts, keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from core.text import T, plain
from gui.toolkit.icons import icon
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import as_tip

_PATH_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_TEXT_ROLE: Final = _PATH_ROLE + 1


@dataclass(frozen=True, slots=True)
class Brought:
    """What came from outside, to compare with."""

    files: list[Path]
    texts: list[str]
    keys: Path | None


class Files(QListWidget):
    """Files by their names. Delete takes those that are chosen off the list."""

    gone = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setFixedHeight(STEP * 10)
        self.setAcceptDrops(False)  # what is dropped here is for the sheet
        self.viewport().setAcceptDrops(False)

    def add(self, file: Path) -> None:
        item = QListWidgetItem(icon("receipt"), plain(file.name, 200))
        item.setToolTip(as_tip(str(file)))
        item.setData(_PATH_ROLE, str(file))
        self.addItem(item)

    def add_text(self, text: str) -> None:
        lines = text.splitlines()
        told = T("Pasted: {origin}, {size}", origin=plain(lines[0], 80), size=plain(lines[1] if lines[1:] else "?", 20))
        item = QListWidgetItem(icon("copy"), str(told))
        item.setData(_TEXT_ROLE, text)
        self.addItem(item)

    def paths(self) -> list[Path]:
        found = (self.item(row).data(_PATH_ROLE) for row in range(self.count()))
        return [Path(path) for path in found if path]

    def texts(self) -> list[str]:
        found = (self.item(row).data(_TEXT_ROLE) for row in range(self.count()))
        return [text for text in found if text]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.gone.emit()
        else:
            super().keyPressEvent(event)
