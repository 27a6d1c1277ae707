"""Passwords as they are kept: hashed with scrypt (RFC 7914), each with a salt of its own, all on one line of text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from typing import Final

from core.system.password_form import is_hash

#: 16 MiB of memory and about 50 ms: a person waits for it once.
_COST: Final = 2**14
_BLOCK: Final = 8
_BYTES: Final = 16
#: Characters.
SHORTEST: Final = 4
LONGEST: Final = 200


def hash_of(password: str) -> str:
    """The salted hash of a password, which is kept in its place."""
    salt = os.urandom(_BYTES)
    return f"scrypt:{_text(salt)}:{_text(_hash(password, salt))}"


def matches(password: str, stored_hash: str) -> bool:
    """Whether this is the password of the hash. What is no hash matches none."""
    if not is_hash(stored_hash):
        return False

    _, salt, hashed = stored_hash.split(":")
    try:
        return hmac.compare_digest(_hash(password, base64.b64decode(salt)), base64.b64decode(hashed))
    except (ValueError, binascii.Error):
        return False


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(errors="replace"), salt=salt, n=_COST, r=_BLOCK, p=1, dklen=_BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
