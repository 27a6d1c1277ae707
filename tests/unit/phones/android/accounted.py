"""Files and lists that name an app and its classes, and the places in them where one byte more or less matters.

Whatever is changed in one of these places either changes what is understood, or is left by name: nothing that names an
app or a class can go without a word. The places follow from how the file was made, not from how it is read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from core.phones.accounting import Account
from core.phones.android.apk import Contents
from core.phones.android.files.locate import files_of, stated
from tests.unit.phones.android import apks, axml

PACKAGE: Final = "org.example.one"
CLASSES: Final = ("com.tencent.mm.ui.LauncherUI", ".Main", "org.example.one.ui.Second", "Third")
MANIFEST: Final = "AndroidManifest.xml"


def _manifest(*, utf8: bool) -> bytes:
    return axml.compiled(axml.app(PACKAGE, *map(axml.component, CLASSES)), utf8=utf8)


@cache
def _block() -> bytes:
    return apks.signing_block([(apks.V3, apks.third(("maker", 24, apks.FOREVER, ())))])


@cache
def app(*, utf8: bool, deflated: bool = False) -> bytes:
    """A file of one app. Its manifest stands in it as it is, where it is not deflated."""
    stored = () if deflated else (MANIFEST,)
    return apks.Apk([(MANIFEST, _manifest(utf8=utf8)), ("classes.dex", b"x" * 100)], _block(), stored=stored).file()


@cache
def places(*, utf8: bool) -> tuple[range, ...]:
    """Where in :func:`app` it stands what the app is."""
    data, manifest = app(utf8=utf8), _manifest(utf8=utf8)
    start = data.index(manifest)
    found = [range(start + place.start, start + place.stop) for place in _in_manifest(manifest, utf8=utf8)]
    found += [_of(data, piece) for piece in (apks.encoded("maker"), struct.pack("<I", apks.V3), b"APK Sig Block 42")]
    record = data.index(b"PK\1\2")
    # Of the directory's record: how it is packed, both sizes, the length of its name, its place, its name.
    found += [
        range(record + at, record + at + length) for at, length in ((20, 8), (28, 2), (42, 4), (46, len(MANIFEST)))
    ]
    found.append(range(26, 28))
    return tuple(found)


def _of(data: bytes, piece: bytes) -> range:
    at = data.index(piece)
    return range(at, at + len(piece))


def _in_manifest(manifest: bytes, *, utf8: bool) -> list[range]:
    """The texts of package, classes, and of the elements that hold them; and what leads to them."""
    found = []
    encoding, zero = ("utf-8", b"\0") if utf8 else ("utf-16-le", b"\0\0")
    for text in (PACKAGE, *CLASSES, "manifest", "application", "activity", "package"):
        raw = text.encode(encoding)
        head = bytes([len(text)] * 2) if utf8 else struct.pack("<H", len(text))
        at = manifest.index(head + raw + zero)
        found.append(range(at, at + len(head + raw + zero)))
    at, starts = 8, 0
    while at < len(manifest):
        kind, header, size = struct.unpack_from("<HHI", manifest, at)
        body = at + header
        if kind in (axml.START, axml.END):  # what an end is called is nowhere looked at
            found.append(range(at, at + 8))
        starts += kind == axml.START
        if kind == axml.START and starts != 2:  # the second one is a permission, which names no class
            found += [range(body + 4, body + 8), range(body + 12, body + 14)]
            count, start = struct.unpack_from("<H", manifest, body + 12)[0], body + 20
            for attr in range(start, start + 20 * count, 20):
                kind_of_value, value = struct.unpack_from("<15xBI", manifest, attr)
                if value in _texts(manifest, utf8=utf8) and kind_of_value == apks.STRING:
                    found += [range(attr + 4, attr + 12), range(attr + 15, attr + 20)]
        if kind == axml.MAP:
            numbers = struct.unpack_from(f"<{(size - 8) // 4}I", manifest, at + 8)
            place = body + 4 * numbers.index(apks.NAME)
            found += [range(at, at + 8), range(place, place + 4)]
        at += size
    return found


@cache
def _texts(manifest: bytes, *, utf8: bool) -> frozenset[int]:
    """The numbers of the strings that are the package and the classes."""
    words = {text: text.encode("utf-8" if utf8 else "utf-16-le") for text in (PACKAGE, *CLASSES)}
    count, start = struct.unpack_from("<I8xI", manifest, 16)
    offsets = struct.unpack_from(f"<{count}I", manifest, 36)
    head = 2
    return frozenset(
        number
        for number, offset in enumerate(offsets)
        for text, raw in words.items()
        if manifest[8 + start + offset + head :].startswith(raw) and manifest[8 + start + offset] == len(text)
    )


def altered(place: int, change: int, *, utf8: bool) -> bytes:
    """The file with one of the places changed: byte number `place` of all of them, by `change` (not 0, modulo 256)."""
    offsets = [at for piece in places(utf8=utf8) for at in piece]
    data = bytearray(app(utf8=utf8))
    data[offsets[place % len(offsets)]] ^= change % 255 + 1
    return bytes(data)


def without(chunk: int, *, utf8: bool) -> bytes:
    """The file with one chunk of its manifest taken out, but for the namespaces."""
    writer = axml.Writer(utf8=utf8)
    chunks = writer.chunks(axml.app(PACKAGE, *map(axml.component, CLASSES)))
    inside = [i for i, (kind, _) in enumerate(chunks) if kind not in (axml.SPACE, axml.SPACE_END)]
    named = [i for i in inside if chunks[i][1] != b"" and i not in _permission(chunks)]
    del chunks[named[chunk % len(named)]]
    manifest = apks.chunk(axml.XML, b"", b"".join(data for _, data in chunks))
    return apks.Apk([(MANIFEST, manifest), ("classes.dex", b"x" * 100)], _block(), stored=(MANIFEST,)).file()


def _permission(chunks: axml.Chunks) -> Sequence[int]:
    """The element that names no class: it may go."""
    first = next(i for i, (kind, _) in enumerate(chunks) if kind == axml.START)
    return (first + 1, first + 2)


def is_accounted(data: bytes, *, utf8: bool) -> bool:
    """Whether a changed file says something else, or says that it is not whole."""
    before, now = apks.account(app(utf8=utf8)), apks.account(data)
    assert before.left == ()
    return _said(now) != _said(before) or not now.whole


def _said(account: Account[Contents]) -> tuple[object, ...]:
    """What is understood; why something is unreadable is compared by its kind."""
    contents = account.value
    signers = contents.signers if not isinstance(contents.signers, Exception) else type(contents.signers)
    manifest = contents.manifest if not isinstance(contents.manifest, Exception) else type(contents.manifest)
    return signers, manifest, contents.label


# The lists of an app's files

FOLDER: Final = "/data/app/~~x==/org.example.one-y=="
ASKED: Final = (
    f"file {FOLDER}/base.apk",
    "5000 77 1700000000",
    f"file {FOLDER}/split_config.fr.apk",
    "4000 78 1700000000",
    f"file {FOLDER}/split_feature.apk",
    "-rw-r--r-- 1 system system 3000 2015-01-01 10:00 split_feature.apk",
)
BESIDE: Final = (
    f"5000 77 1700000000 {FOLDER}/base.apk",
    f"4000 78 1700000000 {FOLDER}/split_config.fr.apk",
    f"3000 79 1700000000 {FOLDER}/split_feature.apk",
)


def asked(lines: Sequence[str]) -> Account[object]:
    return files_of(PACKAGE, lines)


def beside(lines: Sequence[str]) -> Account[object]:
    return stated(lines, {f"{FOLDER}/": PACKAGE})


LISTS: Final[Sequence[tuple[Callable[[Sequence[str]], Account[object]], tuple[str, ...]]]] = (
    (asked, ASKED),
    (beside, BESIDE),
)


def changed_line(lines: Sequence[str], at: int, put: str, cut: int) -> list[str] | None:
    """`lines` with one of them changed: of it `cut` characters go and `put` comes. None where that says the same: but
    for blanks, zeros before a number, and what `ls` says besides size and date."""
    number = at % len(lines)
    line = lines[number]
    place = at // len(lines) % (len(line) + 1)
    changed = line[:place] + put + line[place + cut :]
    if _words(line) == _words(changed) or line.startswith("-rw"):
        return None
    return [*lines[:number], *changed.split("\n"), *lines[number + 1 :]]


def _words(line: str) -> list[str]:
    return [word.lstrip("0") for word in line.strip("\n").split(" ") if word]
