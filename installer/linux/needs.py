"""What a bundle needs of the system that it is installed on: the C library's version, and libraries that it has not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from installer.problem import BuildProblem

_MAGIC: Final = b"\x7fELF"
_NEEDED: Final = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
_GLIBC: Final = re.compile(r"^\s+0x[0-9a-f]+ 0x[0-9a-f]+ \d+ GLIBC_(\d+)\.(\d+)", re.MULTILINE)
#: Parts of the C library itself, whose version is asked for as a whole.
_LIBC: Final = re.compile(r"(ld-linux[-\w]*|libc|libm|libdl|libpthread|librt|libresolv|libutil|linux-vdso)\.so")
#: The Debian package of each library that may be needed from outside: what belongs to the graphics driver or
#: to the screen (PyInstaller leaves that to the system). Anything else belongs into the bundle.
#:
#: Debian 12 and later and Ubuntu 24.04 and later call each of them the same: none got a name with t64 at its end, as
#: libglib2.0-0 did, which is in the bundle; libcups2, the printing service's, still answers to its old name. So is
#: libsystemd, which only libdbus links to: without it the libdbus in it would need the system's, which not every Linux
#: has. From Debian 12, it asks for no newer glibc than the others.
DEBIAN: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libcups.so.2": "libcups2",
    "libOpenGL.so.0": "libopengl0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
}


def _headers(bundle: Path) -> Iterator[str]:
    """Give objdump's private headers of every ELF file, fifty files at a time."""
    files = [path for path in sorted(bundle.rglob("*")) if path.is_file() and not path.is_symlink() and _is_elf(path)]
    for start in range(0, len(files), 50):
        paths = [str(path) for path in files[start : start + 50]]
        yield subprocess.run(
            ["objdump", "-p", *paths], capture_output=True, check=True, encoding="utf-8", errors="replace"
        ).stdout


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def glibc_needed(bundle: Path) -> str:
    """The oldest glibc that every file of the bundle runs with, such as 2.36. Raises BuildProblem."""
    versions = [(int(major), int(minor)) for header in _headers(bundle) for major, minor in _GLIBC.findall(header)]
    if not versions:
        raise BuildProblem(f"No program was found in {bundle}.")
    return "{}.{}".format(*max(versions))


def libraries_needed(bundle: Path) -> list[str]:
    """The libraries, by their sonames, that the bundle links to and neither has nor finds in the C library."""
    has = {path.name for path in bundle.rglob("*.so*")}
    needed = {name for header in _headers(bundle) for name in _NEEDED.findall(header)}
    return sorted(name for name in needed - has if not _LIBC.match(name))


def debian_packages(libraries: list[str]) -> list[str]:
    """The Debian packages of those libraries. Raises BuildProblem for one that should be in the bundle."""
    unknown = [name for name in libraries if name not in DEBIAN]
    if unknown:
        raise BuildProblem(
            f"The bundle links to {', '.join(unknown)}, and has not got it: add it to the bundle, or to "
            "installer/linux/needs.py with its Debian package."
        )
    return sorted({DEBIAN[name] for name in libraries})
