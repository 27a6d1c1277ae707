#!/usr/bin/env python3
"""Make the file that tells desks without a network of a newer version, and sign it: ``fanion-release``.

    python3 installer/release_notice.py FOLDER --version 0.2.0 --date 2026-12-01 --where PLACE --en LINE --fr LINE \\
        --key KEY

FOLDER gets the file and ``fanion-release.minisig``; both are carried on a stick, beside the packages or alone. KEY is
the secret key of releases (installer/RELEASE.md), or a department's own, whose public key its desks have as
``release_key``. The passphrase is asked for; the public key lies beside KEY.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import tomli_w

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.desk.newer_version import FILE_NAME, FORMAT, SIGNATURE, UpdateProblem, parse
from core.system.minisign import MinisignError, PublicKey
from installer import sign


def content(version: str, day: date, where: str, en: str, fr: str) -> bytes:
    """The file, which desks read."""
    notice = {"format": FORMAT, "version": version, "date": day, "where": where, "en": en, "fr": fr}
    return tomli_w.dumps(notice).encode()


def make(folder: Path, data: bytes, key: Path, passphrase: str, comment: str = FILE_NAME) -> Path:
    """Write the file and its signature, which says `comment` of it. Raises SignProblem; OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    file.write_bytes(data)
    return sign.sign(file, key, passphrase, comment)


def check(folder: Path, public: Path) -> None:
    """Read the file as a desk does that believes the key in the file `public`. Raises UpdateProblem, MinisignError."""
    key = PublicKey.parse_file(public.read_bytes())
    parse((folder / FILE_NAME).read_bytes(), (folder / (FILE_NAME + SIGNATURE)).read_bytes(), [key])


def main(arguments: Sequence[str], ask: Callable[[str], str] = sign.asked) -> int:
    parser = argparse.ArgumentParser(
        prog="release_notice.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--where", required=True, help="where to get it, in a few words or as an address")
    parser.add_argument("--en", required=True, help="one line on the version, in English")
    parser.add_argument("--fr", required=True, help="the same in French")
    parser.add_argument("--key", type=Path, required=True, help="the secret key; its .pub lies beside it")
    options = parser.parse_args(arguments)
    try:
        data = content(options.version, options.date, options.where, options.en, options.fr)
        print(make(options.folder, data, options.key, ask("Passphrase: ")))
        check(options.folder, options.key.with_suffix(".pub"))
    except (sign.SignProblem, UpdateProblem, MinisignError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
