"""The key of a computer that wants to debug the phone.

A host sends its public key as base64 of Android's own binary form, a blank, and a name. The form is that of
`libcrypto_utils/android_pubkey.cpp`: the modulus' length in words, a precomputed number, the modulus (little-endian),
another precomputed number, the exponent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from core.text import plain

_WORDS: Final = 64
_KEY: Final = struct.Struct(f"<II{_WORDS * 4}s{_WORDS * 4}sI")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A computer's public key. The fingerprint is that of its numbers, not of its name; `text` is as it was sent."""

    modulus: int = field(repr=False)
    exponent: int = field(repr=False)
    fingerprint: str
    name: str = ""
    text: str = field(default="", repr=False)

    def signed(self, token: bytes, signature: bytes) -> bool:
        """Whether `signature` over `token` was made with this key. The token stands for a SHA-1 digest."""
        key = rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()
        try:
            key.verify(signature, token, padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))  # noqa: S303 - ADB's rule
        except InvalidSignature:
            return False
        return True


def read_host_key(sent: bytes) -> HostKey:
    """The key in an AUTH packet of type 3. Raises ValueError."""
    encoded, _, name = sent.rstrip(b"\0").partition(b" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("the key is not base64") from error
    if len(blob) != _KEY.size:
        raise ValueError(f"a key of {len(blob)} bytes")
    words, _, modulus, _, exponent = _KEY.unpack(blob)
    if words != _WORDS:
        raise ValueError(f"a key of {words} words")
    number = int.from_bytes(modulus, "little")
    rsa.RSAPublicNumbers(exponent, number).public_key()  # raises ValueError if these cannot be a key
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest().upper()  # the fingerprint that Android shows
    fingerprint = ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
    return HostKey(number, exponent, fingerprint, plain(name.decode(errors="replace")), encoded.decode())
