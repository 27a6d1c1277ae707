"""Pair records: the keys and certificates by which a computer and an iPhone know each other.

A record has a root and a host certificate of the computer's, and one of the phone's key, signed by the root. The
certificates have empty names, as computers make them for phones.
"""

from __future__ import annotations

import datetime
import functools
import plistlib
import secrets
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.system.files.momentary import momentary_file


@dataclass(frozen=True, slots=True)
class Computer:
    """What a phone keeps of a computer that it trusts: its number, and the record's certificates (PEM)."""

    host_id: str
    device_certificate: bytes
    host_certificate: bytes
    root_certificate: bytes

    @classmethod
    def of(cls, record: object) -> Computer | None:
        """The computer that `record` of a ``Pair`` speaks of; None if something is missing."""
        if not isinstance(record, Mapping):
            return None
        host_id = record.get("HostID")
        values = [record.get(f"{owner}Certificate") for owner in ("Device", "Host", "Root")]
        certificates = [value for value in values if isinstance(value, bytes) and value]
        if not isinstance(host_id, str) or len(certificates) < len(values):
            return None
        return cls(host_id, *certificates)


@functools.cache
def phone_key(owner: str = "phone") -> rsa.RSAPrivateKey:
    """The key of all practice iPhones; they have one together, because to make one takes long. Any other name stands
    for another key."""
    return rsa.generate_private_key(65537, 2048)


def public_key_text() -> bytes:
    """``DevicePublicKey``: in PEM, as PKCS #1 has it."""
    form = serialization.PublicFormat.PKCS1
    return phone_key().public_key().public_bytes(serialization.Encoding.PEM, form)


def trusted_record(buid: str, wifi_address: str) -> dict[str, Any]:
    """The record of a computer that a phone trusts from the beginning, as its usbmuxd keeps it."""
    root, host, phone = phone_key("root"), phone_key("host"), phone_key()
    return {
        "DeviceCertificate": certificate(phone, root),
        "HostCertificate": certificate(host, root),
        "RootCertificate": certificate(root, root, ca=True),
        "HostPrivateKey": private_text(host),
        "RootPrivateKey": private_text(root),
        "HostID": str(uuid.uuid4()).upper(),
        "SystemBUID": buid,
        "EscrowBag": secrets.token_bytes(32),
        "WiFiMACAddress": wifi_address,
    }


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """The record as it is kept."""
    return plistlib.dumps(dict(record))


def server_context(computer: Computer, *, forged: bool, newest: bool, oldest: bool = False) -> ssl.SSLContext:
    """How the phone receives `computer` in TLS: with the certificate that it was paired with, and it lets in the host
    certificate and the root itself, whatever else a chain would need.

    `forged` presents the certificate of another key, `newest` speaks TLS 1.3 instead of 1.2, `oldest` also TLS 1.0.
    Raises OSError or ValueError if the certificates are none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # computers sign with SHA-1 still
    version = ssl.TLSVersion.TLSv1_3 if newest else ssl.TLSVersion.TLSv1_2
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if oldest else version
    context.maximum_version = version
    key = phone_key("another phone") if forged else phone_key()
    presented = certificate(key, key) if forged else computer.device_certificate
    with momentary_file("phone.pem", presented + b"\n" + private_text(key)) as chain:  # Python takes no other
        context.load_cert_chain(chain)
    trusted = computer.root_certificate + b"\n" + computer.host_certificate
    context.load_verify_locations(cadata=trusted.decode("ascii", "replace"))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def private_text(key: rsa.RSAPrivateKey) -> bytes:
    """A private key, in PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def certificate(of: rsa.RSAPrivateKey, by: rsa.RSAPrivateKey, *, ca: bool = False) -> bytes:
    """A certificate of the key `of`, signed with the key `by`, in PEM; `ca` may sign others."""
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(of.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
