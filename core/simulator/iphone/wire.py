"""One connection to a practice iPhone: bytes, TLS, and the messages that go over it."""

from __future__ import annotations

import plistlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

#: Before each message of the phone's services: its length, in network order.
LENGTH: Final = struct.Struct(">I")

#: The longest message that the phone takes (lockdownd's own limit).
MAX_MESSAGE: Final = 3 * 2**20

Message = Mapping[str, Any]


class GoneError(Exception):
    """The connection has ended, or what came over it cannot be a message."""


class PracticeStream:
    """A socket that can go over to TLS and back. One thread uses it; `end` may be called from any other.

    `pace` multiplies the times that `wait` is asked for.
    """

    def __init__(self, connected: socket.socket, pace: float) -> None:
        self._socket = connected
        self._pace = pace
        #: Pulls the cable of the phone that this goes to.
        self.unplug: Callable[[], None] = self.end
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def receive(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises GoneError."""
        received = bytearray()
        while len(received) < count:
            try:
                piece = self._socket.recv(min(count - len(received), 2**16))
            except OSError as error:
                raise GoneError(str(error)) from error
            if not piece:
                raise GoneError("the computer hung up")
            received += piece
        return bytes(received)

    def send(self, data: bytes) -> None:
        """Send all of the bytes. Raises GoneError."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise GoneError(str(error)) from error

    def secure(self, context: ssl.SSLContext) -> None:
        """Go over to TLS, as the server. Raises GoneError if the computer is not the one that `context` lets in."""
        with self._lock:
            if self._ended.is_set():
                raise GoneError("cut")
            try:
                secured = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            except OSError as error:
                raise GoneError(str(error)) from error
            self._socket = secured
        try:
            secured.do_handshake()
        except OSError as error:
            raise GoneError(str(error)) from error

    def bare(self) -> None:
        """Go back from TLS: both sides say goodbye, and the socket goes on. Raises GoneError."""
        if isinstance(self._socket, ssl.SSLSocket):
            try:
                self._socket.unwrap()
            except (OSError, ValueError) as error:
                raise GoneError(str(error)) from error

    def wait(self, seconds: float) -> None:
        """Let time pass, at the stream's pace. Raises GoneError if the connection is cut meanwhile."""
        if self._ended.wait(seconds * self._pace):
            raise GoneError("cut")

    def hang(self) -> None:
        """Take everything and say nothing, until the connection ends. Raises GoneError, always."""
        while True:
            self.receive(1)

    def end(self) -> None:
        """Cut the connection: the thread that uses it sees it at once."""
        self._ended.set()
        with self._lock, suppress(OSError):
            # Not the method of SSLSocket, which would take TLS away under the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """End it and give the socket back; called by the thread that uses it."""
        self.end()
        self._socket.close()


def encode(message: Message, *, binary: bool = False) -> bytes:
    """A property list; a binary one where XML cannot say it, as with control characters."""
    if not binary:
        with suppress(ValueError):
            return plistlib.dumps(dict(message), fmt=plistlib.FMT_XML)
    return plistlib.dumps(dict(message), fmt=plistlib.FMT_BINARY)


def decode(data: bytes) -> dict[str, Any]:
    """The table in a property list. Raises GoneError for anything else."""
    try:
        message = plistlib.loads(data)
    except Exception as error:  # a computer may send anything, and plistlib raises by what it finds
        raise GoneError(f"no property list: {error}") from error
    if not isinstance(message, dict):
        raise GoneError("no table")
    return message


def word(message: Message, key: str) -> str:
    """What a message says in one word, as its name; empty if that is no text."""
    value = message.get(key)
    return value if isinstance(value, str) else ""


def receive(stream: PracticeStream) -> dict[str, Any]:
    """The next message to one of the phone's services. Raises GoneError."""
    (length,) = LENGTH.unpack(stream.receive(LENGTH.size))
    if length > MAX_MESSAGE:
        raise GoneError("too long")
    return decode(stream.receive(length))


class Faultless:
    """How answers are sent: nothing goes wrong. The tests put another in its place (tests/kit/iphone/faults.py)."""

    #: Whether another certificate than the one that was paired is presented.
    forged = False
    #: Options of SHOWN_BY that the phone does as if it did not know.
    ignored_options: frozenset[str] = frozenset()
    #: How many apps fewer than a Browse a Lookup has.
    left_out_of_lookup = 0

    def strike(self, stream: PracticeStream, name: str) -> None:
        """Something happens before the answer or handshake `name`. Raises GoneError."""

    def send(self, stream: PracticeStream, name: str, body: bytes, head: Callable[[int], bytes]) -> None:
        """Send the answer `name`: `body` behind ``head(its length)``. Raises GoneError."""
        stream.send(head(len(body)) + body)


def answer(stream: PracticeStream, name: str, message: Message, faults: Faultless, *, binary: bool = False) -> None:
    """Answer the message `name` of one of the phone's services, as `faults` have it. Raises GoneError."""
    faults.send(stream, name, encode(message, binary=binary), LENGTH.pack)
