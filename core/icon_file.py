"""An app's icon as the file that the app has: a PNG or a still WebP picture, within limits.

A hostile app chooses its icon, and decoders of pictures have had faults that a picture could use (CVE-2023-4863 in
libwebp). So a decoder sees few bytes for few pixels, of these two formats, and of a WebP file only the parts that make
its one picture: no animation, colour profile, metadata or unknown part. Within these limits the worst picture that
could be made (one of as many prefix codes as 64 KiB hold) took libwebp 1.6.0 72 MB for a tenth of a second. The picture
is for people to look at: no rule, verdict or paper depends on it, and what is no icon is a letter.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

#: Of the file (bytes). An icon of 192 x 192 rarely has more than 40 kB.
SIZE_LIMIT: Final = 64 * 1024
#: Of the picture's width and height (pixels).
SIDE_LIMIT: Final = 512

PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_IHDR: Final = b"\0\0\0\rIHDR"

#: Chunks of a WebP file (https://developers.google.com/speed/webp/docs/riff_container): the picture, lossy or lossless;
#: how transparent a lossy one is; and what stands first where there is more than the picture.
LOSSY: Final = b"VP8 "
LOSSLESS: Final = b"VP8L"
_ALPHA: Final = b"ALPH"
_EXTENDED: Final = b"VP8X"
_ANIMATED: Final = (b"ANIM", b"ANMF")
#: Bits of the first byte of VP8X.
_HAS_ALPHA: Final = 0x10
_HAS_ANIMATION: Final = 0x02
#: A lossy picture is one key frame of VP8: three bytes with the lowest bit 0, these three, width, height (RFC 6386,
#: 9.1).
_KEY_FRAME: Final = b"\x9d\x01\x2a"
_LOSSLESS_MAGIC: Final = 0x2F
#: Width and height have 14 bits each in both.
_SIDE_BITS: Final = 0x3FFF


class StillWebp(NamedTuple):
    """The one picture of a WebP file, not decoded. `coding` is LOSSY or LOSSLESS; `alpha` is how transparent a lossy
    one is, empty if it is not."""

    width: int
    height: int
    coding: bytes
    picture: bytes
    alpha: bytes = b""

    def file(self) -> bytes:
        """The bytes of a WebP file with this picture and nothing else."""
        chunks = _chunk(self.coding, self.picture)
        if self.alpha:
            sides = (self.width - 1).to_bytes(3, "little") + (self.height - 1).to_bytes(3, "little")
            extended = bytes((_HAS_ALPHA, 0, 0, 0)) + sides
            chunks = _chunk(_EXTENDED, extended) + _chunk(_ALPHA, self.alpha) + chunks
        return _chunk(b"RIFF", b"WEBP" + chunks)


def is_icon(data: bytes) -> bool:
    """Whether it begins as a PNG of a size that an icon has (width and height in IHDR, RFC 2083), or is a still WebP
    picture of such a size. What else is wrong with it, a decoder finds out."""
    if len(data) > SIZE_LIMIT:
        return False
    if data.startswith(PNG_MAGIC + _IHDR):
        return len(data) >= 24 and _in_bounds(int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    return still_webp(data) is not None


def still_webp(data: bytes) -> StillWebp | None:
    """The picture in a WebP file; None for what is no whole one, is animated, or is larger than an icon."""
    if len(data) > SIZE_LIMIT or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        return None
    canvas: tuple[int, int] | None = None
    alpha, at = b"", 12
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            return None
        content = data[at + 8 : at + 8 + length]
        if kind in (LOSSY, LOSSLESS):
            size = _lossy_size(content) if kind == LOSSY else _lossless_size(content)
            whole = size is not None and _in_bounds(*size) and canvas in (None, size)
            return StillWebp(*size, kind, content, alpha if kind == LOSSY else b"") if size and whole else None
        if at == 12:
            if kind != _EXTENDED or length < 10 or content[0] & _HAS_ANIMATION:
                return None
            canvas = 1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little")
        if kind in _ANIMATED:
            return None
        if kind == _ALPHA:
            alpha = content
        at += 8 + length + length % 2
    return None


def _lossy_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a VP8 key frame."""
    if len(content) < 10 or content[0] & 1 or content[3:6] != _KEY_FRAME:
        return None
    width, height = struct.unpack_from("<HH", content, 6)
    return width & _SIDE_BITS, height & _SIDE_BITS


def _lossless_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a VP8L picture: after its first byte, 14 bits each, less one, whether it is transparent, and
    the version, which is 0."""
    if len(content) < 5 or content[0] != _LOSSLESS_MAGIC:
        return None
    bits = int.from_bytes(content[1:5], "little")
    return (1 + (bits & _SIDE_BITS), 1 + (bits >> 14 & _SIDE_BITS)) if not bits >> 29 else None


def _in_bounds(width: int, height: int) -> bool:
    return 0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
