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
from core.text import plain

#: Of the code of one app, as it is in its files and unpacked (bytes): the largest apps met have some 80 MB and 250 MB.
#: In so many files, and of one of them, unpacked: a file names 65,536 methods at most, and has some 10 MB.
APP_LIMIT: Final = 192 * 2**20
UNPACKED_LIMIT: Final = 512 * 2**20
FILES_LIMIT: Final = 300
_FILE_LIMIT: Final = 64 * 2**20
#: Classes of one file: they are numbered with 16 bits.
_CLASSES_LIMIT: Final = 65_536
#: One step fetches so much (bytes).
_PIECE: Final = 2**20
#: Names that are kept of those that one name of :attr:`SoughtInFiles.classes` stands for.
KEPT: Final = 10
#: Characters of a class's name that are looked at, and of which it is kept.
_NAME: Final = 300

_MAGIC: Final = re.compile(rb"dex\n0(3[5-9]|40|41)\0")
_SAME_ORDER: Final = 0x12345678
#: Since version 41 one file may hold several, one behind the other; none was met that does.
_CONTAINERS: Final = b"041"
_CLASS: Final = Struct("<I28x")
_WORD: Final = Struct("<I")


class SoughtClasses:
    """The classes sought, as code writes them (``Lcom/example/Main;``), and a few of each kind that were found."""

    def __init__(self, sought: SoughtInFiles) -> None:
        self._heads = tuple(map(_descriptor, sought.classes))
        self._parts = tuple(map(_descriptor, sought.parts))
        self._found: dict[bytes, dict[str, None]] = {head: {} for head in self._heads}

    @property
    def names(self) -> tuple[str, ...]:
        """The full names of those that were found."""
        return tuple(dict.fromkeys(name for found in self._found.values() for name in found))

    def take_from(self, data: bytes) -> None:
        """Take the classes that a file of code defines. Raises Unreadable."""
        for descriptor in class_descriptors(data):
            if not descriptor.startswith(self._heads) or descriptor.startswith(self._parts):
                continue  # Nothing is lost: it is none of those that are sought
            name = descriptor[1:].removesuffix(b";").decode("utf-8", "replace").replace("/", ".")
            for head, found in self._found.items():
                if len(found) < KEPT and descriptor.startswith(head):
                    found[plain(name, _NAME)] = None


def is_too_large(code: Iterable[ZipEntry]) -> bool:
    """Whether an app has more code than is read."""
    entries = list(code)
    size, unpacked = sum(entry.stored for entry in entries), sum(entry.size for entry in entries)
    return size > APP_LIMIT or unpacked > UNPACKED_LIMIT or len(entries) > FILES_LIMIT


def _descriptor(name: str) -> bytes:
    """How code writes a class, or the beginning of those below a package."""
    return f"L{name.replace('.', '/')}{'' if name.endswith('.') else ';'}".encode()


def class_descriptors(data: bytes) -> Iterable[bytes]:
    """The classes that a file of code defines, as it writes them, long names cut. Raises Unreadable."""
    if not _MAGIC.match(data) or u32(data, 0x28) != _SAME_ORDER:
        raise Unreadable("no code of a known form")
    if data[4:7] == _CONTAINERS and (u32(data, 0x74) or {u32(data, 0x20), u32(data, 0x70)} != {len(data)}):
        raise Unreadable("several files of code in one")
    if u32(data, 0x60) > _CLASSES_LIMIT:
        raise Unreadable("more classes than can be numbered")
    strings = take(data, u32(data, 0x3C), 4 * u32(data, 0x38))
    types = take(data, u32(data, 0x44), 4 * u32(data, 0x40))
    classes = take(data, u32(data, 0x64), 32 * u32(data, 0x60))
    try:
        for (number,) in _CLASS.iter_unpack(classes):
            (string,) = _WORD.unpack_from(types, 4 * number)
            (at,) = _WORD.unpack_from(strings, 4 * string)
            for _ in range(5):  # the length of the text, which ends with its fifth byte whatever that says
                at += 1
                if data[at - 1] < 0x80:
                    break
            end = data.find(0, at, at + _NAME)
            yield data[at : end if end >= 0 else at + _NAME]
    except (error, IndexError) as problem:
        raise Unreadable(str(problem)) from problem


def unpacked(size: int, entry: ZipEntry, on_read: Callable[[int], None]) -> Steps[bytes]:
    """One file of the code in an app's file of `size` bytes. `on_read` hears how many bytes came. Raises Unreadable."""
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
