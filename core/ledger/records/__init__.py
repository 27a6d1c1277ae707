"""Every kind of record: one class for each, by which it is written and read.

A record says what happened; when, where, by whom, on which phone and under which policy is added by the ledger, and
stands in the :class:`~core.ledger.records.entry.Entry`. Free text of a phone's owner (the names of profiles) and apps
that no rule speaks of are never recorded.
"""

from __future__ import annotations

from core.ledger.records.check import AppFound, CheckEnded, CheckStarted, PhoneLabelled, PhoneSeen
from core.ledger.records.entry import Device, Entry, PolicyUsed, read_entry
from core.ledger.records.fields import Record, UnknownRecord
from core.ledger.records.keys import KeyNext, Keys, KeysReplaced, LogBegun
from core.ledger.records.kinds import HOUSEKEEPING, INTENTS, OUTCOMES, Kind
from core.ledger.records.leaf import Personal
from core.ledger.records.outside import (
    Cosignatures,
    Cosigned,
    Erased,
    Exported,
    ForkSeen,
    OutsideCopy,
    Timestamped,
)
from core.ledger.records.policy import (
    ExceptionGranted,
    ExceptionRevoked,
    PolicyAccepted,
    PolicyLoaded,
    PolicyRefused,
    Versions,
)
from core.ledger.records.program import ProblemMet, ProgramStart
from core.ledger.records.removal import (
    RemovalIntended,
    RemovalOutcome,
    StepIntended,
    StepOutcome,
    UndoIntended,
    UndoOutcome,
)

__all__ = [
    "HOUSEKEEPING",
    "INTENTS",
    "OUTCOMES",
    "AppFound",
    "CheckEnded",
    "CheckStarted",
    "Cosignatures",
    "Cosigned",
    "Device",
    "Entry",
    "Erased",
    "ExceptionGranted",
    "ExceptionRevoked",
    "Exported",
    "ForkSeen",
    "KeyNext",
    "Keys",
    "KeysReplaced",
    "Kind",
    "LogBegun",
    "OutsideCopy",
    "Personal",
    "PhoneLabelled",
    "PhoneSeen",
    "PolicyAccepted",
    "PolicyLoaded",
    "PolicyRefused",
    "PolicyUsed",
    "ProblemMet",
    "ProgramStart",
    "Record",
    "RemovalIntended",
    "RemovalOutcome",
    "StepIntended",
    "StepOutcome",
    "Timestamped",
    "UndoIntended",
    "UndoOutcome",
    "UnknownRecord",
    "Versions",
    "read_entry",
]
