"""Who signed an APK, by the scheme that the phone's own Android goes by.

The forms are those of source.android.com/docs/security/features/apksigning. Android takes the newest scheme that it
knows and that the file has. Nothing is verified here: Android did so when it installed the app, over all of the file;
what is read here is whom it then took for the signer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.model import Certificate
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.apk import der, zip
from core.phones.android.apk.fields import Fields, OverBudget, Unreadable, u32, u64
from core.phones.android.apk.source import Remote, Steps
from core.phones.android.apk.zip import Directory, End

#: The largest signing block that is read as a whole, and of a larger one the most that its signatures may have (bytes);
#: and how much of one is fetched at first.
BLOCK_LIMIT: Final = 512 * 1024
FIRST_LOOK: Final = 24 * 1024
#: Of a larger block, so many pairs are looked at. Stores and channels put a handful there.
_PAIRS_LIMIT: Final = 1_000
#: The largest signature file of a JAR (scheme v1) that is read (bytes).
_FILE_LIMIT: Final = 128 * 1024
#: ApkSignatureSchemeV2Verifier takes no more.
_SIGNERS_LIMIT: Final = 10
_CERTIFICATE_LIMIT: Final = 32 * 1024
_LINEAGE_LIMIT: Final = 50

_MAGIC: Final = b"APK Sig Block 42"
_FOOTER: Final = 24
#: The length of a pair and its number (bytes).
_PAIR: Final = 12
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


@lru_cache(maxsize=400)
def certificate(encoded: bytes) -> Certificate:
    """A certificate by its digests. Raises Unreadable if it is not one SEQUENCE in DER.

    What stands in it is Android's to judge, which took it when it installed the app, and Java takes what other parsers
    refuse. Everybody knows a signer by the digests of these bytes.
    """
    if len(encoded) > _CERTIFICATE_LIMIT:
        raise Unreadable(f"a certificate of {len(encoded)} bytes")
    if not der.is_sequence(encoded):
        raise Unreadable("no certificate")
    return Certificate(
        hashlib.sha256(encoded).hexdigest(),
        hashlib.sha1(encoded, usedforsecurity=False).hexdigest(),
        hashlib.md5(encoded, usedforsecurity=False).hexdigest(),
        java_hash(encoded),
        encoded,
    )


def java_hash(data: bytes) -> str:
    """What Android prints for a certificate: Java's Arrays.hashCode over its bytes, as Integer.toHexString has it."""
    value = 1
    for byte in data:
        value = (31 * value + byte - ((byte & 0x80) << 1)) & 0xFFFFFFFF
    return f"{value:x}"


def block(file: Remote, end: End) -> Steps[bytes | None]:
    """The pairs in the APK signing block, of a large one the signatures alone; None if there is no such block. Raises
    Unreadable."""
    if end.directory + end.directory_size != end.at or end.directory < _FOOTER + 8:
        return None  # Nothing is lost: Android looks for none there, and goes by another signature
    yield from file.need((end.directory - FIRST_LOOK, FIRST_LOOK))
    footer = file.get(end.directory - _FOOTER, _FOOTER)
    if footer[8:] != _MAGIC:
        return None  # Nothing is lost: as above
    size = u64(footer, 0)
    start = end.directory - size - 8
    if size < _FOOTER or start < 0:
        raise Unreadable("a signing block outside of the file")
    if size > BLOCK_LIMIT:
        return (yield from _signatures(file, start, size))
    yield from file.need((start, size + 8))
    data = file.get(start, size + 8)
    if u64(data, 0) != size:
        raise Unreadable("two sizes of the signing block")
    return data[8:-_FOOTER]


def _signatures(file: Remote, start: int, size: int) -> Steps[bytes]:
    """The pairs of a large block that are signatures, as they stand there; of the others the headers are read."""
    at, end = start + 8, start + 8 + size - _FOOTER
    yield from file.need((start, 8), (at, _PAIR))
    if u64(file.get(start, 8), 0) != size:
        raise Unreadable("two sizes of the signing block")
    signatures = b""
    for _ in range(_PAIRS_LIMIT):
        if at == end:
            return signatures
        yield from file.need((at, _PAIR))
        header = file.get(at, _PAIR)
        length = 8 + u64(header, 0)
        if not _PAIR <= length <= end - at:
            raise Unreadable("a pair outside of the signing block")
        if any(u32(header, 8) == scheme for scheme, _ in _KNOWN_SINCE):
            if len(signatures) + length > BLOCK_LIMIT:
                raise OverBudget(f"a signature of {length} bytes")
            yield from file.need((at, length))
            signatures += file.get(at, length)
        at += length
    raise OverBudget(f"a signing block of {size} bytes")


def from_block(pairs: bytes, sdk: int) -> Account[Signers | None]:
    """The signers that the signing block names to an Android of `sdk`; None if it names none. Raises Unreadable."""
    leftovers = Leftovers()
    schemes: dict[int, bytes] = {}
    fields = Fields(pairs)
    try:
        while fields.has_more:
            pair = Fields(fields.take(fields.u64()))
            number = pair.u32()
            if number in schemes and any(number == scheme for scheme, _ in _KNOWN_SINCE):
                leftovers.add(Why.TWICE, "signature", text=f"{number:#010x}")
            schemes.setdefault(number, pair.rest())
    except Unreadable as problem:  # Android looks no further than to what it looks for, and so may not come here
        leftovers.add(Why.TWO_WAYS, "signing block", text=str(problem))
    for scheme, since in _KNOWN_SINCE:
        if scheme not in schemes or sdk < since:
            continue  # Nothing is lost: this Android does not know it, or it is not there
        if scheme == _V2:
            return leftovers.account(_second(schemes[_V2]))
        signers = _third(schemes[scheme], sdk)
        if signers is not None:
            return leftovers.account(signers)
        if scheme == _V3:
            raise Unreadable(f"no signer for SDK {sdk}")
    return leftovers.account(None)


def _second(value: bytes) -> Signers:
    """APK signature scheme v2: every signer counts."""
    certificates = [
        _first_certificate(Fields(signer.prefixed())) for signer in map(Fields, _sequence(value, _SIGNERS_LIMIT))
    ]
    if not certificates:
        raise Unreadable("a signature without a signer")
    return Signers(tuple(map(certificate, certificates)))


def _third(value: bytes, sdk: int) -> Signers | None:
    """APK signature scheme v3 and v3.1: the one signer that is meant for `sdk`; None if there is none."""
    signers: list[Signers] = []
    for raw in _sequence(value, _SIGNERS_LIMIT):
        signer = Fields(raw)
        signed = Fields(signer.prefixed())
        lowest, highest = signer.u32(), signer.u32()
        if not lowest <= sdk <= highest:
            continue  # Nothing is lost: it is the signer of another Android
        encoded = _first_certificate(signed)
        if (signed.u32(), signed.u32()) != (lowest, highest):
            raise Unreadable("a signature for two ranges of Android")
        lineage = _lineage(signed.prefixed())
        if lineage and lineage[-1] != encoded:
            raise Unreadable("the proof of rotation leads to another certificate")
        earlier = dict.fromkeys(lineage[:-1])
        signers.append(Signers((certificate(encoded),), tuple(certificate(c) for c in earlier if c != encoded)))
    if len(signers) > 1:
        raise Unreadable("two signers for one Android")
    return signers[0] if signers else None


def _first_certificate(signed: Fields) -> bytes:
    """The signer's own certificate: the first behind the digests."""
    signed.prefixed()
    certificates = Fields(signed.prefixed())
    return certificates.prefixed()


def _lineage(attributes: bytes) -> list[bytes]:
    """The certificates in the proof of rotation, the oldest first; none if there is no such proof."""
    fields = Fields(attributes)
    certificates: list[bytes] = []
    while fields.has_more:
        attribute = Fields(fields.prefixed())
        if attribute.u32() != _PROOF_OF_ROTATION:
            continue  # Nothing is lost: no other attribute names a certificate
        if certificates:
            raise Unreadable("two proofs of rotation")
        attribute.u32()  # the version of its form
        while attribute.has_more:
            node = Fields(attribute.prefixed())
            certificates.append(Fields(node.prefixed()).prefixed())
            if len(certificates) > _LINEAGE_LIMIT:
                raise Unreadable("too long a proof of rotation")
    return certificates


def _sequence(value: bytes, limit: int) -> list[bytes]:
    """What stands in a sequence that has its length before it, each with its own length."""
    inner = Fields(Fields(value).prefixed())
    parts = []
    while inner.has_more:
        parts.append(inner.prefixed())
        if len(parts) > limit:
            raise Unreadable("too many signers")
    return parts


def signature_files(directory: Directory) -> list[zip.ZipEntry]:
    """The files that hold a JAR signature (v1): those with a list of digests of the same name beside them. Without it
    Android passes one over."""
    return [
        entry
        for name, entry in directory.items()
        if not name.endswith(".SF") and name.rpartition(".")[0] + ".SF" in directory
    ]


def from_files(file: Remote, end: End, entries: Sequence[zip.ZipEntry]) -> Steps[Account[Signers | None]]:
    """The signers by JAR signature (v1), of :func:`signature_files`; None if there are none. Raises Unreadable.

    Of several files Android takes those whose lists name the app's parts, which is not looked at here: all count, and
    the account says that they can be read in two ways.
    """
    leftovers = Leftovers()
    if len(entries) > _SIGNERS_LIMIT:
        raise Unreadable("too many signers")
    if any(e.stored > _FILE_LIMIT for e in entries):
        raise OverBudget("a large signature file")
    yield from file.need(*(e.span for e in entries))
    certificates: dict[bytes, None] = {}
    for entry in entries:
        certificates |= dict.fromkeys(
            leftovers.take(der.signers((yield from zip.content(file, end, entry, _FILE_LIMIT))))
        )
    if len(certificates) > _SIGNERS_LIMIT:
        raise Unreadable("too many signers")
    if len(entries) > 1:
        leftovers.add(Why.TWO_WAYS, "signature files")
    return leftovers.account(Signers(tuple(map(certificate, certificates))) if certificates else None)
