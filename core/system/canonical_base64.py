"""Base64 as signed texts have it."""

from __future__ import annotations

import binascii


def decode(text: str) -> bytes:
    """Decode base64 that has one form for each value. Raises ValueError for any other text, such as one with bits set
    that stand for nothing: no two texts with different bytes say the same.
    """
    encoded = text.encode("ascii")
    data = binascii.a2b_base64(encoded, strict_mode=True)
    if binascii.b2a_base64(data, newline=False) != encoded:
        raise ValueError("not the one form of these bytes")
    return data
