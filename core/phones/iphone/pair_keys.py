"""The keys and certificates of a new pair record. Apart from the record, for cryptography takes a while to load."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.phones.iphone.problems import Malformed

#: How long the certificates of a new record hold. A phone forgets a record that was not used for 30 days.
_LIFE: Final = timedelta(days=3650)
_BITS: Final = 2048


def make(device_key: bytes) -> dict[str, bytes]:
    """Make new ones for a phone with this public key (PKCS #1, PEM): each in PEM, by its field of a PairRecord.

    Raises Malformed for what is no RSA key.
    """
    try:
        public = serialization.load_pem_public_key(device_key)
    except Exception as error:  # a phone may send anything, and cryptography raises by what it finds
        raise Malformed(f"no key of a phone: {type(error).__name__}") from None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size > 2 * _BITS:
        raise Malformed("no RSA key of a phone")
    root, host = (rsa.generate_private_key(public_exponent=65537, key_size=_BITS) for _ in range(2))
    pem, pkcs1 = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    bare = serialization.NoEncryption()
    return {
        "device_certificate": _certificate(public, root).public_bytes(pem),
        "host_certificate": _certificate(host.public_key(), root).public_bytes(pem),
        "root_certificate": _certificate(root.public_key(), root, authority=True).public_bytes(pem),
        "host_key": host.private_bytes(pem, pkcs1, bare),
        "root_key": root.private_bytes(pem, pkcs1, bare),
    }


def encrypted(key: bytes, password: str) -> bytes:
    """A private key that only who has the password can use. Raises Malformed."""
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


def _certificate(key: rsa.RSAPublicKey, root: rsa.RSAPrivateKey, *, authority: bool = False) -> x509.Certificate:
    """A certificate of `key`, signed by `root`, as all clients and phones take it: with empty names."""
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
