"""The ZIP file that an APK is, as Android itself reads it (libziparchive, ApkSigningBlockUtils).

Where a file can be read in two ways, what Android would refuse to install is refused here as well.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.apk.fields import OverBudget, Unreadable, u16, u32
from core.phones.android.apk.memo import Memo
from core.phones.android.apk.source import ByteSource, MemorySource, Range, Remote, SourcePart, Steps

#: The end record and the longest comment behind it (bytes).
_END: Final = 22
_LONGEST_TAIL: Final = _END + 0xFFFF
_SHORT_TAIL: Final = 8192
_ZIP64_LOCATOR: Final = 20
#: The largest directory that is read (bytes): at 60 to 100 bytes a file, some 15,000 files.
DIRECTORY_LIMIT: Final = 1_250_000
#: Of a resource table that is deflated, so much is fetched (bytes).
DEFLATED_TABLE_LIMIT: Final = 1_000_000
#: The largest that is inflated (bytes).
INFLATED_LIMIT: Final = 16 * 2**20
#: What may stand in a file's own header beyond what the directory promises, such as the padding that aligns it (bytes).
_SLACK: Final = 64

#: A record of the directory, without the name behind it: mark, method, length in the ZIP file and unpacked, lengths of
#: the name, the extra field and the comment, and where the file's own header is.
_RECORD: Final = struct.Struct("<4s6xH8x2I3H8xI")
_RECORD_MARK: Final = b"PK\x01\x02"
#: The length of the header in front of a file, without its name (bytes).
LOCAL_HEADER: Final = 30
_DEFLATED: Final = 8
#: Places in a directory that are looked at where one name is looked for: it may be the beginning of others.
_HITS_LIMIT: Final = 64

MANIFEST: Final = "AndroidManifest.xml"
RESOURCES: Final = "resources.arsc"
#: Behind the name of a second file of one name.
_AGAIN: Final = "\0"
_WHOLE_NAMES: Final = frozenset((MANIFEST.encode(), RESOURCES.encode()))
_SIGNATURE_FILES: Final = (b".SF", b".RSA", b".DSA", b".EC")
#: The files of the app's code (ART, DexFileLoader::GetMultiDexClassesDexName).
_CODE: Final = re.compile(rb"classes([2-9]|[1-9][0-9]+)?\.dex")


@dataclass(frozen=True, slots=True)
class End:
    """Where the directory of the ZIP file is. `at` is where its end record begins."""

    at: int
    directory: int
    directory_size: int
    entries: int


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file in the ZIP file, as the directory has it. `at` is where its own header begins."""

    name: str
    deflated: bool
    packed: int
    size: int
    at: int
    extra: int

    @property
    def span(self) -> Range:
        """Where its header and content are, if its extra field is at most _SLACK longer than that in the directory."""
        return self.at, LOCAL_HEADER + len(self.name) + self.extra + _SLACK + self.stored

    @property
    def stored(self) -> int:
        """How many bytes of the ZIP file are its content. Android takes every method but Deflate for none."""
        return self.packed if self.deflated else self.size


#: The files that say what an app is, by their names; those for its signature in capitals.
Directory = Mapping[str, ZipEntry]


def end(file: Remote, *, short: bool = False) -> Steps[End]:
    """Find the end record; with `short`, a comment is not expected. Raises Unreadable."""
    tail = b""
    for length in (_SHORT_TAIL, _LONGEST_TAIL) if short else (_LONGEST_TAIL,):
        start = max(file.size - length, 0)
        yield from file.need((start, length))
        tail = file.get(start, file.size - start)
        at = tail.rfind(b"PK\x05\x06", 0, max(len(tail) - _END + 4, 0))
        if at >= 0:
            break
    else:
        raise Unreadable("no end record")
    if tail[max(at - _ZIP64_LOCATOR, 0) : at].startswith(b"PK\x06\x07"):
        raise Unreadable("ZIP64")  # Android then looks for no signing block, and goes by another signature
    if start + at + _END + u16(tail, at + 20) != file.size:
        raise Unreadable("the last end record does not end the file")
    record = End(start + at, u32(tail, at + 16), u32(tail, at + 12), u16(tail, at + 10))
    if u32(tail, at + 4) or u16(tail, at + 8) != record.entries:
        raise Unreadable("more than one disk")
    if record.directory + record.directory_size > record.at:
        raise Unreadable("a directory outside of the file")  # also where a ZIP64 record says where it is
    return record


def directory(file: Remote, end: End) -> Steps[Account[Directory]]:
    """Read the directory. Raises OverBudget if it is too large, Unreadable if it makes no sense."""
    if end.directory_size > DIRECTORY_LIMIT:
        raise OverBudget(f"a directory of {end.directory_size} bytes")
    yield from file.need((end.directory, end.directory_size))
    return _DIRECTORIES.of(file.get(end.directory, end.directory_size), end.entries)


def _entries(data: bytes, count: int) -> Account[Directory]:
    """The entries of interest in a directory of `count` entries. Raises Unreadable."""
    leftovers = Leftovers()
    names: set[bytes] = set()
    entries: dict[str, ZipEntry] = {}
    at, length = 0, len(data)
    for _ in range(count):
        if at + _RECORD.size > length:
            raise Unreadable("a directory that ends within a record")
        mark, method, packed, size, name_length, extra, comment, offset = _RECORD.unpack_from(data, at)
        if mark != _RECORD_MARK:
            raise Unreadable("no directory record")
        start = at + _RECORD.size
        raw = data[start : start + name_length]
        at = start + name_length + extra + comment
        if start + name_length > length:
            raise Unreadable("a directory that ends within a name")
        if b"\0" in raw:  # Android takes no such file; others take the name to end there
            leftovers.add(Why.TWO_WAYS, "name of an entry", text=raw.decode("latin-1"))
        name = _name(raw)
        if name is None:
            continue  # Nothing is lost: Android looks up what an app is by these very names
        if name in entries:
            again = name + _AGAIN
            if raw in names or again in entries:  # Android takes no file with two of one name
                raise Unreadable(f"{name} twice")
            name = again  # JAR signatures whose names differ in capitals: the reader of those meets both of them
        names.add(raw)
        entries[name] = ZipEntry(name, method == _DEFLATED, packed, size, offset, extra)
    if at != length:  # Android counts the entries; others read to the end
        leftovers.add(Why.TWO_WAYS, "directory", text=f"{at} of {length} bytes")
    return leftovers.account(entries)


#: The directories that were read last, of so many entries of interest: most files have five.
_DIRECTORIES: Final = Memo(_entries, lambda account: len(account.value) + len(account.left) + 1, 20_000)


def find(file: Remote, end: End, name: str) -> Steps[ZipEntry]:
    """The one file of that name. Raises Unreadable if there is none, or more than one record looks like its."""
    yield from file.need((end.directory, end.directory_size))
    hits = list(islice(_records(file.get(end.directory, end.directory_size), name), _HITS_LIMIT + 1))
    entries = [entry for entry in hits if entry is not None]
    if len(entries) != 1 or len(hits) > _HITS_LIMIT:
        raise Unreadable(f"{len(entries)} files of one name")
    return entries[0]


def names(file: Remote, end: End, sought: Iterable[str]) -> Steps[tuple[str, ...]]:
    """Those of the names `sought` that files in the archive have. Raises Unreadable."""
    yield from file.need((end.directory, end.directory_size))
    data = file.get(end.directory, end.directory_size)
    return tuple(name for name in sought if any(_records(data, name)))


def _records(data: bytes, name: str) -> Iterator[ZipEntry | None]:
    """What looks like the record of a file of that name in a directory; None for another place that has the name."""
    raw = name.encode()
    at = data.find(raw)
    while at >= 0:
        entry = None
        if (record := at - _RECORD.size) >= 0:
            mark, method, packed, size, length, extra, _, offset = _RECORD.unpack_from(data, record)
            if mark == _RECORD_MARK and length == len(raw):
                entry = ZipEntry(name, method == _DEFLATED, packed, size, offset, extra)
        yield entry
        at = data.find(raw, at + 1)


def _name(raw: bytes) -> str | None:
    """What an entry is called here; None if it is of no interest."""
    if raw in _WHOLE_NAMES or _CODE.fullmatch(raw):
        return raw.decode()
    if raw[:9].upper() == b"META-INF/" and raw.upper().endswith(_SIGNATURE_FILES):
        return raw.upper().decode("latin-1")
    return None  # Nothing is lost: as above


def is_code(name: str) -> bool:
    """Whether a file of this name is a part of the app's code."""
    return _CODE.fullmatch(name.encode()) is not None


def content(file: Remote, end: End, entry: ZipEntry, limit: int) -> Steps[bytes]:
    """All of a file, if neither it nor what it takes in the ZIP file is larger than `limit`. Raises Unreadable."""
    if entry.stored > limit or entry.size > limit:
        raise OverBudget(f"{entry.name} of {entry.size} bytes")
    if not entry.deflated and entry.packed != entry.size:
        raise Unreadable(f"{entry.name} of two lengths")
    start = yield from _start(file, end, entry)
    yield from file.need((start, entry.stored))
    data = file.get(start, entry.stored)
    return _whole(entry, data) if entry.deflated else data


def _whole(entry: ZipEntry, packed: bytes) -> bytes:
    """What comes out of all of `packed`. Raises Unreadable where that is not as long as the directory says, or `packed`
    goes on: Android refuses such a file, and another reader may go on."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = unpacking.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise Unreadable(str(error)) from error
    if len(data) != entry.size or not unpacking.eof or unpacking.unused_data:
        raise Unreadable(f"{entry.name} is not as long as it should be")
    return data


def opened(file: Remote, end: End, entry: ZipEntry, limit: int) -> Steps[ByteSource]:
    """A file as a source. Where it is deflated, as much of it as comes out of its first `limit` bytes."""
    start = yield from _start(file, end, entry)
    if not entry.deflated:
        return SourcePart(file, start, entry.size)
    length = min(entry.stored, limit)
    yield from file.need((start, length))
    return MemorySource(_inflated(file.get(start, length), min(entry.size, INFLATED_LIMIT)))


def _start(file: Remote, end: End, entry: ZipEntry) -> Steps[int]:
    """Where a file's content begins. Raises Unreadable if it does not lie before the directory."""
    yield from file.need((entry.at, LOCAL_HEADER + len(entry.name)))
    header = file.get(entry.at, LOCAL_HEADER + len(entry.name))
    name = header[LOCAL_HEADER:]
    expected = entry.name.encode("latin-1")
    if header[:4] != b"PK\x03\x04" or u16(header, 26) != len(expected) or expected not in (name, name.upper()):
        raise Unreadable(f"{entry.name} is not where it should be")
    start = entry.at + LOCAL_HEADER + len(entry.name) + u16(header, 28)
    if start + entry.stored > end.directory:
        raise Unreadable(f"{entry.name} reaches into the directory")
    return start


def _inflated(data: bytes, limit: int) -> bytes:
    """At most `limit` bytes. (zlib takes a limit of 0 for none.)"""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, limit) if limit else b""
    except zlib.error as error:
        raise Unreadable(str(error)) from error
