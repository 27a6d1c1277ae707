"""A practice phone on loopback: listens on 127.0.0.1 and speaks ADB as a phone does over TCP."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, Self

from core.simulator.adb.connection import AdbConnection, AdbStream
from core.simulator.adb.sync import FileService
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io, Sink
from core.simulator.model.computer_keys import HostKey
from core.simulator.model.phone import PracticePhone
from core.simulator.model.scenario import Scenario
from core.simulator.shell.shell import Shell

_HOST: Final = "127.0.0.1"

#: What the phone's ADB can do beyond the oldest version.
_FEATURES: Final = "shell_v2,cmd,stat_v2"

#: The packets of shell protocol 2: what they carry, then their length, then the bytes.
_STDOUT: Final = 1
_STDERR: Final = 2
_EXIT: Final = 3
_FRAME: Final = struct.Struct("<BI")
_FRAME_PAYLOAD: Final = 32 * 1024

#: How many computers may be connected at once.
MAX_CONNECTIONS: Final = 16


@dataclass(frozen=True, slots=True)
class AllowQuestion:
    """The phone asks whether to allow USB debugging, and shows the computer's name and its key's fingerprint.

    `withdrawn` is set when the phone is unplugged or put away; an answer is not waited for beyond that.
    """

    name: str
    fingerprint: str
    withdrawn: threading.Event


#: How the phone's question is answered: always yes, always no, or by a function, on a thread of the server's.
AnswerTo = Literal["allow", "deny"] | Callable[[AllowQuestion], bool]


class PracticeServer:
    """Serves one practice phone to any number of computers until it is closed. A context manager.

    `port` 0 takes a free one. `pace` multiplies every time that the phone takes: 0 is at once. Raises OSError if the
    port is taken.
    """

    def __init__(self, scenario: Scenario, *, port: int = 0, answer: AnswerTo = "allow", pace: float = 1.0) -> None:
        self.phone = PracticePhone(scenario, pace)
        self._answer = answer
        device = scenario.device
        identity = f"ro.product.name={device.name};ro.product.model={device.model};ro.product.device={device.device};"
        self.banner = f"device::{identity}features={_FEATURES}".encode()
        self._programs = Commands(self.phone).programs()
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, AdbConnection] = {}
        self._plugged = True
        self._closed = False
        self._withdrawn = threading.Event()
        self._listener = socket.create_server((_HOST, port))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name=f"practice phone {self.port}", daemon=True)
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The address for an ADB client: ``127.0.0.1:PORT``."""
        return f"{_HOST}:{self.port}"

    def unplug(self) -> None:
        """Pull the cable: every connection breaks, and a new one is dropped before a byte is said."""
        with self._lock:
            self._plugged = False
        self._withdrawn.set()
        self.cut()

    def plug(self) -> None:
        """Put the cable back in."""
        with self._lock:
            self._plugged = True
            self._withdrawn = threading.Event()

    def close(self) -> None:
        """End everything; afterwards no thread of the server's is left. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._withdrawn.set()
        self.cut()
        self._wake()
        self._accepting.join()
        for thread in self._connections:
            thread.join()

    # What a connection asks of the phone

    def knows(self, token: bytes, signature: bytes) -> bool:
        """Whether an allowed computer has signed `token`."""
        return any(key.signed(token, signature) for key in self.phone.known_keys)

    def allows(self, key: HostKey) -> bool:
        """Ask the phone's holder, and remember a yes."""
        with self._lock:
            withdrawn = self._withdrawn
        if callable(self._answer):
            allowed = self._answer(AllowQuestion(key.name, key.fingerprint, withdrawn)) and not withdrawn.is_set()
        else:
            allowed = self._answer == "allow"
        if allowed:
            self.phone.remember_key(key)
        return allowed

    def service(self, name: str) -> Callable[[AdbStream], None] | None:
        """What ``sync:`` or a command such as ``shell,v2,raw:id`` stands for. There is no shell that is typed into."""
        kind, colon, command = name.partition(":")
        kind, *options = kind.split(",")
        if kind == "sync" and colon and not command:
            return FileService(self.phone.files).serve
        if kind in ("shell", "exec") and command:
            return lambda stream: self._command(stream, command, framed="v2" in options)
        return None

    def cut(self) -> None:
        """The cable lost contact: every connection breaks, but the phone can be reached again at once."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            connection.hang_up()

    def _command(self, stream: AdbStream, command: str, *, framed: bool) -> None:
        """Run a command. Without the frames of shell protocol 2, its errors go where its output goes."""
        stream.ignore_input()
        out, errors = (_framing(stream, _STDOUT), _framing(stream, _STDERR)) if framed else (stream.write, stream.write)
        code = Shell(self._programs).run(command, Io(out, errors, stream.cancel))
        if framed:
            stream.write(_FRAME.pack(_EXIT, 1) + bytes([code]))

    # Listening

    def _accept(self) -> None:
        with self._listener:
            while not self._closed:
                try:
                    accepted, _ = self._listener.accept()
                except ConnectionAbortedError:
                    continue  # gone before it was answered
                self._admit(accepted)

    def _admit(self, accepted: socket.socket) -> None:
        with self._lock:
            self._connections = {t: c for t, c in self._connections.items() if t.is_alive()}
            if (
                self._closed
                or not self._plugged
                or not self.phone.debugging
                or len(self._connections) >= MAX_CONNECTIONS
            ):
                accepted.close()
                return
            connection = AdbConnection(accepted, self)
            thread = threading.Thread(target=connection.serve, name="practice connection", daemon=True)
            self._connections[thread] = connection
            thread.start()

    def _wake(self) -> None:
        """Let the listening thread see that it is over."""
        with suppress(OSError):  # it is not listening any more
            socket.create_connection((_HOST, self.port), timeout=5).close()


def _framing(stream: AdbStream, kind: int) -> Sink:
    def write(data: bytes) -> None:
        for start in range(0, len(data), _FRAME_PAYLOAD):
            piece = data[start : start + _FRAME_PAYLOAD]
            stream.write(_FRAME.pack(kind, len(piece)) + piece)

    return write
