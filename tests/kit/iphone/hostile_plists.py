"""Property lists that a phone would send to do harm, to be put in an answer's place with ``Faults(replace=...)``."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Final

_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def billion_laughs() -> bytes:
    """Entities that stand for ten of the one before: a gigabyte in a kilobyte."""
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    kind = f"<!DOCTYPE plist [{''.join(lines)}]>"
    return _HEAD + f'{kind}<plist version="1.0"><dict><key>Value</key><string>&a9;</string></dict></plist>'.encode()


def outside_entity() -> bytes:
    """An entity that stands for a file of the computer."""
    kind = b'<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return _HEAD + kind + b'<plist version="1.0"><dict><key>Value</key><string>&x;</string></dict></plist>'


def deep_xml(levels: int = 100_000) -> bytes:
    """Tables in tables."""
    tables = b"<dict><key>a</key>" * levels + b"<true/>" + b"</dict>" * levels
    return _HEAD + b'<plist version="1.0">' + tables + b"</plist>"


def deep_binary(levels: int = 50_000) -> bytes:
    """Lists in lists, each object the only one of the list before it."""
    objects = [b"\xa1" + struct.pack(">I", n + 1) for n in range(levels)]
    return _binary([*objects, b"\x08"])


def endless_binary() -> bytes:
    """A list that contains itself."""
    return _binary([b"\xa1" + struct.pack(">I", 0)])


def wide_binary(levels: int = 30) -> bytes:
    """Lists that contain the next one twice, and so more objects than a computer has room for."""
    objects = [b"\xa2" + struct.pack(">II", n + 1, n + 1) for n in range(levels)]
    return _binary([*objects, b"\x08"])


def many_objects() -> bytes:
    """A binary one that says it has more objects than can be."""
    return b"bplist00\x08" + struct.pack(">6xBBQQQ", 8, 8, 2**62, 0, 9)


def long_text(size: int = 8 * 2**20) -> bytes:
    """One text of that many bytes."""
    return _HEAD + b'<plist version="1.0"><dict><key>Value</key><string>' + b"x" * size + b"</string></dict></plist>"


def not_a_table() -> bytes:
    """A list where a table is expected."""
    return _HEAD + b'<plist version="1.0"><array><string>a</string></array></plist>'


def noise() -> bytes:
    """No property list at all."""
    return bytes(range(256)) * 4


#: All of them, by name.
HOSTILE: Final[Mapping[str, Callable[[], bytes]]] = {
    make.__name__: make
    for make in (
        billion_laughs,
        outside_entity,
        deep_xml,
        deep_binary,
        endless_binary,
        wide_binary,
        many_objects,
        long_text,
        not_a_table,
        noise,
    )
}


def _binary(objects: list[bytes]) -> bytes:
    """A binary property list of objects that refer to each other by four bytes; the first is the whole."""
    out, places = bytearray(b"bplist00"), []
    for content in objects:
        places.append(len(out))
        out += content
    table = len(out)
    out += b"".join(struct.pack(">I", place) for place in places)
    return bytes(out) + struct.pack(">6xBBQQQ", 4, 4, len(objects), 0, table)
