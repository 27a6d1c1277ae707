"""Others' programs for iPhones take the practice iPhones for real ones: libimobiledevice's, as Debian has them, and
go-ios, which is a second client that shares nothing with the first."""

from __future__ import annotations

import json
import os
import platform
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.phones.accounting import Account
from core.phones.iphone.connect import Iphones
from core.phones.iphone.entitlements import ENTITLEMENTS, teams_of
from core.phones.iphone.phone import IPhone
from core.phones.trial import try_phone
from core.phones.trial.iphone_readers import READERS
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from tests.real.conftest import made_once

TOOLS = ("idevice_id", "ideviceinfo", "idevicepair", "ideviceinstaller")

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason="needs libimobiledevice-utils and ideviceinstaller"
)


class Computer:
    """A computer with one practice iPhone, and programs that find it."""

    def __init__(self, mux: MuxServer) -> None:
        self.mux = mux
        self.phone = mux.phones[0]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        variables = os.environ | {"USBMUXD_SOCKET_ADDRESS": self.mux.address, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command, env=variables, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=60
        )

    def said(self, *command: str | Path) -> str:
        """What a program writes that succeeds."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *command: str | Path) -> str:
        """What a program writes that fails."""
        done = self.run(*command)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr


@pytest.fixture
def plugged() -> Iterator[Callable[[str], Computer]]:
    with ExitStack() as stack:

        def plug(scenario: str) -> Computer:
            return Computer(stack.enter_context(MuxServer(PracticeIphone(load_iphone(scenario)), pace=0)))

        yield plug


@needs_tools
def test_a_phone_is_trusted_and_forgotten_again(plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-untrusted")
    udid = computer.phone.udid
    assert computer.said("idevice_id", "-l").split() == [udid]
    before = computer.said("ideviceinfo", "-s")
    assert f"UniqueDeviceID: {udid}" in before
    assert "SerialNumber" not in before
    for _ in range(computer.phone.scenario.polls):
        assert "accept the trust dialog" in computer.refused("idevicepair", "pair")
    assert "SUCCESS" in computer.said("idevicepair", "pair")
    assert "SUCCESS" in computer.said("idevicepair", "validate")
    assert "SerialNumber: PRACTICEUNTRUST" in computer.said("ideviceinfo")
    developer_mode = ("ideviceinfo", "-q", "com.apple.security.mac.amfi", "-k", "DeveloperModeStatus")
    assert computer.said(*developer_mode).strip() == "true"
    assert "SUCCESS" in computer.said("idevicepair", "unpair")
    assert not computer.phone.computers
    assert not computer.mux.records


@needs_tools
def test_a_record_of_libimobiledevice_opens_the_phone_for_fanion(plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-untrusted")
    for _ in range(computer.phone.scenario.polls):
        computer.refused("idevicepair", "pair")
    computer.said("idevicepair", "pair")
    phone = _opened(computer, may_ask=False)
    assert phone.read(silent, Cancel()).apps
    assert phone.trust_off(Cancel()).asked is False  # it is not Fanion's to take back
    assert "SUCCESS" in computer.said("idevicepair", "validate")


@needs_tools
def test_a_record_of_fanion_opens_the_phone_for_libimobiledevice(
    plugged: Callable[[str], Computer], poll_often: Callable[[], None]
) -> None:
    poll_often()
    computer = plugged("iphone-untrusted")
    phone = _opened(computer, may_ask=True)
    assert "SUCCESS" in computer.said("idevicepair", "validate")
    assert "ca.example.homemade" in computer.said("ideviceinstaller", "list")
    assert phone.trust_off(Cancel()).seen is True
    assert not computer.phone.computers
    assert not computer.mux.records


@needs_tools
def test_the_self_test_of_a_phone_goes_by_a_record_of_libimobiledevice(plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-untrusted")
    for _ in range(computer.phone.scenario.polls):
        computer.refused("idevicepair", "pair")
    computer.said("idevicepair", "pair")
    trial = try_phone(_opened(computer, may_ask=False), silent, Cancel())
    assert [reader.key for reader in trial.readers] == [reader.key for reader in READERS]
    assert not trial.with_leftovers
    (listed,) = (reader.result.understood for reader in trial.readers if reader.key == "browse")
    assert listed >= len(computer.said("ideviceinstaller", "list").splitlines()) - 1 > 0  # below their heading
    assert "SUCCESS" in computer.said("idevicepair", "validate")


def _opened(computer: Computer, *, may_ask: bool) -> IPhone:
    service = ("127.0.0.1", computer.mux.port)
    return Iphones("Desk 4").open_through(service, "", Cancel(), may_ask=may_ask)


@needs_tools
def test_what_stands_in_the_way_is_said_in_the_tools_own_words(plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-locked")
    assert "passcode is set" in computer.refused("idevicepair", "pair")
    computer.phone.unlock()
    computer.phone.deny()
    assert "denied the trust dialog" in computer.refused("idevicepair", "pair")
    computer.phone.trust()
    assert "SUCCESS" in computer.said("idevicepair", "pair")
    computer.phone.restart()
    assert "Password protected" in computer.refused("ideviceinfo")
    computer.phone.unlock()
    computer.said("ideviceinfo")
    computer.phone.detach()
    assert computer.said("idevice_id", "-l") == ""


@needs_tools
def test_apps_are_listed_and_removed(plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-wechat")
    user, system = computer.said("ideviceinstaller", "list"), computer.said("ideviceinstaller", "list", "--system")
    assert 'com.tencent.xin, "8.0.50", "WeChat"' in user
    assert len(user.splitlines()) > 60
    assert "com.apple.tips" in system
    assert "com.apple.tips" not in user
    assert "Complete" in computer.said("ideviceinstaller", "uninstall", "com.tencent.xin")
    assert "com.tencent.xin" not in computer.said("ideviceinstaller", "list")
    assert "Complete" in computer.said("ideviceinstaller", "uninstall", "com.zhiliaoapp.musically")
    assert "com.zhiliaoapp.musically" in computer.said("ideviceinstaller", "list")
    assert "APIInternalError" in computer.refused("ideviceinstaller", "uninstall", "com.apple.tips")


@needs_tools
def test_what_an_app_is_signed_for_is_told_by_name(plugged: Callable[[str], Computer]) -> None:
    command = ("ideviceinstaller", "list", "--xml", "-b", "COM.google.maps")
    asked = ("-a", "CFBundleIdentifier", "-a", ENTITLEMENTS)
    (told,) = plistlib.loads(plugged("iphone-clean").said(*command, *asked).encode())
    assert told["CFBundleIdentifier"] == "com.google.Maps"
    assert teams_of(told["CFBundleIdentifier"], told) == Account(("PRACTICE00",))


@needs_tools
def test_a_supervised_phone_refuses_and_a_hostile_one_is_read(plugged: Callable[[str], Computer]) -> None:
    assert "UninstallProhibited" in plugged("iphone-supervised").refused(
        "ideviceinstaller", "uninstall", "com.tencent.xin"
    )
    hostile = plugged("iphone-hostile").said("ideviceinstaller", "list")
    assert len(hostile) > 3 * 2**20
    assert "Cydia" in hostile


@pytest.fixture(scope="module")
def go_ios(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program `ios`, if npm can get it."""
    npm = shutil.which("npm")
    if npm is None or sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("needs npm, on Linux on x86-64")

    def install(folder: Path) -> None:
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, "go-ios@1.2.0"]
        subprocess.run(command, capture_output=True, check=False, timeout=120)

    built = made_once(tmp_path_factory, "go-ios", install)
    found = built / "node_modules" / "go-ios" / "dist" / "go-ios-linux-amd64_linux_amd64" / "ios"
    if not found.exists():
        pytest.skip("npm could not get go-ios")
    found.chmod(0o700)
    return found


def test_go_ios_pairs_lists_and_removes(go_ios: Path, plugged: Callable[[str], Computer]) -> None:
    computer = plugged("iphone-locked")
    computer.phone.unlock()
    computer.phone.trust()
    assert json.loads(computer.said(go_ios, "list"))["deviceList"] == [computer.phone.udid]
    computer.said(go_ios, "pair")
    assert json.loads(computer.said(go_ios, "info"))["SerialNumber"] == "PRACTICELOCKED"
    assert "com.tencent.xin WeChat 8.0.50" in computer.said(go_ios, "apps", "--list")
    computer.said(go_ios, "uninstall", "com.tencent.xin")
    assert "com.tencent.xin" not in computer.phone.installed()
