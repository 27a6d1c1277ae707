"""Where the row of actions of the verdict block stands: at its end, or below what scrolls where that is too tall."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QBoxLayout, QScrollArea, QWidget

from gui.desk.verdict.verdict_block import VerdictBlock


class ActionsPlace:
    """Keeps what can be pressed in sight."""

    def __init__(self, block: VerdictBlock, area: QScrollArea, below: QBoxLayout, page: QWidget, rest: QWidget) -> None:
        """`area` scrolls `block` on `page`, whose layout is `below`. The focus rests on `rest` where it has to."""
        self._block, self._area, self._below, self._page, self._rest = block, area, below, page, rest

    def settle(self, *, low: bool) -> None:
        """Put the row where it belongs now. On a page that is `low` it always stands below what scrolls."""
        actions, block = self._block.action_row, self._block
        width = self._area.width() - self._area.verticalScrollBar().sizeHint().width()
        below = low or self._above(width) + block.needed(width) > self._page.height()
        if below == (actions.parentWidget() is self._page):
            return
        focus = QApplication.focusWidget()
        had_focus, shown = focus is not None and actions.isAncestorOf(focus), not actions.isHidden()
        if below:
            self._below.addWidget(actions)
        else:
            block.end_with_actions()
        actions.setVisible(shown)  # Qt would do so a moment later
        if had_focus and focus is not None:  # it was lost on the way
            (focus if focus.isVisible() and focus.isEnabled() else self._rest).setFocus()

    def _above(self, width: int) -> int:
        """How much of the page stands above the block, where it is so wide (both in logical pixels)."""
        around = self._block.parentWidget()
        layout = around.layout() if around is not None else None
        if around is None or layout is None:
            return 0
        parts = around.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        # Not by `itemAt`: the item ends with its widget, and PySide would take what is next at its address for it.
        above = [part for part in parts if 0 <= layout.indexOf(part) < layout.indexOf(self._block)]
        return sum(part.heightForWidth(width) + layout.spacing() for part in above if not part.isHidden())
