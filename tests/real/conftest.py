"""Debian's real adbd on a loopback port, with a scripted phone behind it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.phones.android.link.adb_key import desk_key
from tests.real import postgresql_server
from tests.real.scripted import ScriptedPhone
from tests.real.usb_machine import answers
from tests.unit.head_office.conftest import asked_store, desks_in

ADBD = Path("/usr/lib/android-sdk/platform-tools/adbd")


@pytest.fixture(autouse=True)
def few_apps() -> None:
    """A real program meets a practice phone as people do, with all of its apps."""


@dataclass
class Rig:
    """The lab's runner of adbd, and what it was built with."""

    runner: Path
    shim: Path
    asking: Path


@dataclass
class Adbd:
    """One running adbd. `said` grows with the runner's lines (``PROMPT``, ``CONNECTED``...)."""

    port: int
    phone: ScriptedPhone
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def unplug(self) -> None:
        """As if the cable was pulled: adbd is gone at once."""
        self.process.terminate()
        self.process.wait()


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, which `make` fills in the first process of this run that needs it; the others wait for it."""
    import fcntl  # it is not there on Windows, where no such test runs

    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, whole = root / name, root / f"{name}.whole"
    with (root / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def rig(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Rig:
    lab = shared / "lab"
    if not ADBD.exists() or not shutil.which("g++") or platform.machine() != "x86_64":
        pytest.skip("needs Debian's adbd and g++ on x86-64")

    def build(folder: Path) -> None:
        shim = ["g++", "-shared", "-fPIC", "-O1", "-o", folder / "adbd-shim.so", lab / "adbd-shim.cpp", "-ldl"]
        subprocess.run(shim, check=True, capture_output=True)
        asking = [sys.executable, lab / "make-adbd-auth.py", folder / "adbd-asking"]
        subprocess.run(asking, check=True, capture_output=True)

    built = made_once(tmp_path_factory, "rig", build)
    return Rig(lab / "adbd-run.py", built / "adbd-shim.so", built / "adbd-asking")


@pytest.fixture
def adbd(rig: Rig, tmp_path: Path) -> Iterator[Callable[..., Adbd]]:
    """Starts an adbd: `adbd()` lets everyone in, `adbd("--answer", "deny")` and the like ask first."""
    started: list[tuple[Adbd, threading.Thread]] = []

    def start(*options: str) -> Adbd:
        phone = ScriptedPhone(tmp_path / f"phone{len(started)}")
        program = rig.asking if options else ADBD
        command = [sys.executable, rig.runner, "--shim", rig.shim, "--adbd", program, "--path", phone.bin, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[1])
        running = Adbd(port, phone, process)
        reader = threading.Thread(target=lambda: running.said.extend(process.stdout or ()))
        reader.start()
        started.append((running, reader))
        return running

    yield start
    for running, reader in started:
        running.process.terminate()
        running.process.wait()
        reader.join()
        if running.process.stdout:
            running.process.stdout.close()


@pytest.fixture(scope="session")
def found_on_usb(shared: Path) -> dict[str, Any]:
    """All that was asked of phones on a USB bus, in one virtual machine: to start it, and Python in it, takes longer
    than anything that is done there."""
    return answers(shared)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> object:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Path]:
    """The folder with the socket of a running server."""
    with postgresql_server.running() as folder:
        yield folder


@pytest.fixture
def database(postgresql: Path) -> postgresql_server.Database:
    """A database without any schema of a test."""
    return postgresql_server.Database(postgresql)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store that head office has merged; a load changes nothing in it."""
    folder = tmp_path_factory.mktemp("office")
    with desks_in(folder) as opener:
        yield asked_store(opener, folder)


@pytest.fixture
def nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program that a name or a row would start, makes a file: it is never there."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield
    assert list((tmp_path / "here").iterdir()) == []
