"""The pool of strings in a compiled XML file or resource table (ResourceTypes.h, ResStringPool_header).

Java is handed the bytes of a pool in UTF-8 as far as the first NUL and decodes them without looking whether they are
UTF-8 (JNI's NewStringUTF, ART's GetUtf16FromUtf8); C++ code of the same Android takes them by their length, and looks
whether that is right. A text that so has two readings is read as Java reads it, and the account says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.phones.accounting import Account, Left, Why
from core.phones.android.apk.fields import OverBudget, Unreadable, u16, u32

#: The kind of a pool, among those of chunks, and the length of its header (bytes).
POOL: Final = 0x0001
HEADER: Final = 28
#: A string is read up to so many bytes; no class and no label is longer.
STRING_LIMIT: Final = 2048
#: Of one file, so much ill-formed text is decoded (bytes): that is done letter by letter, and many strings may share
#: the same bytes. Honest files have hardly any.
ILL_FORMED_LIMIT: Final = 64 * 1024
_UTF8: Final = 1 << 8
#: What stands in the accounts of a text that has two readings, and of one that is longer than is read.
_TWO_WAYS: Final = (Left(Why.TWO_WAYS, "text"),)
_CUT: Final = (Left(Why.CUT, "text"),)


class Room:
    """How much ill-formed text of one file may still be decoded (bytes)."""

    def __init__(self) -> None:
        self._bytes_left = ILL_FORMED_LIMIT

    def take(self, raw: bytes) -> None:
        """Called before `raw` is decoded. Raises OverBudget."""
        self._bytes_left -= len(raw)
        if self._bytes_left < 0:
            raise OverBudget("too much ill-formed text")


@dataclass(frozen=True, slots=True)
class Pool:
    """Where the strings of a pool are; `at` is where the pool begins, `size` how much of it may hold strings."""

    at: int
    size: int
    header: int
    count: int
    utf8: bool
    strings: int

    @classmethod
    def parse(cls, at: int, header: bytes) -> Pool:
        """Read the `header` of the pool that begins at `at`. Raises Unreadable."""
        size, length, count, strings = u32(header, 4), u16(header, 2), u32(header, 8), u32(header, 20)
        if u16(header, 0) != POOL or length < HEADER or size < HEADER:
            raise Unreadable("no pool of strings")
        if length + 4 * (count + u32(header, 12)) > size:
            raise Unreadable(f"{count} strings in {size} bytes")
        if u32(header, 12):
            size = min(size, u32(header, 24))  # the styles stand behind the strings, and no string reaches into them
        if count and strings + 2 >= size:
            raise Unreadable("a pool without strings")
        return cls(at, size, length, count, bool(u32(header, 16) & _UTF8), strings)

    def index(self, number: int) -> int:
        """Where the entry of string `number` stands in the pool's index, which says where the string is. Raises
        Unreadable."""
        if number >= self.count:
            raise Unreadable(f"string {number} of {self.count}")
        return self.at + self.header + 4 * number

    def ends_in(self, data: bytes) -> bool:
        """Whether the last string ends, where `data` has the whole pool: without that Android takes none of them."""
        return not self.count or not any(data[self.at + self.size - (1 if self.utf8 else 2) : self.at + self.size])

    def string(self, offset: int) -> tuple[int, int]:
        """Where the string is of which the index says `offset`, and how many bytes of it are of interest. Raises
        Unreadable."""
        if self.strings + offset >= self.size:
            raise Unreadable("a string outside of its pool")
        if offset % 2 and not self.utf8:
            raise Unreadable("a string in UTF-16 at an odd place")  # Android takes the byte before it along
        start = self.strings + offset
        return self.at + start, min(STRING_LIMIT, self.size - start)

    def decoded(self, data: bytes, room: Room) -> Account[str]:
        """The string that `data` begins with; what does not fit into `data` is cut.

        Raises Unreadable, also where no NUL stands behind it: then Android reads on, or not at all; and OverBudget
        where it is ill-formed and `room` has not as much left.
        """
        return _utf8(data, room) if self.utf8 else _utf16(data, room)


def _utf8(data: bytes, room: Room) -> Account[str]:
    """Decode a string of a pool in UTF-8: its length in UTF-16 units, its length in bytes, the bytes, a NUL.

    It has two readings where a NUL stands within its length, where it is ill-formed, and where the two lengths do not
    agree, by which C++ code refuses it.
    """
    units, at = _short(data, 0)
    length, at = _short(data, at)
    if data[at + length : at + length + 1] not in (b"", b"\0"):
        raise Unreadable("a string without its end")
    raw = data[at : at + length]
    before_nul, nul, _ = raw.partition(b"\0")
    text = _modified_utf8(before_nul)
    if text is None:
        room.take(before_nul)
    if len(raw) < length and not nul:
        return Account(before_nul.decode("utf-8", "replace") if text is None else text, _CUT)
    if nul or text is None:
        return Account(_as_java(before_nul) if text is None else text, _TWO_WAYS)
    is_right = units == (len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2)
    return Account(text, () if is_right else _TWO_WAYS)


def _utf16(data: bytes, room: Room) -> Account[str]:
    """Decode a string of a pool in UTF-16: its length in units (two of them where it is long), the units, a NUL."""
    length, at = u16(data, 0), 2
    if length & 0x8000:
        length, at = (length & 0x7FFF) << 16 | u16(data, 2), 4
    if any(data[at + 2 * length : at + 2 * length + 2]):
        raise Unreadable("a string without its end")
    raw = data[at : at + 2 * length]
    leftovers = () if len(raw) == 2 * length else _CUT
    try:
        text = raw[: len(raw) & ~1].decode("utf-16-le")
    except UnicodeDecodeError:  # Nothing is lost: half of a pair is left, which Java keeps and others do not
        room.take(raw)
        text = raw.decode("utf-16-le", "replace")
        leftovers = leftovers or _TWO_WAYS  # where it was cut, the half is our doing
    before_nul, nul, _ = text.partition("\0")
    return Account(before_nul, _TWO_WAYS if nul else leftovers)


def _modified_utf8(raw: bytes) -> str | None:
    """UTF-8, or what Java and Android's tools make of it: pairs of surrogates of three bytes each. None if neither."""
    if raw.isascii():
        return raw.decode("ascii")
    try:
        return raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:  # Nothing is lost: the caller says that the text has two readings
        return None


def _as_java(raw: bytes) -> str:
    """What ART makes of bytes whatever they are: the first of a character says how many it has."""
    padded, units, at = raw + bytes(3), bytearray(), 0
    while at < len(raw):
        lead, two, three, four = padded[at], padded[at + 1] & 0x3F, padded[min(at + 2, len(raw))] & 0x3F, 0
        if lead < 0x80:
            code, at = lead, at + 1
        elif not lead & 0x20:
            code, at = (lead & 0x1F) << 6 | two, at + 2
        elif not lead & 0x10:
            code, at = (lead & 0x0F) << 12 | two << 6 | three, at + 3
        else:
            four = padded[at + 3] & 0x3F
            code, at = (lead & 0x07) << 18 | two << 12 | three << 6 | four, at + 4
        units += chr(min(code, 0x10FFFF)).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace")


def _short(data: bytes, at: int) -> tuple[int, int]:
    """A length of one or two bytes, and what is behind it."""
    if at + 2 > len(data):
        raise Unreadable("a string without its length")
    if data[at] & 0x80:
        return (data[at] & 0x7F) << 8 | data[at + 1], at + 2
    return data[at], at + 1
