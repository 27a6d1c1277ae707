"""The package fanion-office: what it has, what it needs, where it is laid, and what may be in it."""

from __future__ import annotations

import json
import sys
import tarfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from core import __version__
from core.system import libraries
from installer.problem import BuildProblem
from installer.third_party import bundle_contents, licences, notices, sbom
from tests.installer.bundles import installed
from tests.installer.test_linux import has_nfpm, run

if sys.platform == "linux":
    from installer.linux import packages, tree
    from installer.office import packing, parts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of packages for Linux")
pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")
#: As the wheel for this Python names it.
DUCKDB = next(f"lib/{file.name}" for file in metadata.files("duckdb") or () if file.name.startswith("_duckdb."))

EPOCH = 1_764_000_000


@pytest.fixture
def gathered(tmp_path: Path) -> Path:
    """What is gathered for the package, with a small real program as the library."""
    folder = tmp_path / "gathered"
    office = folder / libraries.FOLDER
    for name, content in {
        DUCKDB: Path("/bin/true").read_bytes(),
        "lib/duckdb/__init__.pyc": b"compiled",
        "lib/html/entities.pyc": b"compiled",
        "files.txt": b"",
        f"licences/fanion-office-{__version__}.cdx.json": b"{}",
    }.items():
        path = office / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


# --- what is taken of the libraries


def test_what_head_office_uses_is_taken_and_nothing_that_reaches_for_a_network() -> None:
    names = {name for name, _ in parts.wheel_files(installed())}
    modules = {name.partition(".")[0] for name in names}
    assert {"_duckdb", "duckdb/__init__", "pyarrow/lib", "pyarrow/_parquet", "pyarrow/parquet/core"} <= modules
    assert {"pyarrow/libarrow", "pyarrow/libparquet", "pyarrow/libarrow_compute"} <= modules
    for word in ("flight", "s3", "gcs", "azure", "hdfs", "test", "spark", "include/"):
        assert not [name for name in names if word in name], word


def test_a_library_that_is_not_installed_is_told() -> None:
    with pytest.raises(BuildProblem, match="duckdb is not installed"):
        list(parts.wheel_files({}))


def test_each_library_is_pinned_by_its_hash() -> None:
    assert set(bundle_contents.pinned(parts.REQUIREMENTS)) == set(parts.PACKAGES)
    text = parts.REQUIREMENTS.read_text(encoding="utf-8")
    assert text.count("==") == len(parts.PACKAGES) < text.count("--hash=sha256:")


# --- licences


def test_every_part_has_its_licence_and_what_is_inside_it(gathered: Path) -> None:
    office = gathered / libraries.FOLDER
    (office / "lib/pyarrow").mkdir()
    (office / "lib/pyarrow/libarrow.so.2600").write_bytes(b"")
    components = notices.write(office, office / "licences", parts.REQUIREMENTS, parts.NAME)
    inside = {"third parties' code in Arrow", "third parties' code in DuckDB"}
    assert components[0].name == "fanion-office"
    assert {component.name for component in components[1:]} == {"CPython", "duckdb", "pyarrow", *inside}
    text = (office / "licences" / notices.FILE).read_text(encoding="utf-8")
    for words in ("Stichting DuckDB Foundation", "Apache Arrow", "Zstandard", "UNICODE LICENSE V3", "PYTHON SOFTWARE"):
        assert words in text
    out = gathered / "bill.json"
    sbom.write(components, office, out, EPOCH)
    bill = json.loads(out.read_text(encoding="utf-8"))
    assert bill["metadata"]["component"]["name"] == "fanion-office"
    files = {file["name"] for part in bill["components"] for file in part.get("components", ())}
    assert DUCKDB in files


def test_a_version_that_is_not_pinned_stops_the_build(gathered: Path) -> None:
    other = installed() | {"duckdb": replace(installed()["duckdb"], version="0.1")}
    with pytest.raises(
        BuildProblem, match=r"duckdb 0\.1 is in the bundle, and installer/requirements-office\.txt wants"
    ):
        bundle_contents.examine(gathered / libraries.FOLDER, licences.load(), parts.REQUIREMENTS, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lib/click/core.pyc", "lib/stray.pyc", "stray.txt"])
def test_what_does_not_belong_in_it_stops_the_build(gathered: Path, name: str) -> None:
    office = gathered / libraries.FOLDER
    (office / name).parent.mkdir(exist_ok=True)
    (office / name).write_bytes(b"")
    with pytest.raises(BuildProblem, match=r"click is in the bundle and not in|belongs to no known part"):
        notices.write(office, office / "licences", parts.REQUIREMENTS, parts.NAME)


# --- the packages


@pytest.mark.parametrize("kind", ["deb", "rpm"])
def test_it_lies_in_the_programs_folder_and_nowhere_else(gathered: Path, tmp_path: Path, kind: tree.Kind) -> None:
    packing.lay_out(gathered, tmp_path / "tree", kind, "1.2.3", EPOCH)
    root = tmp_path / "tree" / tree.ROOT_NAME
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    outside = {name for name in names if not name.startswith("usr/lib/fanion/office/")}
    assert (
        outside
        == {
            "deb": {
                "usr/share/doc/fanion-office/changelog.gz",
                "usr/share/doc/fanion-office/copyright",
                "usr/share/lintian/overrides/fanion-office",
            },
            "rpm": {"usr/share/doc/fanion-office/LICENSE"},
        }[kind]
    )
    library = root / "usr/lib/fanion/office" / DUCKDB
    assert library.stat().st_mode & 0o777 == 0o644


def test_it_goes_with_one_version_of_the_program_alone() -> None:
    assert packing.OFFICE.depends == {"deb": (f"fanion (= {__version__})",), "rpm": (f"fanion = {__version__}",)}


def test_the_packages_and_the_archive_say_so(gathered: Path, tmp_path: Path) -> None:
    if not has_nfpm():
        pytest.skip("needs nfpm")
    files = {path.suffix: path for path in packing.build(gathered, tmp_path, EPOCH)}
    assert {path.name for path in files.values()} == {
        f"fanion-office_{__version__}_{packages.ARCHITECTURES['x86_64']}.deb",
        f"fanion-office-{__version__}-1.x86_64.rpm",
        f"fanion-office-{__version__}-linux-x86_64.tar.xz",
        f"fanion-office-{__version__}.cdx.json",
    }
    with tarfile.open(files[".xz"]) as archive:
        top = f"fanion-{__version__}"
        assert all(name == top or name.startswith(f"{top}/office") for name in archive.getnames())
        assert {(member.uid, member.gid, member.mode & 0o022) for member in archive} == {(0, 0, 0)}
    depends = run("dpkg-deb", "--field", files[".deb"], "Depends").stdout.strip()
    assert depends.startswith("libc6 (>= ")
    assert depends.endswith(f", fanion (= {__version__})")
    listing = run("dpkg-deb", "--contents", files[".deb"]).stdout
    assert {line.split()[1] for line in listing.splitlines()} == {"root/root"}
    assert not [line for line in listing.splitlines() if line[5] == "w" or line[8] == "w"]


def test_a_library_that_nobody_has_is_told(gathered: Path, tmp_path: Path) -> None:
    """libstdc++ is in the program's package; another one would have to be gathered."""
    office = gathered / libraries.FOLDER
    (tmp_path / "fanion" / "lib").mkdir(parents=True)
    linked = next(path for name, path in parts.wheel_files(installed()) if name.startswith("pyarrow/libarrow_acero"))
    (office / "lib/libarrow_acero.so.2600").write_bytes(linked.read_bytes())
    with pytest.raises(BuildProblem, match=r"links to .*libstdc\+\+\.so\.6, which the bundle has not got"):
        parts.demand_libraries(office / "lib", tmp_path / "fanion")
