"""An adb server of a test's own: it gives each command to whatever phone has the serial number by then."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from core.jobs import Cancel
from core.simulator import PracticePhone
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io
from core.simulator.shell.shell import Shell


class ScriptedServer:
    """Holds one serial number. `phone` can be another at any time; `before` hears of each command before it is run.

    `twins` are further phones with that serial number, by the server's number for each; `places` the servers' words for
    where phones are, by the same numbers.
    """

    def __init__(self, serial: str, phone: PracticePhone, transport: int = 1) -> None:
        self.serial = serial
        self.phone = phone
        self.transport = transport
        self.twins: dict[int, PracticePhone] = {}
        self.places: dict[int, str] = {}
        self.before: Callable[[str], None] = lambda command: None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, name="scripted adb server")
        self._accepting.start()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._closed:
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), name="scripted adb server's client")
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, EOFError):
            request = _request(connection)
            held = {self.transport: self.phone, **self.twins}
            if request == "host:devices-l":
                _answer(connection, "".join(map(self._line, held)))
            elif (chosen := self._chosen(request, held)) is not None:
                connection.sendall(b"OKAY")
                _, _, command = _request(connection).partition(":")
                connection.sendall(b"OKAY")
                self.before(command)
                phone = self.phone if chosen == self.transport else self.twins[chosen]
                streams = Io(connection.sendall, connection.sendall, Cancel())
                Shell(Commands(phone).programs()).run(command, streams)
            else:
                connection.sendall(b"FAIL0003no!")

    def _line(self, number: int) -> str:
        place = f" {self.places[number]}" if number in self.places else ""
        return f"{self.serial:<22} device{place} product:x model:X device:x transport_id:{number}\n"

    def _chosen(self, request: str, held: dict[int, PracticePhone]) -> int | None:
        """The number of the phone that is asked for; the server has none where several can be meant."""
        if request == f"host:transport:{self.serial}":
            return next(iter(held)) if len(held) == 1 else None
        return next((number for number in held if request == f"host:transport-id:{number}"), None)


def _request(connection: socket.socket) -> str:
    return _exactly(connection, int(_exactly(connection, 4), 16)).decode()


def _answer(connection: socket.socket, text: str) -> None:
    connection.sendall(b"OKAY" + f"{len(text):04x}{text}".encode())


def _exactly(connection: socket.socket, size: int) -> bytes:
    data: Any = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
