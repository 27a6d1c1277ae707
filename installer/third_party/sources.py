#!/usr/bin/env python3
"""Collect the source code of the parts under the LGPL of a release's bundles: ``fanion-VERSION-sources.tar.xz``.

    python3 installer/third_party/sources.py FOLDER BILL...

Each BILL is a bill of materials (.cdx.json), one for each of the release's bundles.

What is fetched is kept below FOLDER for the next time; the archive is written beside it. Debian's source packages come
through apt, whose sources must name ``deb-src`` of the Debian on which the bundle was built; the others come from where
their makers publish them. What cannot be had is said in one sentence, nothing is packed, and the exit code is 1.

Only the standard library is used. Debian's own source packages are checked by apt; what else comes is trusted as far as
HTTPS and its maker's server are.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LGPL: Final = "LGPL-"
_QT: Final = (
    "https://download.qt.io/official_releases/qt/{minor}/{version}/submodules/{module}-everywhere-src-{version}.tar.xz"
)
_PYSIDE: Final = (
    "https://download.qt.io/official_releases/QtForPython/pyside6/PySide6-{version}-src/"
    "pyside-setup-everywhere-src-{version}.tar.xz"
)
#: Where the source code of each part is that is not Debian's. {version} is the part's, {minor} its first two numbers,
#: {three} its first three: libusb-package counts its own packages of one libusb with a fourth.
PLACES: Final[Mapping[str, Sequence[str]]] = {
    # The modules whose libraries, plugins and translations are in a bundle.
    "Qt": [
        _QT.replace("{module}", module)
        for module in (
            "qtbase",
            "qtimageformats",
            "qtsvg",
            "qttranslations",
            "qtwayland",
        )  # and no others: see installer/trim.py
    ],
    "pyside6-essentials": [_PYSIDE],
    "shiboken6": [_PYSIDE],
    "libusb": ["https://github.com/libusb/libusb/releases/download/v{three}/libusb-{three}.tar.bz2"],
    "libusb1": ["https://github.com/vpelletier/python-libusb1/archive/refs/tags/{version}.tar.gz"],
}
_DEBIAN: Final = re.compile(r"https://snapshot\.debian\.org/package/([a-z0-9][a-z0-9+.-]+)/([A-Za-z0-9.+:~-]+)/")
#: Seconds that a server may keep silent.
PATIENCE: Final = 60


class Stop(Exception):  # noqa: N818 - what the person at the keyboard reads, after which nothing more happens
    """The sources cannot be collected: why, and what to do."""


@dataclass(frozen=True, order=True)
class Part:
    """A part under the LGPL, and where its source code is: a source package of Debian's, or addresses."""

    name: str
    version: str
    debian: str = ""
    addresses: tuple[str, ...] = ()


def read(bills: Sequence[Path]) -> tuple[str, list[Part]]:
    """The release's version, and all that its bundles have under the LGPL. Raises Stop."""
    versions, parts = set(), set()
    for path in bills:
        try:
            bill = json.loads(path.read_text(encoding="utf-8"))
            versions.add(str(bill["metadata"]["component"]["version"]))
            parts |= {_part(component) for component in bill["components"] if LGPL in str(component["licenses"])}
        except OSError as error:
            raise Stop(f"{path} cannot be read: {error.strerror or error}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Stop(f"{path} is no bill of materials of Fanion's.") from error
    if len(versions) != 1:
        raise Stop(f"The bills of materials are of several versions of Fanion: {', '.join(sorted(versions))}.")
    return versions.pop(), sorted(parts)


def _part(component: Mapping[str, Any]) -> Part:
    """A component of a bill as a part whose source code can be fetched. Raises Stop."""
    name, version = str(component["name"]), str(component["version"])
    if str(component["purl"]).startswith("pkg:deb/"):
        links = [str(link["url"]) for link in component.get("externalReferences", ())]
        match = _DEBIAN.fullmatch(links[0]) if links else None
        if not match:
            raise Stop(f"Whose source package {name} {version} is, is not known: build the release on Debian.")
        return Part(name, version, debian=f"{match[1]}={match[2]}")
    if name not in PLACES:
        raise Stop(
            f"Where the source code of {name} {version} is, is not known: add it to installer/third_party/sources.py."
        )
    numbers = version.split(".")
    if not version[:1].isdigit() or len(numbers) < 3:
        raise Stop(f"Which {name} is in the bundle is not known: its version is “{version}”.")
    words = {"version": version, "minor": ".".join(numbers[:2]), "three": ".".join(numbers[:3])}
    return Part(name, version, addresses=tuple(place.format(**words) for place in PLACES[name]))


def from_debian(source: str, folder: Path) -> list[Path]:
    """A source package, such as ``glib2.0=2.74.6-2``: its files, in a folder of their own. Raises Stop."""
    place = folder / source.replace("=", "_").replace(":", "%3a")
    if not any(place.glob("*.dsc")):
        draft = folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "source", "--download-only", source]
        try:
            process = subprocess.run(command, cwd=draft, capture_output=True, encoding="utf-8", check=False)
        except OSError as error:
            raise Stop(
                "There is no apt-get here: collect the sources on the Debian that the bundle was built on."
            ) from error
        if process.returncode or not any(draft.glob("*.dsc")):
            last = (process.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise Stop(
                f"apt-get could not fetch the source package {source}: {last.removeprefix('E: ')} "
                "Does apt know deb-src of that Debian? A version that is gone from there is at https://snapshot.debian.org."
            )
        draft.replace(place)
    return sorted(place.iterdir())


def from_address(address: str, folder: Path) -> Path:
    """A file that is published at an address. Raises Stop."""
    target = folder / address.rpartition("/")[2]
    if "/python-libusb1/" in address:  # whose file is called like its version only
        target = folder / f"python-libusb1-{target.name}"
    if not target.exists():
        draft = folder / "draft.part"
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer, draft.open("wb") as file:  # noqa: S310
                shutil.copyfileobj(answer, file)
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", None) or error
            raise Stop(f"{address} could not be fetched: {why}.") from error
        draft.replace(target)
    return target


def collect(parts: Sequence[Part], folder: Path) -> dict[str, list[Path]]:
    """Fetch all of it, Debian's first. Gives the files of each part, by its name and version. Raises Stop."""
    folder.mkdir(parents=True, exist_ok=True)
    files_by_part: dict[str, list[Path]] = {}
    for part in sorted(parts, key=lambda part_key: (not part_key.debian, part_key)):
        files = from_debian(part.debian, folder) if part.debian else []
        files += [from_address(address, folder) for address in part.addresses]
        files_by_part[f"{part.name} {part.version}"] = files
        print(f"{part.name} {part.version}: {', '.join(file.name for file in files)}", flush=True)
    return files_by_part


def pack(files_by_part: Mapping[str, Sequence[Path]], folder: Path, archive: Path) -> None:
    """Pack all files into one archive, with a list of what is for which part. The same files make the same archive."""
    name = archive.name.removesuffix(".tar.xz")
    contents = "".join(
        f"{part}: {', '.join(file.relative_to(folder).as_posix() for file in files)}\n"
        for part, files in sorted(files_by_part.items())
    )
    (folder / "SOURCES.txt").write_text(
        "The source code of the parts of Fanion's bundles that are under the GNU Lesser General Public License.\n\n"
        + contents,
        encoding="utf-8",
        newline="\n",
    )

    def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = "root"
        entry.mode = 0o644
        return entry

    draft = archive.with_name(archive.name + ".part")
    # What is in it is compressed already.
    with tarfile.open(draft, "w:xz", format=tarfile.GNU_FORMAT, preset=0) as file:
        for path in sorted({folder / "SOURCES.txt", *(path for files in files_by_part.values() for path in files)}):
            file.add(path, f"{name}/{path.relative_to(folder).as_posix()}", filter=settled)
    draft.replace(archive)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    out, *bills = map(Path, arguments)
    try:
        version, parts = read(bills)
        folder = out / f"sources-{version}"
        files_by_part = collect(parts, folder)
        archive = out / f"fanion-{version}-sources.tar.xz"
        pack(files_by_part, folder, archive)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The sources cannot be written: {error}", file=sys.stderr)
        return 1
    print(archive)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
