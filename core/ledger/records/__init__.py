"""Every kind of record: one class for each, by which it is written and read.

A record says what happened; when, where, by whom, on which phone and under which policy is added by the ledger, and
stands in the :class:`core.ledger.records.entry.Entry`. Free text of a phone's owner (the names of profiles) is
never recorded. An app that no rule speaks of is recorded only where a gap names it, since it could not be looked into,
and on an iPhone, where it came from no store.
"""

from __future__ import annotations

from core.ledger.records.check import (
    AppFound,
    BansSeen,
    CheckEnded,
    CheckStarted,
    HealthTold,
    PhoneLabelled,
    PhoneSeen,
    SeenBan,
)
from core.ledger.records.desk import (
    Cosignatures,
    Cosigned,
    Erased,
    Exported,
    ForkSeen,
    KeyNext,
    KeysReplaced,
    LogBegun,
    OutsideCopy,
    ProblemMet,
    ProgramStart,
    RecordedKeys,
    Timestamped,
)
from core.ledger.records.entry import Device, Entry, PolicyUsed, read_entry
from core.ledger.records.fields import Record, UnknownRecord
from core.ledger.records.kinds import HOUSEKEEPING, INTENTS, OUTCOMES, Kind
from core.ledger.records.leaf import Personal
from core.ledger.records.policy import (
    ExceptionBound,
    ExceptionGranted,
    ExceptionRevoked,
    PolicyAccepted,
    PolicyLoaded,
    PolicyRefused,
    Versions,
)
from core.ledger.records.removal import (
    EvidenceTaken,
    RemovalIntended,
    RemovalOutcome,
    StepIntended,
    StepOutcome,
    UndoIntended,
    UndoOutcome,
)
from core.ledger.records.rounds import RecheckDrawn, RosterBrought, RosterForgotten, RoundBegun, RoundEnded
from core.ledger.records.visit import Attestation, HandBackFollowed, HandBackIntended, HandedBack, LookedFor
