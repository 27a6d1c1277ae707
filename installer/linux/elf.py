"""ELF libraries, as far as a bundle is made lighter: where the data of a symbol lies, and bytes taken out of the file.

The format is the System V ABI's, as elf(5) describes it. Only what Fanion is built for is read: 64 bits, little-endian.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

#: Kinds of segments: what is loaded, and where their table itself is loaded.
_LOAD: Final = 1
_TABLE: Final = 6
_READ: Final = 4
#: A kind of section: the symbols that other libraries may ask for.
_SYMBOLS: Final = 11
#: The section of a symbol that another library has to have.
_ELSEWHERE: Final = 0
#: A kind of section that has no bytes in the file.
_NO_BYTES: Final = 8
#: After 16 bytes that say what file this is: kind, processor, version, start, where the tables of segments and sections
#: are, flags, and how long this header is; how long an entry of either table is, and how many there are.
_HEADER: Final = struct.Struct("<16xHHIQQQIHHHHHH")
#: Where in the header it says where these tables are, and how many segments there are.
_TABLES_AT: Final = struct.Struct("<QQ")
_TABLES_AT_PLACE: Final = 32
_COUNT: Final = struct.Struct("<H")
_SEGMENT_COUNT_PLACE: Final = 56
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SYMBOL: Final = struct.Struct("<IBBHQQ")
#: How an ELF file of 64 bits, little-endian, version 1 begins.
_MAGIC: Final = b"\x7fELF\x02\x01\x01"


class ElfProblem(Exception):  # noqa: N818 - the caller leaves the library as it is, and says so
    """The file is not an ELF library as it is read here, or cannot be made shorter."""


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    rights: int
    offset: int
    address: int
    physical: int
    in_file: int
    in_memory: int
    align: int

    @property
    def end(self) -> int:
        """Where it ends in the file."""
        return self.offset + self.in_file


@dataclass(frozen=True, slots=True)
class _Section:
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    each: int


def place_of(library: bytes, symbol: str) -> range:
    """Where in the file the data lies that other libraries know by this name. Raises ElfProblem."""
    segments, _ = _tables(library)
    for name, section, address, size in _symbols(library):
        for segment in segments:
            ahead = address - segment.address
            inside = segment.kind == _LOAD and ahead >= 0 and ahead + size <= segment.in_file
            if name == symbol and section != _ELSEWHERE and inside:
                return range(segment.offset + ahead, segment.offset + ahead + size)
    raise ElfProblem(f"it has no data called {symbol}")


def wanted(library: bytes) -> list[str]:
    """The functions and data that it asks other libraries for. Raises ElfProblem."""
    return [name for name, section, _, _ in _symbols(library) if name and section == _ELSEWHERE]


def _symbols(library: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, number of the section, address and size of each symbol that is shared with other libraries."""
    _, sections = _tables(library)
    for section in sections:
        if section.kind != _SYMBOLS:
            continue
        if section.link >= len(sections):
            raise ElfProblem("its symbols have no names")
        names = sections[section.link].offset
        for place in range(section.offset, section.offset + section.size, _SYMBOL.size):
            name, _, _, where, address, size = _unpacked(_SYMBOL, library, place)
            end = library.find(b"\0", names + name)
            yield library[names + name : end].decode("ascii", "replace"), where, address, size


def without(library: bytes, holes: Sequence[range]) -> bytes:
    """The library without what lies in these parts of its file, which gets shorter by the whole pages in them.

    Once it is loaded, everything else is at the address where it was, and the parts read as zeros, or as the table of
    segments: their segment is split at each, and the loader fills what is between its pieces (glibc's
    `_dl_map_segments`, as for `.bss`). What refers to them still may, so that only what a reader can do without may be
    taken out. Segments have to be readable only. The table of segments, which gets longer, moves into the first part.
    A section ends where the first cut in it begins: the file is for the loader, and no longer for programs that write
    libraries anew.

    Raises ElfProblem.
    """
    segments, sections = _tables(library)
    holes = sorted((hole for hole in holes if hole), key=lambda hole: hole.start)
    if not holes:
        return library
    if any(one.stop > other.start for one, other in itertools.pairwise(holes)):
        raise ElfProblem("two of the parts to take out overlap")
    for hole in holes:
        _require_within_one(hole, library, segments)
    page = max(segment.align for segment in segments if segment.kind == _LOAD)
    if page < 4096 or page & (page - 1):
        raise ElfProblem(f"its segments lie at multiples of {page} bytes")

    table_at = -(-holes[0].start // 8) * 8
    table = range(table_at, table_at + (len(segments) + len(holes)) * _SEGMENT.size)
    if table.stop > holes[0].stop:
        raise ElfProblem("the first part to take out is too short for the table of segments")
    emptied = [range(max(hole.start, table.stop), hole.stop) for hole in holes]
    whole_pages = [range(-(-part.start // page) * page, part.stop // page * page) for part in emptied]
    cuts = [cut for cut in whole_pages if cut]
    pieces = [piece for segment in segments for piece in _pieces(segment, cuts)]

    written = bytearray(library)
    for hole in holes:
        written[hole.start : hole.stop] = bytes(len(hole))
    for number, piece in enumerate(pieces):
        if piece.kind == _TABLE:
            piece = _about_table(segments, table.start, len(pieces))
        moved = replace(piece, offset=_moved(piece.offset, cuts))
        _SEGMENT.pack_into(written, table.start + number * _SEGMENT.size, *_values(moved))
    sections_at = _unpacked(_HEADER, library, 0)[5]
    for number, section in enumerate(sections):
        if section.kind != _NO_BYTES:
            section = _shortened(section, cuts)
        section = replace(section, offset=_moved(section.offset, cuts))
        _SECTION.pack_into(written, sections_at + number * _SECTION.size, *_values(section))
    # No cut is before the table of segments.
    _TABLES_AT.pack_into(written, _TABLES_AT_PLACE, table.start, _moved(sections_at, cuts))
    _COUNT.pack_into(written, _SEGMENT_COUNT_PLACE, len(pieces))
    for cut in reversed(cuts):
        del written[cut.start : cut.stop]
    return bytes(written)


def _tables(library: bytes) -> tuple[list[_Segment], list[_Section]]:
    if not library.startswith(_MAGIC):
        raise ElfProblem("it is not an ELF file of 64 bits, little-endian")
    head = _unpacked(_HEADER, library, 0)
    segments_at, sections_at, each_segment, segment_count, each_section, section_count = (*head[4:6], *head[8:12])
    if each_segment != _SEGMENT.size or (section_count and each_section != _SECTION.size):
        raise ElfProblem("its tables are not as long as they should be")
    segments = [_Segment(*_unpacked(_SEGMENT, library, segments_at + n * _SEGMENT.size)) for n in range(segment_count)]
    sections = [_Section(*_unpacked(_SECTION, library, sections_at + n * _SECTION.size)) for n in range(section_count)]
    if any(segment.kind == _LOAD and segment.end > len(library) for segment in segments):
        raise ElfProblem("it is not whole")
    return segments, sections


def _places_of_tables(library: bytes) -> tuple[range, range]:
    """Where in the file the tables of segments and of sections are."""
    head = _unpacked(_HEADER, library, 0)
    return range(head[4], head[4] + head[8] * head[9]), range(head[5], head[5] + head[10] * head[11])


def _unpacked(form: struct.Struct, data: bytes, place: int) -> tuple[int, ...]:
    try:
        return form.unpack_from(data, place)
    except (struct.error, OverflowError) as error:
        raise ElfProblem("it is not whole") from error


def _values(entry: _Segment | _Section) -> tuple[int, ...]:
    return tuple(getattr(entry, name) for name in entry.__slots__)


def _require_within_one(hole: range, library: bytes, segments: Sequence[_Segment]) -> None:
    """Raise ElfProblem if the hole is not inside one segment of data that are only read, or if the loader needs it."""
    around = [one for one in segments if one.kind == _LOAD and _meet(hole, range(one.offset, one.end))]
    if len(around) != 1 or not (around[0].offset < hole.start and hole.stop <= around[0].end):
        raise ElfProblem("what to take out is not in one segment")
    if around[0].rights != _READ or around[0].in_memory != around[0].in_file:
        raise ElfProblem("what to take out is not in a segment that is only read")
    needed = [range(one.offset, one.end) for one in segments if one.kind not in (_LOAD, _TABLE)]
    if any(_meet(hole, place) for place in [*needed, *_places_of_tables(library)]):
        raise ElfProblem("what to take out is needed by the loader")


def _meet(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def _pieces(segment: _Segment, cuts: Sequence[range]) -> list[_Segment]:
    """The segment, or what is left of it between the cuts: each piece is as long in memory as up to the next one."""
    if segment.kind != _LOAD:
        return [segment]
    pieces = []
    rest = segment
    for cut in cuts:
        if rest.offset < cut.start < rest.end:
            before, through = cut.start - rest.offset, cut.stop - rest.offset
            pieces.append(replace(rest, in_file=before, in_memory=through))
            rest = replace(
                rest,
                offset=cut.stop,
                address=rest.address + through,
                physical=rest.physical + through,
                in_file=rest.in_file - through,
                in_memory=rest.in_memory - through,
            )
    return [*pieces, rest] if rest.in_memory or not pieces else pieces


def _about_table(segments: Sequence[_Segment], place: int, count: int) -> _Segment:
    """What the table of segments says of itself, where it is now."""
    (around,) = (one for one in segments if one.kind == _LOAD and one.offset <= place < one.end)
    address = place - around.offset + around.address
    size = count * _SEGMENT.size
    return _Segment(_TABLE, _READ, place, address, address, size, size, 8)


def _moved(offset: int, cuts: Sequence[range]) -> int:
    """Where in the shorter file the byte is that was at this place; of one that was taken out, where the hole is."""
    return offset - sum(min(offset, cut.stop) - cut.start for cut in cuts if cut.start < offset)


def _shortened(section: _Section, cuts: Sequence[range]) -> _Section:
    place = range(section.offset, section.offset + section.size)
    starts = [cut.start for cut in cuts if _meet(cut, place)]
    return replace(section, size=max(min(starts) - section.offset, 0)) if starts else section
