"""What an officer says of a phone in the course of its visit: what was seen by hand, and how it was handed back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Attested(StrEnum):
    """What an officer saw on the phone itself, with its owner, where a computer could not look."""

    NOTHING_SEEN = "nothing-seen"
    APP_SEEN = "app-seen"
    DECLINED = "declined"


class Paper(StrEnum):
    """What became of the owner's page."""

    PRINTED = "printed"
    DECLINED = "declined"
    NOT_OFFERED = "not-offered"


class Afterwards(StrEnum):
    """What was seen or said of a phone after it had been asked to leave."""

    #: Its debugging interface left USB while the phone itself stayed plugged in.
    DEBUGGING_GONE = "debugging-gone"
    UNPLUGGED = "unplugged"
    #: Said by the officer: the computer cannot see it any more.
    AUTO_BLOCKER_ON = "auto-blocker-on"
    AUTHORISATIONS_REVOKED = "authorisations-revoked"


@dataclass(frozen=True, slots=True)
class HandBack:
    """How an officer hands a phone back.

    `reason` says why although a banned app is on it, or not all of it was seen. `keep_debugging` leaves developer
    options and USB debugging as they are, where the policy allows that.
    """

    paper: Paper
    reason: str = ""
    keep_debugging: bool = False
