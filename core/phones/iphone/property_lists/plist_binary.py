"""Property lists in Apple's binary form (``bplist00``), read as strictly as every reader of them can.

A list is a header, objects, a table of where each object begins, and 32 bytes that say how the table is made. Objects
name each other by their number in it. Honest writers put one object behind the other, from the header to the table, and
none that no other names: bytes that belong to no object, or to two, are left over. The form is that of Apple's own
published source (CFBinaryPList).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from core.phones.accounting import Account, Why
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists.plist_reading import VALUES, PlistReading, whole_number

_HEADER: Final = b"bplist00"
_TRAILER: Final = struct.Struct(">6xBBQQQ")
_EPOCH: Final = datetime(2001, 1, 1)
_FALSE, _TRUE, _DATE = 0x08, 0x09, 0x33
_INTEGER, _REAL, _DATA, _ASCII, _UTF16, _ARRAY, _DICT = 0x1, 0x2, 0x4, 0x5, 0x6, 0xA, 0xD
_REALS: Final = {4: ">f", 8: ">d"}
#: The bytes that each element of an object takes: of arrays and tables, how many references.
_REFERENCES: Final = {_ARRAY: 1, _DICT: 2}
_REFERENCE_FORMS: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
_WIDTHS: Final = {_DATA: 1, _ASCII: 1, _UTF16: 2}


def read(data: bytes, apps_under: str = "") -> Account[object]:
    """The value that a binary list holds, and what of it can be read in more than one way. Raises Malformed.

    `apps_under`: see :class:`PlistReading`.
    """
    return _Reader(data, PlistReading(apps_under)).account()


class _Reader:
    """Follows the references from the topmost object."""

    def __init__(self, data: bytes, reading: PlistReading) -> None:
        """Raises Malformed where the frame is none."""
        self._data = data
        self._reading = reading
        end = len(data) - _TRAILER.size
        if end < len(_HEADER) + 2 or not data.startswith(_HEADER):
            raise Malformed("no property list: no binary one")
        place_size, self._reference_size, count, self._top, self._table = _TRAILER.unpack_from(data, end)
        if not (1 <= place_size <= 8 and 1 <= self._reference_size <= 8 and 1 <= count <= VALUES and self._top < count):
            raise Malformed("no property list: a frame that makes no sense")
        if self._table + count * place_size != end or self._table <= len(_HEADER):
            raise Malformed("no property list: bytes outside of it")
        self._places = [self._number(self._table + n * place_size, place_size) for n in range(count)]
        if any(not len(_HEADER) <= place < self._table for place in self._places):
            raise Malformed("no property list: an object outside of it")
        self._reached: set[int] = set()
        #: What objects that hold no others were read as, by where they begin, and which texts among them can be read
        #: in two ways. One may be named in many places, and is read once.
        self._read: dict[int, object] = {}
        self._odd: set[int] = set()
        #: Those texts by the apps in whose names they were left.
        self._odd_of_apps: set[tuple[int, str]] = set()
        #: Bytes that objects which share none can still have, so that no more is decoded than there is.
        self._unread = self._table

    def account(self) -> Account[object]:
        value = self._value(self._top, 0, ())
        if len(self._reached) < len(self._places):
            self._reading.leftovers.add(Why.UNKNOWN, "object")
        end = len(_HEADER)
        for place in sorted(self._places):
            if place != end:
                end = 0  # something lies before it, or over it: also in the last object
                break
            end = self._extent(place)[2]
        if end != self._table:
            self._reading.leftovers.add(Why.TWO_WAYS, "bytes")
        return self._reading.leftovers.account(value)

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self._data[at : at + size])

    def _extent(self, place: int) -> tuple[int, int, int]:
        """Where the content of the object at `place` begins, its count as its kind counts, and where it ends."""
        marker = self._data[place]
        kind, low = marker >> 4, marker & 0xF
        begin = place + 1
        if marker in (_FALSE, _TRUE):
            return begin, 0, begin
        if kind in (_INTEGER, _REAL) or marker == _DATE:
            count = size = 1 << low
            if (kind == _INTEGER and low > 4) or (kind != _INTEGER and count not in _REALS):
                raise Malformed("no property list: a number of an unknown size")
        elif kind in _WIDTHS or kind in _REFERENCES:
            count = low
            if low == 0xF:
                marker = self._data[begin]
                if marker >> 4 != _INTEGER or marker & 0xF > 3:
                    raise Malformed("no property list: a length that is no number")
                width = 1 << (marker & 0xF)
                count, begin = self._number(begin + 1, width), begin + 1 + width
            width = _WIDTHS.get(kind) or _REFERENCES[kind] * self._reference_size
            size = count * width
        else:
            raise Malformed("no property list: a value of an unknown kind")
        if begin + size > self._table:
            raise Malformed("no property list: an object that goes on outside of it")
        return begin, count, begin + size

    def _value(self, number: int, depth: int, path: tuple[str, ...]) -> object:
        """The value of object `number`, which stands `depth` deep at the end of the keys `path`. Raises Malformed.

        One that holds no others is decoded once, wherever it is named: else a small list could cost gigabytes.
        """
        self._reading.met(depth)
        self._reached.add(number)
        place = self._places[number]
        if place in self._read:
            return self._leaf(place, path)
        begin, count, end = self._extent(place)
        marker = self._data[place]
        kind = marker >> 4
        if kind == _DICT:
            return self._table_of(begin, count, depth, path)
        if kind == _ARRAY:
            return [self._value(inner, depth + 1, path) for inner in self._references(begin, count)]
        self._unread -= end - place
        if self._unread < 0:
            raise Malformed("no property list: objects inside each other")
        content = self._data[begin:end]
        if kind in (_ASCII, _UTF16):
            self._read[place] = self._text(place, content, kind)
        else:
            self._read[place] = self._plain(marker, count, content)
        return self._leaf(place, path)

    def _leaf(self, place: int, path: tuple[str, ...]) -> object:
        """What an object was read as; left in the name of each app that has it where that may be read otherwise."""
        value = self._read[place]
        if place in self._odd and (place, app := self._reading.app(path)) not in self._odd_of_apps:
            self._odd_of_apps.add((place, app))
            self._reading.leftovers.add(Why.TWO_WAYS, "text", app, str(value))
        return value

    def _plain(self, marker: int, count: int, content: bytes) -> object:
        """A value that is neither a text nor holds others."""
        kind = marker >> 4
        if marker in (_FALSE, _TRUE):
            return marker == _TRUE
        if kind == _INTEGER:
            # Only those of 8 bytes have a sign; those of 16 are for what has none and does not fit into 8.
            return whole_number(int.from_bytes(content, signed=count == 8))
        if kind == _DATA:
            return content
        real: float = struct.unpack(_REALS[count], content)[0]
        return real if kind == _REAL else _date(real)

    def _text(self, place: int, content: bytes, kind: int) -> str:
        """A text; it is odd where readers that end a text at a NUL would read less of it, and where it has half a
        character or a byte that is none: each reader puts something else in its place, or fails."""
        encoding = "ascii" if kind == _ASCII else "utf-16-be"
        try:
            value = content.decode(encoding)
        except UnicodeDecodeError:  # Nothing is lost: it is left in the name of each app that has it.
            value = content.decode(encoding, errors="replace")
            self._odd.add(place)
        if "\0" in value:
            self._odd.add(place)
        return value

    def _table_of(self, begin: int, count: int, depth: int, path: tuple[str, ...]) -> dict[str, object]:
        table: dict[str, object] = {}
        references = self._references(begin, 2 * count)
        for number, of_value in zip(references[:count], references[count:], strict=True):
            key = self._value(number, depth + 1, path)
            if not isinstance(key, str):
                raise Malformed("a key is no text")
            inner = (*path, key)
            self._reading.put(table, inner, self._value(of_value, depth + 1, inner))
        return table

    def _references(self, begin: int, count: int) -> Sequence[int]:
        """The numbers of so many objects. Raises Malformed for one that there is not."""
        size = self._reference_size
        if size in _REFERENCE_FORMS:
            numbers: Sequence[int] = struct.unpack_from(f">{count}{_REFERENCE_FORMS[size]}", self._data, begin)
        else:
            numbers = [self._number(at, size) for at in range(begin, begin + count * size, size)]
        if numbers and max(numbers) >= len(self._places):
            raise Malformed("no property list: a reference to nothing")
        return numbers


def _date(seconds: float) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:  # too far away, or no number
        raise Malformed(f"no property list: {error}") from None
