"""The rules of the house that no other tool enforces."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import core
from installer import catalogue
from tests import conftest

ROOT = Path(__file__).resolve().parents[2]


def run(program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, which warns of nothing."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )


def modules(package: str) -> list[str]:
    names = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def test_core_is_the_one_in_this_repository() -> None:
    """`core` is a common name: nothing that is installed may stand in its place."""
    assert Path(core.__file__).resolve() == ROOT / "core" / "__init__.py"


def test_every_module_of_core_can_be_imported_without_qt() -> None:
    program = """if True:
        import importlib, sys
        sys.modules["PySide6"] = None  # importing it raises ImportError
        for name in sys.argv[1:]:
            importlib.import_module(name)
    """
    names = modules("core")
    assert "core.model" in names
    done = run(program, *names)
    assert done.returncode == 0, done.stderr


def test_importing_core_reads_no_phone_library() -> None:
    """They are slow to load, and a machine without USB has to be able to show what it can do."""
    program = """if True:
        import core.model, core.phones, core.policy, core.ledger, sys
        print(*{"adb_shell", "usb1", "adbutils", "PySide6"} & set(sys.modules))
    """
    done = run(program)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_qt_survives_five_thousand_signals() -> None:
    """Some PySide6 lose a reference to None with each signal, which is fatal after some hundreds under Python 3.11."""
    program = """if True:
        from PySide6.QtCore import QCoreApplication, QObject, Signal

        class Bell(QObject):
            rung = Signal(int)

        app, bell, heard = QCoreApplication([]), Bell(), []
        bell.rung.connect(heard.append)
        for n in range(5000):
            bell.rung.emit(n)
        print(len(heard))
    """
    done = run(program)
    assert (done.stdout.strip(), done.returncode) == ("5000", 0), done.stderr


def tracked_files() -> Iterator[Path]:
    """Every file that is, or is about to be, in the repository."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / os.fsdecode(name) for name in listing.stdout.split(b"\0") if name)
    return (path for path in paths if path.is_file())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone, so there is no list of its files")
def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Where packages come from is for each machine's own configuration to say."""
    # Written apart, so that this file does not name them either.
    hosts = (
        "pypi" + r"\.org",
        "python" + "hosted" + r"\.org",
        "npmjs" + r"\.(?:org|com)",
        r"(?:deb|security)\." + r"debian\.org",
    )
    named = re.compile("|".join(hosts).encode())
    found = [str(path.relative_to(ROOT)) for path in tracked_files() if named.search(path.read_bytes())]
    assert not found


def test_the_requirements_name_no_address() -> None:
    files = sorted((ROOT / "installer").glob("requirements*.txt"))
    assert files
    assert not [path.name for path in files if "://" in path.read_text(encoding="utf-8")]


def test_the_catalogue_is_fresh_and_french_is_complete() -> None:
    faults = catalogue.check(ROOT)
    assert not faults, f"{len(faults)} to put right; installer/catalogue.py check names them"


@pytest.mark.parametrize("address", [("192.0.2.1", 5037), ("0.0.0.0", 5037)])
def test_the_fence_refuses_what_leaves_this_machine(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        for use in (outside.connect, outside.bind, lambda there: outside.sendto(b"", there)):
            with pytest.raises(conftest.NetworkError):
                use(address)
    with pytest.raises(conftest.NetworkError):
        socket.getaddrinfo("example.invalid", 443)
    conftest.tried.clear()  # they were meant


def test_the_fence_lets_loopback_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x")


def test_a_practice_check_opens_nothing_but_loopback(tmp_path: Path) -> None:
    """The whole road from plug to record, behind the fence."""
    program = """if True:
        import sys
        from tests import conftest
        from gui.__main__ import main
        code = main()
        print(*conftest.tried, file=sys.stderr)
        sys.exit(9 if conftest.tried else code)
    """
    done = run(program, "check", "--practice", "walk-up", "--json", FANION_DATA=str(tmp_path))
    assert done.returncode == 1, done.stderr  # red: the practice phone carries a banned app
    assert '"verdict": "red"' in done.stdout
