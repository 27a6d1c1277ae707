"""One connection to a practice iPhone: bytes, TLS, and the messages that go over it, whole or with a test's faults."""

from __future__ import annotations

import plistlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers.expat import ExpatError

#: Before each message of the phone's services: its length, in network order.
LENGTH: Final = struct.Struct(">I")

#: The longest message that the phone takes (lockdownd's own limit).
MAX_MESSAGE: Final = 3 * 2**20

Message = Mapping[str, Any]


class GoneError(Exception):
    """The connection has ended, or what came over it cannot be a message."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How answers go wrong, by the name of the message that is answered, as ``lockdown.Pair`` or ``mux.Connect``.

    In `hang` no answer ever comes, in `close` the connection ends in its place, in `unplug` the phone's cable is
    pulled, in `truncate` the connection ends in the middle of the answer. `replace` has the bytes that are sent in the
    answer's place, `claim` the length that is said of it. The names ``tls.session`` and ``tls.service`` stand for the
    two handshakes; they can hang, close and unplug only.

    `forged` presents another certificate than the one that was paired. `ignored_options` are those of SHOWN_BY that
    the phone does as if it did not know. A Lookup has `left_out_of_lookup` apps fewer than a Browse.
    """

    hang: frozenset[str] = frozenset()
    close: frozenset[str] = frozenset()
    unplug: frozenset[str] = frozenset()
    truncate: frozenset[str] = frozenset()
    replace: Mapping[str, bytes] = field(default_factory=dict)
    claim: Mapping[str, int] = field(default_factory=dict)
    forged: bool = False
    ignored_options: frozenset[str] = frozenset()
    left_out_of_lookup: int = 0


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
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise GoneError(f"no property list: {error}") from error
    except (ExpatError, RecursionError, MemoryError) as error:
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


def answer(stream: PracticeStream, name: str, message: Message, faults: Faults, *, binary: bool = False) -> None:
    """Answer the message `name` of one of the phone's services, as `faults` have it. Raises GoneError."""
    faulty_send(stream, name, encode(message, binary=binary), faults, LENGTH.pack)


def faulty_send(stream: PracticeStream, name: str, body: bytes, faults: Faults, head: Any) -> None:
    """Send `body` behind ``head(its length)``. Raises GoneError."""
    strike(stream, name, faults)
    body = faults.replace.get(name, body)
    whole = bytes(head(faults.claim.get(name, len(body)))) + body
    if name in faults.truncate:
        stream.send(whole[: len(whole) - len(body) // 2 - 1])
        raise GoneError("cut in the middle")
    stream.send(whole)


def strike(stream: PracticeStream, name: str, faults: Faults) -> None:
    """Hang, end the connection or pull the cable, if `faults` say so of `name`. Raises GoneError."""
    if name in faults.hang:
        stream.hang()
    if name in faults.unplug:
        stream.unplug()
    if name in faults.close or name in faults.unplug:
        raise GoneError("closed")
