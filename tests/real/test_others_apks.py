"""Apps that others have built and published: their files say the same to Fanion as to Android's own tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import platformdirs
import pytest

from core.phones.android.apk import Remote, Steps, dex, icon
from core.phones.android.apk.manifest import Manifest
from core.phones.android.apk.signing import Signers
from tests.real.test_apk_two_ways import asked, tree
from tests.unit.phones.android.apks import account, run

#: Packages of the npm registry that carry ready-made apps (Apache-2.0).
PACKAGES = ("io.appium.settings@8.0.10", "appium-uiautomator2-server@10.6.6", "android-apidemos@5.0.0")
FOLDER = Path(os.environ.get("FANION_TEST_CACHE") or platformdirs.user_cache_dir("fanion-tests")) / "apks"


@pytest.fixture(scope="session")
def apks() -> list[Path]:
    """The apps' files, fetched once."""
    missing = [tool for tool in ("npm", "aapt", "aapt2", "apksigner", "dexdump") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    left = [name for name in PACKAGES if not (FOLDER / f"{name.replace('@', '-')}.tgz").exists()]
    if not left:
        return sorted(FOLDER.rglob("*.apk"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["npm", "pack", "--silent", *left], cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode and not any(FOLDER.rglob("*.apk")):
        pytest.skip(f"they cannot be fetched here: {done.stderr.strip().splitlines()[-1:]}")
    for package in FOLDER.glob("*.tgz"):
        with tarfile.open(package) as archive:
            for member in archive:
                if member.name.endswith(".apk") and member.isfile():
                    content = archive.extractfile(member)
                    assert content is not None
                    (FOLDER / Path(member.name).name).write_bytes(content.read())
    return sorted(FOLDER.rglob("*.apk"))


def told(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def _icon(number: int, file: Remote, sdk: int) -> Steps[bytes]:
    return icon.read(file, number)


def test_they_say_the_same(apks: list[Path]) -> None:
    assert len(apks) >= 3
    trees = dict(asked(apks, "xmltree", "--file", "AndroidManifest.xml"))
    for apk in apks:
        told_by_us = account(apk.read_bytes())
        assert told_by_us.left == ()
        found = told_by_us.value
        badging, certificates = told("aapt", "dump", "badging", apk), told("apksigner", "verify", "--print-certs", apk)
        number = found.manifest.icon if isinstance(found.manifest, Manifest) else 0
        package = re.search(r"package: name='([^']+)' versionCode='(\d*)'", badging)
        label = re.search(r"^application-label:'([^']*)'", badging, re.MULTILINE)
        assert package is not None
        assert isinstance(found.manifest, Manifest)
        assert (found.manifest.package, str(found.manifest.version_code or "")) == package.groups()
        assert found.label == (label[1] if label else "")
        assert tree(trees[apk] or "") == (found.manifest.package, set(found.manifest.components))
        picture = re.search(r"^application-icon-320:'(.+\.png)'", badging, re.MULTILINE)
        if picture is not None:
            with zipfile.ZipFile(apk) as archive:
                assert run(partial(_icon, number), apk.read_bytes()) == archive.read(picture[1])
        assert isinstance(found.signers, Signers)
        (certificate,) = found.signers.certificates
        assert f"certificate SHA-256 digest: {certificate.sha256}" in certificates
        assert f"certificate SHA-1 digest: {certificate.sha1}" in certificates


def test_they_have_the_same_classes(apks: list[Path]) -> None:
    for apk in apks:
        with zipfile.ZipFile(apk) as archive:
            code = [archive.read(name) for name in archive.namelist() if re.fullmatch(r"classes\d*\.dex", name)]
        dumped = subprocess.run(["dexdump", apk], check=True, capture_output=True).stdout
        by_us = {descriptor for content in code for descriptor in dex.class_descriptors(content)}
        assert by_us == set(re.findall(rb"^  Class descriptor  : '(.+)'$", dumped, re.MULTILINE))
