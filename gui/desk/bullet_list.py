"""A list of short points, each with its sign, a heading and sentences below: gaps, plans, steps, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.text import N
from gui.toolkit.buttons import TickBox
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import StatusIcon, literal

#: More points than an officer would ever read; a hostile phone may give thousands.
LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class Bullet:
    """One point. With `tick`, it has a box that can be ticked, and no sign. A link leads to the `chapter` of the manual
    that says more, where there is one."""

    status: Status
    heading: Translatable
    lines: tuple[Translatable, ...] = ()
    glyph: str = ""
    tick: bool = False
    chapter: str = ""


class BulletList(QWidget):
    """The points below each other. It does not scroll: the page does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "clear")
        self._bullets: tuple[Bullet, ...] = ()
        self.boxes: list[TickBox] = []
        self._column = column(spacing=0, inside=self)

    def show_bullets(self, bullets: Sequence[Bullet]) -> None:
        """Show these; unchanged if they are shown already, so that ticks stay.

        Of more than :data:`LIMIT` only the first, and how many more there are; what can be ticked is never left out.
        """
        bullets = _bounded(bullets)
        if bullets == self._bullets:
            return
        self._bullets = bullets
        self.boxes = []
        empty(self._column)
        inside = QWidget()
        mark(inside, "clear")
        say = Parts(inside)
        column(*(self._row(bullet, say) for bullet in bullets), spacing=STEP + 4, inside=inside)
        self._column.addWidget(inside)
        inside.show()  # Qt would do so a moment later

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
        if bullet.chapter:
            texts.addLayout(row(say.chapter_link(bullet.chapter, bullet.heading), None))
        return row((glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP + 4)


def _bounded(bullets: Sequence[Bullet]) -> tuple[Bullet, ...]:
    cut = len(bullets) - LIMIT
    if cut <= 0 or any(bullet.tick for bullet in bullets):
        return tuple(bullets)
    return (*bullets[:LIMIT], Bullet(Status.NEUTRAL, N("And {count} more.", "And {count} more.", cut)))
