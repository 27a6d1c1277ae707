"""One stream between a computer and a service of the phone, as the phone's end of the cable counts it."""

from __future__ import annotations

import socket
from typing import Final

from core.simulator.iphone.wire import PracticeStream
from tests.kit.iphone.usb_faults import UsbFaults
from tests.kit.iphone.usb_packets import Flags, Segment

#: How many bytes may be on their way to the phone.
WINDOW: Final = 0x20000


class UsbStream:
    """`near` is the socket whose other end is `service`, the stream as lockdown or a service has it. Places count bytes
    from `faults.first_number`; a SYN counts as one. Not safe by itself: `UsbMux` holds its lock."""

    def __init__(self, syn: Segment, near: socket.socket, service: PracticeStream, faults: UsbFaults) -> None:
        near.setblocking(False)
        self.near = near
        self.service = service
        self.ports = (syn.source, syn.destination)
        self.mute = faults.mute
        #: The stream has ended, and its socket is to be closed.
        self.over = False
        #: What the pump waits for.
        self.watched = 0
        #: When the window opens (by the monotonic clock); None if it is open.
        self.opens: float | None = None
        self.window = WINDOW if faults.closed_for is None else 0
        #: What came, and is not with the service yet.
        self.inbox = bytearray()
        #: The place of the next byte to the computer, and of the first that it has not acknowledged.
        self.next_out = self._acknowledged = self._first = faults.first_number
        self._peer_window = syn.window
        #: The place of the next byte from the computer, and of the first that is not acknowledged to it.
        self._next_in = self._next_acknowledged = syn.number + 1
        self._over_window = faults.over_window
        self._reset_after = faults.reset_after

    def accept(self, segment: Segment) -> bool:
        """Take in what came; False if it is in the wrong place, over the window, or acknowledges what was never
        sent."""
        newly = (segment.acknowledged - self._acknowledged) % 2**32
        if newly > self.next_out - self._acknowledged:
            return False
        self._acknowledged += newly
        self._peer_window = segment.window
        if not segment.data:
            return True
        allowed = self._next_acknowledged + self.window - self._next_in
        if segment.number != self._next_in % 2**32 or len(segment.data) > allowed:
            return False
        self.inbox += segment.data
        self._next_in += len(segment.data)
        return True

    def delivered(self, count: int) -> None:
        """The service has got so many bytes."""
        del self.inbox[:count]
        self._next_acknowledged += count

    def credit(self) -> int:
        """How many bytes may be sent to the computer now."""
        if self.mute:
            return 0
        credit = 2**16 if self._over_window else self._acknowledged + self._peer_window - self.next_out
        return credit if self._reset_after is None else min(credit, self._reset_after - self._passed())

    def spent(self) -> bool:
        """As much went to the computer as the faults let pass."""
        return self._reset_after is not None and self._passed() >= self._reset_after

    def piece(self, data: bytes) -> Segment:
        """The packet that carries `data` to the computer."""
        segment = self.bare(Flags.ACK, data)
        self.next_out += len(data)
        return segment

    def bare(self, flags: Flags, data: bytes = b"") -> Segment:
        """A packet that says where the two are."""
        computer, own = self.ports
        return Segment(own, computer, self.next_out, self._next_acknowledged, flags, self.window, data)

    def _passed(self) -> int:
        return self.next_out - self._first - 1
