"""The kinds of records: what stands in `type`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of records, as they stand in `type`."""

    PROGRAM_START = "program-start"
    PHONE_SEEN = "phone-seen"
    PHONE_LABELLED = "phone-labelled"
    CHECK_STARTED = "check-started"
    CHECK_ENDED = "check-ended"
    FINDING = "finding"
    REMOVAL_INTENDED = "removal-intended"
    REMOVAL_OUTCOME = "removal-outcome"
    UNDO_INTENDED = "undo-intended"
    UNDO_OUTCOME = "undo-outcome"
    POLICY_LOADED = "policy-loaded"
    PROBLEM = "problem"
    LOG_BEGUN = "log-begun"
    KEY_NEXT = "key-next"
    KEYS_REPLACED = "keys-replaced"
    OUTSIDE_COPY = "outside-copy"
    EXPORTED = "exported"
    ERASED = "erased"
    COSIGNED = "cosigned"
    COSIGNATURES = "cosignatures"
    FORK_SEEN = "fork-seen"
    TIMESTAMPED = "timestamped"
    POLICY_ACCEPTED = "policy-accepted"
    POLICY_REFUSED = "policy-refused"
    EXCEPTION_GRANTED = "exception-granted"
    EXCEPTION_REVOKED = "exception-revoked"


INTENTS: Final = (Kind.REMOVAL_INTENDED, Kind.UNDO_INTENDED)
OUTCOMES: Final = (Kind.REMOVAL_OUTCOME, Kind.UNDO_OUTCOME)

#: What the ledger writes about itself: nothing of it is about a phone.
HOUSEKEEPING: Final = (Kind.KEY_NEXT, Kind.OUTSIDE_COPY)
