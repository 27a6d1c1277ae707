"""Through a real adb server on a private port, with Debian's real adbd behind it."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.model import Cancelled, Verdict
from core.phones.android.link import phone_identity, server
from core.phones.android.link.file_service import FileNotGiven
from core.phones.android.link.problems import AndroidNotReady, TooMuch
from core.phones.android.phone import AndroidPhone
from core.phones.driver import OtherPhone, Outcome, Unplugged
from core.phones.states import PhoneState
from core.phones.trial import try_phone
from core.phones.trial.reader_result import ReaderState
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.visit.check import check

from .conftest import Adbd


@dataclass
class AdbServer:
    """An adb server of the test's own."""

    port: int
    home: Path

    def adb(self, *words: str) -> str:
        environment = {**os.environ, "HOME": str(self.home), "ANDROID_USER_HOME": str(self.home)}
        command = ["adb", "-P", str(self.port), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def connect(self, address: str) -> None:
        """Connect the phone at `address`; it is ready when this returns. `adb connect` alone returns earlier."""
        self.adb("connect", address)
        self.adb("-s", address, "wait-for-device")


@pytest.fixture
def adb_server(tmp_path: Path) -> Iterator[AdbServer]:
    if not shutil.which("adb"):
        pytest.skip("needs Debian's adb")
    running = _started(tmp_path)
    yield running
    running.adb("kill-server")


def _started(home: Path) -> AdbServer:
    """An adb server on a port that was free a moment ago; another test may have taken it since."""
    for _ in range(4):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            running = AdbServer(free.getsockname()[1], home)
        try:
            running.adb("start-server")
        except subprocess.CalledProcessError as error:
            said = error.stderr
        else:
            return running
    pytest.fail(f"adb does not start its server: {said}")


class Road:
    """One address; what answers there is whatever stands at the port `to` when somebody connects."""

    def __init__(self) -> None:
        self.to = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Road:
        return self

    def __exit__(self, *exception: object) -> None:
        self.to = 0
        host, port = self._listening.getsockname()
        socket.create_connection((host, port)).close()
        self._threads[0].join()
        self._listening.close()
        for one in (one for pair in self._pairs for one in pair):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in (one for pair in self._pairs for one in pair):
            one.close()

    def _accept(self) -> None:
        while True:
            near, _ = self._listening.accept()
            if not self.to:
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            self._pairs.append((near, far))
            for pair in ((near, far), (far, near)):
                self._threads.append(threading.Thread(target=_pass_on, args=pair))
                self._threads[-1].start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def output(link: server.ServerLink, command: str, cancel: Cancel | None = None, **limits: int) -> bytes:
    pieces: list[bytes] = []
    link.run(command, pieces.append, cancel or Cancel(), **limits)
    return b"".join(pieces)


def test_a_phone_that_the_server_holds_is_checked_through_it(adb_server: AdbServer, adbd: Callable[..., Adbd]) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    serial = f"127.0.0.1:{phone.port}"
    adb_server.connect(serial)
    (listed,) = server.phones(adb_server.port)
    assert (listed.serial, listed.state, listed.port) == (serial, PhoneState.READY, ())
    assert listed.transport
    driver = AndroidPhone(server.ServerLink(serial, adb_server.port))
    assert "adb server" in str(driver.how)
    assert check(driver, policy_file.load_built_in("canada"), silent, Cancel(), quick=False).verdict is Verdict.RED
    driver.close()


def test_the_self_test_of_a_phone_goes_through_the_server(adb_server: AdbServer) -> None:
    with PracticeServer(load("walk-up"), pace=0) as phone:
        adb_server.connect(phone.address)
        driver = AndroidPhone(server.ServerLink(phone.address, adb_server.port))
        trial = try_phone(driver, silent, Cancel())
        driver.close()
        adb_server.adb("disconnect", phone.address)
    understood = {reader.key for reader in trial.readers if reader.result.state is ReaderState.UNDERSTOOD}
    assert {"snapshot", "files", "sums"} <= understood
    assert not trial.with_leftovers


def test_a_file_comes_whole_through_the_server_from_the_expected_phone_alone(
    adb_server: AdbServer, adbd: Callable[..., Adbd], tmp_path: Path
) -> None:
    phone, content = adbd(), bytes(range(256)) * 9_000
    file = tmp_path / "base.apk"
    file.write_bytes(content)
    adb_server.connect(f"127.0.0.1:{phone.port}")
    link = server.ServerLink(f"127.0.0.1:{phone.port}", adb_server.port)
    received = bytearray()
    link.pull(str(file), received.extend, Cancel(), len(content))
    assert received == content
    with pytest.raises(TooMuch):
        link.pull(str(file), bytearray().extend, Cancel(), 1_000)
    with pytest.raises(FileNotGiven):
        link.pull(str(tmp_path / "none.apk"), bytearray().extend, Cancel(), 10)
    expected = phone_identity.ask(link, Cancel())
    phone_identity.OnlyOn(link, expected).pull(str(file), bytearray().extend, Cancel(), len(content))
    other = phone_identity.OnlyOn(link, replace(expected, serial="another"))
    with pytest.raises(OtherPhone):
        other.pull(str(file), bytearray().extend, Cancel(), len(content))


def test_a_phone_is_not_for_practice_because_it_says_so_through_the_server(adb_server: AdbServer) -> None:
    with PracticeServer(load("clean"), pace=0) as phone:
        adb_server.connect(phone.address)
        driver = AndroidPhone(server.ServerLink(phone.address, adb_server.port))
        assert not driver.practice
        driver.close()
        adb_server.adb("disconnect", phone.address)


def test_another_phone_under_the_same_serial_number_is_left_alone(
    adb_server: AdbServer, adbd: Callable[..., Adbd]
) -> None:
    """The server's own number says nothing: it is the same for whatever answers at the address next."""
    checked, other = adbd(), adbd()
    for one in (checked, other):
        one.phone.install("com.tencent.mm")
    other.phone.change(properties={**other.phone.state["properties"], "ro.serialno": "R5CT1000002"})
    with Road() as road:
        road.to = checked.port
        adb_server.connect(road.address)
        driver = AndroidPhone(server.ServerLink(road.address, adb_server.port))
        judged = check(driver, policy_file.load_built_in("canada"), silent, Cancel(), quick=False)
        step = driver.next_step(judged.bans[0], judged.inventory, ())
        assert step is not None
        road.to = other.port
        adb_server.adb("disconnect", road.address)
        adb_server.connect(road.address)
        assert driver.identity(Cancel()).serial == "R5CT1000002"
        for use in (lambda: driver.perform(step, Cancel()), lambda: driver.read(silent, Cancel())):
            with pytest.raises(OtherPhone, match="not the phone that was checked") as problem:
                use()
            assert problem.value.detail == "not the same: serial number"
        assert other.phone.is_installed("com.tencent.mm")
        assert other.phone.log == []
        road.to = checked.port
        adb_server.adb("disconnect", road.address)
        adb_server.connect(road.address)
        assert driver.perform(step, Cancel()).outcome is Outcome.DONE
        assert not checked.phone.is_installed("com.tencent.mm")
        adb_server.adb("disconnect", road.address)


def test_bytes_limits_and_cancel(adb_server: AdbServer, adbd: Callable[..., Adbd]) -> None:
    serial = f"127.0.0.1:{adbd().port}"
    adb_server.connect(serial)
    link = server.ServerLink(serial, adb_server.port)
    assert output(link, r"printf 'a\377\000b\n'") == b"a\xff\x00b\n"
    assert len(output(link, "head -c 3000000 /dev/zero")) == 3_000_000
    with pytest.raises(TooMuch):
        output(link, "yes", limit=100_000)
    cancel = Cancel()
    with pytest.raises(Cancelled):
        link.run("echo on; sleep 60", lambda data: cancel.press(), cancel)
    assert output(link, "echo usable") == b"usable\n"


def test_a_phone_that_has_not_allowed_the_server(adb_server: AdbServer, adbd: Callable[..., Adbd]) -> None:
    serial = f"127.0.0.1:{adbd('--answer', 'ignore').port}"
    adb_server.adb("connect", serial)
    with pytest.raises(AndroidNotReady) as problem:
        server.ServerLink(serial, adb_server.port)
    assert problem.value.state is PhoneState.UNAUTHORISED


def test_a_phone_that_the_server_does_not_have(adb_server: AdbServer) -> None:
    with pytest.raises(Unplugged):
        server.ServerLink("NO-SUCH-PHONE", adb_server.port)


def test_unplugged_while_it_is_read(adb_server: AdbServer, adbd: Callable[..., Adbd]) -> None:
    phone = adbd()
    phone.phone.change(sluggish={"dumpsys package": 30})
    serial = f"127.0.0.1:{phone.port}"
    adb_server.connect(serial)
    driver = AndroidPhone(server.ServerLink(serial, adb_server.port))
    with pytest.raises(Unplugged):  # the server only ends the stream, as if the command had ended
        driver.read(silent, Cancel(), lambda glimpse: phone.unplug())


def test_coming_and_going_is_told(adb_server: AdbServer, adbd: Callable[..., Adbd]) -> None:
    told: queue.Queue[list[server.ServerPhone]] = queue.Queue()
    stop = threading.Event()
    thread = threading.Thread(target=server.track, args=(told.put, stop, adb_server.port))
    thread.start()
    try:
        assert told.get(timeout=20) == []
        serial = f"127.0.0.1:{adbd().port}"
        adb_server.adb("connect", serial)
        seen = told.get(timeout=20)
        while not seen or seen[0].state is not PhoneState.READY:
            seen = told.get(timeout=20)
        assert seen[0].serial == serial
        adb_server.adb("disconnect", serial)
        while seen:
            seen = told.get(timeout=20)
    finally:
        stop.set()
        thread.join()


def test_no_server_is_started() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert server.phones(port) == []
    assert not server.running(port)
