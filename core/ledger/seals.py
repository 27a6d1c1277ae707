"""Seals read back: signed checkpoints, and the proofs that lead from a record to one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from core.jobs import Cancel
from core.ledger.file.database import flaws, has_its_guards
from core.ledger.file.entry_reader import EntryReader
from core.ledger.file.kept_tree import kept_subtree, kept_tree
from core.ledger.problems import DamagedLedger, LedgerProblem
from core.ledger.records import HOUSEKEEPING, Kind, OutsideCopy
from core.ledger.tlog.notes import Checkpoint, Note, NoteError, Proof
from core.ledger.tlog.tree import Frontier, consistency_path, inclusion_path, is_included, range_root
from core.text import T

_PAGE: Final = 500
#: Outside copies that are looked through: less than a tenth of a second's work.
_COPIES_LIMIT: Final = 10_000
# An altered file may have texts, numbers and nulls where it has bytes.
_NEWEST_SEAL: Final = "SELECT size, ifnull(CAST(note AS BLOB), x'') FROM seal ORDER BY size DESC LIMIT 1"
_SEAL_OVER: Final = "SELECT size, ifnull(CAST(note AS BLOB), x'') FROM seal WHERE size >= ? ORDER BY size LIMIT 1"
_SEALS: Final = "SELECT size, ifnull(CAST(note AS BLOB), x'') FROM seal WHERE size > ? ORDER BY size LIMIT ?"
_UNSEALED: Final = "SELECT (SELECT coalesce(max(seq), 0) FROM entry) - (SELECT coalesce(max(size), 0) FROM seal)"
_SIZES: Final = "SELECT size FROM seal ORDER BY size DESC LIMIT ?"
_HEAD: Final = """SELECT ifnull(CAST(size AS INTEGER), -1), ifnull(CAST(hashes AS BLOB), x''),
    (SELECT coalesce(max(seq), 0) FROM entry) FROM head"""


class NotSealed(LedgerProblem):
    """No seal covers that record yet."""

    code = "not-sealed"

    def __init__(self, seq: int) -> None:
        super().__init__(
            T("Entry {entry} of the log is not sealed yet.", entry=seq),
            T("Seal the log first: fanion log seal."),
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed checkpoint over the first `size` records."""

    size: int
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class OutsideCoverage:
    """The newest checkpoint that has left this computer, and how many records no outside copy covers.

    Those that the ledger writes about itself (keys, and the copies) are not counted.
    """

    size: int
    time: datetime | None
    how: str
    newer: int


class SealReader(EntryReader):
    """The part of a ledger that reads seals and makes proofs. Every method may raise LedgerProblem."""

    def newest_seal(self) -> Seal | None:
        """The last seal; None without one."""
        return self._seal(_NEWEST_SEAL, [])

    def seal_over(self, seq: int) -> Seal:
        """The first seal that covers record `seq`. Raises NotSealed."""
        seal = self._seal(_SEAL_OVER, [seq]) if 0 < seq <= self.count() else None
        if seal is None:
            raise NotSealed(seq)
        return seal

    def seals(self, after: int = 0) -> Iterator[Seal]:
        """All seals of more than `after` records, the oldest first; fetched as they are asked for."""
        for size, note in self.notes(after):
            yield self._read(size, note)

    def notes(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """The notes of all seals, also those that cannot be read as one; fetched as they are asked for."""
        while rows := self.rows(_SEALS, [after, _PAGE]) if self._has_seals() else []:
            yield from rows
            if rows[-1][0] <= after:  # a page of the file is in another's place: it would never end
                return
            after = int(rows[-1][0])

    def has_its_guards(self) -> bool:
        """Whether the tables of the file, and what guards them against change, are those that Fanion makes."""
        with self._access():
            return has_its_guards(self._database, self.path)

    def flaws(self, cancel: Cancel) -> tuple[str, ...]:
        """What is wrong with the file's structure, and which index gives other rows than its table, in SQLite's words.

        Reads the whole file. Raises Cancelled.
        """
        with self._access():
            try:
                return tuple(flaws(self._database, lambda: cancel.pressed))
            except sqlite3.DatabaseError as error:
                cancel.check()
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                    raise
                return (str(error),)

    def require_sound(self, cancel: Cancel) -> None:
        """Raise DamagedLedger where an index gives other rows than its table: before what is done by an index for good.

        Reads the whole file. Raises Cancelled.
        """
        if flaws := self.flaws(cancel):
            raise DamagedLedger(self.path, flaws[0])

    def knows_its_tree(self, tree: Frontier) -> bool:
        """Whether what is kept of the tree is what `tree` has, which was made of the records from the first one on.

        It may be over fewer records than there are, where a program of version 1 has added some, but never over more.
        """
        if not self._has_seals():
            return True
        rows = self.rows(_HEAD, [])
        if len(rows) != 1:
            return False
        size, hashes, count = rows[0]
        if not 0 <= size <= count:
            return False
        try:
            # What was added since `tree` was made, or is not in the head yet, is in the nodes and leaves.
            expected = tree if size == tree.size else self.tree_at(size)
        except DamagedLedger:
            return False
        return bool(hashes == expected.hashes)

    def unsealed(self) -> int:
        """How many records stand after the last seal."""
        if not self._has_seals():
            return self.count()
        return int(self.rows(_UNSEALED, [])[0][0])

    def root_at(self, size: int) -> bytes:
        """The tree's root over the first `size` records, by the hashes that are kept with them."""
        with self._access():
            return range_root(0, size, self._subtree)

    def tree_at(self, size: int) -> Frontier:
        """The tree over the first `size` records, by the hashes that are kept with them."""
        with self._access():
            try:
                return kept_tree(self._database, size)
            except LookupError as error:
                raise DamagedLedger(self.path, str(error)) from error

    def newest_sizes(self, count: int) -> list[int]:
        """How many records the last `count` seals are over, the newest first."""
        return [int(row[0]) for row in self.rows(_SIZES, [count])] if self._has_seals() else []

    def proof(self, seq: int) -> Proof:
        """Prove that record `seq` is under the first seal that covers it. Raises NotSealed."""
        return self.proof_in(seq, self.seal_over(seq))

    def proof_in(self, seq: int, seal: Seal) -> Proof:
        """Prove that record `seq` is under this seal. Raises DamagedLedger where that cannot be proved."""
        with self._access():
            path = inclusion_path(seq - 1, seal.size, self._subtree)
            leaf_hash = self._subtree(0, seq - 1)
        if not is_included(leaf_hash, seq - 1, seal.size, path, seal.checkpoint.root):
            raise DamagedLedger(self.path, f"record {seq} is not under the seal over {seal.size}")
        return Proof(seq - 1, path, seal.note)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the first `new` records begin with the first `old`: RFC 9162, section 2.1.4."""
        with self._access():
            return consistency_path(old, new, self._subtree)

    def outside(self) -> OutsideCoverage:
        """The newest outside copy, and what is newer. Raises DamagedLedger where a damaged record could be one."""
        size, when, how = self._newest_copy()
        contents = self.contents(size + 1)
        beside = sum(contents.count_of(kind, size) for kind in HOUSEKEEPING)
        return OutsideCoverage(size, when, how, max(0, self.count() - size - beside))

    def _newest_copy(self) -> tuple[int, datetime | None, str]:
        """Over how many records the largest outside copy is, when it was made, and how: those of one size, the last.

        Looked for from the end. Copies of old seals may stand behind those of newer ones; behind a great many of them,
        a larger one is not found, and more is said to be newer than is.
        """
        size, time, how = 0, None, ""
        for entry in self.paged(islice(self.numbers_down(kind=Kind.OUTSIDE_COPY), _COPIES_LIMIT)):
            # A copy is of records before its own: neither this one nor any further up covers more than seq - 1.
            if size >= entry.seq - 1:
                break
            if isinstance(copy := entry.record, OutsideCopy) and size < copy.size < entry.seq:
                size, time, how = copy.size, entry.time, str(copy.how)
        return size, time, how

    def _seal(self, query: str, values: list[object]) -> Seal | None:
        rows = self.rows(query, values) if self._has_seals() else []
        return self._read(*rows[0]) if rows else None

    def _read(self, size: int, note: bytes) -> Seal:
        try:
            parsed = Note.parse(note)
            checkpoint = Checkpoint.parse(parsed.text)
        except NoteError as error:
            raise DamagedLedger(self.path, f"seal over {size}: {error}") from error
        return Seal(size, parsed, checkpoint)

    def _subtree(self, level: int, position: int) -> bytes:
        """The hash of a complete subtree."""
        try:
            return kept_subtree(self._database, level, position)
        except LookupError as error:
            raise DamagedLedger(self.path, str(error)) from error
