"""The small virtual machine with a real USB bus: a program runs in it, and what that found out comes back."""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.real import usb_keys

#: The programs of the rig, and those that are asked about in it.
NEEDED = ("qemu-system-x86_64", "busybox", "cpio", "xz", "g++", "adb")
#: Within which the machine answers all, on a slow computer with other tests beside: it takes 110 to 200 here.
_SECONDS = 330
#: OpenSSL leaves AVX2, BMI and ADX alone there: what is emulated takes less time without them, hashing half.
PLAIN = "OPENSSL_ia32cap=:~0x80128"


def answers(shared: Path) -> dict[str, Any]:
    """What `usb_questions` says in the machine, by name. The test is skipped where a program is missing. The machine
    itself hangs now and then: then it is started again."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the USB rig needs {', '.join(missing)}")
    for folder in ("core", "tests/kit", "tests/real"):  # to compile them there takes many times as long
        compileall.compile_dir(ROOT / folder, quiet=2)
    # A second processor, where there is none to spare, has the two wait for each other half of the time.
    command = [str(shared / "lab/usb-vm.sh"), "--timeout", str(_SECONDS), "--cpus", "1", "--phones", "0", "--"]
    with tempfile.TemporaryDirectory(prefix="fanion-", dir="/tmp") as keys:  # a disk that the machine sees
        usb_keys.write(Path(keys))
        program = ["env", PLAIN, f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.real.usb_questions", keys]
        for _ in range(2):
            done = subprocess.run([*command, *program], capture_output=True, text=True, check=False)
            if done.returncode != 124:
                break
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, dict[str, Any]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("ANSWER "):
            kind, name, value = json.loads(line.removeprefix("ANSWER "))
            assert name not in found.setdefault(kind, {}), f"two answers to {name!r}"
            found[kind][name] = value
    return found
