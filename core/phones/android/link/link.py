"""One phone's ADB connection: run a command on it, get its bytes as they come, stop at any time.

What adb-shell leaves to its caller is done by the transport that we hand to it (``transport.py``).
adb-shell is not safe for two threads on one device: a link lets one command in at a time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, TypeVar

from adb_shell.adb_device import AdbDevice

from core.jobs import WAITING, Cancel
from core.phones.android.link import file_service, shell
from core.phones.android.link.adb_errors import error_text, typed_errors
from core.phones.android.link.file_service import Take
from core.phones.android.link.problems import AndroidNotReady, CannotConnect, Garbled, TooMuch
from core.phones.android.link.stream import stream
from core.phones.android.link.transport import ANSWER_LIMIT, SLOWEST, STREAM_LIMIT, TOTAL_LIMIT, Careful, Tcp
from core.phones.driver import Silent, Unplugged
from core.phones.states import PhoneState
from core.system.support import support_log
from core.text import T, Text

#: A phone may think this long before it says anything (seconds); `dumpsys` on a slow phone needs most of it.
IDLE_LIMIT: Final = 75.0
#: How long a person may take to tap Allow (seconds).
ALLOW_LIMIT: Final = 120.0
#: Takes what a command prints, as it comes.
Feed = Callable[[bytes], None]
_B = TypeVar("_B", bytes, memoryview)


def file_seconds(size: int) -> float:
    """For how long a file of `size` bytes may be on its way (seconds)."""
    return TOTAL_LIMIT + size / SLOWEST


def bounded(feed: Callable[[_B], object], limit: int) -> Callable[[_B], None]:
    """A `feed` that passes on at most `limit` bytes, and raises TooMuch for more."""
    room = limit

    def take(data: _B) -> None:
        nonlocal room
        feed(data[:room])
        room -= len(data)
        if room < 0:
            raise TooMuch(limit)

    return take


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

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        """Run `command` in the phone's shell and feed its output as it comes.

        With `raw` no terminal stands between, which would change line ends (ADB's service ``exec:``, since Android 5).
        Raises Cancelled, TooMuch (after `limit` bytes were fed), Silent, Unplugged, NotReady or another PhoneProblem.
        """

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        """Hand on the bytes of the file at `path` as they come, at the cable's speed; `size` is how many are expected.

        Raises FileNotGiven; TooMuch after `size` bytes were handed on; and otherwise as :meth:`run`.
        """

    def close(self) -> None:
        """Let go of the phone. Never raises."""


#: What adbd calls the modes in which there is no shell to ask.
_OTHER_MODES: Final = {
    b"recovery": PhoneState.RECOVERY,
    b"rescue": PhoneState.RECOVERY,
    b"sideload": PhoneState.SIDELOAD,
    b"bootloader": PhoneState.FASTBOOT,
}


#: The parts of a script's answer that have ended: the lines of each, and its exit code.
Answers = dict[str, tuple[list[str], int]]


def ask(
    link: Link, compose: Callable[[str], str], cancel: Cancel, limit: int, so_far: Answers | None = None
) -> Answers:
    """The answer to the script that `compose` makes of a nonce, part by part. Raises what :meth:`Link.run` raises.

    Each part is in `so_far` as soon as it has ended, also where the answer breaks off later.
    """
    answers: Answers = {} if so_far is None else so_far

    def begin(name: str) -> shell.AnswerPart:
        return shell.Collect(lambda lines, code: answers.update({name: (lines, code)}))

    cancel.check()
    nonce = shell.nonce()
    lines = shell.Lines(shell.Sorter(nonce, begin).block)
    link.run(compose(nonce), lines.feed, cancel, limit)
    lines.end()
    return answers


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

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        with self._command(cancel, limit):
            take = bounded(feed, limit)
            service = b"exec:" if raw else b"shell:"
            for data in self._stream(service + command.encode()):
                take(data)

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        message, limit = file_service.request(path), file_service.answer_size(size)
        with self._command(cancel, limit, file_seconds(size)):
            answer = file_service.FileAnswer(bounded(take, size))
            # adb-shell's own pull() cannot be told of by pieces, and takes twice as long.
            for data in self._stream(b"sync:", message):
                answer.feed(data)
            answer.end()

    def _stream(self, service: bytes, message: bytes = b"") -> Iterator[bytes]:
        for data in stream(self._device, self._transport, service, message, IDLE_LIMIT):
            support_log.received(len(data))
            yield data

    @contextlib.contextmanager
    def _command(self, cancel: Cancel, limit: int, seconds: float = TOTAL_LIMIT) -> Iterator[None]:
        """One command at a time, which may bring `limit` bytes and take so many `seconds`; given up if it fails."""
        with WAITING:  # the command before this one waits for a turn in between
            self._one_at_a_time.acquire()
        try:
            with typed_errors():
                self._transport.begin(cancel, limit, seconds)
                try:
                    yield
                except BaseException:
                    # Nothing is lost: the phone may be gone, and the first error is the one that is raised.
                    with contextlib.suppress(Exception):
                        self._transport.abandon()
                    raise
        finally:
            self._one_at_a_time.release()

    def close(self) -> None:
        with contextlib.suppress(Exception):  # Nothing is lost: the connection ends in any case.
            self._transport.drain()
        with contextlib.suppress(Exception):  # Nothing is lost: likewise.
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
    on_question: Callable[[], None] = lambda: None,
    allow_limit: float = ALLOW_LIMIT,
) -> AdbLink:
    """Open a link over adb-shell's `transport`. `on_question` is called when the phone shows its question "Allow?".
    `let_go` is called when the link is closed, or could not be opened.

    Raises NotReady (unauthorised after `allow_limit` seconds, offline, recovery, no permission, busy...), Unplugged,
    Garbled, Cancelled. The interface is free again after a failure.
    """
    careful = Careful(transport)
    careful.cancel, careful.deadline = cancel, time.monotonic() + allow_limit + 3 * ANSWER_LIMIT
    device = AdbDevice(careful, default_transport_timeout_s=ANSWER_LIMIT, banner="fanion")
    question_shown = False

    def on_auth(_: object) -> None:
        nonlocal question_shown
        question_shown = True
        on_question()

    try:
        with typed_errors():
            try:
                device.connect(
                    rsa_keys=[signer],
                    transport_timeout_s=ANSWER_LIMIT,
                    auth_timeout_s=allow_limit,
                    read_timeout_s=max(allow_limit, ANSWER_LIMIT),
                    auth_callback=on_auth,
                )
            except ValueError as error:  # the signer, of a token that is none
                raise Garbled(error_text(error)) from error
        if (mode := _OTHER_MODES.get(careful.mode)) is not None:
            raise AndroidNotReady(mode)
    except BaseException as error:
        with contextlib.suppress(Exception):  # Nothing is lost: the error that ended it is raised below.
            careful.drain()
        with contextlib.suppress(Exception):  # Nothing is lost: likewise.
            device.close()
        let_go()
        if isinstance(error, Silent):
            state = PhoneState.UNAUTHORISED if question_shown else PhoneState.OFFLINE
            raise AndroidNotReady(state, error.detail) from error
        raise
    return AdbLink(device, careful, how, loopback, let_go)


def connect_tcp(
    host: str,
    port: int,
    signer: Any,
    cancel: Cancel,
    *,
    on_question: Callable[[], None] = lambda: None,
    allow_limit: float = ALLOW_LIMIT,
) -> AdbLink:
    """A link to an adbd that listens on this computer. Fanion opens no connection to any other: ValueError."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("only loopback addresses")
    how = T("over the local connection {address}", address=f"{host}:{port}")
    try:
        return connect(
            Tcp(host, port), signer, how, cancel, loopback=True, on_question=on_question, allow_limit=allow_limit
        )
    except Unplugged as problem:
        if isinstance(problem.__cause__, ConnectionRefusedError):
            raise CannotConnect(f"{host}:{port}", problem.detail) from problem
        raise
