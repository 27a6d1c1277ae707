"""An app's file on a practice phone: small, and built as a real one is.

A ZIP archive of stored, aligned entries (the binary manifest, some content, the resource table) with an APK Signing
Block between the entries and the central directory. The block has signatures of scheme 2 and 3, as described in
https://source.android.com/docs/security/features/apksigning/v2 and /v3: right in structure and digests.

For certificates that are made here (ECDSA, P-256) the signatures hold, as `apksigner verify` confirms. For a
publisher's own certificate the key is not known: in the place of the signature stand bytes of the right length. A real
phone would refuse to install such a file; this one has it all the same, and a reader that compares certificates cannot
tell the difference. There is no code inside (no classes.dex), so nothing of these
files can ever run.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.simulator.apk import dex, manifest, pictures, resource_table
from core.simulator.apk.certificates import PracticeSigner, signer
from core.simulator.apk.pictures import Picture

#: How many files are held at once, each of some hundred kilobytes: all of a phone's, which are read one after the
#: other.
_HELD: Final = 192

_ALIGNMENT: Final = 4
_PAGE: Final = 4096
#: 1981-01-01 00:00, as the SDK's tools date entries.
_DATE: Final = 1 << 9 | 1 << 5 | 1

#: Densities of screens, and how the folders of their pictures are called.
_DENSITIES: Final = {160: "mdpi", 320: "xhdpi"}

_MAGIC: Final = b"APK Sig Block 42"
_SCHEME_2: Final = 0x7109871A
_SCHEME_3: Final = 0xF05368C0
_PADDING: Final = 0x42726577
#: In scheme 2's attributes: a signature of scheme 3 is there as well, so its absence is an attack.
_STRIPPING_PROTECTION: Final = 0xBEEFF00D
_SCHEME_3_SINCE: Final = 28
_FOREVER: Final = 0x7FFFFFFF
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Apk:
    """All that an app's file depends on.

    `label` stands in the resource table; the manifest may name it by its number there. `certificate` is a name that
    :func:`core.simulator.apk.certificates.signer` knows. `filling` is the size of the content between manifest and
    resources, in bytes. `icon` is the launcher's picture, for two densities of screen. `code` names its classes.
    """

    about: manifest.PracticeManifest
    label: str
    certificate: str
    filling: int
    garbled: bool = False
    icon: Picture = ""
    code: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The length of the file in bytes."""
        return _size(self)

    @property
    def content(self) -> bytes:
        """Built when it is first asked for; always the same."""
        return _built(self)


@lru_cache(maxsize=8000)
def _size(apk: Apk) -> int:
    return len(_built(apk))


@lru_cache(maxsize=_HELD)
def _built(apk: Apk) -> bytes:
    about = apk.about
    texts = {"about": f"{about.package} {about.version_name}", "app_name": apk.label, "close": "Close"}
    picture, end = pictures.file(apk.icon), "webp" if apk.icon.endswith(".webp") else "png"
    icons = {d: f"res/mipmap-{name}-v4/icon.{end}" for d, name in _DENSITIES.items()} if picture else {}
    entries = [
        ("AndroidManifest.xml", manifest.compiled(about)),
        ("assets/filling.bin", _noise(about.package, apk.filling)),
        *([("classes.dex", dex.compiled(apk.code))] if apk.code else []),
        *((path, picture) for path in icons.values()),
        ("resources.arsc", resource_table.compiled(about.package, texts, {"close": "Fermer"}, icons)),
    ]
    content = signed(entries, signer(apk.certificate))
    return _noise(about.package, len(content)) if apk.garbled else content


#: Where the label and the launcher icon stand in the resource table.
LABEL: Final = resource_table.number(1)
ICON: Final = resource_table.ICON


def _noise(seed: str, size: int) -> bytes:
    """Bytes that mean nothing, always the same ones."""
    page = hashlib.shake_256(seed.encode("utf-8", "surrogateescape")).digest(_PAGE)
    return (page * (size // _PAGE + 1))[:size]


def signed(entries: Sequence[tuple[str, bytes]], by: PracticeSigner) -> bytes:
    """The archive of `entries` (name and content), signed with the key of `by`."""
    body, directory = _archive(entries)
    # In what is signed, the end of the archive says that the directory follows the entries at once.
    digest = _digest((body, directory, _end(entries, directory, len(body))))
    block = _block(digest, by)
    return body + block + directory + _end(entries, directory, len(body) + len(block))


def _archive(entries: Sequence[tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """The entries, filled up to a whole page; and their directory."""
    body, directory = bytearray(), bytearray()
    for name, content in entries:
        encoded_name = name.encode()
        facts = struct.pack("<4HIII", 0, 0, 0, _DATE, zlib.crc32(content), len(content), len(content))
        start = len(body)
        # zipalign's extra field: number, length, alignment, and as many zeros as are needed.
        padding = bytes(-(start + 30 + len(encoded_name) + 6) % _ALIGNMENT)
        extra = struct.pack("<HHH", 0xD935, 2 + len(padding), _ALIGNMENT) + padding
        body += b"PK\x03\x04" + struct.pack("<H", 10) + facts + struct.pack("<HH", len(encoded_name), len(extra))
        body += encoded_name + extra + content
        directory += b"PK\x01\x02" + struct.pack("<HH", 10, 10) + facts
        directory += struct.pack("<5HII", len(encoded_name), 0, 0, 0, 0, 0, start) + encoded_name
    # Not part of any entry; apksigner fills up in the same way, so that the block begins on a page of its own.
    return bytes(body) + bytes(-len(body) % _PAGE), bytes(directory)


def _end(entries: Sequence[tuple[str, bytes]], directory: bytes, at: int) -> bytes:
    """The end of the central directory; `at` is where that begins."""
    return b"PK\x05\x06" + struct.pack("<4HIIH", 0, 0, len(entries), len(entries), len(directory), at, 0)


def _digest(sections: Iterable[bytes]) -> bytes:
    """SHA-256 of the sections in pieces of a megabyte, then of the pieces' digests."""
    digests = [
        hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)) + piece).digest()
        for section in sections
        for piece in (section[at : at + _PIECE] for at in range(0, len(section), _PIECE))
    ]
    return hashlib.sha256(b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)).digest()


def _block(digest: bytes, by: PracticeSigner) -> bytes:
    """The signing block: both schemes, and padding to a whole page."""
    pairs = _pair(_SCHEME_2, _scheme_2(digest, by)) + _pair(_SCHEME_3, _scheme_3(digest, by))
    frame = 8 + 8 + len(_MAGIC)
    empty_pair = 8 + 4
    pairs += _pair(_PADDING, bytes(-(frame + len(pairs) + empty_pair) % _PAGE))
    size = struct.pack("<Q", len(pairs) + 8 + len(_MAGIC))
    return size + pairs + size + _MAGIC


def _pair(number: int, content: bytes) -> bytes:
    return struct.pack("<QI", 4 + len(content), number) + content


def _scheme_2(digest: bytes, by: PracticeSigner) -> bytes:
    attribute = _sized(struct.pack("<II", _STRIPPING_PROTECTION, 3))
    data = _digests_and_certificates(digest, by) + _sized(attribute)
    return _sized(_sized(_sized(data) + _signature(data, by)))


def _scheme_3(digest: bytes, by: PracticeSigner) -> bytes:
    versions = struct.pack("<II", _SCHEME_3_SINCE, _FOREVER)
    data = _digests_and_certificates(digest, by) + versions + _sized(b"")
    return _sized(_sized(_sized(data) + versions + _signature(data, by)))


def _digests_and_certificates(digest: bytes, by: PracticeSigner) -> bytes:
    digests = _sized(struct.pack("<I", by.algorithm) + _sized(digest))
    return _sized(digests) + _sized(_sized(by.der))


def _signature(data: bytes, by: PracticeSigner) -> bytes:
    """The signatures of `data`, and the public key."""
    signature = _sized(struct.pack("<I", by.algorithm) + _sized(by.sign(data)))
    return _sized(signature) + _sized(by.public_key)


def _sized(content: bytes) -> bytes:
    return struct.pack("<I", len(content)) + content
