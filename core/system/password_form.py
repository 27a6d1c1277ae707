"""The form of a password's hash. Settings have one, and a start reads settings: what hashes is in
:mod:`core.system.password`, and brings OpenSSL."""

from __future__ import annotations

import re
from typing import Final

#: The salt and the hash, each of 16 bytes in Base64.
_FORM: Final = re.compile(r"scrypt:([A-Za-z0-9+/]{22})==:([A-Za-z0-9+/]{22})==")


def is_hash(stored_hash: str) -> bool:
    """Whether the text has the form that :func:`core.system.password.hash_of` gives."""
    return _FORM.fullmatch(stored_hash) is not None
