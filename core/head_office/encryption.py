"""Files that only head office can read: the age format, https://age-encryption.org/v1, with its X25519 keys.

The library for it, pyrage, is an extra: where it is not installed, what is to be encrypted is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from core.problem import Problem
from core.text import T

#: Bytes that age adds to a file at most: its head, and 16 bytes for each 64 KiB.
OVERHEAD: Final = 4_096
#: How age's own commands write a private key.
_PRIVATE: Final = "AGE-SECRET-KEY-1"


class EncryptionProblem(Problem):
    """Nothing can be encrypted or decrypted. Nothing was written."""

    code = "encryption"
    exit_code = 5


class NoAge(EncryptionProblem):
    """The library that encrypts is not there."""

    code = "no-age"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("This Fanion cannot encrypt: the library for age files, pyrage, is not installed."),
            T("Install Fanion with what head office needs: fanion[office]."),
            detail,
        )


class BadKey(EncryptionProblem):
    """What was given is no key of age."""

    code = "bad-key"
    exit_code = 2

    def __init__(self, private: bool) -> None:
        if private:
            told = T("The file with head office’s private key has no key of age in it.")
            next_step = T("Choose the file that age-keygen has written.")
        else:
            told = T("That is no public key of age.")
            next_step = T("Give the key that begins with age1, as head office has published it.")
        super().__init__(told, next_step)


class Undecryptable(Exception):  # noqa: N818 - the reader says what it means for a bundle
    """The bytes were not encrypted to any of these keys, or are damaged. `other_key` tells which, as far as known."""

    def __init__(self, other_key: bool) -> None:
        super().__init__("encrypted to another key" if other_key else "damaged")
        self.other_key = other_key


class Lock:
    """Head office's public key: with it a file is encrypted, and cannot be read back."""

    def __init__(self, public: str) -> None:
        """`public` is a key as age writes it: age1... Raises NoAge, BadKey."""
        self._age = _age()
        #: The key as age writes it.
        self.public = public.strip()
        try:
            self._recipient = self._age.x25519.Recipient.from_str(self.public)
        except self._age.RecipientError as error:
            raise BadKey(private=False) from error

    def encrypt(self, content: bytes) -> bytes:
        """A whole age file."""
        encrypted: bytes = self._age.encrypt(content, [self._recipient])
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

    def decrypt(self, encrypted: bytes) -> bytes:
        """What is in a whole age file. Raises Undecryptable."""
        try:
            content: bytes = self._age.decrypt(encrypted, self._keys)
        except self._age.DecryptError as error:
            raise Undecryptable("No matching keys" in str(error)) from error
        return content


def _age() -> Any:
    # Not an import statement: neither the packaged program nor the type checker is to look for it.
    try:
        return import_module("pyrage")
    except ImportError as error:
        raise NoAge(str(error)) from error
