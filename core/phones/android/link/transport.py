"""The transport that we hand to adb-shell: it keeps a phone, and adb-shell, to the protocol.

It does what adb-shell leaves to its caller, and speaks the version of the protocol that has no checksums:

* reads and writes are many short slices, so that a stop button, a time limit and an unplugged cable are seen at once
  (adb-shell waits for the whole time-out, and spins on a closed TCP connection);
* what has begun to come is whole within a limit of its own, however it drips;
* TCP_NODELAY (without it each command costs 44 ms over TCP);
* partial writes are finished, and bytes that came before a time-out are kept (adb-shell drops both);
* a packet may not claim to be longer than the protocol allows;
* the phone is told that checksums may be left out, as adb tells it; where they are not, they must be right;
* packets of streams that are not open never reach adb-shell, which would keep each of them until the connection ends;
  a phone that sends many has lost its connection;
* a service that the phone refuses ends at once (adb-shell waits for the whole time-out);
* streams that were given up are closed on the phone too, so that nothing runs on there;
* what is still in the pipe is read before closing (otherwise adbd resets the bus and the next connect fails);
* all that goes wrong comes out as one family, PhoneProblem (there it is nine classes without a common base).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any, Final

from adb_shell import constants, exceptions
from adb_shell.adb_message import AdbMessage
from adb_shell.transport.base_transport import BaseTransport
from adb_shell.transport.tcp_transport import TcpTransport

from core.jobs import WAITING, Cancel
from core.phones.android.link.problems import AndroidNotReady, Garbled, TooMuch
from core.phones.driver import Silent, Unplugged
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone, library

#: No answer to a command of ours is honestly longer (bytes).
STREAM_LIMIT: Final = 64 * 2**20
#: A phone may send so many packets that bring a command, or the connecting, no further: late ones of a stream that was
#: given up, empty ones, one more question for a signature. Honest phones send a handful.
STRAY_LIMIT: Final = 256
#: No command of ours takes longer (seconds).
TOTAL_LIMIT: Final = 300.0
#: No cable is honestly slower (bytes a second): a large file may take longer than a command.
SLOWEST: Final = 2**20
#: How long one look for bytes takes (seconds); a stop button is answered within it.
SLICE: Final = 0.1
#: How long one attempt to send takes (seconds); a stop button is answered within it.
_SEND_SLICE: Final = 1.0
#: How long a packet that is due may take, and one that has begun to come or to go (seconds).
ANSWER_LIMIT: Final = 10.0
_DRAIN_QUIET, _DRAIN_LIMIT = 0.05, 0.3
_FAREWELL_LIMIT = 1.0
_HEADER = struct.Struct("<6I")


#: From this version on, packets carry no checksums (AOSP's adb.h, December 2017): cables and TCP have their own, and to
#: add up every byte took a sixth of the time of a whole check.
VERSION_WITHOUT_CHECKSUMS: Final = 0x01000001
#: The prime of Adler-32: its low half is the sum of all bytes, plus one, divided by this.
_PRIME: Final = 65521


def is_sum(checksum: int, data: bytes) -> bool:
    """Whether ADB's `checksum`, the sum of all bytes, can be that of `data`: they are alike after division by a prime.

    No single byte of another value leaves that as it is. zlib divides a thousand times as fast as Python adds up.
    """
    return zlib.adler32(data) & 0xFFFF == (checksum + 1) % _PRIME and checksum <= 255 * len(data)


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

    def __init__(self, inner: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._clock = clock
        self.cancel = Cancel()
        self.deadline = float("inf")
        self.bytes_left = STREAM_LIMIT  # bytes of packets that one command may still bring, for any stream
        self._start()

    def _start(self) -> None:
        """Forget the connection before."""
        self._online = False  # whether the phone has said CNXN
        self.mode = b""  # how it introduces itself: ``device`` of ``device::ro.product.model=Pixel 7;features=...``
        self._over = ""  # why nothing is read or written any more
        self._has_checksums = True  # whether the phone's packets must carry them: all but those of a later version
        self._checksum: int | None = None  # of the current packet's payload; None if none must be right
        self._ahead = b""  # the payload of a packet whose header is handed on
        self._payload = 0  # bytes of the current packet's payload that are still to be read
        self._is_banner = False
        self._is_stray = False  # whether the current packet is kept from adb-shell
        self._strays = 0  # packets since the command began that brought it no further
        self._buffer = bytearray()  # of the read under way: one buffer, since many small pieces would cost a page each
        self._bytes_missing = 0  # bytes that the read under way still lacks
        self._streams: dict[int, int] = {}  # our stream's number -> the phone's, 0 until it has answered
        self._current = 0  # our number of the one stream that is in use; others were given up

    def connect(self, transport_timeout_s: float | None) -> None:
        self._start()
        with WAITING:
            self._inner.connect(transport_timeout_s)

    def begin(self, cancel: Cancel, limit: int, seconds: float = TOTAL_LIMIT) -> None:
        """From now on a new command is under way, which may bring `limit` bytes and take so many `seconds`."""
        self.cancel, self.deadline = cancel, self._clock() + seconds
        # A stream that was given up may have one packet more on its way.
        self.bytes_left, self._strays = 2 * limit + 2 * constants.MAX_ADB_DATA, 0
        self._ahead = b""

    def close(self) -> None:
        self._inner.close()

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        """Exactly `numbytes` bytes: a header that adb-shell is to see, or the payload that it announced.

        adb-shell looks at every checksum: it is given the right one where the phone need not state any.
        Raises Cancelled, Silent, Unplugged, NotReady, Garbled, TooMuch.
        """
        seconds = transport_timeout_s or ANSWER_LIMIT
        if self._ahead:
            data, self._ahead = self._ahead, b""
            return data
        data = self._next(seconds) if not self._payload else self._read(numbytes, seconds)
        if self._payload and self._checksum is None:
            self._ahead = self._read(self._payload, seconds)
            *words, _, magic = _HEADER.unpack(data)
            data = _HEADER.pack(*words, sum(self._ahead), magic)
        return data

    def packet(self, seconds: float) -> tuple[bytes, bytes]:
        """The next packet of the stream in use: its kind and its payload. The phone may be silent for `seconds`.

        Raises as :meth:`bulk_read` does; Garbled for a checksum that is wrong.
        """
        command = _HEADER.unpack(self._next(seconds))[0]
        return constants.WIRE_TO_ID[command], self._read(self._payload, seconds) if self._payload else b""

    def _next(self, seconds: float) -> bytes:
        """The next header that is awaited; what comes before it is dropped."""
        header = self._read(_HEADER.size, seconds)
        while self._is_stray:
            if self._payload:
                self._read(self._payload, seconds)
            header = self._read(_HEADER.size, seconds)
        return header

    def _read(self, numbytes: int, seconds: float) -> bytes:
        """The next `numbytes` bytes, of any packet; `seconds` is how long the phone may stay silent."""
        self._buffer, self._bytes_missing = bytearray(), numbytes
        return self._finish(seconds)

    def _finish(self, seconds: float) -> bytes:
        """Finish the read under way: it begins within `seconds`, and is whole ANSWER_LIMIT later."""
        has_begun = bool(self._buffer)
        end = self._clock() + (ANSWER_LIMIT if has_begun else seconds)
        data = b""
        while self._bytes_missing > 0:
            self._check()
            piece = self._slice(self._bytes_missing)
            now = self._clock()
            self._bytes_missing -= len(piece)
            if self._bytes_missing or self._buffer:
                self._buffer += piece
            else:
                data = piece  # all of it at once, as most large ones are: it is not copied
            if piece and not has_begun:
                has_begun, end = True, now + ANSWER_LIMIT
            elif now > end and self._bytes_missing > 0:
                raise Silent(ANSWER_LIMIT if has_begun else seconds)
        data, self._buffer = data or bytes(self._buffer), bytearray()
        if self._payload == 0:
            self._saw_header(data)
        else:
            is_right = self._is_stray or self._checksum is None or is_sum(self._checksum, data)
            self._payload, self._is_stray = 0, False
            if not is_right:
                raise Garbled("a packet whose checksum is another one")
            if self._is_banner:
                self.mode = data.partition(b":")[0].rstrip(b"\0")
        return data

    def _check(self) -> None:
        """Raises Cancelled, Silent where a command takes too long, Garbled where the connection was ended."""
        self.cancel.check()
        if self._over:
            raise Garbled(self._over)
        if self._clock() > self.deadline:
            raise Silent(TOTAL_LIMIT, "over the time limit of a command")

    def _end(self, why: str) -> Garbled:
        """Let go of a phone that does not keep to the protocol: what it would send next means nothing."""
        self._over = why
        with contextlib.suppress(Exception):  # Nothing is lost: it may have gone already, and Garbled is raised.
            self._inner.close()
        return Garbled(why)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        """All of `data`. Raises Cancelled, Unplugged, Silent, Garbled."""
        if len(data) == _HEADER.size:
            data = self._sends_header(data)
        rest = memoryview(data)
        seconds = transport_timeout_s or ANSWER_LIMIT
        end = self._clock() + seconds
        while rest:
            self._check()
            if self._clock() > end:
                raise Silent(seconds)
            rest = rest[self._sent(bytes(rest)) :]
        return len(data)

    def _sent(self, data: bytes) -> int:
        """How many bytes of `data` the phone takes within a short while; none if it takes none."""
        try:
            with WAITING:
                return int(self._inner.bulk_write(data, _SEND_SLICE))
        except exceptions.TcpTimeoutException:  # Nothing is lost: nothing was sent yet, and the caller tries again.
            return 0
        except exceptions.UsbWriteFailedError as error:
            usb_error = error.args[1] if len(error.args) > 1 else None
            if type(usb_error).__name__ != "USBErrorTimeout":
                raise
            return int(getattr(usb_error, "transferred", 0))

    def abandon(self) -> None:
        """Close every stream that is still open, on the phone as well, and leave the pipe between two packets."""
        self.cancel, self.deadline, self.bytes_left = Cancel(), self._clock() + _FAREWELL_LIMIT, STREAM_LIMIT
        self._current = 0  # a stream that the phone is only now opening is closed as soon as it has a number
        if self._buffer and self._bytes_missing:
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
        end = self._clock() + _DRAIN_LIMIT
        with WAITING:
            while self._clock() < end and self._inner.bulk_read(constants.MAX_ADB_DATA, _DRAIN_QUIET):
                pass  # Nothing is lost: the connection ends, and its last command was answered or given up.

    def _slice(self, size: int) -> bytes:
        """What comes within a short while; nothing if nothing does."""
        try:
            with WAITING:
                piece: bytes = self._inner.bulk_read(size, SLICE)
        except exceptions.TcpTimeoutException:  # Nothing is lost: nothing came yet.
            return b""
        except exceptions.UsbReadFailedError as error:
            if type(error.usb_error).__name__ != "USBErrorTimeout":
                raise
            return bytes(getattr(error.usb_error, "received", b""))
        if not piece and isinstance(self._inner, TcpTransport):
            raise Unplugged("the connection was closed by the other side")
        return piece

    def _saw_header(self, header: bytes) -> None:
        """Note what the phone's packet is: how long its payload is, and whether adb-shell is to see it.

        Raises Garbled where it breaks the protocol, or too many bring nothing further; TooMuch.
        """
        command, theirs, ours, length, checksum, _ = _HEADER.unpack(header)
        name = constants.WIRE_TO_ID.get(command)
        if name is None:
            raise self._end(f"a packet of the unknown kind {command:#x}")
        # What is said before both sides know each other's limits fits into the oldest one (AOSP's adb.cpp).
        short = name in (constants.CNXN, constants.AUTH)
        if length > (constants.MAX_LEGACY_ADB_DATA if short else constants.MAX_ADB_DATA):
            raise self._end(f"a packet that claims {length} bytes")
        connecting = not self._online
        self._payload, self._is_banner = length, connecting and name == constants.CNXN
        if self._is_banner:
            self._has_checksums = theirs < VERSION_WITHOUT_CHECKSUMS  # here: the version that the phone speaks
        # A phone that knows ours leaves the checksum out before it has said which version it speaks itself.
        self._checksum = checksum if self._has_checksums and (checksum or name != constants.AUTH) else None
        self._is_stray = True  # until it is known not to be one
        self.bytes_left -= length + _HEADER.size
        if self.bytes_left < 0:  # the payload is still to come: the code that abandons the command must know of it
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
        peer = self._streams.get(ours)
        if peer is None:
            return False
        if name == constants.OKAY and peer == 0 and theirs:
            self._streams[ours] = theirs
            if ours != self._current:
                del self._streams[ours]
                self._close(ours, theirs)
        elif name == constants.CLSE and (peer == 0 or theirs in (0, peer)):
            del self._streams[ours]
            if peer == 0 and ours == self._current:
                raise Garbled("the phone refuses to run commands")
        elif not (name == constants.WRTE and peer and theirs == peer):
            return False
        return ours == self._current

    def _sends_header(self, header: bytes) -> bytes:
        """Note what our packet is. Returns its header as it goes to the phone: with the version that we speak."""
        command, ours, *words, magic = _HEADER.unpack(header)
        if command ^ magic != 0xFFFFFFFF:
            return header  # Nothing is lost: it is a payload of ours that happens to be as long as a header.
        name = constants.WIRE_TO_ID.get(command)
        if name == constants.CNXN:
            return _HEADER.pack(command, VERSION_WITHOUT_CHECKSUMS, *words, magic)
        if name == constants.OPEN:
            self._streams[ours], self._current = 0, ours
        elif name == constants.CLSE:
            self._streams.pop(ours, None)
        return header


def over_usb(phone: UsbPhone) -> Any:
    """adb-shell's transport to a phone on the bus. Raises NotReady if it is in no state for ADB."""
    if phone.state is not PhoneState.READY:
        raise AndroidNotReady(phone.state)
    return library().UsbTransport(phone.device, phone.setting, phone.place)
