"""The steps whose result is unknown, because Fanion ended before the phone answered."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core import describe, value_names
from core.ledger.records import Entry
from core.same_phone import names_one_phone
from core.text import N, T, Text
from gui.toolkit.layouts import ScrollArea, column, empty, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import ElidedButton, StatusIcon, WrappedLabel, as_tip, literal

#: Steps that are listed. So many crashes, and none of the phones checked since, are more than an officer reads.
_LISTED: Final = 50
#: Steps that are seen without scrolling; where there is little room.
_SEEN: Final = 3
_SEEN_SMALL: Final = 1


class OpenSteps(QFrame):
    """An amber bar with a link to each such step. Hidden while there is none."""

    #: The number of the record that is wanted.
    entry_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, Status.AMBER.value)
        self.steps: tuple[Entry, ...] = ()
        self._small = False
        self.sentence = WrappedLabel(TextSize.STRONG)
        self.next_step = WrappedLabel()
        self.links: list[QPushButton] = []
        inside = QWidget()
        self._column = column(inside=inside, spacing=0)
        self._area = ScrollArea(inside)
        self.say.name(self._area, T("Steps with an unknown result"))
        texts = column(self.sentence, self.next_step, self._area, spacing=STEP // 2)
        glyph = StatusIcon(20, Status.AMBER)
        self._row = row((glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP * 2, inside=self)
        self.be_small(False)
        self.hide()

    def show_steps(self, steps: tuple[Entry, ...]) -> None:
        """Have these steps, the newest first."""
        if steps == self.steps:
            return
        self.steps = steps
        empty(self._column)
        self.links = [self._link(entry) for entry in steps[:_LISTED]]
        if self.links:
            unknown = N("{count} step has an unknown result.", "{count} steps have an unknown result.", len(steps))
            next_step = _next_step(steps)
            self.say(self.sentence.setText, unknown)
            self.say(self.next_step.setText, next_step)
            self.say(self.setToolTip, lambda: as_tip(str(next_step)) if self._small else "")
            self.say(self.setAccessibleDescription, next_step)
            self._size_links()
        self.setVisible(bool(steps))

    def be_small(self, small: bool) -> None:
        """Where there is little room, what can be done is in the tooltip, and one step is seen at a time."""
        self._small = small
        self.next_step.setVisible(not small)
        edge = STEP // 2 if small else STEP
        self._row.setContentsMargins(STEP * 2, edge, STEP * 2, edge)
        self._size_links()
        self.say.again()

    def _size_links(self) -> None:
        if self.links:
            rows = min(len(self.links), _SEEN_SMALL if self._small else _SEEN)
            self._area.setFixedHeight(self.links[0].sizeHint().height() * rows)

    def _link(self, entry: Entry) -> QPushButton:
        link = ElidedButton("chevron-right")
        self.say(link.setText, lambda: literal(str(_link_text(entry))))
        self.say.name(link, lambda: _link_text(entry))
        self.say.long_tip(link, lambda: _link_text(entry))
        link.clicked.connect(partial(self.entry_wanted.emit, entry.seq))
        self._column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        return link


def _next_step(steps: tuple[Entry, ...]) -> Text:
    """A check settles only steps on a phone that can be told from others."""
    lost = [step for step in steps if not names_one_phone(describe.serial(step))]
    if len(lost) == len(steps):
        return describe.settles(lost[0])
    again = T("Check the phones again: what they have then is the result.")
    if not lost:
        return again
    numbers = value_names.listed(step.seq for step in lost[:_LISTED])
    return T(
        "{again} Entries {entries}: {otherwise}", again=again, entries=numbers, otherwise=describe.settles(lost[0])
    )


def _link_text(entry: Entry) -> Text:
    step, phone = describe.summary(entry), describe.phone(entry)
    subject = value_names.pair(phone, step) if phone else step
    return T("Entry {entry}, {when}: {step}", entry=entry.seq, when=describe.when(entry), step=subject)
