"""What reaching, reading or changing an iPhone fails with, and what its answers to a removal mean.

The names of the phone's errors are those that lockdownd and installation_proxy send; what each means is from public
descriptions of the two protocols, and no error text of the phone is taken for more than a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.phones import states
from core.phones.driver import Answer, Outcome, PhoneProblem, WrongPhone
from core.text import T, Text, plain

#: Characters that are kept of what the phone calls its error.
NAME_LIMIT: Final = 80


class IphoneNotReady(states.NotReady):
    """The iPhone is in a state in which it cannot be read."""

    platform = "ios"


class OtherCertificate(WrongPhone):
    """The phone's certificate is not the one of its pair record: no further byte is sent to it."""

    code = "phone-other-certificate"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("This is not the phone that trusted this computer before."),
            T("Unplug it and report it to your IT security team."),
            detail,
        )


class NoAnswer(PhoneProblem):
    """The phone stopped answering; `seconds` is how long was waited."""

    code = "phone-silent"

    def __init__(self, seconds: float, detail: str = "") -> None:
        super().__init__(
            T("The phone has not answered for {seconds} seconds.", seconds=round(seconds)),
            T("Unlock it, unplug it and plug it in again, then check it again."),
            detail,
        )


class Malformed(PhoneProblem):
    """An answer that is no property list, breaks its limits, or lacks what it must have."""

    code = "phone-garbled"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The phone’s answer is not in the form that iPhones use."),
            T("Unplug it and plug it in again, with another cable if there is one."),
            detail,
        )


_PROHIBITED: Final = T(
    "This phone does not allow apps to be removed (device management, or Screen Time › Content & Privacy › "
    "Deleting Apps). Nothing was removed."
)
_REFUSED: Final = T(
    "The phone refused. Device management may have installed the app as not removable: ask the team that manages "
    "the phone."
)
_PART_OF_IOS: Final = T("The app is a part of iOS and cannot be removed from a computer.")
_OUR_FAULT: Final = T("The phone did not understand what Fanion asked of it.")
_STILL_THERE: Final = T(
    "The phone said it was done, but the app is still there. Unlock the phone, try again; if it stays, remove it by"
    " hand."
)
_WENT_AWAY: Final = T(
    "The phone went away during the removal. It is not known whether the app was removed: plug it in and check it"
    " again."
)

#: What installation_proxy's errors to `Uninstall` mean, by name. `StillInstalled`, `ConnectionLost` and `NoAnswer` are
#: Fanion's own names, for what a second look or the lack of an answer says.
REMOVAL_ANSWERS: Final[Mapping[str, tuple[Outcome, Text]]] = {
    "UninstallProhibited": (Outcome.RESTRICTED, _PROHIBITED),
    "APIInternalError": (Outcome.REFUSED, _REFUSED),
    "MissingApplicationIdentifier": (Outcome.REFUSED, _OUR_FAULT),
    "MissingBundleIdentifier": (Outcome.REFUSED, _OUR_FAULT),
    "UnknownCommand": (Outcome.UNSUPPORTED, _OUR_FAULT),
    "NotEntitled": (Outcome.REFUSED, T("The phone does not let computers remove this app.")),
    "StillInstalled": (Outcome.CAME_BACK, _STILL_THERE),
    "ConnectionLost": (Outcome.UNKNOWN, _WENT_AWAY),
    "NoAnswer": (Outcome.UNKNOWN, _WENT_AWAY),
}


def removal_answer(name: object, *, system: bool = False) -> Answer:
    """What the error `name` of a removal means. `system`: the app is a part of iOS.

    A name that is not known says nothing of the app: the answer is UNKNOWN, with the name as plain text.
    """
    word = plain(name if isinstance(name, str) else "", NAME_LIMIT)
    if word == "APIInternalError" and system:
        return Answer(Outcome.PROTECTED, word, _PART_OF_IOS)
    if word in REMOVAL_ANSWERS:
        outcome, means = REMOVAL_ANSWERS[word]
        return Answer(outcome, word, means)
    if not word:
        return Answer(Outcome.UNKNOWN, "", T("The phone gave an error without a name. Check it again."))
    return Answer(
        Outcome.UNKNOWN,
        word,
        T("The phone gave an error that Fanion does not know: {name}. Check it again.", name=word),
    )
