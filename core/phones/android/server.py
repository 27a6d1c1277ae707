"""A phone that this computer's adb server holds, reached through that server.

Only a server that already runs on loopback port 5037 is used; Fanion never starts one and never stops one.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from core.jobs import WAITING, Cancel
from core.phones.android.link import IDLE_LIMIT
from core.phones.android.states import Garbled, NotReady, Silent, TooMuch
from core.phones.android.transport import ANSWER_LIMIT, SLICE, STREAM_LIMIT, TOTAL_LIMIT
from core.phones.driver import PhoneProblem, PhoneState, Unplugged
from core.system import support_log
from core.text import T, plain

HOST: Final = "127.0.0.1"
PORT: Final = 5037
#: Phones that are believed to be on one computer.
PHONES_LIMIT: Final = 100
#: Seconds within which a server has to take a connection.
_CONNECT_LIMIT: Final = 3.0

#: The server's words for a phone's state (adb.cpp, ConnectionState).
_STATES: Final = {
    "device": PhoneState.READY,
    "unauthorized": PhoneState.UNAUTHORISED,
    "authorizing": PhoneState.UNAUTHORISED,
    "offline": PhoneState.OFFLINE,
    "connecting": PhoneState.OFFLINE,
    "recovery": PhoneState.RECOVERY,
    "rescue": PhoneState.RECOVERY,
    "sideload": PhoneState.SIDELOAD,
    "bootloader": PhoneState.FASTBOOT,
    "no permissions": PhoneState.NO_PERMISSION,
}

_TRANSPORT: Final = re.compile(r"\btransport_id:([0-9]{1,18})\b")


@dataclass(frozen=True, slots=True)
class ServerPhone:
    """One phone as the adb server lists it."""

    serial: str
    state: PhoneState


def running(port: int = PORT) -> bool:
    """Whether an adb server answers on loopback."""
    try:
        with socket.create_connection((HOST, port), timeout=0.5):
            return True
    except OSError:
        return False


def phones(port: int = PORT) -> list[ServerPhone]:
    """What the running server has; nothing if none runs."""
    if not running(port):  # on Windows a refusal takes two seconds if it is waited for
        return []
    try:
        with _ask("host:devices", port) as connection:
            return _parse(_block(connection))
    except _Failed:
        return []


def track(changed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int = PORT) -> None:
    """Tell each new list of the server's phones until `stop` is set; an empty one when the server ends.

    Waits for a server as long as there is none.
    """
    while not stop.is_set():
        if running(port):
            with contextlib.suppress(_Failed), _ask("host:track-devices", port) as connection:
                while not stop.is_set():
                    if select.select([connection], [], [], SLICE * 2)[0]:
                        changed(_parse(_block(connection)))
                        stop.wait(SLICE)  # what stands in for a server may send lists without end
            changed([])
        stop.wait(1.0)


class ServerLink:
    """A link through the adb server: each command is a connection of its own, so any device with the serial number
    by then is what answers it."""

    #: Not Fanion has connected the server to it. A serial number that looks like an address of this computer can be a
    #: forwarded port, or made up by the phone.
    loopback = False
    lasting = False

    def __init__(self, serial: str, port: int = PORT) -> None:
        """Raises NotReady if the server says that the phone is not ready, Unplugged if it has no such phone."""
        self.how = T("through the adb server that already runs on this computer")
        self._serial, self._port = serial, port
        state = self._state()
        if state is None:
            raise Unplugged("the adb server does not list it")
        if state is not PhoneState.READY:
            raise NotReady(state)

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        try:
            with _ask(f"host:transport:{self._serial}", self._port) as connection:
                _tell(connection, ("exec:" if raw else "shell:") + command)
                self._pump(connection, feed, cancel, limit)
            if self._state() is not PhoneState.READY:  # the server ends the stream alike when the phone went away
                raise self._problem("the phone went away")
        except _Failed as error:
            raise self._problem(str(error)) from error

    @property
    def transport(self) -> str:
        """The server's own number for the phone; empty if it gives none (before adb 1.0.40), or has no such phone."""
        try:
            with _ask("host:devices-l", self._port) as connection:
                listed = (line.partition(" ") for line in _block(connection).splitlines())
                rest = next((rest for serial, _, rest in listed if plain(serial, 128) == self._serial), "")
        except _Failed:
            return ""
        number = _TRANSPORT.search(rest)
        return number[1] if number else ""

    def _problem(self, detail: str) -> PhoneProblem:
        """Why the server would not: the phone's state tells."""
        state = self._state()
        if state in (None, PhoneState.OFFLINE):
            return Unplugged(detail)
        return Garbled(detail) if state is PhoneState.READY else NotReady(state, detail)

    def _state(self) -> PhoneState | None:
        """The phone's state as the server has it; None if it lists no such phone."""
        return next((p.state for p in phones(self._port) if p.serial == self._serial), None)

    def _pump(self, server: socket.socket, feed: Callable[[bytes], None], cancel: Cancel, limit: int) -> None:
        left = limit
        deadline = time.monotonic() + TOTAL_LIMIT
        quiet_until = time.monotonic() + IDLE_LIMIT
        while True:
            cancel.check()
            now = time.monotonic()
            if now > min(quiet_until, deadline):
                raise Silent(IDLE_LIMIT)
            with WAITING:
                ready = select.select([server], [], [], SLICE)[0]
            if not ready:
                continue
            data = server.recv(256 * 1024)
            if not data:
                return
            support_log.received(len(data))
            feed(data[:left])
            left -= len(data)
            if left < 0:
                raise TooMuch(limit)
            quiet_until = now + IDLE_LIMIT

    def close(self) -> None:
        """Nothing is held between commands."""


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """The server refused, or went away."""


@contextlib.contextmanager
def _ask(request: str, port: int) -> Iterator[socket.socket]:
    """A connection to the server that has accepted `request`. Raises _Failed, also for an OSError in the block."""
    try:
        with WAITING:
            connection = socket.create_connection((HOST, port), timeout=_CONNECT_LIMIT)
        with connection:
            _tell(connection, request)
            yield connection
    except OSError as error:
        raise _Failed(plain(str(error), 300)) from error


def _tell(connection: socket.socket, request: str) -> None:
    """Send a request, with its length before it. Raises OSError if the server does not say OKAY."""
    said = request.encode()
    connection.settimeout(ANSWER_LIMIT)
    connection.sendall(b"%04x" % len(said) + said)
    answer = _exactly(connection, 4)
    if answer != b"OKAY":
        raise ConnectionError(_block(connection) if answer == b"FAIL" else f"not an adb server: {answer!r}")


def _block(connection: socket.socket) -> str:
    """The server's next message, with its length in four hexadecimal digits before it. Raises OSError."""
    try:
        size = int(_exactly(connection, 4), 16)
    except ValueError as error:
        raise ConnectionError(str(error)) from error
    return _exactly(connection, size).decode(errors="replace")


def _exactly(connection: socket.socket, size: int) -> bytes:
    """`size` bytes; all of them have to come within ANSWER_LIMIT, however they drip. Raises OSError."""
    data, until = bytearray(), time.monotonic() + ANSWER_LIMIT
    with WAITING:
        while len(data) < size:
            connection.settimeout(max(until - time.monotonic(), 0.001))
            piece = connection.recv(size - len(data))
            if not piece:
                raise ConnectionError("the server ended in the middle of its answer")
            data += piece
    return bytes(data)


def _parse(listing: str) -> list[ServerPhone]:
    """Lines of serial, tab, state; a state may be followed by more words (``no permissions (user not in plugdev)``)."""
    found: list[ServerPhone] = []
    for line in listing.splitlines():
        serial, tab, words = line.partition("\t")
        if tab and len(found) < PHONES_LIMIT:
            state = next((s for w, s in _STATES.items() if words.startswith(w)), PhoneState.OFFLINE)
            found.append(ServerPhone(plain(serial, 128), state))
    return found
