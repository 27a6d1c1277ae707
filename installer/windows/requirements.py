"""Choose from the hashed requirements what a Windows Python of the build needs, without asking that Python.

    python installer/windows/requirements.py run|source|build|test      print a requirements file with hashes

pip, told ``--platform win_amd64``, still reads the markers (``; sys_platform == 'win32'``) for the computer that it
runs on: it would take another PySide6, and leave out what only Windows needs. So the markers are read here, and what
is printed has none.

``run`` is what Fanion itself needs, ``source`` what of it comes as source only, ``build`` what freezes it, and ``test``
what tries it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pip._vendor.packaging.requirements import Requirement

HERE: Final = Path(__file__).resolve().parent.parent
RUNTIME: Final = HERE / "requirements.txt"
DEVELOPMENT: Final = HERE / "requirements-dev.txt"

#: The Python that is put into the bundle, as build.sh says; else the one that it takes without being told.
PYTHON: Final = os.environ.get("FANION_PYTHON_VERSION") or "3.13.2"
#: What the markers ask for: python.org's CPython for 64-bit Windows.
ENVIRONMENT: Final = {
    "implementation_name": "cpython",
    "implementation_version": PYTHON,
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_release": "10",
    "platform_system": "Windows",
    "platform_version": "10.0.17763",
    "python_full_version": PYTHON,
    "python_version": PYTHON.rpartition(".")[0],
    "sys_platform": "win32",
}
#: Of the development requirements: PyInstaller, and what makes notices, bill of materials and papers; and pytest; each
#: with what it needs on Windows.
CHOSEN: Final = {
    "build": (
        "altgraph",
        "boolean-py",
        "cyclonedx-python-lib",
        "defusedxml",
        "license-expression",
        "markdown-it-py",
        "mdurl",
        "packageurl-python",
        "packaging",
        "pefile",
        "py-serializable",
        "pyinstaller",
        "pyinstaller-hooks-contrib",
        "pywin32-ctypes",
        "setuptools",
        "sortedcontainers",
    ),
    "test": (
        "colorama",
        "hypothesis",
        "iniconfig",
        "packaging",
        "pluggy",
        "pygments",
        "pytest",
        "pytest-qt",
        "sortedcontainers",
        "typing-extensions",
    ),
}
#: Has no wheel in this version, and is pure Python: build.sh makes one from its source.
SOURCE_ONLY: Final = ("adb-shell",)


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a hashed requirements file: exactly this version, and one of these files."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def applies(self) -> bool:
        """Whether Windows' Python needs it."""
        return self.requirement.marker is None or self.requirement.marker.evaluate(ENVIRONMENT)

    def __str__(self) -> str:
        exactly = f"{self.name}{self.requirement.specifier}"
        return " \\\n    ".join((exactly, *(f"--hash={value}" for value in self.hashes)))


def parse(text: str) -> Iterator[Pin]:
    """The requirements of a file as uv writes it. Raises ValueError for one without a hash, or that is none."""
    lines = re.sub("#.*", "", text).replace("\\\n", " ").splitlines()
    for requirement, *hashes in (re.split(r"\s+--hash=", line.strip()) for line in lines if line.strip()):
        if not hashes:
            raise ValueError(f"{Requirement(requirement).name} has no hash")
        yield Pin(Requirement(requirement), tuple(hashes))


def chosen(part: str) -> list[Pin]:
    """What `part` needs on Windows. Raises ValueError if a package that the build names is not among them."""
    file = RUNTIME if part == "run" else DEVELOPMENT
    pins = [r for r in parse(file.read_text(encoding="utf-8")) if r.applies]
    if part == "run":
        return [r for r in pins if r.name not in SOURCE_ONLY]
    names = SOURCE_ONLY if part == "source" else CHOSEN[part]
    chosen_pins = [r for r in pins if r.name in names]
    if missing := set(names) - {r.name for r in chosen_pins}:
        raise ValueError(f"{file.name} does not have {', '.join(sorted(missing))}")
    return chosen_pins


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in ("run", "source", *CHOSEN):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    print("\n".join(map(str, chosen(arguments[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
