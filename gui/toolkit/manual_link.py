"""How any widget asks for a chapter of the manual without knowing the window that shows it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

_TYPE: Final = QEvent.Type(QEvent.registerEventType())


class ManualWanted(QEvent):
    """A chapter of the manual is to be opened: `anchor` is its name (:mod:`core.manual`)."""

    def __init__(self, anchor: str) -> None:
        super().__init__(_TYPE)
        self.anchor = anchor


def ask_for_chapter(widget: QWidget, anchor: str) -> None:
    """Ask what is around `widget`, up to the main window, to open the manual: the first that accepts does."""
    event = ManualWanted(anchor)
    receiver: QWidget | None = widget
    event.ignore()
    while receiver is not None and not event.isAccepted():
        QCoreApplication.sendEvent(receiver, event)
        receiver = receiver.parentWidget()
