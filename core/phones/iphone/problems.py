"""What reaching, reading or changing an iPhone fails with, and what its answers to a removal mean.

The names of the phone's errors are those that lockdownd and installation_proxy send; what each means is from public
descriptions of the two protocols, and no error text of the phone is taken for more than a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.phones import states
from core.phones.driver import Answer, Outcome, UnreadableAnswer, WrongPhone
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


class Malformed(UnreadableAnswer):
    """An answer that is no property list, breaks its limits, or lacks what it must have."""

    platform = "ios"


_PROHIBITED: Final = T(
    "This phone does not allow apps to be removed (device management, or Screen Time › Content & Privacy › "
    "Deleting Apps). Nothing was removed."
)
_REFUSED: Final = T(
    "The phone refused. Device management may have installed the app as not removable: ask the team that manages "
    "the phone."
)
_OUR_FAULT: Final = T("The phone did not understand what Fanion asked of it.")

#: What installation_proxy's errors to `Uninstall` mean, by name.
REMOVAL_ANSWERS: Final[Mapping[str, tuple[Outcome, Text]]] = {
    "UninstallProhibited": (Outcome.RESTRICTED, _PROHIBITED),
    "APIInternalError": (Outcome.REFUSED, _REFUSED),
    "MissingApplicationIdentifier": (Outcome.REFUSED, _OUR_FAULT),
    "MissingBundleIdentifier": (Outcome.REFUSED, _OUR_FAULT),
    "UnknownCommand": (Outcome.UNSUPPORTED, _OUR_FAULT),
    "NotEntitled": (Outcome.REFUSED, T("The phone does not let computers remove this app.")),
}


def removal_answer(name: str) -> Answer:
    """What the error `name` of a removal means.

    A name that is not known says nothing of the app: the answer is UNKNOWN, with the name as plain text.
    """
    word = plain(name, NAME_LIMIT)
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
