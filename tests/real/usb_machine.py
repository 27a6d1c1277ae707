"""The small virtual machine with a real USB bus: a program runs in it, and what that found out comes back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

NEEDED = ("qemu-system-x86_64", "busybox", "cpio", "xz", "g++")


def machine(shared: Path, *tools: str) -> Path:
    """What starts the machine; the test is skipped where that, or one of `tools`, is missing."""
    missing = [tool for tool in (*NEEDED, *tools) if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the USB rig needs {', '.join(missing)}")
    return shared / "lab/usb-vm.sh"


def answers(machine: Path, program: str, *questions: str, phones: int = 0) -> dict[str, Any]:
    """What the module `program` says in the machine, where the bus has so many Android phones. The machine itself hangs
    now and then: then it is started again."""
    # A second processor, where there is none to spare, has the two wait for each other half of the time.
    size = ("--cpus", "1", "--phones", str(phones))
    command = [str(machine), "--timeout", "480", *size, "--", "env", f"PYTHONPATH={ROOT}"]
    for _ in range(3):
        done = subprocess.run(
            [*command, sys.executable, "-m", program, *questions], capture_output=True, text=True, check=False
        )
        if done.returncode != 124:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    return dict(json.loads(line) for line in lines)
