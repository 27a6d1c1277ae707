"""The records of an export, as far as the page of one check asks for them: read from its lines, in bounded memory."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from core.jobs import Cancel
from core.ledger.records import Entry, Kind, read_entry
from core.ledger.records.leaf import LEAF_LIMIT, leaf_hash
from core.ledger.verify.record_check import SEQ

#: Records of one visit that are read: as many as a phone that wants to fill the log can cause, and more than any visit.
_VISIT_LIMIT: Final = 20_000
#: Lines between two looks at the stop button.
_BLOCK: Final = 4_096


class ExportedRecords:
    """The records of a verified export. Their personal values are not in it.

    A line that is no record is left out: verification has told so. Raises OSError where the file cannot be read,
    Cancelled.
    """

    def __init__(self, folder: Path, cancel: Cancel) -> None:
        self._file = folder / "leaves.jsonl"
        self._cancel = cancel
        self._visits: dict[str, list[Entry]] = {}
        self._newest: dict[tuple[int, int | None, Kind | None], Sequence[Entry]] = {}

    def of_visit(self, visit: str) -> Sequence[Entry]:
        """All records of one visit, the oldest first."""
        if visit not in self._visits:
            mark = f'"visit":"{visit}"'.encode()
            entries = (entry for entry in self._entries(lambda line: mark in line) if entry.visit == visit)
            self._visits[visit] = [entry for entry, _ in zip(entries, range(_VISIT_LIMIT), strict=False)]
        return self._visits[visit]

    def entries_numbered(self, numbers: Sequence[int]) -> Sequence[Entry]:
        """The records with these numbers, the oldest first; those that are not there are left out."""
        if not numbers:
            return ()
        requested = set(numbers)
        by_number = {
            entry.seq: entry for entries in self._visits.values() for entry in entries if entry.seq in requested
        }
        if missing := requested - by_number.keys():
            of_them = self._entries(lambda line: (match := SEQ.search(line)) is not None and int(match[1]) in missing)
            by_number |= {entry.seq: entry for entry in of_them}
        return [by_number[number] for number in sorted(by_number)]

    def newest(self, limit: int, before: int | None = None, kind: Kind | None = None) -> Sequence[Entry]:
        """The last records of a kind, the newest first: those numbered below `before`."""
        if (cached := self._newest.get((limit, before, kind))) is not None:
            return cached
        mark = f'"type":"{kind}"'.encode()
        newest: deque[Entry] = deque(maxlen=limit)
        for entry in self._entries(lambda line: kind is None or mark in line):
            if (before is None or entry.seq < before) and (kind is None or entry.kind == kind):
                newest.append(entry)
        return self._newest.setdefault((limit, before, kind), tuple(reversed(newest)))

    def _entries(self, chosen: Callable[[bytes], bool]) -> Iterator[Entry]:
        with self._file.open("rb") as file:
            for count, line in enumerate(iter(lambda: file.readline(LEAF_LIMIT + 2), b"")):
                if count % _BLOCK == 0:
                    self._cancel.check()
                exact = line.rstrip(b"\n")
                if not chosen(exact) or (match := SEQ.search(exact)) is None:
                    continue
                with contextlib.suppress(ValueError, TypeError):
                    yield read_entry(int(match[1]), exact, leaf_hash(exact), {})
