"""The secret key with which files are signed as minisign does."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.system.minisign import PublicKey


class SecretKey:
    """A pair of keys that signs files. Nothing is asked to use it: its seed is kept as other secrets are."""

    def __init__(self, seed: bytes) -> None:
        """`seed` are the 32 random bytes that the key is."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        key = self._key.public_key().public_bytes_raw()
        self.public = PublicKey(hashlib.sha256(key).digest()[:8], key)

    def sign(self, data: bytes, trusted_comment: str) -> bytes:
        """The ``.minisig`` file over `data`. The comment, one line, is signed too."""
        signature = self._key.sign(hashlib.blake2b(data).digest())
        over_comment = self._key.sign(signature + trusted_comment.encode())
        signed = base64.b64encode(b"ED" + self.public.number + signature).decode()
        return (
            f"untrusted comment: signature from Fanion\n{signed}\n"
            f"trusted comment: {trusted_comment}\n{base64.b64encode(over_comment).decode()}\n"
        ).encode()
