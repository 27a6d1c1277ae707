"""One text out of a resource table (resources.arsc; ResourceTypes.h, ResTable_header), of which little is looked at.

A table may have millions of bytes: one chunk for each type of resource in each configuration. The headers of the chunks
are walked along; only the chunk that holds the text's entry is looked into, and of the pool of strings only one string.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from core.phones.android.apk.fields import Unreadable, u16, u32
from core.phones.android.apk.manifest import REFERENCES, STRING
from core.phones.android.apk.source import Source, Steps
from core.phones.android.apk.strings import HEADER, POOL, Pool

_TABLE: Final = 0x0002
_PACKAGE: Final = 0x0200
_TYPE: Final = 0x0201
_TYPE_SPEC: Final = 0x0202

_TYPE_HEADER: Final = 20
_CONFIG_LIMIT: Final = 128
_SPARSE, _OFFSET16 = 0x01, 0x02
_COMPLEX, _COMPACT = 0x0001, 0x0008

#: A resource may be another resource's text; so often that is followed.
_DEPTH_LIMIT: Final = 5
_CHUNKS_LIMIT: Final = 20_000
_TOP_LIMIT: Final = 16
#: How much is fetched where the walk goes on (bytes), within these bounds.
_SMALLEST_WINDOW: Final = 32 * 1024
_LARGEST_WINDOW: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The entries of one type in one configuration. `at` is where the chunk begins."""

    at: int
    header: int
    size: int
    flags: int
    count: int
    entries: int


def text(source: Source, number: int) -> Steps[str]:
    """The text of resource `number` in the default configuration, or else in English; nothing if it has none.

    Raises Unreadable, OverBudget.
    """
    yield from source.need((0, 4096))
    head = source.get(0, 12)
    if u16(head, 0) != _TABLE:
        raise Unreadable("no resource table")
    pool: Pool | None = None
    packages: dict[int, tuple[int, int]] = {}
    at = u16(head, 2)
    for _ in range(_TOP_LIMIT):
        if at + 8 > source.size:
            break
        kind, header, size = yield from _chunk(source, at, source.size)
        if kind == POOL and pool is None:
            yield from source.need((at, HEADER))
            pool = Pool.parse(at, source.get(at, HEADER))
        elif kind == _PACKAGE:
            packages.setdefault(u32(source.get(at, 12), 8), (at + header, at + size))
        if number >> 24 in packages:
            break
        at += size
    for _ in range(_DEPTH_LIMIT):
        if number >> 24 not in packages or pool is None:
            return ""
        kind, data = yield from _value(source, packages[number >> 24], number)
        if kind == STRING:
            return (yield from _string(source, pool, data))
        if kind not in REFERENCES:
            return ""
        number = data
    return ""


def _chunk(source: Source, at: int, end: int) -> Steps[tuple[int, int, int]]:
    """Kind, length of the header and size of the chunk at `at`."""
    if not source.has(at, _TYPE_HEADER + _CONFIG_LIMIT):
        window = min(max(source.left // 4, _SMALLEST_WINDOW), _LARGEST_WINDOW)
        yield from source.need((at, min(window, end - at)))
    head = source.get(at, 8)
    kind, header, size = u16(head, 0), u16(head, 2), u32(head, 4)
    if not 8 <= header <= size <= end - at:
        raise Unreadable(f"a chunk of {size} bytes at {at} of {end}")
    return kind, header, size


def _value(source: Source, children: tuple[int, int], number: int) -> Steps[tuple[int, int]]:
    """Kind and data of resource `number`; 0 and 0 if it has no single value."""
    type_number, entry = number >> 16 & 0xFF, number & 0xFFFF
    english: _Chunk | None = None
    at, end = children
    began = False
    for _ in range(_CHUNKS_LIMIT):
        if at + 8 > end:
            break
        kind, header, size = yield from _chunk(source, at, end)
        if kind in (_TYPE, _TYPE_SPEC) and size > _TYPE_HEADER - 8:
            is_ours = source.get(at + 8, 1)[0] == type_number
            if kind == _TYPE_SPEC and began and not is_ours:
                break
            began |= is_ours
            if kind == _TYPE and is_ours and header >= _TYPE_HEADER + 8:
                head = source.get(at, min(header, _TYPE_HEADER + _CONFIG_LIMIT))
                chunk = _Chunk(at, header, size, head[9], u32(head, 12), u32(head, 16))
                config = head[_TYPE_HEADER + 4 : _TYPE_HEADER + max(u32(head, _TYPE_HEADER), 4)]
                if not any(config):
                    found = yield from _entry(source, chunk, entry)
                    if found is not None:
                        return found
                elif english is None and config[4:6] == b"en" and not any(config[:4] + config[8:]):
                    english = chunk
        at += size
    return ((yield from _entry(source, english, entry)) if english else None) or (0, 0)


def _entry(source: Source, chunk: _Chunk, number: int) -> Steps[tuple[int, int] | None]:
    """Kind and data of one entry of `chunk`; None if it is not there."""
    offset = yield from _offset(source, chunk, number)
    if offset is None:
        return None
    at = chunk.at + chunk.entries + offset
    if at + 8 > chunk.at + chunk.size:
        raise Unreadable("an entry outside of its chunk")
    length = min(16, chunk.at + chunk.size - at)
    yield from source.need((at, length))
    data = source.get(at, length)
    flags = u16(data, 2)
    if flags & _COMPACT:
        return flags >> 8, u32(data, 4)
    if flags & _COMPLEX:
        return 0, 0
    return data[11] if len(data) == 16 else 0, u32(data, 12)


def _offset(source: Source, chunk: _Chunk, number: int) -> Steps[int | None]:
    """Where entry `number` is, behind the beginning of the entries; None if it is not there."""
    table = chunk.at + chunk.header
    width = 2 if chunk.flags & _OFFSET16 and not chunk.flags & _SPARSE else 4
    if chunk.header + chunk.count * width > chunk.size:
        raise Unreadable("more entries than the chunk has room for")
    if chunk.flags & _SPARSE:  # pairs of a number and a quarter of an offset
        if chunk.count > 0xFFFF:
            raise Unreadable("too many entries")
        yield from source.need((table, chunk.count * 4))
        pairs = source.get(table, chunk.count * 4)
        place = bisect_left(range(chunk.count), number, key=lambda i: u16(pairs, 4 * i))
        is_there = place < chunk.count and u16(pairs, 4 * place) == number
        return 4 * u16(pairs, 4 * place + 2) if is_there else None
    if number >= chunk.count:
        return None
    yield from source.need((table + number * width, width))
    written = source.get(table + number * width, width)
    if written == b"\xff" * width:
        return None
    return 4 * u16(written, 0) if width == 2 else u32(written, 0)


def _string(source: Source, pool: Pool, number: int) -> Steps[str]:
    index = pool.index(number)
    yield from source.need((index, 4))
    at, length = pool.string(u32(source.get(index, 4), 0))
    length = min(length, source.size - at)
    yield from source.need((at, length))
    return pool.decoded(source.get(at, length))
