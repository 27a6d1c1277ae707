"""What an app's file says that it is: signers, manifest, label; right, odd, and hostile files."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.android.apk import Contents, Manifest, OverBudget, Signers, Unreadable
from core.phones.android.apk.signing import certificate, java_hash
from core.phones.android.apk.source import BYTES_LIMIT, STEPS_LIMIT
from tests.examples import examples
from tests.unit.phones.android import apks
from tests.unit.phones.android.apks import (
    FOREVER,
    V2,
    V3,
    V31,
    Apk,
    drive,
    encoded,
    part,
    read,
    run,
    second,
    signing_block,
    simple,
    third,
)

TABLE_ID = 0x7F010000


def names(found: Signers | Unreadable) -> list[str]:
    """The SHA-256 of the certificates that sign now."""
    assert isinstance(found, Signers), found
    return [c.sha256 for c in found.certificates]


def sha(*who: str) -> list[str]:
    return [hashlib.sha256(encoded(name)).hexdigest() for name in who]


def manifest_of(apk: Apk) -> Manifest:
    found = run(read, apk.file()).manifest
    assert isinstance(found, Manifest), found
    return found


# Certificates


def test_the_hash_is_the_one_that_phones_print(shared: Path) -> None:
    pem = shared / "facts" / "wechat-signer.pem"
    if not pem.exists():
        pytest.skip("needs the certificate of a known app")
    lines = pem.read_text().split("-----")[2]
    found = certificate(base64.b64decode(lines))
    assert found.hash == "962f5b7"
    assert found.sha256 == "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", "1"), (b"\x00", "1f"), (b"\xff", "1e"), (b"\x80\x7f", "fffff4a0"), (b"abc", "1ecc1")]
)
def test_javas_hash_counts_bytes_with_their_sign(data: bytes, expected: str) -> None:
    value = 1
    for signed in struct.unpack(f"{len(data)}b", data):
        value = 31 * value + signed
    assert java_hash(data) == f"{value % 2**32:x}"
    assert java_hash(data) == expected or data in (b"\x80\x7f", b"abc")


# Which signature counts


def test_every_signer_of_scheme_2_counts() -> None:
    apk = simple()
    apk.block = signing_block([(0x42726577, b"padding"), (V2, second("maker", "partner"))])
    assert names(run(read, apk.file()).signers) == sha("maker", "partner")


@pytest.mark.parametrize(
    ("sdk", "who", "earlier"),
    [(23, "v1", ()), (24, "v2", ()), (27, "v2", ()), (28, "v3", ()), (32, "v3", ()), (33, "new", ("v3",))],
)
def test_android_goes_by_the_newest_scheme_that_it_knows(sdk: int, who: str, earlier: tuple[str, ...]) -> None:
    apk = simple()
    apk.files += [("META-INF/CERT.SF", b"Signature-Version: 1.0"), ("META-INF/CERT.RSA", apks.jar_signature("v1"))]
    rotated = third(("new", 33, FOREVER, ("v3", "new")))
    apk.block = signing_block([(V2, second("v2")), (V3, third(("v3", 28, FOREVER, ()))), (V31, rotated)])
    found = run(read, apk.file(), sdk).signers
    assert names(found) == sha(who)
    assert isinstance(found, Signers)
    assert [c.sha256 for c in found.lineage] == sha(*earlier)


def test_the_signer_of_scheme_3_is_the_one_for_this_android() -> None:
    apk = simple()
    apk.block = signing_block([(V3, third(("old", 28, 30, ()), ("new", 31, FOREVER, ("older", "old", "new"))))])
    assert names(run(read, apk.file(), 30).signers) == sha("old")
    found = run(read, apk.file(), 31).signers
    assert names(found) == sha("new")
    assert isinstance(found, Signers)
    assert [c.sha256 for c in found.lineage] == sha("older", "old")


def test_a_later_android_than_scheme_3_1_is_for_falls_back() -> None:
    apk = simple()
    apk.block = signing_block([(V3, third(("old", 28, FOREVER, ()))), (V31, third(("new", 36, FOREVER, ())))])
    assert names(run(read, apk.file(), 34).signers) == sha("old")


@pytest.mark.parametrize(
    "value",
    [
        third(("old", 28, 30, ())),  # for nobody here
        third(("new", 28, FOREVER, ("old", "other"))),  # leads to another
        third(("new", 28, FOREVER, ["old"] * 60)),
        third(),
        third(*[("new", 1, 2, ())] * 20),
        apks.prefixed(b"\xff\xff\xff\xff"),
        b"",
    ],
)
def test_a_scheme_3_that_android_would_refuse_is_not_believed(value: bytes) -> None:
    apk = simple()
    apk.block = signing_block([(V2, second("maker")), (V3, value)])
    assert isinstance(run(read, apk.file()).signers, Unreadable)


def test_what_stands_behind_the_signature_in_the_block_does_not_matter() -> None:
    apk = simple()
    broken = struct.pack("<QI", 2**62, 5)
    body = struct.pack("<QI", len(second("maker")) + 4, V2) + second("maker") + broken
    size = struct.pack("<Q", len(body) + 24)
    apk.block = size + body + size + b"APK Sig Block 42"
    assert names(run(read, apk.file()).signers) == sha("maker")


def test_the_first_of_two_signatures_of_one_scheme_counts() -> None:
    apk = simple()
    apk.block = signing_block([(V2, second("maker")), (V2, second("other"))])
    assert names(run(read, apk.file()).signers) == sha("maker")


@pytest.mark.parametrize("name", ["META-INF/CERT.RSA", "META-INF/MY-APP.DSA", "meta-inf/key.ec", "META-INF/ÄÖ.RSA"])
def test_jar_signatures_are_read_whatever_they_are_called(name: str) -> None:
    apk = simple()
    apk.block = b""
    apk.files += [(name.rpartition(".")[0] + ".SF", b"x"), (name, apks.jar_signature("jar"))]
    assert names(run(read, apk.file()).signers) == sha("jar")


def test_a_jar_signature_names_its_signers_among_other_certificates() -> None:
    apk = simple()
    apk.block = b""
    chain = apks.pkcs7.PKCS7SignatureBuilder().set_data(b"x")
    chain = chain.add_certificate(apks.key("root")[1]).add_certificate(apks.key("middle")[1])
    chain = chain.add_signer(apks.key("leaf")[1], apks.key("leaf")[0], apks.hashes.SHA256())
    der = chain.sign(apks.serialization.Encoding.DER, [])
    apk.files += [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", der)]
    assert names(run(read, apk.file()).signers) == sha("leaf")


def test_several_jar_signatures_count_together() -> None:
    apk = simple()
    apk.block = b""
    for name in ("one", "two"):
        apk.files += [(f"META-INF/{name}.SF", b"x"), (f"META-INF/{name}.RSA", apks.jar_signature(name))]
    assert names(run(read, apk.file()).signers) == sha("one", "two")


@pytest.mark.parametrize(
    "files",
    [
        [],
        [("META-INF/A.RSA", apks.jar_signature("jar"))],  # without the list that it signs
        [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", b"")],
        [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", b"0\x84\xff\xff\xff\xff")],
        [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", b"\x30\x80" * 5000)],
        [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", apks.jar_signature("jar")[:-80])],
        [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", bytes(200_000))],
        [(f"META-INF/{n}.{e}", b"x") for n in range(20) for e in ("SF", "RSA")],
    ],
)
def test_a_file_without_a_signature_that_can_be_read_says_so(files: list[tuple[str, bytes]]) -> None:
    apk = simple()
    apk.block = b""
    apk.files += files
    found = run(read, apk.file())
    assert isinstance(found.signers, Unreadable)
    assert isinstance(found.manifest, Manifest)  # which is no less true for that


def test_a_certificate_that_is_none_is_not_believed() -> None:
    for junk in (b"", b"junk", encoded("maker")[:-1], encoded("maker") + b"x", bytes(100_000)):
        with pytest.raises(Unreadable):
            certificate(junk)


def test_a_split_is_read_for_its_signers_and_its_screens() -> None:
    apk = simple(label=None, components=[("activity", ".Feature")])
    apk.files.append(("resources.arsc", bytes(200_000)))
    data = apk.file()
    found, cost = drive(part, len(data), 34, lambda at, length: data[at : at + length])
    assert names(found.signers) == sha("maker")
    assert isinstance(found.manifest, Manifest)
    assert found.manifest.components == ("org.example.app.Feature",)
    assert cost.fetched < 50_000
    apk.comment = b"c" * 60_000
    assert names(run(part, apk.file()).signers) == sha("maker")


# The manifest


def test_the_manifest_in_both_encodings() -> None:
    for utf8 in (True, False):
        found = manifest_of(simple(package="org.example.app", version=7, major=2, label="Beispiel — 例", utf8=utf8))
        assert (found.package, found.version_code) == ("org.example.app", 2 << 32 | 7)
        assert found.label == "Beispiel — 例"


def test_classes_are_given_by_their_full_names() -> None:
    components = [
        ("activity", ".Main"),
        ("activity", "Short"),
        ("service", "com.other.Service"),
        ("receiver", ".in.ner$Receiver"),
        ("provider", "org.example.app.Provider"),
        ("activity-alias", ".Target"),
        ("activity", ".Main"),
        ("meta-data", "com.no.Component"),
        ("activity", "com.bad/../Class"),
        ("activity", "com.b\u202eidi.Class"),
        ("activity", ""),
        ("activity", "com..Twice"),
        ("activity", "x" * 600),
    ]
    assert manifest_of(simple(components=components)).components == (
        "org.example.app.Main",
        "org.example.app.Short",
        "com.other.Service",
        "org.example.app.in.ner$Receiver",
        "org.example.app.Provider",
        "org.example.app.Target",
        "org.example.app.Alias",
    )


def test_components_in_odd_places_count_and_the_rest_is_not_called_whole() -> None:
    xml = apks.Xml()
    xml.start("manifest", ("package", apks.STRING, "a.b"))
    xml.start("activity", (apks.NAME, apks.STRING, ".Outside"))
    xml.end("activity")
    xml.start("application")
    for _ in range(50):
        xml.start("layer", (apks.NAME, apks.STRING, ".Deep"))
    xml.start("activity", (apks.NAME, apks.STRING, ".Deep"))
    for name in ["activity"] + ["layer"] * 50:
        xml.end(name)
    xml.start("activity", (apks.NAME, apks.STRING, ".Inside"))
    xml.end("activity")
    xml.end("application")
    xml.start("application", (apks.LABEL, apks.STRING, "Second"))
    xml.start("activity", (apks.NAME, apks.STRING, ".Second"))
    account = apks.account(Apk([("AndroidManifest.xml", xml.file())]).file())
    found = account.value.manifest
    assert isinstance(found, Manifest)
    assert (found.label, account.whole) == ("", False)
    assert found.components == ("a.b.Outside", "a.b.Deep", "a.b.Inside", "a.b.Second")


def test_a_manifest_of_many_components_is_bounded() -> None:
    found = manifest_of(simple(components=[("activity", f".C{i}") for i in range(7_000)]))
    assert len(found.components) == 5_000


def test_unknown_chunks_are_passed_over_as_android_does() -> None:
    xml = apks.Xml()
    xml.start("manifest", ("package", apks.STRING, "a.b"))
    xml.body += apks.chunk(0x7777, b"", bytes(100))
    xml.start("application", (apks.LABEL, apks.STRING, "Seen"))
    assert manifest_of(Apk([("AndroidManifest.xml", xml.file())])).label == "Seen"


@pytest.mark.parametrize("method", [0, 12, 0xFFFF])
def test_an_unknown_way_of_packing_is_none_to_android(method: int) -> None:
    """Files are made so to hide their manifest from every other reader."""
    apk = simple()
    apk.methods["AndroidManifest.xml"] = method
    assert manifest_of(apk).package == "org.example.app"


# The label


def table(*types: bytes, strings: tuple[str, ...] = ("Default", "English", "Deutsch"), **options: bool) -> Apk:
    apk = simple(label=TABLE_ID)
    apk.files.append(("resources.arsc", apks.resources(strings, *types, **options)))
    return apk


@pytest.mark.parametrize("form", ["plain", "compact", "short", "sparse"])
@pytest.mark.parametrize("deflated", [False, True])
def test_the_label_in_the_default_configuration(form: str, deflated: bool) -> None:
    apk = table(
        apks.type_spec(1, 2),
        apks.type_chunk(1, [(3, 2), None], apks.config("de"), form=form),
        apks.type_chunk(1, [(3, 0), None], form=form),
    )
    apk.stored = () if deflated else ("resources.arsc",)
    assert run(read, apk.file()).label == "Default"


def test_the_label_in_utf_16() -> None:
    apk = table(apks.type_chunk(1, [(3, 0)]), strings=("微信",), utf8=False)
    assert run(read, apk.file()).label == "微信"


def test_without_a_default_the_english_label() -> None:
    apk = table(
        apks.type_chunk(1, [(3, 2)], apks.config("de")),
        apks.type_chunk(1, [(3, 0)], apks.config("en", "GB", 480)),
        apks.type_chunk(1, [(3, 1)], apks.config("en")),
        apks.type_spec(2, 1),
        apks.type_chunk(2, [(3, 0)]),
    )
    assert run(read, apk.file()).label == "English"


def test_a_label_that_is_another_resources_text() -> None:
    apk = table(apks.type_chunk(1, [(1, TABLE_ID + 1), (7, TABLE_ID + 0x10000)]), apks.type_chunk(2, [(3, 0)]))
    assert run(read, apk.file()).label == "Default"


@pytest.mark.parametrize(
    "types",
    [
        [],
        [apks.type_chunk(1, [(1, TABLE_ID)])],  # itself
        [apks.type_chunk(1, [(1, TABLE_ID + 1), (1, TABLE_ID)])],
        [apks.type_chunk(1, [(0x10, 5)])],
        [apks.type_chunk(1, [(3, 99)])],
        [apks.type_chunk(1, [None])],
        [apks.type_chunk(1, [])],
        [apks.type_chunk(1, [(1, 0x01040000)])],  # Android's own
        [apks.type_chunk(2, [(3, 0)])],
        [apks.type_chunk(1, [(3, 0)])[:8]],
        [apks.chunk(0x0201, b"\x01" + bytes(11), size=2**31)],
        [apks.chunk(0x0201, b"", size=0)],
        [apks.chunk(0x0201, struct.pack("<BBHII", 1, 1, 0, 2**30, 4) + bytes(64))],
        [apks.chunk(0x0201, struct.pack("<BBHII", 1, 0, 0, 1, 2**31) + bytes(64), bytes(4))],
    ],
)
def test_a_label_that_cannot_be_found_is_none(types: list[bytes]) -> None:
    found = run(read, table(*types).file())
    assert found.label == ""
    assert isinstance(found.manifest, Manifest)
    assert names(found.signers) == sha("maker")


def test_of_a_large_table_only_parts_are_read() -> None:
    strings = tuple(f"text {i}" for i in range(60_000))
    before = [
        piece
        for number in range(1, 5)
        for piece in (apks.type_spec(number, 20_000), apks.type_chunk(number, [(0x1C, 0)] * 20_000))
    ]
    mine = [apks.type_chunk(9, [(3, 59_999)], apks.config(c)) for c in ("", "de", "fr")]
    after = [apks.type_chunk(10, [(3, 1)] * 30_000, apks.config(c)) for c in ("", "de", "fr", "ja")]
    apk = simple(label=0x7F090000)
    apk.files.append(("resources.arsc", apks.resources(strings, *before, *mine, *after)))
    data = apk.file()
    assert len(data) > 4_000_000
    found, cost = drive(read, len(data), 34, lambda at, length: data[at : at + length])
    assert found.label == "text 59999"
    assert cost.fetched <= BYTES_LIMIT
    assert cost.steps <= STEPS_LIMIT


# Files that lie


def broken(apk: Apk) -> Contents:
    return run(read, apk.file())


def test_a_comment_behind_the_end_is_allowed_and_another_end_in_it_is_not() -> None:
    apk = simple()
    apk.comment = b"c" * 0xFFFF
    assert names(broken(apk).signers) == sha("maker")
    apk.comment = b"PK\x05\x06" + bytes(18) + b"more"
    assert isinstance(broken(apk).signers, Unreadable)
    assert isinstance(run(read, simple().file() + b"more").signers, Unreadable)


@pytest.mark.parametrize("name", ["AndroidManifest.xml", "resources.arsc"])
def test_a_file_that_is_there_twice_is_not_read(name: str) -> None:
    apk = table(apks.type_chunk(1, [(3, 0)]))
    apk.files += [(name, b"another")]
    found = broken(apk)
    assert isinstance(found.manifest, Unreadable)
    assert names(found.signers) == sha("maker")


@pytest.mark.parametrize(
    "claim",
    [
        {"packed": 2**32 - 1},
        {"size": 2**32 - 1},
        {"size": 1},
        {"size": 0},
        {"at": 2**32 - 1},
        {"at": 7},
        {"packed": 3},
    ],
)
def test_an_entry_that_lies_about_itself_is_not_read(claim: dict[str, int]) -> None:
    apk = simple()
    apk.claims["AndroidManifest.xml"] = claim
    found = broken(apk)
    assert isinstance(found.manifest, Unreadable)
    assert names(found.signers) == sha("maker")


def test_what_unpacks_to_gigabytes_is_not_unpacked() -> None:
    apk = Apk([("AndroidManifest.xml", bytes(40 * 2**20))])
    apk.claims["AndroidManifest.xml"] = {"size": 1000}
    assert isinstance(broken(apk).manifest, Unreadable)
    apk.claims = {}
    assert isinstance(broken(apk).manifest, OverBudget)
    apk = simple(label=TABLE_ID)
    apk.files.append(("resources.arsc", bytes(60 * 2**20)))
    apk.stored = ()
    found = broken(apk)
    assert (found.label, names(found.signers)) == ("", sha("maker"))


@pytest.mark.parametrize("extra", [b"", b"PK\x06\x07" + bytes(16)])
def test_the_signing_block_stands_before_the_directory_or_nowhere(extra: bytes) -> None:
    apk = simple()
    apk.gap = extra + b"gap"
    assert isinstance(broken(apk).signers, Unreadable)


@pytest.mark.parametrize(
    "block",
    [
        bytes(24) + b"APK Sig Block 42",
        struct.pack("<QQ", 24, 2**63) + b"APK Sig Block 42",
        struct.pack("<QQ", 999, 24) + b"APK Sig Block 42",
        signing_block([(V2, bytes(600_000))]),
        signing_block([(V2, b"")]),
        signing_block([(V2, apks.prefixed())]),
        signing_block([(V2, apks.prefixed(*[second("maker")[4:]] * 11))]),
        signing_block([]),
    ],
)
def test_a_signing_block_that_makes_no_sense(block: bytes) -> None:
    apk = simple()
    apk.block = block
    found = broken(apk)
    assert isinstance(found.signers, Unreadable)
    assert isinstance(found.manifest, Manifest)


def test_a_directory_that_is_too_large_costs_the_manifest_but_not_the_signers() -> None:
    apk = simple()
    apk.files += [(f"{i:0200}", b"") for i in range(6_000)]
    data = apk.file()
    found, cost = drive(read, len(data), 34, lambda at, length: data[at : at + length])
    assert isinstance(found.manifest, OverBudget)
    assert names(found.signers) == sha("maker")
    assert cost.fetched < BYTES_LIMIT


def test_a_manifest_of_shared_and_endless_texts_costs_bounded_memory() -> None:
    text = "x" * 30_000
    pool = apks.chunk(
        1,
        struct.pack("<5I", 100_000, 0, 0, 28 + 400_000, 0),
        bytes(400_000) + struct.pack("<H", len(text)) + text.encode("utf-16-le"),
    )
    element = apks.chunk(0x0102, bytes(8), struct.pack("<II6H", 0, 0, 20, 20, 0, 0, 0, 0))
    elements = b"".join(element[:20] + struct.pack("<I", i) + element[24:] for i in range(30_000))
    apk = Apk([("AndroidManifest.xml", apks.chunk(3, b"", pool + elements))])
    assert isinstance(broken(apk).manifest, Unreadable)


@pytest.mark.parametrize("size", [0, 1, 21, 22, 23, 4095, 4096, 4097])
def test_files_that_are_no_apk_at_all(size: int) -> None:
    found = run(read, bytes(size))
    assert isinstance(found.signers, Unreadable)
    assert isinstance(found.manifest, Unreadable)
    assert isinstance(run(part, b"PK\x05\x06" + bytes(size)).signers, Unreadable)


def test_an_answer_of_another_length_is_a_damaged_file() -> None:
    data = simple().file()
    found, _ = drive(read, len(data), 34, lambda at, length: data[at : at + length - 1])
    assert isinstance(found.signers, Unreadable)


# Everything at once

WHOLE = table(
    apks.type_spec(1, 1),
    apks.type_chunk(1, [(1, TABLE_ID + 1), (3, 0)]),
    apks.type_chunk(1, [(3, 1)], apks.config("en")),
)
WHOLE.files += [("META-INF/A.SF", b"x"), ("META-INF/A.RSA", apks.jar_signature("v1"))]
WHOLE.block = signing_block(
    [(V2, second("maker")), (V3, third(("maker", 28, FOREVER, ("old", "maker")))), (V31, third(("new", 33, 99, ())))]
)
WHOLE.stored = ("resources.arsc", "AndroidManifest.xml", "META-INF/A.RSA")
GOOD = WHOLE.file()
NUMBERS = st.sampled_from([0, 1, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 2**31 - 1, 2**31, 2**32 - 1])


def check(data: bytes, sdk: int) -> None:
    """Whatever the bytes are: an answer, for a bounded price."""
    found, cost = drive(read, len(data), sdk, lambda at, length: data[at : at + length])
    assert isinstance(found.signers, Signers | Unreadable)
    assert isinstance(found.manifest, Manifest | Unreadable)
    assert isinstance(found.label, str)
    assert cost.steps <= STEPS_LIMIT + 1
    if isinstance(found.manifest, Manifest):
        assert all(len(c) <= 500 and c.isprintable() for c in found.manifest.components)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@examples(400)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    sdk=st.sampled_from([23, 27, 30, 34]),
)
def test_changed_bytes(changes: list[tuple[int, int]], sdk: int) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    check(bytes(data), sdk)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@examples(400)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 4), NUMBERS), min_size=1, max_size=4),
    width=st.sampled_from(["<H", "<I"]),
    sdk=st.sampled_from([23, 27, 30, 34]),
)
def test_numbers_that_lie(changes: list[tuple[int, int]], width: str, sdk: int) -> None:
    data = bytearray(GOOD)
    for at, value in changes:
        struct.pack_into(width, data, at, value & (0xFFFF if width == "<H" else 0xFFFFFFFF))
    check(bytes(data), sdk)


@examples(200)
@given(data=st.binary(max_size=5000), cut=st.integers(0, len(GOOD)), front=st.booleans())
def test_random_and_cut_bytes(data: bytes, cut: int, front: bool) -> None:
    check(data, 34)
    check(GOOD[:cut] + data if front else data + GOOD[cut:], 34)


@examples(150)
@given(
    inside=st.binary(max_size=3000), name=st.sampled_from(["AndroidManifest.xml", "resources.arsc", "META-INF/A.RSA"])
)
def test_random_bytes_inside_a_file_that_is_right(inside: bytes, name: str) -> None:
    apk = Apk(
        [(n, inside if n == name else content) for n, content in WHOLE.files],
        WHOLE.block if len(inside) % 2 else b"",
    )
    check(apk.file(), 34)


@examples(150)
@given(value=st.binary(max_size=600), scheme=st.sampled_from([V2, V3, V31]))
def test_random_bytes_inside_a_signature(value: bytes, scheme: int) -> None:
    apk = Apk(WHOLE.files, signing_block([(scheme, value), (V2, second("maker"))]))
    check(apk.file(), 34)


# Android's own tools


def tools(*programs: str) -> None:
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def made(folder: Path, signing: list[str]) -> Path:
    """A tiny app, compiled and signed by Android's own tools."""
    framework = Path("/usr/share/android-framework-res/framework-res.apk")
    if not framework.exists():
        pytest.skip("needs Android's framework-res.apk")
    (folder / "res" / "values").mkdir(parents=True)
    (folder / "res" / "values-en").mkdir()
    text = '<resources><string name="a">Ä app</string><string name="b">@string/a</string></resources>'
    (folder / "res" / "values" / "strings.xml").write_text(text, "utf-8")
    (folder / "res" / "values-en" / "strings.xml").write_text(text.replace("Ä app", "English"), "utf-8")
    (folder / "AndroidManifest.xml").write_text(
        '<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.example.made"'
        ' android:versionCode="42"><uses-sdk android:minSdkVersion="18" android:targetSdkVersion="29"/>'
        '<application android:label="@string/b"><activity android:name=".Main"/>'
        '<activity-alias android:name=".Other" android:targetActivity=".Main"/>'
        '<service android:name="com.other.Work"/></application></manifest>'
    )
    bare, apk = folder / "bare.apk", folder / "made.apk"
    aapt = ["aapt", "package", "-f", "-M", folder / "AndroidManifest.xml", "-S", folder / "res", "-I", framework]
    subprocess.run([*aapt, "-F", bare], check=True, capture_output=True)
    subprocess.run(["apksigner", "sign", *signing, "--out", apk, bare], check=True, capture_output=True)
    return apk


def keystore(folder: Path, name: str) -> list[str]:
    """Options of apksigner for a key of its own."""
    private, cert = apks.key(name)
    form = apks.serialization
    (folder / f"{name}.pk8").write_bytes(
        private.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    )
    (folder / f"{name}.pem").write_bytes(cert.public_bytes(form.Encoding.PEM))
    return ["--key", os.fspath(folder / f"{name}.pk8"), "--cert", os.fspath(folder / f"{name}.pem")]


def switches(**schemes: bool) -> list[str]:
    return [w for name, on in schemes.items() for w in (f"--{name}-signing-enabled", str(on).lower())]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schemes", "sdk"),
    [
        ({"v1": True, "v2": False, "v3": False}, 23),
        ({"v1": True, "v2": False, "v3": False}, 34),
        ({"v1": False, "v2": True, "v3": False}, 34),
        ({"v1": False, "v2": True, "v3": True}, 34),
        ({"v1": True, "v2": True, "v3": True}, 23),
        ({"v1": True, "v2": True, "v3": True}, 26),
        ({"v1": True, "v2": True, "v3": True}, 34),
    ],
)
def test_what_androids_own_tools_made(tmp_path: Path, schemes: dict[str, bool], sdk: int) -> None:
    tools("aapt", "apksigner")
    lowest = ["--min-sdk-version", "18" if schemes["v1"] else "28" if schemes["v3"] else "24"]
    apk = made(tmp_path, [*keystore(tmp_path, "tool"), *switches(**schemes), *lowest])
    found = run(read, apk.read_bytes(), sdk)
    assert names(found.signers) == sha("tool")
    assert isinstance(found.manifest, Manifest)
    assert found.manifest.package == "org.example.made"
    assert found.manifest.version_code == 42
    assert found.manifest.components == ("org.example.made.Main", "org.example.made.Other", "com.other.Work")
    assert found.label == "Ä app"
    told = subprocess.run(
        ["apksigner", "verify", "--print-certs", *lowest, apk], check=True, capture_output=True, text=True
    ).stdout
    assert isinstance(found.signers, Signers)
    one = found.signers.certificates[0]
    assert all(digest in told for digest in (one.sha256, one.sha1, one.md5))


@pytest.mark.slow
@pytest.mark.parametrize(("since", "sdk"), [("28", 30), ("33", 34)])
def test_a_rotated_key_that_androids_own_tools_made(tmp_path: Path, since: str, sdk: int) -> None:
    tools("aapt", "apksigner")
    old, new, lineage = keystore(tmp_path, "old"), keystore(tmp_path, "new"), os.fspath(tmp_path / "lineage")
    rotate = ["apksigner", "rotate", "--out", lineage, "--old-signer", *old, "--new-signer", *new]
    subprocess.run(rotate, check=True, capture_output=True)
    signing = [*old, "--next-signer", *new, "--lineage", lineage, "--rotation-min-sdk-version", since]
    apk = made(tmp_path, [*signing, "--min-sdk-version", "24"])
    found = run(read, apk.read_bytes(), sdk).signers
    assert names(found) == sha("new")
    assert isinstance(found, Signers)
    assert [c.sha256 for c in found.lineage] == sha("old")
    assert names(run(read, apk.read_bytes(), 24).signers) == sha("old")
