"""Make Fanion's Windows Installer package with Debian's wixl: ``msi.py BUNDLE VERSION ICON GUARD OUT``.

GUARD is the library that is made of guard.c. Every file of the bundle becomes a component of its own, whose number
follows from its path: so Windows knows it again in the next version, and a repair brings back each that is missing.
The product's number and the package's follow from the content: two packages of the same content at the same time
(SOURCE_DATE_EPOCH) are the same, byte by byte, and two of different content are never taken for one another.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
import sys
import tempfile
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from installer.windows import listing  # noqa: E402

HERE: Final = Path(__file__).resolve().parent
#: By this, Windows knows every version of Fanion. It is never changed.
UPGRADE_CODE: Final = uuid.UUID("5a4f1c0e-6b3d-5d7e-9f42-8c1b7e2d3a60")
_SPACE: Final = "http://schemas.microsoft.com/wix/2006/wi"
#: Who may do what in the folder of the department's settings: nothing is inherited (P), the system and administrators
#: may do everything, users may read. As fanion.nsi makes it; the owner is the system, which makes it here.
_SETTINGS_ACCESS: Final = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
#: Found in the registry before anything is installed, and handed on to the part that installs.
_FOUND: Final = ("WINDOWSBUILD", "PROCESSORKIND", "SETUPPROGRAM", "SETTINGSFOLDER", "OLDERFANION", "NEWERFANION")
#: What wixl has no words for, in the SQL of Windows Installer. A settings folder that is there already keeps its access
#: list, as an administrator has set it.
_ADDED: Final = (
    "UPDATE `Property` SET `Value` = '{found}' WHERE `Property` = 'SecureCustomProperties'",
    "CREATE TABLE `DrLocator` (`Signature_` CHAR(72) NOT NULL, `Parent` CHAR(72), `Path` CHAR(255), `Depth` INT"
    " PRIMARY KEY `Signature_`, `Parent`, `Path`)",
    "INSERT INTO `DrLocator` (`Signature_`, `Path`) VALUES ('settings_folder', '[CommonAppDataFolder]Fanion')",
    "INSERT INTO `AppSearch` (`Property`, `Signature_`) VALUES ('SETTINGSFOLDER', 'settings_folder')",
    "CREATE TABLE `MsiLockPermissionsEx` (`MsiLockPermissionsEx` CHAR(72) NOT NULL, `LockObject` CHAR(72) NOT NULL,"
    " `Table` CHAR(32) NOT NULL, `SDDLText` CHAR(0) NOT NULL LOCALIZABLE, `Condition` CHAR(255)"
    " PRIMARY KEY `MsiLockPermissionsEx`)",
    "INSERT INTO `MsiLockPermissionsEx` (`MsiLockPermissionsEx`, `LockObject`, `Table`, `SDDLText`, `Condition`)"
    " VALUES ('settings', 'Settings', 'CreateFolder', '{access}', 'NOT SETTINGSFOLDER')",
)
#: The set of properties that says who made the package and when (MS-OLEPS): its format, and its two times.
_SUMMARY: Final = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
_PACKAGE_CODE: Final = 9
_TIMES: Final = (12, 13)
#: Seconds from 1601, where Windows' time begins, to 1970.
_WINDOWS_EPOCH: Final = 11_644_473_600


class MsiProblem(Exception):  # noqa: N818 - what the person at the keyboard reads
    """A package that cannot be made: why."""


def numbered(text: str) -> str:
    """The number (GUID) that follows from a text."""
    return str(uuid.uuid5(UPGRADE_CODE, text)).upper()


def digest(bundle: Path, inside: Iterable[Path]) -> str:
    """One SHA-256 over every path and content of a bundle."""
    summed = hashlib.sha256()
    for path in inside:
        content = hashlib.sha256((bundle / path).read_bytes()).hexdigest()
        summed.update(f"{content}  {path.as_posix()}\n".encode())
    return summed.hexdigest()


def fragment(bundle: Path, inside: list[Path]) -> bytes:
    """The bundle's folders and files, in wixl's language (WiX). Raises ListingProblem for a name that is none there."""
    ET.register_namespace("", _SPACE)
    text = listing.nsis  # a dollar begins a variable for wixl, too, and is doubled in the same way

    def add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
        return ET.SubElement(parent, f"{{{_SPACE}}}{tag}", attributes)

    root = ET.Element(f"{{{_SPACE}}}Wix")
    content = add(root, "Fragment")
    places = {Path(): add(content, "DirectoryRef", Id="Program")}
    for folder in listing.folders(inside):
        places[folder] = add(places[folder.parent], "Directory", Id=_identifier("d", folder), Name=text(folder.name))
    group = add(content, "ComponentGroup", Id="Bundle")
    for path in inside:
        name = _identifier("c", path)
        component = add(
            places[path.parent], "Component", Id=name, Guid=numbered(f"component {path.as_posix().lower()}")
        )
        add(
            component,
            "File",
            Id=_identifier("f", path),
            Name=text(path.name),
            Source=text(str(bundle / path)),
            KeyPath="yes",
        )
        add(group, "ComponentRef", Id=name)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _identifier(kind: str, path: Path) -> str:
    return kind + hashlib.sha256(path.as_posix().encode()).hexdigest()[:32]


def build(bundle: Path, version: str, icon: Path, guard: Path, out: Path, epoch: int) -> str:
    """Write the package, and return its ProductCode. Raises ListingProblem, MsiProblem and OSError."""
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,5}", version):
        raise MsiProblem(f"Windows Installer knows versions of three numbers, such as 0.9.0, and this is {version!r}.")
    inside = listing.files(bundle)
    content = f"{version} {digest(bundle, inside)} {hashlib.sha256(guard.read_bytes()).hexdigest()}"
    product = numbered(f"product {content}")
    variables = {
        "VERSION": version,
        "PRODUCT_CODE": product,
        "UPGRADE_CODE": str(UPGRADE_CODE).upper(),
        "ICON": str(icon),
        "GUARD": str(guard),
    }
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="fanion-msi-") as folder:
        files = Path(folder, "files.wxs")
        files.write_bytes(fragment(bundle, inside))
        defined = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        _run("wixl", "--arch", "x64", *defined, "--output", out, HERE / "fanion.wxs", files)
        added = (statement.format(found=";".join(_FOUND), access=_SETTINGS_ACCESS) for statement in _ADDED)
        _run("msibuild", out, *(word for statement in added for word in ("-q", statement)))
    package = numbered(f"package {content} {hashlib.sha256((HERE / 'fanion.wxs').read_bytes()).hexdigest()}")
    out.write_bytes(dated(out.read_bytes(), package, epoch))
    return f"{{{product}}}"


def _run(program: str, *arguments: str | Path) -> None:
    try:
        process = subprocess.run([program, *arguments], capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        raise MsiProblem(f"There is no {program} here: sudo apt-get install wixl msitools") from None
    if process.returncode or process.stderr.strip():
        raise MsiProblem(f"{program} could not make the package: {process.stderr.strip() or process.returncode}")


def dated(package: bytes, code: str, epoch: int) -> bytes:
    """A package with this number and time, where wixl has put one by chance and that of the clock.

    Raises MsiProblem if its summary is not as wixl writes it.
    """
    start = package.find(_SUMMARY)
    if start < 28 or package.find(_SUMMARY, start + 1) >= 0:
        raise MsiProblem("The package that wixl made has no summary, or two.")
    values = {_PACKAGE_CODE: f"{{{code}}}".encode(), **dict.fromkeys(_TIMES, _filetime(epoch))}
    changed = bytearray(package)
    for name, at in _places(package, start).items():
        value = values.pop(name, None)
        if value is None:
            continue
        before = package[at : at + len(value)]
        if len(before) < len(value) or (name == _PACKAGE_CODE and not re.fullmatch(rb"\{[0-9A-F-]{36}\}", before)):
            raise MsiProblem("The package that wixl made has no number or time where it should be.")
        changed[at : at + len(value)] = value
    if values:
        raise MsiProblem("The package that wixl made lacks its number or its times.")
    return bytes(changed)


def _places(package: bytes, start: int) -> dict[int, int]:
    """Where each property of the summary has its value, by its number; at `start` is what format it has."""
    try:
        # The property set begins 28 bytes before, and its stream is in one piece.
        section = start - 28 + struct.unpack_from("<I", package, start + 16)[0]
        count = struct.unpack_from("<I", package, section + 4)[0]
        listed = [struct.unpack_from("<II", package, section + 8 + 8 * n) for n in range(min(count, 64))]
    except struct.error:
        raise MsiProblem("The package that wixl made breaks off in its summary.") from None
    # A text has its kind and its length before it, a time only its kind.
    return {name: section + offset + (8 if name == _PACKAGE_CODE else 4) for name, offset in listed}


def _filetime(epoch: int) -> bytes:
    return struct.pack("<Q", (epoch + _WINDOWS_EPOCH) * 10_000_000)


def main(arguments: list[str]) -> int:
    if len(arguments) != 5:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    bundle, version, icon, guard, out = arguments
    try:
        epoch = int(os.environ["SOURCE_DATE_EPOCH"])
        print(build(Path(bundle).resolve(), version, Path(icon).resolve(), Path(guard).resolve(), Path(out), epoch))
    except (KeyError, ValueError):
        print("Set SOURCE_DATE_EPOCH to the time that the package bears, in seconds since 1970.", file=sys.stderr)
        return 1
    except (MsiProblem, listing.ListingProblem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
