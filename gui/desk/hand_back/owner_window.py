"""The window for a screen that faces the owner of a phone: the verdict and one sentence, in both languages.

No name, no tag, no model and no app ever stand in it: others in the queue see it too. It shows a phone only while the
officer wants it shown; otherwise there is Fanion's own sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from core.model import Verdict, platforms
from core.model.visit_state import Reason
from core.text import LANGUAGES, N, T, Text
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.images.icons import app_icon, app_pixmap
from gui.toolkit.images.progress_ring import ProgressRing
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import WrappedLabel, plain_label

#: How large the two lines are, as factors of the window's text, and the sign in logical pixels.
_HEADLINE: Final = 2.86
_SENTENCE: Final = 1.71
_SIGN: Final = 176
_GLYPHS: Final = {
    Status.RED: "pennant",
    Status.AMBER: "eye-off",
    Status.GREEN: "check",
    Status.NEUTRAL: "phone",
    Status.INFO: "hand",
}


#: The reason of a verdict for the owner, who is not told the words of the policy.
OWNER_TITLES: Final[Mapping[Reason, Text]] = {
    Reason.BANNED: T("Not as the policy requires"),
    Reason.BANNED_SEEN: T("Not as the policy requires"),
    Reason.HEALTH: T("Not as the policy requires"),
    Reason.CAN_RETURN: T("Not as the policy requires"),
    Reason.NOT_READ_AGAIN: T("Not finished yet"),
    Reason.SUSPECTED: T("One app may be banned"),
    Reason.EXCEPTED: T("A banned app is allowed by an exception"),
    Reason.SWITCHED_OFF: T("A banned app is switched off"),
    Reason.UNSEEN: T("Not everything could be read"),
    Reason.LOOKED_AT: T("Not everything could be read"),
    Reason.REMOVED: T("No banned app is left"),
    Reason.NONE_BANNED: T("No banned app"),
}


def told_to_owner(view: PhoneView) -> tuple[Status, Text, Text]:
    """What the owner of a phone is shown: the colour, a headline, and what comes next. Names nothing of the phone."""
    if view.is_handed_back:
        return view.status, T("Finished"), T("You may take your phone. Thank you for waiting.")
    if view.absent:  # the next person may stand there by now: nothing is said of what was found
        return Status.NEUTRAL, T("Unplugged"), T("Please plug your phone in again: we have not finished yet.")
    if view.phase is Phase.ASKED:
        return Status.INFO, T("Your phone asks a question"), platforms.of(view.platform).tap
    if view.changing:
        return Status.NEUTRAL, T("Removal in progress"), T("Please leave your phone plugged in and unlocked.")
    count = view.banned_count
    if count and (view.busy or view.verdict is Verdict.RED):
        headline = N("{count} banned app", "{count} banned apps", count)
        stay = T("It is not allowed on a government phone. Please stay: we will remove it with you.")
        several = T("They are not allowed on a government phone. Please stay: we will remove them with you.")
        return Status.RED, headline, stay if count == 1 else several
    if view.busy:
        return Status.NEUTRAL, T("Check in progress"), T("Please leave your phone plugged in. There is no result yet.")
    if view.verdict is not None:
        green = view.verdict is Verdict.GREEN
        soon, stay = T("Your phone will be handed back in a moment."), T("Please stay: we will look at it together.")
        return view.status, OWNER_TITLES[view.standing.reason], soon if green else stay
    return Status.NEUTRAL, T("Not ready yet"), T("Please unlock your phone. The officer tells you what to tap.")


class OwnerWindow(QWidget):
    """The owner's side of the desk."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.setWindowIcon(app_icon())
        self.say(self.setWindowTitle, T("Fanion: for the holder of the phone"))
        self._status: Status | None = None
        self.ground = QFrame()
        picture = QLabel()
        picture.setPixmap(app_pixmap(28, self.devicePixelRatioF()))
        brand = plain_label("Fanion")
        brand.setFont(font(TextSize.TITLE))
        self.practice = plain_label()
        mark(self.practice, "practice")
        self.say(self.practice.setText, T("Practice"))
        self.slot = plain_label()
        self.slot.setFont(font(TextSize.TITLE))
        self.slot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.slot.setMinimumSize(48, 48)
        self.sign = ProgressRing(_SIGN)
        self.headlines = [self._line(_HEADLINE, QFont.Weight.Bold) for _ in LANGUAGES]
        self.sentences = [self._line(_SENTENCE, QFont.Weight.Normal) for _ in LANGUAGES]
        sides = [
            column(headline, sentence, spacing=STEP + 4)
            for headline, sentence in zip(self.headlines, self.sentences, strict=True)
        ]
        self.line = QFrame()
        self.line.setFixedWidth(1)
        middle = Qt.AlignmentFlag.AlignVCenter
        edges = (STEP * 6, STEP * 3, STEP * 6, STEP * 3)
        column(
            row(picture, brand, (self.practice, 0, middle), None, self.slot, spacing=STEP + 4),
            (None, 2),
            row(None, self.sign, None),
            STEP * 5,
            row((sides[0], 1), self.line, (sides[1], 1), spacing=STEP * 5),
            (None, 3),
            inside=self.ground,
            margins=edges,
        )
        column(self.ground, spacing=0, inside=self)
        self.resize(1024, 600)
        self.show_phone(None)

    @staticmethod
    def _line(factor: float, weight: QFont.Weight) -> WrappedLabel:
        label = WrappedLabel(TextSize.BODY)
        chosen = QFont(label.font())
        chosen.setPointSizeF(chosen.pointSizeF() * factor)
        chosen.setWeight(weight)
        label.setFont(chosen)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        return label

    def show_phone(self, view: PhoneView | None) -> None:
        """Show how it is with this phone; None: Fanion's sign alone."""
        idle = Status.NEUTRAL, T("Welcome"), T("Please have your phone ready and unlocked.")
        status, headline, sentence = told_to_owner(view) if view is not None else idle
        mark(self.ground, f"owner-{status.value}")
        mark(self.line, f"rule-{status.value}")
        self.sign.show_share(None, "pennant" if view is None else _GLYPHS[status], status)
        self.practice.setVisible(view is not None and view.practice)
        self.slot.setText(str(view.slot) if view is not None else "")
        mark(self.slot, f"pill-{status.value}")
        self.slot.setVisible(view is not None)
        for language, line, below in zip(LANGUAGES, self.headlines, self.sentences, strict=True):
            line.setText(headline.in_language(language))
            mark(line, f"text-{status.value}")
            below.setText(sentence.in_language(language))

    def open(self) -> None:
        """Open on the screen that is not the officer's, where there is one; else as a window beside theirs."""
        screens = QGuiApplication.screens()
        if len(screens) > 1:
            self.setGeometry(screens[-1].geometry())
            self.showFullScreen()
        else:
            self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)
