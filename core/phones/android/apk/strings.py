"""The pool of strings in a compiled XML file or resource table (ResourceTypes.h, ResStringPool_header)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.phones.android.apk.fields import Unreadable, u16, u32

#: The kind of a pool, among those of chunks, and the length of its header (bytes).
POOL: Final = 0x0001
HEADER: Final = 28
#: A string is read up to so many bytes; no class and no label is longer.
STRING_LIMIT: Final = 2048
_UTF8: Final = 1 << 8


@dataclass(frozen=True, slots=True)
class Pool:
    """Where the strings of a pool are; `at` is where the pool begins, `size` all of its length."""

    at: int
    size: int
    header: int
    count: int
    utf8: bool
    strings: int

    @classmethod
    def parse(cls, at: int, header: bytes) -> Pool:
        """Raises Unreadable."""
        pool = cls(
            at,
            u32(header, 4),
            u16(header, 2),
            u32(header, 8),
            bool(u32(header, 16) & _UTF8),
            u32(header, 20),
        )
        if u16(header, 0) != POOL or pool.header < HEADER or pool.size < HEADER:
            raise Unreadable("no pool of strings")
        return pool

    def index(self, number: int) -> int:
        """Where it stands where string `number` is. Raises Unreadable."""
        if number >= self.count or self.header + 4 * (number + 1) > self.size:
            raise Unreadable(f"string {number} of {self.count}")
        return self.at + self.header + 4 * number

    def string(self, offset: int) -> tuple[int, int]:
        """Where the string is that `index` leads to, and how many bytes of it are of interest. Raises Unreadable."""
        if self.strings + offset >= self.size:
            raise Unreadable("a string outside of its pool")
        start = self.strings + offset
        return self.at + start, min(STRING_LIMIT, self.size - start)

    def decoded(self, data: bytes) -> str:
        """The string that `data` begins with; what does not fit into `data` is cut.

        Raises Unreadable, also where no NUL stands behind it: then Android reads on, or not at all.
        """
        if self.utf8:
            _, at = _short(data, 0)
            length, at = _short(data, at)
            if data[at + length : at + length + 1] not in (b"", b"\0"):
                raise Unreadable("a string without its end")
            return data[at : at + length].decode("utf-8", "replace")
        length, at = u16(data, 0), 2
        if length & 0x8000:
            length, at = (length & 0x7FFF) << 16 | u16(data, 2), 4
        if any(data[at + 2 * length : at + 2 * length + 2]):
            raise Unreadable("a string without its end")
        return data[at : at + 2 * length].decode("utf-16-le", "replace")


def _short(data: bytes, at: int) -> tuple[int, int]:
    """A length of one or two bytes, and what is behind it."""
    if at + 2 > len(data):
        raise Unreadable("a string without its length")
    if data[at] & 0x80:
        return (data[at] & 0x7F) << 8 | data[at + 1], at + 2
    return data[at], at + 1
