"""ADB's packets: 24 bytes of header, then a payload.

The format is that of Android's `packages/modules/adb/protocol.txt`: six little-endian words (command, two arguments,
the payload's length, its checksum, and the command's complement).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Final

CNXN: Final = 0x4E584E43
AUTH: Final = 0x48545541
OPEN: Final = 0x4E45504F
OKAY: Final = 0x59414B4F
WRTE: Final = 0x45545257
CLSE: Final = 0x45534C43

AUTH_TOKEN: Final = 1
AUTH_SIGNATURE: Final = 2
AUTH_PUBLIC_KEY: Final = 3

#: From this version on, both sides may leave the checksum out.
VERSION_WITHOUT_CHECKSUM: Final = 0x01000001
VERSION: Final = VERSION_WITHOUT_CHECKSUM

#: The largest payload of one packet, in bytes; and the smallest maximum that a host of any version names.
MAX_PAYLOAD: Final = 1024 * 1024
MIN_MAX_PAYLOAD: Final = 4096

_HEADER: Final = struct.Struct("<6I")


class BadPacketError(Exception):
    """The other side does not speak ADB, or broke its rules. The connection cannot go on."""


@dataclass(frozen=True, slots=True)
class AdbPacket:
    """One message. What the two arguments mean depends on the command."""

    command: int
    arg0: int
    arg1: int
    payload: bytes = b""


def receive(connection: socket.socket, *, version: int) -> AdbPacket:
    """The next packet. `version` is the one that the other side speaks, 0 while it has not said; a CNXN says it itself.

    A host that reconnects leaves out the checksum of its CNXN already.

    Raises BadPacketError; ConnectionError when the other side has hung up; OSError.
    """
    header = _exactly(connection, _HEADER.size)
    command, arg0, arg1, length, checksum, magic = _HEADER.unpack(header)
    if magic != command ^ 0xFFFFFFFF:
        raise BadPacketError("the command and its complement do not fit")
    if length > MAX_PAYLOAD:
        raise BadPacketError(f"a payload of {length} bytes")
    payload = _exactly(connection, length)
    spoken = arg0 if command == CNXN else version
    if spoken < VERSION_WITHOUT_CHECKSUM and checksum != sum(payload) & 0xFFFFFFFF:
        raise BadPacketError("the checksum does not fit")
    return AdbPacket(command, arg0, arg1, payload)


def encode(packet: AdbPacket, *, checked: bool) -> bytes:
    """`packet` as it goes over the wire, with or without a checksum."""
    checksum = sum(packet.payload) & 0xFFFFFFFF if checked else 0
    magic = packet.command ^ 0xFFFFFFFF
    return _HEADER.pack(packet.command, packet.arg0, packet.arg1, len(packet.payload), checksum, magic) + packet.payload


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = connection.recv(min(count - len(received), 256 * 1024))
        if not piece:
            raise ConnectionError("the other side hung up")
        received += piece
    return bytes(received)
