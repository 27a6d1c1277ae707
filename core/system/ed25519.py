"""Ed25519 signatures (RFC 8032), apart from the files that have them: cryptography takes a while to load."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def has_signed(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether the holder of a public key of 32 bytes has signed this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True
