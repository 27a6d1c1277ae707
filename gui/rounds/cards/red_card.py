"""The card of the phones that are red: how many banned apps each has, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.text import N, T, Text, plain
from gui.rounds.cards.phone_card import SHOWN, CardOfRows, line_of
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

    def show_phones(self, phones: Sequence[PhoneCoverage], plugged: Collection[str], *, waiting: bool) -> None:
        """Show the first of these; `plugged` are the serial numbers of the phones at this desk now. `waiting`: of
        some phones it is not told how they were left, so that it is not said either that none is red."""
        none = T("None of the phones whose result may be shown is red.") if waiting else T("None is red.")
        self.say(self.nothing.setText, none)
        self.start(len(phones))
        self.share(0, 3, 4, 4)
        for phone in phones[:SHOWN]:
            description = [plain(text, _TEXT) for text in (phone.model, phone.unit) if text]
            stands = line_of(stands_at(phone, plugged), TextSize.BODY, "muted")
            stands.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.add(
                banned_pill(phone),
                line_of(plain(phone.display_name, _TEXT), TextSize.STRONG),
                line_of(" · ".join(description), TextSize.BODY, "muted"),
                stands,
            )


def stands_at(phone: PhoneCoverage, plugged: Collection[str]) -> Text | str:
    """Where a red phone is: at this desk, or as the log has it last."""
    return T("at the desk now") if phone.serial and phone.serial in plugged else where(phone)
