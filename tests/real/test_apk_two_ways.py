"""Manifests by the hundred, most of them hostile, read by Fanion and by Android's own aapt2: where the two see other
classes, or another package, Fanion says that the app is not whole."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from core.phones.android.apk import Manifest
from tests.unit.phones.android import apks, axml

#: Files in an ordinary run of `ci`; the thorough profile has some ten thousand.
FILES: Final = 400
_ATTRIBUTE: Final = re.compile(r'\s*A: (.*?)(?:\((0x[0-9a-f]{8})\))?="(.*)" \(Raw: "(.*)"\)', re.DOTALL)
_NAME: Final = "0x01010003"
#: What names an app's classes, and what it declares as its own, by element and attribute (attrs_manifest.xml).
CLASSES: Final[dict[str, Collection[str]]] = {
    "activity": {_NAME, "0x010103a7"},
    "activity-alias": {_NAME, "0x01010202", "0x010103a7"},
    "application": {_NAME, "0x01010004", "0x0101027f", "0x0101057a", "0x0101059d"},
    **dict.fromkeys(("service", "receiver", "provider", "instrumentation"), frozenset((_NAME,))),
}
OWN: Final = {
    **dict.fromkeys(("permission", "permission-tree", "permission-group", "library"), _NAME),
    "provider": "0x01010018",
}


def how_many(ordinary: int) -> int:
    """So many in relation to the profile."""
    return max(20, ordinary * settings().max_examples // 45)


def asked(files: Sequence[Path], *words: str) -> Iterator[tuple[Path, str | None]]:
    """What aapt2 prints of each file, in one process that takes many commands; None where it fails or dies of it."""
    left = list(files)
    while left:
        commands = "".join("\n".join(("dump", *words, str(file), "", "")) for file in left)
        done = subprocess.run(
            ["aapt2", "daemon"],
            input=f"{commands}quit\n\n".encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        answers = done.stdout.decode("utf-8", "replace").removeprefix("Ready\n").split("Done\n")[:-1]
        for file, answer in zip(left, answers, strict=False):
            yield file, None if answer.endswith("Error\n") else answer
        if len(answers) >= len(left):
            return
        yield left[len(answers)], None
        left = left[len(answers) + 1 :]


def tree(printed: str) -> tuple[str, set[str]]:
    """Package, classes and own names of `aapt2 dump xmltree`: by the attributes that Android goes by."""
    package, element = "", ""
    classes: set[str] = set()
    own: set[str] = set()
    for line in printed.split("\n"):
        if (found := re.match(r"\s*E: (?:.*:)?(.*) \(line=\d+\)", line)) is not None:
            element = found[1]
        elif (attribute := _ATTRIBUTE.fullmatch(line)) is not None:
            name, number, value, raw = attribute.groups()
            if name == "package" and element == "manifest":
                package = package or raw
            elif number in CLASSES.get(element, ()):
                classes.add(value)
            elif element in OWN and number == OWN[element]:
                own.update(value.split(";"))
    return package, {full(package, name) for name in classes} | own


def full(package: str, name: str) -> str:
    return package + name if name.startswith(".") else name if "." in name else f"{package}.{name}"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Made files, most of them hostile."""
    if shutil.which("aapt2") is None:
        pytest.skip("needs aapt2 (Debian: aapt)")
    block = apks.signing_block([(apks.V2, apks.second("maker"))])
    found = []
    for number in range(how_many(FILES)):
        found.append(tmp_path / f"{number}.apk")
        found[-1].write_bytes(apks.Apk([("AndroidManifest.xml", axml.made(number))], block).file())
    return found


def test_classes_that_aapt2_sees_and_fanion_does_not_are_said_to_be_missing(files: list[Path]) -> None:
    whole = differing = 0
    for path, printed in asked(files, "xmltree", "--file", "AndroidManifest.xml"):
        account = apks.account(path.read_bytes())
        manifest = account.value.manifest
        if isinstance(manifest, Manifest):
            same = printed is not None and tree(printed) == (manifest.package, set(manifest.components))
            whole += account.whole
            differing += not same
            assert same or not account.whole, path.name
    assert whole > len(files) // 6
    assert differing > len(files) // 20, "the files are not hostile enough to tell anything"


def test_package_and_label_that_aapt2_prints_are_those_of_fanion(files: list[Path]) -> None:
    for path, printed in asked(files, "badging"):
        account = apks.account(path.read_bytes())
        manifest = account.value.manifest
        if account.whole and isinstance(manifest, Manifest):
            assert printed is not None, path.name
            package = re.search(r"^package: name='(.*?)'", printed, re.MULTILINE)
            label = re.search(r"^application: label='(.*?)'", printed, re.MULTILINE)
            assert package is not None
            assert label is not None
            assert (manifest.package, account.value.label) == (package[1], label[1])
