"""The phone's end of a USB cable: it answers the computer's hello, and carries streams to lockdown and to services.

The caller carries the packets: it hands `PracticeUsbMux` each transfer that arrives, and a function that sends one.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from core.simulator.iphone import lockdown, wire
from core.simulator.iphone.phone import PracticeIphone
from tests.kit.iphone import usb_packets
from tests.kit.iphone.usb_faults import UsbFaults
from tests.kit.iphone.usb_packets import Flags, Level, PacketError, Protocol, Segment, UsbPacket
from tests.kit.iphone.usb_stream import WINDOW, UsbStream

#: The most that the phone sends of a stream in one packet (with both headers, three transfers of 16 KiB).
PIECE: Final = 3 * 16_384 - 36
#: How many streams may be open at once, and how many packets may wait to be sent.
MAX_STREAMS: Final = 64
MAX_WAITING: Final = 4096
#: Above so many waiting packets, no further data of a stream is read.
_BUSY: Final = 8
#: How many of its complaints the phone remembers.
_COMPLAINTS: Final = 100


class PracticeUsbMux:
    """One phone's end of its cable, until it is closed; a context manager.

    `send` sends one transfer to the computer, and may take its time; it raises OSError if the cable is out. `pace`
    multiplies every time that the phone takes: 0 is at once. `faults` may be set at any time, and hold from the next
    packet or stream on. `complaints` are what the phone had to say of the computer's packets.
    """

    def __init__(self, phone: PracticeIphone, send: Callable[[bytes], object], pace: float = 1.0) -> None:
        self.phone = phone
        self.faults = UsbFaults()
        self.complaints: deque[str] = deque(maxlen=_COMPLAINTS)
        self._send_transfer = send
        self._pace = pace
        self._lock = threading.RLock()
        self._to_send = threading.Condition(self._lock)
        self._waiting: deque[UsbPacket | bytes] = deque()
        #: What the two speak; 0 before the hello.
        self._version = 0
        self._set_up = False
        self._sent = 0
        self._received = 0
        self._streams: dict[tuple[int, int], UsbStream] = {}
        #: The same ones, and those that are over and that the pump has not closed yet.
        self._carried: list[UsbStream] = []
        self._closed = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._rung = socket.socketpair()
        self._rung.setblocking(False)
        self._bell.setblocking(False)
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._services: set[threading.Thread] = set()
        name = f"practice cable {phone.udid}"
        self._threads = [threading.Thread(target=run, name=name, daemon=True) for run in (self._sending, self._pump)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> PracticeUsbMux:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything; afterwards no thread of it is left, once `send` has returned. May be called twice."""
        with self._lock:
            self._closed = True
            self.hang_up()
            self._to_send.notify_all()
        for thread in self._threads:
            thread.join()
        for thread in tuple(self._services):
            thread.join()
        for end in (self._bell, self._rung):
            end.close()
        self._selector.close()

    def hang_up(self) -> None:
        """The computer has let go of the phone: every stream ends, and what waits is forgotten."""
        with self._lock:
            self._version, self._set_up = 0, False
            self._waiting.clear()
            for stream in tuple(self._streams.values()):
                self._end(stream)
            self._ring()

    def take(self, transfer: bytes) -> None:
        """A transfer came from the computer. What is no packet is complained of, and then let pass."""
        with self._lock:
            if self._closed or not self.phone.attached:
                return
            try:
                self._take(usb_packets.packet_of(transfer, self._version))
            except PacketError as error:
                self._complain(str(error))

    # Packets

    def _take(self, packet: UsbPacket) -> None:
        if packet.protocol == Protocol.VERSION:
            self._greet(usb_packets.hello_of(packet))
            return
        if packet.protocol == Protocol.SETUP:
            self._set_up = True
            self._sent, self._received = 0, packet.sent
            for payload in self.faults.controls:
                self._send(Protocol.CONTROL, payload)
            if self.faults.garbage and self.faults.hello == "answered":
                self._queue(self.faults.garbage)
            return
        if self._version >= 2 and not self._set_up:
            raise PacketError("no set-up yet")
        if self._version >= 2 and packet.sent != (self._received + 1) % 2**16:
            self._complain(f"packet {packet.sent} after packet {self._received}")
        self._received = packet.sent
        if packet.protocol == Protocol.TCP:
            self._segment(usb_packets.segment_of(packet.payload))
        elif packet.protocol == Protocol.CONTROL:
            self.phone.record("usb", "control", {"text": packet.payload.decode("utf-8", "replace")})
        else:
            raise PacketError(f"protocol {packet.protocol}")

    def _greet(self, offered: int) -> None:
        """A hello begins everything again, also where an earlier program has left streams open."""
        self.hang_up()
        faults = self.faults
        self.phone.record("usb", "hello", {"version": offered})
        if faults.hello == "silent":
            return
        if faults.hello != "answered":
            self._queue(faults.garbage)
        if faults.hello != "garbage":
            self._version = max(1, min(offered, faults.version))
            self._sent = self._received = 0
            self._queue(usb_packets.hello(faults.version))

    def _complain(self, text: str) -> None:
        self.complaints.append(text)
        if self._version:
            self._send(Protocol.CONTROL, bytes([Level.ERROR]) + text.encode())

    def _send(self, protocol: Protocol, payload: bytes) -> None:
        self._queue(UsbPacket(protocol, payload))

    def _queue(self, packet: UsbPacket | bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.complaints.append("the computer does not read")
            self.hang_up()
            return
        self._waiting.append(packet)
        self._to_send.notify_all()

    def _sending(self) -> None:
        """Send what waits, each packet with its number."""
        while True:
            with self._lock:
                self._to_send.wait_for(lambda: self._closed or self._waiting)
                if self._closed:
                    return
                packet = self._waiting.popleft()
                transfer = packet if isinstance(packet, bytes) else self._numbered(packet)
                if len(self._waiting) < _BUSY:
                    self._ring()
            if self.phone.attached:
                try:
                    self._send_transfer(transfer)
                except OSError:
                    self.hang_up()

    def _numbered(self, packet: UsbPacket) -> bytes:
        faults, number = self.faults, self._sent
        self._sent += 1
        if faults.jump and number >= faults.jump_at:
            number += faults.jump
        packet = replace(packet, sent=number, received=self._received)
        return usb_packets.transfer_of(packet, self._version or 2, magic=faults.magic, claim=faults.claim)

    # Streams

    def _segment(self, segment: Segment) -> None:
        ports = (segment.source, segment.destination)
        stream = self._streams.get(ports)
        if segment.flags == Flags.SYN:
            if stream is not None:
                self._end(stream)
            if not self.faults.deaf:
                self._open(segment)
        elif stream is None:
            if not segment.flags & Flags.RST:
                self._reset(segment)
        elif segment.flags & Flags.RST:
            self._end(stream)
        elif not stream.mute and not stream.accept(segment):
            self._complain(f"port {segment.source}: more than the window, or in the wrong place")
            self._reset(segment)
            self._end(stream)
        self._ring()

    def _open(self, syn: Segment) -> None:
        faults = self.faults
        serve = None if faults.refused else lockdown.listener(self.phone, syn.destination)
        if serve is None or len(self._carried) >= MAX_STREAMS:
            self._reset(syn)
            return
        self.phone.record("usb", "Connect", {"port": syn.destination})
        near, far = socket.socketpair()
        stream = UsbStream(syn, near, wire.PracticeStream(far, self._pace), faults)
        if faults.closed_for is not None:
            stream.opens = time.monotonic() + faults.closed_for * self._pace
        self._streams[stream.ports] = stream
        self._carried.append(stream)
        self._send(Protocol.TCP, usb_packets.payload_of(stream.bare(Flags.SYN | Flags.ACK)))
        stream.next_out += 1
        if stream.mute:
            stream.service.close()
            return
        target = (serve, stream.service)
        thread = threading.Thread(target=self._serve, args=target, name="practice stream", daemon=True)
        self._services = {running for running in self._services if running.is_alive()} | {thread}
        thread.start()

    def _serve(self, serve: Callable[[wire.PracticeStream], None], stream: wire.PracticeStream) -> None:
        with suppress(wire.GoneError):
            self.phone.admit(stream)
            serve(stream)
        self.phone.release(stream)
        stream.close()

    def _reset(self, segment: Segment) -> None:
        """Tell the computer that a stream is no more."""
        numbers = (segment.acknowledged, segment.number + 1)
        flags, text = Flags.RST | Flags.ACK, self.faults.reset_text
        answer = Segment(segment.destination, segment.source, *numbers, flags, 0, text)
        self._send(Protocol.TCP, usb_packets.payload_of(answer))

    def _end(self, stream: UsbStream) -> None:
        stream.over = True
        stream.service.end()
        self._streams.pop(stream.ports, None)

    def _ring(self) -> None:
        with suppress(OSError):  # it rings already, or is closed
            self._bell.send(b".")

    # Between the streams' packets and their services

    def _pump(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    break
                pause = self._choose()
            for key, events in self._selector.select(pause):
                if key.data is None:
                    with suppress(BlockingIOError):
                        self._rung.recv(4096)
                else:
                    with self._lock:
                        self._move(key.data, events)
        for stream in self._carried:
            stream.near.close()

    def _choose(self) -> float | None:
        """Say which services are listened to, and take leave of streams that are over. How long until a window opens
        (seconds); None if none waits for that."""
        now, pauses = time.monotonic(), []
        for stream in tuple(self._carried):
            if stream.over:
                self._watch(stream, 0)
                stream.near.close()
                self._carried.remove(stream)
                continue
            if stream.opens is not None and stream.opens <= now:
                stream.opens, stream.window = None, WINDOW
                self._acknowledge(stream)
            if stream.opens is not None:
                pauses.append(min(stream.opens - now, 60.0))  # a selector waits for no more than some weeks
            reads = stream.credit() > 0 and len(self._waiting) < _BUSY
            writes = bool(stream.inbox)
            self._watch(stream, selectors.EVENT_READ * reads | selectors.EVENT_WRITE * writes)
        return min(pauses, default=None)

    def _watch(self, stream: UsbStream, events: int) -> None:
        if events == stream.watched:
            return
        if stream.watched:
            self._selector.unregister(stream.near)
        if events:
            self._selector.register(stream.near, events, stream)
        stream.watched = events

    def _move(self, stream: UsbStream, events: int) -> None:
        """Carry what can be carried."""
        if stream.over:
            return
        try:
            if events & selectors.EVENT_WRITE and stream.inbox:
                stream.delivered(stream.near.send(stream.inbox))
                self._acknowledge(stream)
            credit = stream.credit()
            if not events & selectors.EVENT_READ or credit <= 0:
                return
            data = stream.near.recv(min(credit, PIECE))
        except BlockingIOError:
            return
        except OSError:  # the service has hung up, and has not read everything
            data = b""
        if data:
            self._send(Protocol.TCP, usb_packets.payload_of(stream.piece(data)))
        if not data or stream.spent():
            self._send(Protocol.TCP, usb_packets.payload_of(stream.bare(Flags.RST | Flags.ACK, self.faults.reset_text)))
            self._end(stream)

    def _acknowledge(self, stream: UsbStream) -> None:
        self._send(Protocol.TCP, usb_packets.payload_of(stream.bare(Flags.ACK)))
