"""Certificates that Java takes and stricter parsers do not: whoever signed is known by the bytes that stand there."""

from __future__ import annotations

import hashlib

import pytest

from core.phones.android.apk import Signers, Unreadable
from core.phones.android.apk.der import values
from core.phones.android.apk.signing import certificate
from tests.unit.phones.android import apks, jars
from tests.unit.phones.android.jars import der

GOOD = apks.encoded("maker")
CONTENT = next(values(GOOD)).content


def name(kind: int, text: bytes) -> bytes:
    return der(0x30, der(0x31, der(0x30, der(0x06, bytes([0x55, 4, 3])), der(kind, text))))


def dates(kind: int, first: str, last: str) -> bytes:
    return der(0x30, der(kind, first.encode()), der(kind, last.encode()))


def changed(certificate: bytes, place: int, value: bytes) -> bytes:
    """A certificate with another field there: 0 version, 1 number, 3 issuer, 4 dates, 5 subject."""
    body, *rest = values(next(values(certificate)).content)
    fields = [field.whole for field in values(body.content)]
    fields[place] = value
    return der(0x30, der(0x30, *fields), *(field.whole for field in rest))


def number_of(certificate: bytes) -> bytes:
    """The number of a certificate, as it stands there."""
    body = next(values(next(values(certificate)).content))
    return next(field.content for field in values(body.content) if field.tag == 0x02)


#: Fields of a certificate that Java, or Android's own Java, takes: where one stands, and what stands there.
FIELDS = {
    "number below zero": (1, der(0x02, b"\xff\x01")),
    "number zero": (1, der(0x02, b"\0")),
    "number with leading zeros": (1, der(0x02, b"\0\0\x05")),
    "number of 40 bytes": (1, der(0x02, b"\x11" * 40)),
    "version 1 explicit": (0, der(0xA0, der(0x02, b"\0"))),
    "no version": (0, b""),
    "no seconds": (4, dates(0x17, "2001010000Z", "4001010000Z")),
    "offset": (4, dates(0x17, "200101000000+0000", "400101000000+0000")),
    "fractions": (4, dates(0x18, "20200101000000.0Z", "20400101000000.0Z")),
    "year 9999": (4, dates(0x18, "20200101000000Z", "99991231235959Z")),
    "no subject": (5, der(0x30)),
    "printable": (5, name(0x13, b"Maker_*@")),
    "printable with umlaut": (5, name(0x13, b"M\xfcller")),
    "no UTF-8": (5, name(0x0C, b"\xff\xfe")),
}


@pytest.mark.parametrize(("place", "value"), FIELDS.values(), ids=FIELDS)
def test_a_certificate_counts_by_its_bytes_whatever_a_parser_thinks_of_it(place: int, value: bytes) -> None:
    encoded = changed(GOOD, place, value)
    assert certificate(encoded).sha256 == hashlib.sha256(encoded).hexdigest()


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x30",
        GOOD[:-1],
        GOOD + b"\0",
        GOOD + GOOD,
        b"\x31" + GOOD[1:],
        b"\x30\x83\0" + len(CONTENT).to_bytes(2, "big") + CONTENT,
        b"\x30\x81\x05hello",
        b"\x30\x80" + CONTENT + b"\0\0",
        b"\x30\x84\0\0" + len(CONTENT).to_bytes(2, "big") + CONTENT,
    ],
)
def test_bytes_that_are_not_one_sequence_are_no_certificate(encoded: bytes) -> None:
    with pytest.raises(Unreadable):
        certificate(encoded)


def test_a_signer_of_a_jar_by_such_a_certificate() -> None:
    maker, manifest = jars.key("maker"), apks.manifest()
    text = jars.signed_list(manifest)
    odd = changed(maker.certificate, 5, name(0x13, b"Maker_*@"))
    account = apks.account(jars.Jar(manifest, {"C": (text, jars.block([odd], [jars.signer(maker, text)]))}).file(), 23)
    assert isinstance(account.value.signers, Signers)
    assert ([c.sha256 for c in account.value.signers.certificates], account.left) == (
        [hashlib.sha256(odd).hexdigest()],
        (),
    )
