"""usbmux, the service through which a computer reaches its iPhones: who is plugged in, pair records, connections.

Windows has it from Apple (127.0.0.1:27015), macOS built in, Linux as usbmuxd; the variable USBMUXD_SOCKET_ADDRESS names
another place on this computer. A message is a header of 16 bytes, little-endian (its whole length, version 1, kind 8, a
number), and an XML property list. Phones that are reached over a network are left out.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, TypeAlias

from core.jobs import WAITING, Cancel
from core.phones.driver import Unplugged
from core.phones.iphone.problems import IphoneNotReady, Malformed
from core.phones.iphone.property_lists import plist
from core.phones.iphone.property_lists.plist import Message
from core.phones.iphone.stream import PATIENCE, Clock, Stream
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone

#: The variable that names the service's address, as host:port or as a path, for every client of it.
ADDRESS_VARIABLE: Final = "USBMUXD_SOCKET_ADDRESS"
_WINDOWS: Final = ("127.0.0.1", 27015)
_UNIX: Final = "/var/run/usbmuxd"
_HEADER: Final = struct.Struct("<IIII")
_VERSION: Final = 1
_PLIST: Final = 8
#: Seconds that the service on this computer has to take a connection.
_CONNECT: Final = 5.0
#: Phones that are listed: a service that claims to have more is not believed.
_MOST: Final = 200
#: A phone's identifier, as it may stand in a request and in a file's name: 40 hexadecimal digits, or 8 and 16.
_UDID: Final = re.compile(r"[0-9A-Za-z]{40}|[0-9A-Za-z]{8}-[0-9A-Za-z]{16}")
_DASHLESS: Final = re.compile(r"[0-9A-Za-z]{24}")


#: Where a service listens: a path, or a host and port on this computer.
Address: TypeAlias = str | tuple[str, int]

#: A service's results for what it does not know or cannot do with a newer phone: the numbers of usbmux for an unknown
#: message and another version, and those that older ones give for the phone's side of it.
_TOO_OLD: Final = frozenset({1, 6, -7, -8, -256})


@dataclass(frozen=True, slots=True)
class MuxPhone:
    """A phone as `service` lists it. `device` is that service's own number for it, another one each time."""

    device: int
    udid: str
    service: Address


def whole_udid(raw: str) -> str:
    """A phone's identifier with its dash, which some services leave out; empty for what is none."""
    udid = f"{raw[:8]}-{raw[8:]}" if _DASHLESS.fullmatch(raw) else raw
    return udid if _UDID.fullmatch(udid) else ""


def udid_of(phone: UsbPhone) -> str:
    """An iPhone's identifier, which is its serial number on the bus, without its dash; empty for other phones."""
    return whole_udid(phone.serial) if phone.platform == "ios" else ""


def is_named() -> bool:
    """Whether the variable names another service than this computer's own."""
    return bool(os.environ.get(ADDRESS_VARIABLE))


def address() -> Address:
    """Where this computer's service listens.

    Raises NotReady where the variable names a place elsewhere, or none.
    """
    place = os.environ.get(ADDRESS_VARIABLE, "")
    if not place:
        return _WINDOWS if sys.platform == "win32" else _UNIX
    path = place.removeprefix("UNIX:")
    if path.startswith("/"):
        return path
    host, _, port = place.rpartition(":")
    if not port.isascii() or not port.isdigit() or not _is_here(host.strip("[]")):
        raise IphoneNotReady(PhoneState.NO_SERVICE, f"{ADDRESS_VARIABLE} names no place on this computer")
    return host.strip("[]"), int(port)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # Nothing is lost: the caller raises NotReady.
        return False


class Mux:
    """One conversation with the service. For one thread; the code that opens it closes it."""

    def __init__(self, service: Address, cancel: Cancel, clock: Clock = time.monotonic) -> None:
        """Raises NotReady where none listens, Cancelled."""
        cancel.check()
        self._service = service
        self._clock = clock
        self._stream = Stream(_connected(service), clock)
        self._number = 0

    def phones(self, cancel: Cancel) -> list[MuxPhone]:
        """The phones that are plugged in by cable. Raises NotReady and others."""
        listed = self._ask("ListDevices", cancel).get("DeviceList")
        if not isinstance(listed, list):
            raise Malformed("a list of phones that is none")
        devices = [attached(entry, self._service) for entry in listed[:_MOST]]
        # Nothing is lost: what the service does not list as a phone on a cable is not checked either, and one that is
        # on the bus all the same is told of as not listed.
        return [device for device in devices if device is not None]

    def buid(self, cancel: Cancel) -> str:
        """By which name the service knows this computer."""
        return plist.text(self._ask("ReadBUID", cancel), "BUID")

    def pair_record(self, udid: str, cancel: Cancel) -> bytes:
        """What the service keeps of a phone that trusts this computer; empty where there is nothing."""
        answer = self._ask("ReadPairRecord", cancel, PairRecordID=checked(udid))
        return plist.data(answer, "PairRecordData")

    def save_pair_record(self, phone: MuxPhone, record: bytes, cancel: Cancel) -> None:
        """Have the service keep a record. Whether it does is known by reading it back: its answer alone is not
        reliable (usbmuxd 1.1.1)."""
        self._ask(
            "SavePairRecord", cancel, PairRecordID=checked(phone.udid), PairRecordData=record, DeviceID=phone.device
        )

    def delete_pair_record(self, udid: str, cancel: Cancel) -> None:
        """Have the service forget a record. Whether it has is known by reading it back."""
        self._ask("DeletePairRecord", cancel, PairRecordID=checked(udid))

    def connect(self, phone: MuxPhone, port: int, cancel: Cancel) -> Stream:
        """Turn this conversation into a connection to a service of the phone. Raises Unplugged if it cannot be."""
        swapped = socket.htons(port) if sys.byteorder == "little" else ((port & 0xFF) << 8) | (port >> 8)
        result = plist.number(self._ask("Connect", cancel, DeviceID=phone.device, PortNumber=swapped), "Number")
        if result != 0:
            raise Unplugged(f"the service gives no connection: {result}")
        return self._stream

    def close(self) -> None:
        """End the conversation. Never raises."""
        self._stream.close()

    def _ask(self, kind: str, cancel: Cancel, **fields: object) -> Message:
        self._number += 1
        message = {"MessageType": kind, "ClientVersionString": "Fanion", "ProgName": "Fanion", "kLibUSBMuxVersion": 3}
        data = plist.dump(message | fields)
        self._stream.send(_HEADER.pack(_HEADER.size + len(data), _VERSION, _PLIST, self._number) + data, cancel)
        answer = self._receive(cancel)
        if plist.number(answer, "Number") in _TOO_OLD:
            raise IphoneNotReady(PhoneState.SERVICE_TOO_OLD, f"{kind}: {plist.number(answer, 'Number')}")
        return answer

    def _receive(self, cancel: Cancel) -> Message:
        """The service's next message, whole within PATIENCE."""
        end = self._clock() + PATIENCE
        length, _, kind, _ = _HEADER.unpack(self._stream.receive(_HEADER.size, cancel, PATIENCE))
        if kind != _PLIST or not _HEADER.size <= length <= plist.LIMIT:
            raise Malformed(f"a message of kind {kind} with {length} bytes")
        seconds_left = max(end - self._clock(), 0.0)
        message = plist.parse(self._stream.receive(length - _HEADER.size, cancel, seconds_left))
        if not message.whole:
            raise Malformed(f"a message that can be read in two ways: {message.left[0].kind}")
        return message.value


def attached(listed: object, service: Address) -> MuxPhone | None:
    """The phone that an item of the list or an event tells of; None for one over a network, or that makes no sense."""
    properties = listed.get("Properties") if isinstance(listed, dict) else None
    if not isinstance(listed, dict) or not isinstance(properties, dict):
        # Nothing is lost: see Mux.phones.
        return None
    device, udid = plist.number(listed, "DeviceID"), whole_udid(plist.text(properties, "SerialNumber"))
    if device is None or not udid or properties.get("ConnectionType") != "USB":
        # Nothing is lost: see Mux.phones.
        return None
    return MuxPhone(device, udid, service)


def _connected(where: Address) -> socket.socket:
    try:
        if isinstance(where, tuple):
            with WAITING:
                return socket.create_connection(where, timeout=_CONNECT)
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            opened.settimeout(_CONNECT)
            with WAITING:
                opened.connect(where)
        except BaseException:
            opened.close()
            raise
    except OSError as error:
        raise IphoneNotReady(PhoneState.NO_SERVICE, str(error)) from None
    return opened


def checked(udid: str) -> str:
    """The identifier, as the name of a record: a service may make a file's name of it. ValueError for what is none."""
    if not _UDID.fullmatch(udid):
        raise ValueError("not a phone's identifier")
    return udid
