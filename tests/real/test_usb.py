"""Real phones' adbd on a real USB bus, inside a small virtual machine: one and four phones, plugging, permission."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.first  # it takes minutes, in which the other processes do all the rest
NEEDED = ("qemu-system-x86_64", "busybox", "cpio", "xz", "g++", "adb")


@pytest.fixture(scope="module")
def machine(shared: Path) -> Path:
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the USB rig needs {', '.join(missing)}")
    return shared / "lab/usb-vm.sh"


def run(machine: Path, phones: int, *questions: str) -> dict[str, Any]:
    """What the program in the machine found out. The machine itself hangs now and then: then it is started again."""
    # A second processor, where there is none to spare, has the two wait for each other half of the time.
    size = ("--cpus", "1", "--phones", str(phones))
    command = [machine, "--timeout", "300", *size, "--", "env", f"PYTHONPATH={ROOT}"]
    for _ in range(3):
        done = subprocess.run(
            [*command, sys.executable, "-m", "tests.real.usb_phones", *questions],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        if done.returncode != 124:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    return dict(json.loads(line) for line in lines)


def test_four_phones_and_one(machine: Path) -> None:
    """All in one machine: to start it takes longer than anything that is done in it."""
    found = run(
        machine,
        4,
        "four_at_once",
        "plug_and_unplug",
        "one_serial_for_two",
        "unplug_in_mid_command",
        "busy",
        "held_by_an_adb_server",
        "not_permitted",
        "authorisation",
    )
    assert found["four"] == [[f"EMU000000{n}", "300000"] for n in range(1, 5)]
    serial, hello = "EMU0000001", "hello over USB"
    assert found["seen"] == [serial, "Google Pixel 7a", "ready", "usb"]
    assert found["said"] == hello
    assert found["gone"] == [serial, "unplugged"]
    assert found["back"] == serial
    assert found["said again"] == hello
    assert found["in a row"] == [hello] * 6  # closing and opening again does not reset the bus
    assert found["twins"] == [True, True, hello, hello]
    assert found["twin gone"] == [True, hello, "phone-unplugged"]
    assert found["cut"] == "phone-unplugged"
    assert (found["busy"], found["not busy"]) == ("phone-busy", hello)
    assert found["held"] == [serial, "hello through the adb server that already runs on this computer"]
    assert found["free"] == [serial, hello]
    (nobody,) = found["nobody"]
    assert nobody[:2] == [serial, "no-permission"]
    assert found["asked"] == found["remembered"] == hello
