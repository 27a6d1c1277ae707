"""What a screen reader says at once, whatever has the focus: news that an eye sees without looking for it.

Qt hands it on to the system: as a notification of UI Automation on Windows, as an announcement on macOS and over
AT-SPI (ATK 2.50 and later). Where no screen reader runs, nothing happens.
"""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say `words`, which `widget` shows now. It waits for what is being said."""
    if words.strip():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def with_full_stop(words: str) -> str:
    """`words` with a full stop, unless they end like a sentence: a voice takes no breath otherwise."""
    return words if not words or words[-1] in ".…!?:" else f"{words}."
