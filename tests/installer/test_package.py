"""What the builder does around PyInstaller: one time for all, launchers filled in, weights, what is left out."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core import __version__
from installer import archives, package, trim
from installer.problem import BuildProblem

linux = pytest.mark.skipif(sys.platform != "linux", reason="of a bundle for Linux")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "fanion"
    (folder / "lib/typst").mkdir(parents=True)
    (folder / "lib/resources").mkdir()
    (folder / "fanion-app").write_bytes(b"program")
    (folder / "fanion-app").chmod(0o770)
    (folder / "lib/typst/_typst.so").write_bytes(b"x" * 1000)
    (folder / "lib/resources/canada.toml").write_bytes(b"x" * 10)
    (folder / "lib/resources/canada.toml").chmod(0o600)
    (folder / "lib/yaml.so").write_bytes(b"x" * 7)
    (folder / "lib/other.so").symlink_to("yaml.so")
    return folder


def test_the_time_is_the_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    assert package.source_date_epoch() == 1_764_000_000
    for wrong in ("yesterday", "-5", "1e9", "\N{ARABIC-INDIC DIGIT ONE}"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(BuildProblem, match="not a number of seconds"):
            package.source_date_epoch()


def test_else_it_is_that_of_the_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr(package, "ROOT", tmp_path)
    with pytest.raises(BuildProblem, match="SOURCE_DATE_EPOCH"):
        package.source_date_epoch()
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", "-C", tmp_path, *who, *words], check=True)
    assert package.source_date_epoch() == 1_700_000_000


def test_a_build_depends_on_nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("LC_MESSAGES", "fr_CA.UTF-8")
    monkeypatch.setenv("QT_STYLE_OVERRIDE", "windows")
    environment = package.build_environment(5)
    assert not {"PYTHONPATH", "LC_MESSAGES", "QT_STYLE_OVERRIDE"} & set(environment)
    assert (environment["SOURCE_DATE_EPOCH"], environment["PYTHONHASHSEED"]) == ("5", "0")
    assert environment["PATH"] == os.environ["PATH"]


@linux
def test_no_trace_of_who_built_it_is_left(bundle: Path) -> None:
    package.settle(bundle, 1_764_000_000)
    for path in [bundle, *bundle.rglob("*")]:
        assert path.lstat().st_mtime == 1_764_000_000
        if not path.is_symlink():
            runs = path.is_dir() or path.name == "fanion-app"
            assert path.stat().st_mode & 0o777 == (0o755 if runs else 0o644)


def test_every_file_is_listed_with_its_length_in_an_order_that_is_always_the_same(bundle: Path) -> None:
    said = "7 other.so\n10 resources/canada.toml\n1000 typst/_typst.so\n7 yaml.so\n"
    for _ in range(2):  # a second time it does not list itself
        package.write_list(bundle / "lib")
        assert (bundle / "lib/files.txt").read_text() == said


def test_every_byte_is_for_something(bundle: Path) -> None:
    found = package.weights(bundle)
    assert sum(found.values()) == sum(p.stat().st_size for p in bundle.rglob("*") if p.is_file() and not p.is_symlink())
    assert found["typst (receipts and papers as tagged PDF, its fonts)"] == 1000
    assert found["Fanion's policies, guides, icons, French"] == 10
    assert found["other modules (USB, YAML, msgspec, ...)"] == 7
    assert found["Python and all that is written in it"] == len(b"program")


def test_the_archive_for_windows_is_the_whole_bundle_whenever_it_is_packed(bundle: Path, tmp_path: Path) -> None:
    (bundle / "lib/other.so").unlink()
    made = []
    for name in ("one.zip", "two.zip"):
        made.append(archives.zipped(bundle, tmp_path / name, 1_764_000_001).read_bytes())
        for path in bundle.rglob("*"):
            os.utime(path, (1_000_000_000, 1_000_000_000))
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        entries = archive.infolist()
        assert {entry.filename.partition("/")[0] for entry in entries} == {f"fanion-{__version__}"}
        assert {entry.date_time for entry in entries} == {(2025, 11, 24, 16, 0, 0)}
        assert all(entry.create_system == 0 for entry in entries), "else Unix' unzip takes all rights away"
        archive.extractall(tmp_path / "out")
    inside = tmp_path / "out" / f"fanion-{__version__}"
    assert (inside / "fanion-app").read_bytes() == b"program"
    assert len(entries) == sum(path.is_file() for path in bundle.rglob("*"))


def test_a_bundle_for_windows_has_the_templates_for_group_policies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_system: Callable[[str], None]
) -> None:
    """Also the archive's, which the administrator's guide calls the same program."""
    from installer import papers
    from installer.third_party import notices, sbom

    on_system("win32")
    monkeypatch.setattr(notices, "write", lambda bundle, out: [])
    monkeypatch.setattr(sbom, "write", lambda *_: None)
    monkeypatch.setattr(papers, "write", lambda *_: None)
    (tmp_path / "lib").mkdir()
    package.furnish(tmp_path, 1_764_000_000)
    found = {path.relative_to(tmp_path / "admx").as_posix() for path in (tmp_path / "admx").rglob("*.adm?")}
    assert found == {"fanion.admx", "en-US/fanion.adml", "fr-CA/fanion.adml", "fr-FR/fanion.adml"}


@linux
def test_a_new_build_replaces_its_own_kind_only(tmp_path: Path) -> None:
    package.clear(tmp_path / "dist")
    names = ["fanion_0.0.9_amd64.deb", "fanion-0.0.9-1.x86_64.rpm", "fanion-0.0.9-linux-x86_64.tar.xz", "SHA256SUMS"]
    others = ["fanion-0.1.0-windows-x64-setup.exe", "fanion-0.1.0-macos-arm64.tar.xz"]
    for name in (*names, *others):
        (tmp_path / "dist" / name).touch()
    (tmp_path / "dist/fanion/lib").mkdir(parents=True)
    package.clear(tmp_path / "dist")
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == sorted(others)


@linux
def test_a_bundle_that_is_not_in_order_is_not_packed(bundle: Path) -> None:
    (bundle / "fanion").write_text("#!/bin/sh\necho '✖ USB: no library'\nexit 1\n")
    (bundle / "fanion").chmod(0o755)
    with pytest.raises(BuildProblem, match=r"nothing was packed(.|\n)*no library"):
        package.try_out(bundle)
    (bundle / "fanion").write_text('#!/bin/sh\ncase "$1" in self-test) exit 0;; esac\nexit 3\n')
    package.try_out(bundle)


def test_a_bundle_is_stamped_with_the_time_of_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with nothing else: two builds of one commit are the same."""
    stamps = []

    def frozen(command: list[str], *, env: dict[str, str], **_: object) -> subprocess.CompletedProcess[bytes]:
        stamps.append(Path(env["FANION_BUILT"]).read_bytes())
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", frozen)
    for number in (1, 2):
        package.freeze(1_764_000_000, tmp_path / str(number), FANION_ICON="icon")
    assert stamps == [b"1764000000\n"] * 2


def test_a_failed_freeze_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "ROOT", tmp_path)  # without a recipe
    with pytest.raises(BuildProblem, match=r"PyInstaller could not freeze the program: .*fanion\.spec"):
        package.freeze(1_764_000_000, tmp_path / "work")


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/plugins/platforms/qwindows.dll",
        r"PySide6\plugins\platforms\qwindows.dll",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/imageformats/libqwebp.so",
        "PySide6/Qt/plugins/imageformats/libqwebp.dylib",
        r"PySide6\plugins\imageformats\qwebp.dll",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "resources/guides/getting-ready/samsung.toml",
        "resources/drawings/allow.svg",
        "PySide6/Qt/translations/qtbase_fr.qm",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt6Network.dll",
        "libusb_package/libusb-1.0.so",
        r"libusb_package\libusb-1.0.dll",
        "resources/locale/fr/LC_MESSAGES/fanion.mo",
        "resources/policies/canada.toml",
        "keyring-25.7.0.dist-info/entry_points.txt",
    ],
)
def test_what_is_used_stays(path: str) -> None:
    assert trim.belongs(path)


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platforms/libqminimal.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        r"PySide6\plugins\tls\qschannelbackend.dll",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/imageformats/libqtiff.dylib",
        r"PySide6\plugins\imageformats\qjpeg.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt6Pdf.dll",
        "PySide6/opengl32sw.dll",
        "libusb-1.0.dll",
        r"usb1\libusb-1.0.dll",
        "resources/locale/fr/LC_MESSAGES/fanion.po",
        "resources/__pycache__/__init__.cpython-311.pyc",
        r"resources\head-office\__pycache__\x.pyc",
        "keyring-25.7.0.dist-info/RECORD",
    ],
)
def test_what_nobody_uses_is_left_out(path: str) -> None:
    assert not trim.belongs(path)


@linux
def test_a_library_is_there_only_for_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PyInstaller")
    links = {"/m.so": ["liba.so"], "/liba.so": ["libb.so", "libmissing.so"], "/libc.so": ["libd.so"]}
    monkeypatch.setattr("installer.trim.get_imports", lambda file: {(name, None) for name in links.get(file, [])})
    entries = [
        ("pkg/m.so", "/m.so", "EXTENSION"),
        ("liba.so", "sub/liba.so", "SYMLINK"),
        ("sub/liba.so", "/liba.so", "BINARY"),
        ("libb.so", "/libb.so", "BINARY"),
        ("libc.so", "/libc.so", "BINARY"),
        ("libd.so", "/libd.so", "BINARY"),
        ("libpython3.11.so.1.0", "/libpython3.11.so.1.0", "BINARY"),
    ]
    kept = [entry[0] for entry in trim.needed(entries)]
    assert kept == ["pkg/m.so", "liba.so", "sub/liba.so", "libb.so", "libpython3.11.so.1.0"]


@linux
def test_the_printing_service_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PyInstaller")
    plugin = "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so"
    links = {"/plugin.so": ["libQt6PrintSupport.so.6", "libcups.so.2", "libgnutls.so.30"]}
    monkeypatch.setattr("installer.trim.get_imports", lambda file: {(name, None) for name in links.get(file, [])})
    entries = [
        (plugin, "/plugin.so", "BINARY"),
        ("PySide6/Qt/lib/libQt6PrintSupport.so.6", "/libQt6PrintSupport.so.6", "BINARY"),
        ("libcups.so.2", "/libcups.so.2", "BINARY"),
        ("libgnutls.so.30", "/libgnutls.so.30", "BINARY"),
    ]
    assert [entry[0] for entry in trim.needed(entries)] == [plugin, "PySide6/Qt/lib/libQt6PrintSupport.so.6"]


# --- nothing half-made under a final name

#: Makes a file, or a folder, in two halves; before the second it waits to be killed.
HALF = """
import sys
from pathlib import Path
from installer import archives
with archives.whole(Path(sys.argv[1])) as part:
    if sys.argv[2] == "folder":
        part.mkdir()
        (part / "first").write_bytes(b"half")
    else:
        part.write_bytes(b"half")
    print("half", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("was_there", [False, True])
def test_a_kill_leaves_nothing_half_made_under_a_final_name(tmp_path: Path, kind: str, was_there: bool) -> None:
    final = tmp_path / "dist" / "fanion_1.2.3_amd64.deb"
    final.parent.mkdir()
    if was_there:
        final.write_bytes(b"the one before")
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, final, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=package.ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n" or sys.platform == "win32"
    process.kill()
    process.communicate()
    assert [path.name for path in final.parent.glob("*.deb")] == ([final.name] if was_there else [])
    assert not was_there or final.read_bytes() == b"the one before"
    package.clear(final.parent)
    if sys.platform == "linux":
        assert list(final.parent.iterdir()) == []


#: Packs a folder where a file may have 1,024 bytes at most, as on a disk that is full.
FULL = """
import resource, sys
from pathlib import Path
from installer import archives
bundle, out = map(Path, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
if sys.argv[1] == "tar":
    archives.tarball(bundle, out / "fanion.tar.xz", "fanion", 0)
else:
    archives.zipped(bundle, out / "fanion.zip", 0)
"""


@linux
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_bundle_that_cannot_be_packed_leaves_nothing(form: str, bundle: Path, tmp_path: Path) -> None:
    (bundle / "lib/random.so").write_bytes(os.urandom(100_000))
    out = tmp_path / "dist"
    out.mkdir()
    process = subprocess.run(
        [sys.executable, "-c", FULL, form, bundle, out],
        cwd=package.ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "File too large" in process.stderr
    assert list(out.iterdir()) == []


def test_what_is_made_replaces_what_was_there(tmp_path: Path) -> None:
    final = tmp_path / "fanion"
    for content in ("first", "second"):
        with archives.whole(final) as part:
            part.mkdir()
            (part / content).touch()
        assert [path.name for path in final.iterdir()] == [content]
    assert list(tmp_path.iterdir()) == [final]
