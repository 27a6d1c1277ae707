"""JAR signatures (scheme v1) for tests that really hold, put together value by value, so that each can also be odd."""

from __future__ import annotations

import base64
import datetime
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from tests.unit.phones.android import apks

_SIGNED_DATA: Final = "2a864886f70d010702"
_DATA: Final = "2a864886f70d010701"
_SHA256: Final = "608648016503040201"
_ECDSA_SHA256: Final = "2a8648ce3d040302"
#: One name to Java: without regard to capitals, blanks at the ends and the kind of string.
NAMES: Final = (
    ("Maker", _ASN1Type.UTF8String),
    ("Maker", _ASN1Type.PrintableString),
    ("MAKER", _ASN1Type.UTF8String),
    (" maker  ", _ASN1Type.PrintableString),
    ("Maker", _ASN1Type.BMPString),
)


@dataclass(frozen=True)
class Key:
    """A certificate of its own key."""

    private: ec.EllipticCurvePrivateKey
    certificate: bytes
    issuer: bytes
    number: bytes


@lru_cache
def key(who: str, name: str = "", kind: _ASN1Type = _ASN1Type.UTF8String, number: int = 7) -> Key:
    """The key of `who`, whose certificate calls itself `name`; the same as long as the tests run."""
    private = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or who, _type=kind)])
    start = datetime.datetime(2020, 1, 1)
    builder = x509.CertificateBuilder(issuer, issuer, private.public_key(), number, start)
    certificate = builder.not_valid_after(start.replace(year=2050)).sign(private, hashes.SHA256())
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    return Key(private, encoded, issuer.public_bytes(), bytes([number]))


def der(tag: int, *content: bytes) -> bytes:
    data = b"".join(content)
    size = len(data)
    if size < 0x80:
        return bytes([tag, size]) + data
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + data


def _object(number: str) -> bytes:
    return der(0x06, bytes.fromhex(number))


def signer(by: Key, text: bytes, named: Key | None = None, *, number: bytes = b"", good: bool = True) -> bytes:
    """A SignerInfo by which `by` signs `text`, that names the certificate of `named`, or of `by` itself."""
    called = named or by
    signature = by.private.sign(text if good else text + b"x", ec.ECDSA(hashes.SHA256()))
    return der(
        0x30,
        der(0x02, b"\1"),
        der(0x30, called.issuer, der(0x02, number or called.number)),
        der(0x30, _object(_SHA256), der(0x05)),
        der(0x30, _object(_ECDSA_SHA256)),
        der(0x04, signature),
    )


def block(certificates: Sequence[bytes], signers: Sequence[bytes], more: Sequence[bytes] = (), kind: str = "") -> bytes:
    """A PKCS #7 file of these certificates and SignerInfos; `more` stands behind them."""
    algorithms = der(0x31, der(0x30, _object(_SHA256), der(0x05)))
    content = der(0x30, _object(_DATA))
    signed = der(
        0x30, der(0x02, b"\1"), algorithms, content, der(0xA0, *certificates), der(0x31, *signers), b"".join(more)
    )
    return der(0x30, _object(kind or _SIGNED_DATA), der(0xA0, signed))


@dataclass
class Jar:
    """What is in a signed file: signature files by their names without an ending."""

    manifest: bytes
    signatures: dict[str, tuple[bytes, bytes]]

    def file(self) -> bytes:
        files = [("AndroidManifest.xml", self.manifest), ("META-INF/MANIFEST.MF", listed(self.manifest))]
        for name, (text, signature) in self.signatures.items():
            files += [(f"META-INF/{name}.SF", text), (f"META-INF/{name}.EC", signature)]
        return apks.Apk(files).file()


def listed(manifest: bytes) -> bytes:
    """MANIFEST.MF of a file with this manifest."""
    return b"Manifest-Version: 1.0\r\n\r\n" + _section(manifest)


def _section(manifest: bytes) -> bytes:
    return f"Name: AndroidManifest.xml\r\nSHA-256-Digest: {_digest(manifest)}\r\n\r\n".encode()


def signed_list(manifest: bytes, *, empty: bool = False) -> bytes:
    """A list of what is signed (.SF): the manifest, or nothing."""
    head = f"Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: {_digest(listed(manifest))}\r\n\r\n"
    own = f"Name: AndroidManifest.xml\r\nSHA-256-Digest: {_digest(_section(manifest))}\r\n\r\n"
    return (head if empty else head + own).encode()


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def made(number: int) -> Jar:
    """The signed file of this number, in the same form every time: a fifth of them honest, the others hostile."""
    chance = random.Random(number)
    manifest = apks.manifest()
    text = signed_list(manifest)
    maker = key("maker", *NAMES[0])
    certificates, signers, more, behind, kind = [maker.certificate], [signer(maker, text)], list[bytes](), b"", ""
    signatures: dict[str, tuple[bytes, bytes]] = {}
    match chance.randrange(10) if number % 5 else -1:
        case -1:
            if chance.random() < 0.5:
                certificates += [key("root").certificate, key("other", number=8).certificate]
        case 0 | 1 | 2:
            twin = key("twin", *chance.choice(NAMES))
            certificates.append(twin.certificate)
            signers = [signer(maker, text, chance.choice((maker, twin)))]
        case 3:
            other = key("other")
            certificates.append(other.certificate)
            signers.insert(chance.randrange(2), signer(other, text, good=chance.random() < 0.5))
        case 4:
            other = key("other")
            certificates.append(other.certificate)
            more = [der(0x31, signer(other, text))]
        case 5:
            signers = [signer(maker, text, number=chance.choice((b"\0\7", b"\0\0\7", b"\x07\0")))]
        case 6:
            behind = chance.choice((b"\0", b"\0" * 100, block([key("other").certificate], [])))
        case 7:
            other = key("other")
            empty = signed_list(manifest, empty=chance.random() < 0.7)
            signatures["OTHER"] = (empty, block([other.certificate], [signer(other, empty)]))
        case 8:
            named = key("named", *chance.choice(NAMES[1:]))
            signers = [signer(maker, text, named)]
        case 9:
            kind = chance.choice((_DATA, "2a864886f70d010703"))
    chance.shuffle(certificates)
    data = bytearray(block(certificates, signers, more, kind) + behind)
    if number % 5 and chance.random() < 0.2:
        for _ in range(chance.randrange(1, 3)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    signatures["CERT"] = (text, bytes(data))
    names = list(signatures)
    chance.shuffle(names)
    return Jar(manifest, {name: signatures[name] for name in names})
