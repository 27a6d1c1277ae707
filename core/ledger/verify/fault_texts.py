"""What is wrong with a log, in words."""

from __future__ import annotations

from typing import Final

from core.ledger.keys.enrolment import Enrolment
from core.ledger.verify.faults import Fault, FaultKind
from core.text import N, T, Text


def _of_the_log(kind: FaultKind, what: Text) -> Fault:
    return Fault(kind, 0, 0, what)


NOT_ENROLLED: Final = _of_the_log(
    FaultKind.NOT_ENROLLED, T("The log does not begin with the keys that the desk was enrolled with.")
)
GUARDS: Final = _of_the_log(FaultKind.GUARDS, T("The file’s guards against change were altered by another program."))
STRAYS: Final = _of_the_log(FaultKind.OUT_OF_ORDER, T("There are entries that do not stand among the numbered ones."))
CACHE: Final = _of_the_log(FaultKind.CACHE, T("What is kept beside the entries does not fit them."))
INDEX: Final = _of_the_log(
    FaultKind.INDEX,
    T("An index of the file gives other entries than there are: what is listed or found may be incomplete."),
)
STRUCTURE: Final = _of_the_log(FaultKind.STRUCTURE, T("The file’s structure was altered or is damaged."))
NOT_AS_TOLD: Final = _of_the_log(
    FaultKind.NOT_AS_SEALED,
    T("The entries that decide something, such as an exception or its withdrawal, are not those that a seal tells of."),
)
NO_SEALS: Final = _of_the_log(
    FaultKind.SEAL_MISSING, T("The log was sealed before, but no seal of it is there any more.")
)
NO_KEYS: Final = _of_the_log(
    FaultKind.NO_KEYS,
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
    FaultKind.FALSE_OPENING: T("A personal value beside the entry is not the one that it was sealed with."),
    FaultKind.SEAL_MISSING: T(
        "This entry announces the key of a next seal, but the seal that it stood under is not there."
    ),
    FaultKind.BAD_SEAL: T("The seals do not stand in their order."),
}


def of_records(kind: FaultKind, first: int, last: int = 0) -> Fault:
    """That fault of the records from `first` to `last`, or of `first` alone."""
    last = last or first
    count = last - first + 1
    match kind:
        case FaultKind.MISSING:
            what = N(
                "Entry {first} is missing.", "Entries {first} to {last} are missing.", count, first=first, last=last
            )
        case FaultKind.LOST:
            what = N(
                "The entry cannot be read back from the disk.", "The entries cannot be read back from the disk.", count
            )
        case FaultKind.OUT_OF_ORDER:
            what = N(
                "The entry stands at a place that is not its own.",
                "These entries stand at places that are not their own.",
                count,
            )
        case FaultKind.UNTRUE_TALLY:
            what = N(
                "What entry {first} tells of the entries that decide something is not true.",
                "What entries from {first} to {last} tell of the entries that decide something is not true.",
                count,
                first=first,
                last=last,
            )
        case FaultKind.NOT_AS_SEALED:
            what = N(
                "Entry {first} is not as it was sealed.",
                "Of entries {first} to {last}, at least one is not as it was sealed.",
                count,
                first=first,
                last=last,
            )
        case _:
            what = _WORDS[kind]
    return Fault(kind, first, last, what)


def not_enrolled(number: int, told: Enrolment, enrolment: Enrolment) -> Fault:
    """Record `number` begins the log with other keys than those of `enrolment`."""
    if told.origin == enrolment.origin:
        return Fault(FaultKind.NOT_ENROLLED, number, number, NOT_ENROLLED.what)
    what = T(
        "This is the log {log}, but the keys are those of the log {other}.", log=told.origin, other=enrolment.origin
    )
    return Fault(FaultKind.NOT_ENROLLED, number, number, what)
