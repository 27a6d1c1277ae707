"""The code of an app (``classes.dex``, dalvik/dex-format): which classes it defines.

The code is most of an app's file. So it is fetched in pieces and unpacked as they come; one file of it is held at a
time.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from struct import Struct, error
from typing import Final

from core.model import SoughtInFiles
from core.phones.android.apk.fields import OverBudget, Unreadable, take, u16, u32
from core.phones.android.apk.source import BLOCK, Steps
from core.phones.android.apk.zip import LOCAL_HEADER, ZipEntry

#: Of the code of one app, as it is in its files (bytes): the largest apps met have some 80 MB. And of one file of it,
#: unpacked: a file names 65,536 methods at most, and has some 10 MB.
APP_LIMIT: Final = 192 * 2**20
_FILE_LIMIT: Final = 64 * 2**20
#: One step fetches so much (bytes).
_PIECE: Final = 2**20
#: Names that are kept of those that one name of :attr:`SoughtInFiles.classes` stands for.
KEPT: Final = 10
#: Characters of a class's name that are looked at, and of which it is kept.
_NAME: Final = 300

_MAGIC: Final = re.compile(rb"dex\n0(3[5-9]|40|41)\0")
_SAME_ORDER: Final = 0x12345678
#: Since version 41 one file may hold several; none was met that does.
_CONTAINERS: Final = b"041"
_CLASS: Final = Struct("<I28x")
_WORD: Final = Struct("<I")


def read(
    size: int, entries: Iterable[ZipEntry], sought: SoughtInFiles, on_read: Callable[[int], None]
) -> Steps[tuple[str, ...]]:
    """The names of the classes sought that the code in `entries` of a file of `size` bytes defines, a few of each kind.
    `on_read` hears how many bytes came. Raises Unfinished."""
    wanted = _Wanted(sought)
    for entry in entries:
        try:
            data = yield from _unpacked(size, entry, on_read)
            wanted.take_from(data)
        except Unreadable as problem:
            raise Unfinished(wanted.names, str(problem)) from problem
    return wanted.names


class Unfinished(Unreadable):
    """Not all of the code could be read; `names` is what was found in the rest."""

    def __init__(self, names: tuple[str, ...], why: str) -> None:
        super().__init__(why)
        self.names = names


class _Wanted:
    """The classes sought, as code writes them (``Lcom/example/Main;``), and those that were found."""

    def __init__(self, sought: SoughtInFiles) -> None:
        self._heads = {_descriptor(name): name for name in sought.classes}
        self._all = tuple(self._heads)
        self._parts = tuple(map(_descriptor, sought.parts))
        self._found: dict[bytes, dict[str, None]] = {head: {} for head in self._all}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for found in self._found.values() for name in found))

    def take_from(self, data: bytes) -> None:
        """Take the classes that a file of code defines. Raises Unreadable."""
        for descriptor in filter(lambda d: d.startswith(self._all), class_descriptors(data)):
            if descriptor.startswith(self._parts):
                continue  # Nothing is lost: other makers' apps have it as well
            name = descriptor[1:].removesuffix(b";").decode("utf-8", "replace").replace("/", ".")
            for head, found in self._found.items():
                if len(found) < KEPT and descriptor.startswith(head):
                    found[name] = None


def _descriptor(name: str) -> bytes:
    """How code writes a class, or the beginning of those below a package."""
    return f"L{name.replace('.', '/')}{'' if name.endswith('.') else ';'}".encode()


def class_descriptors(data: bytes) -> Iterable[bytes]:
    """The classes that a file of code defines, as it writes them, long names cut. Raises Unreadable."""
    if not _MAGIC.match(data) or u32(data, 0x28) != _SAME_ORDER:
        raise Unreadable("no code of a known form")
    if data[4:7] == _CONTAINERS and (u32(data, 0x74) or u32(data, 0x70) != len(data)):
        raise Unreadable("several files of code in one")
    strings = take(data, u32(data, 0x3C), 4 * u32(data, 0x38))
    types = take(data, u32(data, 0x44), 4 * u32(data, 0x40))
    classes = take(data, u32(data, 0x64), 32 * u32(data, 0x60))
    try:
        for (number,) in _CLASS.iter_unpack(classes):
            (string,) = _WORD.unpack_from(types, 4 * number)
            (at,) = _WORD.unpack_from(strings, 4 * string)
            while data[at] & 0x80:  # the length of the text, in front of it
                at += 1
            end = data.find(0, at + 1, at + 1 + _NAME)
            yield data[at + 1 : end if end >= 0 else at + 1 + _NAME]
    except (error, IndexError) as problem:
        raise Unreadable(str(problem)) from problem


def _unpacked(size: int, entry: ZipEntry, on_read: Callable[[int], None]) -> Steps[bytes]:
    """The content of one file in the archive. Raises Unreadable."""
    if entry.size > _FILE_LIMIT or entry.stored > _FILE_LIMIT:
        raise OverBudget(f"{entry.name} of {entry.size} bytes")
    if not entry.deflated and entry.packed != entry.size:
        raise Unreadable(f"{entry.name} of two lengths")
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS) if entry.deflated else None
    content = bytearray()
    header = LOCAL_HEADER + len(entry.name)
    at, left = entry.span
    while left and len(content) <= entry.size:
        begin = at // BLOCK * BLOCK
        length = min(_PIECE, size - begin, -(-(at + left) // BLOCK) * BLOCK - begin)
        if length <= at - begin:
            raise Unreadable(f"{entry.name} reaches beyond the file")
        (piece,) = yield [(begin, length)]
        if len(piece) != length:
            raise Unreadable(f"{len(piece)} bytes instead of {length}")
        piece = piece[at - begin :]
        if header:
            if piece[:4] != b"PK\x03\x04" or take(piece, LOCAL_HEADER, len(entry.name)) != entry.name.encode():
                raise Unreadable(f"{entry.name} is not where it should be")
            header += u16(piece, 28)
            piece, at, left, header = piece[header:], at + header, entry.stored, 0
        piece = piece[:left]
        on_read(len(piece))
        at, left = at + len(piece), left - len(piece)
        try:
            content += unpacking.decompress(piece, entry.size + 1 - len(content)) if unpacking else piece
        except zlib.error as problem:
            raise Unreadable(str(problem)) from problem
    if len(content) != entry.size or (unpacking and (not unpacking.eof or unpacking.unused_data)):
        raise Unreadable(f"{entry.name} is not as long as it should be")
    return bytes(content)
