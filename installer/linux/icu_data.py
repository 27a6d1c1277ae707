"""ICU's data with what Qt asks ICU for, in the languages that Fanion speaks: 2 MB of 32.

A package of ICU's data is a header, a table of contents, and the items one after the other, as ICU's own
`source/common/unicode/udata.h` and `source/common/ucmndata.h` describe it; `icupkg` of ICU's tools makes the same.
"""

from __future__ import annotations

import itertools
import re
import struct
from typing import Final

#: The length of the header, two magic bytes; the length of what follows, reserved; whether it is big-endian, whether it
#: is EBCDIC, the size of a character, reserved; the form of the data, and the version of that form.
_HEADER: Final = struct.Struct("<H2sHHBBBB4s4s")
_MAGIC: Final = b"\xda\x27"
_FORM: Final = b"CmnD"
_COUNT: Final = struct.Struct("<I")
#: Where a name, and where its item is, from the table's beginning.
_ENTRY: Final = struct.Struct("<II")
#: Items begin at multiples of this; between them is what ICU's tools put there.
_ALIGN: Final = 16
_FILLING: Final = b"\xaa"

#: What Qt's core library has ICU do, by the beginnings of the functions that it links to: compare texts, change their
#: case, convert encodings, name time zones.
USED: Final = ("u_strToLower_", "u_strToUpper_", "ucal_", "ucnv_", "ucol_", "UCNV_")
#: What these read. Where a language or an encoding is not there, ICU takes its root, or says that it is not there.
_KEPT: Final = re.compile(
    # Of every language: time zones and calendars, which of them a country has, and what else languages are called.
    r"(zoneinfo64|timezoneTypes|metaZones|windowsZones|supplementalData|likelySubtags|keyTypeData|metadata"
    r"|numberingSystems|icuver|icustd)[.]res"
    # By language: formats; the order of letters; names of time zones.
    r"|((coll|zone)/)?(root|pool|res_index|tzdbNames|(en|fr)(_\w+)?)[.]res"
    # The order of all characters; what encodings are called.
    r"|coll/ucadata[.]icu|cnvalias[.]icu"
    # Left out are tables of encodings other than Unicode's, Latin 1 and ASCII, which need none; where lines and words
    # of Asian languages end; units, currencies, spelled-out numbers, transliteration; names of characters, languages
    # and countries. Qt has its own, or none.
)  # fmt: skip


class DataProblem(Exception):  # noqa: N818 - the caller leaves the data as they are, and says so
    """These are not ICU's data as they are read here."""


def items(package: bytes) -> dict[str, bytes]:
    """What is in a package of ICU's data, by name, in its order. Raises DataProblem."""
    try:
        length, magic, _, _, big_endian, ebcdic, _, _, form, version = _HEADER.unpack_from(package)
        (count,) = _COUNT.unpack_from(package, length)
        table = package[length:]
        entries = list(_ENTRY.iter_unpack(table[_COUNT.size : _COUNT.size + count * _ENTRY.size]))
    except struct.error as error:
        raise DataProblem("they are not whole") from error
    if (magic, form, version[0], big_endian, ebcdic) != (_MAGIC, _FORM, 1, 0, 0):
        raise DataProblem("they are of another form")
    ends = [place for _, place in entries[1:]] + [len(table)]
    if len(entries) != count or not count or any(end < place for (_, place), end in zip(entries, ends, strict=True)):
        raise DataProblem("their table of contents is damaged")
    names = [table[name : table.find(b"\0", name)].decode("ascii", "replace") for name, _ in entries]
    if names != sorted(names) or not all(names):
        raise DataProblem("their table of contents is damaged")
    return {name: table[place:end] for name, (_, place), end in zip(names, entries, ends, strict=True)}


def trimmed(package: bytes) -> bytes:
    """The package with nothing in it but what is needed. Raises DataProblem."""
    # Names begin with the package's own: icudt73l/coll/root.res.
    kept = {name: item for name, item in items(package).items() if _KEPT.fullmatch(name.partition("/")[2])}
    if not kept:
        raise DataProblem("nothing that is needed is in them")
    (length,) = struct.unpack_from("<H", package)
    return package[:length] + _table(kept)


def _table(kept: dict[str, bytes]) -> bytes:
    """Table of contents and items."""
    names = [name.encode("ascii") + b"\0" for name in kept]
    names_at = _COUNT.size + len(kept) * _ENTRY.size
    blocks = [_padded(item) for item in kept.values()]
    first = names_at + sum(map(len, names))
    first += -first % _ALIGN
    name_places = itertools.accumulate(map(len, names[:-1]), initial=names_at)
    item_places = itertools.accumulate(map(len, blocks[:-1]), initial=first)
    entries = b"".join(map(_ENTRY.pack, name_places, item_places))
    return _padded(_COUNT.pack(len(kept)) + entries + b"".join(names)) + b"".join(blocks)


def _padded(data: bytes) -> bytes:
    return data + _FILLING * (-len(data) % _ALIGN)
