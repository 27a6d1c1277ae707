"""What stands in a ledger, by number: read from the entries themselves, each hashed in that reading.

A writer of the file can take rows out of one of its indexes and let it look as before. So nothing that Fanion answers
is looked up in an index of the file: the kind, the time, the visit and the verdict of each entry are read out of its
leaf, once in a run of the program, and kept in memory with its hash. What is read again later has to have that hash,
and all of it together has to have the root that the newest seal states. About 60 bytes and 6 microseconds an entry:
a million entries take some six seconds once, ten thousand a twentieth of a second.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from threading import RLock
from typing import Any, Final

import msgspec

from core.ledger.records import Kind
from core.ledger.records.leaf import COMMITMENT_BEGIN
from core.ledger.records.stored_time import time_of
from core.ledger.tlog.tree import HASH_BYTES, TILE, Frontier, Subtree, node_hash
from core.model import Verdict

#: An entry as it is stored: its number, its leaf, and the hash that is kept with it.
StoredRow = tuple[int, bytes, bytes]

_LEAF_HASH: Final = sha256(b"\x00")
_TILE_SIZE: Final = 1 << TILE
#: The codes under which kinds and verdicts are kept: one byte each.
_KIND_CODES: Final[Mapping[str, int]] = {kind: number for number, kind in enumerate(Kind, 1)}
_OTHER_KIND: Final = 255
_VERDICT_CODES: Final[Mapping[object, int]] = {str(verdict): number for number, verdict in enumerate(Verdict, 1)}
_NO_VISIT: Final = -1


class _Body(msgspec.Struct, gc=False):
    verdict: Any = None


class _Leaf(msgspec.Struct, gc=False):
    """The fields of a leaf that the contents keep."""

    seq: int
    time: str
    type: str
    body: _Body
    visit: str | None = None
    practice: bool | None = None


_decode: Final = msgspec.json.Decoder(_Leaf).decode


class LogContents:
    """The entries from number `low` to number `high`, all of them; none while `low` is above `high`.

    It grows at both ends. `damaged` are those that are missing, cannot be read, or are not what was hashed; what such
    an entry says is kept as far as it can be read. May be used from any thread; what makes it grow holds `lock`.
    """

    def __init__(self, high: int) -> None:
        """Begin above entry number `high`, knowing none."""
        self.lock = RLock()
        self.low, self.high = high + 1, high
        self.damaged: set[int] = set()
        #: `low` and the size of the seal with which everything was last compared.
        self.sealed: tuple[int, int] | None = None
        #: What entries say of themselves: that they are of practice, or not.
        self.of_practice: set[bool] = set()
        self._kinds, self._verdicts, self._values = bytearray(high), bytearray(high), bytearray(high)
        self._times = array("q", bytes(8 * high))
        self._visits = array("i", bytes(4 * high))
        self._hashes = bytearray(HASH_BYTES * high)
        self._visit_codes: dict[str, int] = {}
        self._first_of, self._last_of = array("q"), array("q")
        self._tiles: dict[int, bytes] = {}

    def add_below(self, first: int, rows: Iterable[StoredRow]) -> None:
        """Add the entries from number `first` up to `low`, of which the file has `rows`."""
        last = self.low - 1
        self._fill(first, self.low, rows)
        self.low = first
        self._make_tiles(first, last)

    def add_above(self, before: int, rows: Iterable[StoredRow]) -> None:
        """Add the entries above `high` and below number `before`, of which the file has `rows`."""
        first, count = self.high + 1, before - 1 - self.high
        self._kinds += bytes(count)
        self._verdicts += bytes(count)
        self._values += bytes(count)
        self._times.frombytes(bytes(8 * count))
        self._visits.frombytes(bytes(4 * count))
        self._hashes += bytes(HASH_BYTES * count)
        self._fill(first, before, rows)
        self.high = before - 1
        self._make_tiles(first, self.high)

    def _fill(self, first: int, before: int, rows: Iterable[StoredRow]) -> None:
        """Keep what the rows of the entries from number `first` on and below `before` say.

        A number that no row has is damaged, with zeros for its hash. This is done for each of a million entries: so
        what it needs of the object has local names.
        """
        kinds, verdicts, times, visits = self._kinds, self._verdicts, self._times, self._visits
        of_practice = self.of_practice
        values, hashes, damaged, expected = self._values, list[bytes](), self.damaged, first
        for seq, leaf, stored_hash in rows:
            if not expected <= seq < before:  # a page of the file is in another's place
                continue
            if seq != expected:
                damaged.update(range(expected, seq))
                hashes.append(bytes(HASH_BYTES * (seq - expected)))
            expected = seq + 1
            hashing = _LEAF_HASH.copy()
            hashing.update(leaf)
            hashed = hashing.digest()
            if stored_hash != hashed:
                damaged.add(seq)
            # The tree is over what was hashed when it was written: so one altered leaf does not hide the others.
            hashes.append(stored_hash if len(stored_hash) == HASH_BYTES else hashed)
            at = seq - 1
            visits[at] = _NO_VISIT
            values[at] = min(leaf.count(COMMITMENT_BEGIN), 255)
            try:
                fields = _decode(leaf)
                times[at] = round(time_of(fields.time).timestamp() * 1000)
            except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
                damaged.add(seq)
                continue
            if fields.seq != seq:
                damaged.add(seq)
            if fields.practice is not None:
                of_practice.add(fields.practice)
            kinds[at] = _KIND_CODES.get(fields.type, _OTHER_KIND)
            if (verdict := fields.body.verdict) is not None:
                verdicts[at] = _VERDICT_CODES.get(verdict, 0) if isinstance(verdict, str) else 0
            if (visit := fields.visit) is not None:
                self._belong(visit, seq)
        damaged.update(range(expected, before))
        hashes.append(bytes(HASH_BYTES * (before - expected)))
        self._hashes[(first - 1) * HASH_BYTES : (before - 1) * HASH_BYTES] = b"".join(hashes)

    def _belong(self, name: str, seq: int) -> None:
        """Keep that entry number `seq` belongs to the visit with this name.

        Other threads may ask at any time: the entry belongs to its visit before it is the first or last one of it.
        """
        code = self._visit_codes.get(name)
        if code is None:
            code = self._visits[seq - 1] = len(self._first_of)
            self._last_of.append(seq)
            self._first_of.append(seq)
            self._visit_codes[name] = code
            return
        self._visits[seq - 1] = code
        if seq < self._first_of[code]:
            self._first_of[code] = seq
        elif seq > self._last_of[code]:
            self._last_of[code] = seq

    def _make_tiles(self, first: int, last: int) -> None:
        """Hash the complete subtrees of 2**8 entries in which entries number `first` to `last` are the latest read."""
        for tile in range((first - 1) // _TILE_SIZE, (last - 1) // _TILE_SIZE + 1):
            begin, end = tile * _TILE_SIZE, (tile + 1) * _TILE_SIZE
            if begin >= self.low - 1 and end <= self.high:
                tree = Frontier()
                tree.extend(bytes(self._hashes[begin * HASH_BYTES : end * HASH_BYTES]))
                self._tiles[tile] = tree.root()

    def subtree(self, beside: Subtree) -> Subtree:
        """What gives the hash of a complete subtree, computed from the entries that were read.

        Where all entries of a subtree are below `low`, `beside` gives its hash: from what the file keeps of the tree.
        """

        def hashed(level: int, position: int) -> bytes:
            first, before = (position << level) + 1, ((position + 1) << level) + 1
            if before <= self.low:
                return beside(level, position)
            if level == 0:
                return self.leaf_hash(first)
            if level == TILE and position in self._tiles:
                return self._tiles[position]
            return node_hash(hashed(level - 1, 2 * position), hashed(level - 1, 2 * position + 1))

        return hashed

    def knows(self, seq: int) -> bool:
        """Whether entry number `seq` was read."""
        return self.low <= seq <= self.high

    def was_compared(self, seq: int) -> bool:
        """Whether entry number `seq` is one of those that were last compared with a seal over them."""
        return self.sealed is not None and self.sealed[0] <= seq <= self.sealed[1]

    def leaf_hash(self, seq: int) -> bytes:
        """The hash that is kept with entry number `seq`, which was read."""
        return bytes(self._hashes[(seq - 1) * HASH_BYTES : seq * HASH_BYTES])

    def damaged_between(self, first: int, last: int) -> list[int]:
        """The damaged ones of the entries from number `first` to number `last`, in order."""
        return sorted(seq for seq in self.damaged if first <= seq <= last) if self.damaged else []

    def newest(self, before: int, kind: Kind | None, verdict: Verdict | None) -> int | None:
        """The highest number below `before` of the entries read that have this kind and this verdict; None if none."""
        column, code = (
            (self._verdicts, _VERDICT_CODES[verdict])
            if verdict is not None
            else (self._kinds, _KIND_CODES[kind or Kind.PROBLEM])
        )
        end = min(before - 1, self.high)
        while (at := column.rfind(code, self.low - 1, max(end, self.low - 1))) >= 0:
            if kind is None or self._kinds[at] == _KIND_CODES[kind]:
                return at + 1
            end = at
        return None

    def chosen(
        self,
        first: int,
        before: int,
        *,
        kind: Kind | None = None,
        verdict: Verdict | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> array[int]:
        """The numbers from `first` on and below `before` of the entries that have the kind and verdict asked for, in
        order.

        `since` and `until` are milliseconds since 1970: from the one on, and before the other.
        """
        begin, end = max(first, self.low) - 1, min(before - 1, self.high)
        numbers: Iterable[int] = range(begin, end)
        if kind is not None:
            code, kinds = _KIND_CODES[kind], self._kinds
            numbers = [at for at in numbers if kinds[at] == code]
        if verdict is not None:
            code, verdicts = _VERDICT_CODES[verdict], self._verdicts
            numbers = [at for at in numbers if verdicts[at] == code]
        if since is not None or until is not None:
            low = since if since is not None else -(1 << 63)
            high = until if until is not None else 1 << 63
            times = self._times
            numbers = [at for at in numbers if low <= times[at] < high]
        return array("q", [at + 1 for at in numbers])

    def with_values(self) -> array[int]:
        """The numbers of the entries read that have personal values, erased or not, in order."""
        return array("q", [at + 1 for at in range(self.low - 1, self.high) if self._values[at]])

    def hashes_between(self, first: int, before: int) -> bytes:
        """The hashes of the entries from number `first` on and below `before`, one behind the other."""
        return bytes(self._hashes[(first - 1) * HASH_BYTES : (before - 1) * HASH_BYTES])

    def count_of(self, kind: Kind, after: int) -> int:
        """How many entries above number `after` are of this kind."""
        return self._kinds.count(_KIND_CODES[kind], max(after, self.low - 1))

    def time(self, seq: int) -> int:
        """When entry number `seq` was written, in milliseconds since 1970."""
        return self._times[seq - 1]

    def visit_of(self, seq: int) -> int | None:
        """The visit to which entry number `seq` belongs, by the number of the first entry of that visit."""
        code = self._visits[seq - 1] if self.knows(seq) else _NO_VISIT
        return None if code == _NO_VISIT else self._first_of[code]

    def visit_named(self, name: str) -> int | None:
        """The number of the first entry of the visit with this name."""
        code = self._visit_codes.get(name)
        return None if code is None else self._first_of[code]

    def visits(self) -> array[int]:
        """All visits, each by the number of its first entry, the oldest first."""
        return array("q", sorted(self._first_of))

    def entries_of(self, visit: int) -> Iterator[int]:
        """The numbers of all entries of the visit that begins with entry number `visit`, in order."""
        code = self._visits[visit - 1]
        at, last = visit - 1, self._last_of[code]
        while at < last:
            yield at + 1
            if at + 1 == last:
                return
            at = self._visits.index(code, at + 1, last)

    def last_of(self, visit: int) -> int:
        """The number of the last entry of the visit that begins with entry number `visit`."""
        return self._last_of[self._visits[visit - 1]]
