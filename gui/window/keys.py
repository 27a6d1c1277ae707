"""Keys of the whole window, and those that are told beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from core.text import T, Text
from gui.toolkit.lists import column_heads
from gui.toolkit.page import Keys

#: Keys that Qt, the buttons and the panes see to.
QTS_KEYS: Final = [
    (T("Press the chosen button"), "Space, Enter"),
    (T("Press the chosen button where it removes or deletes something"), "Space"),
    (T("Next, previous"), "Tab, Shift+Tab"),
    (T("Move the edge between two panes, once Tab has reached it"), "Left, Right, Up, Down"),
]


def make_keys(window: QWidget, keys: Iterable[tuple[str, Text, Callable[[], object]]]) -> Keys:
    """Have keys act everywhere in the window: for each, what it does, and that itself. Returns what each does."""
    keys_shown = []
    for sequence, does, act in keys:
        QShortcut(QKeySequence(sequence), window).activated.connect(act)
        keys_shown.append((does, QKeySequence(sequence)))
    return keys_shown


def of_qt() -> Keys:
    """What the keys do that Qt, the buttons, the panes and the tables see to."""
    return [(does, QKeySequence(sequence)) for does, sequence in (*QTS_KEYS, *column_heads.KEYS)]
