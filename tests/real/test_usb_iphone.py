"""Practice iPhones on a real USB bus, inside a small virtual machine: Debian's usbmuxd takes them for real ones, and
Fanion reaches them without any service."""

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
NEEDED = (
    *("qemu-system-x86_64", "busybox", "cpio", "xz", "g++"),
    *("usbmuxd", "idevice_id", "ideviceinfo", "idevicepair", "ideviceinstaller"),
)


def run(machine: Path, *questions: str) -> dict[str, Any]:
    """What the program in the machine found out. The machine itself hangs now and then: then it is started again."""
    command = [machine, "--timeout", "300", "--cpus", "1", "--phones", "0", "--", "env", f"PYTHONPATH={ROOT}"]
    for _ in range(3):
        done = subprocess.run(
            [*command, "PYTHONDONTWRITEBYTECODE=1", sys.executable, "-m", "tests.real.usb_iphones", *questions],
            capture_output=True,
            text=True,
            env={**os.environ},
        )
        if done.returncode != 124:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    return dict(json.loads(line) for line in lines)


@pytest.fixture(scope="module")
def found(shared: Path) -> dict[str, Any]:
    """All in one machine: to start it takes longer than anything that is done in it."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the USB rig needs {', '.join(missing)}")
    return run(
        shared / "lab/usb-vm.sh",
        "trust_and_apps_by_usbmuxd",
        "large_answers_by_usbmuxd",
        "unplugged_from_usbmuxd",
        "four_with_usbmuxd",
        "trust_and_removal_by_fanion",
        "trust_taken_back_by_fanion",
        "unplugged_from_fanion",
        "four_with_fanion",
        "a_service_before_fanion",
    )


def udid(number: int) -> str:
    return f"00008101-PRACTICE{number:08}"


def test_usbmuxd_lists_trusts_reads_and_removes(found: dict[str, Any]) -> None:
    assert found["listed"] == [udid(1)]
    assert found["before"][0] != 0
    assert "accept the trust dialog" in found["before"][1]
    for command in ("pair", "validate", "unpair"):
        assert found[command][0] == 0
        assert "SUCCESS" in found[command][1]
    assert found["info"] == [0, "PRACTICE1\n"]
    status, lines, with_wechat = found["apps"]
    assert (status, with_wechat) == (0, True)
    assert lines > 400
    assert found["uninstall"][0] == 0
    assert "Complete" in found["uninstall"][1]
    assert found["installed"] is False
    assert found["trusted"] == 0
    assert found["complaints"] == []


def test_usbmuxd_puts_large_packets_together(found: dict[str, Any]) -> None:
    assert found["large"] == [0, True, True]
    assert found["large complaints"] == []


def test_a_phone_unplugged_in_mid_command_ends_it_and_comes_back(found: dict[str, Any]) -> None:
    assert found["cut"] is True
    assert found["back"] == [0, udid(3) + "\n"]


def test_four_phones_at_once(found: dict[str, Any]) -> None:
    assert found["four"] == [[udid(n), [0, udid(n) + "\n"]] for n in (11, 12, 13, 14)]


def test_without_a_service_fanion_asks_for_trust_and_removes(found: dict[str, Any]) -> None:
    assert found["unasked"] == ["not-trusted", 0]
    status, said = found["fanion remove"]
    assert status == 1  # red: one of the two banned apps says that it is gone, and stays
    assert "tap Trust" in said.replace("Tap", "tap")
    assert "WeChat, Personal: Removed" in said
    assert "TikTok, Personal: Still there" in said
    assert found["fanion installed"] is False
    assert found["fanion questions"] == 1
    assert found["fanion complaints"] == []


def test_what_fanion_was_trusted_with_is_forgotten_by_both(found: dict[str, Any]) -> None:
    assert found["given"] == [1, "26.6.1"]
    assert found["taken back"] is True
    assert found["left"] == [0, "not-trusted"]


def test_one_unplugged_from_fanion_is_told_and_can_be_read_again(found: dict[str, Any]) -> None:
    assert found["fanion cut"] == "phone-unplugged"
    assert found["fanion told"] == ["ready", True]
    assert found["fanion back"] == [True, 0]


def test_fanion_reads_four_at_once_and_another_program_is_told_so(found: dict[str, Any]) -> None:
    assert found["fanion places"] == 4
    assert found["fanion four"] == [[udid(n), [417, 0]] for n in (31, 32, 33, 34)]
    assert found["fanion busy"][0] == 4
    assert "Another program" in found["fanion busy"][1]


def test_a_service_that_runs_is_used(found: dict[str, Any]) -> None:
    """usbmuxd had the phone trust this computer before: Fanion reads by that, and does not take it back."""
    assert found["served"] == ["usbmux", "ready", True, 0, False]
