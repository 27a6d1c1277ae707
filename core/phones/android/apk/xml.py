"""A compiled XML file (ResourceTypes.h, ResXMLTree), element by element.

It is read as Android's own reader reads it, and a file that this one would refuse is refused here as well. What may be
read in another way is left, by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
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
#: Kind, length of the header, and size.
_CHUNK: Final = Struct("<HHI")
#: What an element has behind that, at least: its name, where its attributes begin, how far apart they are, how many.
_ELEMENT: Final = Struct("<4xI3H6x")
#: What the end of an element has there, at least (bytes).
_ELEMENT_END: Final = 8
#: An attribute, at least: namespace, name, what stood in the source, kind, data.
_ATTRIBUTE: Final = Struct("<3I3xBI")

_CHUNKS_LIMIT: Final = 100_000
#: Of all texts that are decoded (characters): many may share the same bytes.
_TEXT_LIMIT: Final = 4 * 2**20


class Element(NamedTuple):
    """The beginning of an element. `name` is the index of a string; the first attribute is at `attributes`, and each
    next one `step` bytes behind it."""

    name: int
    attributes: int
    step: int
    attribute_count: int


#: What any other chunk is given as.
_NO_ELEMENT: Final = Element(NOTHING, 0, 0, 0)


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
        """The kind of every chunk, and the element that begins where it is one (START). Raises Unreadable."""
        data = self._data
        at, end = u16(data, 2), u32(data, 4)
        if end > len(data):
            raise Unreadable(f"{len(data)} of {end} bytes")
        in_nodes = False
        for _ in range(_CHUNKS_LIMIT):
            if at + 8 > end:
                if any(data[at:]):
                    self._leftovers.add(Why.TWO_WAYS, "bytes behind the document")
                return  # Nothing is lost: this is the end
            kind, header, size = _CHUNK.unpack_from(data, at)
            if not 8 <= header <= size <= end - at or (header | size) & 3:
                raise Unreadable(f"a chunk of {size} bytes at {at} of {end}")
            element = _NO_ELEMENT
            if kind in _NODES:
                in_nodes = True
                element = self._node(kind, at, header, size)
            elif in_nodes and kind in (POOL, _RESOURCE_MAP):
                raise Unreadable("a pool of strings, or a map of resources, in an odd place")
            elif kind == POOL:
                self._take_pool(at, header)
            elif kind == _RESOURCE_MAP:
                if self._numbers != (0, 0):
                    raise Unreadable("two maps of resources")
                self._numbers = (at + header, (size - header) // 4)
            else:
                self._leftovers.add(Why.UNKNOWN, "chunk", text=f"{kind:#06x}")
            yield kind, element
            at += size
        raise Unreadable("too many chunks")

    def _take_pool(self, at: int, header: int) -> None:
        if self._pool is not None:
            raise Unreadable("two pools of strings")
        self._pool = Pool.parse(at, self._data[at : at + header])
        if not self._pool.ends_in(self._data):
            raise Unreadable("a pool of strings without its end")

    def _node(self, kind: int, at: int, header: int, size: int) -> Element:
        """The element that begins with this chunk, after a look at what Android looks at before it goes on: it ends
        with an error where that is not so. Raises Unreadable."""
        if kind not in _KNOWN_NODES:
            self._leftovers.add(Why.UNKNOWN, "chunk", text=f"{kind:#06x}")
        room = size - header
        if header < _NODE_HEADER or room < (_ELEMENT.size if kind == START else _ELEMENT_END if kind == END else 0):
            raise Unreadable(f"a chunk of {size} bytes at {at}")
        if kind != START:
            return _NO_ELEMENT
        name, start, step, count = _ELEMENT.unpack_from(self._data, at + header)
        if start + step * count > room or (count and step < _ATTRIBUTE.size):
            raise Unreadable("attributes outside of their element")
        return Element(name, at + header + start, step, count)

    def name(self, element: Element) -> str:
        """What an element is called."""
        if element.name == NOTHING:
            self._leftovers.add(Why.MISSING, "name of an element")
        return self.text(element.name)

    def attributes(self, element: Element) -> list[Attribute]:
        """The attributes of an element."""
        places, numbers = self._numbers
        attributes = []
        for i in range(element.attribute_count):
            space, name, raw, kind, data = _ATTRIBUTE.unpack_from(self._data, element.attributes + i * element.step)
            number = u32(self._data, places + 4 * name) if name < numbers else 0
            attributes.append(Attribute(number, self.text(name), space, raw, kind, data))
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
