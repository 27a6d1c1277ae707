"""A list of short points, each with its sign, a heading and sentences below: gaps, plans, steps, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.parts import Glyph, Prose
from gui.sayings import Saying, Sayings
from gui.theme import STEP, Size, Status, mark

#: More points than an officer would ever read; a hostile phone may give thousands.
LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One point. With `tick`, it has a box that can be ticked, and no sign."""

    status: Status
    heading: Saying
    lines: tuple[Saying, ...] = ()
    glyph: str = ""
    tick: bool = False


class Points(QScrollArea):
    """The points, as tall as they are up to a limit, then scrolled."""

    def __init__(self, parent: QWidget | None = None, *, tallest: int = 0) -> None:
        """`tallest` is in logical pixels; 0 takes all the room there is."""
        super().__init__(parent)
        self._tallest = tallest
        self._points: tuple[Point, ...] = ()
        self._say: Sayings | None = None
        self.boxes: list[QCheckBox] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        vertical = QSizePolicy.Policy.Preferred if tallest else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_points(self, points: Sequence[Point], *, follow: bool = False) -> None:
        """Show these; unchanged if they are shown already, so that ticks and the scrolled place stay.

        With `follow`, the newest stays in sight, unless somebody scrolled away from it.
        """
        points = tuple(points[:LIMIT])
        if points == self._points:
            return
        at_end = self.verticalScrollBar().value() == self.verticalScrollBar().maximum()
        self._points = points
        inside = QWidget()
        self._say = Sayings(inside)
        self.boxes = []
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, STEP, 0)
        column.setSpacing(STEP + 4)
        for point in points:
            column.addLayout(self._row(point, self._say))
        column.addStretch()
        self.setWidget(inside)
        mark(inside, "clear")
        self.updateGeometry()
        if follow and at_end:
            inside.adjustSize()
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def texts(self) -> list[str]:
        """Everything that is said, for tests and for copying."""
        return [str(s) for p in self._points for s in (p.heading, *p.lines)]

    def sizeHint(self) -> QSize:
        inside = self.widget()
        layout = inside.layout() if inside is not None else None
        if layout is None or not self._tallest:
            return super().sizeHint()
        height = layout.heightForWidth(max(self.width() - STEP, 200))
        return QSize(super().sizeHint().width(), min(max(height, 0) + 2, self._tallest))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, min(self.sizeHint().height(), 64)) if self._tallest else super().minimumSizeHint()

    def _row(self, point: Point, say: Sayings) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(STEP + 4)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        if point.tick:
            box = QCheckBox()
            say(box.setText, point.heading)
            texts.addWidget(box)
            self.boxes.append(box)
        else:
            glyph = Glyph(18)
            glyph.show_status(point.status, point.glyph)
            row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
            heading = Prose(Size.STRONG, selectable=True)
            say(heading.setText, point.heading)
            texts.addWidget(heading)
        for line in point.lines:
            prose = Prose(selectable=True)
            say(prose.setText, line)
            if point.tick:
                prose.setIndent(STEP * 3)
            texts.addWidget(prose)
        row.addLayout(texts, 1)
        return row
