"""What the tests of the practice iPhones share: a small client that can also misbehave."""

from __future__ import annotations

import plistlib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from core.simulator.iphone import MuxServer, PracticeIphone
from core.simulator.iphone.certificates import trusted_record
from core.simulator.iphone.scenario import parse

LOCKDOWN = 62078

PHONE = """
device = { product_type = "iPhone15,4", version = "26.6.1", build = "23G82", name = "iPhone", %s }
"""
NUMBERS = 'udid = "00008101-PRACTICE0000000%d", serial = "PRACTICE-%d"'


def phone_of(toml: str = "", number: int = 1) -> PracticeIphone:
    """A phone of a scenario in a few lines; what comes before the first table is its own."""
    return PracticeIphone(parse("test", PHONE % (NUMBERS % (number, number)) + toml))


class Client:
    """One connection: to usbmuxd, then to a service of a phone."""

    def __init__(self, mux: MuxServer, folder: Path) -> None:
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", mux.port), timeout=20)
        self._mux, self._folder = mux, folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        received = bytearray()
        while len(received) < count:
            piece = self.socket.recv(count - len(received))
            if not piece:
                raise EOFError(bytes(received))
            received += piece
        return bytes(received)

    # usbmuxd

    def mux(self, kind: str, **content: Any) -> dict[str, Any]:
        """The answer to a message of that kind."""
        body = plistlib.dumps({"MessageType": kind, **content})
        self.socket.sendall(struct.pack("<IIII", len(body) + 16, 1, 8, 7) + body)
        return self.event(7)

    def event(self, tag: int = 0) -> dict[str, Any]:
        """The next message, which has that tag."""
        length, version, kind, had = struct.unpack("<IIII", self._exactly(16))
        assert (version, kind, had) == (1, 8, tag)
        return dict(plistlib.loads(self._exactly(length - 16)))

    def connect(self, port: int = LOCKDOWN, phone: int = 0) -> int:
        """Become a connection to a phone; the number of the Result."""
        numbers = {p.udid: number for number, p in self._mux.attached().items()}
        number = numbers.get(self._mux.phones[phone].udid, 99)
        return int(self.mux("Connect", DeviceID=number, PortNumber=socket.htons(port))["Number"])

    # The phone

    def ask(self, **message: Any) -> dict[str, Any]:
        """The phone's answer."""
        body = plistlib.dumps(message, fmt=plistlib.FMT_BINARY)
        self.socket.sendall(struct.pack(">I", len(body)) + body)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        (length,) = struct.unpack(">I", self._exactly(4))
        return dict(plistlib.loads(self._exactly(length)))

    def secure(self, record: dict[str, Any]) -> bytes:
        """Go over to TLS; the phone's certificate."""
        pem = self._folder / "host.pem"
        pem.write_bytes(record["HostCertificate"] + record["HostPrivateKey"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(pem)
        self.socket = secured = context.wrap_socket(self.socket)
        presented = secured.getpeercert(binary_form=True)
        assert presented
        return presented


class Computer:
    """A computer with programs that speak to the phones of one mux."""

    def __init__(self, mux: MuxServer, folder: Path, stack: ExitStack) -> None:
        self.mux, self._folder, self._stack = mux, folder, stack

    def client(self) -> Client:
        return self._stack.enter_context(Client(self.mux, self._folder))

    def lockdown(self) -> Client:
        client = self.client()
        assert client.connect() == 0
        return client

    def record(self) -> dict[str, Any]:
        """The kept record of the first phone."""
        return dict(plistlib.loads(self.mux.records[self.mux.phones[0].udid]))

    def new_record(self) -> dict[str, Any]:
        """The record of a computer that the phone does not know."""
        return trusted_record("BUID", "")

    def session(self, record: dict[str, Any] | None = None) -> Client:
        record = record or self.record()
        client = self.lockdown()
        started = client.ask(Request="StartSession", HostID=record["HostID"], SystemBUID=self.mux.buid)
        assert started["EnableSessionSSL"] is True
        assert client.secure(record) == ssl.PEM_cert_to_DER_cert(record["DeviceCertificate"].decode())
        return client

    def service(self, name: str) -> Client:
        started = self.session().ask(Request="StartService", Service=name)
        client = self.client()
        assert client.connect(started["Port"]) == 0
        client.secure(self.record())
        return client

    def apps(self) -> Client:
        return self.service("com.apple.mobile.installation_proxy")


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[Callable[..., Computer]]:
    """Plugs phones into a computer."""
    with ExitStack() as stack:

        def plug(*phones: PracticeIphone) -> Computer:
            return Computer(stack.enter_context(MuxServer(*phones, pace=0)), tmp_path, stack)

        yield plug


@pytest.fixture
def iphone() -> Callable[..., PracticeIphone]:
    """Makes a phone of a few lines of TOML."""
    return phone_of
