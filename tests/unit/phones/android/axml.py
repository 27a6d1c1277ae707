"""Compiled manifests for tests in which every part can be odd: texts, attributes, the map of resources, chunks."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from tests.unit.phones.android.apks import LABEL, NAME, NOTHING, NUMBER, REFERENCE, STRING, TARGET, VERSION, chunk

ANDROID: Final = "http://schemas.android.com/apk/res/android"
POOL, XML, MAP, START, END, SPACE, SPACE_END = 1, 3, 0x0180, 0x0102, 0x0103, 0x0100, 0x0101
NAMES: Final = {LABEL: "label", NAME: "name", TARGET: "targetActivity", VERSION: "versionCode"}


@dataclass(frozen=True)
class Odd:
    """A string of a pool by its bytes in it, with its lengths and its end, in UTF-8 or UTF-16."""

    utf8: bytes
    utf16: bytes


Word = str | Odd


def odd(content: bytes, units: int | None = None, length: int | None = None) -> Odd:
    """A string whose bytes in UTF-8 are these, with its lengths in UTF-16 and in bytes; in UTF-16 it is as Latin-1."""
    size = len(content) if length is None else length
    count = len(content) if units is None else units
    wide = content.decode("latin-1").encode("utf-16-le")
    return Odd(bytes([count, size]) + content + b"\0", struct.pack("<H", count) + wide + b"\0\0")


@dataclass
class Attr:
    """An attribute; `number` is what the map of resources says of its name, 0 for nothing. `raw` is the text that
    stood in the source; the same as the value where it is not given, and none where it is empty."""

    name: Word
    value: Word | int
    number: int = 0
    space: Word | None = ANDROID
    kind: int = STRING
    raw: Word | None = None


@dataclass
class Node:
    name: Word
    attrs: list[Attr] = field(default_factory=list)
    inside: list[Node] = field(default_factory=list)
    space: Word | None = None


def android(number: int, value: Word | int, kind: int = STRING) -> Attr:
    """One of Android's own attributes, as it should be."""
    return Attr(NAMES[number], value, number, kind=kind)


def component(name: Word, kind: Word = "activity") -> Node:
    return Node(kind, [android(TARGET if kind == "activity-alias" else NAME, name)])


def app(package: Word, *components: Node) -> Node:
    """A manifest with these components."""
    application = Node("application", [android(LABEL, "Notes")], list(components))
    top = [android(VERSION, 7, NUMBER), Attr("package", package, space=None)]
    return Node("manifest", top, [Node("uses-permission", [android(NAME, "android.permission.INTERNET")]), application])


Chunks = list[tuple[int, bytes]]


class Writer:
    """Writes one document. The names of attributes that have a number come first in the pool."""

    def __init__(self, *, utf8: bool) -> None:
        self._utf8 = utf8
        self._named: dict[tuple[Word, int], int] = {}
        self._others: dict[Word, int] = {}

    def chunks(self, root: Node) -> Chunks:
        """Kind and bytes of every chunk: the pool, the map, the document."""
        for node in _all(root):
            for attr in node.attrs:
                if attr.number:
                    self._named.setdefault((attr.name, attr.number), len(self._named))
        space = struct.pack("<II", self._string("android"), self._string(ANDROID))
        body = [self._node(SPACE, space), *self._nodes(root), self._node(SPACE_END, space)]
        words = [*(name for name, _ in self._named), *self._others]
        numbers = struct.pack(f"<{len(self._named)}I", *(number for _, number in self._named))
        return [(POOL, self._pool(words)), (MAP, chunk(MAP, b"", numbers)), *body]

    def _string(self, word: Word | None) -> int:
        if word is None:
            return NOTHING
        return len(self._named) + self._others.setdefault(word, len(self._others))

    def _nodes(self, node: Node) -> Iterator[tuple[int, bytes]]:
        data = b""
        for attr in node.attrs:
            index = self._named[attr.name, attr.number] if attr.number else self._string(attr.name)
            number = attr.value if isinstance(attr.value, int) else self._string(attr.value)
            same = number if attr.kind == STRING and not isinstance(attr.value, int) else NOTHING
            raw = same if attr.raw is None else self._string(attr.raw) if attr.raw else NOTHING
            data += struct.pack("<3IHBBI", self._string(attr.space), index, raw, 8, 0, attr.kind, number)
        name = struct.pack("<II", self._string(node.space), self._string(node.name))
        yield self._node(START, name + struct.pack("<6H", 20, 20, len(node.attrs), 0, 0, 0) + data)
        for inner in node.inside:
            yield from self._nodes(inner)
        yield self._node(END, name)

    def _node(self, kind: int, body: bytes) -> tuple[int, bytes]:
        return kind, chunk(kind, struct.pack("<II", 1, NOTHING), body)

    def _pool(self, words: Sequence[Word]) -> bytes:
        data, offsets = b"", []
        for word in words:
            offsets.append(len(data))
            data += self._encoded(word)
            data += bytes(len(data) % 2)
        data += bytes(-len(data) % 4)
        table = struct.pack(f"<{len(offsets)}I", *offsets)
        header = struct.pack("<5I", len(words), 0, 0x100 if self._utf8 else 0, 28 + len(table), 0)
        return chunk(POOL, header, table + data)

    def _encoded(self, word: Word) -> bytes:
        if isinstance(word, Odd):
            return word.utf8 if self._utf8 else word.utf16
        wide = word.encode("utf-16-le")
        if not self._utf8:
            return struct.pack("<H", len(wide) // 2) + wide + b"\0\0"
        raw = word.encode()
        return _short(len(wide) // 2) + _short(len(raw)) + raw + b"\0"


def _short(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([0x80 | number >> 8, number & 0xFF])


def _all(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.inside:
        yield from _all(inner)


def compiled(root: Node, *, utf8: bool = True, change: Callable[[Chunks], Chunks] = lambda chunks: chunks) -> bytes:
    """The file's bytes, after `change` of its chunks."""
    return chunk(XML, b"", b"".join(data for _, data in change(Writer(utf8=utf8).chunks(root))))


# Hostile ones, by chance

#: A class of a banned app, one that stands in its place, and how an attacker writes the first where it should be.
BANNED, DECOY, PACKAGE = "com.tencent.mm.ui.LauncherUI", "com.pocket.notes.Main", "com.pocket.notes"


def oddly(text: str) -> list[Odd]:
    """`text` in every way in which two readers may differ about it."""
    raw = text.encode()
    return [
        odd(raw + b"\0x"),
        odd(bytes([0xC1, 0x80 | raw[0] & 0x3F]) + raw[1:], len(raw)),  # a letter in two bytes
        odd(bytes([0xE0, 0x81, 0x80 | raw[0] & 0x3F]) + raw[1:], len(raw)),  # in three
        odd(raw, len(raw) - 1),
        odd(raw, len(raw) + 1),
        odd(raw + b"\xff", len(raw) + 1),
        odd(raw + b"\xed\xa0\x80", len(raw) + 1),  # half of a pair
        odd(raw, len(raw), len(raw) - 1),
        odd(raw + b"\xc0\x80", len(raw) + 1),
    ]


Change = Callable[[Node, random.Random], None]


def _application(root: Node) -> Node:
    return root.inside[1]


def _odd_tag(root: Node, chance: random.Random) -> None:
    node = chance.choice([_application(root), *_application(root).inside])
    node.name = chance.choice(oddly(node.name if isinstance(node.name, str) else "activity"))


def _odd_class(root: Node, chance: random.Random) -> None:
    chance.choice(_application(root).inside).attrs[0].value = chance.choice(oddly(BANNED))


def _odd_package(root: Node, chance: random.Random) -> None:
    root.attrs[-1].value = chance.choice(oddly(PACKAGE))


def _odd_name(root: Node, chance: random.Random) -> None:
    """An attribute whose name is odd, beside the one that is not."""
    attrs = chance.choice(_application(root).inside).attrs
    attrs.insert(chance.randrange(2), Attr(chance.choice(oddly("name")), BANNED))


def _second_name(root: Node, chance: random.Random) -> None:
    """A second attribute that some reader takes for the class."""
    attrs = chance.choice(_application(root).inside).attrs
    second = chance.choice(
        [
            Attr("name", BANNED, NAME),
            Attr("name", BANNED),
            Attr("name", BANNED, 0x7F010099),
            Attr("label", BANNED, NAME),
            Attr("", BANNED, NAME),
            Attr("name", BANNED, NAME & 0xFFFFFF | 0x02000000),
            Attr("theme", BANNED, NAME & 0xFFFFFF | 0x10000000),
        ]
    )
    attrs.insert(chance.randrange(2), second)


def _out_of_order(root: Node, chance: random.Random) -> None:
    chance.choice(_application(root).inside).attrs.insert(0, Attr("exported", 0, 0x01010010, kind=0x12))


def _other_source(root: Node, chance: random.Random) -> None:
    attr = chance.choice([root.attrs[-1], chance.choice(_application(root).inside).attrs[0]])
    attr.raw = chance.choice((BANNED, "com.tencent.mm"))


def _no_text(root: Node, chance: random.Random) -> None:
    attr = chance.choice(_application(root).inside).attrs[0]
    attr.kind, attr.value = chance.choice(((REFERENCE, 0x7F010000), (NUMBER, 7), (0, 0)))


def _elsewhere(root: Node, chance: random.Random) -> None:
    """A component, or an application, in an odd place."""
    inner = component(BANNED)
    place = chance.choice([root, root.inside[0], _application(root).inside[0]])
    place.inside.append(chance.choice((inner, Node("application", [], [inner]), Node("layer", [], [inner]))))


def _two_packages(root: Node, chance: random.Random) -> None:
    second = chance.choice((Attr("package", "com.tencent.mm", space=None), Attr("package", "com.tencent.mm", space="")))
    root.attrs.insert(chance.randrange(len(root.attrs) + 1), second)


def _other_space(root: Node, chance: random.Random) -> None:
    chance.choice(_application(root).inside).space = "http://example.com"


CHANGES: Final[Sequence[Change]] = (
    _odd_tag,
    _odd_class,
    _odd_package,
    _odd_name,
    _second_name,
    _out_of_order,
    _other_source,
    _no_text,
    _elsewhere,
    _two_packages,
    _other_space,
)

ChunkChange = Callable[[Chunks, random.Random], Chunks]


def _unknown(chunks: Chunks, chance: random.Random) -> Chunks:
    at = chance.randrange(len(chunks) + 1)
    kind = chance.choice((0x0000, 0x0110, 0x0150, 0x0181, 0x7777))
    return [*chunks[:at], (kind, chunk(kind, bytes(8), bytes(4 * chance.randrange(4)))), *chunks[at:]]


def _mapped(chunks: Chunks) -> tuple[Chunks, list[int], Chunks]:
    """What stands before the map, the numbers in it, and what stands behind it."""
    at = next(i for i, (kind, _) in enumerate(chunks) if kind == MAP)
    numbers = struct.unpack(f"<{len(chunks[at][1]) // 4 - 2}I", chunks[at][1][8:])
    return chunks[:at], list(numbers), chunks[at + 1 :]


def _map(numbers: Sequence[int]) -> tuple[int, bytes]:
    return MAP, chunk(MAP, b"", struct.pack(f"<{len(numbers)}I", *numbers))


def _late_map(chunks: Chunks, chance: random.Random) -> Chunks:
    before, numbers, behind = _mapped(chunks)
    at = chance.randrange(len(behind) + 1)
    return [*before, *behind[:at], _map(numbers), *behind[at:]]


def _short_map(chunks: Chunks, chance: random.Random) -> Chunks:
    before, numbers, behind = _mapped(chunks)
    return [*before, _map(numbers[: chance.randrange(len(numbers) + 1)]), *behind]


def _mixed_map(chunks: Chunks, chance: random.Random) -> Chunks:
    before, numbers, behind = _mapped(chunks)
    chance.shuffle(numbers)
    return [*before, _map(numbers), *behind]


def _two_pools(chunks: Chunks, chance: random.Random) -> Chunks:
    at = chance.randrange(1, len(chunks))
    return [*chunks[:at], next(c for c in chunks if c[0] == POOL), *chunks[at:]]


def _without(chunks: Chunks, chance: random.Random) -> Chunks:
    at = chance.choice([i for i, (kind, _) in enumerate(chunks) if kind not in (POOL, MAP)])
    return chunks[:at] + chunks[at + 1 :]


def _any_bytes(chunks: Chunks, chance: random.Random) -> Chunks:
    """A few bytes anywhere in one chunk."""
    at = chance.randrange(len(chunks))
    kind, data = chunks[at]
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 2, 3, 0x7F, 0x80, 0xC0, 0xFF, 0x2E, 0x61))
    return [*chunks[:at], (kind, bytes(changed)), *chunks[at + 1 :]]


#: Changes around the elements, and those of any bytes: these may make another class of one.
AROUND: Final[Sequence[ChunkChange]] = (_unknown, _late_map, _short_map, _mixed_map, _two_pools)
CHUNK_CHANGES: Final[Sequence[ChunkChange]] = (
    *AROUND,
    _without,
    _any_bytes,
    _any_bytes,
    _any_bytes,
)


def honest(chance: random.Random) -> Node:
    """A manifest as aapt writes it, of a few components."""
    kinds = ("activity", "activity-alias", "service", "receiver", "provider")
    names = (DECOY, ".Main", "Main", "com.other.Service", "com.example.ﺃ$Inner-x", BANNED)
    return app(PACKAGE, *(component(chance.choice(names), chance.choice(kinds)) for _ in range(chance.randrange(1, 6))))


def made(number: int) -> bytes:
    """The manifest of this number, the same ones every time: a fifth of them honest, the others with changes."""
    chance = random.Random(number)
    root = deepcopy(honest(chance))
    changes: list[ChunkChange] = []
    if number % 5:
        for _ in range(chance.choice((1, 1, 2))):
            if chance.random() < 0.6:
                chance.choice(CHANGES)(root, chance)
            else:
                changes.append(chance.choice(CHUNK_CHANGES))

    def change(chunks: Chunks) -> Chunks:
        for one in changes:
            chunks = one(chunks, chance)
        return chunks

    return compiled(root, utf8=chance.random() < 0.7, change=change)
