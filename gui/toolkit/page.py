"""What the window asks of each of its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from core.text import Text

#: What some keys do.
Keys = Sequence[tuple[Text, QKeySequence]]
#: Keys of a page, the act that they call, and what that does; no act where a part of the page hears the keys itself.
PageKey = tuple[QKeySequence, Callable[[], object] | None, Text]


class Page(QWidget):
    """A page of the window. What a page does not say otherwise is this: it has no keys, remembers nothing, and shows
    nothing that is on record.
    """

    @property
    def chapter(self) -> str:
        """The anchor of the chapter of the manual about what is shown; empty where it is the one about the page."""
        return ""

    def keys(self) -> Sequence[PageKey]:
        """What can be done with keys wherever the cursor is on this page, which makes the shortcuts for it."""
        return ()

    def shortcuts(self) -> Keys:
        """What can be done with keys here, as the list of keys tells it."""
        return [(does, keys) for keys, _, does in self.keys()]

    def restore(self, settings: QSettings) -> None:
        """Look again as the page did when it was last saved."""

    def save(self, settings: QSettings) -> None:
        """Remember how the page looks."""

    def something_recorded(self, practice: bool) -> None:
        """There may be new records in the log; whether in the practice log."""
