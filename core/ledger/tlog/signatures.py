"""Ed25519 signatures by the hundred thousand: libsodium answers in half the time that OpenSSL takes.

Which signatures are true stays the same. Both libraries compute one side of the equation of RFC 8032 (section 5.1.7,
without the cofactor) and compare it with the other byte by byte; libsodium beside calls false what has a key or a point
of small order. So what it calls true is true, and what it calls false is decided by `cryptography`, which has signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from core.system.ed25519 import has_signed

_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
#: So many signatures are looked at in the time that it takes to load libsodium.
_FEW: Final = 200
#: A key, a signature by it, and what was signed. It is true only with the cofactor: a point of order two was added.
COFACTORED: Final = (
    bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
    bytes.fromhex(
        "afab3bbe6d8060f11a1ec1cb0f4fbfb3afbc9ae570b4810f785e3bdd9d57a2f5"
        "0e50dc930cd854280eb3f2699da9e306254fabb1257ccd00cebb4501bd574806"
    ),
    b"cofactor",
)

_IsTrue = Callable[[bytes, bytes, bytes], bool]


def true_signatures(claims: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Whether each signature is true: a public key, a signature, and what was signed."""
    is_true = _fastest() if len(claims) > _FEW else has_signed
    return [is_true(*claim) for claim in claims]


@cache
def _fastest() -> _IsTrue:
    """libsodium where its equation has no cofactor, else `cryptography` alone."""
    from nacl import bindings, exceptions  # libsodium: most processes verify few signatures, or none

    def opens(public: bytes, signature: bytes, signed: bytes) -> bool:
        # libsodium is given both in one piece, and does not ask how long a key is.
        if len(public) != _KEY_BYTES or len(signature) != _SIGNATURE_BYTES:
            return False
        try:
            bindings.crypto_sign_open(signature + signed, public)
        except exceptions.BadSignatureError:
            return False
        return True

    if opens(*COFACTORED):
        return has_signed
    return lambda public, signature, signed: opens(public, signature, signed) or has_signed(public, signature, signed)
