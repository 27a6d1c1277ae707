"""The program of an unpacked package, started as on a computer that has nothing else of it."""

from __future__ import annotations

import json
import platform
import re
import sys
import tempfile
from pathlib import Path

from .commands import start
from .report import NotInOrder, NotTried, Report

#: What a check of the practice phone with banned apps ends with.
RED = 1
#: What Debian calls a processor, by what the system calls it.
DEBIAN_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
#: How the names of packages begin that add to the package fanion.
BESIDE = re.compile(r"fanion-[a-z]")


def verify(report: Report, name: str, folder: Path, version: str) -> None:
    """Start it as a person would: which version it is, a check of a practice phone, what it finds in itself."""
    with tempfile.TemporaryDirectory(prefix="fanion-home-") as place:
        home = Path(place)
        with report.row(f"{name}: fanion --version") as sentences:
            program = _program(name, folder)
            words = _run(program, home, 0, "--version").strip()
            if version not in words.split():
                raise NotInOrder(f"It says “{words}”.")
            sentences.append(words)
        with report.row(f"{name}: fanion check --practice walk-up") as sentences:
            program = _program(name, folder)
            answer = json.loads(_run(program, home, RED, "check", "--practice", "walk-up", "--json"))
            if answer["verdict"] != "red":
                raise NotInOrder(f"The verdict of a phone with banned apps is {answer['verdict']}.")
            sentences.append("Red, as it should be.")
        with report.row(f"{name}: fanion self-test"):
            _run(_program(name, folder), home, 0, "self-test")


def _program(name: str, folder: Path) -> Path:
    """What is started. Raises NotTried where this system cannot, and NotInOrder where there is nothing."""
    if "windows" in name or "macos" in name or sys.platform != "linux":
        raise NotTried("It is for another system than this one.")
    machine = platform.machine()
    if machine not in name and DEBIAN_NAMES.get(machine, machine) not in name:
        raise NotTried("It is for another processor than this one.")
    programs = sorted(path for path in folder.rglob("fanion") if path.is_file() and not path.is_symlink())
    programs = [path for path in programs if path.stat().st_mode & 0o111]
    if not programs and BESIDE.match(name):
        raise NotTried("It has no program of its own: it is laid beside that of the package fanion.")
    if not programs:
        raise NotInOrder("It has no program.")
    return min(programs, key=lambda path: len(path.parts))


def _run(program: Path, home: Path, expected: int, *words: str) -> str:
    code, out, err = start(program, *words, folder=home, home=home, PATH="/usr/bin:/bin")
    if code != expected:
        last = (err.strip() or out.strip() or "it said nothing").splitlines()[-1]
        raise NotInOrder(f"It ended with {code}, and not with {expected}: {last}")
    return out
