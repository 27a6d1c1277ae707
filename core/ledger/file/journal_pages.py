"""The pages of a rollback journal, as they stood before a writing: https://www.sqlite.org/fileformat.html, part 3."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

#: How a journal begins, and each further part of it.
MAGIC: Final = bytes.fromhex("d9d505f920a163d7")
#: After the magic: pages in this part, the checksum's nonce, pages of the file before, bytes of a sector and of a page.
_NUMBERS: Final = struct.Struct(">5I")
HEADER_BYTES: Final = len(MAGIC) + _NUMBERS.size
#: Instead of a number of pages: all up to the journal's end.
_ALL: Final = 0xFFFFFFFF
#: Bytes between those of a page that go into its checksum.
_STRIDE: Final = 200
_LARGEST_PAGE: Final = 65_536
#: Of a page: a leaf of a table's tree; where its cells' number stands, and where the place of the first one.
_LEAF: Final = 0x0D
_CELLS: Final = slice(3, 5)
_FIRST: Final = slice(8, 10)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a journal, or of a further part."""

    records: int
    nonce: int
    pages_before: int
    sector: int
    page_size: int

    @classmethod
    def read(cls, file: BinaryIO) -> Self | None:
        """The header at the place where the file is; None where there is none."""
        start = file.read(HEADER_BYTES)
        if len(start) < HEADER_BYTES or not start.startswith(MAGIC):
            return None
        header = cls(*_NUMBERS.unpack_from(start, len(MAGIC)))
        return header if 0 < header.sector <= _LARGEST_PAGE and 0 < header.page_size <= _LARGEST_PAGE else None


def page_before(file: BinaryIO, header: Header, page_number: int) -> bytes | None:
    """The page with this number as it was before the writing; None where the journal does not have it.

    As SQLite does, it stops at the first page whose checksum is wrong.
    """
    size, part, place = file.seek(0, os.SEEK_END), header, 0
    record = 4 + header.page_size + 4
    while True:
        place += header.sector
        count = (size - place) // record if part.records == _ALL else part.records
        for _ in range(max(count, 0)):
            file.seek(place)
            number = int.from_bytes(file.read(4), "big")
            if number == page_number or not number:
                page, check = file.read(header.page_size), file.read(4)
                right = len(check) == 4 and int.from_bytes(check, "big") == _checksum(part.nonce, page)
                return page if right and number else None
            place += record
            if place > size:
                return None
        place = -(-place // header.sector) * header.sector  # a further part begins with a sector
        file.seek(place)
        following = Header.read(file)
        if following is None:
            return None
        part = following


def _checksum(nonce: int, page: bytes) -> int:
    return (nonce + sum(page[i] for i in range(len(page) - _STRIDE, 0, -_STRIDE))) & 0xFFFFFFFF


def single_row_integer(page: bytes) -> int | None:
    """The second column of a table's only row, where it is an integer and the first one is the row's number."""
    if not page or page[0] != _LEAF or int.from_bytes(page[_CELLS], "big") != 1:
        return None
    place = int.from_bytes(page[_FIRST], "big")
    _, place = _varint(page, place)  # the row's length
    _, place = _varint(page, place)  # its number
    length, types = _varint(page, place)
    body = place + length
    # Serial types: 0 is NULL, which stands for the row's number; 1 to 6 are integers, 8 and 9 the numbers 0 and 1.
    first, types = _varint(page, types)
    second, _ = _varint(page, types)
    if first != 0 or not 1 <= second <= 6:
        return {8: 0, 9: 1}.get(second) if first == 0 else None
    width = (1, 2, 3, 4, 6, 8)[second - 1]
    value = page[body : body + width]
    return int.from_bytes(value, "big", signed=True) if len(value) == width else None


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """A number of SQLite's of one to nine bytes, and the place behind it. Raises ValueError."""
    value = 0
    for count in range(9):
        if place >= len(page):
            raise ValueError("a number beyond the page")
        byte = page[place]
        place += 1
        if count == 8:
            return value << 8 | byte, place
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, place
