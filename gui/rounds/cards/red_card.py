"""The cards of the phones that are red, on the roster and off it: how many banned apps each has, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.text import N, T, Text, plain
from gui.rounds.cards.phone_card import SHOWN, CardOfRows, PhoneAct, line_of, name_line, seen_when
from gui.rounds.cards.phone_table import where
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

_TEXT: Final = 120
#: Logical pixels of a pill, and of the edges in it.
_PILL: Final = 104
_EDGES: Final = (STEP, 3, STEP, 3)


def banned_pill(phone: PhoneCoverage) -> QFrame:
    """How many banned apps a phone has, as a pill."""
    pill = QFrame()
    mark(pill, "pill-red")
    count = phone.last.banned if phone.last is not None else 0
    # An officer's own look can make a phone red on which a check had found nothing.
    text = N("{count} banned", "{count} banned", count) if count else T("Banned app seen")
    label = Parts(pill).label(text, TextSize.SMALL_STRONG)
    label.setWordWrap(False)
    row(StatusIcon(14, Status.RED), label, None, spacing=STEP - 2, inside=pill, margins=_EDGES)
    pill.setMinimumWidth(_PILL)
    return pill


class RedCard(CardOfRows):
    """Red phones: pill, who has it, what it is and of which unit, and where it is."""

    def __init__(self, show_all: Callable[[], object]) -> None:
        super().__init__(T("Red, still open"), T("None is red."), show_all)

    def show_phones(
        self, phones: Sequence[PhoneCoverage], plugged: Collection[str], *, waiting: bool, rows: int = SHOWN
    ) -> None:
        """Show the first of these, so many `rows`; `plugged` are the serial numbers of the phones at this desk now.
        `waiting`: of some phones it is not told how they were left, so that it is not said either that none is red."""
        none = T("None of the phones whose result may be shown is red.") if waiting else T("None is red.")
        self.say(self.nothing.setText, none)
        self.start(len(phones))
        self.share(0, 3, 5, 4)
        for phone in phones[:rows]:
            description = [plain(text, _TEXT) for text in (phone.model, phone.unit) if text]
            stands = line_of(stands_at(phone, plugged), TextSize.BODY, "muted")
            stands.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.add(
                banned_pill(phone),
                name_line(phone),
                line_of(" · ".join(description), TextSize.BODY, "muted"),
                stands,
            )


class RedUnexpectedCard(CardOfRows):
    """Red phones that are not on the roster: pill, which phone, when it was seen, and what can be done. Hidden while
    there is none."""

    def __init__(self, show_all: Callable[[], object]) -> None:
        super().__init__(T("Red, not on the roster"), "", show_all)
        self.hide()

    def show_phones(self, phones: Sequence[PhoneCoverage], *acts: PhoneAct) -> None:
        """Show the first of these; `acts` are what can be done with each."""
        self.setVisible(bool(phones))
        self.start(len(phones))
        self.share(0, 5, 2)
        for phone in phones[:SHOWN]:
            seen = line_of(seen_when(phone), TextSize.BODY, "muted")
            self.add(banned_pill(phone), name_line(phone), seen, *self.links(phone, acts))


def stands_at(phone: PhoneCoverage, plugged: Collection[str]) -> Text | str:
    """Where a red phone is: at this desk, or as the log has it last."""
    return T("at the desk now") if phone.serial and phone.serial in plugged else where(phone)
