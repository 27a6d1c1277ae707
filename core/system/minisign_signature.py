"""Signatures in the form of minisign's: how they are made, and how they are checked."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.system import ed25519
from core.system.minisign import MinisignError, PublicKey, decoded, lines_of


@dataclass(frozen=True, slots=True)
class MinisignSignature:
    """A signature over a file, and over what its signer says of it (the trusted comment)."""

    number: bytes
    signature: bytes
    trusted_comment: str
    over_comment: bytes

    @classmethod
    def parse(cls, data: bytes) -> MinisignSignature:
        """The signature of a ``.minisig`` file. Raises MinisignError, also for the older kind that hashes nothing."""
        lines = lines_of(data, 4)
        raw = decoded(lines[1], 74)
        if raw[:2] != b"ED" or not lines[2].startswith("trusted comment: "):
            raise MinisignError("a signature of another kind")
        return cls(raw[2:10], raw[10:], lines[2].removeprefix("trusted comment: "), decoded(lines[3], 64))

    def is_by(self, key: PublicKey, data: bytes) -> bool:
        """Whether this is a signature by `key` over `data`, and over the trusted comment."""
        if self.number != key.number:
            return False
        comment = self.signature + self.trusted_comment.encode()
        return ed25519.has_signed(key.key, self.signature, hashlib.blake2b(data).digest()) and ed25519.has_signed(
            key.key, self.over_comment, comment
        )


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
