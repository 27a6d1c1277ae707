"""Who signed an APK, by the scheme that the phone's own Android goes by.

The forms are those of source.android.com/docs/security/features/apksigning. Android takes the newest scheme that it
knows and that the file has. Nothing is verified here: Android did so when it installed the app, over all of the file;
what is read here is whom it then took for the signer.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from core.model import Certificate
from core.phones.android.apk import der, zip
from core.phones.android.apk.fields import Fields, OverBudget, Unreadable, u64
from core.phones.android.apk.source import Remote, Steps
from core.phones.android.apk.zip import Directory, End

#: The largest signing block that is read (bytes), and how much of one is fetched at first.
BLOCK_LIMIT: Final = 512 * 1024
FIRST_LOOK: Final = 24 * 1024
#: The largest signature file of a JAR (scheme v1) that is read (bytes).
_FILE_LIMIT: Final = 128 * 1024
#: ApkSignatureSchemeV2Verifier takes no more.
_SIGNERS_LIMIT: Final = 10
_CERTIFICATE_LIMIT: Final = 32 * 1024
_LINEAGE_LIMIT: Final = 50

_MAGIC: Final = b"APK Sig Block 42"
_FOOTER: Final = 24
_V2: Final = 0x7109871A
_V3: Final = 0xF05368C0
_V31: Final = 0x1B93AD61
_PROOF_OF_ROTATION: Final = 0x3BA06F8C
#: Since which SDK Android knows a scheme, the newest first.
_KNOWN_SINCE: Final = ((_V31, 33), (_V3, 28), (_V2, 24))


@dataclass(frozen=True, slots=True)
class Signers:
    """The certificates that sign a file now, and those that did so before."""

    certificates: tuple[Certificate, ...]
    lineage: tuple[Certificate, ...] = ()


def certificate(encoded: bytes) -> Certificate:
    """A certificate by its digests. Raises Unreadable if it is none."""
    if len(encoded) > _CERTIFICATE_LIMIT:
        raise Unreadable(f"a certificate of {len(encoded)} bytes")
    try:
        x509.load_der_x509_certificate(encoded)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise Unreadable(f"no certificate: {error}") from error
    return Certificate(
        hashlib.sha256(encoded).hexdigest(),
        hashlib.sha1(encoded, usedforsecurity=False).hexdigest(),
        hashlib.md5(encoded, usedforsecurity=False).hexdigest(),
        java_hash(encoded),
    )


def java_hash(data: bytes) -> str:
    """What Android prints for a certificate: Java's Arrays.hashCode over its bytes, as Integer.toHexString has it."""
    value = 1
    for byte in data:
        value = (31 * value + byte - ((byte & 0x80) << 1)) & 0xFFFFFFFF
    return f"{value:x}"


def block(file: Remote, end: End) -> Steps[bytes | None]:
    """The pairs in the APK signing block; None if there is no such block. Raises Unreadable."""
    if end.directory + end.directory_size != end.at or end.directory < _FOOTER + 8:
        return None
    yield from file.need((end.directory - FIRST_LOOK, FIRST_LOOK))
    footer = file.get(end.directory - _FOOTER, _FOOTER)
    if footer[8:] != _MAGIC:
        return None
    size = u64(footer, 0)
    start = end.directory - size - 8
    if size < _FOOTER or start < 0:
        raise Unreadable("a signing block outside of the file")
    if size > BLOCK_LIMIT:
        raise OverBudget(f"a signing block of {size} bytes")
    yield from file.need((start, size + 8))
    data = file.get(start, size + 8)
    if u64(data, 0) != size:
        raise Unreadable("two sizes of the signing block")
    return data[8:-_FOOTER]


def from_block(pairs: bytes, sdk: int) -> Signers | None:
    """The signers that the signing block names to an Android of `sdk`; None if it names none. Raises Unreadable."""
    schemes: dict[int, bytes] = {}
    fields = Fields(pairs)
    with contextlib.suppress(Unreadable):  # Android looks no further than to what it looks for
        while fields.more:
            pair = Fields(fields.take(fields.u64()))
            schemes.setdefault(pair.u32(), pair.rest())
    for scheme, since in _KNOWN_SINCE:
        if scheme not in schemes or sdk < since:
            continue
        if scheme == _V2:
            return _second(schemes[_V2])
        signers = _third(schemes[scheme], sdk)
        if signers is not None:
            return signers
        if scheme == _V3:
            raise Unreadable(f"no signer for SDK {sdk}")
    return None


def _second(value: bytes) -> Signers:
    """APK signature scheme v2: every signer counts."""
    found = [_first_certificate(Fields(signer.prefixed())) for signer in map(Fields, _sequence(value, _SIGNERS_LIMIT))]
    if not found:
        raise Unreadable("a signature without a signer")
    return Signers(tuple(map(certificate, found)))


def _third(value: bytes, sdk: int) -> Signers | None:
    """APK signature scheme v3 and v3.1: the one signer that is meant for `sdk`."""
    for raw in _sequence(value, _SIGNERS_LIMIT):
        signer = Fields(raw)
        signed = Fields(signer.prefixed())
        if not signer.u32() <= sdk <= signer.u32():
            continue
        encoded = _first_certificate(signed)
        signed.take(8)  # the SDKs once more
        lineage = _lineage(signed.prefixed())
        if lineage and lineage[-1] != encoded:
            raise Unreadable("the proof of rotation leads to another certificate")
        earlier = dict.fromkeys(lineage[:-1])
        return Signers((certificate(encoded),), tuple(certificate(c) for c in earlier if c != encoded))
    return None


def _first_certificate(signed: Fields) -> bytes:
    """The signer's own certificate: the first behind the digests."""
    signed.prefixed()
    certificates = Fields(signed.prefixed())
    return certificates.prefixed()


def _lineage(attributes: bytes) -> list[bytes]:
    """The certificates in the proof of rotation, the oldest first; none if there is no such proof."""
    fields = Fields(attributes)
    while fields.more:
        attribute = Fields(fields.prefixed())
        if attribute.u32() == _PROOF_OF_ROTATION:
            attribute.u32()  # the version of its form
            found = []
            while attribute.more:
                node = Fields(attribute.prefixed())
                found.append(Fields(node.prefixed()).prefixed())
                if len(found) > _LINEAGE_LIMIT:
                    raise Unreadable("too long a proof of rotation")
            return found
    return []


def _sequence(value: bytes, limit: int) -> list[bytes]:
    """What stands in a sequence that has its length before it, each with its own length."""
    inner = Fields(Fields(value).prefixed())
    found = []
    while inner.more:
        found.append(inner.prefixed())
        if len(found) > limit:
            raise Unreadable("too many signers")
    return found


def signature_files(directory: Directory) -> list[zip.Entry]:
    """The files that hold a JAR signature (v1): those with a list of digests of the same name beside them."""
    return [
        entry
        for name, entry in directory.items()
        if not name.endswith(".SF") and name.rpartition(".")[0] + ".SF" in directory
    ]


def from_files(file: Remote, end: End, entries: Sequence[zip.Entry]) -> Steps[Signers | None]:
    """The signers by JAR signature (v1), of :func:`signature_files`; None if there are none. Raises Unreadable."""
    if len(entries) > _SIGNERS_LIMIT:
        raise Unreadable("too many signers")
    if any(e.stored > _FILE_LIMIT for e in entries):
        raise OverBudget("a large signature file")
    yield from file.need(*(e.span for e in entries))
    found: dict[bytes, None] = {}
    for entry in entries:
        found |= dict.fromkeys(der.signers((yield from zip.content(file, end, entry, _FILE_LIMIT))))
    if len(found) > _SIGNERS_LIMIT:
        raise Unreadable("too many signers")
    return Signers(tuple(map(certificate, found))) if found else None
