"""AndroidManifest.xml in its compiled form (ResourceTypes.h, ResXMLTree): what an app is called and what is in it.

As Android does, attributes are told by their resource number and not by their name, and chunks of an unknown kind are
passed over. Where a file could be read in two ways (two pools of strings, a component in an odd place, a second
application), it is refused, or what is found counts and is not called whole: a class that is seen can only accuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from core.phones.android.apk.fields import Unreadable, u16, u32
from core.phones.android.apk.strings import POOL, Pool
from core.text import plain

#: Of the inflated file (bytes).
SIZE_LIMIT: Final = 2 * 2**20
COMPONENTS_LIMIT: Final = 5_000
_CHUNKS_LIMIT: Final = 100_000
_CLASS_LIMIT: Final = 500
#: What a class may be called in an app's code (dalvik/dex-format, SimpleName); texts from phones have further bounds.
_CLASS: Final = re.compile(r"[\w$\-\u00a1-\uffff]+(?:\.[\w$\-\u00a1-\uffff]+)*")
#: Of all texts that are decoded (characters): many may share the same bytes.
_TEXT_LIMIT: Final = 4 * 2**20

_RESOURCE_MAP: Final = 0x0180
START: Final = 0x0102
_END: Final = 0x0103
_NOTHING: Final = 0xFFFFFFFF

_LABEL: Final = 0x01010001
_ICON: Final = 0x01010002
_NAME: Final = 0x01010003
_VALUE: Final = 0x01010024
_TARGET_ACTIVITY: Final = 0x01010202
_VERSION_CODE: Final = 0x0101021B
_VERSION_CODE_MAJOR: Final = 0x01010576

REFERENCES: Final = (0x01, 0x07)
STRING: Final = 0x03
_NUMBERS: Final = range(0x10, 0x20)
#: The length of an attribute, at least (bytes).
_ATTRIBUTE: Final = 20
#: Components stand below the application, and that below the manifest; nothing deeper is of interest.
_DEEPEST: Final = 3
#: The attributes whose text is read.
_READ: Final = frozenset({_LABEL, _NAME, _TARGET_ACTIVITY})

#: Where a browser writes the address of a page that it makes an app of (Chromium, WebApkMetaDataKeys).
_START_URL: Final = "org.chromium.webapk.shell_apk.startUrl"

#: The elements that stand for a class, and the attribute that names it.
_CLASSES: Final = {
    "activity": _NAME,
    "activity-alias": _TARGET_ACTIVITY,
    "service": _NAME,
    "receiver": _NAME,
    "provider": _NAME,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says. `label` is the text itself, or the number of the resource that is the text; `icon` is the
    number of the resource that is the launcher's picture, 0 where none is named. `start_url` is the address at which an
    app starts that a browser made of a page, or the number of the resource that is that text (0: it is no text).

    Where `whole` is false, some classes are missing in `components`: they were too many, or are named in a way that is
    not followed (by a resource, or with characters that no class of Java's has).
    """

    package: str
    version_code: int | None
    label: str | int
    components: tuple[str, ...]
    whole: bool = True
    icon: int = 0
    start_url: str | int = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element: of Android's own by `number`, of others by `name`; `text` is empty for numbers."""

    number: int
    name: str
    kind: int
    data: int
    text: str


@dataclass(slots=True)
class _Seen:
    """What was found so far, and on which path the reader is."""

    path: list[str] = field(default_factory=list)
    depth: int = 0
    package: str = ""
    version: int | None = None
    major: int = 0
    applications: int = 0
    label: str | int = ""
    icon: int = 0
    components: dict[str, None] = field(default_factory=dict)
    whole: bool = True
    start_url: str | int = ""


def parse(data: bytes) -> Manifest:
    """Read a compiled manifest. Raises Unreadable."""
    reader = XmlReader(data)
    seen = _Seen()
    for kind, element in reader.chunks():
        if kind == START:
            seen.depth += 1
            name = reader.name(element)
            if seen.depth <= _DEEPEST:
                seen.path.append(name)
            if seen.depth <= _DEEPEST or name in _CLASSES:
                attributes = reader.attributes(element)
                _started(seen, name, attributes)
                if seen.path == ["manifest", "application", "meta-data"]:
                    found = _start_url(reader, attributes)
                    seen.start_url = seen.start_url if found is None else found
        elif kind == _END:
            seen.depth -= 1
            if seen.depth < 0:
                raise Unreadable("an element that never began")
            del seen.path[seen.depth :]
    if not seen.package:
        raise Unreadable("no package")
    version = None if seen.version is None else seen.major << 32 | seen.version
    whole = seen.whole and not reader.odd
    return Manifest(seen.package, version, seen.label, tuple(seen.components), whole, seen.icon, seen.start_url)


def _started(seen: _Seen, name: str, attributes: list[Attribute]) -> None:
    if name in _CLASSES:
        _component(seen, name, attributes)
    elif seen.path == ["manifest"]:
        if seen.package:
            raise Unreadable("two manifests")
        seen.package = next((a.text for a in attributes if a.name == "package"), "")
        seen.version = _number(attributes, _VERSION_CODE)
        seen.major = _number(attributes, _VERSION_CODE_MAJOR) or 0
    elif seen.path == ["manifest", "application"]:
        seen.applications += 1
        seen.whole &= seen.applications == 1
        label = next((a for a in attributes if a.number == _LABEL), None)
        if label is not None and seen.applications == 1:
            seen.label = label.data if label.kind in REFERENCES else label.text
        icon = next((a for a in attributes if a.number == _ICON), None)
        if icon is not None and icon.kind in REFERENCES and seen.applications == 1:
            seen.icon = icon.data


def _start_url(reader: XmlReader, attributes: list[Attribute]) -> str | int | None:
    """The address that a browser wrote into this element, or the number of the resource that is it (0: it is no text);
    None where the element is about something else."""
    name = next((a for a in attributes if a.number == _NAME), None)
    if name is None or name.text != _START_URL:
        return None
    value = next((a for a in attributes if a.number == _VALUE), None)
    if value is not None and value.kind in REFERENCES:
        return value.data
    return (reader.text_of(value) if value is not None else "") or 0


def _component(seen: _Seen, name: str, attributes: list[Attribute]) -> None:
    """A screen, service, receiver or provider; also where some Androids look for one and others do not."""
    if seen.depth == _DEEPEST and seen.path == ["manifest", "queries", "provider"]:
        return  # another app's, which this one wants to see
    written = next((a for a in attributes if a.number == _CLASSES[name]), None)
    full = _class_name(seen.package, written.text) if written is not None else ""
    if full and len(seen.components) < COMPONENTS_LIMIT:
        seen.components[full] = None
    elif full not in seen.components:
        seen.whole = False
    seen.whole &= seen.depth == _DEEPEST and seen.path[:-1] == ["manifest", "application"]


def _number(attributes: list[Attribute], number: int) -> int | None:
    found = next((a for a in attributes if a.number == number), None)
    return found.data if found is not None and found.kind in _NUMBERS else None


def _class_name(package: str, written: str) -> str:
    """A class's full name; nothing if no class has such a name, or it is not given as a text."""
    full = package + written if written.startswith(".") else written if "." in written else f"{package}.{written}"
    return (
        full
        if written and len(full) <= _CLASS_LIMIT and _CLASS.fullmatch(full) and plain(full, _CLASS_LIMIT) == full
        else ""
    )


class Element(NamedTuple):
    """Where an element is: its chunk, and what comes behind the chunk's header."""

    body: int
    end: int


class XmlReader:
    """Chunk by chunk; texts are decoded where they are of interest, each once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pool: Pool | None = None
        self._numbers: tuple[int, int] = (0, 0)  # where the resource numbers of the attributes' names are, how many
        self._texts: dict[int, str] = {}
        self._room = _TEXT_LIMIT
        #: Whether a text that was looked at is not as it should be: Android may read something else there.
        self.odd = False

    def chunks(self) -> Iterator[tuple[int, Element]]:
        """Kind and place of every chunk."""
        at, end = u16(self._data, 2), min(u32(self._data, 4), len(self._data))
        begun = False
        for _ in range(_CHUNKS_LIMIT):
            if at + 8 > end:
                return
            kind, header, size = u16(self._data, at), u16(self._data, at + 2), u32(self._data, at + 4)
            if not 8 <= header <= size <= end - at:
                raise Unreadable(f"a chunk of {size} bytes at {at} of {end}")
            begun |= kind in (START, _END)
            if kind == POOL:
                if self._pool is not None or begun:
                    raise Unreadable("two pools of strings, or one in an odd place")
                self._pool = Pool.parse(at, self._data[at : at + header])
            elif kind == _RESOURCE_MAP:
                if self._numbers != (0, 0) or begun:
                    raise Unreadable("two maps of resources, or one in an odd place")
                self._numbers = (at + header, (size - header) // 4)
            yield kind, Element(at + header, at + size)
            at += size
        raise Unreadable("too many chunks")

    def name(self, element: Element) -> str:
        """What an element is called."""
        return self._text(u32(self._data, element.body + 4))

    def attributes(self, element: Element) -> list[Attribute]:
        """The attributes of an element."""
        body = element.body
        start, step, count = u16(self._data, body + 8), u16(self._data, body + 10), u16(self._data, body + 12)
        first = body + start
        if count and (step < _ATTRIBUTE or first + count * step > element.end):
            raise Unreadable("attributes outside of their element")
        return [self._attribute(first + i * step) for i in range(count)]

    def text_of(self, attribute: Attribute) -> str:
        """The text of an attribute, also of one that is not read otherwise; nothing where it is none."""
        return self._text(attribute.data) if attribute.kind == STRING else ""

    def _attribute(self, at: int) -> Attribute:
        index, kind, data = u32(self._data, at + 4), self._data[at + 15], u32(self._data, at + 16)
        places, count = self._numbers
        number = u32(self._data, places + 4 * index) if index < count else 0
        name = self._text(index) if not number and u32(self._data, at) == _NOTHING else ""
        is_read = kind == STRING and (number in _READ or name == "package")
        return Attribute(number, name, kind, data, self._text(data) if is_read else "")

    def _text(self, number: int) -> str:
        """String `number`. An index that leads nowhere is an empty text, and odd."""
        if number not in self._texts:
            self._texts[number] = text = self._decoded(number)
            self._room -= len(text)
            if self._room < 0:
                raise Unreadable("too much text")
        return self._texts[number]

    def _decoded(self, number: int) -> str:
        if self._pool is None or number == _NOTHING:
            return ""
        try:
            at, length = self._pool.string(u32(self._data, self._pool.index(number)))
            return self._pool.decoded(self._data[at : at + length])
        except Unreadable:
            self.odd = True
            return ""
