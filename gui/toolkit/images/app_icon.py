"""The picture of an app, which a phone gave: a PNG or WebP file that anybody may have written.

What a file says is not handed to the PNG library. Its few parts that make the picture are taken out, checked and
written anew; all else (texts, colour profiles, more data than the picture has room for) is left out. Of a WebP file,
the one picture is taken out likewise (`core.icon_file`): its size is checked, its coded pixels are libwebp's to check.
Which of the two a file is, its first bytes say here; Qt is told, and does not guess among the formats that it knows.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from core.icon_file import PNG_MAGIC, SIDE_LIMIT, SIZE_LIMIT, still_webp

#: The formats, as Qt calls them. The one for WebP is a plugin.
_PNG: Final = "png"
_WEBP: Final = "webp"
#: Samples of a pixel and the bits that each may have, by type of colour (RFC 2083, IHDR).
_COLOURS: Final = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}
_PALETTE: Final = 3
#: The highest number of a row's filter.
_LAST_FILTER: Final = 4


def decode_icon(data: bytes, size: int) -> QImage | None:
    """The picture, of at most `size` times `size` pixels, which is never made larger. None for what is no PNG or WebP
    file of 64 KiB and 512 x 512 pixels at most, or is damaged, interlaced or animated, and for WebP where Qt lacks its
    plugin. May be called on any thread."""
    if len(data) > SIZE_LIMIT or size <= 0:
        return None
    webp = still_webp(data)
    picture, form = (webp.file(), _WEBP) if webp is not None else (_written_anew(data), _PNG)
    image = _decoded(picture, form) if picture is not None else QImage()
    if image.isNull():
        return None
    if image.width() > size or image.height() > size:
        ratio, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(image.size().scaled(size, size, ratio).expandedTo(QSize(1, 1)), mode=smooth)
    return image


def _decoded(picture: bytes, form: str) -> QImage:
    """The picture, if the decoder finds the same bounds in it before it decodes; else none.

    These bounds (1 MiB of pixels) stand in for `QImageReader.setAllocationLimit`, which is for the whole process: pages
    to be printed are larger.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(picture))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(form.encode()))
    reader.setAutoDetectImageFormat(False)
    size = reader.size()
    return reader.read() if 0 < size.width() <= SIDE_LIMIT and 0 < size.height() <= SIDE_LIMIT else QImage()


class _Head(NamedTuple):
    """The fields of a PNG file's IHDR, in its order."""

    width: int
    height: int
    bits: int
    colour: int
    compression: int
    filters: int
    interlaced: int

    @property
    def row(self) -> int:
        """Bytes of a row, its filter's number among them; 0 for a picture that is not read."""
        samples, depths = _COLOURS.get(self.colour, (0, ()))
        whole = 0 < self.width <= SIDE_LIMIT and 0 < self.height <= SIDE_LIMIT and self.bits in depths
        plain = self.compression == self.filters == self.interlaced == 0
        return 1 + (self.width * samples * self.bits + 7) // 8 if whole and plain else 0

    @property
    def transparent(self) -> range:
        """How long a list of what is transparent may be: one grey, one colour, or as many as the palette has."""
        return {0: range(2, 3), 2: range(6, 7), _PALETTE: range(1, (1 << self.bits) + 1)}.get(self.colour, range(0))


def _written_anew(data: bytes) -> bytes | None:
    """A PNG file of the same picture and nothing else; None if there is none in `data`."""
    parts: dict[bytes, bytes] = {}
    for kind, content in _parts(data):
        if not parts and kind != b"IHDR":
            return None
        parts[kind] = parts[kind] + content if kind == b"IDAT" and kind in parts else content
    if not {b"IHDR", b"IDAT", b"IEND"} <= parts.keys() or len(parts[b"IHDR"]) != 13:
        return None
    head = _Head(*struct.unpack(">IIBBBBB", parts[b"IHDR"]))
    rows = _rows(parts[b"IDAT"], head)
    if rows is None:
        return None
    chunks = [(b"IHDR", parts[b"IHDR"])]
    if head.colour == _PALETTE:
        palette = parts.get(b"PLTE", b"")
        if not palette or len(palette) % 3 or len(palette) > 3 << head.bits:
            return None
        chunks.append((b"PLTE", palette.ljust(3 << head.bits, b"\0")))  # no pixel names a colour that is not there
    transparent = parts.get(b"tRNS", b"")
    if len(transparent) in head.transparent:
        chunks.append((b"tRNS", transparent))
    chunks += [(b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return PNG_MAGIC + b"".join(_part(kind, content) for kind, content in chunks)


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each whole part, up to the last."""
    at = len(PNG_MAGIC)
    while data.startswith(PNG_MAGIC) and at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if check != struct.pack(">I", zlib.crc32(kind + content)):
            return
        yield kind, content
        if kind == b"IEND":
            return
        at += 12 + length


def _rows(packed: bytes, head: _Head) -> bytes | None:
    """The rows of the picture, unpacked; None if they are not as many and as long as it says."""
    length = head.row * head.height
    if not length:
        return None
    try:
        rows = zlib.decompressobj().decompress(packed, length)
    except zlib.error:
        return None
    return rows if len(rows) == length and max(rows[:: head.row]) <= _LAST_FILTER else None


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
