"""What the tests of the practice phone share: a shell on a phone, and a small ADB client that can also misbehave."""

from __future__ import annotations

import base64
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from core.jobs import Cancel
from core.simulator import PracticePhone, PracticeServer, load
from core.simulator.adb import wire
from core.simulator.adb.wire import AdbPacket
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io
from core.simulator.shell.shell import Shell


@pytest.fixture(autouse=True)
def few_apps() -> None:
    """The practice phone itself is tested here: it has all of its apps."""


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@dataclass
class Desk:
    """One phone and its shell, without any connection."""

    phone: PracticePhone
    cancel: Cancel = field(default_factory=Cancel)

    def run(self, script: str) -> Ran:
        out, err = bytearray(), bytearray()
        programs = Commands(self.phone).programs()
        streams = Io(out.extend, err.extend, self.cancel)
        code = Shell(programs).run(script, streams)
        return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape"))


@pytest.fixture
def desk() -> Callable[[str], Desk]:
    """A desk with the phone of a scenario on it."""
    return lambda name: Desk(PracticePhone(load(name), pace=0))


class Key:
    """A computer's key, and what it sends of it."""

    def __init__(self, name: str = "officer@desk") -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        self._name = name

    def sign(self, token: bytes) -> bytes:
        return self._key.sign(token, padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))

    @property
    def public(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        blob = struct.pack("<II256s256sI", 64, 0, numbers.n.to_bytes(256, "little"), bytes(256), numbers.e)
        return base64.b64encode(blob) + f" {self._name}\0".encode()


@pytest.fixture(scope="session")
def key() -> Key:
    return Key()


@pytest.fixture(scope="session")
def other_key() -> Key:
    return Key("stranger")


class Client:
    """Speaks ADB packet by packet."""

    def __init__(self, port: int, *, version: int = wire.VERSION) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.version = version

    def send(self, command: int, arg0: int, arg1: int, payload: bytes = b"") -> None:
        self.socket.sendall(wire.encode(AdbPacket(command, arg0, arg1, payload), checked=True))

    def receive(self) -> AdbPacket:
        return wire.receive(self.socket, version=self.version)

    def greet(self, max_payload: int = wire.MAX_PAYLOAD) -> AdbPacket:
        self.send(wire.CNXN, self.version, max_payload, b"host::features=shell_v2\0")
        return self.receive()

    def connect(self, key: Key, **greeting: int) -> AdbPacket:
        """The whole way to the phone's CNXN."""
        answer = self.greet(**greeting)
        self.send(wire.AUTH, wire.AUTH_SIGNATURE, 0, key.sign(answer.payload))
        answer = self.receive()
        if answer.command == wire.AUTH:
            self.send(wire.AUTH, wire.AUTH_PUBLIC_KEY, 0, key.public)
            answer = self.receive()
        assert answer.command == wire.CNXN
        return answer

    def open(self, service: str, stream: int = 1) -> AdbPacket:
        self.send(wire.OPEN, stream, 0, service.encode() + b"\0")
        return self.receive()

    def output(self, service: str, stream: int = 1) -> bytes:
        """All that a service writes, until the phone closes it."""
        opened = self.open(service, stream)
        assert opened.command == wire.OKAY
        written = bytearray()
        while (packet := self.receive()).command == wire.WRTE:
            written += packet.payload
            self.send(wire.OKAY, stream, opened.arg0)
        assert packet.command == wire.CLSE
        return bytes(written)

    def says_no_more(self) -> None:
        """The computer will send nothing more, but still listens."""
        with suppress(OSError):  # the phone has hung up already
            self.socket.shutdown(socket.SHUT_WR)

    def closed_by_phone(self) -> bool:
        """Whether the phone hangs up; whatever it still says is passed over."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        return True

    def close(self) -> None:
        self.socket.close()


@contextmanager
def client_of(server: PracticeServer, *, version: int = wire.VERSION) -> Iterator[Client]:
    client = Client(server.port, version=version)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def client() -> Callable[..., object]:
    """Makes a client of a server; a context manager."""
    return client_of
