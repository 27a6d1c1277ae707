"""A compiled XML file (ResourceTypes.h, ResXMLTree), element by element.

It is read as Android's own reader reads it, and a file that this one would refuse is refused here as well. What may be
read in another way is left, by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from core.phones.accounting import Leftovers, Why
from core.phones.android.apk.fields import OverBudget, Unreadable, u16, u32
from core.phones.android.apk.strings import POOL, Pool, Room

START: Final = 0x0102
END: Final = 0x0103
REFERENCES: Final = (0x01, 0x07)
STRING: Final = 0x03
#: The index of a string where there is none.
NOTHING: Final = 0xFFFFFFFF

_RESOURCE_MAP: Final = 0x0180
#: The kinds of chunks of a document; before its first one Android looks for the pool and the map, and not after.
_NODES: Final = range(0x0100, 0x0180)
#: Those that Android knows: the begin and end of a namespace and of an element, and text.
_KNOWN_NODES: Final = range(0x0100, 0x0105)
_NODE_HEADER: Final = 16
#: What an element has behind that, at least, and its end (bytes).
_ELEMENT: Final = 20
_ELEMENT_END: Final = 8
#: The length of an attribute, at least (bytes).
_ATTRIBUTE: Final = 20

_CHUNKS_LIMIT: Final = 100_000
#: Of all texts that are decoded (characters): many may share the same bytes.
_TEXT_LIMIT: Final = 4 * 2**20


class Element(NamedTuple):
    """Where an element is: its chunk, and what comes behind the chunk's header."""

    body: int
    end: int


class Attribute(NamedTuple):
    """One attribute of an element.

    `number` is what the map of resources makes of its name, 0 if nothing; `space` and `raw` are indexes of strings, and
    so is `data` where `kind` says so. `raw` is what stood in the source, which one reader goes by and another does not.
    """

    number: int
    name: str
    space: int
    raw: int
    kind: int
    data: int


class XmlReader:
    """Chunk by chunk; texts are decoded where they are of interest, each once. What is odd is added to `leftovers`."""

    def __init__(self, data: bytes, leftovers: Leftovers) -> None:
        self._data = data
        self._leftovers = leftovers
        self._pool: Pool | None = None
        self._numbers: tuple[int, int] = (0, 0)  # where the resource numbers of the attributes' names are, how many
        self._texts: dict[int, str] = {NOTHING: ""}
        self._room = _TEXT_LIMIT
        self._ill_formed = Room()

    def chunks(self) -> Iterator[tuple[int, Element]]:
        """Kind and place of every chunk. Raises Unreadable."""
        at, end = u16(self._data, 2), u32(self._data, 4)
        if end > len(self._data):
            raise Unreadable(f"{len(self._data)} of {end} bytes")
        in_nodes = False
        for _ in range(_CHUNKS_LIMIT):
            if at + 8 > end:
                if any(self._data[at:]):
                    self._leftovers.add(Why.TWO_WAYS, "bytes behind the document")
                return  # Nothing is lost: this is the end
            kind, header, size = u16(self._data, at), u16(self._data, at + 2), u32(self._data, at + 4)
            if not 8 <= header <= size <= end - at or (header | size) & 3:
                raise Unreadable(f"a chunk of {size} bytes at {at} of {end}")
            if kind in _NODES:
                in_nodes = True
                self._look_at_node(kind, at, header, size)
            elif kind == POOL:
                if self._pool is not None or in_nodes:
                    raise Unreadable("two pools of strings, or one in an odd place")
                self._pool = Pool.parse(at, self._data[at : at + header])
                if not self._pool.ends_in(self._data):
                    raise Unreadable("a pool of strings without its end")
            elif kind == _RESOURCE_MAP:
                if self._numbers != (0, 0) or in_nodes:
                    raise Unreadable("two maps of resources, or one in an odd place")
                self._numbers = (at + header, (size - header) // 4)
            else:
                self._leftovers.add(Why.UNKNOWN, "chunk", text=f"{kind:#06x}")
            yield kind, Element(at + header, at + size)
            at += size
        raise Unreadable("too many chunks")

    def _look_at_node(self, kind: int, at: int, header: int, size: int) -> None:
        """What Android looks at before it goes on: it ends with an error where this is not so. Raises Unreadable."""
        if kind not in _KNOWN_NODES:
            self._leftovers.add(Why.UNKNOWN, "chunk", text=f"{kind:#06x}")
        room = size - header
        if header < _NODE_HEADER or room < {START: _ELEMENT, END: _ELEMENT_END}.get(kind, 0):
            raise Unreadable(f"a chunk of {size} bytes at {at}")
        if kind == START:
            body = at + header
            start, step, count = u16(self._data, body + 8), u16(self._data, body + 10), u16(self._data, body + 12)
            if start + step * count > room or (count and step < _ATTRIBUTE):
                raise Unreadable("attributes outside of their element")

    def name(self, element: Element) -> str:
        """What an element is called."""
        number = u32(self._data, element.body + 4)
        if number == NOTHING:
            self._leftovers.add(Why.MISSING, "name of an element")
        return self.text(number)

    def attributes(self, element: Element) -> list[Attribute]:
        """The attributes of an element."""
        data, body = self._data, element.body
        start, step, count = u16(data, body + 8), u16(data, body + 10), u16(data, body + 12)
        places, numbers = self._numbers
        attributes = []
        for at in range(body + start, body + start + count * step, step or 1):
            index = u32(data, at + 4)
            number = u32(data, places + 4 * index) if index < numbers else 0
            attributes.append(
                Attribute(number, self.text(index), u32(data, at), u32(data, at + 8), data[at + 15], u32(data, at + 16))
            )
        return attributes

    def text(self, number: int) -> str:
        """String `number`; an index that leads nowhere is an empty text. What is odd about it is left.

        Raises Unreadable where the texts are too much.
        """
        text = self._texts.get(number)
        if text is None:
            self._texts[number] = text = self._decoded(number)
            self._room -= len(text)
            if self._room < 0:
                raise Unreadable("too much text")
        return text

    def _decoded(self, number: int) -> str:
        try:
            if self._pool is None:
                raise Unreadable("no pool of strings")
            at, length = self._pool.string(u32(self._data, self._pool.index(number)))
            return self._leftovers.take(self._pool.decoded(self._data[at : at + length], self._ill_formed))
        except OverBudget:
            raise  # no text is worth more, and the next one would cost as much
        except Unreadable as problem:
            self._leftovers.add(Why.REFUSED, "text", text=str(problem))
            return ""
