"""The SDK's own tools read the files of practice apps: nothing in them knows that the files are made up."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.phones.android.apk import Manifest as ReadManifest
from core.phones.android.apk import icon
from core.simulator import PracticePhone, load
from core.simulator.apk import pictures
from core.simulator.apk.certificates import signer
from core.simulator.model.app_files import apks
from core.simulator.model.identity import activities, certificate, label
from tests.unit.phones.android.apks import read, run


def tool(name: str) -> str:
    """Where the tool is; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def ran(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=120)


def on_disk(scenario: str, package: str, folder: Path) -> tuple[PracticePhone, Path]:
    """The main file of an app of a practice phone."""
    phone = PracticePhone(load(scenario), pace=0)
    (_, apk), *_ = apks(phone.packages[package], phone.scenario.device.sdk)
    path = folder / "base.apk"
    path.write_bytes(apk.content)
    return phone, path


APPS = [
    ("walk-up", "com.tencent.mm"),
    ("walk-up", "com.kms.free"),
    ("walk-up", "com.example.notes0"),
    ("walk-up", "com.example.chess5"),
    ("walk-up", "com.example.torch7"),
    ("walk-up", "com.example.ledger8"),
    ("walk-up", "com.android.settings"),
    ("stubborn", "com.zhiliaoapp.musically"),
    ("device-admin", "com.kaspersky.kes"),
    ("renamed", "com.pocket.notes.daily"),
    ("repackaged", "com.sunnychat.lite"),
    ("look-alike", "com.tencent.mm"),
    ("hostile", "com.example.two words"),
]


@pytest.mark.parametrize(("scenario", "package"), APPS)
def test_aapt_reads_name_version_label_and_screens(scenario: str, package: str, tmp_path: Path) -> None:
    aapt = tool("aapt")
    phone, path = on_disk(scenario, package, tmp_path)
    app = phone.packages[package]
    done = ran(aapt, "dump", "badging", path)
    assert (done.returncode, done.stderr) == (0, "")
    first = re.match(r"package: name='(.*)' versionCode='(\d+)' versionName='(.*?)'", done.stdout)
    assert first is not None
    assert first.groups() == (package, str(app.version.code), app.version.name)
    assert f"application-label:'{label(app.data)}'\n" in done.stdout
    assert f"targetSdkVersion:'{phone.scenario.device.sdk}'\n" in done.stdout
    ending = {"disc": "png", "bars.webp": "webp"}.get(app.data.icon)
    assert ending is None or f"application-icon-320:'res/mipmap-xhdpi-v4/icon.{ending}'\n" in done.stdout
    assert f"launchable-activity: name='{activities(app.data)[0]}'" in done.stdout
    assert ("provides-component:'device-admin'" in done.stdout) == (app.data.admin is not None)


def test_the_label_is_a_literal_in_some_and_a_resource_in_others(tmp_path: Path) -> None:
    aapt = tool("aapt")
    trees = [
        ran(aapt, "dump", "xmltree", on_disk(scenario, package, tmp_path)[1], "AndroidManifest.xml").stdout
        for scenario, package in APPS
    ]
    assert any("android:label(0x01010001)=@0x7f010001\n" in tree for tree in trees)
    assert any('android:label(0x01010001)="' in tree for tree in trees)


@pytest.mark.parametrize(("scenario", "package"), [app for app in APPS if app[1] not in ("com.android.settings",)])
def test_apksigner_prints_the_certificate_and_holds_the_signature_good(
    scenario: str, package: str, tmp_path: Path
) -> None:
    """Where the key is known. Of a publisher's own certificate only the signature is wrong, and it says just that."""
    apksigner = tool("apksigner")
    phone, path = on_disk(scenario, package, tmp_path)
    by = signer(certificate(phone.packages[package].data))
    done = ran(apksigner, "verify", "-v", "--print-certs", path)
    if by.key is None:
        assert done.returncode == 1
        (wrong,) = re.findall("^ERROR: (.*)$", done.stdout + done.stderr, re.MULTILINE)
        assert wrong.endswith(" signer #1: RSA_PKCS1_V1_5_WITH_SHA256 signature over signed-data did not verify")
        return
    assert (done.returncode, done.stderr) == (0, "")
    assert "Verified using v2 scheme (APK Signature Scheme v2): true\n" in done.stdout
    assert "Verified using v3 scheme (APK Signature Scheme v3): true\n" in done.stdout
    assert f"certificate SHA-256 digest: {hashlib.sha256(by.der).hexdigest()}\n" in done.stdout


def test_apksigner_sees_a_byte_that_was_changed(tmp_path: Path) -> None:
    """So the test above would notice a wrong digest."""
    apksigner = tool("apksigner")
    _, path = on_disk("repackaged", "com.sunnychat.lite", tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert ran(apksigner, "verify", path).returncode == 1


def test_zipalign_finds_everything_in_its_place(tmp_path: Path) -> None:
    _, path = on_disk("walk-up", "com.kms.free", tmp_path)
    assert ran(tool("zipalign"), "-c", "4", path).returncode == 0


FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.example.icons">
<application android:label="Icons" android:icon="@mipmap/ic"/></manifest>"""
ADAPTIVE = """<adaptive-icon xmlns:android="http://schemas.android.com/apk/res/android">
<background android:drawable="@android:color/white"/><foreground android:drawable="@drawable/front"/>
</adaptive-icon>"""


@pytest.mark.parametrize(("picture", "ending"), [("ring", "png"), ("bars.webp", "webp")])
def test_the_front_of_an_adaptive_icon_that_aapt2_built_is_read(
    tmp_path: Path, picture: pictures.Picture, ending: str
) -> None:
    aapt2 = tool("aapt2")
    if not FRAMEWORK.exists():
        pytest.skip("needs Debian's android-framework-res")
    front = pictures.file(picture)
    files = {"mipmap-anydpi-v26/ic.xml": ADAPTIVE.encode(), f"drawable-hdpi/front.{ending}": front}
    for name, content in files.items():
        (tmp_path / "res" / name).parent.mkdir(parents=True)
        (tmp_path / "res" / name).write_bytes(content)
    (tmp_path / "AndroidManifest.xml").write_text(MANIFEST)
    ran(aapt2, "compile", "--no-crunch", "--dir", tmp_path / "res", "-o", tmp_path / "res.zip")
    link = ("--min-sdk-version", "26", "--target-sdk-version", "34", "--manifest", tmp_path / "AndroidManifest.xml")
    done = ran(aapt2, "link", "-I", FRAMEWORK, *link, "-o", tmp_path / "app.apk", tmp_path / "res.zip")
    assert (done.returncode, done.stderr) == (0, "")
    data = (tmp_path / "app.apk").read_bytes()
    found = run(read, data)
    assert isinstance(found.manifest, ReadManifest)
    assert run(lambda file, _: icon.read(file, found.manifest.icon), data) == front
