"""The kinds of records: what stands in `type`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self

from core.text import T, Text

#: A kind is looked up by its name alone.
_NONE: Final = Text("")


class Kind(StrEnum):
    """The kinds of records, as they stand in `type`, and what records of each are about."""

    words: Text

    def __new__(cls, name: str, words: Text = _NONE) -> Self:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.words = words
        return kind

    PROGRAM_START = "program-start", T("Fanion was started")
    PHONE_SEEN = "phone-seen", T("A phone was connected")
    PHONE_LABELLED = "phone-labelled", T("The phone was labelled")
    CHECK_STARTED = "check-started", T("A check began")
    CHECK_ENDED = "check-ended", T("A check ended")
    BANS_SEEN = "bans-seen", T("Banned apps were seen")
    FINDING = "finding", T("An app was found")
    APP_EVIDENCE = "app-evidence", T("An app before removal")
    REMOVAL_INTENDED = "removal-intended", T("A removal step was about to be taken")
    REMOVAL_OUTCOME = "removal-outcome", T("Result of a removal step")
    UNDO_INTENDED = "undo-intended", T("An undo step was about to be taken")
    UNDO_OUTCOME = "undo-outcome", T("Result of an undo step")
    LOOKED = "looked-on-phone", T("An officer looked on the phone")
    LOOKED_FOR = "looked-for", T("A quick look for an app")
    HAND_BACK_INTENDED = "hand-back-intended", T("A phone was about to be handed back")
    HANDED_BACK = "handed-back", T("A phone was handed back")
    HAND_BACK_FOLLOWED = "hand-back-followed", T("After the handing back")
    POLICY_LOADED = "policy-loaded", T("A policy was loaded")
    PROBLEM = "problem", T("A problem was met")
    LOG_BEGUN = "log-begun", T("The log is sealed from here on")
    KEY_NEXT = "key-next", T("The key of the next seal was announced")
    KEYS_REPLACED = "keys-replaced", T("The keys of the log were replaced")
    OUTSIDE_COPY = "outside-copy", T("A checkpoint left this computer")
    EXPORTED = "exported", T("Entries were exported")
    ERASED = "erased", T("Personal information was erased")
    COSIGNED = "cosigned", T("The log of another desk was cosigned")
    COSIGNATURES = "cosignatures", T("Other desks have cosigned this log")
    FORK_SEEN = "fork-seen", T("The log of another desk does not fit what was seen of it before")
    TIMESTAMPED = "timestamped", T("A time stamp was attached")
    POLICY_ACCEPTED = "policy-accepted", T("A signed policy was accepted")
    POLICY_REFUSED = "policy-refused", T("A policy was refused")
    EXCEPTION_GRANTED = "exception-granted", T("An exception was granted")
    EXCEPTION_BOUND = "exception-bound", T("An exception was bound to a phone")
    EXCEPTION_REVOKED = "exception-revoked", T("An exception was withdrawn")
    ROUND_BEGUN = "round-begun", T("A round was begun")
    ROSTER_BROUGHT = "roster-brought", T("The roster of a round was imported")
    ROSTER_FORGOTTEN = "roster-forgotten", T("The roster of a round was forgotten")
    RECHECK_DRAWN = "recheck-drawn", T("The phones for a second check were drawn")
    ROUND_ENDED = "round-ended", T("A round was closed")


INTENTS: Final = (Kind.REMOVAL_INTENDED, Kind.UNDO_INTENDED)
OUTCOMES: Final = (Kind.REMOVAL_OUTCOME, Kind.UNDO_OUTCOME)

#: What the ledger writes about itself: nothing of it is about a phone.
HOUSEKEEPING: Final = (Kind.KEY_NEXT, Kind.OUTSIDE_COPY)
