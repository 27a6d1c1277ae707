"""Panes beside or above each other, with what moves the edge between them: the mouse, keys, or one press in a menu."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QSplitterHandle, QWidget

from core.text import T, Text
from gui.toolkit.announcement import announce
from gui.toolkit.focus_marks import is_marked
from gui.toolkit.layouts import last_stop
from gui.toolkit.roles import SpokenRole, speak_as
from gui.toolkit.theme import STEP, colours
from gui.toolkit.translated_text import TranslatedText

#: Logical pixels that an arrow key moves an edge; with Ctrl or Shift, and by one press in the menu.
_STEP: Final = STEP * 2
_LEAP: Final = STEP * 8
#: Logical pixels of the bar that shows the focus.
_BAR: Final = 4
#: Farther than any screen: Qt stops at the end.
_END: Final = 1 << 20


class Splitter(QSplitter):
    """Panes that share their room; none is ever pushed together. Tab comes to each edge between its two panes.

    `name` is what a screen reader says of an edge, such as "Width of the list of phones".
    """

    def __init__(self, orientation: Qt.Orientation, name: Text) -> None:
        super().__init__(orientation)
        self._name = name
        self._say = TranslatedText(self)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        handle = Edge(self.orientation(), self)
        self._say(handle.setAccessibleName, self._name)
        return handle

    def edges(self) -> list[Edge]:
        """The edges between the panes, from the first."""
        return [cast(Edge, self.handle(number)) for number in range(1, self.count())]

    def move_edge(self, edge: Edge, by: int) -> None:
        """Make the pane before an edge larger by so many logical pixels, as far as both panes allow."""
        number = self.indexOf(edge)
        place = sum(self.sizes()[:number]) + self.handleWidth() * (number - 1)
        self.moveSplitter(max(place + by, 0), number)

    def lead_through(self) -> None:
        """Have Tab come to each edge after the pane before it, and to the pane after it then."""
        for number, edge in enumerate(self.edges()):
            before = self.widget(number)
            if before is not None:
                QWidget.setTabOrder(last_stop(before), edge)
        self._stop_at_edges()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lead_through()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stop_at_edges()

    def event(self, event: QEvent) -> bool:
        was_handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a pane may be smaller or larger than before
            self._stop_at_edges()
        return was_handled

    def _stop_at_edges(self) -> None:
        """Have Tab stop only at the edges that can be moved."""
        for edge in self.edges():
            edge.setFocusPolicy(Qt.FocusPolicy.TabFocus if self.moves(edge) else Qt.FocusPolicy.NoFocus)

    def moves(self, edge: Edge) -> bool:
        """Whether both panes allow an edge to be anywhere else."""
        number = self.indexOf(edge)
        return self.closestLegalPosition(0, number) < self.closestLegalPosition(_END, number)


class Edge(QSplitterHandle):
    """What is between two panes: it is dragged, or moved with the arrow keys, Home and End; its menu moves it too."""

    def __init__(self, orientation: Qt.Orientation, parent: Splitter) -> None:
        super().__init__(orientation, parent)
        self.panes = parent
        speak_as(self, SpokenRole.EDGE)
        across = orientation is Qt.Orientation.Horizontal
        self._back, self._forward = (Qt.Key.Key_Left, Qt.Key.Key_Right) if across else (Qt.Key.Key_Up, Qt.Key.Key_Down)

    def move_by(self, pixels: int) -> None:
        """Make the pane before it larger by so many logical pixels, and have a screen reader say what share it has."""
        self.panes.move_edge(self, pixels)
        before = self.panes.sizes()[: self.panes.indexOf(self)]
        share = round(100 * sum(before) / max(sum(self.panes.sizes()), 1))
        announce(self, str(T("{share} %", share=share)))

    def menu(self) -> QMenu:
        """Make the menu that moves the edge in one press."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        across = self.orientation() is Qt.Orientation.Horizontal
        grow = T("More room on the left") if across else T("More room above")
        shrink = T("More room on the right") if across else T("More room below")
        menu.addAction(str(grow), lambda: self.move_by(_LEAP))
        menu.addAction(str(shrink), lambda: self.move_by(-_LEAP))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.panes.moves(self):
            self.menu().popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        step = _LEAP if event.modifiers() & far else _STEP
        by = {self._back: -step, self._forward: step, Qt.Key.Key_Home: -_END, Qt.Key.Key_End: _END}
        if event.key() in by:
            self.move_by(by[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_whole()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_whole()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole()

    def _show_whole(self) -> None:
        """Qt hides all but one pixel of a line that is wider where the mouse takes it: with the focus, all is seen."""
        if self.hasFocus():
            self.clearMask()
        elif self.panes.handleWidth() <= 1:
            self.setMask(self.contentsRect())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not is_marked(self):
            return
        bar = QRectF(self.rect())
        if self.orientation() is Qt.Orientation.Horizontal:
            spare = max(bar.width() - _BAR, 0) / 2
            bar.adjust(spare, 0, -spare, 0)
        else:
            spare = max(bar.height() - _BAR, 0) / 2
            bar.adjust(0, spare, 0, -spare)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours(QApplication.palette()).focus))
        painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
