"""An app's launcher icon, if it is a PNG or WebP picture in the app's own file: for a person to look at, and evidence
of nothing: what is left of one while it is read accuses nobody.

The manifest names a resource, the resource a file for each density of screen. An adaptive icon (Android 8) is a small
XML file in place of a picture; what stands in front of it may be one. A drawing (a vector) is left.
"""

from __future__ import annotations

from typing import Final

from core.icon_file import SIZE_LIMIT, is_icon
from core.phones.accounting import Leftovers
from core.phones.android.apk import resources, zip
from core.phones.android.apk.fields import Unreadable
from core.phones.android.apk.source import Remote, Steps
from core.phones.android.apk.xml import REFERENCES, START, XmlReader
from core.phones.android.apk.zip import End

#: What may be fetched for an icon beyond what was read of the file before.
BYTES_LIMIT: Final = 256 * 1024
STEPS_LIMIT: Final = 10
_XML_LIMIT: Final = 16 * 1024

#: android:drawable (frameworks/base, public-final.xml).
_DRAWABLE: Final = 0x01010199
#: Densities (dots per inch), the best for a list first: xhdpi, hdpi, xxhdpi, mdpi, xxxhdpi.
_DENSITIES: Final = (320, 240, 480, 160, 640)
#: Android asks a picture's first bytes what it is; its tools take these names, and nine-patches are no icons.
_PICTURES: Final = (".png", ".webp")
_NINE_PATCH: Final = ".9.png"


def read(file: Remote, number: int) -> Steps[bytes]:
    """The PNG or WebP file that resource `number` is; nothing where it is none. `file` may have been read from before.

    Raises Unreadable, OverBudget.
    """
    file.allow(BYTES_LIMIT, STEPS_LIMIT)
    end = yield from zip.end(file)
    table = yield from zip.find(file, end, zip.RESOURCES)
    limit = min(zip.DEFLATED_TABLE_LIMIT, max(file.bytes_left - SIZE_LIMIT, 0))
    source = yield from zip.opened(file, end, table, limit)
    pictures = yield from resources.files(source, number)
    path = _best(pictures)
    if not path and (adaptive := next((p for _, p in pictures if p.endswith(".xml")), "")):
        data = yield from _content(file, end, adaptive, _XML_LIMIT)
        if front := foreground(data):
            path = _best((yield from resources.files(source, front)))
    if not path:
        return b""
    data = yield from _content(file, end, path, SIZE_LIMIT)
    return data if is_icon(data) else b""


def foreground(data: bytes) -> int:
    """The resource that stands in front in a compiled <adaptive-icon>; 0 if none does. Raises Unreadable."""
    reader = XmlReader(data, Leftovers())  # Nothing is lost: a picture is evidence of nothing
    for kind, element in reader.chunks():
        if kind == START and reader.name(element) == "foreground":
            drawable = next((a for a in reader.attributes(element) if a.number == _DRAWABLE), None)
            return drawable.data if drawable is not None and drawable.kind in REFERENCES else 0
    return 0


def _best(files: list[tuple[int, str]]) -> str:
    """The picture for the density that suits best; empty if none is there."""
    pictures = {d: path for d, path in files if path.endswith(_PICTURES) and not path.endswith(_NINE_PATCH)}
    return next((pictures[d] for d in (*_DENSITIES, *pictures) if d in pictures), "")


def _content(file: Remote, end: End, path: str, limit: int) -> Steps[bytes]:
    entry = yield from zip.find(file, end, path)
    if entry.stored > limit or entry.size > limit:
        raise Unreadable(f"{path} of {entry.size} bytes")
    yield from file.need(entry.span)
    return (yield from zip.content(file, end, entry, limit))
