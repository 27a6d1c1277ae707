"""Signatures in which two readers may see another signer: who is seen may only accuse, and the app is not whole."""

from __future__ import annotations

import hashlib
import struct

import pytest

from core.phones.accounting import Account
from core.phones.android.apk import Contents, Manifest, Signers, Unreadable
from tests.unit.phones.android import apks, jars
from tests.unit.phones.android.apks import FOREVER, V2, V3, V31, signing_block
from tests.unit.phones.android.jars import NAMES, Jar, der, key, signed_list, signer

MANIFEST = apks.manifest()
TEXT = signed_list(MANIFEST)
MAKER, OTHER = key("maker", *NAMES[0]), key("other")


def read(*blocks: bytes, sdk: int = 23) -> Account[Contents]:
    return apks.account(Jar(MANIFEST, {f"C{n}": (TEXT, block) for n, block in enumerate(blocks)}).file(), sdk)


def names(account: Account[Contents]) -> set[str]:
    signers = account.value.signers
    return {c.sha256 for c in signers.certificates} if isinstance(signers, Signers) else set()


def sha(*keys: jars.Key) -> set[str]:
    return {hashlib.sha256(one.certificate).hexdigest() for one in keys}


def is_whole(account: Account[Contents]) -> bool:
    return account.whole and isinstance(account.value.signers, Signers)


@pytest.mark.parametrize("others", [[], ["root"], ["root", "middle", "root"]])
def test_one_signer_among_certificates_of_other_names_is_whole(others: list[str]) -> None:
    certificates = [*(key(name).certificate for name in others), MAKER.certificate]
    account = read(jars.block(certificates, [signer(MAKER, TEXT)]))
    assert (names(account), account.left) == (sha(MAKER), ())


def test_the_same_certificate_twice_is_one() -> None:
    account = read(jars.block([MAKER.certificate, MAKER.certificate], [signer(MAKER, TEXT)]))
    assert (names(account), account.left) == (sha(MAKER), ())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("first", [True, False])
def test_two_certificates_of_one_name_to_java_are_unreadable(name: tuple[str, object], first: bool) -> None:
    twin = key("twin", *name)  # type: ignore[arg-type]
    pair = [twin.certificate, MAKER.certificate]
    for named in (MAKER, twin):
        account = read(jars.block(pair if first else pair[::-1], [signer(MAKER, TEXT, named)]))
        assert isinstance(account.value.signers, Unreadable)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_name_that_is_the_same_to_java_alone_names_nobody(name: tuple[str, object]) -> None:
    named = key("named", *name)  # type: ignore[arg-type]
    account = read(jars.block([MAKER.certificate], [signer(MAKER, TEXT, named)]))
    assert isinstance(account.value.signers, Unreadable)


@pytest.mark.parametrize("number", [b"\0\7", b"\0\0\7", b"\x08", b"\x87"])
def test_a_number_that_is_written_otherwise_names_nobody(number: bytes) -> None:
    account = read(jars.block([MAKER.certificate], [signer(MAKER, TEXT, number=number)]))
    assert isinstance(account.value.signers, Unreadable)


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_of_two_signers_android_takes_the_first_that_holds(first: bool, good: bool) -> None:
    both = [signer(OTHER, TEXT, good=good), signer(MAKER, TEXT)]
    account = read(jars.block([MAKER.certificate, OTHER.certificate], both if first else both[::-1]))
    assert (names(account), account.whole) == (sha(MAKER, OTHER), False)


def test_of_two_signature_files_android_takes_those_that_sign() -> None:
    account = read(*(jars.block([by.certificate], [signer(by, TEXT)]) for by in (MAKER, OTHER)))
    assert (names(account), account.whole) == (sha(MAKER, OTHER), False)


@pytest.mark.parametrize(
    "block",
    [
        jars.block([MAKER.certificate], [signer(MAKER, TEXT)], [der(0x31, signer(OTHER, TEXT))]),
        jars.block([MAKER.certificate], [signer(MAKER, TEXT)], [der(0x02, b"\1")]),
        jars.block([MAKER.certificate], [signer(MAKER, TEXT)], kind="2a864886f70d010701"),
        jars.block([MAKER.certificate], [signer(MAKER, TEXT)]) + b"\0",
        jars.block([MAKER.certificate], [signer(MAKER, TEXT)]) + jars.block([OTHER.certificate], [signer(OTHER, TEXT)]),
        jars.block([b"\xa1" + MAKER.certificate[1:], MAKER.certificate], [signer(MAKER, TEXT)]),
        jars.block([OTHER.certificate], [signer(MAKER, TEXT)]),
        jars.block([], [signer(MAKER, TEXT)]),
        jars.block([MAKER.certificate], []),
        b"",
    ],
)
def test_a_signature_of_another_form_is_not_whole(block: bytes) -> None:
    assert not is_whole(read(block))


def test_a_name_of_many_layers_costs_little() -> None:
    deep = b""
    for _ in range(400):
        deep = der(0x30, deep)
    body = der(0x30, der(0x02, b"\7"), der(0x30), der(0x30, deep))
    assert not is_whole(read(jars.block([der(0x30, body)], [signer(MAKER, TEXT)])))


# The signing block


def block(*pairs: tuple[int, bytes], sdk: int = 34, tail: bytes = b"") -> Account[Contents]:
    body = signing_block(pairs)
    if tail:
        inner = body[8:-24] + tail
        size = struct.pack("<Q", len(inner) + 24)
        body = size + inner + size + b"APK Sig Block 42"
    return apks.account(apks.Apk([("AndroidManifest.xml", MANIFEST)], body).file(), sdk)


MINE, THEIRS = apks.third(("maker", 28, FOREVER, ())), apks.third(("other", 28, FOREVER, ()))


@pytest.mark.parametrize(
    ("scheme", "mine", "theirs"), [(V3, MINE, THEIRS), (V2, apks.second("maker"), apks.second("other"))]
)
def test_a_scheme_that_is_there_twice(scheme: int, mine: bytes, theirs: bytes) -> None:
    assert block((scheme, mine)).left == ()
    for second in (mine, theirs):
        account = block((scheme, mine), (scheme, second))
        assert not account.whole
        assert names(account) == {hashlib.sha256(apks.encoded("maker")).hexdigest()}


@pytest.mark.parametrize("tail", [b"\0" * 7, struct.pack("<QI", 2**62, 5), struct.pack("<QI", 2, 5)])
def test_a_block_that_breaks_off(tail: bytes) -> None:
    assert not block((V2, apks.second("maker")), tail=tail).whole


def test_other_pairs_of_a_block_are_others_business() -> None:
    """Padding, and what stores and channels write there."""
    pairs = [(0x42726577, bytes(40)), (0x71777777, b"channel"), (0x71777777, b"again"), (V2, apks.second("maker"))]
    assert block(*pairs).left == ()


@pytest.mark.parametrize(
    "value",
    [
        apks.third(("maker", 28, FOREVER, ()), ("other", 30, FOREVER, ())),
        apks.third(("maker", 28, FOREVER, ())).replace(struct.pack("<II", 28, FOREVER), struct.pack("<II", 1, 99), 1),
    ],
)
def test_a_signature_for_one_android_twice_over_is_not_believed(value: bytes) -> None:
    for scheme in (V3, V31):
        assert isinstance(block((scheme, value)).value.signers, Unreadable)


# The directory


def test_entries_behind_those_that_are_counted() -> None:
    apk = apks.simple()
    data = bytearray(apk.file())
    end = data.rindex(b"PK\5\6")
    record = data[data.index(b"PK\1\2") : end]
    size = len(record)
    data[end:end] = record
    struct.pack_into("<I", data, end + size + 12, 2 * size)
    account = apks.account(bytes(data))
    assert not account.whole or isinstance(account.value.manifest, Unreadable)


def test_a_name_that_ends_for_one_reader_only() -> None:
    apk = apks.simple()
    apk.files.append(("AndroidManifest.xml\0", b"x"))
    assert not apks.account(apk.file()).whole


@pytest.mark.parametrize("more", [b"\0", b"more"])
def test_a_packed_file_that_goes_on(more: bytes) -> None:
    apk = apks.simple()
    whole = apks.account(apk.file())
    assert whole.left == ()
    packed = apks._deflated(MANIFEST) + more
    apk.claims["AndroidManifest.xml"] = {"size": len(MANIFEST)}
    apk.files[0], apk.methods["AndroidManifest.xml"] = ("AndroidManifest.xml", packed), 8
    assert isinstance(apks.account(apk.file()).value.manifest, Unreadable)


def test_a_stored_file_of_two_lengths() -> None:
    apk = apks.simple()
    apk.stored = ("AndroidManifest.xml",)
    apk.claims["AndroidManifest.xml"] = {"packed": len(MANIFEST) + 1}
    assert isinstance(apks.account(apk.file()).value.manifest, Unreadable)


def test_names_of_signatures_that_differ_in_capitals_cost_a_newer_signature_nothing() -> None:
    """Android goes by the newer scheme; the names of the older one are then no concern of anybody's."""
    listed = ("META-INF/CERT.SF", "META-INF/CERT.RSA", "META-INF/cert.rsa")
    files = [("AndroidManifest.xml", MANIFEST), *((name, b"x") for name in listed)]
    account = apks.account(apks.Apk(files, signing_block([(V2, apks.second("maker"))])).file(), 34)
    assert account.whole
    assert isinstance(account.value.manifest, Manifest)
