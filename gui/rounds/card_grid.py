"""How tiles and cards stand: beside each other, or below each other where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from gui.toolkit.layouts import Part, column
from gui.toolkit.theme import STEP, mark

#: Logical pixels around what is in a card.
EDGE: Final = STEP * 2 + 4
#: Logical pixels, below which cards stand below each other.
NARROW: Final = 900
#: How the width is shared by the two columns of cards.
_LEFT, _RIGHT = 4, 3


class CardGrid:
    """A wide tile and smaller ones in a row, and below them cards in pairs; a card without a partner has all room."""

    def __init__(
        self, wide_tile: QWidget, small_tiles: Sequence[QWidget], pairs: Sequence[tuple[QWidget, QWidget | None]]
    ) -> None:
        self.tiles, self.cards = QGridLayout(), QGridLayout()
        for grid in (self.tiles, self.cards):
            grid.setSpacing(STEP * 2)
        self.cards.setColumnStretch(0, _LEFT)
        self.cards.setColumnStretch(1, _RIGHT)
        self._wide_tile, self._small_tiles, self._pairs = wide_tile, tuple(small_tiles), tuple(pairs)
        self.arrange(NARROW)

    def arrange(self, width: int) -> None:
        """Put everything where it belongs in so many logical pixels."""
        wide = width >= NARROW
        self.tiles.addWidget(self._wide_tile, 0, 0, 1, 1 if wide else 2)
        for number, tile in enumerate(self._small_tiles):
            place = (0, 1 + number) if wide else (1 + number // 2, number % 2)
            self.tiles.addWidget(tile, *place)
        stretches = [3 if wide else 1, 1, *[int(wide)] * (len(self._small_tiles) - 1)]
        for at, stretch in enumerate(stretches):
            self.tiles.setColumnStretch(at, stretch)
        for line, (left, right) in enumerate(self._pairs):
            beside = wide and right is not None
            self.cards.addWidget(left, line * 2, 0, 1, 1 if beside else 2)
            if right is not None:
                self.cards.addWidget(right, line * 2 + (not wide), int(wide), 1, 1 if wide else 2)


def card(*parts: Part) -> QFrame:
    """A card with these below each other."""
    made = QFrame()
    mark(made, "card")
    column(*parts, None, spacing=STEP, inside=made, margins=(EDGE, STEP * 2, EDGE, STEP * 2))
    return made
