"""Bytes of a file that is somewhere else: what is needed is asked for first, then it can be looked at.

The reader of such a file is a generator that yields the ranges that it wants next and is sent their bytes. So many
files are read side by side, one round trip for a step of all of them, and a parser never knows where the bytes come
from.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, Protocol, TypeVar

from core.phones.android.apk.fields import OverBudget, Unreadable, take

#: What is asked for begins at a multiple of this, and ends at one or at the end of the file (bytes).
BLOCK: Final = 4096
#: At most so much of one file is read (bytes), in at most so many steps.
BYTES_LIMIT: Final = 475 * BLOCK
STEPS_LIMIT: Final = 9

#: Offset and length.
Range = tuple[int, int]
Wish = list[Range]
_T = TypeVar("_T")
Steps = Generator[Wish, list[bytes], _T]


class ByteSource(Protocol):
    """Bytes of which some may have to be fetched first."""

    size: int

    def need(self, *ranges: Range) -> Steps[None]:
        """Fetch `ranges`, as far as they lie within the file. Raises OverBudget."""

    def has(self, at: int, length: int) -> bool:
        """Whether nothing would have to be fetched, also because it does not exist."""

    def get(self, at: int, length: int) -> bytes:
        """Exactly `length` bytes that were fetched before. Raises Unreadable if the file ends before."""

    @property
    def bytes_left(self) -> int:
        """How many bytes may still be fetched."""


class Allowance:
    """How much may still be read of several files together (bytes)."""

    def __init__(self, limit: int) -> None:
        self.bytes_left = limit


class Remote:
    """A file of `size` bytes of which at most `limit` are read, in blocks; and no more than is left `together`."""

    def __init__(self, size: int, limit: int = BYTES_LIMIT, together: Allowance | None = None) -> None:
        self.size = size
        self._together = together
        self._limit, self._steps_limit = limit, STEPS_LIMIT
        self.fetched = 0
        self.steps = 0
        #: What was fetched, by the number of each block that is in it: where it begins, and its bytes.
        self._pieces: dict[int, tuple[int, bytes]] = {}

    @property
    def bytes_left(self) -> int:
        return self._limit - self.fetched

    def allow(self, bytes_more: int, steps_more: int) -> None:
        """From now on so much more may be fetched, and no more than that."""
        self._limit, self._steps_limit = self.fetched + bytes_more, self.steps + steps_more

    def need(self, *ranges: Range) -> Steps[None]:
        missing = sorted({b for at, length in ranges for b in self._blocks_of(at, length) if b not in self._pieces})
        if not missing:
            return  # Nothing is lost: all of it is here
        wish = [self._range(first, count) for first, count in _runs(missing)]
        self.fetched += len(missing) * BLOCK
        self.steps += 1
        if self.fetched > self._limit or self.steps > self._steps_limit:
            raise OverBudget(f"{self.fetched} bytes in {self.steps} steps")
        if self._together is not None:
            self._together.bytes_left -= len(missing) * BLOCK
            if self._together.bytes_left < 0:
                raise OverBudget("more than may be read of all files")
        for (at, length), data in zip(wish, (yield wish), strict=True):
            if len(data) != length:
                raise Unreadable(f"{len(data)} bytes instead of {length}")
            self._pieces |= dict.fromkeys(self._blocks_of(at, length), (at, data))

    def has(self, at: int, length: int) -> bool:
        return all(b in self._pieces for b in self._blocks_of(at, length))

    def get(self, at: int, length: int) -> bytes:
        if at < 0 or length < 0 or at + length > self.size:
            raise Unreadable(f"{length} bytes at {at} of {self.size}")
        self._blocks_of(at, length)  # also what is here is refused where it is more than may be read at once
        parts, end = [b""], at + length
        while at < end:
            start, data = self._pieces[at // BLOCK]
            parts.append(data[at - start : end - start])
            at += len(parts[-1])
        return parts[-1] if len(parts) == 2 else b"".join(parts)

    def _blocks_of(self, at: int, length: int) -> range:
        start, end = max(at, 0), min(at + length, self.size)
        if end - start > self._limit:
            raise OverBudget(f"{end - start} bytes")
        return range(start // BLOCK, -(-end // BLOCK)) if start < end else range(0)

    def _range(self, first: int, count: int) -> Range:
        at = first * BLOCK
        return at, min(count * BLOCK, self.size - at)


class SourcePart:
    """A part of a source that is a source of its own."""

    def __init__(self, whole: ByteSource, start: int, size: int) -> None:
        self.size = size
        self._whole, self._start = whole, start

    @property
    def bytes_left(self) -> int:
        return self._whole.bytes_left

    def need(self, *ranges: Range) -> Steps[None]:
        return self._whole.need(*((self._start + at, min(length, self.size - at)) for at, length in ranges))

    def has(self, at: int, length: int) -> bool:
        return self._whole.has(self._start + at, min(length, self.size - at))

    def get(self, at: int, length: int) -> bytes:
        if at < 0 or length < 0 or at + length > self.size:
            raise Unreadable(f"{length} bytes at {at} of {self.size}")
        return self._whole.get(self._start + at, length)


class MemorySource:
    """Bytes that are here already."""

    bytes_left = BYTES_LIMIT

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data = data

    def need(self, *ranges: Range) -> Steps[None]:
        yield from ()

    def has(self, at: int, length: int) -> bool:
        return True

    def get(self, at: int, length: int) -> bytes:
        return take(self._data, at, length)


def _runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Consecutive numbers as first and count."""
    runs: list[tuple[int, int]] = []
    for block in blocks:
        if runs and sum(runs[-1]) == block:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((block, 1))
    return runs
