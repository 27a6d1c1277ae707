"""How the checks of the project are run: the tests on the screen, and what takes one processor alone beside them.

Standard library only.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from installer.clone import Command, environment, start


@dataclass(frozen=True)
class CheckEnd:
    """How a check ended, after so many seconds, and what it has printed if that was kept back."""

    code: int
    seconds: float
    printed: bytes = b""

    def row(self, name: str) -> str:
        """The check's line in a summary."""
        how = f"FAILED (exit code {self.code})" if self.code else "in order"
        return f"{name:20}{how:24}{self.seconds:6.1f} s"


def run(commands: Mapping[str, Command], variables: Mapping[str, str]) -> dict[str, CheckEnd]:
    """Run every check, also after one has failed: the last one on the screen and with `variables`, and the others one
    after the other beside it. What these print is shown when it has ended."""
    *others, last = commands
    beside = ThreadPoolExecutor(1)
    try:
        running = {name: beside.submit(_kept_back, commands[name]) for name in others}
        began = time.monotonic()
        print(f"\n=== {last}", flush=True)
        code = start(commands[last], **variables)
        shown = CheckEnd(code, time.monotonic() - began)
        ends = {}
        for name in others:
            ends[name] = running[name].result()
            print(f"\n=== {name}", flush=True)
            sys.stdout.buffer.write(ends[name].printed)
            sys.stdout.flush()
        return ends | {last: shown}
    finally:
        beside.shutdown(cancel_futures=True)


def _kept_back(command: Command) -> CheckEnd:
    """Run a check whose output is kept back."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return CheckEnd(code, time.monotonic() - began, done.stdout)
