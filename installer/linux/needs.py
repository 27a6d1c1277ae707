"""What a bundle needs of the system that it is installed on: the C library's version, and libraries that it has not.

It is read from the bundle's own ELF files, by binutils' objdump: the machine that builds has no say in it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from installer.problem import BuildProblem

#: A version of glibc: 2.36 is (2, 36).
Version: TypeAlias = tuple[int, int]

_MAGIC: Final = b"\x7fELF"
_FILE: Final = re.compile(r"^(.+):\s+file format elf", re.MULTILINE)
_NEEDED: Final = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
_REQUIRED: Final = re.compile(r"^\s+required from (\S+):$|^\s+0x[0-9a-f]+ 0x[0-9a-f]+ \d+ (GLIBC_\S+)$", re.MULTILINE)
_NUMBER: Final = re.compile(r"GLIBC_(\d+)\.(\d+)")
#: Since which glibc there are marks that stand for how a file is to be loaded, instead of a version.
_MARKS: Final[dict[str, Version]] = {
    "GLIBC_ABI_DT_RELR": (2, 36),
    "GLIBC_ABI_GNU_TLS": (2, 42),
    "GLIBC_ABI_GNU2_TLS": (2, 42),
}
#: The systems that a build can be meant for, by what the builder's --for calls them: their names, and their glibc.
SYSTEMS: Final[dict[str, tuple[str, Version]]] = {
    "debian-12": ("Debian 12", (2, 36)),
    "ubuntu-24.04": ("Ubuntu 24.04", (2, 39)),
    "rhel-10": ("RHEL 10", (2, 39)),
    "debian-13": ("Debian 13", (2, 41)),
}
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


class NewerGlibcProblem(BuildProblem):
    """The files need a newer glibc than the system has that the packages are for."""

    def __init__(self, system: str, needed: Version, files: list[str]) -> None:
        """`files` are those that need it, as paths in the bundle."""
        self.system, self.needed, self.files = system, needed, files
        name, has = SYSTEMS[system]
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        super().__init__(
            f"The packages are to run on {name}, which has glibc {version_text(has)}, and these files need "
            f"{version_text(needed)}: {', '.join(files[:3])}{more}. Nothing was packed. "
            "Build them on that system: installer/linux/build_on_debian.sh does on a newer Debian."
        )


@dataclass(frozen=True, slots=True)
class ElfFile:
    """What an ELF file asks for. `symbols` are names of glibc's versions, by the soname that is to have them."""

    path: Path
    libraries: frozenset[str]
    symbols: dict[str, frozenset[str]]

    def glibc(self) -> Version:
        """The oldest glibc that it runs with; (0, 0) if it needs none. Raises BuildProblem."""
        return max((self._since(symbol) for symbols in self.symbols.values() for symbol in symbols), default=(0, 0))

    def _since(self, symbol: str) -> Version:
        if number := _NUMBER.match(symbol):
            return int(number[1]), int(number[2])
        if symbol not in _MARKS:  # GLIBC_PRIVATE is in no two versions the same
            raise BuildProblem(f"{self.path} needs {symbol} of glibc, and nobody knows which systems have it.")
        return _MARKS[symbol]


def version_text(version: Version) -> str:
    return "{}.{}".format(*version)


def elf_files(bundle: Path) -> Iterator[ElfFile]:
    """Every ELF file of the bundle with what it asks for, fifty files at a time."""
    files = [path for path in sorted(bundle.rglob("*")) if path.is_file() and not path.is_symlink() and _is_elf(path)]
    for start in range(0, len(files), 50):
        paths = [str(path) for path in files[start : start + 50]]
        headers = subprocess.run(
            ["objdump", "-p", *paths],
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"LC_ALL": "C"},
        ).stdout
        _, *parts = _FILE.split(headers)
        for path, header in zip(paths, parts[1::2], strict=True):
            yield ElfFile(Path(path), frozenset(_NEEDED.findall(header)), _symbols(header))


def _symbols(header: str) -> dict[str, frozenset[str]]:
    symbols: dict[str, set[str]] = {}
    library = ""
    for required_from, symbol in _REQUIRED.findall(header):
        if required_from:
            library = required_from
        else:
            symbols.setdefault(library, set()).add(symbol)
    return {library: frozenset(names) for library, names in symbols.items()}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def glibc_needed(bundle: Path) -> str:
    """The oldest glibc that every file of the bundle runs with, such as 2.36. Raises BuildProblem."""
    newest = max((file.glibc() for file in elf_files(bundle)), default=(0, 0))
    if newest == (0, 0):
        raise BuildProblem(f"No program was found in {bundle}.")
    return version_text(newest)


def demand(bundle: Path, system: str) -> None:
    """Raise NewerGlibcProblem if a file of the bundle does not run on this one of SYSTEMS."""
    has = SYSTEMS[system][1]
    newer = {file.path.relative_to(bundle).as_posix(): file.glibc() for file in elf_files(bundle) if file.glibc() > has}
    if newer:
        raise NewerGlibcProblem(system, max(newer.values()), sorted(newer))


def systems_for(glibc: str) -> list[str]:
    """The names of those SYSTEMS that have this glibc or a newer one."""
    return [name for name, has in SYSTEMS.values() if has >= _numbers(glibc)]


def rpm_capabilities(bundle: Path) -> list[str]:
    """What glibc is to provide, as RPM calls it: of each of its libraries the newest version that is asked for.

    Not every version is in every library of glibc: libc.so.6 has no GLIBC_2.40, but libm.so.6 has.
    """
    by_library: dict[str, set[str]] = {}
    for file in elf_files(bundle):
        for library, required in file.symbols.items():
            by_library.setdefault(library, set()).update(required)
    capabilities = []
    for library, symbols in sorted(by_library.items()):
        numbered = [symbol for symbol in symbols if _NUMBER.match(symbol)]
        newest = max(numbered, key=_numbers) if numbered else None
        marks = sorted(symbols & _MARKS.keys())
        capabilities += [f"{library}({symbol})(64bit)" for symbol in ([newest, *marks] if newest else marks)]
    return capabilities


def _numbers(symbol: str) -> tuple[int, ...]:
    """The numbers of a version, with GLIBC_ before them or without."""
    return tuple(map(int, symbol.removeprefix("GLIBC_").split(".")))


def libraries_needed(bundle: Path) -> list[str]:
    """The libraries, by their sonames, that the bundle links to and neither has nor finds in the C library."""
    has = {path.name for path in bundle.rglob("*.so*")}
    needed = {name for file in elf_files(bundle) for name in file.libraries}
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
