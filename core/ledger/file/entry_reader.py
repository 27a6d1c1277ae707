"""Reading a ledger's entries by their numbers, and knowing which to read without asking an index of the file."""

from __future__ import annotations

import contextlib
import json
from array import array
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import Final

from sqlite_utils import Database

from core.ledger.file.contents import LogContents, StoredRow
from core.ledger.file.database import PRACTICE_ID
from core.ledger.file.kept_tree import has_seals, kept_subtree, seal_missing
from core.ledger.file.open_ledger import OpenLedger
from core.ledger.problems import DamagedLedger
from core.ledger.records import Entry, Erased, Kind, read_entry
from core.ledger.records.leaf import Opening, commitments_in, leaf_hash
from core.ledger.tlog.notes import Checkpoint, Note, NoteError
from core.ledger.tlog.tree import TILE, Subtree, inclusion_path, is_included, range_root
from core.model import Verdict

#: Entries read at a time: few enough that a writer does not wait, and that a stop button is looked at.
PAGE: Final = 500
_STRETCH: Final = 8_192
#: Entries before and behind a visit, or a day, among which a damaged one may be of it.
_NEAR: Final = 1_000
#: Bytes that an entry takes in a file at least: a number far above what the file can hold is forged.
_LEAST_BYTES: Final = 64
#: Ledgers of which the contents are kept in memory, those last asked.
_KEPT: Final = 4

# An altered file may have texts and nulls where it has bytes. NOT INDEXED leaves the lookup by number.
_STORED: Final = """SELECT seq, ifnull(CAST(leaf AS BLOB), x''), ifnull(CAST(leaf_hash AS BLOB), x'')
    FROM entry NOT INDEXED"""
_BETWEEN: Final = _STORED + " WHERE seq >= ? AND seq < ? ORDER BY seq"
_NUMBERED: Final = _STORED + " WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq"  # noqa: S608 - nothing but what stands here
_NEWEST_SEAL: Final = """SELECT size, ifnull(CAST(note AS BLOB), x'') FROM seal
    WHERE size <= ? ORDER BY size DESC LIMIT 1"""
_LAST_SEAL: Final = "SELECT coalesce(max(size), 0) FROM seal"
_OPENINGS: Final = """SELECT CAST(commitment AS BLOB), seq, ifnull(CAST(salt AS BLOB), x''),
    ifnull(CAST(value AS BLOB), x'')
    FROM opening NOT INDEXED WHERE commitment IN"""
_VALUES: Final = "SELECT count(*) FROM opening NOT INDEXED WHERE commitment >= x''"
#: Commitments asked for in one query: each is a value of it.
_COMMITMENTS: Final = 900

_cached_contents: Final[OrderedDict[Path, LogContents]] = OrderedDict()
_known_lock: Final = Lock()


class EntryReader(OpenLedger):
    """The part of a ledger that reads entries. Everything here may raise LedgerProblem."""

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        super().__init__(database, path, reading=reading)
        #: Up to which entry it is known that no seal is missing.
        self._looked_for_seals = 0

    def entry(self, seq: int) -> Entry | None:
        """Entry number `seq`; None where the log does not reach so far. Raises DamagedLedger where it is gone."""
        return self.all_numbered([seq])[0] if 0 < seq <= self.count() else None

    def as_it_stands(self, seq: int) -> Entry | None:
        """Entry number `seq` without a look at any seal: verification compares it by itself."""
        return next(iter(self._numbered([seq], compared=True)), None)

    def entries_numbered(self, numbers: Sequence[int]) -> tuple[Entry, ...]:
        """The entries with these numbers, in this order; those that are not there are left out.

        Raises DamagedLedger where one is not what was hashed, or is not under the newest seal over its number.
        """
        return self._numbered(numbers, compared=False)

    def all_numbered(self, numbers: Sequence[int], *, compared: bool = False) -> tuple[Entry, ...]:
        """The entries with these numbers, in this order. Raises DamagedLedger as :meth:`entries_numbered` does, and
        where one is not there. Those that the caller has `compared` with what a seal tells of them are not looked for
        under it."""
        entries = self._numbered(numbers, compared)
        if len(entries) != len(numbers):
            missing = sorted(set(numbers) - {entry.seq for entry in entries})[:10]
            raise DamagedLedger(self.path, f"entries {missing} are not there")
        return entries

    def _numbered(self, numbers: Sequence[int], compared: bool) -> tuple[Entry, ...]:
        rows: list[StoredRow] = self.rows(_NUMBERED, [json.dumps(list(numbers))])
        entries = {entry.seq: entry for entry in self._entries(rows)}
        if not compared:
            self._require_sealed_alone(rows)
            self._require_values(entries.values())
        return tuple(entries[number] for number in numbers if number in entries)

    def paged(self, numbers: Iterable[int]) -> Iterator[Entry]:
        """The entries with these numbers, in this order: some hundred at a time, and no more numbers are asked for than
        are needed. Raises as :meth:`all_numbered` does."""
        remaining = iter(numbers)
        while page := tuple(islice(remaining, PAGE)):
            yield from self.all_numbered(page)

    def openings_beside(self, rows: Sequence[StoredRow]) -> list[Opening]:
        """What is kept of the personal values of these entries, by the commitments in them; unproven."""
        return [Opening(commitment, salt, value) for commitment, _, salt, value in self._openings_of(rows)]

    def _openings_of(self, rows: Sequence[StoredRow]) -> list[tuple[bytes, int, bytes, bytes]]:
        """The personal values beside these rows, each with the number of the entry that it says to belong to."""
        commitments = [bytes.fromhex(name) for _, leaf, _ in rows for name in _names(leaf)]
        openings: list[tuple[bytes, int, bytes, bytes]] = []
        for start in range(0, len(commitments), _COMMITMENTS):
            part = commitments[start : start + _COMMITMENTS]
            marks = ", ".join("?" * len(part))
            openings += self.rows(f"{_OPENINGS} ({marks})", part)
        return openings

    def values_of(self, numbers: Sequence[int]) -> dict[int, list[Opening]]:
        """What is kept of the personal values of these entries, by the entry's number; unproven."""
        values: dict[int, list[Opening]] = {}
        for start in range(0, len(numbers), PAGE):
            rows = self.rows(_NUMBERED, [json.dumps(list(numbers[start : start + PAGE]))])
            openings = {opening.commitment.hex(): opening for opening in self.openings_beside(rows)}
            for seq, leaf, _ in rows:
                if kept := [openings[name] for name in _names(leaf) if name in openings]:
                    values[seq] = kept
        return values

    def stored(self, numbers: Sequence[int]) -> list[StoredRow]:
        """The entries with these ascending numbers as they are stored. Raises as :meth:`all_numbered` does."""
        rows: list[StoredRow] = self.rows(_NUMBERED, [json.dumps(list(numbers))])
        if [row[0] for row in rows] != list(numbers):
            raise DamagedLedger(self.path, f"of {len(numbers)} entries from number {numbers[0]}, {len(rows)} are there")
        for seq, leaf, stored_hash in rows:
            if leaf_hash(leaf) != stored_hash:
                raise DamagedLedger(self.path, f"entry {seq} is not what was hashed")
        self._require_sealed_alone(rows)
        return rows

    def contents(self, low: int = 1) -> LogContents:
        """What stands in the ledger from entry number `low` on: read where it is not known yet, and as it was sealed.

        Raises DamagedLedger where the entries are not those that the newest seal was made over.
        """
        return deque(self.reading(low), maxlen=1).pop()[0]

    def reading(self, low: int = 1) -> Iterator[tuple[LogContents, float]]:
        """Read what :meth:`contents` gives, stretch by stretch, from the newest entry down.

        Each time the contents as they are by then are given, with the share that is read (up to 1.0). At the end they
        are compared with the newest seal, and the last share is 1.0. Raises DamagedLedger.
        """
        count = self._plausible_count()
        contents = self._contents(count)
        whole = max(count - low + 1, 1)
        while contents.high < count or contents.low > max(low, 1):
            with contents.lock:
                if contents.high < count:
                    before = min(contents.high + _STRETCH, count) + 1
                    contents.add_above(before, self._rows_between(contents.high + 1, before))
                elif contents.low > low:
                    first = max(contents.low - _STRETCH, 1)
                    first -= (first - 1) % (1 << TILE)  # whole tiles, so that the tree needs no single leaf below
                    contents.add_below(first, self._rows_between(first, contents.low))
            yield contents, min(1 - (contents.low - low) / whole, 1.0)
        self._require_sealed(contents)
        if contents.of_practice - {self._is_practice()}:
            raise DamagedLedger(self.path, "practice and real entries in one log")
        yield contents, 1.0

    def require_undamaged(self, contents: LogContents, first: int, last: int) -> None:
        """Raise DamagedLedger where an entry is damaged that an answer about those from number `first` to number `last`
        may leave out: one of them, or one not far from them, as visits of several phones go on at once."""
        if damaged := contents.damaged_between(first - _NEAR, last + _NEAR):
            raise DamagedLedger(self.path, f"entries {damaged[:10]} are damaged or missing")

    def numbers_down(
        self, before: int | None = None, kind: Kind | None = None, verdict: Verdict | None = None
    ) -> Iterator[int]:
        """The numbers of the entries of a kind, or with a verdict, below `before`, the newest first; no more is read of
        the ledger than is needed. Raises DamagedLedger where a damaged entry is come past."""
        count = self.count()
        before = min(before or count + 1, count + 1)
        if kind is None and verdict is None:
            yield from range(before - 1, 0, -1)
            return
        contents = self.contents(before)
        while before > 1:
            number = contents.newest(before, kind, verdict)
            self.require_undamaged(contents, number or contents.low, before - 1)
            if number is not None:
                yield number
                before = number
            elif contents.low > 1:
                before = min(before, contents.low)
                contents = self.contents(max(contents.low - _STRETCH, 1))
            else:
                return

    def erasures(self) -> dict[int, int]:
        """The entries of which personal values were erased, each with the number of the last entry that says so.

        Raises DamagedLedger where a damaged entry could be one that says so.
        """
        contents = self.contents()
        self.require_undamaged(contents, 1, contents.high)
        return self._erasures(contents)

    def _erasures(self, contents: LogContents) -> dict[int, int]:
        """What :meth:`erasures` gives, as far as entries that are not damaged say so."""
        erased: dict[int, int] = {}
        for entry in self.paged(contents.chosen(1, contents.high + 1, kind=Kind.ERASED)):
            if entry.seq not in contents.damaged and isinstance(entry.record, Erased):
                erased.update(dict.fromkeys(entry.record.records, entry.seq))
        return erased

    def visits_of(self, numbers: Sequence[int]) -> array[int]:
        """The visits to which the entries with these numbers belong, the newest first.

        A visit is given by the number of its first entry: entries are only added, so that it stays the same.
        """
        if not numbers:
            return array("q")
        contents = self.contents()
        firsts = {visit for number in numbers if (visit := contents.visit_of(number)) is not None}
        return array("q", sorted(firsts, reverse=True))

    def records_of(self, visits: Sequence[int]) -> array[int]:
        """The numbers of all entries of the visits that begin with these entries, in order."""
        contents = self.contents()
        return array("q", sorted(number for visit in visits for number in contents.entries_of(visit)))

    def of_visits(self, numbers: Sequence[int]) -> tuple[tuple[Entry, ...], ...]:
        """All entries of the visits to which the entries with these numbers belong, the oldest first, by visit.

        Raises DamagedLedger where an entry between the first and the last one of a visit is damaged.
        """
        contents = self.contents()
        visits = self.visits_of(numbers)[::-1]
        if visits:  # a damaged entry behind the first one of a visit may be of it, however far behind
            self.require_undamaged(contents, visits[0], contents.high)
        # Asked once: other threads share the contents, and a visit may go on meanwhile.
        by_visit = [tuple(contents.entries_of(visit)) for visit in visits]
        entries = {entry.seq: entry for entry in self.paged(sorted(chain.from_iterable(by_visit)))}
        return tuple(tuple(entries[number] for number in visit) for visit in by_visit)

    def of_visit(self, visit: str) -> tuple[Entry, ...]:
        """All entries of the visit with this name, the oldest first. Raises as :meth:`of_visits` does."""
        contents = self.contents()
        number = contents.visit_named(visit)
        if number is None:
            self.require_undamaged(contents, 1, contents.high)
            return ()
        return self.of_visits([number])[0]

    def _contents(self, count: int) -> LogContents:
        """What is known of this file; nothing where it is another file by now, or was cut."""
        with _known_lock:
            contents = _cached_contents.get(self.path)
            if contents is None or not self._is_the_same(contents):
                contents = LogContents(count)
            _cached_contents[self.path] = contents
            _cached_contents.move_to_end(self.path)
            while len(_cached_contents) > _KEPT:
                _cached_contents.popitem(last=False)
        return contents

    def _known_contents(self) -> LogContents | None:
        """What was read before of this file, if it is still that file."""
        contents = _cached_contents.get(self.path)
        return contents if contents is not None and self._is_the_same(contents) else None

    def _is_the_same(self, contents: LogContents) -> bool:
        """Whether the file is still the one that was read: by the hashes at both ends of what is known of it."""
        ends = [contents.low, contents.high] if contents.low <= contents.high else []
        stored_hashes = {seq: hashed for seq, _, hashed in self.rows(_NUMBERED, [json.dumps(ends)])} if ends else {}
        return contents.high <= self.count() and all(
            seq in contents.damaged or stored_hashes.get(seq) == contents.leaf_hash(seq) for seq in ends
        )

    def _is_practice(self) -> bool:
        """Whether the file says that it is a log of practice phones."""
        return bool(self.rows("PRAGMA application_id", []) == [(PRACTICE_ID,)])

    def _plausible_count(self) -> int:
        """How many entries there are. Raises DamagedLedger where that is more than the file can hold."""
        count = self.count()
        if count > self.path.stat().st_size // _LEAST_BYTES:
            raise DamagedLedger(self.path, f"an entry has the number {count}")
        return count

    def _rows_between(self, first: int, before: int) -> list[StoredRow]:
        """The rows of a stretch; where a page of the file is damaged, those that can be read."""
        try:
            return self.rows(_BETWEEN, [first, before])
        except DamagedLedger:
            if before - first == 1:
                return []
        middle = (first + before) // 2
        return self._rows_between(first, middle) + self._rows_between(middle, before)

    def _require_sealed(self, contents: LogContents) -> None:
        """Raise DamagedLedger unless what was read, and what is kept of the rest, has the root of the newest seal."""
        size, note = self._newest_note(contents.high)
        with contents.lock:
            if not size or contents.sealed == (contents.low, size):
                return
            root = self._sealed_root(size, note)
            with self._access(), self._subtrees() as beside:
                if range_root(0, size, contents.subtree(beside)) != root:
                    raise DamagedLedger(self.path, f"the first {size} entries are not those that were sealed")
            contents.sealed = (contents.low, size)

    def _require_sealed_alone(self, rows: Sequence[StoredRow]) -> None:
        """Raise DamagedLedger unless each of these rows is the entry that was read and compared with a seal before, or
        is proved to be under the newest seal. For an entry that is not sealed yet, only its own hash speaks."""
        contents = self._known_contents()
        size, root = None, b""
        subtrees: dict[tuple[int, int], bytes] = {}  # entries beside each other have nearly the same
        for seq, _, hashed in rows:
            if contents is not None and contents.knows(seq) and contents.leaf_hash(seq) != hashed:
                raise DamagedLedger(self.path, f"entry {seq} is another by now")
            if contents is not None and contents.was_compared(seq):
                continue
            if size is None:
                size, note = self._newest_note(self.count())
                root = self._sealed_root(size, note) if size else b""
            if seq <= size:
                with self._access(), self._subtrees() as beside:
                    path = inclusion_path(seq - 1, size, _remembering(beside, subtrees))
                if not is_included(hashed, seq - 1, size, path, root):
                    raise DamagedLedger(self.path, f"entry {seq} is not under the seal over {size}")

    def _require_values(self, entries: Iterable[Entry]) -> None:
        """Raise DamagedLedger where a personal value of an entry is gone, and no later one says that it was erased."""
        without = [e.seq for e in entries if any(name not in (e.openings or ()) for name in _names(e.exact))]
        if not without:
            return
        erased = self._erasures(self.contents())
        if silently := [seq for seq in without if erased.get(seq, 0) <= seq]:
            raise DamagedLedger(self.path, f"personal information of entries {silently[:10]} is gone, unrecorded")

    def require_as_read(self, contents: LogContents, first: int, before: int) -> None:
        """Raise DamagedLedger unless the entries from number `first` on and below `before`, as they stand in the file
        now, are those that were read."""
        hashes = contents.hashes_between(first, before)
        now = b"".join([leaf_hash(leaf) for _, leaf, _ in self._rows_between(first, before)])
        if now != hashes and not contents.damaged_between(first, before - 1):
            raise DamagedLedger(self.path, f"entries from {first} to {before - 1} are others by now")

    def require_all_values(self) -> None:
        """Raise DamagedLedger unless the personal values are those of the entries and no others: each in its place,
        true, and there unless an entry says that it was erased. Every entry with a value is read for it."""
        with self.one_reading():  # a check that is under way adds others
            contents = self.contents()
            erased, proven = self._erasures(contents), 0
            for start in range(0, len(numbers := contents.with_values()), PAGE):
                rows = self.stored(numbers[start : start + PAGE])
                openings = {row[0]: row[1:] for row in self._openings_of(rows)}
                for seq, leaf, _ in rows:
                    for name in _names(leaf):
                        place, salt, value = openings.get(bytes.fromhex(name), (seq, b"", b""))
                        if place == seq and Opening(bytes.fromhex(name), salt, value).true:
                            proven += 1
                        elif bytes.fromhex(name) in openings or erased.get(seq, 0) <= seq:
                            raise DamagedLedger(self.path, f"personal information of entry {seq} is gone, or another")
            count = int(self.rows(_VALUES, [])[0][0])
            if count != proven:
                raise DamagedLedger(self.path, f"of {count} items of personal information, {proven} belong to entries")

    def _newest_note(self, count: int) -> tuple[int, bytes]:
        """How many entries the newest seal within the first `count` of them is over, and its note; 0 without a seal.

        Raises DamagedLedger where a seal is over more entries than there are.
        """
        with self._access():
            missing = seal_missing(self._database, self._looked_for_seals)
        if missing is not None:
            raise DamagedLedger(self.path, f"the seal over entry {missing} is missing")
        self._looked_for_seals = count
        if not self._has_seals():
            return 0, b""
        last, present = int(self.rows(_LAST_SEAL, [])[0][0]), self.count()  # in this order: both only grow
        if last > present:
            raise DamagedLedger(self.path, f"of {last} sealed entries, {present} are there")
        seals = self.rows(_NEWEST_SEAL, [count])
        return seals[0] if seals else (0, b"")

    def _has_seals(self) -> bool:
        """See :func:`core.ledger.file.kept_tree.has_seals`."""
        with self._access():
            return has_seals(self._database)

    def _sealed_root(self, size: int, note: bytes) -> bytes:
        """The root that the seal over `size` entries states. Raises DamagedLedger where it is no such seal."""
        try:
            sealed = Checkpoint.parse(Note.parse(note).text)
        except NoteError as error:
            raise DamagedLedger(self.path, f"seal over {size}: {error}") from error
        if sealed.size != size:
            raise DamagedLedger(self.path, f"seal over {size} says {sealed.size}")
        return sealed.root

    @contextlib.contextmanager
    def _subtrees(self) -> Iterator[Subtree]:
        """What the file keeps of the tree. In the block, what is missing of it raises DamagedLedger."""
        try:
            yield partial(kept_subtree, self._database)
        except LookupError as error:
            raise DamagedLedger(self.path, str(error)) from error

    def _entries(self, rows: Sequence[StoredRow]) -> list[Entry]:
        """Entries out of rows, with the personal values that are not erased."""
        openings = {
            opening.commitment.hex(): opening.value.decode()
            for opening in self.openings_beside(rows)
            if opening.true  # what is not what was committed to is not shown
        }
        try:
            return [
                read_entry(seq, leaf, stored_hash, {name: openings[name] for name in _names(leaf) if name in openings})
                for seq, leaf, stored_hash in rows
            ]
        except (ValueError, TypeError) as error:
            raise DamagedLedger(self.path, str(error)) from error


def _remembering(subtree: Subtree, hashes: dict[tuple[int, int], bytes]) -> Subtree:
    """What gives the hash of each subtree, and keeps it in `hashes`."""

    def hashed(level: int, position: int) -> bytes:
        if (level, position) not in hashes:
            hashes[level, position] = subtree(level, position)
        return hashes[level, position]

    return hashed


def _names(leaf: bytes) -> list[str]:
    """The commitments in a leaf, in hex."""
    return [name.decode() for name in commitments_in(leaf)]
