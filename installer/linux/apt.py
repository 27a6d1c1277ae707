#!/usr/bin/env python3
"""Make an apt repository of Fanion's .deb packages: ``apt.py FOLDER KEY [DEB...]``.

FOLDER is the repository, made or added to: each DEB is copied into its ``pool``, and the lists are made anew of all
that is there. KEY is the fingerprint of an OpenPGP key that gpg has (GNUPGHOME says where), and signs ``InRelease`` and
``Release.gpg``. The public key and ``fanion.sources``, which an administrator copies, lie in the folder, too. It is
served as it is: by a web server, from a network share, or from a stick, with ``file:``.

The format is Debian's (https://wiki.debian.org/DebianRepository/Format). Needed are dpkg and gpg. SOURCE_DATE_EPOCH is
the time that the lists bear; otherwise the time of the newest package.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

SUITE: Final = "stable"
COMPONENT: Final = "main"
KEYRING: Final = "fanion-archive-keyring.gpg"
SOURCES: Final = "fanion.sources"
#: Where an administrator puts the key: apt believes it for this repository only.
INSTALLED_KEYRING: Final = f"/usr/share/keyrings/{KEYRING}"
_FINGERPRINT: Final = re.compile(r"[0-9A-F]{40}")
_NAME: Final = re.compile(r"(fanion|fanion-office)_[\w.+~-]+_[a-z0-9-]+\.deb")


class AptProblem(Exception):  # noqa: N818 - what the person at the keyboard reads
    """A repository that cannot be made: why."""


def build(folder: Path, key: str, debs: Iterable[Path]) -> list[Path]:
    """Copy the packages into the repository and sign its lists anew. Returns the packages that are in it.

    Raises AptProblem, and then the lists that were there are unchanged; OSError.
    """
    if not _FINGERPRINT.fullmatch(key):
        raise AptProblem(
            "Name the key by its whole fingerprint, 40 hexadecimal digits: gpg --list-secret-keys says it."
        )
    pool = folder / "pool"
    pool.mkdir(parents=True, exist_ok=True)
    for deb in debs:
        _add(deb, pool)
    packages = sorted(pool.glob("*.deb"))
    if not packages:
        raise AptProblem(f"There is no package in {pool}, and none was named.")
    dists = folder / "dists"
    lists, before = folder / "dists.new", folder / "dists.old"
    for draft in (lists, before):
        shutil.rmtree(draft, ignore_errors=True)
    _lists(packages, lists / SUITE, key)
    public = _gpg("--export", key)
    if dists.exists():
        dists.rename(before)
    lists.rename(dists)
    shutil.rmtree(before, ignore_errors=True)
    (folder / KEYRING).write_bytes(public)
    (folder / SOURCES).write_text(_sources(folder), encoding="utf-8")
    return packages


def _add(deb: Path, pool: Path) -> None:
    """Put a package into the pool. One that was published is never changed: apt would find another under its name."""
    name = _NAME.fullmatch(deb.name)
    if name is None or _field(deb, "Package") != name[1]:
        raise AptProblem(f"{deb} is no package of Fanion.")
    published = pool / deb.name
    if not published.exists():
        shutil.copyfile(deb, published)
    elif _sha256(published.read_bytes()) != _sha256(deb.read_bytes()):
        raise AptProblem(f"The repository has another {deb.name} already. Give this one a version of its own.")


def _lists(packages: list[Path], suite: Path, key: str) -> None:
    """Write `Packages` for each processor, and `Release`, which has their hashes and is signed."""
    entries: dict[str, list[str]] = {}
    for deb in packages:
        entries.setdefault(_field(deb, "Architecture"), []).append(_entry(deb))
    for processor, listed in entries.items():
        place = suite / COMPONENT / f"binary-{processor}"
        place.mkdir(parents=True)
        content = "\n".join(listed).encode()
        (place / "Packages").write_bytes(content)
        (place / "Packages.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        (place / "Packages.xz").write_bytes(lzma.compress(content, preset=9))
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or max(deb.stat().st_mtime for deb in packages))
    release = suite / "Release"
    release.write_text(_release(suite, sorted(entries), epoch), encoding="utf-8")
    how = ("--local-user", key, "--digest-algo", "SHA512")
    _gpg(*how, "--output", str(suite / "InRelease"), "--clear-sign", str(release))
    _gpg(*how, "--output", str(suite / "Release.gpg"), "--armor", "--detach-sign", str(release))


def _entry(deb: Path) -> str:
    """The entry of a package in `Packages`: its own control fields, and its place, size and SHA-256."""
    content = deb.read_bytes()
    control = _run("dpkg-deb", "--field", str(deb)).decode()
    return f"{control.rstrip()}\nFilename: pool/{deb.name}\nSize: {len(content)}\nSHA256: {_sha256(content)}\n"


def _release(suite: Path, processors: list[str], epoch: int) -> str:
    """The file `Release`, which is signed. It has no day after which apt refuses it: a stick may be used for years."""
    lines = [
        "Origin: Fanion",
        "Label: Fanion",
        f"Suite: {SUITE}",
        f"Codename: {SUITE}",
        f"Date: {format_datetime(datetime.fromtimestamp(epoch, UTC), usegmt=True)}",
        f"Architectures: {' '.join(processors)}",
        f"Components: {COMPONENT}",
        "Description: Fanion's own packages",
        "SHA256:",
    ]
    for path in sorted(path for path in suite.rglob("*") if path.is_file()):
        content = path.read_bytes()
        lines.append(f" {_sha256(content)} {len(content)} {path.relative_to(suite).as_posix()}")
    return "\n".join(lines) + "\n"


def _sources(folder: Path) -> str:
    return (
        "# Copy this to /etc/apt/sources.list.d, and the key beside it to the place that is named here.\n"
        "# Change the address to where the repository lies: https://SERVER/fanion, or file:/PLACE.\n"
        f"Types: deb\nURIs: file:{folder.resolve()}\nSuites: {SUITE}\nComponents: {COMPONENT}\n"
        f"Signed-By: {INSTALLED_KEYRING}\n"
    )


def _field(deb: Path, name: str) -> str:
    return _run("dpkg-deb", "--field", str(deb), name).decode().strip()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _gpg(*arguments: str) -> bytes:
    output = _run("gpg", "--batch", "--quiet", "--yes", *arguments)
    if arguments[0] == "--export" and not output:
        raise AptProblem(f"gpg has no key {arguments[1]}.")
    return output


def _run(program: str, *arguments: str) -> bytes:
    try:
        process = subprocess.run([program, *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise AptProblem(f"There is no {program} here: sudo apt-get install dpkg gpg") from None
    if process.returncode:
        last = (process.stderr.decode(errors="replace").strip() or "it said nothing").splitlines()[-1]
        raise AptProblem(f"{program} failed: {last}")
    return process.stdout


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    try:
        packages = build(Path(arguments[0]), arguments[1], map(Path, arguments[2:]))
    except (AptProblem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{arguments[0]}: {', '.join(deb.name for deb in packages)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
