"""The pieces of Android's compiled resources: chunks and string pools.

The format is that of AOSP's `frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h`; every number is
little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

_STRING_POOL: Final = 0x0001
_POOL_HEADER_SIZE: Final = 28
_UTF8: Final = 1 << 8

#: What the longest text of a pool may be: 15 bits of length, as UTF-8 pools have it.
MAX_TEXT: Final = 0x7FFF

#: Types of a value (Res_value).
REFERENCE: Final = 0x01
STRING: Final = 0x03
INTEGER: Final = 0x10
BOOLEAN: Final = 0x12

NO_STRING: Final = 0xFFFFFFFF


def chunk(kind: int, header: bytes, content: bytes) -> bytes:
    """A chunk: type, size of the header, size of everything; then `header`'s rest and the content."""
    header_size = 8 + len(header)
    return struct.pack("<HHI", kind, header_size, header_size + len(content)) + header + content


def value(kind: int, data: int) -> bytes:
    """A value as ResourceTypes.h has it (Res_value): its `kind`, and its data."""
    return struct.pack("<HBBI", 8, 0, kind, data)


class Strings:
    """A string pool that grows. Texts are numbered in the order in which they were first asked for."""

    def __init__(self, first: Sequence[str] = ()) -> None:
        self._numbers: dict[str, int] = {}
        for text in first:
            self.number(text)

    def number(self, text: str) -> int:
        """The number of `text`, which is cut at MAX_TEXT bytes."""
        cut = text.encode("utf-8", "replace")[: MAX_TEXT - 3].decode("utf-8", "ignore")
        return self._numbers.setdefault(cut, len(self._numbers))

    def chunk(self, *, utf8: bool) -> bytes:
        """The pool, in UTF-8 or in UTF-16."""
        encoded = [(_utf8 if utf8 else _utf16)(text) for text in self._numbers]
        offsets = list(accumulate(map(len, encoded), initial=0))[:-1]
        start = _POOL_HEADER_SIZE + 4 * len(encoded)
        header = struct.pack("<5I", len(encoded), 0, _UTF8 if utf8 else 0, start, 0)
        content = struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(encoded)
        return chunk(_STRING_POOL, header, content + bytes(-len(content) % 4))


def _utf8(text: str) -> bytes:
    """The length in UTF-16 units, the length in bytes, the bytes, a zero."""
    encoded = text.encode()
    return _length8(len(text.encode("utf-16-le")) // 2) + _length8(len(encoded)) + encoded + b"\0"


def _length8(length: int) -> bytes:
    return bytes([length]) if length < 0x80 else bytes([0x80 | length >> 8, length & 0xFF])


def _utf16(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<H", len(encoded) // 2) + encoded + b"\0\0"
