"""One computer's connection to the practice phone: ADB's device side.

The connection's own thread reads; every opened service has a thread of its own. On a stream, at most one packet is on
its way in each direction. What a service writes until the other side has said OKAY goes together in the next one, as on
a phone, where it waits in a pipe.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from core.jobs import Cancel
from core.model import Cancelled
from core.simulator.adb import wire
from core.simulator.adb.wire import AdbPacket, BadPacketError
from core.simulator.model.computer_keys import HostKey, read_host_key
from core.simulator.model.phone import CableCutError

#: Bounds for one connection.
MAX_STREAMS: Final = 32
MAX_AUTH_PACKETS: Final = 64
#: The size of the pieces in which a stream is written, in bytes.
PIECE: Final = 64 * 1024

_TOKEN_LENGTH: Final = 20


class AdbStream:
    """One service that the computer has opened. Written and read by the service's thread only.

    That thread sends what was written where a packet may be sent, and else the connection's thread when OKAY comes.
    """

    def __init__(self, connection: AdbConnection, local: int, remote: int) -> None:
        self._connection = connection
        self.local = local
        self.remote = remote
        #: Pressed when the computer closes the stream or the connection ends.
        self.cancel = Cancel()
        self._changed = threading.Condition()
        self._may_send = True
        self._unsent = bytearray()
        self._received = b""
        self._reading = True

    def write(self, data: bytes) -> None:
        """Have `data` sent as the other side takes it, and wait while too much is unsent.

        Raises Cancelled when the stream was closed.
        """
        for start in range(0, len(data), PIECE):
            with self._changed:
                self._changed.wait_for(lambda: len(self._unsent) < PIECE or self.cancel.pressed)
                self.cancel.check()
                self._unsent += data[start : start + PIECE]
                self._send_next()

    def flush(self) -> None:
        """Wait until all that was written is sent. Raises Cancelled when the stream was closed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._unsent or self.cancel.pressed)
            self.cancel.check()

    def _send_next(self) -> None:
        """Send what is unsent, or its first piece, if the other side takes it. Call it with the lock held: packets keep
        the order in which their bytes were written."""
        if self._may_send and self._unsent:
            size = min(self._connection.max_payload, PIECE)
            piece = bytes(self._unsent[:size])
            del self._unsent[:size]
            self._may_send = False
            self._connection.send(AdbPacket(wire.WRTE, self.local, self.remote, piece))

    def read(self) -> bytes:
        """What comes next, at least one byte. Raises Cancelled when nothing comes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._received or self.cancel.pressed)
            if not self._received:
                raise Cancelled
            data, self._received = self._received, b""
        self._connection.send(AdbPacket(wire.OKAY, self.local, self.remote))
        return data

    def ignore_input(self) -> None:
        """The service does not read: take and drop whatever comes."""
        with self._changed:
            self._reading = False
            waiting, self._received = self._received, b""
        if waiting:
            self._connection.send(AdbPacket(wire.OKAY, self.local, self.remote))

    # For the connection's thread

    def received(self, data: bytes) -> None:
        """The computer wrote. Raises BadPacketError if it had to wait for OKAY first."""
        with self._changed:
            if self._received:
                raise BadPacketError("two packets on their way")
            if self._reading and data:
                self._received = data
                self._changed.notify_all()
                return
        self._connection.send(AdbPacket(wire.OKAY, self.local, self.remote))

    def acknowledge(self) -> None:
        """Send the next piece: the computer said OKAY to the one before."""
        with self._changed:
            self._may_send = True
            self._send_next()
            self._changed.notify_all()

    def close(self) -> None:
        """The computer has closed the stream, or has gone."""
        with self._changed:
            self.cancel.press()
            self._changed.notify_all()


class Owner(Protocol):
    """The phone, as a connection sees it."""

    @property
    def banner(self) -> bytes:
        """What the phone says of itself in CNXN."""

    def knows(self, token: bytes, signature: bytes) -> bool:
        """Whether an allowed computer has signed `token`."""

    def allows(self, key: HostKey) -> bool:
        """Ask the phone's holder, and wait for the answer."""

    def service(self, name: str) -> Callable[[AdbStream], None] | None:
        """What `name` stands for; None for a service that the phone does not have."""

    def cut(self) -> None:
        """The cable lost contact: every connection breaks."""


class AdbConnection:
    """Serves one computer until it leaves."""

    def __init__(self, connection: socket.socket, owner: Owner) -> None:
        self._socket = connection
        self._owner = owner
        self._sending = threading.Lock()
        self._streams: dict[int, AdbStream] = {}
        self._streams_lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._next_id = 1
        self._checked = True
        self._version = 0
        self._online = False
        self._token = b""
        self._auth_packets = 0
        self.max_payload = wire.MIN_MAX_PAYLOAD

    def serve(self) -> None:
        """Read until the computer leaves, misbehaves, or :meth:`hang_up` is called; then end everything."""
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                self._handle(wire.receive(self._socket, version=self._version))
        except (BadPacketError, OSError, Cancelled):
            pass  # a computer that leaves or misbehaves is no business of the phone
        finally:
            self.hang_up()
            with self._streams_lock:
                streams = list(self._streams.values())
            for stream in streams:
                stream.close()
            for thread in self._threads:
                thread.join()
            self._socket.close()

    def hang_up(self) -> None:
        """Break the connection. May be called from any thread."""
        with suppress(OSError):  # broken already
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, packet: AdbPacket) -> None:
        """Send one packet. Raises Cancelled if the connection is broken."""
        data = wire.encode(packet, checked=self._checked)
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            raise Cancelled from error

    def _handle(self, packet: AdbPacket) -> None:
        match packet.command:
            case wire.CNXN:
                self._connect(packet)
            case wire.AUTH if not self._online and self._token:
                self._authorise(packet)
            case wire.OPEN | wire.OKAY | wire.WRTE | wire.CLSE if not self._online:
                raise BadPacketError("not connected")
            case wire.OPEN:
                self._open(packet)
            case wire.OKAY:
                if (stream := self._stream(packet)) is not None:
                    stream.acknowledge()
            case wire.WRTE:
                if (stream := self._stream(packet)) is not None:
                    stream.received(packet.payload)
            case wire.CLSE:
                if (stream := self._stream(packet)) is not None:
                    self._finish(stream)
            case _:
                raise BadPacketError(f"command {packet.command:#x}")

    # Connecting

    def _connect(self, packet: AdbPacket) -> None:
        if self._version or packet.arg1 < wire.MIN_MAX_PAYLOAD:
            raise BadPacketError("connected twice, or with too small packets")
        self._version = min(packet.arg0, wire.VERSION)
        self.max_payload = min(packet.arg1, wire.MAX_PAYLOAD)
        self._challenge()

    def _challenge(self) -> None:
        self._token = os.urandom(_TOKEN_LENGTH)
        self.send(AdbPacket(wire.AUTH, wire.AUTH_TOKEN, 0, self._token))

    def _authorise(self, packet: AdbPacket) -> None:
        self._auth_packets += 1
        if self._auth_packets > MAX_AUTH_PACKETS:
            raise BadPacketError("too many attempts")
        if packet.arg0 == wire.AUTH_SIGNATURE:
            if self._owner.knows(self._token, packet.payload):
                self._welcome()
            else:
                self._challenge()
        elif packet.arg0 == wire.AUTH_PUBLIC_KEY:
            try:
                key = read_host_key(packet.payload)
            except ValueError as error:
                raise BadPacketError(str(error)) from error
            if self._owner.allows(key):
                self._welcome()
        else:
            raise BadPacketError(f"AUTH {packet.arg0}")

    def _welcome(self) -> None:
        self._online = True
        self.send(AdbPacket(wire.CNXN, wire.VERSION, wire.MAX_PAYLOAD, self._owner.banner))
        self._checked = self._version < wire.VERSION_WITHOUT_CHECKSUM

    # Streams

    def _open(self, packet: AdbPacket) -> None:
        name = packet.payload.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
        service = self._owner.service(name)
        if packet.arg0 == 0:
            raise BadPacketError("a stream without a number")
        self._threads = [t for t in self._threads if t.is_alive()]
        if service is None or len(self._threads) >= MAX_STREAMS:
            self.send(AdbPacket(wire.CLSE, 0, packet.arg0))
            return
        stream = AdbStream(self, self._next_id, packet.arg0)
        self._next_id += 1
        with self._streams_lock:
            self._streams[stream.local] = stream
        self.send(AdbPacket(wire.OKAY, stream.local, stream.remote))
        thread = threading.Thread(
            target=self._run, args=(service, stream), name=f"practice stream {stream.local}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _run(self, service: Callable[[AdbStream], None], stream: AdbStream) -> None:
        try:
            service(stream)
            stream.flush()
        except CableCutError:
            with suppress(Cancelled):  # the computer has gone
                stream.flush()
            self._owner.cut()
        except Cancelled:
            pass  # the computer has gone
        finally:
            with suppress(Cancelled):
                self._finish(stream)

    def _finish(self, stream: AdbStream) -> None:
        """End a stream, once, and say so."""
        with self._streams_lock:
            open_stream = self._streams.pop(stream.local, None)
        stream.close()
        if open_stream is not None:
            self.send(AdbPacket(wire.CLSE, stream.local, stream.remote))

    def _stream(self, packet: AdbPacket) -> AdbStream | None:
        """The stream that a packet of the computer's is for; None if it has ended."""
        with self._streams_lock:
            stream = self._streams.get(packet.arg1)
        return stream if stream is not None and packet.arg0 in (0, stream.remote) else None
