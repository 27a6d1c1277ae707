"""Launcher icons of practice apps: plain shapes of our own, and those that a hostile phone would give in their
place."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, Literal

#: A shape, a WebP picture, and what is no icon: a picture of 30,000 times 30,000 points that unpacks to megabytes, one
#: that ends in the middle, and bytes that are none.
Picture = Literal["", "disc", "ring", "bars", "webp", "bomb", "torn", "noise"]

#: Width and height (pixels): 48 dp at xhdpi.
_SIDE: Final = 96
_COLOURS: Final = {"disc": (0x2F, 0x6F, 0xB7), "ring": (0x7A, 0x4E, 0xA3), "bars": (0x1D, 0x7A, 0x6B)}


@lru_cache
def file(picture: Picture) -> bytes:
    """The bytes of the file; always the same."""
    match picture:
        case "":
            return b""
        case "bomb":
            packer = zlib.compressobj(9)
            packed = b"".join(packer.compress(bytes(2**20)) for _ in range(8)) + packer.flush()
            return _png(30_000, 30_000, packed)
        case "torn":
            return file("disc")[:200]
        case "noise":
            return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
        case "webp":
            return b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"
    inside, colour = _SHAPES[picture], bytes(_COLOURS[picture])
    rows = (b"\0" + b"".join(colour + (b"\xff" if inside(x, y) else b"\0") for x in range(_SIDE)) for y in range(_SIDE))
    return _png(_SIDE, _SIDE, zlib.compress(b"".join(rows), 9))


def _from_middle(x: int, y: int) -> int:
    """Twice the distance from the middle, squared."""
    return (2 * x + 1 - _SIDE) ** 2 + (2 * y + 1 - _SIDE) ** 2


_SHAPES: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "disc": lambda x, y: _from_middle(x, y) < 90**2,
    "ring": lambda x, y: 54**2 < _from_middle(x, y) < 90**2,
    "bars": lambda x, y: 6 <= x < 90 and y // 12 % 2 == 0,
}


def _png(width: int, height: int, packed: bytes) -> bytes:
    """A PNG file of true colour with transparency, eight bits each."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _part(b"IHDR", head) + _part(b"IDAT", packed) + _part(b"IEND", b"")


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
