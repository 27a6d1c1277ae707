"""A connection to a service, over which whole messages go: with limits, a stop button, and TLS.

Each request has one time limit for all of its bytes, however they drip, and the stop button is looked at between any
two pieces, in TLS as well as without it.
"""

from __future__ import annotations

import contextlib
import ssl
import struct
import time
from collections.abc import Callable
from typing import Final, Protocol

from core.jobs import WAITING, Cancel
from core.phones.accounting import Account
from core.phones.driver import Silent, Unplugged
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message

#: Seconds that an answer may take, where its caller says nothing else.
PATIENCE: Final = 20.0
#: Seconds between two looks at the stop button.
_SLICE: Final = 0.2
_PIECE: Final = 64 * 1024
_LENGTH: Final = struct.Struct(">I")

#: Tells the time in seconds, from any beginning.
Clock = Callable[[], float]


class Connection(Protocol):
    """As much of a socket as a stream needs."""

    def settimeout(self, seconds: float | None, /) -> None: ...

    def recv(self, count: int, /) -> bytes: ...

    def send(self, data: bytes | memoryview, /) -> int: ...

    def close(self) -> None: ...


class MessageRecorder(Protocol):
    """Keeps what goes over one stream while a check is recorded."""

    def asked(self, message: Message) -> None:
        """Keep a message that goes to the phone."""

    def answered(self, data: bytes) -> None:
        """Keep the property list of a message of the phone's, as it came; nothing of one that is none."""


class Stream:
    """One connection. For one thread at a time; the code that opens it closes it."""

    def __init__(self, connection: Connection, clock: Clock = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._tls: _Tls | None = None
        #: Of a stream whose messages are kept.
        self.recorder: MessageRecorder | None = None
        connection.settimeout(_SLICE)

    def send(self, data: bytes, cancel: Cancel) -> None:
        """Send all of `data`. Raises Unplugged, Silent, Cancelled."""
        try:
            self._send(data if self._tls is None else self._tls.encrypted(data), cancel, self._clock() + PATIENCE)
        except OSError as error:
            raise Unplugged(str(error)) from None

    def receive(self, count: int, cancel: Cancel, seconds: float = PATIENCE) -> bytes:
        """Exactly `count` bytes. Raises Unplugged if the connection ends before, Silent after that many `seconds`
        without all of them, Cancelled."""
        return self._receive(count, cancel, seconds, self._clock() + seconds)

    def send_message(self, message: Message, cancel: Cancel) -> None:
        """Send a message as lockdownd and its services take it: its length, big-endian, and an XML property list."""
        if self.recorder is not None:
            self.recorder.asked(message)
        data = plist.dump(message)
        self.send(_LENGTH.pack(len(data)) + data, cancel)

    def receive_message(self, cancel: Cancel, seconds: float = PATIENCE, *, apps_under: str = "") -> Account[Message]:
        """The next message of lockdownd or a service, whole within `seconds`; `apps_under` as of :func:`plist.parse`.

        Raises Malformed, and as :meth:`receive`.
        """
        end = self._clock() + seconds
        (length,) = _LENGTH.unpack(self._receive(_LENGTH.size, cancel, seconds, end))
        recorder = self.recorder
        try:
            if length > plist.LIMIT:
                raise Malformed(f"a message of {length} bytes")
            data = self._receive(length, cancel, seconds, end)
            account = plist.parse(data, apps_under)
        except Malformed:
            if recorder is not None:
                recorder.answered(b"")
            raise
        if recorder is not None:
            recorder.answered(data)
        return account

    def request(
        self, message: Message, cancel: Cancel, seconds: float = PATIENCE, *, apps_under: str = ""
    ) -> Account[Message]:
        """Send a message and return the answer to it, as :meth:`receive_message` does."""
        self.send_message(message, cancel)
        return self.receive_message(cancel, seconds, apps_under=apps_under)

    def secure(self, context: ssl.SSLContext, cancel: Cancel) -> bytes:
        """Speak TLS from now on. Returns the other side's certificate, in DER; empty if it showed none.

        Raises ssl.SSLError where the two cannot agree, Unplugged, Silent, Cancelled.
        """
        tls, end = _Tls(context), self._clock() + PATIENCE
        try:
            while not tls.shake():
                self._send(tls.outgoing(), cancel, end)
                self._take(tls, cancel, PATIENCE, end)
            self._send(tls.outgoing(), cancel, end)
        except ssl.SSLError:
            with contextlib.suppress(OSError):  # Nothing is lost: the error that is raised tells more.
                self._send(tls.outgoing(), cancel, end)  # the other side is told why
            raise
        except OSError as error:
            raise Unplugged(str(error)) from None
        self._tls = tls
        return tls.certificate

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        self._connection.close()

    def _receive(self, count: int, cancel: Cancel, seconds: float, end: float) -> bytes:
        data = bytearray()
        try:
            while len(data) < count:
                size = min(count - len(data), _PIECE)
                if self._tls is None:
                    piece = self._piece(size, cancel, seconds, end)
                else:
                    piece = self._decrypted(self._tls, size, cancel, seconds, end)
                if piece == b"":
                    raise Unplugged("the connection ended")
                data += piece or b""
        except OSError as error:
            raise Unplugged(str(error)) from None
        return bytes(data)

    def _piece(self, count: int, cancel: Cancel, seconds: float, end: float) -> bytes | None:
        """What came within a slice; None where nothing did, and nothing at the end of the connection.

        Raises Silent, Cancelled, OSError.
        """
        cancel.check()
        if self._clock() > end:
            raise Silent(seconds)
        try:
            with WAITING:
                return self._connection.recv(count)
        except TimeoutError:  # Nothing is lost: nothing came yet.
            return None

    def _decrypted(self, tls: _Tls, count: int, cancel: Cancel, seconds: float, end: float) -> bytes | None:
        """As :meth:`_piece`, of what stands in the records of TLS: None also where no record is whole yet."""
        piece = tls.decrypted(count)
        if piece is None:
            self._send(tls.outgoing(), cancel, end)
            self._take(tls, cancel, seconds, end)
        return piece

    def _take(self, tls: _Tls, cancel: Cancel, seconds: float, end: float) -> None:
        piece = self._piece(_PIECE, cancel, seconds, end)
        if piece is not None:
            tls.feed(piece)

    def _send(self, data: bytes, cancel: Cancel, end: float) -> None:
        """Send bytes as they are. Raises Silent where the other side does not take them all in time, Cancelled,
        OSError."""
        rest = memoryview(data)
        while rest:
            cancel.check()
            if self._clock() > end:
                raise Silent(PATIENCE)
            with contextlib.suppress(TimeoutError), WAITING:  # Nothing is lost: it takes nothing yet; asked again.
                rest = rest[self._connection.send(rest) :]


class _Tls:
    """TLS as bytes in and bytes out; its owner carries them."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)

    @property
    def certificate(self) -> bytes:
        """The other side's, in DER; empty if it showed none."""
        return self._tls.getpeercert(binary_form=True) or b""

    def shake(self) -> bool:
        """Go on with the handshake; whether it is done. Raises ssl.SSLError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:  # Nothing is lost: the handshake goes on with what comes next.
            return False
        return True

    def encrypted(self, data: bytes) -> bytes:
        """`data` as it goes. Raises ssl.SSLError."""
        self._tls.write(data)
        return self._outgoing.read()

    def decrypted(self, count: int) -> bytes | None:
        """At most `count` bytes of what came; None where no record is whole yet, nothing at the end of the connection.
        Raises ssl.SSLError."""
        try:
            return self._tls.read(count)
        except ssl.SSLWantReadError:  # Nothing is lost: the record is waited for.
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):  # Nothing is lost: the caller raises Unplugged.
            return b""

    def feed(self, data: bytes) -> None:
        """Take what came; nothing is the end of the connection."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def outgoing(self) -> bytes:
        """The bytes that TLS wants to have sent now; none where there is nothing."""
        return self._outgoing.read()
