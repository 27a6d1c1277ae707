"""An app's resources.arsc: its texts by number, each for any language and some for French, and its launcher icon by
the density of the screen, as aapt2 writes them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.simulator.apk.chunks import STRING, Strings, chunk, value

_TABLE: Final = 0x0002
_PACKAGE: Final = 0x0200
_TYPE: Final = 0x0201
_TYPE_SPEC: Final = 0x0202

#: An app's own resources; its only type.
_APP: Final = 0x7F
_STRING_TYPE: Final = 1
_PICTURE_TYPE: Final = 2
_NO_ENTRY: Final = 0xFFFFFFFF
#: In a type's specification: the value depends on the language.
_BY_LOCALE: Final = 0x0004
_BY_DENSITY: Final = 0x0100
_CONFIG_SIZE: Final = 64
_PACKAGE_HEADER_SIZE: Final = 288


def number(index: int) -> int:
    """The resource number of the text at `index`."""
    return _APP << 24 | _STRING_TYPE << 16 | index


#: The resource number of the launcher icon.
ICON: Final = _APP << 24 | _PICTURE_TYPE << 16


def compiled(
    package: str, texts: Mapping[str, str], french: Mapping[str, str], icons: Mapping[int, str] = MappingProxyType({})
) -> bytes:
    """The file's bytes: `texts` by key, in order; those that are also in `french` have a French form. `icons` are the
    files of the launcher icon, by density."""
    values, keys = Strings(), Strings(tuple(texts))
    types = b"".join(
        [
            _spec(_STRING_TYPE, [_BY_LOCALE if key in french else 0 for key in texts]),
            _type(texts, list(texts), "", values, keys),
            *([_type(french, list(texts), "fr", values, keys)] if french else []),
            *([_spec(_PICTURE_TYPE, [_BY_DENSITY])] if icons else []),
            *(_icon(density, values.number(path), keys.number("icon")) for density, path in icons.items()),
        ]
    )
    type_names = Strings(("string", "mipmap") if icons else ("string",)).chunk(utf8=False)
    key_names = keys.chunk(utf8=True)
    # An app's package is cut there: the field has 128 units, the last one zero.
    name = package.encode("utf-16-le", "replace")[:254]
    header = struct.pack(
        "<I256s5I",
        _APP,
        name,
        _PACKAGE_HEADER_SIZE,
        2 if icons else 1,
        _PACKAGE_HEADER_SIZE + len(type_names),
        len(texts) + bool(icons),
        0,
    )
    own = chunk(_PACKAGE, header, type_names + key_names + types)
    return chunk(_TABLE, struct.pack("<I", 1), values.chunk(utf8=True) + own)


def _spec(kind: int, flags: Sequence[int]) -> bytes:
    """By what the values of each entry of a type differ."""
    head = struct.pack("<BBHI", kind, 0, 0, len(flags))
    return chunk(_TYPE_SPEC, head, struct.pack(f"<{len(flags)}I", *flags))


def _type(texts: Mapping[str, str], order: list[str], language: str, values: Strings, keys: Strings) -> bytes:
    """The texts of one language; empty is any."""
    config = bytearray(_CONFIG_SIZE)
    struct.pack_into("<I4x2s", config, 0, _CONFIG_SIZE, language.encode())
    offsets, entries = [], bytearray()
    for key in order:
        if key not in texts:
            offsets.append(_NO_ENTRY)
            continue
        offsets.append(len(entries))
        entries += struct.pack("<HHI", 8, 0, keys.number(key)) + value(STRING, values.number(texts[key]))
    start = 8 + 12 + _CONFIG_SIZE + 4 * len(order)
    header = struct.pack("<BBHII", _STRING_TYPE, 0, 0, len(order), start) + bytes(config)
    return chunk(_TYPE, header, struct.pack(f"<{len(offsets)}I", *offsets) + bytes(entries))


def _icon(density: int, path: int, key: int) -> bytes:
    """The icon for screens of one density; `path` and `key` are the numbers of texts."""
    config = bytearray(_CONFIG_SIZE)
    struct.pack_into("<I10xH", config, 0, _CONFIG_SIZE, density)
    header = struct.pack("<BBHII", _PICTURE_TYPE, 0, 0, 1, 8 + 12 + _CONFIG_SIZE + 4) + bytes(config)
    entry = struct.pack("<HHI", 8, 0, key) + value(STRING, path)
    return chunk(_TYPE, header, struct.pack("<I", 0) + entry)
