"""A page with a list, and beside it what is chosen there, in full. On a small screen it shows one of them at a time.

A layout that is given less room than it needs draws its parts over each other. Nothing here is ever given less: what
does not fit is scrolled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from core.text import T
from gui.toolkit.layouts import ScrollArea, column
from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.page import Page
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP
from gui.toolkit.widgets import EmptyState

#: Logical pixels, below which a page is small: there is no room for two things beside or below each other.
_NARROW: Final = 840
_LOW: Final = 340
#: Logical pixels, below which distances and pictures make room for the rest.
_TIGHT: Final = 480


class Fitting(QWidget):
    """Says how little height its layout can do with at the width that it has. Qt's widgets say that of no width."""

    def minimumSizeHint(self) -> QSize:
        inside = self.layout()
        wide = inside.totalMinimumSize().width() if inside is not None else 0
        return QSize(wide, _least_height(self, self.width()))

    def heightForWidth(self, width: int) -> int:
        return _least_height(self, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class Stack(QStackedWidget):
    """One of several widgets: as low as that one can be, where Qt's is as low as the highest of all."""

    def __init__(self, *pages: QWidget) -> None:
        super().__init__()
        for page in pages:
            self.addWidget(page)
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        widget = self.currentWidget()
        if widget is None:
            return QSize(0, 0)
        return QSize(max(widget.minimumSizeHint().width(), widget.minimumWidth()), _least_height(widget, self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class ListPage(Page):
    """The page. What is made of it fills `column`, in it `above` and `panes`, and says in :meth:`read_on` where the
    cursor goes in what is chosen, and in :meth:`be_small` what gives way on a small screen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        #: Whether the list and what is chosen are shown one at a time.
        self.small = False
        #: Whether distances are short: there is little height, or the page is small.
        self.tight = False
        #: What is chosen is shown, where only one of them can be.
        self._reading = False
        #: What stands over the list, and makes room for what is chosen.
        self.above = QWidget()
        self.panes = Splitter(Qt.Orientation.Horizontal, T("Width of the list"))
        self.panes.setHandleWidth(STEP * 2)
        self.open = self.say.button("", self.go_into, icon="chevron-right", kind="link")
        tip = T("Back to the list (Esc)")
        self.back = self.say.button(T("Back to the list"), self.leave, icon="chevron-left", kind="link", tip=tip)
        self._list, self._detail = Fitting(), Fitting()
        self._rows: QWidget = self._list
        self.list_column, self._detail_column = column(inside=self._list), column(inside=self._detail)
        #: How the panes shared their room when they last stood beside each other.
        self._shared = QByteArray()
        self._inside = Fitting()
        self.column = column(inside=self._inside)
        self._area = ScrollArea(self._inside)
        self.say.name(self._area, T("Content of this page"))
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.be_no_stop()
        column(self._area, inside=self)
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._focus_moved)

    def put_panes(self, rows: QWidget, detail: QWidget, shares: tuple[int, int], sizes: tuple[int, int]) -> None:
        """Have the list, which fills `list_column`, beside `detail`: how they share what more room there is, and how
        wide they are at first. `rows` has the cursor where one comes back to the list.
        """
        self._rows = rows
        self._detail_column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        self._detail_column.addWidget(detail, 1)
        self.panes.addWidget(self._list)
        self.panes.addWidget(self._detail)
        for number, share in enumerate(shares):
            self.panes.setStretchFactor(number, share)
        self.panes.setSizes(sizes)
        self.open.hide()
        self.back.hide()

    def read_on(self) -> None:
        """Put the cursor into what is chosen."""
        raise NotImplementedError

    def be_small(self, small: bool) -> None:
        """Take less room, or have it again."""
        edge, top = (STEP, STEP // 2) if small else (STEP * 2, STEP * 2)
        self.column.setContentsMargins(edge, top, edge, top)
        for empty_state in self.findChildren(EmptyState):
            empty_state.be_small(self.tight)

    def go_into(self) -> None:
        """Show what is chosen, and put the cursor into it."""
        self._reading = True
        self._show_sides()
        self.read_on()

    def leave(self) -> bool:
        """Show the list again. Returns False where it was in sight."""
        if not (self.small and self._reading):
            return False
        self._reading = False
        self._show_sides()
        self._rows.setFocus()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.leave():
            super().keyPressEvent(event)

    def _show_sides(self) -> None:
        alone = self.small and self._reading
        self.above.setVisible(not alone)
        self._list.setVisible(not alone)
        self._detail.setVisible(alone or not self.small)
        self.open.setVisible(self.small)
        self.back.setVisible(self.small)
        self._area.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        small = self.width() < _NARROW or self.height() < _LOW
        tight = small or self.height() < _TIGHT
        if (small, tight) == (self.small, self.tight):
            return
        self.tight = tight
        if small == self.small:
            self.be_small(small)
            return
        if small:
            self._shared = self.panes.saveState()
        self.small, self._reading = small, False
        self._show_sides()
        self.be_small(small)
        if not small:
            self.panes.restoreState(self._shared)

    def shared(self) -> QByteArray:
        """How the panes share their room, to be remembered."""
        return self._shared if self.small else self.panes.saveState()

    def share(self, state: object) -> None:
        """Have the panes share their room as remembered. Not what is no such state: it was written by hand."""
        if not isinstance(state, QByteArray):
            return
        if self.small:
            self._shared = state
        else:
            self.panes.restoreState(state)

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._inside.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, STEP)


def shortcut(keys: QKeySequence, act: Callable[[], object], of: QWidget, where: Qt.ShortcutContext) -> None:
    """Have `keys` do `act` while the cursor is where `where` says of the widget `of`."""
    new_shortcut = QShortcut(keys, of)
    # Not an argument of the constructor: given together with a callable, PySide leaves it out without a word.
    new_shortcut.setContext(where)
    new_shortcut.activated.connect(act)


def _least_height(of: QWidget, width: int) -> int:
    inside = of.layout()
    if inside is not None and of.hasHeightForWidth():
        return inside.totalMinimumHeightForWidth(width)
    if inside is not None and isinstance(of, Fitting):  # which asks here itself
        return inside.totalMinimumSize().height()
    return of.minimumSizeHint().height()
