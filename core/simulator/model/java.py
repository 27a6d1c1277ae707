"""The orders and the line breaks that Android's own classes give to what it prints.

After the rules of `java.lang.String`, `java.util.HashMap`, `android.util.ArrayMap` and
`android.util.IndentingPrintWriter`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

#: The columns to which `pm get-app-links` writes.
LINKS_WIDTH = 120


@lru_cache(maxsize=8000)
def string_hash(text: str) -> int:
    """`String.hashCode` of `text`: a signed number of 32 bits."""
    units = text.encode("utf-16-le", "surrogatepass")
    value = 0
    for low, high in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + low + 256 * high) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def array_map_order(keys: Iterable[str]) -> list[str]:
    """`keys` as an `ArrayMap` has them, by which packages, domains and actions are kept."""
    return sorted(dict.fromkeys(keys), key=string_hash)


def hash_map_order(keys: Iterable[str]) -> list[str]:
    """`keys` as a `HashMap` lists them to which `computeIfAbsent` gave one after the other: by their buckets, and in
    each the newest first. The number of buckets doubles once they are three quarters full."""
    newest_first = list(dict.fromkeys(keys))[::-1]
    buckets = 16
    while len(newest_first) - 1 > buckets * 3 // 4:
        buckets *= 2

    def bucket(key: str) -> int:
        code = string_hash(key) & 0xFFFFFFFF
        return (code ^ code >> 16) % buckets

    return sorted(newest_first, key=bucket)


def wrapped(indent: int, *pieces: str, width: int = LINKS_WIDTH) -> str:
    """A line of the texts `pieces`, each printed by itself, `indent` columns in, and broken at `width`.

    A piece that does not fit goes to a line of its own; one that does not fit there either is cut.
    """
    room, start = width - indent, " " * indent
    out, line = "", ""
    for piece in pieces:
        if line and len(line) + len(piece) >= room:
            out, line = f"{out}{start}{line}\n", ""
        rest = piece
        while not line and len(rest) >= room:
            out, rest = f"{out}{start}{rest[:room]}\n", rest[room:]
        line += rest
    return f"{out}{start}{line}\n"
