"""What a verification can find, in words, and what it says in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.text import N, T, Text


class FaultKind(StrEnum):
    """What is wrong, in one word for machines."""

    #: A record's bytes are not those that were hashed.
    ALTERED = "altered"
    #: A number is missing between two others.
    MISSING = "missing"
    #: The disk does not give a record back.
    LOST = "lost"
    #: A record says another number than the one that it stands at.
    OUT_OF_ORDER = "out-of-order"
    #: A record is no leaf of a form that this version knows.
    UNREADABLE = "unreadable"
    #: The same JSON can be written in another way: duplicate keys, spaces.
    NOT_CANONICAL = "not-canonical"
    #: The records are not those that the seal was made over.
    NOT_AS_SEALED = "not-as-sealed"
    #: A seal is no checkpoint, or one of another log.
    BAD_SEAL = "bad-seal"
    #: A seal is not signed by the desk's own key, or that signature is false.
    NOT_THE_DESK = "not-the-desk"
    #: A seal is not signed by the key that this stretch of the log has, or that signature is false.
    WRONG_EPOCH_KEY = "wrong-epoch-key"
    #: The log goes on with keys that the ones before did not announce.
    KEYS_REPLACED = "keys-replaced"
    #: The log does not begin with the keys that the desk was enrolled with.
    NOT_ENROLLED = "not-enrolled"
    #: There are no keys to tell by who has sealed the log.
    NO_KEYS = "no-keys"
    #: A seal was announced and is not there.
    SEAL_MISSING = "seal-missing"
    #: Entries of an export that no seal of it covers: what Fanion exports is sealed.
    UNSEALED = "unsealed"
    #: A personal value is gone, and no record says that it was erased.
    NOT_ON_RECORD = "not-on-record"
    #: This computer had another log before, which is not here any more.
    EARLIER_LOG = "earlier-log"
    #: The calendar clock went back.
    CLOCK_BACK = "clock-back"
    #: The calendar clock was set forward while the computer ran.
    CLOCK_FORWARD = "clock-forward"
    #: The log is shorter than an outside copy says.
    CUT = "cut"
    #: The log is as long as an outside copy says, or longer, but its beginning is another.
    FORKED = "forked"
    #: A record is not the one that a receipt is about.
    NOT_THE_RECEIPTS = "not-the-receipts"
    #: A receipt says something else than the records that it is about.
    RECEIPT_DIFFERS = "receipt-differs"
    #: It could not be compared what a receipt's page says, or how it is drawn.
    RECEIPT_NOT_COMPARED = "receipt-not-compared"
    #: The file's guards against change are not those that Fanion made.
    GUARDS = "guards"
    #: An index of the file gives other records than there are.
    INDEX = "index"
    #: The file's own structure does not hold together.
    STRUCTURE = "structure"
    #: The last record under a seal tells something else of the records that decide something than there is.
    UNTRUE_TALLY = "untrue-tally"
    #: What is kept beside the records for speed does not fit them.
    CACHE = "cache"
    #: A personal value is not the one that its record is sealed with, or was erased and is here again.
    FALSE_OPENING = "false-opening"


#: Faults of the clock: the records themselves are as they were sealed.
OF_THE_CLOCK = (FaultKind.CLOCK_BACK, FaultKind.CLOCK_FORWARD)
#: What limits a result, but breaks nothing.
LIMITS = (*OF_THE_CLOCK, FaultKind.NO_KEYS, FaultKind.EARLIER_LOG, FaultKind.RECEIPT_NOT_COMPARED)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with the first and the last record that it is about; 0 for the whole log."""

    kind: FaultKind
    first: int
    last: int
    sentence: Text


class Compared(StrEnum):
    """How much of a receipt's page was compared with the records that it is about."""

    #: Everything on it, and how it is drawn.
    WHOLE = "whole"
    #: Its words.
    WORDS = "words"
    #: The verdict, names, numbers and times: it has another form, in other words.
    VALUES = "values"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ComparedReceipt:
    """A receipt whose page was compared with the record `entry` and its visit. `differences` say what is otherwise,
    `unknown` are values on it that are erased from the log by now, and that can be compared with nothing."""

    name: str
    entry: int
    compared: Compared
    differences: tuple[Text, ...] = ()
    unknown: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What was verified, and what is wrong.

    `sealed` records are covered by a seal of the log itself; those above are covered by nothing yet. `outside` records
    are covered by an outside copy that was brought along: only those cannot have been cut off or replaced by a user
    of this computer. `pinned` tells whether the keys came from outside, or only from this computer.
    """

    origin: str
    records: int
    seals: int
    sealed: int
    outside: int
    pinned: bool
    newest: datetime | None
    faults: tuple[Fault, ...]
    #: How many faults there are: no more than a thousand of them are listed.
    count: int
    #: The records that the outside copies' proofs are about, and that are those: their hashes, by number.
    proved: Mapping[int, bytes] = field(default_factory=dict)
    #: How many of them are breaks, and not limits: these too are counted where they are not listed.
    breaks: int = 0
    #: How many of the records were there, where the others were there only as hashes; None if all were.
    chosen: int | None = None
    #: The receipts whose pages were compared with the records that they are about.
    receipts: tuple[ComparedReceipt, ...] = ()

    def with_receipts(self, receipts: Sequence[ComparedReceipt]) -> Verification:
        """The same, with what was found on the pages of receipts."""
        faults, breaks = list[Fault](), 0
        for receipt in receipts:
            entry, name = receipt.entry, receipt.name
            for difference in receipt.differences:
                sentence = T("{file}: {what}", file=name, what=difference)
                faults.append(Fault(FaultKind.RECEIPT_DIFFERS, entry, entry, sentence))
                breaks += 1
            if receipt.compared is Compared.NOTHING:
                sentence = T("What stands on the page of {file} could not be compared with the log.", file=name)
                faults.append(Fault(FaultKind.RECEIPT_NOT_COMPARED, entry, entry, sentence))
        return replace(
            self,
            faults=tuple(sorted((*self.faults, *faults), key=lambda fault: fault.first)),
            count=self.count + len(faults),
            breaks=self.breaks + breaks,
            receipts=tuple(receipts),
        )

    @property
    def intact(self) -> bool:
        """The records are as they were sealed. By whom, is not known where there are no keys."""
        return not self.breaks and all(fault.kind in LIMITS for fault in self.faults)


NOT_ENROLLED: Final = Fault(
    FaultKind.NOT_ENROLLED, 0, 0, T("The log does not begin with the keys that the desk was enrolled with.")
)
GUARDS: Final = Fault(FaultKind.GUARDS, 0, 0, T("The file’s guards against change were altered by another program."))
STRAYS: Final = Fault(FaultKind.OUT_OF_ORDER, 0, 0, T("There are entries that do not stand among the numbered ones."))
CACHE: Final = Fault(FaultKind.CACHE, 0, 0, T("What is kept beside the entries does not fit them."))
INDEX: Final = Fault(
    FaultKind.INDEX,
    0,
    0,
    T("An index of the file gives other entries than there are: what is listed or found may be incomplete."),
)
STRUCTURE: Final = Fault(FaultKind.STRUCTURE, 0, 0, T("The file’s structure was altered or is damaged."))
NOT_AS_TOLD: Final = Fault(
    FaultKind.NOT_AS_SEALED,
    0,
    0,
    T("The entries that decide something, such as an exception or its withdrawal, are not those that a seal tells of."),
)
NO_SEALS: Final = Fault(
    FaultKind.SEAL_MISSING, 0, 0, T("The log was sealed before, but no seal of it is there any more.")
)
NO_KEYS: Final = Fault(
    FaultKind.NO_KEYS,
    0,
    0,
    T("There are no keys to tell by who has sealed the log: those of the desk’s enrolment are not here."),
)

#: What is wrong with single records, where their number makes no difference to the words.
_WORDS: Final[dict[FaultKind, Text]] = {
    FaultKind.ALTERED: T("The entry was changed after it was written."),
    FaultKind.UNREADABLE: T("The entry cannot be read."),
    FaultKind.NOT_CANONICAL: T("The entry is written in a way that can be read differently by different programs."),
    FaultKind.KEYS_REPLACED: T(
        "From here on the log goes on with other keys: the ones before were not on the computer any more."
    ),
    FaultKind.CLOCK_BACK: T("The computer’s clock was set back before this entry."),
    FaultKind.CLOCK_FORWARD: T("The computer’s clock was set forward before this entry."),
    FaultKind.CACHE: T("What is kept beside the entries cannot be read back from the disk."),
    FaultKind.FALSE_OPENING: T("Personal information beside the entry is not that which it was sealed with."),
    FaultKind.SEAL_MISSING: T(
        "This entry announces the key of a next seal, but the seal that it stood under is not there."
    ),
    FaultKind.BAD_SEAL: T("The seals do not stand in their order."),
}


def of_records(kind: FaultKind, first: int, last: int = 0) -> Fault:
    """That fault of the records from `first` to `last`, or of `first` alone."""
    last = last or first
    count, between = last - first + 1, {"first": first, "last": last}
    match kind:
        case FaultKind.MISSING:
            sentence = N("Entry {first} is missing.", "Entries {first} to {last} are missing.", count, **between)
        case FaultKind.LOST:
            sentence = N(
                "The entry cannot be read back from the disk.", "The entries cannot be read back from the disk.", count
            )
        case FaultKind.OUT_OF_ORDER:
            sentence = N(
                "The entry stands at a place that is not its own.",
                "These entries stand at places that are not their own.",
                count,
            )
        case FaultKind.UNTRUE_TALLY:
            sentence = N(
                "What entry {first} tells of the entries that decide something is not true.",
                "What entries from {first} to {last} tell of the entries that decide something is not true.",
                count,
                **between,
            )
        case FaultKind.NOT_AS_SEALED:
            sentence = N(
                "Entry {first} is not as it was sealed.",
                "Of entries {first} to {last}, at least one is not as it was sealed.",
                count,
                **between,
            )
        case _:
            sentence = _WORDS[kind]
    return Fault(kind, first, last, sentence)
