"""A practice phone on loopback: listens on 127.0.0.1 and speaks ADB as a phone does over TCP."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.simulator.adb.connection import AdbConnection, AdbStream
from core.simulator.adb.sync import FileService
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io, Program, Sink
from core.simulator.loopback import LoopbackServer
from core.simulator.model.computer_keys import HostKey
from core.simulator.model.phone import PracticePhone
from core.simulator.model.scenario import Scenario
from core.simulator.shell.shell import Shell

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


class PracticeServer(LoopbackServer):
    """Serves one practice phone to any number of computers until it is closed. A context manager.

    `port` 0 takes a free one. `pace` multiplies every time that the phone takes: 0 is at once. Raises OSError if the
    port is taken.
    """

    def __init__(
        self,
        scenario: Scenario | PracticePhone,
        *,
        port: int = 0,
        answer: AnswerTo = "allow",
        pace: float = 1.0,
        commands: Callable[[PracticePhone], Mapping[str, Program]] = lambda phone: Commands(phone).programs(),
    ) -> None:
        """`scenario` may be a phone that is made of one already; `commands` gives what can be run on it, by name."""
        super().__init__(MAX_CONNECTIONS)
        self.phone = scenario if isinstance(scenario, PracticePhone) else PracticePhone(scenario, pace)
        self._answer = answer
        device = self.phone.scenario.device
        identity = f"ro.product.name={device.name};ro.product.model={device.model};ro.product.device={device.device};"
        self.banner = f"device::{identity}features={_FEATURES}".encode()
        self._programs = commands(self.phone)
        self._plugged = True
        self._withdrawn = threading.Event()
        self.listen(port, "practice phone")

    def unplug(self) -> None:
        """Pull the cable: every connection breaks, and a new one is dropped before a byte is said."""
        with self.lock:
            self._plugged = False
        self._withdrawn.set()
        self.cut()

    def plug(self) -> None:
        """Put the cable back in."""
        with self.lock:
            self._plugged = True
            self._withdrawn = threading.Event()

    def close(self) -> None:
        """End everything, a question that is asked included. May be called twice."""
        self._withdrawn.set()
        super().close()

    # What a connection asks of the phone

    def knows(self, token: bytes, signature: bytes) -> bool:
        """Whether an allowed computer has signed `token`."""
        return any(key.signed(token, signature) for key in self.phone.known_keys)

    def allows(self, key: HostKey) -> bool:
        """Ask the phone's holder, and remember a yes."""
        with self.lock:
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

    def _command(self, stream: AdbStream, command: str, *, framed: bool) -> None:
        """Run a command. Without the frames of shell protocol 2, its errors go where its output goes."""
        stream.ignore_input()
        out, errors = (_framing(stream, _STDOUT), _framing(stream, _STDERR)) if framed else (stream.write, stream.write)
        code = Shell(self._programs).run(command, Io(out, errors, stream.cancel))
        if framed:
            stream.write(_FRAME.pack(_EXIT, 1) + bytes([code]))

    def admit(self, accepted: socket.socket) -> AdbConnection | None:
        """A connection while the cable is in and debugging is on."""
        return AdbConnection(accepted, self) if self._plugged and self.phone.debugging else None


def _framing(stream: AdbStream, kind: int) -> Sink:
    def write(data: bytes) -> None:
        for start in range(0, len(data), _FRAME_PAYLOAD):
            piece = data[start : start + _FRAME_PAYLOAD]
            stream.write(_FRAME.pack(kind, len(piece)) + piece)

    return write
