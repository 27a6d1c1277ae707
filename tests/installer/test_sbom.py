"""The bill of materials: complete, of the official schema, and the same for the same bundle."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from core import __version__
from installer.third_party import notices, sbom
from tests.installer.bundles import make, schema_fault

EPOCH = 1_780_000_000


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make(tmp_path, monkeypatch, "lib/usb1/__init__.py", "lib/PySide6/QtCore.abi3.so", "lib/yaml/__init__.py")


def made(bundle: Path, epoch: int = EPOCH) -> str:
    out = bundle / "licences" / "fanion.cdx.json"
    sbom.write(notices.write(bundle, bundle / "licences"), bundle, out, epoch)
    return out.read_text(encoding="utf-8")


def by_name(text: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(text)["components"]}


def test_the_official_schema_has_nothing_against_it(bundle: Path) -> None:
    assert schema_fault(made(bundle)) is None


def test_the_schema_would_find_a_fault(bundle: Path) -> None:
    broken = json.loads(made(bundle))
    broken["components"][0]["type"] = "toy"
    assert schema_fault(json.dumps(broken)) is not None


def test_it_says_what_it_is_of_and_when(bundle: Path) -> None:
    bom = json.loads(made(bundle))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    program = bom["metadata"]["component"]
    assert (program["name"], program["version"], program["type"]) == ("fanion", __version__, "application")
    assert bom["metadata"]["timestamp"] == "2026-05-28T20:26:40+00:00"


def test_every_part_has_a_licence_a_purl_and_its_files_with_their_hashes(bundle: Path) -> None:
    parts = by_name(made(bundle))
    assert all(one["purl"].startswith("pkg:") and one["licenses"] for one in parts.values())
    usb = parts["libusb1"]
    assert usb["purl"] == f"pkg:pypi/libusb1@{usb['version']}"
    assert usb["licenses"] == [{"expression": "LGPL-2.1-or-later", "acknowledgement": "concluded"}]
    (file,) = usb["components"]
    expected = hashlib.sha256(b"lib/usb1/__init__.py").hexdigest()
    assert (file["name"], file["hashes"][0]["content"]) == ("lib/usb1/__init__.py", expected)


def test_every_file_of_the_bundle_is_in_it_once(bundle: Path) -> None:
    bom = json.loads(made(bundle))
    tops = [bom["metadata"]["component"], *bom["components"]]
    named = [file["name"] for one in tops for file in one.get("components", ())]
    there = [path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()]
    assert sorted(named) == sorted(name for name in there if not name.startswith("licences/"))


def test_what_is_inside_what_can_be_followed(bundle: Path) -> None:
    text = made(bundle)
    parts, needs = by_name(text), {one["ref"]: one.get("dependsOn", []) for one in json.loads(text)["dependencies"]}
    assert parts["Qt"]["bom-ref"] in needs[parts["pyside6-essentials"]["bom-ref"]]
    assert parts["pyyaml"]["bom-ref"] in needs[f"pkg:generic/fanion@{__version__}"]


def test_every_reference_leads_somewhere(bundle: Path) -> None:
    bom = json.loads(made(bundle))
    there = {bom["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in bom["components"])}
    assert {one["ref"] for one in bom["dependencies"]} == there
    assert {ref for one in bom["dependencies"] for ref in one.get("dependsOn", ())} <= there


def test_the_same_bundle_makes_the_same_bill(bundle: Path) -> None:
    assert made(bundle) == made(bundle)


def test_another_bundle_has_another_number(bundle: Path) -> None:
    before = json.loads(made(bundle))["serialNumber"]
    (bundle / "lib" / "yaml" / "__init__.py").write_text("changed", encoding="utf-8")
    after = json.loads(made(bundle))["serialNumber"]
    assert before.startswith("urn:uuid:")
    assert before != after
    assert json.loads(made(bundle, epoch=EPOCH + 1))["serialNumber"] != after
