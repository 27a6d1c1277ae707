"""One phone's ADB connection: run a command on it, get its bytes as they come, stop at any time.

Everything that adb-shell leaves to its caller is done here, in the transport that we hand to it:

* a read is many short slices, so that a stop button, a time limit and an unplugged cable are seen at once
  (adb-shell waits for the whole time-out, and spins on a closed TCP connection);
* TCP_NODELAY (without it each command costs 44 ms over TCP);
* partial writes are finished, and bytes that came before a time-out are kept (adb-shell drops both);
* a packet may not claim to be longer than the protocol allows;
* a service that the phone refuses ends at once (adb-shell waits for the whole time-out);
* streams that were given up are closed on the phone too, so that nothing runs on there;
* what is still in the pipe is read before closing (otherwise adbd resets the bus and the next connect fails);
* whatever goes wrong comes out as one family, PhoneProblem (there it is nine classes without a common base).

adb-shell is not safe for two threads on one device: a link lets one command in at a time.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from adb_shell import constants, exceptions
from adb_shell.adb_device import AdbDevice
from adb_shell.adb_message import AdbMessage
from adb_shell.transport.base_transport import BaseTransport
from adb_shell.transport.tcp_transport import TcpTransport

from core.jobs import WAITING, Cancel
from core.model import Cancelled, Problem
from core.phones import PhoneState, Unplugged
from core.phones.android.states import CannotConnect, Garbled, NotReady, Silent, TooMuch
from core.text import T, Text

#: No answer to a command of ours is honestly longer (bytes).
STREAM_LIMIT: Final = 64 * 2**20
#: A phone may think this long before it says anything (seconds); `dumpsys` on a slow phone needs most of it.
IDLE_LIMIT: Final = 75.0
#: No command of ours takes longer (seconds).
TOTAL_LIMIT: Final = 300.0
#: How long a person may take to tap Allow (seconds).
ALLOW_LIMIT: Final = 120.0

#: How long one look for bytes takes (seconds); a stop button is answered within it.
SLICE: Final = 0.1
#: How long a packet that is due may take (seconds).
ANSWER_LIMIT: Final = 10.0
_DRAIN_QUIET, _DRAIN_LIMIT = 0.05, 0.3
_FAREWELL_LIMIT = 1.0
_HEADER = struct.Struct("<6I")


class Link(Protocol):
    """A way to run commands on one phone."""

    how: Text
    loopback: bool

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        """Run `command` in the phone's shell and feed its output as it comes.

        With `raw` no terminal stands between, which would change line ends (ADB's service ``exec:``, since Android 5).
        Raises Cancelled, TooMuch (after `limit` bytes were fed), Silent, Unplugged, NotReady or another PhoneProblem.
        """

    def close(self) -> None:
        """Let go of the phone. Never raises."""


@dataclass(frozen=True, slots=True)
class Banner:
    """How adbd introduces itself: ``device::ro.product.model=Pixel 7;features=shell_v2,cmd``."""

    state: str
    properties: dict[str, str]

    @classmethod
    def parse(cls, raw: bytes) -> Banner:
        state, _, rest = raw.rstrip(b"\0").decode(errors="replace").partition(":")
        pairs = (item.partition("=") for item in rest.lstrip(":").split(";"))
        return cls(state, {name: value for name, is_, value in pairs if is_})


#: Banner states in which there is no shell to ask.
_OTHER_MODES: Final = {
    "recovery": PhoneState.RECOVERY,
    "rescue": PhoneState.RECOVERY,
    "sideload": PhoneState.SIDELOAD,
    "bootloader": PhoneState.FASTBOOT,
}


class Tcp(TcpTransport):  # type: ignore[misc]
    """adb-shell's TCP transport without Nagle's algorithm."""

    def connect(self, transport_timeout_s: float | None) -> None:
        super().connect(transport_timeout_s)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Careful(BaseTransport):  # type: ignore[misc]
    """A transport around adb-shell's own, with the manners listed at the top of this file.

    adb-shell reads each packet as a header of 24 bytes and then its payload, and asks for exactly as many bytes as it
    still needs; so does this, and it looks at the headers as they pass.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.cancel = Cancel()
        self.deadline = float("inf")
        self.banner: Banner | None = None
        self._payload = 0  # bytes of the current packet's payload that adb-shell will ask for next
        self._is_banner = False
        self._pieces: list[bytes] = []  # of the read under way
        self._wanted = 0  # bytes that the read under way still lacks
        self.left = STREAM_LIMIT  # bytes of packets that one command may still bring, also for streams that nobody has
        self._streams: dict[int, int] = {}  # our stream's number -> the phone's, 0 until it has answered

    def connect(self, transport_timeout_s: float | None) -> None:
        self._payload, self._wanted, self._pieces, self._streams, self.banner = 0, 0, [], {}, None
        with WAITING:
            self._inner.connect(transport_timeout_s)

    def close(self) -> None:
        self._inner.close()

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        """Exactly `numbytes` bytes. Raises Cancelled, Silent, Unplugged, NotReady, Garbled."""
        self._pieces, self._wanted = [], numbytes
        return self._read(transport_timeout_s or ANSWER_LIMIT)

    def _read(self, seconds: float) -> bytes:
        """Finish the read under way; `seconds` is how long the phone may stay silent."""
        quiet_until = time.monotonic() + seconds
        while self._wanted > 0:
            self.cancel.check()
            piece = self._slice(self._wanted)
            now = time.monotonic()
            if piece:
                self._pieces.append(piece)
                self._wanted -= len(piece)
                quiet_until = now + seconds
            elif now > quiet_until:
                raise Silent(seconds)
            if now > self.deadline:
                raise Silent(TOTAL_LIMIT, "over the time limit of a command")
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = []
        if self._payload == 0:
            self._saw_header(data)
        else:
            if self._is_banner:
                self.banner = Banner.parse(data)
            self._payload = 0
        return data

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        """All of `data`. Raises Unplugged, Silent."""
        if len(data) == _HEADER.size:
            self._sends_header(data)
        rest = memoryview(data)
        while rest:
            self.cancel.check()
            with WAITING:
                written = self._inner.bulk_write(bytes(rest), transport_timeout_s or ANSWER_LIMIT)
            rest = rest[written:]
        return len(data)

    def abandon(self) -> None:
        """Close every stream that is still open, on the phone as well, and leave the pipe between two packets."""
        self.cancel, self.deadline, self.left = Cancel(), time.monotonic() + _FAREWELL_LIMIT, STREAM_LIMIT
        if self._pieces and self._wanted:
            self._read(_FAREWELL_LIMIT)
        while self._payload or 0 in self._streams.values():  # a stream that the phone is only now opening
            self.bulk_read(self._payload or _HEADER.size, _FAREWELL_LIMIT)
        streams, self._streams = self._streams, {}
        for ours, theirs in streams.items():
            self._inner.bulk_write(AdbMessage(constants.CLSE, ours, theirs).pack(), _FAREWELL_LIMIT)

    def drain(self) -> None:
        """Read what is still in the pipe, until it is quiet for a moment."""
        end = time.monotonic() + _DRAIN_LIMIT
        with WAITING:
            while time.monotonic() < end and self._inner.bulk_read(constants.MAX_ADB_DATA, _DRAIN_QUIET):
                pass

    def _slice(self, wanted: int) -> bytes:
        """What comes within a short while; nothing if nothing does."""
        try:
            with WAITING:
                piece: bytes = self._inner.bulk_read(wanted, SLICE)
        except exceptions.TcpTimeoutException:
            return b""
        except exceptions.UsbReadFailedError as error:
            if type(error.usb_error).__name__ != "USBErrorTimeout":
                raise
            return bytes(getattr(error.usb_error, "received", b""))
        if not piece and isinstance(self._inner, TcpTransport):
            raise Unplugged("the connection was closed by the other side")
        return piece

    def _saw_header(self, header: bytes) -> None:
        command, theirs, ours, length, _, _ = _HEADER.unpack(header)
        if length > constants.MAX_ADB_DATA:
            raise Garbled(f"a packet that claims {length} bytes")
        name = constants.WIRE_TO_ID.get(command)
        self._payload, self._is_banner = length, name == constants.CNXN
        self.left -= length + _HEADER.size
        if self.left < 0:  # the payload is still to come: whoever abandons the command must know of it
            raise TooMuch(STREAM_LIMIT)
        if name == constants.OKAY and ours in self._streams:
            self._streams[ours] = theirs
        elif name == constants.CLSE and self._streams.pop(ours, None) == 0:
            raise Garbled("the phone refuses to run commands")

    def _sends_header(self, header: bytes) -> None:
        command, ours, _, _, _, magic = _HEADER.unpack(header)
        if command ^ magic != 0xFFFFFFFF:
            return  # a payload that happens to be as long as a header
        name = constants.WIRE_TO_ID.get(command)
        if name == constants.OPEN:
            self._streams[ours] = 0
        elif name == constants.CLSE:
            self._streams.pop(ours, None)


class AdbLink:
    """A link over adb-shell, on USB or TCP."""

    def __init__(
        self, device: AdbDevice, transport: Careful, how: Text, loopback: bool, let_go: Callable[[], None]
    ) -> None:
        self.how = how
        self.loopback = loopback
        self._device = device
        self._transport = transport
        self._let_go = let_go
        self._one_at_a_time = threading.Lock()

    @property
    def banner(self) -> Banner:
        return self._transport.banner or Banner("device", {})

    def run(
        self,
        command: str,
        feed: Callable[[bytes], None],
        cancel: Cancel,
        limit: int = STREAM_LIMIT,
        *,
        raw: bool = False,
    ) -> None:
        with self._one_at_a_time, typed_errors():
            self._transport.cancel = cancel
            self._transport.deadline = time.monotonic() + TOTAL_LIMIT
            self._transport.left = 2 * limit + 2**20
            try:
                left = limit
                for data in self._stream(command, raw):
                    feed(data[:left])
                    left -= len(data)
                    if left < 0:
                        raise TooMuch(limit)
            except BaseException:
                with contextlib.suppress(Exception):  # the phone may be gone; the first error is the one to tell
                    self._transport.abandon()
                raise

    def _stream(self, command: str, raw: bool) -> Iterator[bytes]:
        times = {"transport_timeout_s": IDLE_LIMIT, "read_timeout_s": TOTAL_LIMIT}
        if not raw:
            return iter(self._device.streaming_shell(command, decode=False, **times))
        if not self._device.available:
            raise exceptions.AdbConnectionError("not connected")
        # What adb-shell offers in public for this service gathers the whole answer before it gives any of it.
        return iter(self._device._streaming_service(b"exec", command.encode(), decode=False, **times))

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._transport.drain()
        with contextlib.suppress(Exception):
            self._device.close()
        self._let_go()


def connect(
    transport: Any,
    signer: Any,
    how: Text,
    cancel: Cancel,
    *,
    loopback: bool = False,
    let_go: Callable[[], None] = lambda: None,
    asked: Callable[[], None] = lambda: None,
    allow_limit: float = ALLOW_LIMIT,
) -> AdbLink:
    """Open a link over adb-shell's `transport`. `asked` is called when the phone shows its question "Allow?".
    `let_go` is called when the link is closed, or could not be opened.

    Raises NotReady (unauthorised after `allow_limit` seconds, offline, recovery, no permission, busy...), Unplugged,
    Garbled, Cancelled. The interface is free again after a failure.
    """
    careful = Careful(transport)
    careful.cancel, careful.deadline = cancel, time.monotonic() + allow_limit + 3 * ANSWER_LIMIT
    device = AdbDevice(careful, default_transport_timeout_s=ANSWER_LIMIT, banner="fanion")
    question_shown = False

    def shown(_: object) -> None:
        nonlocal question_shown
        question_shown = True
        asked()

    try:
        with typed_errors():
            try:
                device.connect(
                    rsa_keys=[signer],
                    transport_timeout_s=ANSWER_LIMIT,
                    auth_timeout_s=allow_limit,
                    read_timeout_s=max(allow_limit, ANSWER_LIMIT),
                    auth_callback=shown,
                )
            except ValueError as error:  # the signer, of a token that is none
                raise Garbled(str(error)) from error
        mode = _OTHER_MODES.get(careful.banner.state) if careful.banner else None
        if mode is not None:
            raise NotReady(mode)
    except BaseException as error:
        with contextlib.suppress(Exception):
            careful.drain()
        with contextlib.suppress(Exception):
            device.close()
        let_go()
        if isinstance(error, Silent):
            state = PhoneState.UNAUTHORISED if question_shown else PhoneState.OFFLINE
            raise NotReady(state, error.detail) from error
        raise
    return AdbLink(device, careful, how, loopback, let_go)


def connect_tcp(
    host: str,
    port: int,
    signer: Any,
    cancel: Cancel,
    *,
    asked: Callable[[], None] = lambda: None,
    allow_limit: float = ALLOW_LIMIT,
) -> AdbLink:
    """A link to an adbd that listens on this computer. Fanion opens no connection to any other: ValueError."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("only loopback addresses")
    how = T("over the local connection {address}", address=f"{host}:{port}")
    try:
        return connect(Tcp(host, port), signer, how, cancel, loopback=True, asked=asked, allow_limit=allow_limit)
    except Unplugged as problem:
        if isinstance(problem.__cause__, ConnectionRefusedError):
            raise CannotConnect(f"{host}:{port}", problem.detail) from problem
        raise


@contextlib.contextmanager
def typed_errors() -> Iterator[None]:
    """Turn whatever adb-shell, libusb or a socket raises into a PhoneProblem. Bugs pass through untouched."""
    try:
        yield
    except (Problem, Cancelled):
        raise
    except (exceptions.UsbReadFailedError, exceptions.UsbWriteFailedError) as error:
        raise from_usb(error.args[1] if len(error.args) > 1 else error) from error
    except (exceptions.TcpTimeoutException, exceptions.AdbTimeoutError) as error:
        raise Silent(ANSWER_LIMIT, str(error)) from error
    except exceptions.DeviceAuthError as error:
        raise NotReady(PhoneState.UNAUTHORISED, str(error)) from error
    except (
        exceptions.InvalidChecksumError,
        exceptions.InvalidCommandError,
        exceptions.InvalidResponseError,
        exceptions.AdbCommandFailureException,
        exceptions.AdbConnectionError,
        struct.error,
    ) as error:
        raise Garbled(str(error)) from error
    except OSError as error:
        raise (
            NotReady(PhoneState.NO_PERMISSION, str(error)) if error.errno == errno.EACCES else Unplugged(str(error))
        ) from error
    except Exception as error:
        if type(error).__module__.startswith("usb1"):
            raise from_usb(error) from error
        raise


def from_usb(error: Any) -> Problem:
    """The problem that a libusb error stands for."""
    name = type(error).__name__
    detail = f"{name}: {error}"
    if name in ("USBErrorAccess", "USBErrorNotSupported"):  # not supported: Windows without the WinUSB driver
        return NotReady(PhoneState.NO_PERMISSION, detail)
    if name == "USBErrorBusy":
        return NotReady(PhoneState.BUSY, detail)
    if name == "USBErrorTimeout":
        return Silent(ANSWER_LIMIT, detail)
    return Unplugged(detail)
