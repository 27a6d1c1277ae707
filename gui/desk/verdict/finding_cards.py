"""The apps that a rule speaks of as cards: name, where, how it was recognised, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from core.model import Finding
from core.text import N
from gui.desk.finding_text import Card
from gui.toolkit.images.progress_ring import Tile
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: More cards than an officer would read; the table has all.
LIMIT: Final = 40
#: Logical pixels: the width from which there are two cards beside each other.
_TWO: Final = 720


class _CardFrame(QFrame):
    """One card."""

    def __init__(self, card: Card, *, low: bool = False) -> None:
        """`low`: it takes two lines and no more."""
        super().__init__()
        mark(self, "nested")
        self.say = Parts(self)
        self.tile = Tile()
        self.tile.show_app(str(card.name), card.icon)
        head, say = TextSize.HEAD, self.say.line if low else self.say.label
        name = self.say.line(card.name, head) if low else self.say.label(card.name, head, selectable=True)
        where, recognised = say(card.where, kind="muted"), say(card.recognised)
        sure = QFrame()
        mark(sure, "pill-neutral")
        word = self.say.label(card.sure, TextSize.SMALL_STRONG)
        word.setWordWrap(False)
        row(StatusIcon(12, Status.NEUTRAL, card.glyph), word, spacing=6, inside=sure, margins=(STEP, 3, STEP, 3))
        if not card.recognised:
            recognised.hide()
        top = Qt.AlignmentFlag.AlignTop
        if low:
            self.tile.setFixedSize(28, 28)
            texts = column(row(name, (where, 1)), recognised, spacing=0)
            middle = Qt.AlignmentFlag.AlignVCenter
            row(
                self.tile,
                (texts, 1),
                (sure, 0, middle),
                spacing=STEP,
                inside=self,
                margins=(STEP, 2, STEP, 2),
            )
            return
        heading = row((name, 1), (sure, 0, top))
        recognised.setAlignment(top)  # where the card beside it has more to say
        texts = column(heading, where, recognised, None, spacing=2)
        edges = (STEP * 2, STEP + 4, STEP + 4, STEP + 4)
        row((self.tile, 0, top), (texts, 1), spacing=STEP * 2, inside=self, margins=edges)


class FindingCards(QWidget):
    """The cards, two beside each other where there is room."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "clear")
        self._cards: list[Card] = []
        self._low = False
        self._frames: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(STEP * 2)

    def be_low(self, low: bool) -> None:
        """Have each card take little height, as soon as they are shown again."""
        if low != self._low:
            self._low, self._cards = low, []

    @property
    def first(self) -> Finding:
        """The finding on the first card."""
        return self._cards[0].findings[0]

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Show these."""
        if list(cards) == self._cards:
            return
        self._cards = list(cards)
        before = QWidget()  # what tells of a card that is not shown any more is not here; nor is it a window of its own
        for frame in self._frames:
            frame.hide()
            frame.setParent(before)
        before.deleteLater()
        self._frames = []
        for card in self._cards[:LIMIT]:
            self._frames.append(_CardFrame(card, low=self._low))
        if (cut := len(self._cards) - LIMIT) > 0:
            words = N("And {count} more, in the table.", "And {count} more, in the table.", cut)
            self._frames.append(Parts(self).label(words, kind="muted"))
        self._grid.setSpacing(4 if self._low else STEP * 2)
        self._lay_out()

    def _columns(self) -> int:
        return 2 if self.width() >= _TWO and len(self._frames) > 1 else 1

    def _lay_out(self) -> None:
        columns = self._columns()
        for number, frame in enumerate(self._frames):
            self._grid.addWidget(frame, number // columns, number % columns)
            frame.show()  # Qt would do so a moment later
        for place in range(2):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._frames and event.size().width() != event.oldSize().width():
            self._lay_out()
