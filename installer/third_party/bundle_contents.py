"""What is in a bundle that PyInstaller made, and which part each of it belongs to.

Files are named by their path in the bundle, with / between the parts. Python's modules are not files: they are in an
archive at the end of the program, whose list PyInstaller's own reader reads.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PyInstaller.archive.readers import (  # type: ignore[import-untyped]
    ArchiveReadError,
    CArchiveReader,
    NotAnArchiveError,
)

from installer.problem import BuildProblem
from installer.third_party.licences import LicenceTable

#: Fanion itself; its own modules; and the two that are in every program that PyInstaller makes.
OWN: Final = "fanion"
OWN_MODULES: Final = ("core", "gui", "resources", "__main__")
CPYTHON: Final = "CPython"
FREEZER: Final = "PyInstaller"
HOOKS: Final = "pyinstaller-hooks-contrib"
MICROSOFT: Final = "microsoft-runtime"
_MICROSOFT: Final = re.compile(r"(vcruntime\d+|msvcp\d+|concrt\d+|vccorlib\d+|ucrtbase|api-ms-win)", re.IGNORECASE)
#: What CPython brings, by its name in the bundle: its archive of first modules, its extensions and its library, and on
#: Windows what its installer puts beside them.
_CPYTHON: Final = re.compile(
    r"(base_library\.zip|(.*/)?lib-dynload/[^/]+|(.*/)?libpython3[^/]*|(.*/)?Python(\.framework/.*)?|python3\d*t?\.dll|"
    r"(_[a-z0-9_]+|select|unicodedata|pyexpat|winsound|zlib)\.pyd|"
    r"(libcrypto|libssl|libffi)-[^/]*\.dll|(sqlite3|zlib1)\.dll|lib(crypto|ssl)\.[0-9.]+\.dylib)",
    re.IGNORECASE,
)
_CONTENTS: Final = re.compile(r"^(lib/|Contents/(Frameworks|Resources)/)")


@dataclass(frozen=True)
class Installed:
    """One Python package of the environment that the bundle is made from."""

    name: str
    version: str
    distribution: importlib.metadata.Distribution = field(compare=False, repr=False)

    @functools.cached_property
    def files(self) -> Mapping[str, Path]:
        """Its files: their paths as it lists them, and where they are."""
        return {
            file.as_posix(): Path(str(self.distribution.locate_file(file))) for file in self.distribution.files or ()
        }


@dataclass(frozen=True)
class HostLibrary:
    """A package of Debian's that a library of the bundle is from."""

    package: str
    source: str
    version: str
    source_version: str
    architecture: str


@dataclass(frozen=True)
class PartContents:
    """Which part has which files and modules. A host library's files are under ``host:PACKAGE``."""

    files: Mapping[str, tuple[str, ...]]
    modules: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, Installed]
    host: Mapping[str, HostLibrary]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(sorted({*self.files, *self.modules}))


def pinned(requirements: Path) -> dict[str, set[str]]:
    """The packages and versions that a file of requirements allows, on any system."""
    lines = requirements.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    versions_by_name: dict[str, set[str]] = {}
    for line in lines:
        text = line.split("#")[0].split("--hash")[0].strip()
        if text:
            requirement = Requirement(text)
            versions = {specifier.version for specifier in requirement.specifier if specifier.operator == "=="}
            versions_by_name.setdefault(canonicalize_name(requirement.name), set()).update(versions)
    return versions_by_name


def installed() -> dict[str, Installed]:
    """The packages of this Python, by their canonical name."""
    packages: dict[str, Installed] = {}
    for distribution in importlib.metadata.distributions():
        name = canonicalize_name(distribution.metadata["Name"])
        if name not in packages:
            packages[name] = Installed(name, distribution.version, distribution)
    return packages


def files_of(bundle: Path) -> list[str]:
    """Every file of the bundle but links, which lead to another file of it. Raises BuildProblem where one does not."""
    root, names = bundle.resolve(), []
    for path in sorted(bundle.rglob("*")):
        name = path.relative_to(bundle).as_posix()
        if path.is_symlink():
            if not path.exists() or root not in path.resolve().parents:
                raise BuildProblem(f"The link {name} leads out of the bundle.")
        elif path.is_file():
            names.append(name)
    return names


def frozen_modules(program: Path) -> list[str]:
    """The modules and scripts in a program that PyInstaller made. Raises BuildProblem if it is none."""
    try:
        archive = CArchiveReader(str(program))
        names = [name for name, entry in archive.toc.items() if entry[-1] in "msM"]
        for name, entry in archive.toc.items():
            if entry[-1] == "z":
                names += list(archive.open_embedded_archive(name).toc)
    except (ArchiveReadError, NotAnArchiveError, OSError, ValueError) as error:
        raise BuildProblem(f"{program.name} is not a program that PyInstaller made: {error}") from error
    return sorted(set(names))


class Owners:
    """Which package of the environment has which file and which module."""

    def __init__(self, packages: Mapping[str, Installed]) -> None:
        self._files: dict[str, str] = {}
        self._names: dict[str, set[str]] = {}
        self._folders: set[str] = set()
        for name, package in packages.items():
            for path in package.files:
                self._files[path] = name
                self._names.setdefault(path.rpartition("/")[2], set()).add(name)
                while "/" in path:
                    path = path.rpartition("/")[0]
                    self._folders.add(path)

    def of_file(self, inner: str) -> str | None:
        """The package that has the file, by its path, or by its name if only one package has such a name."""
        source = inner.removesuffix("c") if inner.endswith(".pyc") else inner  # modules that stay outside are compiled
        if source in self._files:
            return self._files[source]
        owners = self._names.get(inner.rpartition("/")[2], set())
        return next(iter(owners)) if len(owners) == 1 and "/" not in inner else None

    def of_module(self, module: str) -> str | None:
        """The package that has the module; "" if it is only a folder that several packages share."""
        path = module.replace(".", "/")
        for name in (f"{path}.py", f"{path}/__init__.py", f"{path}/__init__.pyi"):
            if name in self._files:
                return self._files[name]
        for name, owner in self._files.items():
            # The freezer's own, which lie elsewhere before they are frozen.
            if name.endswith((f"/{path}.py", f"/{path}/__init__.py")) and (
                "/rthooks/" in name or "/fake-modules/" in name
            ):
                return owner
        return "" if path in self._folders else None


def examine(bundle: Path, table: LicenceTable, requirements: Path, packages: Mapping[str, Installed]) -> PartContents:
    """Find the part that each file and module of a bundle belongs to. Raises BuildProblem for what belongs to
    none, or must not be in it."""
    owners = Owners(packages)
    files: dict[str, list[str]] = {}
    modules: dict[str, list[str]] = {}
    libraries: dict[str, str] = {}
    for name in files_of(bundle):
        owner = owner_of_file(name, table, owners)
        if owner is None and ".so" in name:
            libraries[name] = name.rpartition("/")[2]
        elif owner is None:
            raise _unknown(f"the file {name}")
        else:
            files.setdefault(owner, []).append(name)
        if name in table.own_programs:
            for module in frozen_modules(bundle / name):
                part = _owner_of_module(module, owners)
                if part is None:
                    raise _unknown(f"the module {module}")
                if part:
                    modules.setdefault(part, []).append(module)
    host: dict[str, HostLibrary] = {}
    for name, library in host_libraries(libraries).items():
        host[library.package] = library
        files.setdefault(f"host:{library.package}", []).append(name)
    _are_pinned({*files, *modules} & set(packages), packages, requirements)
    return PartContents(
        {part: tuple(sorted(names)) for part, names in files.items()},
        {part: tuple(sorted(set(names))) for part, names in modules.items()},
        packages,
        host,
    )


def _unknown(files: str) -> BuildProblem:
    return BuildProblem(
        f"The bundle has {files}, which belongs to no known part: leave it out in installer/fanion.spec, or say in "
        "installer/third_party/licences.toml what it is."
    )


def owner_of_file(name: str, table: LicenceTable, owners: Owners) -> str | None:
    """The part that a file belongs to, by its path in the bundle; None if it can only be one of the system's."""
    inner = _CONTENTS.sub("", name).replace("__dot__", ".")  # no folder of code may have a dot in its name on macOS
    last = name.rpartition("/")[2]
    if name in table.own_programs:
        return FREEZER
    for part, patterns in table.base_files.items():  # before Fanion's own: its fonts are among its resources
        if any(fnmatchcase(inner, pattern) for pattern in patterns):
            return part
    if any(fnmatchcase(name, pattern) for pattern in table.own_files) or inner.startswith(f"{OWN}-"):
        return OWN
    if _MICROSOFT.match(last):
        return MICROSOFT
    return owners.of_file(inner) or (CPYTHON if _CPYTHON.fullmatch(inner) or _is_pythons_module(inner) else None)


def _is_pythons_module(inner: str) -> bool:
    """Whether it is a compiled module of Python's own, outside of its archives."""
    return inner.endswith(".pyc") and inner.removesuffix(".pyc").partition("/")[0] in sys.stdlib_module_names


def _owner_of_module(module: str, owners: Owners) -> str | None:
    """The part that a module belongs to; "" for a folder that several share, None where nothing is known of it."""
    top = module.partition(".")[0]
    if top in OWN_MODULES:
        return OWN
    if top.startswith("pyi") and not top.startswith("pyi_rth"):
        return FREEZER  # its loader: pyimod01_archive and so on
    if top in sys.stdlib_module_names or top.startswith(("_sysconfigdata", "_sysconfig")):
        return CPYTHON
    owner = owners.of_module(module)
    return {"pyinstaller": FREEZER, "pyinstaller-hooks-contrib": HOOKS}.get(owner or "", owner)


def _are_pinned(parts: Iterable[str], packages: Mapping[str, Installed], requirements: Path) -> None:
    """Raise BuildProblem for a package of the bundle that the requirements do not name, or name in another version."""
    allowed, file = pinned(requirements), f"installer/{requirements.name}"
    for name in sorted(set(parts) - {OWN, HOOKS}):
        if name not in allowed:
            raise BuildProblem(
                f"The Python package {name} is in the bundle and not in {file}: it is only a "
                "developer's tool, so add it to EXCLUDED in installer/fanion.spec."
            )
        if packages[name].version not in allowed[name]:
            raise BuildProblem(
                f"{name} {packages[name].version} is in the bundle, and {file} wants "
                f"{' or '.join(sorted(allowed[name]))}: set the clone up again and build again."
            )


def host_libraries(libraries: Mapping[str, str]) -> dict[str, HostLibrary]:
    """Debian's package for each file, by the library's name. Raises BuildProblem where there is none."""
    if not libraries:
        return {}
    if sys.platform != "linux":
        raise _unknown(f"the library {next(iter(libraries))}")
    names = sorted(set(libraries.values()))
    try:
        process = subprocess.run(
            ["dpkg-query", "--search", *(f"*/{name}" for name in names)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as error:
        raise BuildProblem(
            "This system has no dpkg, which says whose its libraries are: build on Debian or Ubuntu."
        ) from error
    owner: dict[str, str] = {}
    for line in process.stdout.splitlines():
        packages, _, path = line.partition(": ")
        # Private copies of programs (/usr/lib/firefox/...) are not what the loader found.
        if re.fullmatch(r"(/usr)?/lib(/[a-z0-9_]+-linux-gnu[a-z0-9]*)?/[^/]+", path):
            owner.setdefault(path.rpartition("/")[2], packages.split(",")[0])
    libraries_by_file = {}
    for file, name in libraries.items():
        if name not in owner:
            raise _unknown(f"the library {file}")
        libraries_by_file[file] = _described(owner[name])
    return libraries_by_file


def _described(package: str) -> HostLibrary:
    fields = "${Package}\t${source:Package}\t${Version}\t${source:Version}\t${Architecture}"
    process = subprocess.run(
        ["dpkg-query", "--show", f"--showformat={fields}", package], capture_output=True, encoding="utf-8", check=True
    )
    return HostLibrary(*process.stdout.split("\t"))
