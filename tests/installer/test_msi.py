"""The package for Windows Installer: what is in it, and, where Debian's wixl and Wine are, that it is made and
works."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from installer.windows import listing, msi, winget

HERE = Path(msi.__file__).parent
EPOCH = 1_700_000_000
COMPILER = "x86_64-w64-mingw32-gcc"
needs_wixl = pytest.mark.skipif(
    not all(map(shutil.which, ("wixl", "msibuild", "msiinfo"))), reason="needs wixl and msitools"
)
FILES = ("fanion.exe", "fanionw.exe", "lib/a.dll", "lib/resources/$cheap.toml", "lib/É b.txt", "licences/LICENSE")


def laid_out(folder: Path, *names: str, text: str = "new") -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{text} {name}", encoding="utf-8")
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return laid_out(tmp_path / "bundle", *FILES)


def packed(bundle: Path, out: Path, version: str = "0.1.0", guard: Path | None = None) -> str:
    """A package of a bundle; its guard, which only Windows starts, is a stand-in unless one is given."""
    stand_in = out.with_suffix(".ico")
    stand_in.write_bytes(b"stand-in")
    return msi.build(bundle, version, stand_in, guard or stand_in, out, EPOCH)


def table(package: Path, name: str) -> list[list[str]]:
    said = subprocess.run(["msiinfo", "export", package, name], capture_output=True, check=True).stdout
    return [line.split("\t") for line in said.decode().split("\r\n")[3:] if line]


def numbers(fragment: bytes) -> dict[str, str]:
    """Each component's number, by the source of its file."""
    return {
        part[0].attrib["Source"]: part.attrib["Guid"]
        for part in ET.fromstring(fragment).iter("{http://schemas.microsoft.com/wix/2006/wi}Component")
    }


# --- without wixl


def test_a_file_keeps_its_number_in_every_version_and_place(bundle: Path, tmp_path: Path) -> None:
    first = numbers(msi.fragment(bundle, listing.files(bundle)))
    other = laid_out(tmp_path / "elsewhere", *FILES, "lib/added.dll", text="other")
    second = numbers(msi.fragment(other, listing.files(other)))
    assert len(set(second.values())) == len(FILES) + 1
    assert set(first.values()) < set(second.values())


@pytest.mark.skipif(os.name == "nt", reason="needs names that Windows does not have")
def test_a_name_that_windows_cannot_have_is_refused(bundle: Path) -> None:
    (bundle / 'lib/a"b').write_text("", encoding="utf-8")
    with pytest.raises(listing.ListingProblem, match="because of its name"):
        msi.fragment(bundle, listing.files(bundle))


@pytest.mark.parametrize("version", ["1.0", "0.1.0rc1", "1.2.3.4", "1000.0.0", ""])
def test_a_version_that_windows_installer_cannot_compare_is_refused(bundle: Path, tmp_path: Path, version: str) -> None:
    with pytest.raises(msi.MsiProblem, match="three numbers"):
        packed(bundle, tmp_path / "out.msi", version)
    assert not (tmp_path / "out.msi").exists()


def test_without_wixl_it_is_said_what_brings_it(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    icon = laid_out(tmp_path / "icon", "fanion.ico") / "fanion.ico"
    assert msi.main([*map(str, (bundle, "0.1.0", icon, icon, tmp_path / "out.msi"))]) == 1
    assert "apt-get install wixl msitools" in capsys.readouterr().err


SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")


@given(st.binary(max_size=40), st.binary(max_size=80), st.booleans())
def test_what_is_no_package_is_not_dated(before: bytes, after: bytes, near: bool) -> None:
    offset = struct.pack("<I", 48) if near else b""
    for wrong in (before + after, before + SUMMARY + offset + after, 2 * (before + SUMMARY + after)):
        with pytest.raises(msi.MsiProblem):
            msi.dated(wrong, "0" * 36, EPOCH)


def test_what_is_dated_changes_nothing_else() -> None:
    properties = ((9, bytes(4) + struct.pack("<I", 39) + b"{" + b"A" * 36 + b"}\0\0"), (12, bytes(12)), (13, bytes(12)))
    at, index, values = 8 + 8 * len(properties), b"", b""
    for name, value in properties:
        index += struct.pack("<II", name, at + len(values))
        values += value
    section = struct.pack("<II", at + len(values), len(properties)) + index + values
    package = b"head" + bytes(28) + SUMMARY + struct.pack("<I", 48) + section + b"tail"
    code = "01234567-89AB-CDEF-0123-456789ABCDEF"
    made = msi.dated(package, code, 0)
    assert len(made) == len(package)
    assert made.replace(f"{{{code}}}".encode(), b"{" + b"A" * 36 + b"}").replace(msi._filetime(0), bytes(8)) == package
    # 1970-01-01 as Windows counts it (Microsoft, "Converting a time_t value to a FILETIME").
    assert made.count(struct.pack("<Q", 116_444_736_000_000_000)) == 2


def test_both_installers_keep_away_from_each_other() -> None:
    package = (HERE / "fanion.wxs").read_text(encoding="utf-8")
    setup = (HERE / "fanion.nsi").read_text(encoding="utf-8")
    assert 'Name="Installer" Type="string" Value="msi"' in package
    assert 'ReadRegStr $0 HKLM "Software\\Fanion" "Installer"' in setup
    assert "Installed OR NOT SETUPPROGRAM" in package
    (key,) = re.findall(r'!define UNINSTALL_KEY "(.*)"', setup)
    assert f'Key="{key}"' in package


def test_the_settings_folder_is_closed_as_the_setup_program_closes_it() -> None:
    setup = (HERE / "fanion.nsi").read_text(encoding="utf-8")
    (listed,) = re.findall(r'!define PROTECTED "(.*)"', setup)
    assert re.findall(r"\(.*?\)", listed) == re.findall(r"\(.*?\)", msi._SETTINGS_ACCESS)
    assert msi._SETTINGS_ACCESS.startswith("D:P("), "nothing is inherited"


# --- with wixl


@needs_wixl
def test_windows_reads_what_is_in_the_package(bundle: Path, tmp_path: Path) -> None:
    package = tmp_path / "out.msi"
    product = packed(bundle, package)
    properties = dict(table(package, "Property"))
    assert properties["ProductCode"] == product
    assert properties["ProductVersion"] == "0.1.0"
    assert properties["UpgradeCode"] == "{5A4F1C0E-6B3D-5D7E-9F42-8C1B7E2D3A60}", "which no version may change"
    assert properties["ALLUSERS"] == "1", "per machine"
    # Public properties can be given on a command line: none leads the program into another folder.
    assert not {row[0] for row in table(package, "Directory")} & {"INSTALLDIR", "INSTALLFOLDER"}
    assert {row[2] for row in table(package, "File")} == {Path(name).name for name in FILES}
    assert len(table(package, "Component")) == len(FILES) + 3
    sequence = {row[0]: int(row[2]) for row in table(package, "InstallExecuteSequence")}
    order = ("InstallInitialize", "RemoveExistingProducts", "RequireClosed", "ProcessComponents", "InstallFiles")
    assert [name for name, _ in sorted(sequence.items(), key=lambda row: row[1]) if name in order] == list(order)
    assert {tuple(row[1:5]) for row in table(package, "MsiLockPermissionsEx")} == {
        ("Settings", "CreateFolder", msi._SETTINGS_ACCESS, "NOT SETTINGSFOLDER")
    }
    secure = set(properties["SecureCustomProperties"].split(";"))
    asked = {word for row in table(package, "LaunchCondition") for word in re.findall(r"\b[A-Z]{6,}\b", row[0])}
    assert asked <= secure, "what is asked for has to reach the part that installs"
    for row in table(package, "LaunchCondition"):
        english, french = row[1].split(" / ")
        assert english
        assert "'" not in french


@needs_wixl
def test_it_can_be_made_again_byte_by_byte_and_another_content_is_another_product(bundle: Path, tmp_path: Path) -> None:
    packages = [tmp_path / f"{name}.msi" for name in ("first", "second", "third")]
    products = [packed(bundle, packages[0]), packed(bundle, packages[1])]
    (bundle / "lib/a.dll").write_text("changed", encoding="utf-8")
    products.append(packed(bundle, packages[2]))
    assert packages[0].read_bytes() == packages[1].read_bytes()
    assert products[0] == products[1] != products[2]
    summaries = [
        subprocess.run(
            ["msiinfo", "suminfo", one], env=os.environ | {"TZ": "UTC"}, capture_output=True, check=True
        ).stdout
        for one in packages
    ]
    codes = [re.search(rb"\{[0-9A-F-]{36}\}", summary) for summary in summaries]
    assert all(codes)
    assert codes[0] != codes[2]
    assert all(b"Nov 14" in summary and b"2023" in summary for summary in summaries)


# --- for winget


@needs_wixl
def test_winget_is_told_of_the_very_package(bundle: Path, tmp_path: Path) -> None:
    package, address = tmp_path / "out.msi", "https://example.org/fanion-0.1.0-windows-x64.msi"
    product = packed(bundle, package)
    assert winget.main([str(package), address, str(tmp_path / "winget")]) == 0
    read = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in (tmp_path / "winget").iterdir()}
    kinds = {name: one["ManifestType"] for name, one in read.items()}
    assert kinds == {
        "Fanion.Fanion.yaml": "version",
        "Fanion.Fanion.installer.yaml": "installer",
        "Fanion.Fanion.locale.en-CA.yaml": "defaultLocale",
        "Fanion.Fanion.locale.fr-CA.yaml": "locale",
    }
    for one in read.values():
        assert (one["PackageIdentifier"], one["PackageVersion"]) == ("Fanion.Fanion", "0.1.0")
        assert one["ManifestVersion"] == "1.10.0"
    installer = read["Fanion.Fanion.installer.yaml"]
    assert installer["ProductCode"] == product
    (one,) = installer["Installers"]
    assert one["InstallerSha256"] == hashlib.sha256(package.read_bytes()).hexdigest().upper()
    assert one["InstallerUrl"] == address
    english, french = (read[f"Fanion.Fanion.locale.{locale}.yaml"] for locale in ("en-CA", "fr-CA"))
    assert english.keys() == french.keys()
    assert "'" not in french["Description"]


@needs_wixl
def test_what_winget_could_not_fetch_or_install_is_refused(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package, other = tmp_path / "out.msi", tmp_path / "other.msi"
    packed(bundle, package)
    other.write_bytes(b"no package")
    for file, address, said in (
        (package, "http://example.org/out.msi", "begin with https://"),
        (package, "https://example.org/setup.exe", "that of a .msi"),
        (other, "https://example.org/other.msi", "is no package for Windows Installer"),
    ):
        assert winget.main([str(file), address, str(tmp_path / "winget")]) == 1
        assert said in capsys.readouterr().err
    assert not (tmp_path / "winget").exists()


# --- in Wine


class Wine:
    """A Windows of its own, and what a deployment tool does in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drive = folder / "prefix" / "drive_c"
        self.program = self.drive / "Program Files" / "Fanion"
        (folder / "run").mkdir(mode=0o700)
        gone = {"DISPLAY", "WAYLAND_DISPLAY"}
        self.environment = {name: value for name, value in os.environ.items() if name not in gone} | {
            "HOME": str(folder),
            "WINEPREFIX": str(folder / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }

    def start(self, *command: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["wine", *command], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def run(self, *command: str | Path) -> int:
        with self.start(*command) as started:
            return started.wait(timeout=120)

    def msiexec(self, action: str, package: Path, *properties: str) -> tuple[int, str]:
        """The lower byte of Windows Installer's exit code, which is all that Linux hands on, and its log."""
        log = self.folder / "install.log"
        log.unlink(missing_ok=True)
        code = self.run("msiexec", action, package, "/qn", "/norestart", "/l*v", log, *properties)
        return code, log.read_bytes().decode("cp1252", errors="replace")

    def inside(self) -> set[str]:
        return {path.relative_to(self.program).as_posix() for path in self.program.rglob("*") if path.is_file()}


@contextmanager
def wine(folder: Path) -> Iterator[Wine]:
    windows = Wine(folder)
    try:
        assert windows.run("wineboot", "--init") == 0
        yield windows
    finally:
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
        subprocess.run([server, "-k", "-w"], env=windows.environment, timeout=60, check=False)


FAILURE = 1603 & 0xFF
#: Says that it runs, and then does until somebody ends it.
SLEEPER = r"""
#include <windows.h>
int main(void)
{
    CloseHandle(CreateFileA("C:\\running", GENERIC_WRITE, 0, 0, CREATE_ALWAYS, 0, 0));
    while (GetFileAttributesA("C:\\running") != INVALID_FILE_ATTRIBUTES)
        Sleep(50);
    return 0;
}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guard, made as build.sh makes it, and a program that runs until its file is deleted."""
    folder = tmp_path_factory.mktemp("compiled")
    script = (HERE / "build.sh").read_text(encoding="utf-8")
    (words,) = re.findall(r"^guard\(\) \{\n    x86_64-w64-mingw32-gcc (.*?)\\\n", script, re.MULTILINE)
    command = [COMPILER, *words.split(), "-o", str(folder / "guard.dll"), str(HERE / "guard.c"), "-lmsi", "-lkernel32"]
    subprocess.run(command, check=True)
    (folder / "sleeper.c").write_text(SLEEPER, encoding="ascii")
    subprocess.run([COMPILER, "-Os", "-o", folder / "sleeper.exe", folder / "sleeper.c"], check=True)
    return folder


@needs_wixl
@pytest.mark.skipif(not all(map(shutil.which, ("wine", COMPILER))), reason="needs wine and gcc-mingw-w64-x86-64")
def test_wine_installs_upgrades_repairs_and_removes_it(bundle: Path, compiled: Path, tmp_path: Path) -> None:
    guard = compiled / "guard.dll"
    older = laid_out(tmp_path / "older", "fanionw.exe", "lib/a.dll", "lib/only-in-the-older.txt", text="old")
    shutil.copyfile(compiled / "sleeper.exe", older / "fanion.exe")
    old, new = tmp_path / "old.msi", tmp_path / "new.msi"
    packed(older, old, "0.0.9", guard)
    packed(bundle, new, "0.1.0", guard)
    with wine(tmp_path) as windows:
        assert windows.msiexec("/i", old)[0] == 0
        before = windows.inside()
        assert before == {"fanion.exe", "fanionw.exe", "lib/a.dll", "lib/only-in-the-older.txt"}
        settings = windows.drive / "ProgramData" / "Fanion" / "settings.toml"
        settings.write_text('desk = "4"\n', encoding="utf-8")
        (windows.program / "notes.txt").write_text("an administrator's", encoding="utf-8")

        # While a program of it runs, nothing is changed.
        running = windows.drive / "running"
        with windows.start(windows.program / "fanion.exe") as started:
            while not running.exists():
                assert started.poll() is None
            code, said = windows.msiexec("/i", new)
            running.unlink()
        assert code == FAILURE
        assert "Fanion is open" in said
        assert windows.inside() == before | {"notes.txt"}

        # An upgrade takes away what the older one has brought, and nothing else.
        assert windows.msiexec("/i", new)[0] == 0
        assert windows.inside() == {*FILES, "notes.txt"}
        code, said = windows.msiexec("/i", old)
        assert code == FAILURE
        assert "NEWERFANION = {" in said, "Wine writes no refusal into the log, but why it refused"

        # A repair brings back what is missing or was changed.
        (windows.program / "lib/a.dll").unlink()
        (windows.program / "licences/LICENSE").write_text("changed", encoding="utf-8")
        assert windows.msiexec("/i", new, "REINSTALL=ALL", "REINSTALLMODE=amus")[0] == 0
        for name in FILES:
            assert (windows.program / name).read_text(encoding="utf-8") == f"new {name}"

        assert windows.msiexec("/x", new)[0] == 0
        assert windows.inside() == {"notes.txt"}
        assert settings.is_file()

        # Beside the setup program's Fanion, it is not installed.
        key = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Fanion"
        assert windows.run("reg", "add", key, "/v", "UninstallString", "/d", "uninstall.exe", "/f") == 0
        code, said = windows.msiexec("/i", new)
        assert code == FAILURE
        assert "SETUPPROGRAM = uninstall.exe" in said
