"""Signatures of minisign's (https://jedisct1.github.io/minisign/): the form in which Fanion's releases are signed.

``installer/sign.py`` reads the same form on its own, so that it can be copied to where there is no Fanion.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

#: Keys in a setting.
KEYS_LIMIT: Final = 10


class MinisignError(ValueError):
    """This is no public key or no signature of minisign's, or not one that is true."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: the number of its pair (8 bytes), and the Ed25519 key (32 bytes)."""

    number: bytes
    key: bytes

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """The key of the second line of a public key file, which is how a key is handed on. Raises MinisignError."""
        raw = _decoded(line, 42)
        if raw[:2] != b"Ed":
            raise MinisignError("a public key of another kind")
        return cls(raw[2:10], raw[10:])

    @classmethod
    def parse_file(cls, data: bytes) -> PublicKey:
        """The key of a public key file. Raises MinisignError."""
        return cls.parse(_lines(data, 2)[1])

    @property
    def line(self) -> str:
        """The key as it is handed on; minisign takes it with its option -P."""
        return base64.b64encode(b"Ed" + self.number + self.key).decode()


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
        lines = _lines(data, 4)
        raw = _decoded(lines[1], 74)
        if raw[:2] != b"ED" or not lines[2].startswith("trusted comment: "):
            raise MinisignError("a signature of another kind")
        return cls(raw[2:10], raw[10:], lines[2].removeprefix("trusted comment: "), _decoded(lines[3], 64))

    def is_by(self, key: PublicKey, data: bytes) -> bool:
        """Whether `key` has signed `data` so."""
        if self.number != key.number:
            return False
        from core.system import ed25519  # cryptography: settings have keys, and a start has settings

        comment = self.signature + self.trusted_comment.encode()
        return ed25519.has_signed(key.key, self.signature, hashlib.blake2b(data).digest()) and ed25519.has_signed(
            key.key, self.over_comment, comment
        )


def public_keys(text: str) -> list[PublicKey]:
    """The keys in a text, with spaces between them. Raises MinisignError: also for more than :data:`KEYS_LIMIT`."""
    words = text.split()
    if len(words) > KEYS_LIMIT:
        raise MinisignError("too many keys")
    return [PublicKey.parse(word) for word in words]


def _lines(data: bytes, number: int) -> list[str]:
    try:
        lines = [line.removesuffix("\r") for line in data.decode().removesuffix("\n").split("\n")]
    except UnicodeDecodeError as error:
        raise MinisignError("no text") from error
    if len(lines) != number or not lines[0].startswith("untrusted comment:"):
        raise MinisignError("not of the form of minisign")
    return lines


def _decoded(line: str, length: int) -> bytes:
    try:
        data = base64.b64decode(line.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MinisignError("no base64") from error
    if len(data) != length:
        raise MinisignError("of another length")
    return data
