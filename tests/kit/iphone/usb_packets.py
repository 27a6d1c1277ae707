"""The packets that an iPhone and a computer exchange over USB: mux packets, and the small TCP inside them.

All numbers are big-endian. A packet is one bulk transfer. Confirmed with Debian's usbmuxd 1.1.1 as the computer
(`tests/real/test_usb_iphone.py`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

#: Begins every packet after the hello, from version 2 on.
MAGIC: Final = 0xFEEDFACE
#: The longest packet that the phone takes, with its headers.
MAX_PACKET: Final = 65_536
#: A window is sent divided by this power of two.
WINDOW_SHIFT: Final = 8

_SHORT: Final = struct.Struct(">II")
_LONG: Final = struct.Struct(">IIIHH")
_HELLO: Final = struct.Struct(">III")
_TCP: Final = struct.Struct(">HHIIBBHHH")


class PacketError(Exception):
    """What came in a transfer is no packet."""


class Protocol(IntEnum):
    """What a packet is for."""

    VERSION = 0
    CONTROL = 1
    SETUP = 2
    TCP = 6


class Flags(IntFlag):
    """The flags of a TCP segment."""

    FIN = 1
    SYN = 2
    RST = 4
    PUSH = 8
    ACK = 16


class Level(IntEnum):
    """The first byte of a control packet: how bad its text is."""

    ERROR = 3
    WARNING = 4
    INFORMATION = 5


@dataclass(frozen=True, slots=True)
class UsbPacket:
    """`sent` counts the packets of the side that sent it, `received` is the number of the last one that it got; a hello
    has neither."""

    protocol: int
    payload: bytes
    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a stream. `number` is the place of its first byte, `acknowledged` the place of the next byte that its
    sender waits for, `window` how many bytes from there on may be sent to it."""

    source: int
    destination: int
    number: int
    acknowledged: int
    flags: Flags
    window: int
    data: bytes = b""


def packet_of(transfer: bytes, version: int) -> UsbPacket:
    """The packet in a transfer, where the two sides speak `version` (0 before the hello). Raises PacketError."""
    if len(transfer) < _SHORT.size:
        raise PacketError(f"{len(transfer)} bytes are no packet")
    protocol, length = _SHORT.unpack_from(transfer)
    if length != len(transfer):
        raise PacketError(f"a packet of {len(transfer)} bytes says {length}")
    if protocol == Protocol.VERSION or version == 1:
        return UsbPacket(protocol, transfer[_SHORT.size :])
    if version == 0:
        raise PacketError("no hello yet")
    if len(transfer) < _LONG.size:
        raise PacketError("no whole header")
    _, _, magic, sent, received = _LONG.unpack_from(transfer)
    if magic != MAGIC:
        raise PacketError(f"magic {magic:#x}")
    return UsbPacket(protocol, transfer[_LONG.size :], sent, received)


def hello_of(packet: UsbPacket) -> int:
    """The version that the computer offers. Raises PacketError."""
    if len(packet.payload) != _HELLO.size:
        raise PacketError("no whole hello")
    major: int = _HELLO.unpack(packet.payload)[0]
    if not major:
        raise PacketError("version 0")
    return major


def hello(major: int, minor: int = 0) -> bytes:
    """The whole packet with a version."""
    return _SHORT.pack(Protocol.VERSION, _SHORT.size + _HELLO.size) + _HELLO.pack(major, minor, 0)


def transfer_of(packet: UsbPacket, version: int, *, magic: int = MAGIC, claim: int = 0) -> bytes:
    """A packet as it is sent. `claim` is by how much it lies about its length."""
    head = _SHORT if version == 1 else _LONG
    length = max(0, head.size + len(packet.payload) + claim)
    if version == 1:
        return _SHORT.pack(packet.protocol, length) + packet.payload
    numbers = (packet.sent % 2**16, packet.received % 2**16)
    return _LONG.pack(packet.protocol, length, magic, *numbers) + packet.payload


def segment_of(payload: bytes) -> Segment:
    """The piece of a stream in a packet's payload. Raises PacketError."""
    if len(payload) < _TCP.size:
        raise PacketError("no whole TCP header")
    source, destination, number, acknowledged, offset, flags, window, _, _ = _TCP.unpack_from(payload)
    start = (offset >> 4) * 4
    if not _TCP.size <= start <= len(payload):
        raise PacketError("no whole TCP header")
    return Segment(source, destination, number, acknowledged, Flags(flags), window << WINDOW_SHIFT, payload[start:])


def payload_of(segment: Segment) -> bytes:
    """A piece of a stream as it is sent."""
    window = min(segment.window >> WINDOW_SHIFT, 2**16 - 1)
    numbers = (segment.number % 2**32, segment.acknowledged % 2**32)
    ports = (segment.source, segment.destination)
    offset = (_TCP.size // 4) << 4
    return _TCP.pack(*ports, *numbers, offset, segment.flags, window, 0, 0) + segment.data
