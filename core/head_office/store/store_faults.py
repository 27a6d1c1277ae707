"""What can be wrong with a store, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.text import N, T, Text, plain

#: Faults that are listed; all are counted.
LISTED: Final = 1_000
_NAME: Final = 500


class StoreFaultKind(StrEnum):
    """What is wrong, in one word for machines."""

    #: The list of files is not signed by the key that it has to be signed by.
    LIST_NOT_SIGNED = "list-not-signed"
    #: A file that the list names is not there.
    FILE_MISSING = "file-missing"
    #: A file is not to the byte the one that the list names.
    FILE_CHANGED = "file-changed"
    #: A file lies among the others and is not in the list.
    FILE_ADDED = "file-added"
    #: A file cannot be read as one of its table.
    FILE_UNREADABLE = "file-unreadable"
    #: A row says something else than the entry that it was made of.
    ROW_CHANGED = "row-changed"
    #: An entry has no such row any more.
    ROW_MISSING = "row-missing"
    #: No entry gives such a row.
    ROW_ADDED = "row-added"
    #: The entries and seals of a desk are not those that it has made.
    ENTRIES = "entries"
    #: What the store keeps of a desk's last merged checkpoint is not what the desk has signed.
    CHECKPOINT = "checkpoint"
    #: The keys that the store has of a desk are not those that were enrolled.
    KEYS = "keys"
    #: An entry is another one in a bundle.
    BUNDLE_DIFFERS = "bundle-differs"
    #: A bundle has entries that the store does not have.
    NOT_MERGED = "not-merged"
    #: A bundle could not be compared, as it is not sound itself.
    BUNDLE_REFUSED = "bundle-refused"


@dataclass(frozen=True, slots=True)
class StoreFault:
    """One thing that is wrong. `file` is a path below the store, `desk` the name of one and `log` that of its log;
    `first` and `last` are entries, 0 for none; `columns` of a row, which have other values."""

    kind: StoreFaultKind
    sentence: Text
    file: str = ""
    log: str = ""
    desk: str = ""
    first: int = 0
    last: int = 0
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class StoreFaults:
    """All that is wrong: `count` of them, of which the first are `listed`."""

    listed: list[StoreFault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: StoreFault) -> None:
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(fault)


def of_file(kind: StoreFaultKind, path: str) -> StoreFault:
    """A fault of a whole file."""
    name = plain(path, _NAME)
    match kind:
        case StoreFaultKind.FILE_MISSING:
            sentence = T("The file {file} is missing.", file=name)
        case StoreFaultKind.FILE_ADDED:
            sentence = T("The file {file} does not belong to the store: the list does not have it.", file=name)
        case StoreFaultKind.FILE_UNREADABLE:
            sentence = T("The file {file} cannot be read as a file of its table.", file=name)
        case _:
            sentence = T("The file {file} was changed: its fingerprint is not the one in the list.", file=name)
    return StoreFault(kind, sentence, path)


def of_row(
    kind: StoreFaultKind, table: str, file: str, log: str, desk: str, entry: int, columns: tuple[str, ...] = ()
) -> StoreFault:
    """A fault of one row. Of one that is missing, the file is not known."""
    words = {"table": table, "entry": entry, "desk": plain(desk or log, _NAME), "file": plain(file, _NAME)}
    match kind:
        case StoreFaultKind.ROW_CHANGED:
            sentence = T(
                "The row of entry {entry} of the desk {desk} in {file} is not as the entry says: {columns}.",
                **words,
                columns=", ".join(columns),
            )
        case StoreFaultKind.ROW_MISSING:
            sentence = T("The table {table} has no row for entry {entry} of the desk {desk}.", **words)
        case _:
            sentence = T("A row in {file} is made of no entry: entry {entry} of the desk {desk}.", **words)
    return StoreFault(kind, sentence, file, log, desk, entry, entry, columns)


def of_entries(fault: Text, file: str, log: str, desk: str, first: int, last: int) -> StoreFault:
    """A fault of a desk's entries or seals, as a verification of its log tells it."""
    sentence = T("Desk {desk}: {what}", desk=plain(desk or log, _NAME), what=fault)
    return StoreFault(StoreFaultKind.ENTRIES, sentence, file, log, desk, first, last)


def of_bundle(kind: StoreFaultKind, bundle: str, log: str, desk: str, first: int, last: int) -> StoreFault:
    """A fault that shows by a bundle."""
    words = {"bundle": plain(bundle, _NAME), "desk": plain(desk or log, _NAME), "first": first, "last": last}
    count = last - first + 1
    if kind is StoreFaultKind.BUNDLE_DIFFERS:
        sentence = T("Entry {first} of the desk {desk} is another one in the bundle {bundle}.", **words)
    else:
        sentence = N(
            "The store does not have entry {first} of the desk {desk}, which the bundle {bundle} has.",
            "The store does not have entries {first} to {last} of the desk {desk}, which the bundle {bundle} has.",
            count,
            **words,
        )
    return StoreFault(kind, sentence, "", log, desk, first, last)
