"""Debian's own word on whose the system's libraries are, and the notices of a bundle that was really built."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from installer.problem import BuildProblem
from installer.third_party import bundle_contents, licences, notices, sbom
from tests.installer.bundles import schema_fault

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "dist" / "fanion"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("dpkg-query"), reason="needs a Debian or an Ubuntu"
)


def test_debian_says_whose_a_library_is() -> None:
    (found,) = bundle_contents.host_libraries({"lib/libz.so.1": "libz.so.1"}).values()
    assert (found.package, found.source) == ("zlib1g", "zlib")
    assert found.version


def test_debian_knows_no_library_of_that_name() -> None:
    with pytest.raises(BuildProblem, match=r"lib/libnobodys\.so\.1"):
        bundle_contents.host_libraries({"lib/libnobodys.so.1": "libnobodys.so.1"})


def test_a_librarys_copyright_file_is_printed_whole() -> None:
    (found,) = bundle_contents.host_libraries({"lib/libz.so.1": "libz.so.1"}).values()
    one = notices.of_host(found, licences.load(), ("lib/libz.so.1",))
    assert "Jean-loup Gailly" in one.texts[0][1]
    assert one.used == "Zlib"
    assert one.purl.startswith("pkg:deb/")


@pytest.mark.skipif(
    not (BUNDLE / "fanion-app").exists(), reason="needs a bundle: python3 installer/bootstrap.py package"
)
def test_the_bundle_that_was_built_has_nothing_unknown_in_it(tmp_path: Path) -> None:
    found = notices.write(BUNDLE, tmp_path)
    text = (tmp_path / notices.FILE).read_text(encoding="utf-8")
    names = {one.name for one in found}
    assert {
        "fanion",
        "CPython",
        "PyInstaller",
        "Qt",
        "libusb",
        "typst",
        "pyrage",
        "age",
        "openssl",
        "libsqlite3-0",
    } <= names
    assert not {one.name for one in found if one.used.startswith("GPL") and " WITH " not in one.used}
    for one in found:
        assert f"{one.name} {one.version}: {one.used}" in text
    sbom.write(found, BUNDLE, tmp_path / "fanion.cdx.json", 1_780_000_000)
    bill = (tmp_path / "fanion.cdx.json").read_text(encoding="utf-8")
    assert schema_fault(bill) is None
    assert len(json.loads(bill)["components"]) == len(found) - 1
