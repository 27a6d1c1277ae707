"""The command line of an outsider's verification: see the package."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import contents, manual_pages, origin, program, signatures
from .report import Report
from .unpacking import PACKAGES, unpack


def verify(
    release: Path, key: Path, sign: Path, repository: Path, tag: str, tag_key: Path | None, notices: Path | None = None
) -> Report:
    """Look at everything, also after something was not as it should be."""
    report = Report()
    version = tag.removeprefix("v")
    signatures.verify(report, release, key, sign, version)
    origin.verify(report, release, repository, tag, tag_key)
    programs: dict[str, dict[str, str]] = {}
    for package in sorted(path for path in release.iterdir() if path.name.endswith(PACKAGES)):
        with tempfile.TemporaryDirectory(prefix="fanion-outsider-") as name:
            folder = Path(name) / "unpacked"
            folder.mkdir()
            with report.row(f"{package.name}: unpacked, and what it says of itself") as sentences:
                sentences += unpack(package, folder, version)
            if not any(folder.iterdir()):
                continue
            programs[package.name] = contents.verify(report, package.name, folder, release, notices)
            program.verify(report, package.name, folder, version)
    contents.compare(report, programs)
    manual_pages.verify(report, release, version)
    return report


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="outsider")
    parser.add_argument("release", type=Path)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--sign", type=Path, required=True)
    parser.add_argument("--repository", type=Path, required=True)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--tag-key", type=Path)
    parser.add_argument("--notices", type=Path)
    options = parser.parse_args(arguments)
    where = (options.release, options.key, options.sign, options.repository)
    report = verify(*where, options.tag, options.tag_key, options.notices)
    print(report.text())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
