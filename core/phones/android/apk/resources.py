"""One text out of a resource table (resources.arsc; ResourceTypes.h, ResTable_header), of which little is looked at.

A table may have millions of bytes: one chunk for each type of resource in each configuration. The headers of the chunks
are walked along; only the chunk that holds the text's entry is looked into, and of the pool of strings only one string.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from core.phones.accounting import Account, Left, Why
from core.phones.android.apk.fields import Unreadable, u16, u32
from core.phones.android.apk.source import ByteSource, Steps
from core.phones.android.apk.strings import HEADER, POOL, STRING_LIMIT, Pool, Room
from core.phones.android.apk.xml import REFERENCES, STRING

#: What everything that is left of an app's label is called.
LABEL: Final = "label"

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
#: Configurations in which a picture is looked for, and the length of a path in an app's file (bytes).
_DENSITIES_LIMIT: Final = 24
_PATH_LIMIT: Final = 256
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


def text(source: ByteSource, number: int) -> Steps[Account[str]]:
    """The text of resource `number` in the default configuration, or else in English; nothing if it has none.

    Raises Unreadable, OverBudget.
    """
    pool, packages = yield from _top(source, number)
    for _ in range(_DEPTH_LIMIT):
        if number >> 24 not in packages or pool is None:
            return _missing(number)
        kind, data = yield from _value(source, packages[number >> 24], number)
        if kind == STRING:
            account = yield from _string(source, pool, data)
            return Account(account.value, tuple(Left(item.why, LABEL) for item in account.left))
        if kind not in REFERENCES:
            return _missing(number)
        number = data
    return Account("", (Left(Why.CUT, LABEL),))


def _missing(number: int) -> Account[str]:
    return Account("", (Left(Why.MISSING, LABEL, text=f"{number:#010x}"),))


def files(source: ByteSource, number: int) -> Steps[list[tuple[int, str]]]:
    """The files that resource `number` is, each with the density of the screens for which it is meant (0 for any, see
    ResTable_config), where no language is asked for. They are for pictures, which accuse nobody: nothing is accounted.

    Raises Unreadable, OverBudget.
    """
    pool, packages = yield from _top(source, number)
    for _ in range(_DEPTH_LIMIT):
        if number >> 24 not in packages or pool is None:
            return []
        values = yield from _values(source, packages[number >> 24], number)
        texts = [(density, data) for density, kind, data in values if kind == STRING]
        if texts:
            yield from source.need(*((pool.index(data), 4) for _, data in texts))
            places = [pool.string(u32(source.get(pool.index(data), 4), 0)) for _, data in texts]
            yield from source.need(*((at, min(_PATH_LIMIT, length)) for at, length in places))
            pictures = []
            for density, data in texts:
                path = yield from _string(source, pool, data, _PATH_LIMIT)
                pictures.append((density, path.value))
            return pictures
        number = next((data for _, kind, data in values if kind in REFERENCES), 0)
    return []


def _values(source: ByteSource, children: tuple[int, int], number: int) -> Steps[list[tuple[int, int, int]]]:
    """Density, kind and data of resource `number`, in each configuration that is for no language of its own."""
    walk, chunks = _Walk(source, children, number), list[tuple[int, _Chunk]]()
    while len(chunks) < _DENSITIES_LIMIT and (pair := (yield from walk.next())) is not None:
        chunk, config = pair
        if not any(config[4:8]):
            chunks.append((u16(config, 10) if len(config) >= 12 else 0, chunk))
    # Two steps for all of them, where they are not here already.
    entry = number & 0xFFFF
    yield from source.need(*((c.at + c.header + 4 * entry, 4) for _, c in chunks if not c.flags))
    places = []
    for density, chunk in chunks:
        offset = yield from _offset(source, chunk, entry)
        if offset is not None:
            places.append((density, chunk, offset))
    yield from source.need(*((chunk.at + chunk.entries + offset, 16) for _, chunk, offset in places))
    values = []
    for density, chunk, _ in places:
        value = yield from _entry(source, chunk, entry)
        if value is not None:
            values.append((density, *value))
    return values


def _top(source: ByteSource, number: int) -> Steps[tuple[Pool | None, dict[int, tuple[int, int]]]]:
    """The pool of texts, and where the packages are as far as that of `number`."""
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
    return pool, packages


def _chunk(source: ByteSource, at: int, end: int) -> Steps[tuple[int, int, int]]:
    """Kind, length of the header and size of the chunk at `at`."""
    if not source.has(at, _TYPE_HEADER + _CONFIG_LIMIT):
        window = min(max(source.bytes_left // 4, _SMALLEST_WINDOW), _LARGEST_WINDOW)
        yield from source.need((at, min(window, end - at)))
    head = source.get(at, 8)
    kind, header, size = u16(head, 0), u16(head, 2), u32(head, 4)
    if not 8 <= header <= size <= end - at:
        raise Unreadable(f"a chunk of {size} bytes at {at} of {end}")
    return kind, header, size


class _Walk:
    """Along the chunks of the type that resource `number` has; those of other types are passed over."""

    def __init__(self, source: ByteSource, children: tuple[int, int], number: int) -> None:
        self._source = source
        self._at, self._end = children
        self._type = number >> 16 & 0xFF
        self._began = False
        self._chunks_left = _CHUNKS_LIMIT

    def next(self) -> Steps[tuple[_Chunk, bytes] | None]:
        """The next one, with its configuration behind the first field, which is its size; None at the end."""
        while self._chunks_left and self._at + 8 <= self._end:
            self._chunks_left -= 1
            at = self._at
            kind, header, size = yield from _chunk(self._source, at, self._end)
            self._at += size
            if kind not in (_TYPE, _TYPE_SPEC) or size <= _TYPE_HEADER - 8:
                continue  # Nothing is lost: a text that is not found is left by who looks for it
            is_ours = self._source.get(at + 8, 1)[0] == self._type
            if kind == _TYPE_SPEC and self._began and not is_ours:
                return None  # Nothing is lost: as above, and so below
            self._began |= is_ours
            if kind == _TYPE and is_ours and header >= _TYPE_HEADER + 8:
                head = self._source.get(at, min(header, _TYPE_HEADER + _CONFIG_LIMIT))
                config = head[_TYPE_HEADER + 4 : _TYPE_HEADER + max(u32(head, _TYPE_HEADER), 4)]
                return _Chunk(at, header, size, head[9], u32(head, 12), u32(head, 16)), config
        return None  # Nothing is lost: as above


def _value(source: ByteSource, children: tuple[int, int], number: int) -> Steps[tuple[int, int]]:
    """Kind and data of resource `number`; 0 and 0 if it has no single value."""
    english: _Chunk | None = None
    walk, entry = _Walk(source, children, number), number & 0xFFFF
    while (pair := (yield from walk.next())) is not None:
        chunk, config = pair
        if not any(config):
            value = yield from _entry(source, chunk, entry)
            if value is not None:
                return value
        elif english is None and config[4:6] == b"en" and not any(config[:4] + config[8:]):
            english = chunk
    return ((yield from _entry(source, english, entry)) if english else None) or (0, 0)


def _entry(source: ByteSource, chunk: _Chunk, number: int) -> Steps[tuple[int, int] | None]:
    """Kind and data of one entry of `chunk`; None if it is not there."""
    offset = yield from _offset(source, chunk, number)
    if offset is None:
        return None  # Nothing is lost: what is not there is left by who looks for it
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


def _offset(source: ByteSource, chunk: _Chunk, number: int) -> Steps[int | None]:
    """How far behind the beginning of the entries entry `number` stands (bytes); None if the chunk has none."""
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
        return None  # Nothing is lost: as above
    yield from source.need((table + number * width, width))
    raw = source.get(table + number * width, width)
    if raw == b"\xff" * width:
        return None  # Nothing is lost: as above
    return 4 * u16(raw, 0) if width == 2 else u32(raw, 0)


def _string(source: ByteSource, pool: Pool, number: int, limit: int = STRING_LIMIT) -> Steps[Account[str]]:
    index = pool.index(number)
    yield from source.need((index, 4))
    at, length = pool.string(u32(source.get(index, 4), 0))
    length = min(length, source.size - at, limit)
    yield from source.need((at, length))
    return pool.decoded(source.get(at, length), Room())  # a label's way leads over few strings
