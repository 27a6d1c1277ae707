"""The frozen program as somebody has it: alone in a folder, without Python, this clone or any rights."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from installer import package
from installer.office import packing, parts
from tests.bait import Bait
from tests.real.conftest import made_once
from tests.unit.rounds import lists

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="of a bundle for Linux"),
    pytest.mark.skipif(not shutil.which("objcopy"), reason="the builder needs binutils"),
]
#: An ordinary user where the tests are root's: nothing may be written because root can.
NOBODY = 65_534


class Bundle:
    """A bundle on a place of its own, as its user starts it."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home

    def run(
        self,
        *words: object,
        program: str = "fanion",
        before: tuple[str, ...] = (),
        cwd: Path | None = None,
        **variables: str,
    ) -> subprocess.CompletedProcess:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        environment["QT_QPA_PLATFORM"] = "offscreen"
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run(
            [*before, str(self.folder / program), *map(str, words)],
            cwd=cwd or "/",
            env=environment | variables,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
            **who,  # type: ignore[call-overload]
        )

    @property
    def data(self) -> Path:
        return self.home / ".local/share/fanion"


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(folder: Path) -> None:
        made = package.freeze(1_764_000_000, folder)
        package.write_launchers(made)
        package.write_list(made / "lib")
        package.settle(made, 1_764_000_000)
        (folder / "made").symlink_to(made)

    return (made_once(tmp_path_factory, "frozen", build) / "made").resolve()


@pytest.fixture
def room(frozen: Path) -> Iterator[Path]:
    """A folder that an ordinary user can look into, on the disk that the bundle is on. Pytest closes its own to others
    whenever another run of it begins."""
    folder = Path(tempfile.mkdtemp(prefix="fanion-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bundle(frozen: Path, room: Path) -> Bundle:
    """The bundle in a folder that nobody can write, and an empty home."""
    place = room / "a place" / "fanion 1"
    place.parent.mkdir()
    subprocess.run(["cp", "-al", frozen, place], check=True)
    home = room / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    return Bundle(place, home)


def test_it_finds_everything_in_itself(bundle: Bundle) -> None:
    done = bundle.run("self-test", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (0, True), done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the figure is of what is released")
@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="whose a library is, Debian says")
def test_it_weighs_no_more_than_it_may(frozen: Path, room: Path) -> None:
    """With its papers and licences, as it is packed."""
    whole = room / "fanion"
    subprocess.run(["cp", "-al", frozen, whole], check=True)
    for name in (*package.LAUNCHERS, "lib/files.txt"):
        (whole / name).unlink()  # else what is written anew would be written into the others' bundle
    package.furnish(whole, 1_764_000_000)
    found = package.weights(whole)
    assert sum(found.values()) <= package.LIMIT, found


def test_a_whole_practice_day(bundle: Bundle) -> None:
    first = bundle.run("check", "--practice", "walk-up")
    assert first.returncode == 1, first.stderr
    removed = bundle.run("remove", "--practice", "walk-up", "--yes", "--json")
    assert json.loads(removed.stdout)["verdict"] == "green", removed.stderr
    assert bundle.run("log", "verify", "--practice").returncode == 0
    receipt = bundle.run("log", "receipt", "4", "--practice", "--out", bundle.home / "papers")
    assert receipt.returncode == 0, receipt.stderr
    (page,) = (bundle.home / "papers").glob("*.pdf")
    assert page.read_bytes().startswith(b"%PDF-")


def test_nothing_is_taken_from_where_it_is_started(bundle: Bundle, room: Path) -> None:
    """Whatever PATH, Python's variables, Qt's and the loader's say."""
    bait = Bait(room, gui=True)
    here = str(bait.folder)
    roster = room / "list.xlsx"
    roster.write_bytes(lists.xlsx({"Phones": [lists.HEADING, ("R5CT1", lists.IMEI, "A1", "Zoé", "IT")]}))
    variables = {
        "PATH": f".::{bait.others_folder()}:/usr/bin:/bin",
        "PYTHONPATH": here,
        "PYTHONHOME": here,
        "LD_LIBRARY_PATH": ":lib:.",
        "QT_PLUGIN_PATH": here,
        "QT_QPA_PLATFORM_PLUGIN_PATH": f"{here}/platforms",
    }
    for words, code in (
        (["check", "--practice", "walk-up"], 1),
        (["round", "new", "North", "--last", "9999-12-31", "--practice"], 0),
        (["round", "roster", roster, "--replace", "--practice"], 0),  # by a process that reads workbooks
        (["self-test"], 0),  # the window is tried in a process of its own
        (["self-test", "--practice", "clean"], 0),
    ):
        done = bundle.run(*words, cwd=bait.folder, **variables)
        assert (done.returncode, bait.taken) == (code, []), (words, done.stdout, done.stderr)


def test_what_is_carried_home_is_encrypted(bundle: Bundle) -> None:
    identity = pyrage.x25519.Identity.generate()
    assert bundle.run("check", "--practice", "clean").returncode == 0
    settings = bundle.data / "settings.toml"
    settings.write_text(f'head_office_key = "{identity.to_public()}"\n', encoding="utf-8")
    settings.chmod(0o644)
    done = bundle.run("round", "export", bundle.home, "--practice", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["to"] == [str(identity.to_public())]
    manifest = (Path(made["folder"]) / "manifest.age").read_bytes()
    assert pyrage.decrypt(manifest, [identity]).startswith(b"fanion-bundle/1")


def test_french_comes_along(bundle: Bundle) -> None:
    done = bundle.run("check", "--practice", "clean", "--language", "fr")
    assert done.returncode == 0
    assert "interdite" in done.stdout


def test_nothing_is_written_but_where_data_belongs(bundle: Bundle, room: Path) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace watches what is written")
    told = room / "told"
    told.mkdir(mode=0o777)
    told.chmod(0o777)
    trace = (
        "strace",
        "-ff",
        "-qq",
        "-y",
        "-e",
        "trace=openat,open,creat,mkdir,rename,renameat2,unlink",
        "-o",
        f"{told}/t",
    )
    done = bundle.run("check", "--practice", "walk-up", before=trace)
    assert done.returncode == 1, done.stderr
    wrote = set()
    for file in told.iterdir():
        for line in file.read_text(errors="replace").splitlines():
            if re.search(r"O_WRONLY|O_RDWR|O_CREAT|^(creat|mkdir|rename|unlink)", line) and " = -1 " not in line:
                wrote |= set(re.findall(r'"(/[^"]*)"', line))
    wrote = {path for path in wrote if not path.startswith(f"{told}/")}
    elsewhere = ("/dev/", "/proc/", "/tmp/", "/var/tmp/")
    here = {path for path in wrote if path.startswith(f"{room}/") or not path.startswith(elsewhere)}
    outside = {path for path in here if not path.startswith(str(bundle.data))}
    assert wrote
    assert outside - {str(parent) for parent in bundle.data.parents} == set()
    assert not [path for path in wrote if path.startswith(str(bundle.folder))]


def test_a_stick_keeps_its_data_beside_the_program(bundle: Bundle) -> None:
    stick = bundle.folder.parent
    if os.geteuid() == 0:
        os.chown(stick, NOBODY, NOBODY)
    assert bundle.run("check", "--practice", "clean", program="fanion-portable").returncode == 0
    assert list((stick / "fanion-data").glob("*.db"))
    assert not bundle.data.exists()
    assert bundle.run("log", "verify", "--practice", "--portable").returncode == 0


def test_a_stick_that_cannot_be_written_says_so(bundle: Bundle) -> None:
    if os.geteuid() != 0:
        bundle.folder.parent.chmod(0o555)
    done = bundle.run("check", "--practice", "clean", "--portable")
    assert done.returncode == 5
    assert done.stderr.count("✖") <= 1
    assert "Traceback" not in done.stderr
    assert "fanion-data" in done.stderr


def test_a_bundle_that_is_not_whole_says_so(bundle: Bundle) -> None:
    (bundle.folder / "fanion-app").unlink()
    done = bundle.run("self-test")
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_library_that_is_missing_is_named(bundle: Bundle) -> None:
    shutil.rmtree(bundle.folder / "lib/typst")
    done = bundle.run("self-test", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [part["part"] for part in report["parts"] if not part["ok"]] == ["resources", "pages"]


def test_what_a_window_needs_is_missed_where_there_is_no_screen(bundle: Bundle) -> None:
    """As where a deployment tool asks."""
    done = bundle.run("--probe-window")
    assert (done.returncode, done.stderr) == (0, "")
    qt = bundle.folder / "lib/PySide6/Qt"
    for name in ("plugins/platforms/libqwayland.so", "lib/libQt6XcbQpa.so.6", "lib/libQt6Network.so.6"):
        (qt / name).rename(qt / "away")
        done = bundle.run("--probe-window")
        assert done.returncode == 69, name
        assert Path(name).name in done.stderr
        assert "Traceback" not in done.stderr
        (qt / "away").rename(qt / name)


@pytest.fixture(scope="session")
def gathered(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package fanion-office brings for that bundle."""
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")

    def build(folder: Path) -> None:
        parts.gather(frozen, folder / "fanion-office", 1_764_000_000)
        package.settle(folder, 1_764_000_000)

    return made_once(tmp_path_factory, "office", build) / "fanion-office"


def test_head_office_merges_and_asks_with_its_package_and_not_without(frozen: Path, gathered: Path) -> None:
    assert not [path for path in frozen.rglob("*") if path.name.startswith(("_duckdb", "pyarrow", "libarrow"))]
    packing.try_out(frozen, gathered)


def test_the_bill_of_head_office_s_package_names_every_file_as_it_is(gathered: Path) -> None:
    office = gathered / "office"
    (bill,) = (office / "licences").glob("*.cdx.json")
    components = json.loads(bill.read_text(encoding="utf-8"))
    parts_of = [components["metadata"]["component"], *components["components"]]
    named = {file["name"]: file["hashes"][0]["content"] for part in parts_of for file in part.get("components", ())}
    there = {path.relative_to(office).as_posix(): path for path in office.rglob("*") if path.is_file()}
    outside = {name: path for name, path in there.items() if not name.startswith("licences/")}
    assert named == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in outside.items()}


def test_nothing_of_head_office_s_is_loaded_that_an_ordinary_user_can_write(bundle: Bundle, gathered: Path) -> None:
    office = bundle.folder / "office"
    shutil.copytree(gathered / "office", office)
    words = ("store", "verify", bundle.home)
    assert "There is no store" in bundle.run(*words).stderr
    module = office / "lib" / "pyarrow" / "__init__.pyc"
    module.chmod(0o666)
    done = bundle.run(*words)
    assert (done.returncode, "Traceback" in done.stderr) == (5, False)
    assert f"Fanion does not use {module}" in done.stderr
    module.chmod(0o644)
    (office / "files.txt").write_text("0.0.1 cpython-311-x86_64-linux-gnu\n", encoding="utf-8")
    done = bundle.run(*words)
    assert (done.returncode, "Traceback" in done.stderr) == (5, False)
    assert "is made for Fanion 0.0.1" in done.stderr
