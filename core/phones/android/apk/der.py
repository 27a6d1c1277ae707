"""As much of ASN.1's DER as it takes to find the signers' certificates in a PKCS #7 file.

`cryptography` gives a PKCS #7 file's certificates, but not which of them signed, nor the bytes as they stand there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.phones.android.apk.fields import Unreadable, take

_INTEGER: Final = 0x02
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_FIRST: Final = 0xA0

#: More values side by side than this stand in no signature.
_VALUES_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inner(self, *tags: int) -> list[Value]:
        """The values in it. Raises Unreadable unless the first of them have `tags`."""
        found = list(values(self.content))
        if [v.tag for v in found[: len(tags)]] != [*tags]:
            raise Unreadable("not in the form of a signature")
        return found


def values(data: bytes) -> Iterator[Value]:
    """The values that stand side by side in `data`. Raises Unreadable."""
    at = 0
    for _ in range(_VALUES_LIMIT):
        if at >= len(data):
            return
        tag, length = take(data, at, 2)
        start = at + 2
        if length >= 0x80:
            digits = length - 0x80
            if not 1 <= digits <= 3:
                raise Unreadable("a length that DER does not have here")
            length = int.from_bytes(take(data, start, digits))
            start += digits
        yield Value(tag, take(data, start, length), data[at : start + length])
        at = start + length
    raise Unreadable("too many values")


def signers(pkcs7: bytes) -> list[bytes]:
    """The certificate of each signer (RFC 2315, 9), in DER. Raises Unreadable."""
    outer = next(values(pkcs7), None)
    if outer is None or outer.tag != _SEQUENCE:
        raise Unreadable("no PKCS #7 file")
    _, content = outer.inner(0x06, _FIRST)[:2]
    fields = content.inner(_SEQUENCE)[0].inner(_INTEGER, _SET, _SEQUENCE)
    certificates = {_issued(c): c.whole for field in fields[3:] if field.tag == _FIRST for c in values(field.content)}
    found = []
    for signer in fields[-1].inner() if fields[-1].tag == _SET and len(fields) > 3 else ():
        who = tuple(v.whole for v in signer.inner(_INTEGER, _SEQUENCE)[1].inner(_SEQUENCE, _INTEGER)[:2])
        if who not in certificates:
            raise Unreadable("a signer without a certificate")
        found.append(certificates[who])
    return found


def _issued(certificate: Value) -> tuple[bytes, ...]:
    """A certificate's issuer and number, which identify it."""
    to_be_signed = certificate.inner(_SEQUENCE)[0]
    fields = [v for v in to_be_signed.inner() if v.tag != _FIRST]
    if len(fields) < 3:
        raise Unreadable("no certificate")
    return fields[2].whole, fields[0].whole
