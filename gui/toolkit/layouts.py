"""Rows and columns of widgets, at the distances of the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QDynamicPropertyChangeEvent, QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.toolkit.focus_marks import PROPERTY, is_marked
from gui.toolkit.theme import STEP, colours

#: A widget or a layout, alone or with what `addWidget` takes after it (its stretch, its alignment); a number is a
#: distance in logical pixels, None is room.
Part = QWidget | QLayout | tuple[Any, ...] | int | None
Box = TypeVar("Box", bound=QBoxLayout)
Margins = tuple[int, int, int, int]


def row(
    *parts: Part, spacing: int = STEP, inside: QWidget | None = None, margins: Margins = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Put `parts` beside each other, as the layout of the widget `inside` where there is one."""
    return _filled(QHBoxLayout(), parts, spacing, inside, margins)


def column(
    *parts: Part, spacing: int = STEP, inside: QWidget | None = None, margins: Margins = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Put `parts` below each other, as the layout of the widget `inside` where there is one."""
    return _filled(QVBoxLayout(), parts, spacing, inside, margins)


def _filled(box: Box, parts: tuple[Part, ...], spacing: int, inside: QWidget | None, margins: Margins) -> Box:
    if inside is not None:
        inside.setLayout(box)
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addSpacing(part)
            continue
        item, *how = part if isinstance(part, tuple) else (part,)
        if item is None:
            box.addStretch(*how)
        elif isinstance(item, QLayout):
            box.addLayout(item, *how)
        else:
            box.addWidget(item, *how)
    return box


def empty(box: QLayout) -> None:
    """End the widgets of a layout. They are hidden at once: they may tell what is not to be told any more."""
    while (item := box.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def replace_inside(area: QScrollArea, inside: QWidget) -> None:
    """Have an area scroll `inside` in the place of what it scrolls now, which ends.

    Qt would end that by itself; PySide would keep what is left of it for as long as the area is there.
    """
    before = area.takeWidget()
    area.setWidget(inside)
    if before is not None:
        before.deleteLater()


class ScrollArea(QScrollArea):
    """Scrolls `inside` up and down, where it has to, without a frame and without a ground of its own."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        bar = self.verticalScrollBar()
        FocusRing(bar, of=self)  # never around a whole page
        bar.rangeChanged.connect(self._scrolls)
        self._scrolls(bar.minimum(), bar.maximum())

    def be_no_stop(self) -> None:
        """Have Tab never lead here: all that is in it can be reached otherwise, and is scrolled to."""
        self.verticalScrollBar().rangeChanged.disconnect(self._scrolls)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _scrolls(self, least: int, greatest: int) -> None:
        """The arrow keys scroll it; where there is nothing to scroll, the cursor has no business here."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if greatest > least else Qt.FocusPolicy.NoFocus)


class FocusRing(QWidget):
    """Drawn over something while the focus is to be seen, where the style sheet can draw nothing: the bar of an area
    that is scrolled with the keys, a list of which no row is chosen, a title.
    """

    def __init__(
        self, around: QWidget, *, of: QWidget | None = None, outset: int = 0, when: Callable[[], bool] | None = None
    ) -> None:
        """`of` is what has the focus, where that is not `around`. `outset` (logical pixels at either side) is for
        texts, which a ring at their edge would cut into. With `when`, it is a short bar at the upper left, as of a
        cursor: for a list, only while that says that there is no row to show the focus on.
        """
        super().__init__(around)
        self._around, self._of, self._outset, self._when = around, of or around, outset, when
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._of.installEventFilter(self)
        if self._of is not around:
            around.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDynamicPropertyChangeEvent):
            if event.propertyName() == PROPERTY:  # PySide has another one, which it sets while a widget ends
                self.look()
        elif event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._place()
        return False

    def look(self) -> None:
        """See anew whether it is wanted."""
        wanted = is_marked(self._of) and (self._when is None or self._when())
        if wanted:
            self._place()
            self.raise_()
        self.setVisible(wanted)

    def _place(self) -> None:
        """Lie around it, in the first of what it is in that has the room."""
        if self._when is not None:
            self.setGeometry(STEP, STEP, STEP // 2, STEP * 4)
            return
        edge, inside = self._outset, self._around
        area = inside.rect().adjusted(-edge, -edge // 2, edge, edge // 2)
        while not inside.rect().contains(area) and not inside.isWindow():
            area.translate(inside.pos())
            inside = inside.parentWidget() or inside
        if inside is not self.parentWidget():
            self.setParent(inside)
            self.show()
        self.setGeometry(area)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colour = QPainter(self), QColor(colours(QApplication.palette()).focus)
        if self._when is not None:
            painter.fillRect(self.rect(), colour)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), STEP, STEP)


class FlowLayout(QLayout):
    """Widgets beside each other, as many as there is room for, and the others on lines below."""

    def __init__(self, inside: QWidget, across: int = STEP * 3) -> None:
        """`across` is the distance between widgets beside each other, in logical pixels."""
        super().__init__(inside)
        self._items: list[QLayoutItem] = []
        self._across = across
        self.setContentsMargins(0, 0, 0, 0)
        policy = inside.sizePolicy()
        policy.setHeightForWidth(True)
        inside.setSizePolicy(policy)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._place(area, move=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() + self._across for size in sizes) - self._across
        return QSize(max(wide, 0), max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(
            max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0)
        )

    def _place(self, area: QRect, *, move: bool) -> int:
        """Put the widgets where they belong, or only tell how tall they are together."""
        x, y, line = area.left(), area.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(area.width(), item.sizeHint().height()))
            if line and x + size.width() > area.right() + 1:
                x, y, line = area.left(), y + line + STEP, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x, line = x + size.width() + self._across, max(line, size.height())
        return y + line - area.top()


def tab_after(before: QWidget, late: QWidget) -> None:
    """Have Tab lead from what is in `before` to what is in `late`, in the order in which that was made; what is made
    late would be the last otherwise, wherever it stands."""
    last = last_stop(before)
    for stop in late.findChildren(QWidget):
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            QWidget.setTabOrder(last, stop)
            last = stop


def last_stop(within: QWidget) -> QWidget:
    """Where Tab stops last in `within`; that itself where it stops nowhere in it."""
    last, stop = within, within.nextInFocusChain()
    while stop is not None and within.isAncestorOf(stop):
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            last = stop
        stop = stop.nextInFocusChain()
    return last
