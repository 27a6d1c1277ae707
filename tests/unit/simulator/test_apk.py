"""The apps' own files: real in structure, always the same, and in agreement with what the phone says of the apps."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from core.simulator import PracticePhone, load, scenarios
from core.simulator.apk import apk as apk_module
from core.simulator.apk.apk import LABEL, Apk, signed
from core.simulator.apk.certificates import java_hash, signer
from core.simulator.apk.manifest import PracticeManifest
from core.simulator.model.app_files import apks
from core.simulator.model.identity import activities, apk_path, label
from core.simulator.model.scenario import AppData, Version
from tests.unit.simulator.conftest import Desk

Desks = Callable[[str], Desk]

WECHAT = "com.tencent.mm"
WECHAT_SHA256 = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"
TIKTOK_SHA256 = "9041803e91bcb814b4b4399fb5c85a91640b755e5e8ba76813814bf4cf2ab5ba"


@dataclass
class Parts:
    """What stands in an APK around its entries."""

    body: bytes
    block: dict[int, bytes]
    directory: bytes
    end: bytes


def parts(data: bytes) -> Parts:
    """Taken apart as the scheme's description says."""
    end = data[-22:]
    assert end[:4] == b"PK\x05\x06"
    size, at = struct.unpack_from("<II", end, 12)
    assert at + size == len(data) - 22
    assert data[at - 16 : at] == b"APK Sig Block 42"
    (length,) = struct.unpack_from("<Q", data, at - 24)
    start = at - 8 - length
    assert struct.unpack_from("<Q", data, start) == (length,)
    assert start % 4096 == (at - start) % 4096 == 0
    block, here = {}, start + 8
    while here < at - 24:
        pair, number = struct.unpack_from("<QI", data, here)
        block[number] = data[here + 12 : here + 8 + pair]
        here += 8 + pair
    assert here == at - 24
    return Parts(data[:start], block, data[at:-22], end)


def sized(data: bytes) -> Iterator[bytes]:
    """The pieces of `data`, each with its length before it."""
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        assert at + 4 + length <= len(data)
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


@dataclass
class Signed:
    """One signer of scheme 2 or 3."""

    data: bytes
    certificate: bytes
    algorithm: int
    digest: bytes
    signature: bytes
    public_key: bytes


def signer_of(scheme: bytes, *, third: bool) -> Signed:
    (signers,) = sized(scheme)
    (one,) = sized(signers)
    (length,) = struct.unpack_from("<I", one)
    data, rest = one[4 : 4 + length], one[4 + length + (8 if third else 0) :]
    signatures, public_key = sized(rest)
    (signature,) = sized(signatures)
    digests, certificates = list(sized(data[:-12] if third else data))[:2]
    (digest,) = sized(digests)
    (certificate,) = sized(certificates)
    algorithm, _ = struct.unpack_from("<II", digest)
    assert struct.unpack_from("<I", signature) == (algorithm,)
    return Signed(data, certificate, algorithm, digest[8:], signature[8:], public_key)


def certificate_in(data: bytes) -> bytes:
    """The certificate that both schemes have."""
    block = parts(data).block
    second, third = signer_of(block[0x7109871A], third=False), signer_of(block[0xF05368C0], third=True)
    assert second.certificate == third.certificate
    return second.certificate


def texts(pool_at: int, data: bytes) -> list[str]:
    """The texts of the string pool that begins at `pool_at`."""
    kind, _, _, count, _, flags, start, _ = struct.unpack_from("<HHIIIIII", data, pool_at)
    assert kind == 1
    found = []
    for number in range(count):
        (offset,) = struct.unpack_from("<I", data, pool_at + 28 + 4 * number)
        at = pool_at + start + offset
        if not flags & 0x100:
            (units,) = struct.unpack_from("<H", data, at)
            found.append(data[at + 2 : at + 2 + 2 * units].decode("utf-16-le"))
            continue
        at += 2 if data[at] & 0x80 else 1
        size = (data[at] & 0x7F) << 8 | data[at + 1] if data[at] & 0x80 else data[at]
        at += 2 if data[at] & 0x80 else 1
        assert data[at + size] == 0
        found.append(data[at : at + size].decode())
    return found


def entry(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def sample(**changes: object) -> Apk:
    about = PracticeManifest(
        "com.example.notes", 7, "1.2", 34, LABEL, (".Main", "com.example.other.View"), (".Admin",), "notes"
    )
    return replace(Apk(about, "Notes", "somebody", 5000), **changes)  # type: ignore[arg-type]


# The file


def test_it_is_an_archive_of_stored_and_aligned_entries() -> None:
    data = sample().content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["AndroidManifest.xml", "assets/filling.bin", "resources.arsc"]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1981, 1, 1, 0, 0, 0)
            content = archive.read(info)
            assert data.index(content) % 4 == 0
            assert zlib.crc32(content) == info.CRC
    assert len(entry(data, "assets/filling.bin")) == 5000


def test_the_manifest_says_who_it_is() -> None:
    manifest = entry(sample().content, "AndroidManifest.xml")
    kind, header, size = struct.unpack_from("<HHI", manifest)
    assert (kind, header, size) == (3, 8, len(manifest))
    said = texts(8, manifest)
    assert {"com.example.notes", "1.2", ".Main", "com.example.other.View", ".Admin", "notes"} <= set(said)
    assert "Notes" not in said  # its number is there, and the text is with the resources


def test_a_label_stands_with_the_resources_or_in_the_manifest_itself() -> None:
    table = entry(sample(label="Carnet d’été 📒").content, "resources.arsc")
    kind, header, size, packages = struct.unpack_from("<HHII", table)
    assert (kind, header, size, packages) == (2, 12, len(table), 1)
    assert "Carnet d’été 📒" in texts(12, table)
    literal = replace(sample().about, label="Literal")
    assert "Literal" in texts(8, entry(sample(about=literal).content, "AndroidManifest.xml"))


@given(st.text(max_size=300))
def test_any_text_can_be_a_label(text: str) -> None:
    apk = sample(label=text, about=replace(sample().about, label=text, version_name=text))
    assert text in texts(8, entry(apk.content, "AndroidManifest.xml"))
    assert text in texts(12, entry(apk.content, "resources.arsc"))


def test_an_endless_label_is_cut() -> None:
    table = entry(sample(label="é" * 50_000).content, "resources.arsc")
    assert max(len(text.encode()) for text in texts(12, table)) < 0x8000


# Signatures


def content_digest(data: bytes) -> bytes:
    """As Android computes it: over the entries, the directory and the end, in pieces of a megabyte."""
    taken = parts(data)
    end = taken.end[:16] + struct.pack("<I", len(taken.body)) + taken.end[20:]
    pieces = b""
    count = 0
    for section in (taken.body, taken.directory, end):
        for at in range(0, len(section), 1 << 20):
            piece = section[at : at + (1 << 20)]
            pieces += hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)) + piece).digest()
            count += 1
    return hashlib.sha256(b"\x5a" + struct.pack("<I", count) + pieces).digest()


@pytest.mark.parametrize("filling", [0, 5000, 3 * 1024 * 1024])
def test_both_schemes_sign_the_whole_file(filling: int) -> None:
    data = sample(filling=filling).content
    block = parts(data).block
    assert set(block) == {0x7109871A, 0xF05368C0, 0x42726577}
    for one in (signer_of(block[0x7109871A], third=False), signer_of(block[0xF05368C0], third=True)):
        assert one.digest == content_digest(data)
        certificate = x509.load_der_x509_certificate(one.certificate)
        key = load_der_public_key(one.public_key)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert certificate.public_key() == key
        key.verify(one.signature, one.data, ec.ECDSA(SHA256()))  # raises if it does not hold


@pytest.mark.parametrize(("name", "size"), [("wechat", 128), ("tiktok", 256)])
def test_without_the_key_the_signature_is_only_as_long_as_one(name: str, size: int) -> None:
    data = signed([("AndroidManifest.xml", b"x")], signer(name))
    one = signer_of(parts(data).block[0x7109871A], third=False)
    assert (len(one.signature), one.algorithm) == (size, 0x0103)
    assert one.digest == content_digest(data)


# Certificates


@pytest.mark.parametrize(
    ("name", "sha256", "hashed", "common_name"),
    [("wechat", WECHAT_SHA256, "962f5b7", "Tencent"), ("tiktok", TIKTOK_SHA256, "89d01293", "musical.ly")],
)
def test_publishers_certificates_are_their_own(name: str, sha256: str, hashed: str, common_name: str) -> None:
    der = signer(name).der
    assert hashlib.sha256(der).hexdigest() == sha256
    assert java_hash(der) == hashed
    subject = x509.load_der_x509_certificate(der).subject.rfc4514_string()
    assert f"CN={common_name}" in subject


def test_a_made_certificate_is_always_the_same_and_anothers_is_not() -> None:
    made = signer("somebody").der
    signer.cache_clear()
    assert signer("somebody").der == made
    assert hashlib.sha256(made).hexdigest() == "e3cd6c28bcecfe5d4bd9b92b048e7deb0f01f2fd83811eb85a9bec7d0576f774"
    assert signer("somebody else").der != made
    certificate = x509.load_der_x509_certificate(made)
    certificate.verify_directly_issued_by(certificate)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc > timedelta(days=365 * 25)
    assert "Practice" in certificate.subject.rfc4514_string()


@pytest.mark.parametrize("name", ["a" * 500, "two\nlines", "\udcff", "../../x", "<b>"])
def test_any_name_can_be_a_certificates(name: str) -> None:
    assert x509.load_der_x509_certificate(signer(name).der).version is x509.Version.v3


@pytest.mark.parametrize(
    ("data", "hashed"),
    [(b"", "1"), (b"\0", "1f"), (b"\x01", "20"), (b"\xff", "1e"), (b"\x80", "ffffff9f"), (b"ab", "fe2")],
)
def test_the_hash_is_javas(data: bytes, hashed: str) -> None:
    """31 + b for each byte, which is signed: known from Java's documentation of Arrays.hashCode."""
    assert java_hash(data) == hashed


# The phone and the files


def listed(desk: Desk, package: str) -> str:
    """The signer's hash in the phone's list of packages."""
    found = re.search(rf"Package \[{re.escape(package)}\].*?signatures:\[(\w+)\]", desk.run(DUMP).out, re.DOTALL)
    assert found is not None
    return found[1]


DUMP = "dumpsys package packages"


def blocks_of(dump: str) -> dict[str, str]:
    """What the list says of each package; of one that it has twice, what it says first."""
    found: dict[str, str] = {}
    for block in re.split(r"^(?=  Package \[|\S)", dump, flags=re.MULTILINE):
        if block.startswith("  Package ["):
            found.setdefault(block.partition("[")[2].partition("]")[0], block)
    return found


def fetched(desk: Desk, package: str) -> bytes:
    """An app's file, as the shell gives it."""
    done = desk.run(f"F=$(pm path {package}); cat ${{F#package:}}")
    assert done.code == 0
    return done.out.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("name", sorted(set(scenarios()) - {"hostile", "forged", "archived"}))
def test_lists_and_links_say_what_the_files_have(name: str) -> None:
    """For every app of the scenario itself, and some of the ordinary ones."""
    at = Desk(PracticePhone(replace(load(name), faults=()), pace=0))
    blocks = blocks_of(at.run(DUMP).out)
    links = at.run("pm get-app-links").out
    packages = [p for p in at.phone.packages.values() if p.data in at.phone.scenario.apps]
    packages += list(at.phone.packages.values())[:5]
    for package in packages:
        block = blocks[package.name]
        for path, apk in apks(package, at.phone.scenario.device.sdk):
            if path.startswith("/data") or not package.updated:
                assert f"    codePath={path.rpartition('/')[0]}\n" in block
            certificate = certificate_in(apk.content)
            assert f"signatures:[{java_hash(certificate)}]" in block
            assert at.run(f"stat -c %s {path}").out == f"{len(apk.content)}\n"
            linked = re.search(rf"  {re.escape(package.name)}:\n.*\n    Signatures: \[(.*)\]", links)
            assert (linked is not None) == bool(package.data.domains and at.phone.scenario.device.sdk >= 31)
            if linked:
                assert linked[1].replace(":", "").lower() == hashlib.sha256(certificate).hexdigest()


def test_sizes_and_ranges_are_what_the_file_says(desk: Desks) -> None:
    at = desk("walk-up")
    path = at.run(f"pm path --user 0 {WECHAT}").out.removeprefix("package:").rstrip("\n")
    whole = fetched(at, WECHAT)
    assert len(whole) > 2 * 1024 * 1024
    assert at.run(f"stat -c %s {path}").out == f"{len(whole)}\n"
    assert at.run(f"wc -c {path}").out == f"{len(whole)} {path}\n"
    assert re.fullmatch(
        rf"-rw-r--r-- 1 system system {len(whole)} 2\d{{3}}-\d\d-\d\d \d\d:\d\d {path}\n", at.run(f"ls -l {path}").out
    )
    blocks = len(whole) // 4096
    for skip, count in ((0, 1), (3, 2), (blocks - 1, 9), (blocks + 5, 1)):
        taken = at.run(f"dd if={path} bs=4096 skip={skip} count={count} 2>/dev/null")
        assert taken.code == 0
        assert taken.out.encode("utf-8", "surrogateescape") == whole[skip * 4096 : (skip + count) * 4096]
    assert any(command.startswith("dd if=") for command in at.phone.log)


def test_several_apps_in_one_script(desk: Desks) -> None:
    """In the way in which a reader asks: app by app, with what is missing told apart."""
    script = """
    for P in com.tencent.mm com.nothing com.kms.free; do
      F=$(pm path --user 0 $P 2>/dev/null) || echo "$P no"
      for L in $F; do
        case $L in
          package:/*.apk) L=${L#package:}; S=$(stat -c %s "$L" 2>/dev/null) && echo "$P ${S%%[0-9]*}yes";;
        esac
      done
    done
    """
    assert desk("walk-up").run(script).out == "com.tencent.mm yes\ncom.nothing no\ncom.kms.free yes\n"


def test_a_file_goes_with_its_app(desk: Desks) -> None:
    at = desk("walk-up")
    path = at.run(f"pm path {WECHAT}").out.removeprefix("package:").rstrip("\n")
    assert at.phone.files.find(path) is not None
    at.run(f"pm uninstall {WECHAT}")
    assert at.phone.files.find(path) is None
    assert at.phone.files.find(path.rpartition("/")[0]) is None


def test_an_app_of_the_system_keeps_its_file(desk: Desks) -> None:
    at = desk("preinstalled")
    name = "com.kaspersky.passwordmanager"
    before = at.run(f"pm path {name}").out.removeprefix("package:").rstrip("\n")
    assert before.startswith("/data/app/~~")
    at.run("pm uninstall-system-updates")
    after = at.run(f"pm path {name}").out.removeprefix("package:").rstrip("\n")
    assert re.fullmatch(r"/system/(priv-)?app/KasperskyPasswordmanager/KasperskyPasswordmanager.apk", after)
    assert at.run(f"stat -c %s {before}").code == 1
    assert "9.2.100" in texts(8, entry(fetched(at, name), "AndroidManifest.xml"))


@pytest.mark.parametrize(("name", "folder"), [("walk-up", r"~~[\w-]{22}==/X-[\w-]{22}=="), ("older", r"X-[\w-]{22}==")])
def test_folders_have_the_names_of_their_android(desk: Desks, name: str, folder: str) -> None:
    found = desk(name).run(f"pm path {WECHAT}").out
    assert re.fullmatch(rf"package:/data/app/{folder.replace('X', re.escape(WECHAT))}/base.apk\n", found)


def test_no_two_apps_have_the_same_file() -> None:
    for name in scenarios():
        phone = PracticePhone(load(name), pace=0)
        paths = [path for p in phone.packages.values() for path, _ in apks(p, phone.scenario.device.sdk)]
        assert len(paths) == len(set(paths))


def test_folders_that_the_shell_may_not_list(desk: Desks) -> None:
    at = desk("walk-up")
    assert at.run("ls /data/app").err == "ls: /data/app: Permission denied\n"
    assert at.phone.files.children("/data/app") == []
    folder = at.run(f"pm path {WECHAT}").out.removeprefix("package:").rstrip("\n").rpartition("/")[0]
    assert at.run(f"ls {folder}").out == "base.apk\n"
    assert stat.S_ISDIR(at.phone.files.find(folder).mode)  # type: ignore[union-attr]
    assert at.run(f"echo x >{folder}/base.apk").code == 1


def changed(name: str, package: str, **changes: object) -> Desk:
    """The scenario with one app changed."""
    scenario = load(name)
    apps = tuple(replace(a, **changes) if a.package == package else a for a in scenario.apps)  # type: ignore[arg-type]
    return Desk(PracticePhone(replace(scenario, apps=apps), pace=0))


def test_a_file_that_cannot_be_read() -> None:
    good, noise = changed("walk-up", WECHAT), changed("walk-up", WECHAT, apk="garbled")
    assert len(fetched(good, WECHAT)) == len(fetched(noise, WECHAT))
    assert not zipfile.is_zipfile(io.BytesIO(fetched(noise, WECHAT)))
    assert listed(noise, WECHAT) == "962f5b7"
    missing = changed("walk-up", WECHAT, apk="missing")
    path = missing.run(f"pm path {WECHAT}").out.removeprefix("package:").rstrip("\n")
    assert missing.run(f"stat -c %s {path}").err == f"stat: '{path}': No such file or directory\n"
    assert missing.run(f"dd if={path} bs=4096 count=1").code == 1


def test_a_phone_can_lie_about_a_signer() -> None:
    """A certificate that only has the same 32-bit hash: the list says one thing, the file another."""
    at = changed(
        "clean", "com.google.android.apps.translate", signer="962f5b7", certificate="chance", domains=("x.ca",)
    )
    assert listed(at, "com.google.android.apps.translate") == "962f5b7"
    certificate = certificate_in(fetched(at, "com.google.android.apps.translate"))
    assert certificate == signer("chance").der
    assert hashlib.sha256(certificate).hexdigest() in at.run("pm get-app-links").out.replace(":", "").lower()


def kept_apks() -> Any:
    """The cache of the files that were built."""
    return apk_module._built


def test_files_are_the_same_on_every_start() -> None:
    first, again = (Desk(PracticePhone(load("repackaged"), pace=0)) for _ in range(2))
    data = fetched(first, "com.sunnychat.lite")
    kept_apks().cache_clear()
    signer.cache_clear()
    assert fetched(again, "com.sunnychat.lite") == data


def test_no_file_is_built_before_it_is_looked_at() -> None:
    kept_apks().cache_clear()
    apk_module._size.cache_clear()
    at = Desk(PracticePhone(load("walk-up"), pace=0))
    at.run(f"{DUMP} >/dev/null; pm list packages -f; dumpsys package r >/dev/null; pm path {WECHAT}")
    assert kept_apks().cache_info().misses == 0
    path = apk_path(at.phone.packages[WECHAT], 34)
    at.run(f"stat -c %s {path}; ls -l {path}; dd if={path} bs=4096 count=1 of=/dev/null")
    assert kept_apks().cache_info().misses == 1


# The scenarios of copies


def test_the_renamed_one_has_wechats_certificate_and_code(desk: Desks) -> None:
    at = desk("renamed")
    assert WECHAT not in at.phone.installed()
    assert listed(at, "com.pocket.notes.daily") == "962f5b7"
    assert hashlib.sha256(certificate_in(fetched(at, "com.pocket.notes.daily"))).hexdigest() == WECHAT_SHA256
    assert "com.pocket.notes.daily/com.tencent.mm.ui.LauncherUI" in at.run("dumpsys package r").out


def test_the_repackaged_one_has_only_wechats_code(desk: Desks) -> None:
    at = desk("repackaged")
    assert "962f5b7" not in at.run(DUMP).out
    data = fetched(at, "com.sunnychat.lite")
    assert certificate_in(data) != signer("wechat").der
    said = texts(8, entry(data, "AndroidManifest.xml"))
    assert "com.tencent.mm.ui.LauncherUI" in said
    assert sum(text.startswith("com.tencent.mm.plugin.") for text in said) >= 3
    assert "com.sunnychat.lite/com.tencent.mm.ui.LauncherUI" in at.run("dumpsys package resolvers activity").out


def test_the_look_alike_has_only_the_name(desk: Desks) -> None:
    at = desk("look-alike")
    assert WECHAT in at.phone.installed()
    assert "962f5b7" not in at.run(DUMP).out
    data = fetched(at, WECHAT)
    assert certificate_in(data) != signer("wechat").der
    assert not [t for t in texts(8, entry(data, "AndroidManifest.xml")) if t.startswith("com.tencent.mm.")]


@pytest.mark.parametrize("name", scenarios())
def test_every_app_has_a_label_and_a_screen(name: str) -> None:
    banned = {"com.tencent.mm": "WeChat", "com.zhiliaoapp.musically": "TikTok", "com.kms.free": "Kaspersky"}
    for package in PracticePhone(load(name), pace=0).packages.values():
        said = label(package.data)
        assert said
        assert name == "hostile" or said.isprintable()
        assert activities(package.data)
        assert all("." in activity for activity in activities(package.data))
        if name != "look-alike":
            assert said == banned.get(package.name, said)


def test_ordinary_apps_are_called_what_one_would_expect() -> None:
    labels = {p.name: label(p.data) for p in PracticePhone(load("walk-up"), pace=0).packages.values()}
    assert labels["com.google.android.gms"] == "Google Play services"
    assert labels["com.android.settings"] == "Settings"
    assert labels["com.example.notes0"] == "Notes"
    assert labels["com.example.notes28"] == "My Notes"
    assert len({v for k, v in labels.items() if k.startswith("com.example.")}) > 100
    assert not {"wechat", "tiktok"} & {v.lower() for k, v in labels.items() if k != WECHAT}


def test_an_app_without_a_label_is_called_by_its_name() -> None:
    assert label(AppData("org.example.two_words9", Version(1, "1"))) == "Two words"
    assert label(AppData("org.example.99", Version(1, "1"))) == "App"
