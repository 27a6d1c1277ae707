"""Debian's own adb client against a practice phone: nothing in it knows that the phone is simulated."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.simulator import PracticeServer, load

Adb = Callable[..., subprocess.CompletedProcess[bytes]]

#: Where everybody's adb server is; the tests have one of their own.
USUAL_PORT = 5037


@pytest.fixture(scope="module")
def adb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adb]:
    """Runs adb with a server, a key and a home of its own."""
    program = shutil.which("adb")
    if program is None:
        pytest.skip("adb is not installed")
    home = tmp_path_factory.mktemp("adb-home")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert port != USUAL_PORT
    own = {"HOME": str(home), "ANDROID_USER_HOME": str(home), "TMPDIR": str(home), "ADB_MDNS": "0"}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ADB_", "ANDROID_"))} | own

    def run(*words: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [program, "-P", str(port), *words]
        return subprocess.run(command, env=environment, input=typed, capture_output=True, check=False, timeout=60)

    yield run
    run("kill-server")


@pytest.fixture(scope="module")
def phone(adb: Adb) -> Iterator[PracticeServer]:
    """A practice phone that the adb server is connected to."""
    with PracticeServer(load("walk-up"), pace=0) as server:
        adb("connect", server.address)
        adb("-s", server.address, "wait-for-device")
        yield server
        adb("disconnect", server.address)


@pytest.fixture
def shell(adb: Adb, phone: PracticeServer) -> Adb:
    """Runs `adb shell` on that phone."""
    return lambda *words, **options: adb("-s", phone.address, "shell", *words, **options)


def test_it_is_listed_with_its_names(adb: Adb, phone: PracticeServer) -> None:
    listed = adb("devices", "-l").stdout.decode()
    line = next(line for line in listed.splitlines() if line.startswith(phone.address))
    assert line.split()[1:5] == ["device", "product:r0qcsx", "model:SM_S901W", "device:r0q"]


def test_the_computer_was_asked_about(phone: PracticeServer) -> None:
    (key,) = phone.phone.known_keys
    assert len(key.fingerprint) == 47


def test_a_phone_that_does_not_allow_it_is_unauthorised(adb: Adb) -> None:
    with PracticeServer(load("clean"), answer="deny", pace=0) as server:
        adb("connect", server.address)
        assert f"{server.address}\tunauthorized" in adb("devices").stdout.decode()
        refused = adb("-s", server.address, "shell", "id")
        assert refused.returncode == 1
        assert b"unauthorized" in refused.stderr
        assert server.phone.log == ()
        adb("disconnect", server.address)


def test_commands_with_output_errors_and_exit_codes(shell: Adb) -> None:
    assert shell("id").stdout.startswith(b"uid=2000(shell)")
    assert shell("exit 3").returncode == 3
    done = shell("echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    assert shell("-x", "echo out; exit 7").returncode == 0  # without shell v2 there are no exit codes


def test_a_list_of_packages_and_the_long_dump(shell: Adb) -> None:
    assert shell("pm list packages").stdout.count(b"package:") == 302
    dump = shell("dumpsys package packages").stdout
    assert len(dump) > 1_000_000
    assert dump.count(b"\n  Package [") == 302


def test_removing_an_app(adb: Adb, phone: PracticeServer, shell: Adb) -> None:
    assert shell("pm uninstall --user 0 com.kms.free").stdout == b"Success\n"
    assert adb("-s", phone.address, "uninstall", "com.tencent.mm").stdout == b"Success\n"
    assert not {"com.kms.free", "com.tencent.mm"} & phone.phone.installed()


def test_a_shell_to_type_into_is_refused(shell: Adb) -> None:
    assert shell(typed=b"echo one\n").stdout == b""
    assert shell("echo on").stdout == b"on\n"


def test_files_go_there_and_back(adb: Adb, phone: PracticeServer, tmp_path: Path) -> None:
    sent, fetched = tmp_path / "sent.bin", tmp_path / "fetched.bin"
    sent.write_bytes(os.urandom(300_000))
    assert adb("-s", phone.address, "push", str(sent), "/sdcard/Download/").returncode == 0
    assert adb("-s", phone.address, "pull", "/sdcard/Download/sent.bin", str(fetched)).returncode == 0
    assert fetched.read_bytes() == sent.read_bytes()
    refused = adb("-s", phone.address, "push", str(sent), "/system/app/x")
    assert (refused.returncode, b"Permission denied" in refused.stdout + refused.stderr) == (1, True)
    missing = adb("-s", phone.address, "pull", "/sdcard/nothing", str(fetched))
    assert (missing.returncode, b"No such file or directory" in missing.stdout + missing.stderr) == (1, True)


@pytest.mark.parametrize("words", [("reboot",), ("root",), ("remount",), ("tcpip", "5555")])
def test_what_the_phone_does_not_have_is_refused(adb: Adb, phone: PracticeServer, words: tuple[str, ...]) -> None:
    assert b"Success" not in adb("-s", phone.address, *words).stdout
    assert adb("-s", phone.address, "shell", "echo on").stdout == b"on\n"


def test_a_loose_cable(adb: Adb) -> None:
    """The adb server comes back to the phone by itself, as it does to a real one."""
    with PracticeServer(load("unplugged"), pace=0) as server:
        adb("connect", server.address)
        adb("-s", server.address, "wait-for-device")
        broken = adb("-s", server.address, "shell", "dumpsys package packages")
        assert len(broken.stdout) <= 200_000
        adb("-s", server.address, "wait-for-device")
        assert len(adb("-s", server.address, "shell", "dumpsys package packages").stdout) > 700_000
        adb("disconnect", server.address)
