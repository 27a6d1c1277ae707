"""Fonts that are built into a program or a library: where they lie, and what they are called.

A font begins with a table of its tables, each with its place and length, as the OpenType specification has it
(`otff`); its names are in the table `name`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: How a font begins: the form of its outlines, how many tables there are, and three numbers that follow from that.
_BEGINNING: Final = re.compile(rb"(?:\x00\x01\x00\x00|OTTO)\x00[\x04-\x40].{6}", re.DOTALL)
_START: Final = struct.Struct(">4xH6x")
#: A table's name, checksum, place from the font's beginning, and length.
_TABLE: Final = struct.Struct(">4s4xII")
#: Every font has these.
_REQUIRED: Final = frozenset({b"cmap", b"head", b"hhea", b"hmtx", b"maxp", b"name", b"OS/2", b"post"})
#: Of the table of names: how many there are, and where their letters are.
_NAMES: Final = struct.Struct(">2xHH")
#: Platform, encoding, language, which name it is, its length and place.
_NAME: Final = struct.Struct(">6H")
#: The whole name, as Windows has it.
_WINDOWS: Final = 3
_FULL_NAME: Final = 4


@dataclass(frozen=True, slots=True)
class Font:
    """A font, and where it lies."""

    name: str
    place: range


def find(data: bytes) -> list[Font]:
    """The fonts in `data`, in their order."""
    return list(_found(data))


def _found(data: bytes) -> Iterator[Font]:
    for match in _BEGINNING.finditer(data):
        font = match.start()
        (count,) = _START.unpack_from(data, font)
        if font + _START.size + count * _TABLE.size > len(data):
            continue
        entries = [_TABLE.unpack_from(data, font + _START.size + n * _TABLE.size) for n in range(count)]
        tables = {tag: (place, length) for tag, place, length in entries}
        end = max(place + length for place, length in tables.values())
        if tables.keys() >= _REQUIRED and font + end <= len(data):
            place, length = tables[b"name"]
            if name := _full_name(data[font + place : font + place + length]):
                yield Font(name, range(font, font + end))


def _full_name(table: bytes) -> str:
    """The font's whole name; nothing if it has none."""
    try:
        count, letters = _NAMES.unpack_from(table)
        names = [_NAME.unpack_from(table, _NAMES.size + n * _NAME.size) for n in range(count)]
    except struct.error:
        return ""
    for platform, _, _, which, length, place in names:
        if (platform, which) == (_WINDOWS, _FULL_NAME):
            return table[letters + place : letters + place + length].decode("utf-16-be", "replace")
    return ""
