"""usbmux itself, as it is spoken over the cable: many connections to one iPhone over one pair of USB endpoints.

Every packet has a header, big-endian: its protocol and its whole length; after the greeting also a fixed number and
two counters. A connection is a small TCP: its own header, windows shifted by 8, and no checksum, as USB loses nothing.
From public descriptions of the protocol; what Debian's usbmuxd 1.1.1 sends was compared with it.
"""

from __future__ import annotations

import contextlib
import struct
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from core.jobs import Cancel
from core.phones.driver import Silent, Unplugged
from core.phones.iphone.problems import Malformed

_SHORT: Final = struct.Struct(">II")
_LONG: Final = struct.Struct(">IIIHH")
_GREETING: Final = struct.Struct(">III")
_TCP: Final = struct.Struct(">HHIIBBHHH")
_MAGIC: Final = 0xFEEDFACE
_VERSION, _SETUP, _CARRIED = 0, 2, 6
_MAJOR: Final = 2
_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
#: The header of a connection in words of four bytes, as it stands in the high half of a byte.
_OFFSET: Final = _TCP.size // 4 << 4
#: Of a window only a 256th is told.
_SHIFT: Final = 8
_WRAP: Final = 1 << 32

#: Bytes of one connection that wait here to be taken; the phone may send no more than that unasked.
WINDOW: Final = 0x20000
#: Bytes of a whole packet: what one transfer over USB takes.
PACKET: Final = 3 * 16 * 1024
#: Bytes that a packet of the phone's may claim to have.
_MOST: Final = 64 * 1024
#: Bytes that are taken before the phone is told that there is room again.
_TOLD_AFTER: Final = 16 * 1024
#: Seconds for the phone's answer to the greeting and to a new connection, between two looks at the stop button, and
#: that the reading waits at most.
_PATIENCE: Final = 5.0
_SLICE: Final = 0.2
_WAIT: Final = 0.5
#: Packets within so many seconds that bring no connection any further: late ones of a connection that was closed,
#: messages of the phone's own log, windows told anew. Honest phones send a handful; one that sends more is let go of.
STRAYS: Final = 256
_STRAYS_WITHIN: Final = 60.0


class Wire(Protocol):
    """Where packets go and come: the two endpoints of a phone."""

    def send(self, packet: bytes) -> None:
        """Send a whole packet. Raises OSError."""

    def receive(self, seconds: float) -> bytes:
        """What came, which need not be one packet; empty after that many `seconds` without anything. Raises OSError."""

    def close(self) -> None:
        """Let go of the phone. Never raises."""


class UsbMux:
    """All connections to one phone. For any thread."""

    def __init__(self, wire: Wire, cancel: Cancel, clock: Callable[[], float] = time.monotonic) -> None:
        """Greet the phone; `wire` is closed if that fails. Raises Unplugged, Silent, Malformed, Cancelled."""
        self._wire = wire
        self.clock = clock
        #: The stray packets, and since when they are counted.
        self._strays, self._counted_since = 0, clock()
        self._buffer = bytearray()
        #: Guards what is known of the connections, and tells that it changed.
        self.changed = threading.Condition()
        self._connections: dict[int, UsbConnection] = {}
        self._next_port = 1
        self._sending = threading.Lock()
        self._sent, self._last_number = 0, 0xFFFF
        self._closing = False
        self._end = ""
        try:
            self._greet(cancel)
        except BaseException:
            wire.close()
            raise
        self._reader = threading.Thread(target=self._read, name="iphone-usb", daemon=True)
        self._reader.start()

    @property
    def ended(self) -> str:
        """Why no connection can be had any more; empty as long as one can."""
        return self._end

    def connect(self, port: int, cancel: Cancel) -> UsbConnection:
        """A connection to a port of the phone. Raises Unplugged if there is none to be had, Silent, Cancelled."""
        with self.changed:
            if self._end:
                raise Unplugged(self._end)
            while self._next_port in self._connections:
                self._next_port = self._next_port % 0xFFFF + 1
            ours, self._next_port = self._next_port, self._next_port % 0xFFFF + 1
            connection = self._connections[ours] = UsbConnection(self, ours, port)
        try:
            connection.open(cancel)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """End every connection and let go of the phone."""
        self._closing = True
        self._reader.join()

    # For its connections

    def send(self, protocol: int, content: bytes) -> None:
        """Send a packet after the greeting. Raises OSError."""
        with self._sending:
            if self._end:
                raise ConnectionResetError(self._end)
            head = _LONG.pack(protocol, _LONG.size + len(content), _MAGIC, self._sent, self._last_number)
            self._sent = (self._sent + 1) & 0xFFFF
            self._wire.send(head + content)

    def forget(self, ours: int) -> None:
        """The connection at our port `ours` has ended: what still comes for it is dropped."""
        with self.changed:
            self._connections.pop(ours, None)

    # The cable

    def _greet(self, cancel: Cancel) -> None:
        """Agree with the phone on version 2 of the protocol. Raises Unplugged, Silent, Malformed, Cancelled."""
        greeting = _GREETING.pack(_MAJOR, 0, 0)
        end = self.clock() + _PATIENCE
        try:
            self._wire.send(_SHORT.pack(_VERSION, _SHORT.size + len(greeting)) + greeting)
            while True:
                cancel.check()
                # What comes first may be left from the program that had the phone before.
                packet = self._wire.receive(_SLICE)
                size = len(packet)
                if size == _SHORT.size + _GREETING.size and _SHORT.unpack_from(packet) == (_VERSION, size):
                    break
                if self.clock() > end:
                    raise Silent(_PATIENCE)
            major, minor, _ = _GREETING.unpack_from(packet, _SHORT.size)
            if major != _MAJOR:
                raise Malformed(f"usbmux {major}.{minor}")
            self.send(_SETUP, b"\x07")
        except OSError as error:
            raise Unplugged(str(error)) from None

    def _read(self) -> None:
        """Take what comes until the phone is gone, breaks the rules, or `close` is called."""
        end = "closed"
        try:
            while not self._closing:
                self._buffer += self._wire.receive(_WAIT)
                self._take_packets()
        except (OSError, Malformed) as error:  # Nothing is lost: each connection is told why it ended.
            end = getattr(error, "detail", "") or str(error) or type(error).__name__
        with self.changed:
            self._end = end
            for connection in self._connections.values():
                connection.over(end)
            self.changed.notify_all()
        with self._sending:
            self._wire.close()

    def _take_packets(self) -> None:
        """Take each whole packet out of what came. Raises Malformed."""
        while len(self._buffer) >= _SHORT.size:
            protocol, length = _SHORT.unpack_from(self._buffer)
            if not _SHORT.size <= length <= _MOST:
                raise Malformed(f"a packet of {length} bytes")
            if len(self._buffer) < length:
                # Nothing is lost: the rest of the packet is waited for.
                return
            packet = bytes(memoryview(self._buffer)[:length])
            del self._buffer[:length]
            further = False
            if protocol == _CARRIED:
                further = self._carried(packet)
            elif protocol != _VERSION and length >= _LONG.size:
                self._last_number = _LONG.unpack_from(packet)[3]
            if not further:
                self._stray()

    def _stray(self) -> None:
        """A packet brought nothing further. Raises Malformed for a phone that sends them without end."""
        now = self.clock()
        if now - self._counted_since > _STRAYS_WITHIN:
            self._strays, self._counted_since = 0, now
        self._strays += 1
        if self._strays > STRAYS:
            raise Malformed(f"more than {STRAYS} packets that belong to nothing")

    def _carried(self, packet: bytes) -> bool:
        """Give a packet to its connection; whether that brought it further. Raises Malformed."""
        if len(packet) < _LONG.size + _TCP.size:
            raise Malformed("a packet without its header")
        _, _, magic, number, _ = _LONG.unpack_from(packet)
        theirs, ours, sequence, acknowledged, offset, flags, window, _, _ = _TCP.unpack_from(packet, _LONG.size)
        begin = _LONG.size + (offset >> 4) * 4
        if magic != _MAGIC or not _LONG.size + _TCP.size <= begin <= len(packet):
            raise Malformed("a packet that makes no sense")
        self._last_number = number
        with self.changed:
            connection = self._connections.get(ours)
            if connection is None or connection.port != theirs:
                return False
            further = connection.take_packet(
                flags, sequence, acknowledged, window << _SHIFT, memoryview(packet)[begin:]
            )
            self.changed.notify_all()
        return further


class UsbConnection:
    """One connection to a port of the phone, with as much of a socket's methods as a Stream needs.

    For one thread at a time; the reader of its UsbMux tells it what came, holding `changed`.
    """

    def __init__(self, mux: UsbMux, ours: int, port: int) -> None:
        self.port = port
        self._mux = mux
        self._ours = ours
        self._timeout: float | None = None
        self._open = False
        self._end = ""
        self._finished = False
        self._waiting = bytearray()
        #: How far the phone's bytes came, and how many were taken since the phone was told.
        self._received = self._unreported = 0
        #: How far our bytes went, and may go.
        self._sent = self._limit = 0

    @property
    def ended(self) -> str:
        """Why it ended; empty as long as it has not. What came before can still be taken."""
        return self._end

    def open(self, cancel: Cancel) -> None:
        """Ask the phone for the connection. Raises Unplugged, Silent, Cancelled."""
        end = self._mux.clock() + _PATIENCE
        try:
            self._send(_SYN)
            with self._mux.changed:
                while not self._open and not self._end:
                    if self._mux.clock() > end:
                        raise Silent(_PATIENCE)
                    cancel.check()
                    self._mux.changed.wait(_SLICE)
                if self._end:
                    raise Unplugged(self._end)
            self._send(_ACK)
        except OSError as error:
            raise Unplugged(str(error)) from None

    def settimeout(self, seconds: float | None) -> None:
        """Let :meth:`recv` and :meth:`send` wait for at most so many seconds from now on; None: without a limit."""
        self._timeout = seconds

    def recv(self, count: int) -> bytes:
        """At most `count` bytes; none once the phone has ended the connection. Raises TimeoutError, OSError."""
        with self._mux.changed:
            if not self._mux.changed.wait_for(lambda: self._waiting or self._end or self._finished, self._timeout):
                raise TimeoutError
            if not self._waiting:
                if self._end:
                    raise ConnectionResetError(self._end)
                return b""
            piece = bytes(memoryview(self._waiting)[:count])
            del self._waiting[:count]
            self._unreported += len(piece)
            due = not self._end and (self._unreported >= _TOLD_AFTER or not self._waiting)
        if due:
            self._send(_ACK)
        return piece

    def send(self, data: bytes | memoryview) -> int:
        """Send as much of `data` as one packet takes and the phone has room for; how much that is.

        Raises TimeoutError, OSError.
        """
        with self._mux.changed:
            if not self._mux.changed.wait_for(lambda: self._end or self._room() > 0, self._timeout):
                raise TimeoutError
            if self._end:
                raise ConnectionResetError(self._end)
            piece = memoryview(data)[: min(self._room(), PACKET - _LONG.size - _TCP.size)]
        self._send(_ACK, piece)
        return len(piece)

    def close(self) -> None:
        """End the connection. Never raises."""
        self._mux.forget(self._ours)
        if not self._end:
            self.over("closed")
            with contextlib.suppress(OSError):  # Nothing is lost: it ended by itself.
                self._send(_RST)

    # For the reader

    def take_packet(self, flags: int, sequence: int, acknowledged: int, window: int, payload: memoryview) -> bool:
        """Take a packet of the phone's. Returns whether it brought the connection any further: what does not is
        counted as stray, so that no phone can send without end.

        Numbers count bytes, and begin anew after 2**32: of two, the one less than half of that behind is the earlier.
        """
        if self._end:
            return False
        further = False
        if flags & _RST:
            further = True
            self.over("the phone ended the connection" if self._open else "the phone gives no connection")
        elif not self._open:
            if flags & (_SYN | _ACK) == _SYN | _ACK and acknowledged == 1:
                self._open, self._received = True, (sequence + 1) % _WRAP
                further = True
        elif sequence != self._received or len(self._waiting) + len(payload) > WINDOW:
            # USB loses nothing and keeps the order, so bytes at another place than the next are no honest phone's.
            if payload:
                self.over("the phone sends what it may not")
        else:
            self._received = (self._received + len(payload)) % _WRAP
            self._waiting += payload
            further = bool(payload) or (bool(flags & _FIN) and not self._finished)
            self._finished = self._finished or bool(flags & _FIN)
        if self._open and flags & _ACK and (self._sent - acknowledged) % _WRAP < _WRAP // 2:
            # It may have been told before: only a limit that moves forward brings anything.
            limit = (acknowledged + window) % _WRAP
            further = further or 0 < (limit - self._limit) % _WRAP < _WRAP // 2
            self._limit = limit
        return further

    def over(self, why: str) -> None:
        """Mark the connection as broken. Of several reasons the first stays."""
        self._end = self._end or why

    def _room(self) -> int:
        """Bytes that the phone has room for."""
        room = (self._limit - self._sent) % _WRAP
        return room if room < _WRAP // 2 else 0

    def _send(self, flags: int, payload: bytes | memoryview = b"") -> None:
        with self._mux.changed:
            self._unreported, free = 0, WINDOW - len(self._waiting)
            header = _TCP.pack(self._ours, self.port, self._sent, self._received, _OFFSET, flags, free >> _SHIFT, 0, 0)
            self._sent = (self._sent + len(payload) + bool(flags & _SYN)) % _WRAP
        self._mux.send(_CARRIED, header + payload)
