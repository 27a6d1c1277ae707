"""What the Round page is made of, for a round as for a store: its head, its numbers, and its cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QLayout, QWidget

from core.text import T, Text, grouped
from gui.toolkit.buttons import Button
from gui.toolkit.grey_reason import offer
from gui.toolkit.layouts import FlowLayout, Part, column, row
from gui.toolkit.parts import Parts, Said
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import StatusIcon

#: Logical pixels around what is in a card.
EDGE: Final = STEP * 2 + 4
#: Logical pixels, below which numbers, and below which cards, stand below each other.
_NARROW: Final = 900
_PAIRED: Final = 1_100
#: How the width is shared by the two columns of cards.
_LEFT, _RIGHT = 4, 3


class NumberTile(QFrame):
    """A number, what it counts, and more about it; pressed, it opens the phones that it counts."""

    def __init__(self, title: Text, opens: Callable[[], object], status: Status | None = None) -> None:
        """`status` is what each phone that it counts has; a number above 0 is in its colour, beside its sign."""
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.number = self.say.button("", opens, kind="number", name=title)
        self.number.setFont(font(TextSize.DISPLAY))
        self.number.setMinimumHeight(self.number.fontMetrics().height())
        #: In its place where there is nothing to open.
        self.none = self.say.label("", TextSize.DISPLAY, heading=False)
        self.remark = self.say.label("", TextSize.SMALL, "muted")
        self._status = status
        self.sign = StatusIcon(16, status or Status.NEUTRAL)
        self.sign.hide()
        first = QWidget()
        mark(first, "clear")
        first.setMinimumHeight(self.number.fontMetrics().height() + 4)
        row(self.number, self.none, (self.sign, 0, Qt.AlignmentFlag.AlignVCenter), None, inside=first)
        column(
            first,
            self.say.label(title, TextSize.STRONG),
            self.remark,
            None,
            spacing=2,
            inside=self,
            margins=(EDGE - 4, STEP * 2, EDGE - 4, STEP * 2),
        )
        self._title = title

    def show_number(self, number: int, remark: Said = "") -> None:
        """Show a number, and a remark below what it counts."""
        self.say(self.number.setText, grouped(number))
        self.say.name(self.number, T("{number} {what}", number=grouped(number), what=self._title))
        offer(self.number, number > 0)
        self.say(self.none.setText, grouped(number))
        self.none.setVisible(number == 0)
        status = self._status if number else None
        mark(self.number, f"number-{status.value}" if status is not None else "number")
        self.sign.setVisible(status is not None)
        self.say(self.remark.setText, remark)


class CardGrid:
    """A wide tile and smaller ones in a row, and below them cards in pairs, or all below each other where there is no
    room; a card without a partner has the whole width."""

    def __init__(
        self, wide_tile: QWidget, small_tiles: Sequence[QWidget], pairs: Sequence[tuple[QWidget, QWidget | None]]
    ) -> None:
        self.tiles, self.cards = QGridLayout(), QGridLayout()
        for grid in (self.tiles, self.cards):
            grid.setSpacing(STEP * 2)
        self.cards.setColumnStretch(0, _LEFT)
        self.cards.setColumnStretch(1, _RIGHT)
        self._wide_tile, self._small_tiles, self._pairs = wide_tile, tuple(small_tiles), tuple(pairs)
        self.arrange(_PAIRED)

    def arrange(self, width: int) -> None:
        """Arrange tiles and cards for a page that is so many logical pixels wide."""
        wide = width >= _NARROW
        self.tiles.addWidget(self._wide_tile, 0, 0, 1, 1 if wide else 2)
        for number, tile in enumerate(self._small_tiles):
            place = (0, 1 + number) if wide else (1 + number // 2, number % 2)
            self.tiles.addWidget(tile, *place)
        # In one row the wide tile has three parts of the width; in pairs, the columns behind the second have none.
        for at, stretch in enumerate((3 if wide else 1, 1, *[int(wide)] * (len(self._small_tiles) - 1))):
            self.tiles.setColumnStretch(at, stretch)
        paired = width >= _PAIRED
        for line, (first, second) in enumerate(self._pairs):
            self.cards.addWidget(first, line * 2, 0, 1, 1 if paired and second is not None else 2)
            if second is not None:
                self.cards.addWidget(second, line * 2 + (not paired), int(paired), 1, 1 if paired else 2)


class Head(QWidget):
    """A title, and beside it its buttons; below it where they do not fit. The keys of buttons are drawn on them where
    there is room."""

    def __init__(self, title: QLayout, buttons: Sequence[QWidget], keys: Mapping[Button, str]) -> None:
        super().__init__()
        self._keys = keys
        mark(self, "clear")
        self._title, holder = QWidget(), QWidget()
        for widget in (self._title, holder):
            mark(widget, "clear")
        self._title.setLayout(title)
        self._buttons = tuple(buttons)
        flow = FlowLayout(holder, STEP)
        for widget in self._buttons:
            flow.addWidget(widget)
        self._box = row((self._title, 1), (holder, 0, Qt.AlignmentFlag.AlignTop), inside=self)

    def fit(self) -> None:
        """Put the buttons beside the title, or below it where the head is narrower than both."""
        room, title = self.width() - STEP * 2, self._title.sizeHint().width()
        bare, with_keys = self._buttons_width(keys=False), self._buttons_width(keys=True)
        below = title + bare > room
        drawn = with_keys <= (room if below else room - title)
        for button, key in self._keys.items():
            button.show_key(key if drawn else "")
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._box.setDirection(down if below else across)

    def _buttons_width(self, *, keys: bool) -> int:
        """Logical pixels of the buttons that are seen, with their keys drawn on them or without."""
        visible = [button for button in self._buttons if not button.isHidden()]
        return sum(
            (
                button.width_with(self._keys.get(button, "") if keys else "")
                if isinstance(button, Button)
                else button.sizeHint().width()
            )
            + STEP
            for button in visible
        )

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):  # words or buttons are others by now
            self.fit()
        return super().event(event)


def card(*parts: Part) -> QFrame:
    """Make a card with these parts below each other."""
    frame = QFrame()
    mark(frame, "card")
    column(*parts, None, spacing=STEP, inside=frame, margins=(EDGE, STEP * 2, EDGE, STEP * 2))
    return frame
