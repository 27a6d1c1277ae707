"""Fuzzes Fanion's parsers: with atheris, which is guided by what it reaches, where that is installed; else by mutation.

python -m tests.fuzz                               every target, a minute each, one after the other
python -m tests.fuzz plist apk --seconds 600       these two
python -m tests.fuzz plist --simple                without atheris
python -m tests.fuzz plist build/fuzz/plist-1a2b   one input once more, as a finding was kept
python -m tests.fuzz --list                        the names of the targets

A finding is kept in build/fuzz, and the exit code is 1. Seeds are what honest senders send, made anew each time.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fuzz.target import Target

KEPT = Path("build/fuzz")
HERE = "--in-this-process"
#: What a process that fuzzes may take (MiB), where the system tells.
MEMORY = 2048


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("what", nargs="*", help="names of targets, or one target and files")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--simple", action="store_true", help="by mutation, also where atheris is")
    parser.add_argument("--first", type=int, default=0, help="by mutation: the number of the first input")
    parser.add_argument("--list", action="store_true")
    parser.add_argument(HERE, action="store_true", dest="here", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    guided = not asked.simple and importlib.util.find_spec("atheris") is not None
    if asked.here:
        return _fuzz(asked.what[0], asked.seconds, guided, asked.first)
    from tests.fuzz.all_targets import TARGETS

    if asked.list:
        print(*TARGETS, sep="\n")
        return 0
    names = [name for name in asked.what if name in TARGETS]
    files = [Path(name) for name in asked.what if name not in TARGETS]
    if missing := [str(file) for file in files if not file.is_file()]:
        parser.error(f"neither a target nor a file: {', '.join(missing)}")
    if files and len(names) != 1:
        parser.error("a file is tried with one target")
    if files:
        return try_again(TARGETS[names[0]], files)
    options = [HERE, f"--seconds={asked.seconds}", f"--first={asked.first}", *(["--simple"] if asked.simple else [])]
    return max(_apart(name, options) for name in names or TARGETS)


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the text above."""


def _apart(name: str, options: list[str]) -> int:
    """Fuzz one target in a process and a temporary folder of its own; 1 if something was found."""
    print(f"{name} ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="fanion-fuzz-") as folder:
        environment = os.environ | {"TMPDIR": folder}
        done = subprocess.run([sys.executable, "-m", "tests.fuzz", name, *options], env=environment, check=False)
    return int(done.returncode != 0)


def _fuzz(name: str, seconds: float, guided: bool, first: int) -> int:
    """Fuzz one target here."""
    if guided:
        import atheris  # type: ignore[import-untyped, unused-ignore]

        with atheris.instrument_imports(include=["core", "plistlib", "tomllib", "csv"]):
            from tests.fuzz.all_targets import TARGETS
        return _guided(TARGETS[name], seconds, atheris)
    from tests.fuzz.all_targets import TARGETS

    return run_mutations(TARGETS[name], seconds, first)


def try_again(target: Target, files: list[Path]) -> int:
    """Try kept inputs once more."""
    from tests.fuzz.target import try_one

    for file in files:
        print(f"{file}: {'taken' if try_one(target, file.read_bytes()) else 'refused'}")
    return 0


def _guided(target: Target, seconds: float, atheris: Any) -> int:
    """Let atheris look. It ends the process itself, with another exit code than 0 where it found something."""
    from tests.fuzz.target import Finding, try_one

    KEPT.mkdir(parents=True, exist_ok=True)
    corpus = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        try:
            try_one(target, data)
        except Finding:
            traceback.print_exc()
            raise

    longest = max(4096, *(2 * file.stat().st_size for file in corpus.iterdir()))
    limits = (f"-max_total_time={seconds:.0f}", f"-max_len={longest}", f"-rss_limit_mb={MEMORY}", "-timeout=30")
    kept = f"-artifact_prefix={KEPT}/{target.name}-"
    atheris.Setup([sys.argv[0], *limits, kept, "-print_final_stats=1", "-verbosity=0", str(corpus)], one)
    atheris.Fuzz()
    return 0


def run_mutations(target: Target, seconds: float, first: int) -> int:
    """Mutate the seeds until the time is over."""
    from tests.fuzz.mutate import mutated
    from tests.fuzz.target import Finding, try_one

    seeds, end, number, taken = target.seeds(), time.monotonic() + seconds, first, 0
    try:
        for seed in seeds:
            taken += try_one(target, seed)
        while time.monotonic() < end:
            taken += try_one(target, mutated(number, seeds))
            number += 1
    except Finding as finding:
        traceback.print_exc()
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / f"{target.name}-{hashlib.sha256(finding.data).hexdigest()[:12]}"
        kept.write_bytes(finding.data)
        print(f"{finding}; kept in {kept}", file=sys.stderr)
        return 1
    print(f"{target.name}: {number - first + len(seeds)} inputs, {taken} of them taken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
