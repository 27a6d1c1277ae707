"""The link against Debian's real adbd: what adb-shell leaves to its caller, one test each."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel
from core.model import Cancelled
from core.phones.android.link.file_service import FileNotGiven
from core.phones.android.link.link import AdbLink, connect, connect_tcp
from core.phones.android.link.problems import AndroidNotReady, CannotConnect, Garbled, TooMuch
from core.phones.android.link.transport import Tcp
from core.phones.driver import Unplugged
from core.phones.states import PhoneState
from core.text import T

from .conftest import Adbd


@pytest.fixture
def link(adbd: Callable[..., Adbd], signer: Any) -> Iterator[AdbLink]:
    opened = connect_tcp("127.0.0.1", adbd().port, signer, Cancel())
    yield opened
    opened.close()


def output(link: AdbLink, command: str, **options: Any) -> bytes:
    pieces: list[bytes] = []
    link.run(command, pieces.append, options.pop("cancel", Cancel()), **options)
    return b"".join(pieces)


def press_after_first_byte(link: AdbLink, command: str) -> None:
    cancel = Cancel()
    link.run(command, lambda data: cancel.press(), cancel)


def test_bytes_come_as_they_are(link: AdbLink) -> None:
    assert output(link, r"printf 'a\377\303\251\000b\n'") == b"a\xff\xc3\xa9\x00b\n"


def test_an_empty_command_and_a_silent_one_give_nothing(link: AdbLink) -> None:
    assert output(link, "true") == b""


def test_a_large_answer_comes_whole(link: AdbLink) -> None:
    assert len(output(link, "head -c 20000000 /dev/zero")) == 20_000_000


def test_a_long_command_goes_out_whole(link: AdbLink) -> None:
    assert output(link, "echo " + "x" * 120_000) == b"x" * 120_000 + b"\n"


def test_a_file_comes_whole_and_the_link_goes_on(link: AdbLink, tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3_000_001)
    file = tmp_path / "base.apk"
    file.write_bytes(content)
    received = bytearray()
    link.pull(str(file), received.extend, Cancel(), len(content))
    assert received == content
    with pytest.raises(TooMuch):
        link.pull(str(file), bytearray().extend, Cancel(), 1_000_000)
    with pytest.raises(FileNotGiven):
        link.pull(str(tmp_path / "none.apk"), bytearray().extend, Cancel(), 10)
    assert output(link, "echo usable") == b"usable\n"


def test_a_file_is_stopped_at_any_piece(link: AdbLink, tmp_path: Path) -> None:
    file = tmp_path / "base.apk"
    file.write_bytes(bytes(3_000_000))
    for pieces in (1, 7, 30):
        cancel, received = Cancel(), list[int]()

        def take(
            piece: memoryview, cancel: Cancel = cancel, received: list[int] = received, last: int = pieces
        ) -> None:
            received.append(len(piece))
            if len(received) == last:
                cancel.press()

        with pytest.raises(Cancelled):
            link.pull(str(file), take, cancel, 3_000_000)
        assert output(link, "echo usable") == b"usable\n"


def test_nagle_is_off(link: AdbLink) -> None:
    connection = link._transport._inner._connection
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("options", [(), ("--answer", "allow")])
def test_adbd_adds_nothing_up_for_us(adbd: Callable[..., Adbd], signer: Any, options: tuple[str, ...]) -> None:
    """Not in the token of its question either, which comes before it says which version it speaks."""
    read: list[bytes] = []

    class Tapped(Tcp):
        def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
            read.append(super().bulk_read(numbytes, transport_timeout_s))
            return read[-1]

    opened = connect(Tapped("127.0.0.1", adbd(*options).port), signer, T("over USB"), Cancel())
    assert len(output(opened, "head -c 3000000 /dev/zero | tr '\\0' x")) == 3_000_000
    opened.close()
    said, headers = b"".join(read), []
    while len(said) >= 24:
        command, first, _, length, checksum, _ = struct.unpack("<6I", said[:24])
        headers.append((struct.pack("<I", command), first if command == int.from_bytes(b"CNXN", "little") else 0))
        assert checksum == 0
        said = said[24 + length :]
    assert (b"CNXN", 0x01000001) in headers
    assert ((b"AUTH", 0) in headers) is bool(options)


def test_cancel_answers_while_the_phone_is_silent(link: AdbLink) -> None:
    cancel = Cancel()
    pressed = threading.Timer(0.2, cancel.press)
    pressed.start()
    with pytest.raises(Cancelled):
        output(link, "sleep 60", cancel=cancel)
    pressed.join()
    assert output(link, "echo usable") == b"usable\n"


def test_cancel_in_mid_flood_leaves_a_usable_link_and_nothing_running(link: AdbLink) -> None:
    for _ in range(5):
        with pytest.raises(Cancelled):
            press_after_first_byte(link, "exec cat /dev/../dev/zero")
        assert output(link, "echo usable") == b"usable\n"
    # Other tests read /dev/zero at the same time, by its shorter name.
    there = "ps -eo args | grep -q '^[c]at /dev/../dev/zero'"
    end = time.monotonic() + 60
    while output(link, f"{there} && echo there"):
        assert time.monotonic() < end, "it reads on"


def test_an_answer_over_the_limit_is_refused_after_exactly_the_limit(link: AdbLink) -> None:
    pieces: list[bytes] = []
    with pytest.raises(TooMuch):
        link.run("yes", pieces.append, Cancel(), limit=100_000)
    assert len(b"".join(pieces)) == 100_000
    assert output(link, "echo usable") == b"usable\n"


def test_two_threads_on_one_link_take_turns(link: AdbLink) -> None:
    wrong: list[object] = []

    def many(name: str) -> None:
        for i in range(40):
            if output(link, f"echo {name}{i}") != f"{name}{i}\n".encode():
                wrong.append((name, i))

    threads = [threading.Thread(target=many, args=(n,)) for n in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_unplugged_in_mid_command(adbd: Callable[..., Adbd], signer: Any) -> None:
    phone = adbd()
    link = connect_tcp("127.0.0.1", phone.port, signer, Cancel())
    with pytest.raises(Unplugged) as problem:
        link.run("echo first; sleep 60", lambda data: phone.unplug(), Cancel())
    assert "unplugged" in str(problem.value)
    with pytest.raises(Unplugged):
        output(link, "echo")
    link.close()


def test_closing_and_connecting_again_works_every_time(adbd: Callable[..., Adbd], signer: Any) -> None:
    phone = adbd()
    for i in range(10):
        link = connect_tcp("127.0.0.1", phone.port, signer, Cancel())
        if i % 2:
            with pytest.raises(Cancelled):
                press_after_first_byte(link, "yes")
        assert output(link, "echo hi") == b"hi\n"
        link.close()


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(CannotConnect, match=f"127.0.0.1:{port}"):
        connect_tcp("127.0.0.1", port, None, Cancel())


def test_other_machines_are_not_called() -> None:
    with pytest.raises(ValueError, match="loopback"):
        connect_tcp("192.0.2.1", 5555, None, Cancel())


def test_something_else_than_a_phone_listens(signer: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                while connection.recv(1000):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Garbled):
            connect_tcp("127.0.0.1", server.getsockname()[1], signer, Cancel())
        thread.join()


def test_the_question_is_asked_and_allowed(adbd: Callable[..., Adbd], signer: Any) -> None:
    phone = adbd("--answer", "allow", "--delay", "0.3")
    asked: list[bool] = []
    link = connect_tcp("127.0.0.1", phone.port, signer, Cancel(), on_question=lambda: asked.append(True))
    assert asked == [True]
    assert output(link, "echo in") == b"in\n"
    link.close()
    assert any(line.startswith("PROMPT") and "fanion@Desk-4" in line for line in phone.said)


def test_a_remembered_desk_is_not_asked_again(adbd: Callable[..., Adbd], signer: Any) -> None:
    phone = adbd("--answer", "allow", "--remember")
    asked: list[bool] = []
    for _ in range(2):
        connect_tcp("127.0.0.1", phone.port, signer, Cancel(), on_question=lambda: asked.append(True)).close()
    assert asked == [True]


@pytest.mark.parametrize("answer", ["deny", "ignore"])
def test_denied_or_ignored_says_what_to_do(adbd: Callable[..., Adbd], signer: Any, answer: str) -> None:
    phone = adbd("--answer", answer)
    with pytest.raises(AndroidNotReady) as problem:
        connect_tcp("127.0.0.1", phone.port, signer, Cancel(), allow_limit=1.0)
    assert problem.value.state is PhoneState.UNAUTHORISED
    assert "If no question comes" in str(problem.value.next_step)


def test_cancel_while_the_phone_asks(adbd: Callable[..., Adbd], signer: Any) -> None:
    phone, cancel = adbd("--answer", "ignore"), Cancel()
    with pytest.raises(Cancelled):
        connect_tcp("127.0.0.1", phone.port, signer, cancel, on_question=cancel.press)


def test_a_hanging_phone_holds_up_no_other(adbd: Callable[..., Adbd], signer: Any) -> None:
    hanging, lively = (connect_tcp("127.0.0.1", adbd().port, signer, Cancel()) for _ in range(2))
    cancel = Cancel()
    began = threading.Event()

    def hang() -> None:
        with pytest.raises(Cancelled):
            hanging.run("echo on; sleep 60", lambda data: began.set(), cancel)

    thread = threading.Thread(target=hang)
    thread.start()
    assert began.wait(10)
    assert output(lively, "echo hi") == b"hi\n"
    cancel.press()
    thread.join()
    hanging.close()
    lively.close()
