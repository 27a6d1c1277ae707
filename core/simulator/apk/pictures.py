"""Launcher icons of practice apps: plain shapes of our own, and those that a hostile phone would give in their
place."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, Literal

#: A shape, as PNG or WebP; and what is no icon: a picture of 30,000 times 30,000 points that unpacks to megabytes, a
#: WebP picture that unpacks to a gigabyte, one that ends in the middle, and bytes that are none.
Picture = Literal["", "disc", "ring", "bars", "bars.webp", "bomb", "bomb.webp", "torn.webp", "noise"]

#: Width and height (pixels): 48 dp at xhdpi.
_SIDE: Final = 96
#: The largest that a WebP picture has.
_WEBP_SIDE: Final = 16_384
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
        case "bomb.webp":
            return _webp(_WEBP_SIDE, _COLOURS["bars"], "")
        case "torn.webp":
            return file("bars.webp")[:200]
        case "noise":
            return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
        case "bars.webp":
            opaque = (_SHAPES["bars"](x, y) for y in range(_SIDE) for x in range(_SIDE))
            return _webp(_SIDE, _COLOURS["bars"], "".join("1" if pixel else "0" for pixel in opaque))
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


def _webp(side: int, colour: tuple[int, int, int], opaque: str) -> bytes:
    """A lossless WebP file of one colour: `opaque` has a 1 for each pixel that is, and a 0 for each that is not; empty
    where all are.

    https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification: no transforms, no colour cache,
    one group of prefix codes. A code of one symbol takes no bits, so a pixel is as many bits as its alpha.
    """
    red, green, blue = colour
    head = _bits(side - 1, 14) * 2 + "1" + _bits(0, 3) + "000"
    one_symbol = "".join("101" + _bits(value, 8) for value in (green, red, blue))
    alpha = "1100" + _bits(255, 8) if opaque else "101" + _bits(255, 8)
    distance = "1000"
    bits = head + one_symbol + alpha + distance + opaque
    picture = b"\x2f" + int(bits[::-1], 2).to_bytes((len(bits) + 7) // 8, "little")
    chunk = b"VP8L" + struct.pack("<I", len(picture)) + picture + bytes(len(picture) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _bits(number: int, width: int) -> str:
    """The lowest bit first, as the format has them."""
    return f"{number:0{width}b}"[::-1]
