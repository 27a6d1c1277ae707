"""The certificates that sign a practice phone's apps.

Those of two publishers are their own, which their public software kits print (see the README beside the files); their
private keys are not here. Every other one is made from its name, always the same byte for byte: anyone can make those
keys again, so what they sign proves nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

#: Certificates of real publishers, in `resources/practice/certificates`.
PUBLISHED: Final = frozenset({"wechat", "tiktok"})

#: Of APK signature schemes 2 and 3: RSA (PKCS #1 v1.5) and ECDSA, both with SHA-256 of the file in pieces.
RSA_SHA256: Final = 0x0103
ECDSA_SHA256: Final = 0x0201

_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: So that a certificate is the same at any time.
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2050, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PracticeSigner:
    """Who signs an app: the certificate, its public key (SubjectPublicKeyInfo; both DER), and the algorithm's number.

    `key` is None where it is not known: for a publisher's own certificate.
    """

    der: bytes
    public_key: bytes
    algorithm: int
    signature_size: int
    key: ec.EllipticCurvePrivateKey | None

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, always the same; without a key, bytes of the right length that are none."""
        if self.key is None:
            return hashlib.shake_256(b"no signature" + data).digest(self.signature_size)

        return self.key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


@lru_cache(maxsize=2000)
def signer(name: str) -> PracticeSigner:
    """The signer `name`: one of PUBLISHED, or one that is made from the name."""
    return _published(name) if name in PUBLISHED else _generated(name)


@lru_cache(maxsize=2000)
def java_hash(certificate: bytes) -> str:
    """Java's `Arrays.hashCode` of the certificate, in hexadecimal without leading zeros, as dumpsys prints it."""
    value = 1
    for byte in certificate:
        value = (31 * value + (byte ^ 0x80) - 0x80) & 0xFFFFFFFF
    return f"{value:x}"


def _published(name: str) -> PracticeSigner:
    der = (resources.files("resources") / "practice" / "certificates" / f"{name}.der").read_bytes()
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError(f"{name}.der: not an RSA key")
    return PracticeSigner(der, _spki(key), RSA_SHA256, key.key_size // 8, None)


def of_publisher(der: bytes) -> PracticeSigner:
    """The signer with this certificate, whose key is not known. What is no certificate signs all the same."""
    try:
        key = x509.load_der_x509_certificate(der).public_key()
        public_key = _spki(key) if isinstance(key, RSAPublicKey | ec.EllipticCurvePublicKey) else b""
    except (ValueError, UnsupportedAlgorithm):
        public_key = b""
    return PracticeSigner(der, public_key, RSA_SHA256, 256, None)


def _generated(name: str) -> PracticeSigner:
    """A self-signed certificate with a P-256 key. Its names are made from `name`, which may be any text."""

    seed = hashlib.sha512(b"practice signer " + name.encode("utf-8", "surrogateescape")).digest()
    key = ec.derive_private_key(int.from_bytes(seed) % (_P256_ORDER - 1) + 1, ec.SECP256R1())
    names = [(NameOID.COMMON_NAME, f"Practice signer {seed.hex()[:12]}"), (NameOID.ORGANIZATION_NAME, "Practice")]
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), int.from_bytes(seed[:8]) | 1, _SINCE, _UNTIL)
        # Deterministic signatures (RFC 6979): with random ones it would be another certificate each time.
        .sign(key, SHA256(), ecdsa_deterministic=True)
    )
    return PracticeSigner(certificate.public_bytes(Encoding.DER), _spki(key.public_key()), ECDSA_SHA256, 0, key)


def _spki(key: ec.EllipticCurvePublicKey | RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
