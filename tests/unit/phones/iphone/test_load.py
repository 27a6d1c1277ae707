"""A phone that drips, and one that floods: each request has one time limit, the stop button works between two pieces,
with and without TLS, and stray packets are bounded. Time is made up: each look at the connection takes as long as is
said."""

from __future__ import annotations

import contextlib
import ssl
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.jobs import Cancel
from core.phones.driver import PhoneProblem, Silent
from core.phones.iphone import apps, stream
from core.phones.iphone.property_lists import plist
from core.phones.iphone.stream import Stream
from core.problem import Cancelled
from tests.unit.phones.android import apks

Act = Callable[[Stream, Cancel], object]


class Clock:
    """A made-up time, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Drips:
    """A connection on which one byte comes each time it is looked at, which takes `each` seconds. At look `press` the
    stop button is pressed."""

    def __init__(self, data: bytes, clock: Clock, each: float, cancel: Cancel, press: int | None = None) -> None:
        self._data = data
        self._clock = clock
        self._each = each
        self._cancel = cancel
        self._press = press
        self.looks = 0

    def settimeout(self, seconds: float | None, /) -> None:
        """Time is made up."""

    def recv(self, count: int, /) -> bytes:
        self._look()
        piece, self._data = self._data[:1], self._data[1:]
        if not piece:
            raise TimeoutError
        return piece

    def send(self, data: bytes | memoryview, /) -> int:
        return len(data)

    def close(self) -> None:
        """Nothing is held."""

    def _look(self) -> None:
        self.looks += 1
        self._clock.now += self._each
        if self._press == self.looks:
            self._cancel.press()
        assert self.looks < 100_000, "it holds its thread"


class Deaf(Drips):
    """One that takes nothing of what it is sent."""

    def send(self, data: bytes | memoryview, /) -> int:
        self._look()
        raise TimeoutError


class InTls(Drips):
    """One that speaks TLS at once, and from the end of the handshake on lets its bytes drip."""

    def __init__(self, context: ssl.SSLContext, clock: Clock, each: float, cancel: Cancel, press: int | None) -> None:
        super().__init__(b"", clock, each, cancel, press)
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_side=True)

    def say(self, data: bytes) -> None:
        """From now on `data` comes, drop by drop."""
        self._shake()
        self._tls.write(data)
        self._data = self._goes.read()

    def send(self, data: bytes | memoryview, /) -> int:
        self._came.write(bytes(data))
        return len(data)

    def recv(self, count: int, /) -> bytes:
        self._shake()
        return self._goes.read() or super().recv(count)

    def _shake(self) -> None:
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()


MESSAGE = plist.dump({"Status": "Complete", "LookupResult": {"ca.example.app": {"CFBundleName": "x" * 400}}})
FRAMED = struct.pack(">I", len(MESSAGE)) + MESSAGE
#: The beginning of a record of TLS that is 16 kB long.
RECORD = b"\x16\x03\x03\x40\x00" + b"\0" * 16_384

ACTS: dict[str, Act] = {
    "message": lambda one, cancel: one.receive_message(cancel),
    "request": lambda one, cancel: one.request({"Request": "QueryType"}, cancel),
    "bytes": lambda one, cancel: one.receive(16, cancel),
    "list": lambda one, cancel: apps.lookup(one, cancel),
    "removal": lambda one, cancel: apps.uninstall(one, "ca.example.app", cancel),
    "handshake": lambda one, cancel: one.secure(client_context(), cancel),
}


def client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def server_context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    key, certificate = apks.key("host")
    file: Path = tmp_path_factory.mktemp("tls") / "phone.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def drips(act: str) -> bytes:
    return RECORD if act == "handshake" else FRAMED[:-1] if act != "bytes" else FRAMED[:15]


@pytest.mark.parametrize("act", ACTS)
def test_a_phone_that_drips_has_no_more_time_than_another(act: str) -> None:
    clock, cancel = Clock(), Cancel()
    connection = Drips(drips(act) * 100, clock, 19.0 if act == "bytes" else 1.0, cancel)
    begun = clock.now
    with pytest.raises(PhoneProblem):
        ACTS[act](Stream(connection, clock), cancel)
    assert clock.now - begun <= apps.REMOVING + 60


@pytest.mark.parametrize("act", ACTS)
def test_a_phone_that_drips_is_stopped_at_the_next_look(act: str) -> None:
    clock, cancel = Clock(), Cancel()
    connection = Drips(drips(act), clock, 0.001, cancel, press=10)
    with pytest.raises(Cancelled):
        ACTS[act](Stream(connection, clock), cancel)
    assert connection.looks <= 11


@pytest.mark.parametrize("act", ["message", "request", "bytes", "list", "removal"])
def test_in_tls_it_is_the_same(act: str, server_context: ssl.SSLContext) -> None:
    for press, problem in ((None, Silent), (20, Cancelled)):
        clock, cancel = Clock(), Cancel()
        connection = InTls(server_context, clock, 1.0 if press is None else 0.001, cancel, press)
        one = Stream(connection, clock)
        one.secure(client_context(), cancel)
        connection.say(FRAMED[:-1] if act != "bytes" else FRAMED[:15])
        begun = clock.now
        with pytest.raises(problem):
            ACTS[act](one, cancel)
        assert clock.now - begun <= apps.REMOVING + 2
        assert press is None or connection.looks <= press + 1


def test_a_message_that_comes_whole_in_tls_is_taken_however_it_is_cut(server_context: ssl.SSLContext) -> None:
    clock, cancel = Clock(), Cancel()
    connection = InTls(server_context, clock, 0.001, cancel, None)
    one = Stream(connection, clock)
    assert one.secure(client_context(), cancel)
    connection.say(FRAMED)
    assert one.receive_message(cancel).value["Status"] == "Complete"


@pytest.mark.parametrize("press", [None, 5])
def test_a_phone_that_takes_nothing_is_given_up_or_stopped(press: int | None) -> None:
    clock, cancel = Clock(), Cancel()
    connection = Deaf(b"", clock, 0.2, cancel, press)
    with pytest.raises(Silent if press is None else Cancelled):
        Stream(connection, clock).send(b"x" * 100, cancel)
    assert clock.now - 1000.0 <= stream.PATIENCE + 1


class Pages(Drips):
    """One that always has one more part of its list, and takes as long for each as it may."""

    def recv(self, count: int, /) -> bytes:
        if not self._data:
            page = plist.dump({"Status": "BrowsingApplications", "CurrentList": []})
            self._data = struct.pack(">I", len(page)) + page
            self._look()
        piece, self._data = self._data[:count], self._data[count:]
        return piece


def test_a_list_in_parts_has_one_time_limit_for_all_of_them() -> None:
    clock, cancel = Clock(), Cancel()
    with pytest.raises(Silent):
        apps.browse(Stream(Pages(b"", clock, 50.0, cancel), clock), cancel, clock=clock)
    assert clock.now - 1000.0 <= 2 * apps.LISTING
