"""Debian's real adbd on a loopback port, with a scripted phone behind it."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.phones.android.key import desk_key
from tests.real.scripted import ScriptedPhone

ADBD = Path("/usr/lib/android-sdk/platform-tools/adbd")


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


@pytest.fixture(scope="session")
def rig(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Rig:
    lab = shared / "lab"
    if not ADBD.exists() or not shutil.which("g++") or platform.machine() != "x86_64":
        pytest.skip("needs Debian's adbd and g++ on x86-64")
    built = tmp_path_factory.mktemp("rig")
    shim, asking = built / "adbd-shim.so", built / "adbd-asking"
    subprocess.run(
        ["g++", "-shared", "-fPIC", "-O1", "-o", shim, lab / "adbd-shim.cpp", "-ldl"], check=True, capture_output=True
    )
    subprocess.run([sys.executable, lab / "make-adbd-auth.py", asking], check=True, capture_output=True)
    return Rig(lab / "adbd-run.py", shim, asking)


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
def signer(tmp_path_factory: pytest.TempPathFactory) -> object:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")
