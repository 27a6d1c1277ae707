"""What a phone and this computer know each other by: keys and certificates, made once and kept by the usbmux service.

The phone shows the certificate that was made of its own key then, and takes the computer's. Records that
libimobiledevice or Apple's programs made are used as they are.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import ssl
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message

if TYPE_CHECKING:  # cryptography is loaded with the first record that is made
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate

#: How the computer's name to a phone ends where Fanion made the record: its own in ASCII, in the part of a UUID of
#: version 8 (RFC 9562) that means what its maker likes.
_BY_FANION: Final = b"FANION".hex().upper()
#: How long the certificates of a new record hold. A phone forgets a record that was not used for 30 days.
_LIFE: Final = timedelta(days=3650)
_BITS: Final = 2048
#: Old phones' keys and signatures are below what OpenSSL takes by itself; the certificate is compared in any case.
_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"
#: Where Linux has the files that a program has open, by their numbers.
_OPEN_FILES: Final = "/proc/self/fd"


@dataclass(frozen=True, slots=True)
class PairRecord:
    """One record. Certificates and keys are PEM; `escrow_bag` and `wifi` are the phone's, and may be empty."""

    host_id: str
    system_buid: str
    device_certificate: bytes
    host_certificate: bytes
    root_certificate: bytes
    host_key: bytes
    root_key: bytes
    escrow_bag: bytes = b""
    wifi: str = ""

    @property
    def by_fanion(self) -> bool:
        """Whether Fanion made it, for one visit: also for one that was cut off and did not take it back."""
        return self.host_id.endswith(f"-{_BY_FANION}")

    @property
    def public(self) -> Message:
        """What the phone is given of it, which names no private key."""
        return {
            "DeviceCertificate": self.device_certificate,
            "HostCertificate": self.host_certificate,
            "RootCertificate": self.root_certificate,
            "HostID": self.host_id,
            "SystemBUID": self.system_buid,
        }

    def kept(self) -> bytes:
        """The record as the service keeps it."""
        private: Message = {"HostPrivateKey": self.host_key, "RootPrivateKey": self.root_key}
        if self.escrow_bag:
            private["EscrowBag"] = self.escrow_bag
        if self.wifi:
            private["WiFiMACAddress"] = self.wifi
        return plist.dump(self.public | private)

    def is_of(self, certificate: bytes) -> bool:
        """Whether a phone's certificate, in DER, is that of this record."""
        try:
            known = ssl.PEM_cert_to_DER_cert(self.device_certificate.decode("ascii"))
        except (ValueError, UnicodeDecodeError):  # Nothing is lost: the caller raises OtherCertificate.
            return False
        return compare_digest(known, certificate)

    @lru_cache(maxsize=32)  # noqa: B019 - a desk's phones: their keys are in memory in any case
    def context(self) -> ssl.SSLContext:
        """How TLS is spoken with the phone. The chain proves nothing here: the caller compares the certificate.

        Raises Malformed for a record whose key and certificate do not go together.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(_CIPHERS)
        with _key_file(self.host_certificate.rstrip() + b"\n", self.host_key) as (file, password):
            try:
                context.load_cert_chain(file, password=password)
            except (ssl.SSLError, OSError) as error:
                raise Malformed(f"a pair record that cannot be used: {type(error).__name__}") from None
        return context


@contextlib.contextmanager
def _key_file(certificate: bytes, key: bytes) -> Iterator[tuple[str, str | None]]:
    """A file with a certificate and its key, as OpenSSL takes them from nothing else, and the password of the key.

    On Linux it is in memory, and ends with this program. Elsewhere it is in a temporary folder, and would stay there if
    the program was killed: the key in it is encrypted by a password that is nowhere else. Raises Malformed, OSError.
    """
    if sys.platform == "linux" and os.path.isdir(_OPEN_FILES):
        descriptor = os.memfd_create("fanion-key", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as memory:
            memory.write(certificate + key)
            memory.flush()
            yield f"{_OPEN_FILES}/{descriptor}", None
    else:
        password = secrets.token_hex(32)
        with tempfile.TemporaryDirectory(prefix="fanion-") as folder:
            file = os.path.join(folder, "host.pem")
            with open(file, "xb") as opened:
                opened.write(certificate + _encrypted(key, password))
            yield file, password


def _encrypted(key: bytes, password: str) -> bytes:
    """A private key that only who has the password can use. Raises Malformed."""
    from cryptography.hazmat.primitives import serialization

    try:
        # OpenSSL itself looks whether the key is a good one as it is loaded, and once is enough.
        private = serialization.load_pem_private_key(key, None, unsafe_skip_rsa_key_validation=True)
    except Exception as error:  # cryptography raises by what it finds
        raise Malformed(f"a pair record that cannot be used: {type(error).__name__}") from None
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode("ascii")),
    )


def read(kept: bytes) -> PairRecord:
    """The record in what the service keeps. Raises Malformed where a part of it is missing."""
    # Nothing is lost: it is this computer's own, and the phone that it is of proves itself by its certificate.
    found = plist.parse(kept).value
    record = PairRecord(
        host_id=plist.text(found, "HostID"),
        system_buid=plist.text(found, "SystemBUID"),
        device_certificate=plist.data(found, "DeviceCertificate"),
        host_certificate=plist.data(found, "HostCertificate"),
        root_certificate=plist.data(found, "RootCertificate"),
        host_key=plist.data(found, "HostPrivateKey"),
        root_key=plist.data(found, "RootPrivateKey"),
        escrow_bag=plist.data(found, "EscrowBag"),
        wifi=plist.text(found, "WiFiMACAddress"),
    )
    if not (record.host_id and record.device_certificate and record.host_certificate and record.host_key):
        raise Malformed("a pair record without all of its parts")
    return record


def make(device_key: bytes, system_buid: str, wifi: str = "") -> PairRecord:
    """A new record for a phone with this public key (PKCS #1, PEM). Raises Malformed for what is no RSA key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        public = serialization.load_pem_public_key(device_key)
    except Exception as error:  # a phone may send anything, and cryptography raises by what it finds
        raise Malformed(f"no key of a phone: {type(error).__name__}") from None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size > 2 * _BITS:
        raise Malformed("no RSA key of a phone")
    root, host = (rsa.generate_private_key(public_exponent=65537, key_size=_BITS) for _ in range(2))
    pem, pkcs1 = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    bare = serialization.NoEncryption()
    return PairRecord(
        host_id=_new_host_id(),
        system_buid=system_buid,
        device_certificate=_certificate(public, root).public_bytes(pem),
        host_certificate=_certificate(host.public_key(), root).public_bytes(pem),
        root_certificate=_certificate(root.public_key(), root, authority=True).public_bytes(pem),
        host_key=host.private_bytes(pem, pkcs1, bare),
        root_key=root.private_bytes(pem, pkcs1, bare),
        wifi=wifi,
    )


def _new_host_id() -> str:
    """A new name of this computer to one phone, by which a record of Fanion's is known again."""
    random, version, variant = uuid.uuid4().int, 0x8, 0b10
    own = random & ~((0xF << 76) | (0b11 << 62) | (2**48 - 1)) | version << 76 | variant << 62 | int(_BY_FANION, 16)
    return str(uuid.UUID(int=own)).upper()


def _certificate(key: RSAPublicKey, root: RSAPrivateKey, *, authority: bool = False) -> Certificate:
    """A certificate of `key`, signed by `root`, as all clients and phones take it: with empty names."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    now = datetime.now(UTC)
    nameless = x509.Name([])
    builder = (
        x509.CertificateBuilder()
        .subject_name(nameless)
        .issuer_name(nameless)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        uses = dict.fromkeys(
            ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
        )
        usage = x509.KeyUsage(
            digital_signature=True, key_encipherment=True, encipher_only=False, decipher_only=False, **uses
        )
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(root, hashes.SHA256())
