"""Public keys of minisign's (https://jedisct1.github.io/minisign/): in its form Fanion's releases are signed.

Settings have keys, and a start reads settings: what needs cryptography is in :mod:`core.system.minisign_signature`.
``installer/sign.py`` reads the same form on its own, so that it can be copied to where there is no Fanion.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from core.system import canonical_base64

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
        raw = decoded(line, 42)
        if raw[:2] != b"Ed":
            raise MinisignError("a public key of another kind")
        return cls(raw[2:10], raw[10:])

    @classmethod
    def parse_file(cls, data: bytes) -> PublicKey:
        """The key of a public key file. Raises MinisignError."""
        return cls.parse(lines_of(data, 2)[1])

    @property
    def line(self) -> str:
        """The key as it is handed on; minisign takes it with its option -P."""
        return base64.b64encode(b"Ed" + self.number + self.key).decode()


def public_keys(text: str) -> list[PublicKey]:
    """The keys in a text, with spaces between them. Raises MinisignError: also for more than :data:`KEYS_LIMIT`."""
    words = text.split()
    if len(words) > KEYS_LIMIT:
        raise MinisignError("too many keys")
    return [PublicKey.parse(word) for word in words]


def lines_of(data: bytes, number: int) -> list[str]:
    """The lines of a file of minisign's, which has this number of them. Raises MinisignError."""
    try:
        lines = [line.removesuffix("\r") for line in data.decode().removesuffix("\n").split("\n")]
    except UnicodeDecodeError as error:
        raise MinisignError("no text") from error
    if len(lines) != number or not lines[0].startswith("untrusted comment:"):
        raise MinisignError("not of the form of minisign")
    return lines


def decoded(line: str, length: int) -> bytes:
    """The bytes that a line of base64 stands for. Raises MinisignError unless they are so many."""
    try:
        data = canonical_base64.decode(line)
    except ValueError as error:
        raise MinisignError("no base64") from error
    if len(data) != length:
        raise MinisignError("of another length")
    return data
