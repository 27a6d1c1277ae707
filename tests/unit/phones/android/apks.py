"""Small APK files for tests, put together byte by byte, so that each part of one can also be wrong."""

from __future__ import annotations

import datetime
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from core.phones.accounting import Account
from core.phones.android import apk as reader
from core.phones.android.apk import Contents, Remote, Steps

LABEL, NAME, TARGET, VERSION, MAJOR = 0x01010001, 0x01010003, 0x01010202, 0x0101021B, 0x01010576
STRING, REFERENCE, NUMBER = 3, 1, 0x10
NOTHING = 0xFFFFFFFF
V2, V3, V31, ROTATION = 0x7109871A, 0xF05368C0, 0x1B93AD61, 0x3BA06F8C
FOREVER = 0x7FFFFFFF
_T = TypeVar("_T")


# Signing


@lru_cache
def key(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A key and its certificate; the same for the same name as long as the tests run."""
    private = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2020, 1, 1)
    builder = x509.CertificateBuilder(who, who, private.public_key(), x509.random_serial_number(), start)
    return private, builder.not_valid_after(start.replace(year=2050)).sign(private, hashes.SHA256())


def encoded(name: str) -> bytes:
    """The certificate of `name` in DER."""
    return key(name)[1].public_bytes(serialization.Encoding.DER)


def prefixed(*pieces: bytes) -> bytes:
    data = b"".join(pieces)
    return struct.pack("<I", len(data)) + data


def second(*names: str) -> bytes:
    """The value of APK signature scheme v2."""
    signers = []
    for name in names:
        signed = prefixed() + prefixed(prefixed(encoded(name))) + prefixed()
        signers.append(prefixed(prefixed(signed), prefixed(), prefixed(b"key")))
    return prefixed(*signers)


def third(*signers: tuple[str, int, int, Sequence[str]]) -> bytes:
    """The value of v3 or v3.1: name, lowest and highest SDK, and the names in the proof of rotation."""
    found = []
    for name, low, high, lineage in signers:
        sdks = struct.pack("<II", low, high)
        nodes = [
            prefixed(prefixed(prefixed(encoded(n)), struct.pack("<I", 0x201)), bytes(8), prefixed()) for n in lineage
        ]
        proof = prefixed(struct.pack("<II", ROTATION, 1), *nodes) if lineage else b""
        signed = prefixed() + prefixed(prefixed(encoded(name))) + sdks + prefixed(proof)
        found.append(prefixed(prefixed(signed), sdks, prefixed(), prefixed(b"key")))
    return prefixed(*found)


def signing_block(pairs: Sequence[tuple[int, bytes]]) -> bytes:
    body = b"".join(struct.pack("<QI", len(value) + 4, number) + value for number, value in pairs)
    size = struct.pack("<Q", len(body) + 24)
    return size + body + size + b"APK Sig Block 42"


def jar_signature(*names: str) -> bytes:
    """A PKCS #7 file as `jarsigner` writes it."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"Signature-Version: 1.0\r\n\r\n")
    for name in names:
        builder = builder.add_signer(key(name)[1], key(name)[0], hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])


# Compiled XML and resources


def chunk(kind: int, header: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    total = 8 + len(header) + len(body)
    return struct.pack("<HHI", kind, 8 + len(header), total if size is None else size) + header + body


def string_pool(strings: Sequence[str], *, utf8: bool = True) -> bytes:
    data, offsets = bytearray(), []
    for text in strings:
        offsets.append(len(data))
        raw = text.encode("utf-8" if utf8 else "utf-16-le")
        if utf8:
            data += _short(len(text)) + _short(len(raw)) + raw + b"\0"
        else:
            data += struct.pack("<H", len(text)) + raw + b"\0\0"
    data += bytes(-len(data) % 4)
    table = struct.pack(f"<{len(offsets)}I", *offsets)
    header = struct.pack("<5I", len(strings), 0, 0x100 if utf8 else 0, 28 + len(table), 0)
    return chunk(1, header, table + data)


def _short(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([0x80 | number >> 8, number & 0xFF])


class Xml:
    """A compiled XML file that is written element by element."""

    def __init__(self, *, utf8: bool = True) -> None:
        self._numbers = [LABEL, NAME, TARGET, VERSION, MAJOR]
        self._strings = ["label", "name", "targetActivity", "versionCode", "versionCodeMajor"]
        self._places: dict[str, int] = {}
        self._utf8 = utf8
        self.body = bytearray()

    def string(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self._strings)
            self._strings.append(text)
        return self._places[text]

    def start(self, name: str, *attributes: tuple[int | str, int, int | str]) -> None:
        """Attributes are a resource number or a name, a kind, and a value."""
        data = b""
        for which, kind, value in attributes:
            index = self._numbers.index(which) if isinstance(which, int) else self.string(which)
            space = self.string("http://schemas.android.com/apk/res/android") if isinstance(which, int) else NOTHING
            number = self.string(value) if isinstance(value, str) else value
            raw = number if kind == STRING else NOTHING
            data += struct.pack("<3IHBBI", space, index, raw, 8, 0, kind, number)
        head = struct.pack("<II6H", NOTHING, self.string(name), 20, 20, len(attributes), 0, 0, 0)
        self.body += chunk(0x0102, struct.pack("<II", 1, NOTHING), head + data)

    def end(self, name: str) -> None:
        self.body += chunk(0x0103, struct.pack("<II", 1, NOTHING), struct.pack("<II", NOTHING, self.string(name)))

    def file(self) -> bytes:
        numbers = chunk(0x0180, b"", struct.pack(f"<{len(self._numbers)}I", *self._numbers))
        return chunk(3, b"", string_pool(self._strings, utf8=self._utf8) + numbers + self.body)


def manifest(
    package: str = "org.example.app",
    version: int | None = 7,
    major: int = 0,
    label: str | int | None = "Example",
    components: Sequence[tuple[str, str]] = (("activity", ".Main"),),
    *,
    utf8: bool = True,
) -> bytes:
    xml = Xml(utf8=utf8)
    numbers: list[tuple[int | str, int, int | str]] = [("package", STRING, package)]
    numbers += [(VERSION, NUMBER, version)] if version is not None else []
    numbers += [(MAJOR, NUMBER, major)] if major else []
    xml.start("manifest", *numbers)
    if label is None:
        xml.start("application")
    else:
        xml.start("application", (LABEL, STRING if isinstance(label, str) else REFERENCE, label))
    for kind, name in components:
        if kind == "activity-alias":
            xml.start(kind, (NAME, STRING, ".Alias"), (TARGET, STRING, name))
        else:
            xml.start(kind, (NAME, STRING, name))
        xml.end(kind)
    xml.end("application")
    xml.end("manifest")
    return xml.file()


Value = tuple[int, int] | None


def config(language: str = "", region: str = "", density: int = 0) -> bytes:
    return struct.pack(
        "<II2s2sHH", 64, 0, language.encode(), region.encode(), 0, density
    ) + bytes(48)  # fmt: skip


def type_chunk(number: int, entries: Sequence[Value], where: bytes = b"", *, form: str = "plain") -> bytes:
    """The entries of one type. `form`: plain, compact, short (offsets of 16 bits) or sparse."""
    data, table, count, flags = bytearray(), bytearray(), len(entries), 0
    for index, value in enumerate(entries):
        if value is None:
            table += {"short": b"\xff\xff", "sparse": b""}.get(form, b"\xff\xff\xff\xff")
            continue
        at = len(data)
        if form == "short":
            table += struct.pack("<H", at // 4)
        elif form == "sparse":
            table += struct.pack("<HH", index, at // 4)
        else:
            table += struct.pack("<I", at)
        if form == "compact":
            data += struct.pack("<HHI", 0, value[0] << 8 | 8, value[1])
        else:
            data += struct.pack("<HHIHBBI", 8, 0, 0, 8, 0, value[0], value[1])
    if form == "sparse":
        flags, count = 1, len(table) // 4
    elif form == "short":
        flags, table = 2, table + bytes(-len(table) % 4)
    where = where or config()
    header = struct.pack("<BBHII", number, flags, 0, count, 20 + len(where) + len(table)) + where
    return chunk(0x0201, header, table + data)


def type_spec(number: int, count: int) -> bytes:
    return chunk(0x0202, struct.pack("<BBHI", number, 0, 0, count), bytes(4 * count))


def resources(strings: Sequence[str], *types: bytes, package: int = 0x7F, utf8: bool = True) -> bytes:
    name = "org.example.app".encode("utf-16-le").ljust(256, b"\0")
    inner = string_pool(["string"]) + string_pool(["app_name"]) + b"".join(types)
    head = struct.pack("<I", package) + name + struct.pack("<5I", 288, 0, 288, 0, 0)
    return chunk(2, struct.pack("<I", 1), string_pool(strings, utf8=utf8) + chunk(0x0200, head, inner))


# The ZIP file


@dataclass
class Apk:
    """What goes into a file. `block` is the signing block; `comment` and `gap` are between and behind the parts.

    `before` is how many bytes stand before what `file()` gives: a hole for who writes the file.
    """

    files: list[tuple[str, bytes]] = field(default_factory=list)
    block: bytes = b""
    comment: bytes = b""
    stored: tuple[str, ...] = ("resources.arsc",)
    methods: dict[str, int] = field(default_factory=dict)
    claims: dict[str, dict[str, int]] = field(default_factory=dict)
    gap: bytes = b""
    before: int = 0

    def file(self) -> bytes:
        data, directory = bytearray(), bytearray()
        for name, content in self.files:
            deflated = name not in self.stored and name not in self.methods
            packed = _deflated(content) if deflated else content
            method = 8 if deflated else self.methods.get(name, 0)
            claim = {
                "packed": len(packed),
                "size": len(content),
                "at": self.before + len(data),
                **self.claims.get(name, {}),
            }
            raw = name.encode()
            sizes = struct.pack("<3I", zlib.crc32(content), claim["packed"], claim["size"])
            extra = bytes(-(len(data) + 30 + len(raw)) % 4) if not deflated else b""
            data += b"PK\x03\x04" + struct.pack("<5H", 20, 0, method, 0, 0) + sizes
            data += struct.pack("<HH", len(raw), len(extra)) + raw + extra + packed
            directory += b"PK\x01\x02" + struct.pack("<6H", 20, 20, 0, method, 0, 0) + sizes
            directory += struct.pack("<5H2I", len(raw), 0, 0, 0, 0, 0, claim["at"]) + raw
        at = self.before + len(data) + len(self.block)
        numbers = (0, 0, len(self.files), len(self.files), len(directory), at, len(self.comment))
        end = b"PK\x05\x06" + struct.pack("<4H2IH", *numbers) + self.comment
        return bytes(data) + self.block + directory + self.gap + end


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def simple(signer: str = "maker", **options: Any) -> Apk:
    """A file that is as it should be; `options` are those of :func:`manifest`."""
    return Apk([("AndroidManifest.xml", manifest(**options))], signing_block([(V2, second(signer))]))


# Reading


def drive(
    read: Callable[[Remote, int], Steps[_T]], size: int, sdk: int, piece: Callable[[int, int], bytes]
) -> tuple[_T, Remote]:
    """Let `read` run over a file, of which `piece` gives bytes; and what that cost."""
    file = Remote(size)
    steps = read(file, sdk)
    try:
        wish = next(steps)
        while True:
            wish = steps.send([piece(at, length) for at, length in wish])
    except StopIteration as end:
        return end.value, file


def run(read: Callable[[Remote, int], Steps[_T]], data: bytes, sdk: int = 34) -> _T:
    return drive(read, len(data), sdk, lambda at, length: data[at : at + length])[0]


def read(file: Remote, sdk: int) -> Steps[Contents]:
    """What the reader of a base file understands, without what it leaves."""
    return (yield from reader.read(file, sdk)).value


def part(file: Remote, sdk: int) -> Steps[Contents]:
    """Likewise of a split."""
    return (yield from reader.read(file, sdk, base=False)).value


def account(data: bytes, sdk: int = 34) -> Account[Contents]:
    """What is understood of a base file, and what is left."""
    return run(reader.read, data, sdk)
