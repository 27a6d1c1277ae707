"""Files that Android and another reader could read in two ways: none of them hides a class or a signer."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from core.phones.android.apk import Manifest, Signers, Unreadable
from tests.unit.phones.android import apks
from tests.unit.phones.android.apks import (
    LABEL,
    NAME,
    NOTHING,
    STRING,
    V2,
    V3,
    VERSION,
    Apk,
    Xml,
    account,
    chunk,
    read,
    run,
)

LAUNCHER = "com.tencent.mm.ui.LauncherUI"
PACKAGE = "com.pocket.notes"
SIGNED = apks.signing_block([(V2, apks.second("maker"))])


def component(xml: Xml, kind: str = "activity", name: str = LAUNCHER) -> None:
    xml.start(kind, (NAME, STRING, name))
    xml.end(kind)


def written(xml: Xml, fill: Callable[[Xml], None], application: str = "application") -> Xml:
    """A manifest with what `fill` writes into its application."""
    xml.start("manifest", ("package", STRING, PACKAGE), (VERSION, apks.NUMBER, 7))
    xml.start(application, (LABEL, STRING, "Notes"))
    fill(xml)
    xml.end(application)
    xml.end("manifest")
    return xml


class TwoPools(Xml):
    """Android takes the last pool before the first element."""

    def file(self) -> bytes:
        numbers = chunk(0x0180, b"", struct.pack("<5I", *self._numbers))
        decoy = [text.replace(LAUNCHER, "com.pocket.notes.MainActivityX") for text in self._strings]
        return chunk(3, b"", apks.string_pool(decoy) + apks.string_pool(self._strings) + numbers + self.body)


class LateMap(Xml):
    """Android passes over a map of resources that comes after the first element."""

    def file(self) -> bytes:
        numbers = chunk(0x0180, b"", struct.pack("<5I", *self._numbers))
        late = list(self._numbers)
        name, label = self._strings.index("name"), self._strings.index("label")
        late[name], late[label] = late[label], late[name]
        more = chunk(0x0180, struct.pack("<II", 1, NOTHING), struct.pack("<5I", *late))
        (first,) = struct.unpack_from("<I", self.body, 4)
        pool = apks.string_pool(self._strings)
        return chunk(3, b"", pool + numbers + self.body[:first] + more + self.body[first:])


class EndlessName(Xml):
    """The name of the first application claims to be shorter than it is: Android reads on, and passes it over."""

    def file(self) -> bytes:
        return super().file().replace(b"\x0b\x0bapplication\0", b"\x0b\x0bapplicationx", 1)


def labelled(xml: Xml) -> None:
    xml.start("activity", (LABEL, STRING, "com.pocket.notes.Main"), (NAME, STRING, LAUNCHER))
    xml.end("activity")


def nested(xml: Xml) -> None:
    """Some Androids pass over `uses-package` and not over what is in it."""
    component(xml, name=".Main")
    xml.start("uses-package")
    component(xml)
    xml.end("uses-package")


def two_applications(xml: Xml) -> None:
    component(xml, name=".Main")
    xml.end("application")
    xml.start("application")
    component(xml)


def below_queries(xml: Xml) -> None:
    component(xml, name=".Main")
    xml.end("application")
    xml.start("queries")
    xml.start("package")
    component(xml)
    xml.end("package")
    xml.end("queries")
    xml.start("application")


FILES = {
    "two pools": written(TwoPools(), component),
    "a late map": written(LateMap(), labelled),
    "an endless name": written(EndlessName(), component),
    "nested": written(Xml(), nested),
    "two applications": written(Xml(), two_applications),
    "below queries": written(Xml(), below_queries),
}


@pytest.mark.parametrize("xml", FILES.values(), ids=FILES)
def test_a_class_that_android_may_see_is_seen_or_said_to_be_missing(xml: Xml) -> None:
    told = account(apks.Apk([("AndroidManifest.xml", xml.file())], SIGNED).file())
    found = told.value.manifest
    assert isinstance(found, Unreadable) or not told.whole
    if isinstance(found, Manifest) and xml is not FILES["an endless name"]:
        assert LAUNCHER in found.components


def test_what_an_app_wants_to_see_of_others_is_no_class_of_its_own() -> None:
    def fill(xml: Xml) -> None:
        component(xml, name=".Main")
        xml.end("application")
        xml.start("queries")
        xml.start("provider", (LABEL, STRING, "x"))
        xml.end("provider")
        xml.end("queries")
        xml.start("other")

    told = account(Apk([("AndroidManifest.xml", written(Xml(), fill).file())], SIGNED).file())
    found = told.value.manifest
    assert isinstance(found, Manifest)
    assert (found.components, told.left) == ((f"{PACKAGE}.Main",), ())


@pytest.mark.parametrize("length", [119, 121, 400])
def test_a_long_name_of_a_class_is_kept(length: int) -> None:
    name = "com.example." + "x" * (length - 12)
    data = apks.manifest(components=[("activity", name)])
    told = account(Apk([("AndroidManifest.xml", data)], SIGNED).file())
    found = told.value.manifest
    assert isinstance(found, Manifest)
    assert (found.components, told.left) == ((name,), ())


def zip64(apk: Apk) -> bytes:
    """The file with a comment behind its last entry that begins as a ZIP64 locator does."""
    data = apk.file()
    end = data.rfind(b"PK\5\6")
    (size,) = struct.unpack_from("<I", data, end + 12)
    last = data.rfind(b"PK\1\2", 0, end)
    record = bytearray(data[last:end])
    struct.pack_into("<H", record, 32, 20)
    locator = b"PK\6\7" + bytes(16)
    return data[:last] + record + locator + data[end : end + 12] + struct.pack("<I", size + 20) + data[end + 16 :]


def test_a_file_in_which_android_looks_for_no_signing_block_is_not_believed_to_have_one() -> None:
    apk = apks.simple()
    signature = [("META-INF/A.SF", b"Signature-Version: 1.0"), ("META-INF/A.RSA", apks.jar_signature("attacker"))]
    apk.files += signature
    apk.block = apks.signing_block([(V2, apks.second("maker")), (V3, apks.third(("maker", 24, apks.FOREVER, ())))])
    assert isinstance(run(read, apk.file()).signers, Signers)
    assert isinstance(run(read, zip64(apk)).signers, Unreadable)
