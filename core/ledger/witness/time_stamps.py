"""Time stamps of an authority (RFC 3161): an outsider's statement that a seal existed at a time.

A request is a file that leaves this computer by hand, and the reply comes back the same way, perhaps days later. So the
request has no nonce: a nonce would have to be remembered until then, and protects a reply over a network from being an
old one; here an old reply to the same seal says more, not less. Which seal a reply is about is told by its imprint, the
SHA-256 of the text that the seal signs.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate, load_der_x509_certificate, load_pem_x509_certificates
from cryptography.x509.oid import NameOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)

from core.ledger.problems import LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import Kind, OutsideCopy, Timestamped
from core.ledger.records.stored_time import as_stored
from core.ledger.seals import Seal
from core.ledger.writer import Ledger
from core.system.files.files import write_private
from core.text import T, Text, plain

#: Bytes of a reply. Real ones have 1,000 to 10,000, with all the certificates.
REPLY_LIMIT: Final = 100_000
#: Bytes of a file with certificates, and how many there may be in all.
ROOTS_LIMIT: Final = 1_000_000
_ROOTS: Final = 200
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_GRANTED: Final = 0
#: The tag of a signed message's certificates.
_CERTIFICATES: Final = 0xA0
#: Entries under whose seals a reply's is looked for at a time: most replies are about a new one.
_STRETCH: Final = 5_000


class StampRefused(LedgerProblem):
    """A reply of a time-stamping authority cannot be used."""

    code = "timestamp"

    def __init__(self, why: Text, next_step: Text, detail: str = "") -> None:
        super().__init__(T("The time stamp was not attached: {reason}.", reason=why), next_step, plain(detail, 500))


@dataclass(frozen=True, slots=True)
class Stamp:
    """`authority` says that the seal over `size` records existed at `time`.

    `checked` tells whether its signature could be checked; if not, it may be forged.
    """

    size: int
    time: datetime
    authority: str
    checked: bool


def request(seal: Seal) -> bytes:
    """A request for a time stamp of `seal`, as a ``.tsq`` file has it."""
    builder = TimestampRequestBuilder(data=_signed(seal), hash_algorithm=HashAlgorithm.SHA256)
    return builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def attach(ledger: Ledger, reply: bytes, roots: Sequence[bytes]) -> Stamp:
    """Keep an authority's `reply`, a ``.tsr`` file, and write down what it says.

    `roots` are the certificates that the authority's own must lead to, PEM or DER, valid at the time of the stamp.
    Without any, the stamp is taken as it is and called unchecked. Raises StampRefused, LedgerProblem.
    """
    trusted = [certificate for root in roots for certificate in _certificates(root)]
    stamp_reply = _Reply(reply)
    seal = _seal_of(ledger, stamp_reply.imprint)
    if trusted:
        stamp_reply.check(trusted)
    stamp = Stamp(seal.size, stamp_reply.time, stamp_reply.authority, bool(trusted))
    token = sha256(reply).hexdigest()
    try:
        write_private(stamp_file(ledger.path, seal.size, token), reply)
    except OSError as error:
        raise StampRefused(
            T("it could not be kept beside the log"),
            T("Check that the disk has space and that you may write to the folder, then try again."),
            str(error),
        ) from error
    if not _is_known(ledger, token, stamp.checked):
        root = base64.b64encode(seal.checkpoint.root).decode()
        stamped = Timestamped(
            size=seal.size,
            root=root,
            time=as_stored(stamp.time),
            authority=stamp.authority,
            checked=stamp.checked,
            token=token,
        )
        # A reply that is not checked may be forged: it counts as no outside copy.
        copy = [OutsideCopy("timestamp", seal.size, root)] if stamp.checked else []
        ledger.append_all([stamped, *copy], seal=True)
    return stamp


def stamp_file(ledger: Path, size: int, token: str) -> Path:
    """Where the reply is kept whose SHA-256 is `token`, in hex. ``openssl ts -verify -in`` takes it as it is."""
    return ledger.parent / "stamps" / f"{size}-{token[:8]}.tsr"


class _Reply:
    """What a reply says. Every reading of it may fail, in any way that its library has: the file may be hostile."""

    def __init__(self, reply: bytes) -> None:
        if len(reply) > REPLY_LIMIT:
            raise _unusable(T("its file is too long"))
        try:
            self._response = decode_timestamp_response(_in_order(reply))
            if self._response.status == _GRANTED:
                info = self._response.tst_info
                algorithm = info.message_imprint.hash_algorithm.dotted_string
                self.imprint = info.message_imprint.message if algorithm == _SHA256 else b""
                self.time: datetime = info.gen_time
                as_stored(self.time)
            status, reasons = self._response.status, self._response.status_string
        except Exception as error:
            raise _unusable(T("the file is no reply of a time-stamping authority"), str(error)) from error
        if status != _GRANTED:
            raise StampRefused(
                T("the authority did not grant it"), T("Ask the authority why, then make a new request."), str(reasons)
            )
        self.authority = _authority(self._response)

    def check(self, trusted: list[Certificate]) -> None:
        """Raise StampRefused unless the authority signed this, and one of `trusted` vouches for the authority."""
        try:
            VerifierBuilder(roots=trusted).build().verify(self._response, self.imprint)
        except Exception as error:
            raise StampRefused(
                T("its signature does not lead to the certificates that were given"),
                T("Ask for the certificates of the authority that made the time stamp, or have a new one made."),
                str(error),
            ) from error


def _in_order(reply: bytes) -> bytes:
    """A reply with its certificates in the order that DER has for them.

    The form of signed messages (RFC 5652) asks for no order, and nothing is signed by it; the library here insists on
    one, and OpenSSL's authority does not keep it. Raises ValueError for what is no reply.
    """
    _, start, end = _element(reply, 0, len(reply))  # TimeStampResp
    _, _, start = _element(reply, start, end)  # its status
    if start == end:
        return reply
    _, start, end = _element(reply, start, end)  # ContentInfo
    _, _, start = _element(reply, start, end)  # its type
    _, start, end = _element(reply, start, end)
    _, start, end = _element(reply, start, end)  # SignedData
    for _ in range(3):  # its version, its algorithms, what is signed
        _, _, start = _element(reply, start, end)
    tag, first, last = _element(reply, start, end)
    if tag != _CERTIFICATES:
        return reply
    elements, position = [], first
    while position < last:
        _, _, following = _element(reply, position, last)
        elements.append(reply[position:following])
        position = following
    return reply[:first] + b"".join(sorted(elements)) + reply[last:]


def _element(data: bytes, start: int, end: int) -> tuple[int, int, int]:
    """The tag of the DER element at `start`, and where its content begins and ends. Raises ValueError."""
    length, content = int.from_bytes(data[start + 1 : start + 2], "big"), start + 2
    if length >= 0x80:
        content += length - 0x80
        length = int.from_bytes(data[start + 2 : content], "big")
    if not start < content <= content + length <= end:
        raise ValueError("an element is longer than what it stands in")
    return data[start], content, content + length


def _authority(response: TimeStampResponse) -> str:
    """Who signed it, by its own certificate; without one, who issued that. Nothing of it is checked."""
    try:
        (signer,) = response.signed_data.signer_infos
        name, serial = signer.issuer, signer.serial_number
        for encoded in response.signed_data.certificates:
            certificate = load_der_x509_certificate(encoded)
            if (certificate.issuer, certificate.serial_number) == (name, serial):
                name = certificate.subject
                break
        common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
        return plain(str(common[0].value) if common else name.rfc4514_string())
    except Exception:
        return ""


def _certificates(content: bytes) -> list[Certificate]:
    """The certificates of a file: one in DER, or any number in PEM. Raises StampRefused."""
    try:
        if len(content) > ROOTS_LIMIT:
            raise ValueError("too long")
        pem = b"-----BEGIN" in content
        certificates = load_pem_x509_certificates(content) if pem else [load_der_x509_certificate(content)]
        if not 0 < len(certificates) <= _ROOTS:
            raise ValueError(f"{len(certificates)} certificates")
    except Exception as error:
        raise StampRefused(
            T("the authority’s certificates cannot be read"),
            T("Choose a file with certificates: .pem, .crt or .cer."),
            str(error),
        ) from error
    return certificates


def _seal_of(ledger: LedgerReader, imprint: bytes) -> Seal:
    """The seal that has this imprint. Raises StampRefused, LedgerProblem."""
    if imprint:
        for seal in _newest_first(ledger):
            if sha256(_signed(seal)).digest() == imprint:
                return seal
    raise StampRefused(
        T("it is about something else than a seal of this log"),
        T("Attach it to the log that the request was made from."),
    )


def _newest_first(ledger: LedgerReader) -> Iterator[Seal]:
    """All seals, stretch by stretch: those over most records first."""
    upto = ledger.count()
    while upto > 0:
        after = max(0, upto - _STRETCH)
        for seal in ledger.seals(after):
            if seal.size > upto:
                break
            yield seal
        upto = after


def _is_known(ledger: LedgerReader, token: str, checked: bool) -> bool:
    """Whether this stamp is on record, and no worse checked."""
    records = (entry.record for entry in ledger.decided(Kind.TIMESTAMPED))
    return any(
        isinstance(record, Timestamped) and record.token == token and record.checked >= checked for record in records
    )


def _signed(seal: Seal) -> bytes:
    return seal.note.text.encode()


def _unusable(why: Text, detail: str = "") -> StampRefused:
    return StampRefused(why, T("Choose the file with the authority’s reply; its name often ends in .tsr."), detail)
