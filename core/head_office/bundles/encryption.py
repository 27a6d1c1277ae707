"""Files that only head office can read: the age format, https://age-encryption.org/v1, with its X25519 keys.

Public keys are read here without the library pyrage, so that a start need not load it. Where it cannot be loaded, what
is to be encrypted is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from core.problem import Problem
from core.text import T

#: Bytes that age adds to a file at most: its head, and 16 bytes for each 64 KiB.
OVERHEAD: Final = 4_096
#: How age's own commands write a private key.
_PRIVATE: Final = "AGE-SECRET-KEY-1"
#: How they write a public one: 32 bytes and a checksum in Bech32, whose letters these are in their order, see
#: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki and "The X25519 recipient type" of age's
#: specification.
_PUBLIC: Final = re.compile(r"age1([02-9ac-hj-np-z]{58})")
_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_POLYNOMIAL: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
#: Public keys to which one file is encrypted, at most.
KEYS_LIMIT: Final = 10


class EncryptionProblem(Problem):
    """A key cannot encrypt or decrypt bundles; nothing was written."""

    code = "encryption"
    exit_code = 5


class NoAge(EncryptionProblem):
    """The library that encrypts is not there."""

    code = "no-age"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("This Fanion cannot encrypt: the library for age files, pyrage, cannot be loaded."),
            T("Install Fanion again."),
            detail,
        )


class BadKey(EncryptionProblem):
    """What was given is no key of age."""

    code = "bad-key"
    exit_code = 2

    def __init__(self, private: bool) -> None:
        if private:
            sentence = T("The file with head office’s private key has no key of age in it.")
            next_step = T("Choose the file that age-keygen has written.")
        else:
            sentence = T("That is no public key of age.")
            next_step = T("Give the key that begins with age1, as head office has published it.")
        super().__init__(sentence, next_step)


class Undecryptable(Exception):  # noqa: N818 - the reader says what it means for a bundle
    """The bytes were not encrypted to any of these keys, or are damaged. `other_key` tells which, as far as known."""

    def __init__(self, other_key: bool) -> None:
        super().__init__("encrypted to another key" if other_key else "damaged")
        self.other_key = other_key


def public_keys(text: str) -> tuple[str, ...]:
    """The public keys in a text, with spaces or line ends between them, each once. Raises BadKey unless all are keys
    and there is one at least, and ten at most."""
    words = tuple(dict.fromkeys(text.split()))
    if not 1 <= len(words) <= KEYS_LIMIT or not all(map(_is_public_key, words)):
        raise BadKey(private=False)
    return words


def short(key: str) -> str:
    """A public key so short that it can be compared by eye: both of its ends."""
    return f"{key[:12]}…{key[-8:]}"


def _is_public_key(word: str) -> bool:
    """Whether that is a public key of age, of which no letter was mistyped or lost."""
    match = _PUBLIC.fullmatch(word)
    if match is None:
        return False
    prefix = [3, 3, 3, 0, 1, 7, 5]  # "age", as Bech32 takes it into its checksum
    checksum = 1
    for value in chain(prefix, map(_LETTERS.index, match[1])):
        top, checksum = checksum >> 25, (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate(_POLYNOMIAL):
            checksum ^= part if top >> bit & 1 else 0
    # 52 letters of five bits are 32 bytes and four bits more, which are 0.
    return checksum == 1 and _LETTERS.index(match[1][51]) % 16 == 0


class Lock:
    """Public keys, head office's and who else's may read: with them a file is encrypted, and cannot be read back."""

    def __init__(self, public: str) -> None:
        """`public` has one key as age writes it (age1...), or several with spaces between. Raises NoAge, BadKey."""
        #: The keys as age writes them. Each of their owners can read what is encrypted, with no need of the others.
        self.keys = public_keys(public)
        self._age = _age()
        try:
            self._recipients = [self._age.x25519.Recipient.from_str(key) for key in self.keys]
        except self._age.RecipientError as error:
            raise BadKey(private=False) from error

    def encrypt(self, content: bytes) -> bytes:
        """A whole age file."""
        encrypted: bytes = self._age.encrypt(content, self._recipients)
        return encrypted


class PrivateKeys:
    """Head office's private keys, the present one and those before it."""

    def __init__(self, texts: Sequence[str]) -> None:
        """`texts` are those of files as age-keygen writes them. Raises NoAge, BadKey."""
        self._age = _age()
        lines = [line.strip() for text in texts for line in text.splitlines()]
        try:
            self._keys = [self._age.x25519.Identity.from_str(line) for line in lines if line.startswith(_PRIVATE)]
        except self._age.IdentityError as error:
            raise BadKey(private=True) from error
        if not self._keys:
            raise BadKey(private=True)

    @property
    def public(self) -> tuple[str, ...]:
        """The public keys that belong to them."""
        return tuple(str(key.to_public()) for key in self._keys)

    def decrypt(self, encrypted: bytes) -> bytes:
        """What is in a whole age file. Raises Undecryptable."""
        try:
            content: bytes = self._age.decrypt(encrypted, self._keys)
        except self._age.DecryptError as error:
            raise Undecryptable("No matching keys" in str(error)) from error
        return content


def _age() -> Any:
    try:
        import pyrage  # which few desks need, and none at its start
    except ImportError as error:
        raise NoAge(str(error)) from error
    return pyrage
