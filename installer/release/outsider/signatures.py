"""Checksums and signatures, with the commands that a department is told to use."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from types import ModuleType

from .commands import run
from .report import NotInOrder, Report

SUMS = "SHA256SUMS"
NOTICE = "fanion-release"


def verify(report: Report, release: Path, key: Path, sign: Path, version: str) -> None:
    """Verify the list of files and every file on it, twice, and the file that desks read from a USB key."""
    with report.row("python3 sign.py verify: the signature, every file on the list, nothing beside it") as sentences:
        lines = run(sys.executable, "-I", sign, "verify", release, "--key", key).splitlines()
        if absent := [line for line in lines if line.startswith("not here: ")]:
            raise NotInOrder(f"Of the files on the list, some are {absent[0]}.")
        sentences.append(f"{lines[0]}. {sum(line.startswith('in order: ') for line in lines)} files in order.")
    with report.row("minisign -Vm SHA256SUMS: the same signature, by minisign itself"):
        run("minisign", "-Vm", SUMS, "-p", key.resolve(), folder=release)
    with report.row("sha256sum --check SHA256SUMS: every file") as sentences:
        lines = run("sha256sum", "--check", SUMS, folder=release).splitlines()
        sentences.append(f"{len(lines)} files in order.")
    with report.row(f"{NOTICE}: what desks without a network read") as sentences:
        run("minisign", "-Vm", NOTICE, "-p", key.resolve(), folder=release)
        notice = tomllib.loads((release / NOTICE).read_text(encoding="utf-8"))
        if notice["version"] != version:
            raise NotInOrder(f"It is of version {notice['version']}, and the release of {version}.")
        sentences.append(f"Version {notice['version']} of {notice['date']}.")
    with report.row("Every file, altered by one byte in a copy, is refused by its name") as sentences:
        sentences.append(_altered(release, key, sign))


def read_sums(release: Path) -> dict[str, str]:
    """The files on the list, each with its SHA-256. Raises NotInOrder, OSError."""
    digests: dict[str, str] = {}
    for line in (release / SUMS).read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"([0-9a-f]{64})  ([^/]+)", line)
        if match is None:
            raise NotInOrder(f"{SUMS} has a line that names no file: {line}")
        digests[match[2]] = match[1]
    return digests


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _altered(release: Path, key: Path, sign: Path) -> str:
    """Alter each file in turn, in a folder of links to the others. Raises NotInOrder where that is not noticed."""
    module = _module(sign)
    public = module.public_key(key.read_bytes())
    names = sorted(path.name for path in release.iterdir())
    for name in names:
        with tempfile.TemporaryDirectory(prefix="fanion-altered-") as place:
            folder = Path(place)
            # What is not altered is looked at in the real folder: a few links are enough here.
            for other in {SUMS, f"{SUMS}.minisig", name}:
                os.symlink((release / other).resolve(), folder / other)
            (folder / name).unlink()
            shutil.copyfile(release / name, folder / name)
            with (folder / name).open("r+b") as file:
                file.seek(max(0, (release / name).stat().st_size // 2 - 1))
                byte = file.read(1) or b"\0"
                file.seek(-len(byte), os.SEEK_CUR)
                file.write(bytes([byte[0] ^ 1]))
            try:
                module.verify(folder, public)
            except module.SignProblem as problem:
                if name not in (SUMS, f"{SUMS}.minisig") and name not in str(problem):
                    raise NotInOrder(f"{name} was altered, and the check says: {problem}") from problem
            else:
                raise NotInOrder(f"{name} was altered, and the check finds nothing.")
    return f"{len(names)} of {len(names)}."


def _module(sign: Path) -> ModuleType:
    """The file sign.py of the release's source, as a module."""
    spec = importlib.util.spec_from_file_location("published_sign", sign)
    if spec is None or spec.loader is None:
        raise NotInOrder(f"{sign} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["published_sign"] = module  # its dataclasses look there for their module
    spec.loader.exec_module(module)
    return module
