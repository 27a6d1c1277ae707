"""usbmux on a loopback port: how a computer's programs reach practice iPhones.

A message is a header of four little-endian numbers (its length with the header, the version, the type, a tag that the
answer repeats), then a property list in XML.
"""

from __future__ import annotations

import functools
import socket
import struct
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from core.simulator.iphone import lockdown, wire
from core.simulator.iphone.certificates import Computer, record_bytes, trusted_record
from core.simulator.iphone.phone import PracticeIphone
from core.simulator.loopback import LoopbackServer

_HEADER: Final = struct.Struct("<IIII")
_VERSION: Final = 1
_PLIST: Final = 8

#: The numbers of a Result.
OK: Final = 0
BAD_COMMAND: Final = 1
BAD_DEVICE: Final = 2
REFUSED: Final = 3

#: How many connections may be open at once; a check of a phone takes a few.
MAX_CONNECTIONS: Final = 256


class MuxServer(LoopbackServer):
    """Serves practice iPhones as usbmuxd would, until it is closed. A context manager.

    `port` 0 takes a free one. `pace` multiplies every time that the phones take: 0 is at once. `records` are the pair
    records that are kept, by phone; one that trusts this computer from the beginning has one there. `faults` are those
    of usbmuxd's own answers. Raises OSError if the port is taken.
    """

    def __init__(self, *phones: PracticeIphone, port: int = 0, pace: float = 1.0) -> None:
        super().__init__(MAX_CONNECTIONS)
        self.phones = phones
        self.pace = pace
        self.faults = wire.Faultless()
        self.buid = str(uuid.uuid4()).upper()
        self.records: dict[str, bytes] = {}
        self._ids: dict[str, int] = {}
        self._next_id = 1
        self._listening: set[_Connection] = set()
        for phone in phones:
            self._know(phone)
        self.listen(port, "practice mux")

    def close(self) -> None:
        """End everything; no program is told of a phone any more. May be called twice."""
        for phone in self.phones:
            phone.on_cable = lambda phone: None
        super().close()

    def plug(self, phone: PracticeIphone) -> None:
        """Serve one more phone; the programs that listen are told of it."""
        with self.lock:
            self.phones = (*self.phones, phone)
            self._know(phone)

    # What a connection asks of the server

    def attached(self) -> dict[int, PracticeIphone]:
        """The phones that are plugged in, by their number here; it is another one each time they are."""
        with self.lock:
            return {self._ids[phone.udid]: phone for phone in self.phones if phone.udid in self._ids}

    def inform(self, connection: _Connection) -> None:
        """Tell `connection` of the phones that are there, and of every change from now on."""
        with self.lock:
            self._listening.add(connection)
            for number, phone in self.attached().items():
                connection.say(0, _attached(number, phone))

    def tell(self, event: Mapping[str, Any]) -> None:
        """Tell everyone who listens. One that cannot be told has hung up."""
        with self.lock:
            for connection in tuple(self._listening):
                with suppress(wire.GoneError):
                    connection.say(0, event)

    def leave(self, connection: _Connection) -> None:
        """Tell `connection` of no change any more: it has ended."""
        with self.lock:
            self._listening.discard(connection)

    # The phones' cables

    def _know(self, phone: PracticeIphone) -> None:
        if phone.scenario.trust == "trusted":
            record = trusted_record(self.buid, phone.values()[""]["WiFiAddress"])
            self.records[phone.udid] = record_bytes(record)
            computer = Computer.of(record)
            if computer is not None:
                phone.computers[computer.host_id] = computer
        phone.on_cable = self._cable
        self._cable(phone)

    def _cable(self, phone: PracticeIphone) -> None:
        with self.lock:
            if phone.attached:
                self._ids[phone.udid], self._next_id = self._next_id, self._next_id + 1
                self.tell(_attached(self._ids[phone.udid], phone))
            elif number := self._ids.pop(phone.udid, 0):
                self.tell({"MessageType": "Detached", "DeviceID": number})

    def admit(self, accepted: socket.socket) -> _Connection:
        """Serve a program that has connected."""
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Connection(wire.PracticeStream(accepted, self.pace), self)


class _Connection:
    """One connection of a program: first to usbmuxd, and after a Connect to a phone."""

    def __init__(self, stream: wire.PracticeStream, server: MuxServer) -> None:
        self.stream = stream
        self._server = server
        self._sending = threading.Lock()
        self._phone: PracticeIphone | None = None

    def serve(self) -> None:
        """Answer the program, to usbmuxd and then to a phone, until the connection ends."""
        try:
            while self._phone is None:
                self._answer_next()
        except wire.GoneError:
            pass  # as connections end
        finally:
            self._server.leave(self)
            if self._phone is not None:
                self._phone.release(self.stream)
            self.stream.close()

    def hang_up(self) -> None:
        """End it; called from another thread."""
        self.stream.end()

    def say(self, tag: int, message: Mapping[str, Any]) -> None:
        """Send an event. Raises GoneError."""
        self._send(tag, str(message.get("MessageType")), message)

    def _answer_next(self) -> None:
        length, _, kind, tag = _HEADER.unpack(self.stream.receive(_HEADER.size))
        if not _HEADER.size <= length <= wire.MAX_MESSAGE or kind != _PLIST:
            raise wire.GoneError("not a message in XML")
        request = wire.decode(self.stream.receive(length - _HEADER.size))
        name = wire.word(request, "MessageType")
        self._server.faults.strike(self.stream, f"mux.{name}")
        match name:
            case "Connect":
                self._connect(tag, request)
            case "Listen":
                self._result(tag, name, OK)
                self._server.inform(self)
            case _:
                reply = self._reply(name, request)
                if isinstance(reply, int):
                    self._result(tag, name, reply)
                else:
                    self._send(tag, name, reply)

    def _reply(self, name: str, request: Mapping[str, Any]) -> Mapping[str, Any] | int:
        server, record_id = self._server, request.get("PairRecordID")
        if name == "ListDevices":
            return {"DeviceList": [_attached(number, phone) for number, phone in server.attached().items()]}
        if name == "ReadBUID":
            return {"BUID": server.buid}
        if name not in ("ReadPairRecord", "SavePairRecord", "DeletePairRecord") or not isinstance(record_id, str):
            return BAD_COMMAND
        with server.lock:
            if name == "ReadPairRecord":
                pair_record = server.records.get(record_id)
                return BAD_DEVICE if pair_record is None else {"PairRecordData": pair_record}
            if name == "DeletePairRecord":
                return BAD_DEVICE if server.records.pop(record_id, None) is None else OK
            return self._save(record_id, request)

    def _save(self, record_id: str, request: Mapping[str, Any]) -> int:
        """Keep a record; as Debian's usbmuxd 1.1.1 does it, also for a phone that is not there, which it then
        denies."""
        data, number = request.get("PairRecordData"), request.get("DeviceID")
        if not isinstance(data, bytes):
            return BAD_COMMAND
        self._server.records[record_id] = data
        if number is None:
            return OK
        if not isinstance(number, int) or number not in self._server.attached():
            return BAD_DEVICE
        self._server.tell({"MessageType": "Paired", "DeviceID": number})
        return OK

    def _connect(self, tag: int, request: Mapping[str, Any]) -> None:
        """Become a connection to the phone, and serve it until it ends. Raises GoneError."""
        number, swapped = request.get("DeviceID"), request.get("PortNumber")
        phone = self._server.attached().get(number) if isinstance(number, int) else None
        if phone is None:
            self._result(tag, "Connect", BAD_DEVICE)
            return
        port = _swapped(swapped) if isinstance(swapped, int) and 0 < swapped < 2**16 else 0
        serve = lockdown.listener(phone, port)
        if serve is None:
            self._result(tag, "Connect", REFUSED)
            return
        self._phone = phone
        phone.admit(self.stream)
        self._result(tag, "Connect", OK)
        serve(self.stream)

    def _result(self, tag: int, name: str, number: int) -> None:
        self._send(tag, name, {"MessageType": "Result", "Number": number})

    def _send(self, tag: int, name: str, message: Mapping[str, Any]) -> None:
        """Send a message that tells of `name`: the one that it answers, or its own."""
        head = functools.partial(_head, tag)
        with self._sending:
            self._server.faults.send(self.stream, f"mux.{name}", wire.encode(message), head)


def _swapped(port: int) -> int:
    """A port with its two bytes the other way round, as programs send it: 62078 comes as 32498."""
    return (port & 0xFF) << 8 | port >> 8


def _head(tag: int, length: int) -> bytes:
    return _HEADER.pack(min(length + _HEADER.size, 2**32 - 1), _VERSION, _PLIST, tag)


def _attached(number: int, phone: PracticeIphone) -> dict[str, Any]:
    kind = phone.scenario.connection
    serial = phone.udid.replace("-", "", 1) if phone.dashless else phone.udid
    properties = {"ConnectionType": kind, "DeviceID": number, "SerialNumber": serial}
    if kind == "USB":
        properties |= {"ConnectionSpeed": 480_000_000, "LocationID": number << 16, "ProductID": 0x12A8}
    return {"MessageType": "Attached", "DeviceID": number, "Properties": properties}
