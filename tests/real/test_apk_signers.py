"""Signatures by the hundred, most of them hostile, read by Fanion and by others: the JDK's own readers of PKCS #7 and
of signed JARs, and Android's library for APK files. Where one that holds the signature good sees another signer, Fanion
says that the app is not whole."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from core.phones.android.apk import Signers
from core.simulator.apk.apk import signed
from core.simulator.apk.certificates import signer
from tests.real.conftest import made_once
from tests.real.test_apk_two_ways import how_many
from tests.unit.phones.android import apks, jars
from tests.unit.phones.android.test_apk_certificates import FIELDS, changed, number_of

SOURCE: Final = Path(__file__).parent / "java" / "Signers.java"
#: Where Debian's apksigner has its library.
LIBRARY: Final = Path("/usr/share/java/apksigner.jar")
JARS: Final = 150
BLOCKS: Final = 100
EXPORTS: Final = "java.base/sun.security.pkcs=ALL-UNNAMED"


@dataclass(frozen=True)
class Asked:
    """A file that others are asked about, as an Android of `sdk` sees it; of a JAR signature its two files too."""

    path: Path
    sdk: int
    signature: str = ""
    listed: str = ""


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled program that asks the others."""
    if not (shutil.which("java") and shutil.which("javac")):
        pytest.skip("needs a JDK (Debian: default-jdk-headless)")
    if not LIBRARY.exists():
        pytest.skip("needs the library of apksigner (Debian: apksigner)")

    def build(folder: Path) -> None:
        command = ["javac", "-nowarn", "--add-exports", EXPORTS, "-cp", str(LIBRARY), "-d", str(folder), str(SOURCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "java-signers", build)


def others(program: Path, asked: Sequence[Asked]) -> dict[str, dict[Path, frozenset[str]]]:
    """By reader and file the certificates of a signature that the reader holds good; none where it does not."""
    lines = "".join(f"{a.sdk}\t{a.path}\t{a.signature}\t{a.listed}\n" for a in asked)
    command = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "--add-exports", EXPORTS]
    done = subprocess.run(
        [*command, "-cp", f"{program}:{LIBRARY}", "Signers"], input=lines, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[Path, frozenset[str]]] = defaultdict(dict)
    for line in done.stdout.splitlines():
        reader, path, digests = line.split("\t")
        found[reader][Path(path)] = frozenset(digests.split())
    return found


def compare(program: Path, asked: Sequence[Asked], readers: set[str]) -> None:
    """Raises AssertionError where a reader sees another signer and Fanion does not say that the app is not whole."""
    told = others(program, asked)
    assert set(told) == readers
    for reader, files in told.items():
        good = accused = 0
        for item in asked:
            account, theirs = apks.account(item.path.read_bytes(), item.sdk), files[item.path]
            if not theirs:
                continue  # Android would not have installed it
            signers = account.value.signers
            ours = {c.sha256 for c in signers.certificates} if isinstance(signers, Signers) else set()
            if account.whole and ours:
                good += 1
                assert ours == theirs, (reader, item.path.name)
            else:
                accused += 1
        assert good > len(asked) // 8, reader
        assert accused, f"{reader}: the files are not hostile enough to tell anything"


def test_signers_by_jar_signature_that_java_sees_and_fanion_does_not(program: Path, tmp_path: Path) -> None:
    asked = []
    for number in range(how_many(JARS)):
        jar = jars.made(number)
        item = Asked(tmp_path / f"{number}.apk", 23, f"{tmp_path}/{number}.EC", f"{tmp_path}/{number}.SF")
        item.path.write_bytes(jar.file())
        text, block = jar.signatures["CERT"]
        Path(item.signature).write_bytes(block)
        Path(item.listed).write_bytes(text)
        asked.append(item)
    compare(program, asked, {"apksig", "jar", "pkcs7"})


@lru_cache
def pairs(name: str) -> tuple[bytes, list[tuple[int, bytes]], bytes]:
    """A file whose signatures hold: what stands before its signing block, the pairs in that, and what is behind."""
    content = signed([("AndroidManifest.xml", apks.manifest())], signer(name))
    (directory,) = struct.unpack_from("<I", content, content.rindex(b"PK\5\6") + 16)
    (size,) = struct.unpack_from("<Q", content, directory - 24)
    start, found = directory - size - 8, []
    at = start + 8
    while at < directory - 24:
        length, number = struct.unpack_from("<QI", content, at)
        found.append((number, content[at + 12 : at + 8 + length]))
        at += 8 + length
    return content[:start], found, content[directory:]


def made(number: int) -> bytes:
    """The file of this number: what is in a signing block is not signed, so its pairs may stand in any order, twice, or
    before bytes that are none."""
    chance = random.Random(number)
    before, own, behind = pairs("maker")
    found = list(own)
    tail = b""
    if number % 5:
        for _ in range(chance.randrange(1, 3)):
            match chance.randrange(4):
                case 0:
                    chance.shuffle(found)
                case 1:
                    found.insert(chance.randrange(len(found) + 1), chance.choice(pairs("other")[1][:2]))
                case 2:
                    unknown = chance.choice((0x71777777, 0x42726577, 0x1B93AD61, 5))
                    found.insert(chance.randrange(len(found) + 1), (unknown, bytes(chance.randrange(40))))
                case 3:
                    tail = chance.choice((b"\0" * 5, struct.pack("<QI", 2**62, 5), struct.pack("<QI", 2, 5)))
    body = b"".join(struct.pack("<QI", len(value) + 4, key) + value for key, value in found) + tail
    size = struct.pack("<Q", len(body) + 24)
    block = size + body + size + b"APK Sig Block 42"
    end = bytearray(behind)
    struct.pack_into("<I", end, behind.rindex(b"PK\5\6") + 16, len(before) + len(block))
    return before + block + end


def test_signers_by_signing_block_that_androids_library_sees_and_fanion_does_not(program: Path, tmp_path: Path) -> None:
    asked = []
    for number in range(how_many(BLOCKS)):
        item = Asked(tmp_path / f"{number}.apk", (24, 28, 33, 34)[number % 4])
        item.path.write_bytes(made(number))
        asked.append(item)
    compare(program, asked, {"apksig"})


def test_a_certificate_that_java_takes_is_one_by_the_same_bytes(program: Path, tmp_path: Path) -> None:
    """Each certificate stands in a JAR signature that its key made."""
    maker, manifest = jars.key("maker"), apks.manifest()
    text = jars.signed_list(manifest)
    asked = []
    for number, (place, value) in enumerate(FIELDS.values()):
        odd = changed(maker.certificate, place, value)
        item = Asked(tmp_path / f"{number}.apk", 23, f"{tmp_path}/{number}.EC", f"{tmp_path}/{number}.SF")
        block = jars.block([odd], [jars.signer(replace(maker, certificate=odd, number=number_of(odd)), text)])
        item.path.write_bytes(jars.Jar(manifest, {"CERT": (text, block)}).file())
        Path(item.signature).write_bytes(block)
        Path(item.listed).write_bytes(text)
        asked.append(item)
    told = others(program, asked)
    assert set(told) == {"apksig", "jar", "pkcs7"}
    for reader, files in told.items():
        good = 0
        for item in asked:
            signers, theirs = apks.account(item.path.read_bytes(), 23).value.signers, files[item.path]
            assert isinstance(signers, Signers)
            if theirs:
                good += 1
                assert {c.sha256 for c in signers.certificates} == theirs, (reader, item.path.name)
        assert good > len(asked) // 2, reader
