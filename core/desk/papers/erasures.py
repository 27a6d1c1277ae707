"""Erasing personal values, and what is still to be erased by hand: the copies that left, as far as the log knows them.

The log has on record that something was handed out, by whom and when, and in which form; not into which folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from core import describe
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.desk.personal_places import Elsewhere, erase_elsewhere
from core.ledger.evidence.kept_files import released_by
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Exported, Kind, OutsideCopy
from core.rounds.coverage.seen_phones import all_of
from core.text import N, T, Text

#: Papers with personal values, by the way in which their record says that they left.
_PAPERS: Final = frozenset({"receipt", "round-report"})
#: Forms of an export that have them where they were asked for; no other form ever has.
_TABLES: Final = frozenset({"csv", "parquet"})
#: Copies that are named one by one.
_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many `values` were erased, and the records of handing out `copies` that may still have them, newest first;
    and how many copies of apps' `files` were deleted with them, and what of the data folder had a value `elsewhere`."""

    values: int
    copies: tuple[Entry, ...]
    files: int = 0
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


def erase(desk: Desk, practice: bool, seqs: Sequence[int], reason: str, consent: bool = False) -> Erasure:
    """As :func:`core.desk.papers.log_evidence.erase`, and what was handed out since the first of these records."""
    with desk.read_ledger(practice) as ledger:
        files = len(released_by(ledger, seqs).files)
        openings = ledger.values_of(sorted(set(seqs)))
    values = log_evidence.erase(desk, practice, seqs, reason, consent)
    words = {opening.value.decode(errors="replace") for kept in openings.values() for opening in kept}
    elsewhere = erase_elsewhere(desk.data, words)
    with desk.read_ledger(practice) as ledger:
        copies = copies_since(ledger, min(seqs, default=0)) if values else ()
    return Erasure(values, copies, files, elsewhere)


def deleted(files: int, size: int | None = None) -> Text:
    """Say which copies of apps' files go with personal values, of `size` bytes together."""
    if size is None:
        return N("{count} copy of an app’s file was deleted.", "{count} copies of apps’ files were deleted.", files)
    return N(
        "With it goes {count} copy of an app’s file ({size} MB).",
        "With it go {count} copies of apps’ files ({size} MB).",
        files,
        size=size / 1e6,
    )


def copies_since(ledger: LedgerReader, seq: int) -> tuple[Entry, ...]:
    """The records after number `seq` by which copies with personal values were handed out. Raises LedgerProblem."""
    left = (entry for kind in (Kind.EXPORTED, Kind.OUTSIDE_COPY) for entry in all_of(ledger, kind, seq))
    return tuple(sorted(filter(_has_personal, left), key=lambda entry: entry.seq, reverse=True))


def _has_personal(entry: Entry) -> bool:
    """Whether an entry is about a copy that has personal values, or may have them."""
    match entry.record:
        case Exported(format="bundle"):
            return True
        case Exported(format=format, chosen=chosen):
            names_holders = (
                "due" in chosen or "store" in chosen or ("round" in chosen and chosen.get("phones") == "all")
            )
            return names_holders or (format in _TABLES and chosen.get("personal") == "yes")
        case OutsideCopy(how=how):
            return how in _PAPERS
    return False


def remaining(copies: Sequence[Entry]) -> Text:
    """Say, in a sentence or two, what an erasure does not reach."""
    disk = T(
        "On the disk it was overwritten; backups, snapshots of the file system and the reserve of a flash disk may "
        "still have it."
    )
    if not copies:
        return disk
    return N(
        "{count} copy that was handed out since then may have it as well: destroy it or have it erased. {disk}",
        "{count} copies that were handed out since then may have it as well: destroy them or have them erased. {disk}",
        len(copies),
        disk=disk,
    )


def copy_lines(copies: Sequence[Entry]) -> Iterator[Text]:
    """The newest copies: when they were handed out, by whom, and what they are."""
    for entry in copies[:_NAMED]:
        yield T(
            "{time}, {officer}: {what} (entry {entry})",
            time=describe.when(entry),
            officer=describe.officer(entry),
            what=describe.summary(entry),
            entry=entry.seq,
        )
    if len(copies) > _NAMED:
        remaining = len(copies) - _NAMED
        yield N("and {count} more.", "and {count} more.", remaining)
