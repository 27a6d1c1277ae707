"""A list of short points, each with its sign, a heading and sentences below: gaps, plans, steps, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from core.text import N
from gui.toolkit.buttons import TickBox
from gui.toolkit.layouts import column, replace_inside, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import StatusIcon, literal

#: More points than an officer would ever read; a hostile phone may give thousands.
LIMIT: Final = 60
#: Logical pixels that a list has at least, as far as it needs them.
_LEAST: Final = 280


@dataclass(frozen=True, slots=True)
class Bullet:
    """One point. With `tick`, it has a box that can be ticked, and no sign."""

    status: Status
    heading: Translatable
    lines: tuple[Translatable, ...] = ()
    glyph: str = ""
    tick: bool = False


class BulletList(QScrollArea):
    """The points, as tall as they are up to a limit, then scrolled; the first is whole in any case."""

    def __init__(self, parent: QWidget | None = None, *, tallest: int = 0) -> None:
        """`tallest` is in logical pixels, on a page that scrolls; 0 takes all the room there is."""
        super().__init__(parent)
        self._tallest = tallest
        self._bullets: tuple[Bullet, ...] = ()
        self.boxes: list[TickBox] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        vertical = QSizePolicy.Policy.Preferred if tallest else QSizePolicy.Policy.Expanding
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        policy.setHeightForWidth(bool(tallest))
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_bullets(self, bullets: Sequence[Bullet], *, follow: bool = False) -> None:
        """Show these; unchanged if they are shown already, so that ticks and the scrolled place stay.

        Of more than :data:`LIMIT` only the first, and how many more there are; what can be ticked is never left out.

        With `follow`, the newest stays in sight, unless the officer scrolled away from it.
        """
        bullets = _bounded(bullets)
        if bullets == self._bullets:
            return
        at_end = self.verticalScrollBar().value() == self.verticalScrollBar().maximum()
        self._bullets = bullets
        inside = QWidget()
        say = Parts(inside)
        self.boxes = []
        rows = [self._row(bullet, say) for bullet in bullets]
        column(*rows, None, spacing=STEP + 4, inside=inside, margins=(0, 0, STEP, 0))
        replace_inside(self, inside)
        mark(inside, "clear")
        self.updateGeometry()
        if follow and at_end:
            inside.adjustSize()
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def heightForWidth(self, width: int) -> int:
        inside = self.widget()
        layout = inside.layout() if inside is not None else None
        if layout is None or not self._tallest:
            return -1
        width = max(width, 100)
        whole = layout.heightForWidth(width)
        bar = self.verticalScrollBar().sizeHint().width()
        top = layout.itemAt(0)
        first = top.layout() if top is not None else None
        least = first.heightForWidth(width - bar - STEP) + 2 if first is not None else 0
        return min(whole, max(self._tallest, least))

    def sizeHint(self) -> QSize:
        if not self._tallest:
            return super().sizeHint()
        return QSize(super().sizeHint().width(), max(self.heightForWidth(max(self.width(), 200)), 0))

    def minimumSizeHint(self) -> QSize:
        if not self._tallest:
            return super().minimumSizeHint()
        return QSize(100, min(self.sizeHint().height(), _LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # what is inside is taller or less so in another language
        return super().eventFilter(watched, event)

    def _row(self, bullet: Bullet, say: Parts) -> QHBoxLayout:
        lines = [say.label(line, selectable=True) for line in bullet.lines]
        if bullet.tick:
            box = TickBox()
            say(box.setText, lambda: literal(str(bullet.heading)))
            self.boxes.append(box)
            for line in lines:
                line.setIndent(STEP * 3)
            return row((column(box, *lines, spacing=2), 1), spacing=STEP + 4)
        glyph = StatusIcon(18, bullet.status, bullet.glyph)
        heading = say.label(bullet.heading, TextSize.STRONG, selectable=True)
        texts = column(heading, *lines, spacing=2)
        return row((glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP + 4)


def _bounded(bullets: Sequence[Bullet]) -> tuple[Bullet, ...]:
    cut = len(bullets) - LIMIT
    if cut <= 0 or any(bullet.tick for bullet in bullets):
        return tuple(bullets)
    return (*bullets[:LIMIT], Bullet(Status.NEUTRAL, N("And {count} more.", "And {count} more.", cut)))
