"""What stands on the pages of a PDF that Fanion made, or that calls itself one: its texts in their order.

A whole PDF reader would be one more program that strangers' files are given to. This one knows what typst writes, and
what other programs make of that when they save it: objects, packed streams, fonts with a map to Unicode. What it does
not know it leaves, and then texts are missing. It never fails, and reads a bounded number of bytes once.

It goes by no table of objects. So a file in which an object stands twice, or is hidden in another, may show another
page than the one that is read here; and so may one in which names are written in code, or in which something lies over
the page. Of such a file it is told that it is unclear.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

#: Bytes of one unpacked stream, and of all; objects, texts and pages that are looked at, and the depth of their tree.
_STREAM_LIMIT: Final = 5_000_000
_ALL_LIMIT: Final = 25_000_000
_OBJECTS: Final = 20_000
_TEXTS: Final = 20_000
_PAGES: Final = 8
_DEPTH: Final = 8

_FONT_FILE: Final = re.compile(rb"/FontFile[23]?\s+([0-9]{1,9})\s+[0-9]+\s+R\b")
_OBJECT: Final = re.compile(rb"(?<![0-9])([0-9]{1,9})[ \r\n]+[0-9]{1,5}[ \r\n]+obj\b")
_END: Final = re.compile(rb"\bendobj\b")
_STREAM: Final = re.compile(rb"\bstream\r?\n")
_REFERENCE: Final = re.compile(rb"([0-9]{1,9})\s+[0-9]{1,5}\s+R\b")
_FONT: Final = re.compile(rb"/([^\s()<>\[\]{}/%]+)\s+([0-9]{1,9})\s+[0-9]{1,5}\s+R\b")
_TOKEN: Final = re.compile(rb"<<|>>|<[0-9A-Fa-f\s]*>|[\[\]()]|/[^\s()<>\[\]{}/%]*|[^\s()<>\[\]{}/%]+")
_SPECIAL: Final = re.compile(rb"[()\\]")
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CHARACTER: Final = re.compile(rb"<([0-9A-Fa-f]{1,8})>\s*<([0-9A-Fa-f\s]*)>")
_RANGE: Final = re.compile(rb"<([0-9A-Fa-f]{1,8})>\s*<([0-9A-Fa-f]{1,8})>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])")
_MAP_PART: Final = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_KEYWORDS: Final = re.compile(rb"/Keywords\s*\(([^()\\]{0,200})\)|<pdf:Keywords>([^<]{0,200})</pdf:Keywords>")
_CREATOR: Final = re.compile(rb"/Creator\s*\(([^()\\]{0,200})\)")
#: What can be drawn over a page without a change of the page's own stream, or keeps a page from being read.
_OVERLAY: Final = re.compile(rb"/(Annots|AcroForm|OCProperties|Encrypt)\b")
#: A name that is written in code, but for the kinds of files that are attached.
_CODED: Final = re.compile(rb"/(?!(?:application|text)#2[Ff]\w)[A-Za-z0-9]*#[0-9A-Fa-f]{2}")
#: What a reader may take for the head of an object, also with comments in it; three letters in packed bytes are none.
_HEAD: Final = re.compile(rb"(?:[\0\t\n\f\r ][0-9.+-]+|%[^\r\n%]*[\r\n])[\0\t\n\f\r ]*obj\b")

#: A font's map: what a code of two bytes stands for.
_Map = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class PdfText:
    """What stands in a PDF. `items` are its texts, line by line as the page has them; `drawing` tells apart two pages
    that are drawn otherwise; `unclear` tells that the file may show another page than this. `marks` are its key words
    and the program that made it."""

    items: tuple[str, ...]
    attached: tuple[bytes, ...]
    drawing: bytes
    unclear: bool
    marks: tuple[str, str]


@dataclass(slots=True)
class _Objects:
    """The objects of a file by number, the last one of each; `bytes_left` are the bytes that may still be unpacked."""

    by_number: dict[int, bytes] = field(default_factory=dict)
    bytes_left: int = _ALL_LIMIT
    #: Whether one stands there twice, or is hidden in another.
    twofold: bool = False

    def stream(self, content: bytes) -> bytes | None:
        """The stream of an object, unpacked; None where it has none."""
        match = _STREAM.search(content)
        if match is None:
            return None
        packed = content[match.end() :]
        limit = min(_STREAM_LIMIT, self.bytes_left)
        if limit <= 0:  # zlib takes 0 for no limit
            return b""
        if b"/FlateDecode" in content[: match.start()]:
            try:
                data = zlib.decompressobj().decompress(packed, limit)
            except zlib.error:
                data = b""
        else:
            data = packed.rpartition(b"endstream")[0].rstrip(b"\r\n")[:limit]
        self.bytes_left -= len(data)
        return data

    def of(self, reference: bytes) -> bytes:
        return self.by_number.get(int(reference), b"")


def read_pdf(data: bytes) -> PdfText:
    """What stands in a PDF, as far as it can be understood."""
    objects = _objects(data)
    attached: list[bytes] = []
    fonts: list[bytes] = []
    for content in objects.by_number.values():
        kind = content[:2_000].partition(b"stream")[0]
        if re.search(rb"/EmbeddedFile\b", kind):
            attached.append(objects.stream(content) or b"")
        if (font := _FONT_FILE.search(kind)) is not None:
            fonts.append(hashlib.sha256(objects.stream(objects.of(font[1])) or b"").digest())
    drawing = hashlib.sha256(b"".join(sorted(fonts)))
    items: list[str] = []
    for page in itertools.islice(_pages(objects), _PAGES):
        drawn = _drawn(objects, page)
        drawing.update(drawn)
        items += itertools.islice(_texts(drawn, _fonts(objects, page)), _TEXTS)
    return PdfText(tuple(items), tuple(attached), drawing.digest(), _is_unclear(objects), _marks(data))


def _is_unclear(objects: _Objects) -> bool:
    """Whether a file may show another page than the one that is read."""
    heads = [content[:5_000].partition(b"stream")[0] for content in objects.by_number.values()]
    odd = any(_OVERLAY.search(head) or _CODED.search(head) for head in heads)
    return odd or objects.twofold or len(_tops(objects)) != 1


def _marks(data: bytes) -> tuple[str, str]:
    words = _KEYWORDS.findall(data)
    creator = _CREATOR.findall(data)
    return (
        (words[-1][0] or words[-1][1]).decode("latin-1") if words else "",
        creator[-1].decode("latin-1") if creator else "",
    )


def _objects(data: bytes) -> _Objects:
    """The objects of a file, also those that are packed into streams, found without its table of objects."""
    objects = _Objects()
    at = 0
    while len(objects.by_number) < _OBJECTS and (head := _OBJECT.search(data, at)) is not None:
        end = _END.search(data, head.end())
        at = end.start() if end is not None else len(data)
        objects.by_number[int(head[1])] = data[head.end() : at]
    objects.twofold = len(_HEAD.findall(data)) != len(objects.by_number)
    for content in list(objects.by_number.values()):
        if b"/ObjStm" in content[:500]:
            _unpack(objects, content)
    return objects


def _unpack(objects: _Objects, content: bytes) -> None:
    """Add the objects that stand together in one packed stream."""
    inside = objects.stream(content) or b""
    first = re.search(rb"/First\s+([0-9]{1,9})", content[:500])
    if first is None:
        return
    numbers = [int(number) for number in inside[: int(first[1])].split() if number.isdigit() and len(number) < 10]
    for number, offset, following in zip(numbers[::2], numbers[1::2], [*numbers[3::2], len(inside)], strict=False):
        objects.twofold |= number in objects.by_number
        if len(objects.by_number) < _OBJECTS:
            objects.by_number.setdefault(number, inside[int(first[1]) + offset : int(first[1]) + following])


def _tops(objects: _Objects) -> list[bytes]:
    """The tops of trees of pages. There is one."""
    trees = [content for content in objects.by_number.values() if re.search(rb"/Type\s*/Pages\b", content[:5_000])]
    return [content for content in trees if b"/Parent" not in content]


def _pages(objects: _Objects) -> Iterator[bytes]:
    """The pages in the order of their tree."""
    for top in _tops(objects)[-1:]:
        yield from _pages_below(objects, top, 0)


def _pages_below(objects: _Objects, content: bytes, depth: int) -> Iterator[bytes]:
    kids = re.search(rb"/Kids\s*\[([^\]]*)\]", content)
    if kids is None or depth == _DEPTH:
        yield content
        return
    for kid in _REFERENCE.findall(kids[1])[:_PAGES]:
        yield from _pages_below(objects, objects.of(kid), depth + 1)


def _drawn(objects: _Objects, page: bytes) -> bytes:
    """The streams that draw a page, one after another, unpacked."""
    contents = re.search(rb"/Contents\s*(\[[^\]]*\]|[0-9]+\s+[0-9]+\s+R)", page)
    drawn = _REFERENCE.findall(contents[1])[:100] if contents is not None else []
    return b"\n".join(objects.stream(objects.of(number)) or b"" for number in drawn)


def _fonts(objects: _Objects, page: bytes) -> dict[bytes, _Map]:
    """The fonts of a page by their names in it."""
    resources = page
    if (reference := re.search(rb"/Resources\s+([0-9]{1,9})\s+[0-9]+\s+R\b", page)) is not None:
        resources = objects.of(reference[1])
    fonts = re.search(rb"/Font\s*<<(.*?)>>", resources, re.DOTALL)
    listed = fonts[1] if fonts is not None else b""
    if (reference := re.search(rb"/Font\s+([0-9]{1,9})\s+[0-9]+\s+R\b", resources)) is not None:
        listed = objects.of(reference[1])
    return {name: _map(objects, objects.of(number)) for name, number in _FONT.findall(listed)[:100]}


def _map(objects: _Objects, font: bytes) -> _Map:
    """What the codes of a font stand for, by its ToUnicode map (ISO 32000-1, 9.10.3); empty where it has none."""
    reference = re.search(rb"/ToUnicode\s+([0-9]{1,9})\s+[0-9]+\s+R\b", font)
    text = objects.stream(objects.of(reference[1])) if reference is not None else None
    characters: dict[int, str] = {}
    for part in _MAP_PART.finditer(text or b""):
        if part[1] == b"bfchar":
            characters |= {int(code, 16): _utf16(text) for code, text in _CHARACTER.findall(part[2])}
            continue
        for first, last, base, listed in _RANGE.findall(part[2]):
            codes = range(int(first, 16), min(int(last, 16), int(first, 16) + 0xFFFF) + 1)
            texts = [_utf16(text) for text in re.findall(rb"<([0-9A-Fa-f\s]*)>", listed)]
            if begins := _utf16(base):  # a range of codes that stand for characters in a row
                texts = [begins[:-1] + chr(min(ord(begins[-1]) + n, 0x10FFFF)) for n in range(len(codes))]
            characters |= dict(zip(codes, texts, strict=False))
    return characters


def _utf16(digits: bytes) -> str:
    digits = b"".join(digits.split())
    return bytes.fromhex(digits.decode("ascii") + "0" * (len(digits) % 2)).decode("utf-16-be", "replace")


def _texts(drawn: bytes, maps: Mapping[bytes, _Map]) -> Iterator[str]:
    """The texts of a page's stream, one for each run that is marked as one; what is set apart in it has a space."""
    text: list[str] = []
    font: _Map = {}
    operands: list[bytes] = []
    for token in _tokens(drawn):
        if token in (b"Tj", b"'", b'"', b"TJ"):
            text += (_decoded(operand[1:], font) for operand in operands if operand.startswith(b"("))
        elif token == b"Tf":
            names = [operand[1:] for operand in operands if operand.startswith(b"/")]
            font = maps.get(names[-1], {}) if names else {}
        elif token == b"ET":
            text.append(" ")
        elif token in (b"BDC", b"BMC", b"EMC"):
            if words := " ".join("".join(text).split()):
                yield words
            text = []
        elif token[:1] in b"/(<[]>" or token[:1].isdigit() or token[:1] in b"-.+":
            operands.append(token)
            continue
        operands = []
    if words := " ".join("".join(text).split()):
        yield words


def _decoded(codes: bytes, font: _Map) -> str:
    return "".join(font.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes) - 1, 2))


def _tokens(drawn: bytes) -> Iterator[bytes]:
    """The tokens of a page's stream; a string, whichever way it is written, as its bytes behind a bracket."""
    at = 0
    while (match := _TOKEN.search(drawn, at)) is not None:
        token, at = match[0], match.end()
        if token == b"(":
            content, at = _string(drawn, at)
            yield b"(" + content
        elif token.startswith(b"<") and token != b"<<":
            digits = b"".join(token[1:-1].split())
            yield b"(" + bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        else:
            yield token


def _string(drawn: bytes, start: int) -> tuple[bytes, int]:
    """The string that begins at `start`, and where it ends."""
    depth, at = 1, start
    while (match := _SPECIAL.search(drawn, at)) is not None:
        at = match.end() + (match[0] == b"\\")
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0:
            return _ESCAPE.sub(_unescaped, drawn[start : match.start()]), at
    return b"", len(drawn)


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape[:1] in b"01234567":
        return bytes([int(escape, 8) & 0xFF])
    return _ESCAPES.get(escape, b"" if escape in (b"\r\n", b"\n", b"\r") else escape)
