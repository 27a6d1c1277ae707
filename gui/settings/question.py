"""A question over the window, which waits for no answer; nothing is done unless it is the one that does it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.text import T, Text


def ask(
    parent: QWidget,
    title: Text,
    sentence: Text,
    explanation: Text | str,
    yes: Text,
    act: Callable[[], object],
) -> QMessageBox:
    """Ask, and `act` if the answer is `yes`; Enter and Esc cancel."""
    box = QMessageBox(QMessageBox.Icon.Question, str(title), str(sentence), parent=parent.window())
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(str(explanation))
    does = box.addButton(str(yes), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(str(T("Cancel")), QMessageBox.ButtonRole.RejectRole))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    does.clicked.connect(act)
    box.open()
    return box
