"""States that a phone tells while it is connected to, and what a hostile one may try: practice phones and sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest
from adb_shell import constants, exceptions
from adb_shell.adb_message import AdbMessage
from adb_shell.transport.base_transport import BaseTransport

from core.jobs import Cancel
from core.model import Cancelled, Problem
from core.phones.android.link import link as link_module
from core.phones.android.link import transport
from core.phones.android.link.adb_errors import from_usb, typed_errors
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.link.problems import AndroidNotReady, Garbled, TooMuch
from core.phones.android.link.transport import Careful
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Silent, Unplugged
from core.phones.states import PhoneState
from core.simulator import PracticeServer, load
from core.text import T


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        ("recovery", PhoneState.RECOVERY),
        ("rescue", PhoneState.RECOVERY),
        ("sideload", PhoneState.SIDELOAD),
        ("bootloader", PhoneState.FASTBOOT),
    ],
)
def test_modes_in_which_there_are_no_apps_to_read(signer: Any, mode: str, state: PhoneState) -> None:
    with PracticeServer(load("clean"), pace=0) as phone:
        phone.banner = f"{mode}::ro.product.model=X;features=shell_v2".encode()
        with pytest.raises(AndroidNotReady) as problem:
            connect_tcp("127.0.0.1", phone.port, signer, Cancel())
    assert problem.value.state is state
    assert str(problem.value.next_step)


def test_a_phone_that_does_not_answer_is_offline(signer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "ANSWER_LIMIT", 0.3)
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(AndroidNotReady) as problem:
        connect_tcp("127.0.0.1", silent.getsockname()[1], signer, Cancel())
    assert problem.value.state is PhoneState.OFFLINE


def test_the_desk_is_named_in_the_phones_question(signer: Any) -> None:
    names: list[str] = []

    def answer(question: Any) -> bool:
        names.append(question.name)
        return True

    with PracticeServer(load("clean"), answer=answer, pace=0) as phone:
        connect_tcp("127.0.0.1", phone.port, signer, Cancel()).close()
    assert names == ["fanion@Desk-4"]


def receive(connection: socket.socket) -> bytes:
    """Read one message, whole, as TCP may hand it over in any pieces. Return its command."""
    head = connection.recv(24, socket.MSG_WAITALL)
    connection.recv(struct.unpack("<I", head[12:16])[0], socket.MSG_WAITALL)
    return head[:4]


def serve(answer: Callable[[socket.socket], None]) -> tuple[int, threading.Thread, socket.socket]:
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = server.accept()
        with connection:
            receive(connection)
            answer(connection)
            while connection.recv(100_000):
                pass

    thread = threading.Thread(target=run)
    thread.start()
    return server.getsockname()[1], thread, server


def header(command: bytes, length: int, checksum: int = 0) -> bytes:
    number = constants.ID_TO_WIRE[command]
    return struct.pack("<6I", number, 0x01000000, 4096, length, checksum, number ^ 0xFFFFFFFF)


@pytest.mark.parametrize(
    "answer",
    [
        header(b"CNXN", 2**31),  # a payload that would fill the memory
        header(b"CNXN", 4, checksum=1) + b"abcd",
        b"\x00" * 24,
        b"HTTP/1.1 400 Bad Request",
    ],
)
def test_what_breaks_the_protocol_is_refused(signer: Any, answer: bytes) -> None:
    port, thread, server = serve(lambda connection: connection.sendall(answer))
    with server, pytest.raises((Garbled, Unplugged)):
        connect_tcp("127.0.0.1", port, signer, Cancel())
    thread.join()


def test_a_phone_may_not_fill_the_memory_with_streams_that_nobody_opened() -> None:
    packet = header(b"WRTE", 2**20)
    careful = Careful(Cable(*[packet, b"x" * 2**20] * 100))

    def read_all() -> None:
        for _ in range(100):
            careful.bulk_read(24, 1.0)
            careful.bulk_read(2**20, 1.0)

    with pytest.raises(TooMuch):
        read_all()


def test_a_token_that_is_none_is_refused(signer: Any) -> None:
    token = AdbMessage(constants.AUTH, constants.AUTH_TOKEN, 0, b"x" * 19)
    port, thread, server = serve(lambda connection: connection.sendall(token.pack() + token.data))
    with server, pytest.raises(Garbled):
        connect_tcp("127.0.0.1", port, signer, Cancel())
    thread.join()


def test_a_phone_that_refuses_to_run_commands_is_told_at_once(signer: Any) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(AdbMessage(constants.CNXN, 0x01000000, 4096, b"device::").pack() + b"device::")
        while receive(connection) != b"OPEN":
            pass
        connection.sendall(AdbMessage(constants.CLSE, 0, 1).pack())

    port, thread, server = serve(answer)
    with server:
        link = connect_tcp("127.0.0.1", port, signer, Cancel())
        with pytest.raises(Garbled):
            link.run("echo", lambda data: None, Cancel())
        link.close()
    thread.join()


class Cable(BaseTransport):  # type: ignore[misc]
    """A transport that hands out prepared pieces, as libusb does: also with a time-out in the middle."""

    def __init__(self, *pieces: Any) -> None:
        self.pieces = list(pieces)
        self.sent: list[bytes] = []

    def connect(self, transport_timeout_s: float | None) -> None:
        pass

    def close(self) -> None:
        pass

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        piece = self.pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return bytes(piece)

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        self.sent.append(data[:5])
        return len(data[:5])


class USBErrorTimeout(Exception):  # noqa: N818 - as libusb calls it
    def __init__(self, received: bytes) -> None:
        super().__init__()
        self.received = received


def test_bytes_that_came_before_a_time_out_are_kept() -> None:
    whole = header(b"CNXN", 0)
    cut = exceptions.UsbReadFailedError("", USBErrorTimeout(whole[:10]))
    assert Careful(Cable(cut, whole[10:])).bulk_read(24, 1.0) == whole


def test_partial_writes_are_finished() -> None:
    cable = Cable()
    Careful(cable).bulk_write(b"abcdefghijkl", 1.0)
    assert cable.sent == [b"abcde", b"fghij", b"kl"]


def test_a_phone_that_takes_a_command_byte_by_byte_has_no_more_time_than_another() -> None:
    careful = Careful(Cable())
    careful.deadline = 0.0
    with pytest.raises(Silent):
        careful.bulk_write(b"abcdefghijkl", 1.0)


def test_a_stream_that_opens_only_after_it_was_given_up_is_closed_on_the_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FAREWELL_LIMIT", 0.0)
    cable = Cable(header(b"CNXN", 0), exceptions.TcpTimeoutException())
    careful = Careful(cable)
    careful.bulk_read(24, 1.0)
    careful.bulk_write(AdbMessage(constants.OPEN, 1, 0).pack(), 1.0)
    with pytest.raises(Silent):
        careful.abandon()
    careful.begin(Cancel(), 1000)
    careful.bulk_write(AdbMessage(constants.OPEN, 2, 0).pack(), 1.0)
    cable.sent.clear()
    second = AdbMessage(constants.OKAY, 8, 2).pack()
    cable.pieces = [AdbMessage(constants.OKAY, 7, 1).pack(), second]
    assert careful.bulk_read(24, 1.0) == second
    assert cable.sent == [AdbMessage(constants.CLSE, 1, 7).pack()[:5]]


def test_a_stop_button_is_answered_between_two_slices() -> None:
    careful = Careful(Cable(exceptions.TcpTimeoutException()))
    careful.cancel.press()
    with pytest.raises(Cancelled):
        careful.bulk_read(24, 60.0)


class USBErrorAccess(Exception):  # noqa: N818
    pass


class USBErrorBusy(Exception):  # noqa: N818
    pass


class USBErrorNoDevice(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (USBErrorAccess(), "phone-no-permission"),
        (USBErrorBusy(), "phone-busy"),
        (USBErrorNoDevice(), "phone-unplugged"),
        (USBErrorTimeout(b""), "phone-silent"),
    ],
)
def test_what_libusb_says_in_our_words(error: Exception, code: str) -> None:
    assert from_usb(error).code == code
    for wrapped in (exceptions.UsbReadFailedError, exceptions.UsbWriteFailedError):
        with pytest.raises(Problem) as problem, typed_errors():
            raise wrapped("", error)
        assert problem.value.code == code


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (exceptions.TcpTimeoutException(), Silent),
        (exceptions.AdbTimeoutError(), Silent),
        (exceptions.DeviceAuthError("no"), AndroidNotReady),
        (exceptions.InvalidChecksumError(), Garbled),
        (exceptions.InvalidCommandError(), Garbled),
        (exceptions.InvalidResponseError(), Garbled),
        (BrokenPipeError(), Unplugged),
        (ConnectionResetError(), Unplugged),
        (PermissionError(13, "no"), AndroidNotReady),
    ],
)
def test_every_error_of_adb_shell_comes_out_as_one_family(error: Exception, problem: type[Problem]) -> None:
    with pytest.raises(problem), typed_errors():
        raise error


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(ZeroDivisionError), typed_errors():
        raise ZeroDivisionError


class LostLink:
    """A link to a phone on this computer that is pulled out before it has said anything."""

    how = T("over the local connection {address}", address="127.0.0.1:1")
    loopback = lasting = True
    transport = ""
    closed = False

    def run(self, *_: object, **__: object) -> None:
        raise Unplugged

    pull = run

    def close(self) -> None:
        self.closed = True


def test_a_phone_that_goes_while_it_is_opened_leaves_no_connection_behind() -> None:
    link = LostLink()
    with pytest.raises(Unplugged):
        AndroidPhone(link)
    assert link.closed
