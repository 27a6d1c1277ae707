"""A connection to a service, over which whole messages go: with limits, a time limit, a stop button, and TLS."""

from __future__ import annotations

import contextlib
import ssl
import struct
import time
from typing import Final, Protocol

from core.jobs import Cancel
from core.phones.driver import Unplugged
from core.phones.iphone import plist
from core.phones.iphone.plist import Message
from core.phones.iphone.problems import Malformed, NoAnswer

#: Seconds that an answer may take, where its caller says nothing else.
PATIENCE: Final = 20.0
#: Seconds between two looks at the stop button.
_SLICE: Final = 0.2
_PIECE: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")


class Connection(Protocol):
    """As much of a socket as a stream needs: a socket itself, or a connection over USB."""

    def settimeout(self, seconds: float | None, /) -> None: ...

    def recv(self, count: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...


class Stream:
    """One connection. For one thread at a time; the code that opens it closes it."""

    def __init__(self, connection: Connection) -> None:
        self._socket = connection
        connection.settimeout(_SLICE)

    def send(self, data: bytes, cancel: Cancel) -> None:
        """Send all of `data`. Raises Unplugged, NoAnswer, Cancelled."""
        cancel.check()
        self._socket.settimeout(PATIENCE)
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise NoAnswer(PATIENCE) from None
        except OSError as error:
            raise Unplugged(str(error)) from None
        finally:
            self._socket.settimeout(_SLICE)

    def receive(self, count: int, cancel: Cancel, seconds: float = PATIENCE) -> bytes:
        """Exactly `count` bytes. Raises Unplugged if the connection ends before, NoAnswer after that many `seconds`
        without all of them, Cancelled."""
        got = bytearray()
        end = time.monotonic() + seconds
        while len(got) < count:
            cancel.check()
            try:
                piece = self._socket.recv(min(count - len(got), _PIECE))
            except TimeoutError:
                if time.monotonic() > end:
                    raise NoAnswer(seconds) from None
                continue
            except OSError as error:
                raise Unplugged(str(error)) from None
            if not piece:
                raise Unplugged("the connection ended")
            got += piece
        return bytes(got)

    def send_message(self, message: Message, cancel: Cancel) -> None:
        """Send a message as lockdownd and its services take it: its length, big-endian, and an XML property list."""
        data = plist.dump(message)
        self.send(_LENGTH.pack(len(data)) + data, cancel)

    def receive_message(self, cancel: Cancel, seconds: float = PATIENCE) -> Message:
        """The next message of lockdownd or a service. Raises Malformed, and as :meth:`receive`."""
        (length,) = _LENGTH.unpack(self.receive(_LENGTH.size, cancel, seconds))
        if length > plist.LIMIT:
            raise Malformed(f"a message of {length} bytes")
        return plist.parse(self.receive(length, cancel, seconds))

    def request(self, message: Message, cancel: Cancel, seconds: float = PATIENCE) -> Message:
        """The answer to a message."""
        self.send_message(message, cancel)
        return self.receive_message(cancel, seconds)

    def secure(self, context: ssl.SSLContext, cancel: Cancel) -> bytes:
        """Speak TLS from now on. Returns the other side's certificate, in DER; empty if it showed none.

        Raises ssl.SSLError where the two cannot agree, Unplugged, NoAnswer, Cancelled.
        """
        cancel.check()
        self._socket.settimeout(PATIENCE)
        try:
            self._socket = secured = _Secured(self._socket, context)
        except TimeoutError:
            raise NoAnswer(PATIENCE) from None
        except ssl.SSLError:
            raise
        except OSError as error:
            raise Unplugged(str(error)) from None
        secured.settimeout(_SLICE)
        return secured.certificate

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        self._socket.close()


class _Secured:
    """TLS over a connection, with the methods of one."""

    def __init__(self, connection: Connection, context: ssl.SSLContext) -> None:
        """Raises ssl.SSLError, TimeoutError, OSError."""
        self._connection = connection
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send()
                self._receive()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    self._send()  # the other side is told why
                raise
        self._send()

    @property
    def certificate(self) -> bytes:
        """The other side's, in DER; empty if it showed none."""
        return self._tls.getpeercert(binary_form=True) or b""

    def settimeout(self, seconds: float | None, /) -> None:
        self._connection.settimeout(seconds)

    def recv(self, count: int, /) -> bytes:
        while True:
            try:
                return self._tls.read(count)
            except ssl.SSLWantReadError:
                self._send()
                self._receive()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def sendall(self, data: bytes, /) -> None:
        self._tls.write(data)
        self._send()

    def close(self) -> None:
        self._connection.close()

    def _send(self) -> None:
        if self._goes.pending:
            self._connection.sendall(self._goes.read())

    def _receive(self) -> None:
        if came := self._connection.recv(_PIECE):
            self._came.write(came)
        else:
            self._came.write_eof()
