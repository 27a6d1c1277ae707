"""The check of an Ed25519 signature (RFC 8032). Whoever imports this loads cryptography, which takes a while."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def has_signed(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether `signature` is one over `signed` by the holder of the key pair whose 32 public bytes are `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
