"""The steps of which nobody knows what came of them: Fanion was gone before the phone answered."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core import describe, value_names
from core.ledger.records import Entry
from core.same_phone import names_one_phone
from core.text import N, T, Text
from gui.toolkit.icons import icon
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ElidedButton, StatusIcon, WrappedLabel, as_tip, literal

#: Steps that are listed. So many crashes, and none of the phones checked since, are more than an officer reads.
_LISTED: Final = 50
#: Steps that are seen without scrolling; where there is little room.
_SEEN: Final = 3
_SEEN_SMALL: Final = 1


class OpenSteps(QFrame):
    """An amber bar with a link to each such step. Hidden while there is none."""

    #: The number of the record that is wanted.
    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        mark(self, Status.AMBER.value)
        self.steps: tuple[Entry, ...] = ()
        self._small = False
        glyph = StatusIcon(20)
        glyph.show_status(Status.AMBER)
        self.sentence = WrappedLabel(TextSize.STRONG)
        self.next_step = WrappedLabel()
        self.links: list[QPushButton] = []
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._inside)
        self._area.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        texts = QVBoxLayout()
        texts.setSpacing(STEP // 2)
        texts.addWidget(self.sentence)
        texts.addWidget(self.next_step)
        texts.addWidget(self._area)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        row.setSpacing(STEP * 2)
        row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self.say(self._area.setAccessibleName, T("Steps with an unknown result"))
        self.hide()

    def show_steps(self, steps: tuple[Entry, ...]) -> None:
        """Have these steps, the newest first."""
        if steps == self.steps:
            return
        self.steps = steps
        for link in self.links:
            self._column.removeWidget(link)
            link.deleteLater()
        self.links = [self._link(entry) for entry in steps[:_LISTED]]
        if self.links:
            self.say(self.sentence.setText, _sentence(len(steps)))
            self.say(self.next_step.setText, _next_step(steps))
            self.say(self.setToolTip, lambda: as_tip(str(_next_step(steps))) if self._small else "")
            self.say(self.setAccessibleDescription, _next_step(steps))
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
            seen = min(len(self.links), _SEEN_SMALL if self._small else _SEEN)
            self._area.setFixedHeight(self.links[0].sizeHint().height() * seen)

    def _link(self, entry: Entry) -> QPushButton:
        link = ElidedButton()
        mark(link, "link")
        link.setIcon(icon("chevron-right", "link"))
        self.say(link.setText, lambda: literal(str(_named(entry))))
        self.say(link.setAccessibleName, lambda: _named(entry))
        self.say(link.setToolTip, lambda: as_tip(str(_named(entry))))
        link.clicked.connect(partial(self.wanted.emit, entry.seq))
        self._column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        return link


def _sentence(count: int) -> Text:
    return N("{count} step has an unknown result.", "{count} steps have an unknown result.", count)


def _next_step(steps: tuple[Entry, ...]) -> Text:
    """A check settles only steps on a phone that can be told from others."""
    lost = [step for step in steps if not names_one_phone(describe.serial(step))]
    if len(lost) == len(steps):
        return describe.settles(lost[0])
    again = T("Check the phones again: what they have then is the result.")
    if not lost:
        return again
    others = ", ".join(str(step.seq) for step in lost[:_LISTED])
    return T("{again} Entries {entries}: {otherwise}", again=again, entries=others, otherwise=describe.settles(lost[0]))


def _named(entry: Entry) -> Text:
    step = (
        value_names.pair(describe.phone(entry), describe.summary(entry))
        if describe.phone(entry)
        else describe.summary(entry)
    )
    return T("Entry {entry}, {when}: {step}", entry=entry.seq, when=describe.when(entry), step=step)
