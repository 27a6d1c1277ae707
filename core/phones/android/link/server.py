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
from core.phones.android.link import file_service
from core.phones.android.link.file_service import Take
from core.phones.android.link.link import IDLE_LIMIT, Feed, bounded, file_seconds
from core.phones.android.link.problems import AndroidNotReady, Garbled
from core.phones.android.link.transport import ANSWER_LIMIT, SLICE, STREAM_LIMIT, TOTAL_LIMIT
from core.phones.driver import PhoneProblem, Silent, Unplugged
from core.phones.states import PhoneState
from core.system.support import support_log
from core.text import T, plain

HOST: Final = "127.0.0.1"
PORT: Final = 5037
#: Phones that are believed to be on one computer.
PHONES_LIMIT: Final = 100
#: Seconds between two looks at a stop button.
_STOPPED_WITHIN: Final = 0.2
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

#: A line of the server's list: serial, state and, in the long form, the place, of which the server says nothing for a
#: phone over TCP, nor on Windows (transport.cpp, append_transport).
_LINE: Final = re.compile(
    r"(?P<serial>[^\t]{1,256}?)[\t ]{1,256}"
    rf"(?P<state>{'|'.join(_STATES)})(?: \([^()]{{0,300}}\))?(?:; see \[[^\[\]]{{0,300}}\])?"
    r"(?: usb:(?P<place>[0-9.:X-]{1,64}))?(?= |$)"
)
_NO_SERIAL: Final = "(no serial number)"
#: The server puts it last, behind what the phone says of itself.
_TRANSPORT: Final = re.compile(r" transport_id:([0-9]{1,18})(?= |$)")


@dataclass(frozen=True, slots=True)
class ServerPhone:
    """One phone as the adb server lists it.

    `port` is the bus and the ports from its root to the phone, `address` the bus and the phone's number on it: a server
    tells one of them or none, as it is made. `transport` is the server's own number for the phone, another one each
    time it is plugged in; servers before adb 1.0.40 give none.
    """

    serial: str
    state: PhoneState
    port: tuple[int, ...] = ()
    address: tuple[int, int] | None = None
    transport: str = ""


def running(port: int = PORT) -> bool:
    """Whether an adb server answers on loopback."""
    try:
        with socket.create_connection((HOST, port), timeout=0.5):
            return True
    except OSError:  # Nothing is lost: that none answers is the answer.
        return False


def phones(port: int = PORT, check: Callable[[], None] = lambda: None) -> list[ServerPhone]:
    """What the running server has; nothing if none runs. `check` raises once the caller has been told to stop."""
    if not running(port):  # on Windows a refusal takes two seconds if it is waited for
        return []
    try:
        with _ask("host:devices-l", port, check) as connection:
            return _parse(_block(connection, check))
    except _Failed:  # Nothing is lost: a phone that no server lists is not read through one.
        return []


def track(changed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int = PORT) -> None:
    """Tell each new list of the server's phones until `stop` is set; an empty one when the server ends.

    Waits for a server as long as there is none.
    """
    while not stop.is_set():
        if running(port):
            try:
                _follow("host:track-devices-l", changed, stop, port)
            except _Refused:  # Nothing is lost: it is older than adb 1.0.41, and is asked without places.
                with contextlib.suppress(_Failed):  # Nothing is lost: the list is told to be empty below.
                    _follow("host:track-devices", changed, stop, port)
            except _Failed:  # Nothing is lost: the list is told to be empty below.
                pass
            changed([])
        stop.wait(1.0)


def _follow(request: str, changed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int) -> None:
    """Tell each new list until `stop` is set. Raises _Refused, and _Failed where the server ends or is stopped in."""

    def check() -> None:
        if stop.is_set():
            raise _Failed("stopped")

    with _ask(request, port, check) as connection:
        while not stop.is_set():
            if select.select([connection], [], [], SLICE * 2)[0]:
                changed(_parse(_block(connection, check)))
                stop.wait(SLICE)  # what stands in for a server may send lists without end


class ServerLink:
    """A link through the adb server: each command is a connection of its own, to what the server has under its number
    for the phone by then; where that number is gone, to the one device with this serial number at this place.
    """

    #: Not Fanion has connected the server to it. A serial number that looks like an address of this computer can be a
    #: forwarded port, or made up by the phone.
    loopback = False
    lasting = False

    def __init__(self, serial: str, port: int = PORT, transport: str = "") -> None:
        """`transport` is the server's number for the phone: without it, only one that has a serial number of its own
        is found.

        Raises NotReady if the server says that the phone is not ready, Unplugged if it has no such phone.
        """
        self.how = T("through the adb server that already runs on this computer")
        self._port, self._alone = port, True
        listed = [p for p in phones(port) if p.serial == serial]
        phone = next((p for p in listed if p.transport == transport), None) or (listed[0] if len(listed) == 1 else None)
        if phone is None:
            raise Unplugged(f"the adb server lists {len(listed)} with this serial number")
        self._phone = phone
        if phone.state is not PhoneState.READY:
            raise AndroidNotReady(phone.state)

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        self._serve(("exec:" if raw else "shell:") + command, b"", feed, cancel, limit)

    def _serve(
        self, service: str, message: bytes, feed: Feed, cancel: Cancel, limit: int, seconds: float = TOTAL_LIMIT
    ) -> None:
        """Open a service of the phone's, write `message` to it, and feed what it answers, within `seconds`."""
        listed = self._listed(cancel.check)
        if listed is None:
            raise Unplugged("the adb server does not list it any more")
        way = f"transport-id:{listed.transport}" if listed.transport else f"transport:{listed.serial}"
        try:
            with _ask(f"host:{way}", self._port, cancel.check) as connection:
                _tell(connection, service, cancel.check)
                connection.sendall(message)
                self._pump(connection, feed, cancel, limit, seconds)
            if (
                self._state(cancel.check) is not PhoneState.READY
            ):  # the server ends the stream alike when the phone went away
                raise self._problem("the phone went away")
        except _Failed as error:
            raise self._problem(str(error)) from error

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        answer, limit = file_service.FileAnswer(bounded(take, size)), file_service.answer_size(size)
        self._serve("sync:", file_service.request(path), answer.feed, cancel, limit, file_seconds(size))
        answer.end()

    @property
    def transport(self) -> str:
        """The server's own number for the phone; empty if it gives none (before adb 1.0.40), or has no such phone."""
        listed = self._listed()
        return listed.transport if listed is not None else ""

    def _problem(self, detail: str) -> PhoneProblem:
        """Why the server would not: the phone's state tells."""
        state = self._state()
        if state in (None, PhoneState.OFFLINE):
            return Unplugged(detail)
        return Garbled(detail) if state is PhoneState.READY else AndroidNotReady(state, detail)

    def _state(self, check: Callable[[], None] = lambda: None) -> PhoneState | None:
        """The phone's state as the server has it; None if it lists no such phone."""
        listed = self._listed(check)
        return listed.state if listed is not None else None

    def _listed(self, check: Callable[[], None] = lambda: None) -> ServerPhone | None:
        """Return the phone as the server lists it now; None where it does not, or cannot tell which one it is.

        It is known by the server's number for it. That is another one after it was plugged in anew: then the one phone
        of its serial number at its place is taken, unless two of them were seen there at once. (On Windows servers
        name no place, so that all phones of one serial number are at the same.)
        """
        mine = [p for p in phones(self._port, check) if (p.serial, p.port) == (self._phone.serial, self._phone.port)]
        self._alone = self._alone and len(mine) < 2
        exact = next((p for p in mine if p.transport == self._phone.transport), None)
        return exact or (mine[0] if mine and self._alone else None)

    def _pump(self, server: socket.socket, feed: Feed, cancel: Cancel, limit: int, seconds: float) -> None:
        """Feed what the server sends until it ends the stream. Raises Silent, TooMuch, Cancelled, OSError."""
        take = bounded(feed, limit)
        deadline = time.monotonic() + seconds
        quiet_until = time.monotonic() + IDLE_LIMIT
        while True:
            cancel.check()
            now = time.monotonic()
            if now > min(quiet_until, deadline):
                raise Silent(IDLE_LIMIT)
            with WAITING:
                ready = select.select([server], [], [], SLICE)[0]
            if not ready:
                continue  # Nothing is lost: nothing came yet.
            data = server.recv(256 * 1024)
            if not data:
                return  # Nothing is lost: the answer has ended, and its reader looks whether it is whole.
            support_log.received(len(data))
            take(data)
            quiet_until = now + IDLE_LIMIT

    def close(self) -> None:
        """Nothing is held between commands."""


class _Failed(Exception):  # noqa: N818 - never leaves this module
    """The server refused, or went away."""


class _Refused(_Failed):
    """The server answered that it will not."""


@contextlib.contextmanager
def _ask(request: str, port: int, check: Callable[[], None] = lambda: None) -> Iterator[socket.socket]:
    """A connection to the server that has accepted `request`. `check` raises once the caller has been told to stop.

    Raises _Failed, also for an OSError in the block.
    """
    try:
        with WAITING:
            connection = socket.create_connection((HOST, port), timeout=_CONNECT_LIMIT)
        with connection:
            _tell(connection, request, check)
            yield connection
    except OSError as error:
        raise _Failed(plain(str(error), 300)) from error


def _tell(connection: socket.socket, request: str, check: Callable[[], None] = lambda: None) -> None:
    """Send a request, with its length before it. Raises _Refused, and OSError where the server says neither."""
    message = request.encode()
    connection.settimeout(ANSWER_LIMIT)
    connection.sendall(b"%04x" % len(message) + message)
    answer = _exactly(connection, 4, check)
    if answer == b"FAIL":
        raise _Refused(plain(_block(connection, check), 300))
    if answer != b"OKAY":
        raise ConnectionError(f"not an adb server: {answer!r}")


def _block(connection: socket.socket, check: Callable[[], None] = lambda: None) -> str:
    """The server's next message, with its length in four hexadecimal digits before it. Raises OSError."""
    try:
        size = int(_exactly(connection, 4, check), 16)
    except ValueError as error:
        raise ConnectionError(str(error)) from error
    return _exactly(connection, size, check).decode(errors="replace")


def _exactly(connection: socket.socket, size: int, check: Callable[[], None] = lambda: None) -> bytes:
    """`size` bytes; all of them have to come within ANSWER_LIMIT, however they drip. Raises OSError, and what `check`
    raises within a moment."""
    data, until = bytearray(), time.monotonic() + ANSWER_LIMIT
    with WAITING:
        while len(data) < size:
            check()
            connection.settimeout(min(max(until - time.monotonic(), 0.001), _STOPPED_WITHIN))
            try:
                piece = connection.recv(size - len(data))
            except TimeoutError:
                if time.monotonic() >= until:
                    raise
                continue  # Nothing is lost: nothing came yet.
            if not piece:
                raise ConnectionError("the server ended in the middle of its answer")
            if time.monotonic() >= until:
                raise TimeoutError("the server drips")
            data += piece
    return bytes(data)


def _parse(listing: str) -> list[ServerPhone]:
    """The lines of a list, be it the short form or the long one."""
    listed: list[ServerPhone] = []
    for line in listing.splitlines():
        if len(listed) == PHONES_LIMIT:
            break
        if match := _LINE.match(line):
            numbers = _TRANSPORT.findall(line, match.end())
            port, address = _where(match["place"] or "")
            serial = "" if match["serial"] == _NO_SERIAL else plain(match["serial"], 128)
            listed.append(ServerPhone(serial, _STATES[match["state"]], port, address, numbers[-1] if numbers else ""))
        elif (words := re.match(r"([^\t ]{1,256})(?:\t| {1,256})[a-z]", line)) and not line.startswith("*"):
            listed.append(ServerPhone(plain(words[1], 128), PhoneState.OFFLINE))  # a state that is new to us
    return listed


def _where(place: str) -> tuple[tuple[int, ...], tuple[int, int] | None]:
    """Port and address of a phone, as far as the server's words for its place tell them.

    usb_linux.cpp writes 1-4.2, as the kernel does; usb_libusb.cpp bus and address, 1:17; usb_osx.cpp a locationID with
    an X behind it, whose first byte is the bus, and each half byte after that a port.
    """
    if path := re.fullmatch(r"([0-9]{1,3})-([0-9]{1,3}(?:\.[0-9]{1,3}){0,6})", place):
        return (int(path[1]), *map(int, path[2].split("."))), None
    if numbers := re.fullmatch(r"([0-9]{1,3}):([0-9]{1,3})", place):
        return (), (int(numbers[1]), int(numbers[2]))
    if (location := re.fullmatch(r"([0-9]{1,10})X", place)) and (number := int(location[1])) < 2**32:
        ports = f"{number & 0xFFFFFF:06x}".rstrip("0")
        return (number >> 24, *(int(port, 16) for port in ports)), None
    return (), None
