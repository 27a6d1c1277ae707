"""One phone's ADB connection: run a command on it, get its bytes as they come, stop at any time.

Everything that adb-shell leaves to its caller is done here, in the transport that we hand to it:

* a read is many short slices, so that a stop button, a time limit and an unplugged cable are seen at once
  (adb-shell waits for the whole time-out, and spins on a closed TCP connection);
* TCP_NODELAY (without it each command costs 44 ms over TCP);
* partial writes are finished, and bytes that came before a time-out are kept (adb-shell drops both);
* a packet may not claim to be longer than the protocol allows;
* packets of streams that are not open never reach adb-shell, which would keep each of them until the connection ends;
  a phone that sends many has lost its connection;
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
from core.phones.android.states import CannotConnect, Garbled, NotReady, Silent, TooMuch
from core.phones.driver import PhoneState, Unplugged
from core.system import support_log
from core.text import T, Text, plain

#: No answer to a command of ours is honestly longer (bytes).
STREAM_LIMIT: Final = 64 * 2**20
#: A phone may think this long before it says anything (seconds); `dumpsys` on a slow phone needs most of it.
IDLE_LIMIT: Final = 75.0
#: A phone may send so many packets that bring a command, or the connecting, no further: late ones of a stream that was
#: given up, empty ones, one more question for a signature. Honest phones send a handful.
STRAY_LIMIT: Final = 256
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
    #: Fanion itself connected to an address of this computer.
    loopback: bool
    #: One connection for all commands: while it holds, one phone answers them.
    lasting: bool

    @property
    def transport(self) -> str:
        """The adb server's number for the phone; empty where there is no server, or it gives none."""

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
        self.left = STREAM_LIMIT  # bytes of packets that one command may still bring, also for streams that nobody has
        self._start()

    def _start(self) -> None:
        """Forget the connection before."""
        self._online = False  # whether the phone has said CNXN
        self._over = ""  # why nothing is read or written any more
        self._payload = 0  # bytes of the current packet's payload that are still to be read
        self._is_banner = False
        self._is_stray = False  # whether the current packet is kept from adb-shell
        self._strays = 0  # packets since the command began that brought it no further
        self._came = bytearray()  # of the read under way: one buffer, since many small pieces would cost a page each
        self._wanted = 0  # bytes that the read under way still lacks
        self._streams: dict[int, int] = {}  # our stream's number -> the phone's, 0 until it has answered
        self._current = 0  # our number of the one stream that is in use; others were given up

    def connect(self, transport_timeout_s: float | None) -> None:
        self._start()
        self.banner = None
        with WAITING:
            self._inner.connect(transport_timeout_s)

    def begin(self, cancel: Cancel, limit: int) -> None:
        """From now on a new command is under way, which may bring `limit` bytes."""
        self.cancel, self.deadline = cancel, time.monotonic() + TOTAL_LIMIT
        self.left, self._strays = 2 * limit + 2**20, 0

    def close(self) -> None:
        self._inner.close()

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        """Exactly `numbytes` bytes: a header that adb-shell is to see, or the payload that it announced.

        Raises Cancelled, Silent, Unplugged, NotReady, Garbled, TooMuch.
        """
        seconds = transport_timeout_s or ANSWER_LIMIT
        data = self._read(numbytes, seconds)
        while self._is_stray:
            if self._payload:
                self._read(self._payload, seconds)
            data = self._read(_HEADER.size, seconds)
        return data

    def _read(self, numbytes: int, seconds: float) -> bytes:
        """The next `numbytes` bytes, of whatever packet; `seconds` is how long the phone may stay silent."""
        self._came, self._wanted = bytearray(), numbytes
        return self._finish(seconds)

    def _finish(self, seconds: float) -> bytes:
        """Finish the read under way."""
        quiet_until = time.monotonic() + seconds
        while self._wanted > 0:
            self._check()
            piece = self._slice(self._wanted)
            now = time.monotonic()
            if piece:
                self._came += piece
                self._wanted -= len(piece)
                quiet_until = now + seconds
            elif now > quiet_until:
                raise Silent(seconds)
        data, self._came = bytes(self._came), bytearray()
        if self._payload == 0:
            self._saw_header(data)
        else:
            if self._is_banner:
                self.banner = Banner.parse(data)
            self._payload, self._is_stray = 0, False
        return data

    def _check(self) -> None:
        """Raises Cancelled, Silent where a command takes too long, Garbled where the connection was ended."""
        self.cancel.check()
        if self._over:
            raise Garbled(self._over)
        if time.monotonic() > self.deadline:
            raise Silent(TOTAL_LIMIT, "over the time limit of a command")

    def _end(self, why: str) -> Garbled:
        """Let go of a phone that does not keep to the protocol: what it would send next means nothing."""
        self._over = why
        with contextlib.suppress(Exception):  # it may have gone already
            self._inner.close()
        return Garbled(why)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        """All of `data`. Raises Cancelled, Unplugged, Silent, Garbled."""
        if len(data) == _HEADER.size:
            self._sends_header(data)
        rest = memoryview(data)
        while rest:
            self._check()
            with WAITING:
                written = self._inner.bulk_write(bytes(rest), transport_timeout_s or ANSWER_LIMIT)
            rest = rest[written:]
        return len(data)

    def abandon(self) -> None:
        """Close every stream that is still open, on the phone as well, and leave the pipe between two packets."""
        self.cancel, self.deadline, self.left = Cancel(), time.monotonic() + _FAREWELL_LIMIT, STREAM_LIMIT
        self._current = 0  # a stream that the phone is only now opening is closed as soon as it has a number
        if self._came and self._wanted:
            self._finish(_FAREWELL_LIMIT)
        while self._payload or 0 in self._streams.values():
            self._read(self._payload or _HEADER.size, _FAREWELL_LIMIT)
        for ours, theirs in self._streams.items():
            self._close(ours, theirs)
        self._streams = {}

    def _close(self, ours: int, theirs: int) -> None:
        """Tell the phone that one of its streams is not wanted any more."""
        with WAITING:
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
        name = constants.WIRE_TO_ID.get(command)
        if name is None:
            raise self._end(f"a packet of the unknown kind {command:#x}")
        # What is said before both sides know each other's limits fits into the oldest one (AOSP's adb.cpp).
        short = name in (constants.CNXN, constants.AUTH)
        if length > (constants.MAX_LEGACY_ADB_DATA if short else constants.MAX_ADB_DATA):
            raise self._end(f"a packet that claims {length} bytes")
        connecting = not self._online
        self._payload, self._is_banner = length, connecting and name == constants.CNXN
        self._is_stray = True  # until it is known not to be one
        self.left -= length + _HEADER.size
        if self.left < 0:  # the payload is still to come: whoever abandons the command must know of it
            raise TooMuch(STREAM_LIMIT)
        self._is_stray = not self._is_awaited(name, theirs, ours)
        if connecting or self._is_stray or (name == constants.WRTE and not length):
            self._strays += 1
            if self._strays > STRAY_LIMIT:
                raise self._end(f"more than {STRAY_LIMIT} packets that belong to nothing")

    def _is_awaited(self, name: bytes, theirs: int, ours: int) -> bool:
        """Whether adb-shell waits for such a packet now. What it does not wait for it would keep.

        adb's own rules: both numbers must be those of an open stream, but a CLSE may leave out the phone's.
        Raises Garbled if the phone refuses the stream.
        """
        if not self._online:
            self._online = name == constants.CNXN
            return name in (constants.CNXN, constants.AUTH)
        known = self._streams.get(ours)
        if known is None:
            return False
        if name == constants.OKAY and known == 0 and theirs:
            self._streams[ours] = theirs
            if ours != self._current:
                del self._streams[ours]
                self._close(ours, theirs)
        elif name == constants.CLSE and (known == 0 or theirs in (0, known)):
            del self._streams[ours]
            if known == 0 and ours == self._current:
                raise Garbled("the phone refuses to run commands")
        elif not (name == constants.WRTE and known and theirs == known):
            return False
        return ours == self._current

    def _sends_header(self, header: bytes) -> None:
        command, ours, _, _, _, magic = _HEADER.unpack(header)
        if command ^ magic != 0xFFFFFFFF:
            return  # a payload that happens to be as long as a header
        name = constants.WIRE_TO_ID.get(command)
        if name == constants.OPEN:
            self._streams[ours], self._current = 0, ours
        elif name == constants.CLSE:
            self._streams.pop(ours, None)


class AdbLink:
    """A link over adb-shell, on USB or TCP."""

    lasting = True
    transport = ""

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
            self._transport.begin(cancel, limit)
            try:
                left = limit
                for data in self._stream(command, raw):
                    support_log.received(len(data))
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
                raise Garbled(_said(error)) from error
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
        raise Silent(ANSWER_LIMIT, _said(error)) from error
    except exceptions.DeviceAuthError as error:
        raise NotReady(PhoneState.UNAUTHORISED, _said(error)) from error
    except (
        exceptions.InvalidChecksumError,
        exceptions.InvalidCommandError,
        exceptions.InvalidResponseError,
        exceptions.AdbCommandFailureException,
        exceptions.AdbConnectionError,
        struct.error,
    ) as error:
        raise Garbled(_said(error)) from error
    except OSError as error:
        raise (
            NotReady(PhoneState.NO_PERMISSION, _said(error)) if error.errno == errno.EACCES else Unplugged(_said(error))
        ) from error
    except Exception as error:
        if type(error).__module__.startswith("usb1"):
            raise from_usb(error) from error
        raise


def from_usb(error: Any) -> Problem:
    """The problem that a libusb error stands for."""
    name = type(error).__name__
    detail = f"{name}: {_said(error)}"
    if name in ("USBErrorAccess", "USBErrorNotSupported"):  # not supported: Windows without the WinUSB driver
        return NotReady(PhoneState.NO_PERMISSION, detail)
    if name == "USBErrorBusy":
        return NotReady(PhoneState.BUSY, detail)
    if name == "USBErrorTimeout":
        return Silent(ANSWER_LIMIT, detail)
    return Unplugged(detail)


def _said(error: BaseException) -> str:
    """The text of `error`, as far as anybody reads it: adb-shell puts whole packets into some."""
    return plain(str(error), 300)
