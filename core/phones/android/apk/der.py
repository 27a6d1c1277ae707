"""As much of ASN.1's DER as it takes to find the signers' certificates in a PKCS #7 file.

`cryptography` gives a PKCS #7 file's certificates, but not which of them signed, nor the bytes as they stand there.

Java compares the name by which a signer names its certificate without regard to capitals, blanks and kinds of strings,
and takes the first that fits; Android of before 7 takes the first certificate of all where none does. So a certificate
counts as named only where one alone can be meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.apk.fields import Unreadable, take

_INTEGER: Final = 0x02
_OBJECT: Final = 0x06
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_FIRST: Final = 0xA0
_SECOND: Final = 0xA1
_CONSTRUCTED: Final = 0x20
#: 1.2.840.113549.1.7.2, signedData.
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
#: How the kinds of strings are decoded; others are compared byte by byte.
_STRINGS: Final = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1B: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}

#: More values side by side than this stand in no signature, and none stands deeper.
_VALUES_LIMIT: Final = 200
_DEPTH_LIMIT: Final = 8


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inner(self, *tags: int) -> list[Value]:
        """The values in it. Raises Unreadable unless the first of them have `tags`."""
        inner_values = list(values(self.content))
        if [v.tag for v in inner_values[: len(tags)]] != [*tags]:
            raise Unreadable("not in the form of a signature")
        return inner_values

    def exactly(self, *tags: int) -> list[Value]:
        """The values in it. Raises Unreadable unless they have `tags`, and there are no more."""
        inner_values = self.inner(*tags)
        if len(inner_values) != len(tags):
            raise Unreadable("more than the form of a signature has")
        return inner_values


def values(data: bytes) -> Iterator[Value]:
    """The values that stand side by side in `data`. Raises Unreadable."""
    at = 0
    for _ in range(_VALUES_LIMIT):
        if at >= len(data):
            return  # Nothing is lost: this is the end
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


def is_sequence(data: bytes) -> bool:
    """Whether `data` is one SEQUENCE that fills it, whose length is written as DER has it; into it is not looked."""
    try:
        outer = next(values(data), None)
    except Unreadable:  # Nothing is lost: the caller says that it is none
        return False
    if outer is None or outer.tag != _SEQUENCE or outer.whole != data:
        return False
    size = len(outer.content)
    digits = 0 if size < 0x80 else (size.bit_length() + 7) // 8
    return len(data) == 2 + digits + size


def signers(pkcs7: bytes) -> Account[list[bytes]]:
    """The certificate of each signer (RFC 2315, 9), in DER. Raises Unreadable.

    Of several signers Android takes the first whose signature is good, which is not looked at here: all count, and the
    account says that they can be read in two ways.
    """
    leftovers = Leftovers()
    outer = next(values(pkcs7), None)
    if outer is None or outer.tag != _SEQUENCE:
        raise Unreadable("no PKCS #7 file")
    if len(pkcs7) > len(outer.whole):
        leftovers.add(Why.TWO_WAYS, "bytes behind a signature")
    kind, content = outer.exactly(_OBJECT, _FIRST)
    if kind.content != _SIGNED_DATA:
        raise Unreadable("no signed data")
    fields = content.exactly(_SEQUENCE)[0].inner(_INTEGER, _SET, _SEQUENCE)[3:]
    certificates: list[Value] = []
    if fields and fields[0].tag == _FIRST:
        certificates = list(values(fields.pop(0).content))
    if fields and fields[0].tag == _SECOND:
        del fields[0]  # Nothing is lost: lists of certificates that were revoked
    if [field.tag for field in fields] != [_SET]:
        raise Unreadable("not in the form of a signature")
    by_name = _by_name(certificates)
    signer_certificates = [_certificate(by_name, signer) for signer in values(fields[0].content)]
    if len(set(signer_certificates)) > 1:
        leftovers.add(Why.TWO_WAYS, "signers")
    return leftovers.account(signer_certificates)


#: Certificates by number and letters of their issuer, each with issuer and number as they stand there.
_Named = dict[tuple[int, str], tuple[bytes, bytes, bytes]]


def _by_name(certificates: list[Value]) -> _Named:
    """Raises Unreadable where two certificates could be meant by one name."""
    by_name: _Named = {}
    for certificate in certificates:
        issuer, number = _issued(certificate)
        name = (int.from_bytes(number.content, signed=True), _letters(issuer))
        mine = (issuer.whole, number.whole, certificate.whole)
        if by_name.setdefault(name, mine) != mine:
            raise Unreadable("two certificates of one name")
    return by_name


def _certificate(by_name: _Named, signer: Value) -> bytes:
    issuer, number = signer.inner(_INTEGER, _SEQUENCE)[1].exactly(_SEQUENCE, _INTEGER)
    entry = by_name.get((int.from_bytes(number.content, signed=True), _letters(issuer)))
    if entry is None or entry[:2] != (issuer.whole, number.whole):
        raise Unreadable("a signer without a certificate of this very name")
    return entry[2]


def _issued(certificate: Value) -> tuple[Value, Value]:
    """A certificate's issuer and number, which identify it."""
    if certificate.tag != _SEQUENCE:
        raise Unreadable("a certificate of another kind")
    fields = certificate.inner(_SEQUENCE)[0].inner()
    if fields and fields[0].tag == _FIRST:
        fields = fields[1:]  # the version
    if [v.tag for v in fields[:3]] != [_INTEGER, _SEQUENCE, _SEQUENCE]:
        raise Unreadable("no certificate")
    return fields[2], fields[0]


def _letters(name: Value, depth: int = 0) -> str:
    """What of a name is compared: of its texts the letters and digits, as :func:`str.casefold` has them, so that two
    names that are one to Java are one here; of everything else the bytes. Raises Unreadable."""
    if depth > _DEPTH_LIMIT:
        raise Unreadable("too deep a name")
    if name.tag & _CONSTRUCTED:
        return "".join(_letters(value, depth + 1) for value in values(name.content))
    if name.tag in _STRINGS:
        text = name.content.decode(_STRINGS[name.tag], "replace")
        return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isascii() and c.isalnum())
    return f"<{name.tag}:{name.content.hex()}>"
