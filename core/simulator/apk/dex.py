"""An app's code (``classes.dex``) that has nothing but the names of its classes (dalvik/dex-format)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

_HEADER: Final = 0x70
_SAME_ORDER: Final = 0x12345678


def compiled(names: Sequence[str]) -> bytes:
    """The code of classes of these full names, such as ``com.example.Main``."""
    texts = sorted(f"L{name.replace('.', '/')};" for name in dict.fromkeys(names))
    strings = [_uleb128(len(text)) + text.encode() + b"\0" for text in texts]
    types_at = _HEADER + 4 * len(texts)
    classes_at = types_at + 4 * len(texts)
    data_at = classes_at + 32 * len(texts)
    offsets = [data_at + sum(map(len, strings[:number])) for number in range(len(strings))]
    numbers = range(len(texts))
    body = b"".join(
        (
            struct.pack(f"<{len(offsets)}I", *offsets),
            struct.pack(f"<{len(texts)}I", *numbers),
            *(struct.pack("<8I", number, 1, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0, 0, 0) for number in numbers),
            *strings,
        )
    )
    counts = (len(texts), _HEADER, len(texts), types_at, 0, 0, 0, 0, 0, 0, len(texts), classes_at)
    sizes = struct.pack("<3I", _HEADER + len(body), _HEADER, _SAME_ORDER)
    end = struct.pack("<2I", len(body) - (data_at - _HEADER), data_at)
    return b"dex\n035\0" + bytes(24) + sizes + bytes(12) + struct.pack("<12I", *counts) + end + body


def _uleb128(number: int) -> bytes:
    """A length below 2**14 as the format writes it."""
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
