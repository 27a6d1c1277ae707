"""Packages unpacked as anybody can, without being installed; and what each says of itself."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .commands import run
from .report import NotInOrder, NotTried

#: How the names of packages end; the manual and the source code are no packages.
PACKAGES = (".deb", ".rpm", ".zip", ".msi", ".exe", ".dmg", "-x86_64.tar.xz", "-aarch64.tar.xz", "-arm64.tar.xz")
#: An RPM: 96 bytes of lead, and two headers, each of 16 bytes, so many entries of 16 bytes, and so many bytes.
_LEAD, _HEAD, _ENTRY = 96, 16, 16
_HEADER = b"\x8e\xad\xe8"
_ZSTD = b"\x28\xb5\x2f\xfd"
_XZ, _GZIP = b"\xfd7zXZ", b"\x1f\x8b"


def unpack(package: Path, folder: Path, version: str) -> list[str]:
    """Unpack a package into a folder. Returns what it says of itself, in sentences. Raises NotInOrder, NotTried."""
    if version not in package.name:
        raise NotInOrder(f"Its name has another version than {version}.")
    ways: dict[str, Callable[[Path, Path, str], list[str]]] = {
        ".deb": _deb,
        ".rpm": _rpm,
        ".zip": _zip,
        ".xz": _tar,
    }
    way = ways.get(package.suffix)
    if way is None:
        raise NotTried(f"A {package.suffix} is not unpacked on this system.")
    sentences = way(package, folder, version)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    return [*sentences, f"{len(files)} files, {size / 1e6:.0f} MB."]


def _deb(package: Path, folder: Path, version: str) -> list[str]:
    run("dpkg-deb", "--extract", package, folder)
    control = folder.with_name("control")
    run("dpkg-deb", "--control", package, control)
    fields = dict(re.findall(r"^([A-Z][\w-]+): (.*)$", (control / "control").read_text(encoding="utf-8"), re.MULTILINE))
    name = f"{fields['Package']}_{fields['Version']}_{fields['Architecture']}.deb"
    if name != package.name or fields["Version"] != version:
        raise NotInOrder(f"By what it says, it should be called {name}.")
    sums = (control / "md5sums").read_text(encoding="utf-8").splitlines()
    for line in sums:
        digest, _, path = line.partition("  ")
        with (folder / path.removeprefix("./").lstrip("/")).open("rb") as file:
            if hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() != digest:
                raise NotInOrder(f"{path} is not the file that its list names.")
    return [
        f"{fields['Package']} {fields['Version']} for {fields['Architecture']}; {len(sums)} files as its list says."
    ]


def _rpm(package: Path, folder: Path, version: str) -> list[str]:
    sentences = []
    if shutil.which("rpm"):
        name = run("rpm", "--query", "--package", "--queryformat", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm", package)
        if name != package.name:
            raise NotInOrder(f"By what it says, it should be called {name}.")
        run("rpm", "--checksig", "--nosignature", package)
        sentences.append(f"{name}; its own digests are in order.")
    content = _payload(package)
    if shutil.which("cpio") is None:
        raise NotTried("cpio is not on this machine.")
    command = [
        "cpio",
        "--extract",
        "--make-directories",
        "--preserve-modification-time",
        "--quiet",
        "--no-absolute-filenames",
    ]
    process = subprocess.run(command, cwd=folder, input=content, capture_output=True, check=False)
    if process.returncode:
        raise NotInOrder(f"cpio cannot unpack it: {process.stderr.decode(errors='replace').strip()}")
    return sentences


def _payload(package: Path) -> bytes:
    """An RPM's files as an archive of cpio's: by rpm2cpio, or read as its format says. Raises NotInOrder, NotTried."""
    if program := shutil.which("rpm2cpio"):
        process = subprocess.run([program, str(package)], capture_output=True, check=False)
        if process.returncode == 0:
            return process.stdout
        raise NotInOrder(f"rpm2cpio cannot read it: {process.stderr.decode(errors='replace').strip()}")
    data, at = package.read_bytes(), _LEAD
    for _ in range(2):
        if data[at : at + 3] != _HEADER:
            raise NotInOrder("It is no RPM.")
        entries, size = (int.from_bytes(data[at + n : at + n + 4]) for n in (8, 12))
        at += _HEAD + _ENTRY * entries + size
        at += -at % 8 if _ == 0 else 0  # the first header is filled up to eight bytes
    payload = data[at:]
    if payload.startswith(_XZ):
        return lzma.decompress(payload)
    if payload.startswith(_GZIP):
        return gzip.decompress(payload)
    zstd = shutil.which("zstd")
    if not payload.startswith(_ZSTD) or zstd is None:
        raise NotTried("Neither rpm2cpio nor zstd is on this machine.")
    process = subprocess.run([zstd, "--decompress", "--stdout"], input=payload, capture_output=True, check=False)
    if process.returncode:
        raise NotInOrder(f"zstd cannot read it: {process.stderr.decode(errors='replace').strip()}")
    return process.stdout


def _tar(package: Path, folder: Path, version: str) -> list[str]:
    with tarfile.open(package) as archive:
        archive.extractall(folder, filter="data")
    return _only_folder(folder)


def _zip(package: Path, folder: Path, version: str) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        if (damaged := archive.testzip()) is not None:
            raise NotInOrder(f"{damaged} in it is damaged.")
        archive.extractall(folder)  # noqa: S202 - zipfile keeps every name inside of the folder
    return _only_folder(folder)


def _only_folder(folder: Path) -> list[str]:
    names = [path.name for path in folder.iterdir()]
    if len(names) != 1:
        raise NotInOrder(f"It has not one folder in it, but {', '.join(sorted(names))}.")
    return [f"One folder, {names[0]}."]
