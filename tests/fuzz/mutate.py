"""A simple mutator, for where no coverage-guided one is: the same bytes for the same number, on every machine."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

#: A mutated input is not longer than this, or than its seed (bytes).
LONGEST: Final = 256 * 1024
_NUMBERS: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
_TEXTS: Final = (
    *(b"", b"\0", b"\n", b"\r\n", b"=", b":", b"-1", b"99999999999999999999", b"1e999", b"NaN", b"null", b"{}", b"[]"),
    *(b"[" * 3000, b'{"a":' * 3000, "\u202e".encode(), b"\xff\xfe", b"\xed\xa0\x80", "\U0001f480".encode(), b"%s%n"),
    *("\u0661\u0662".encode(), "\u00b2".encode(), b"\x1b[31m", b"../../x", b"1970-01-01T00:00:00+99:99", b"9999-12-31"),
)
_DIGITS: Final = re.compile(rb"\d+")


def mutated(number: int, seeds: Sequence[bytes]) -> bytes:
    """The input of this number: one of `seeds`, changed in a few places."""
    chance = random.Random(number)
    data = bytearray(chance.choice(seeds))
    most = max(len(data), LONGEST)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        _change(data, chance, seeds)
    return bytes(data[:most])


def _change(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    length = chance.choice((1, 2, 4, 8, chance.randrange(1, len(data) // 4 + 2)))
    match chance.randrange(10):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at : at + length] = chance.randbytes(min(length, 64))
        case 2:
            del data[at : at + length]
        case 3:
            data[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
        case 4:
            del data[at:]
        case 5 | 6:
            width, value = chance.choice((1, 2, 4, 8)), chance.choice(_NUMBERS) + chance.choice((-1, 0, 0, 1))
            data[at : at + width] = (value % 2 ** (8 * width)).to_bytes(
                width, "big" if chance.random() < 0.5 else "little"
            )
        case 7:
            data[at:at] = chance.choice(_TEXTS)
        case 8:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + chance.randrange(1, 2000)]
        case _:
            found = _DIGITS.search(data, at)
            if found is not None:
                data[found.start() : found.end()] = chance.choice(_TEXTS)
