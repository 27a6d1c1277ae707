"""What the page "Getting ready" says of each readiness: its headline, the sentence below, and its button. No widget
here."""

from __future__ import annotations

from typing import Final

from core.guides import Guide
from core.text import T, Text
from gui.desk.ready.readiness import Readiness, ReadinessView

#: The phone's own steps are shown, and which of them is to be done now, from 1 on.
FIRST_STEP: Final = {
    Readiness.DEBUGGING_OFF: 1,
    Readiness.NOT_LISTED: 1,
    Readiness.LOCKED: 1,
    Readiness.NOT_TRUSTED: 2,
    Readiness.DENIED: 2,
    Readiness.FORGOTTEN: 2,
}
_COMPUTER: Final = (Readiness.NO_PERMISSION, Readiness.BUSY, Readiness.NO_SERVICE, Readiness.SERVICE_TOO_OLD)


def headline(view: ReadinessView, guide: Guide) -> Text:
    match view.state:
        case Readiness.DEBUGGING_OFF:
            return T("Get the phone ready")
        case Readiness.ASKING:
            return T("Tap {allow} on the phone", allow=guide.words["allow"].text)
        case Readiness.NOT_TRUSTED:
            return T("Tap Trust on the phone")
        case Readiness.NOT_ALLOWED:
            return T("The phone has not said yes")
        case Readiness.AWAY:
            return T("The phone has left")
        case Readiness.NOT_LISTED | Readiness.LOCKED:
            return T("Unlock the phone")
        case Readiness.DENIED:
            return T("The phone has said no")
        case Readiness.FORGOTTEN:
            return T("The phone asks once more")
        case Readiness.MANAGED:
            return T("Its device management decides")
        case state if state in _COMPUTER:
            return T("This computer cannot read the phone yet")
        case _:
            return T("The phone cannot be read yet")


def sentence(view: ReadinessView) -> Text | str:
    """What stands below the headline: where the page has no other place for the next step, with that."""
    match view.state:
        case Readiness.DEBUGGING_OFF:
            return T("USB debugging is off. The owner does these three steps; at the third Fanion goes on by itself.")
        case Readiness.ASKING:
            return T("The phone asks whether it may trust this computer. Reading begins as soon as it says yes.")
        case Readiness.NOT_ALLOWED:
            return T(
                "The question on the phone was refused or had no answer: the phone does not tell which. Have it "
                "ask again."
            )
        case Readiness.NOT_TRUSTED if view.asking:
            return T("Look at the phone: tap Trust and enter the passcode.")
        case state if state in FIRST_STEP and view.sentence is not None and view.next_step is not None:
            return T("{a} {b}", a=view.sentence, b=view.next_step)
        case _:
            return view.sentence or ""


def cures_title(view: ReadinessView) -> Text:
    match view.state:
        case Readiness.DEBUGGING_OFF:
            return T("Switch grey, or no question on the phone?")
        case Readiness.ASKING | Readiness.NOT_ALLOWED | Readiness.NOT_LISTED | Readiness.NOT_TRUSTED:
            return T("No question on the phone?")
        case _:
            return T("It does not help?")


def ask_words(view: ReadinessView) -> Text:
    """What the button says that has the phone opened anew."""
    match view.state:
        case Readiness.NOT_TRUSTED:
            return T("Have it ask")
        case Readiness.LOCKED:
            return T("Try again")
        case _:
            return T("Ask again")
