"""An Android phone, or what stands in for an adb server, that drips: one time limit for all of a packet, and a stop
button that works between two pieces. Time is made up."""

from __future__ import annotations

import socket
from importlib import resources
from typing import Any

import pytest
from adb_shell import exceptions
from adb_shell.transport.base_transport import BaseTransport

from core.jobs import Cancel
from core.phones.android.link import server
from core.phones.android.link.link import IDLE_LIMIT
from core.phones.android.link.transport import ANSWER_LIMIT, STREAM_LIMIT, TOTAL_LIMIT, Careful
from core.phones.driver import Silent
from core.problem import Cancelled
from tests.unit.phones.android.test_link import header


class Drips(BaseTransport):  # type: ignore[misc]
    """A transport on which one byte comes, and goes, at each look, which takes `each` seconds; at look `press` the stop
    button is pressed. `deaf`: it takes nothing."""

    def __init__(self, data: bytes, each: float, press: int | None = None, *, deaf: bool = False) -> None:
        self.now = 1000.0
        self.cancel = Cancel()
        self.looks = 0
        self.data, self.each, self._press, self._deaf = data, each, press, deaf

    def connect(self, transport_timeout_s: float | None) -> None:
        """It is."""

    def close(self) -> None:
        """Nothing is held."""

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        self.look()
        piece, self.data = self.data[:1], self.data[1:]
        if not piece:
            raise exceptions.TcpTimeoutException
        return piece

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        assert transport_timeout_s is not None
        assert transport_timeout_s <= 1.0, "a stop button waits for this"
        self.look()
        if self._deaf:
            raise exceptions.TcpTimeoutException
        return 1

    def look(self) -> None:
        self.looks += 1
        self.now += self.each
        if self.looks == self._press:
            self.cancel.press()
        assert self.looks < 10_000, "it holds its thread"


def careful(transport: Drips) -> Careful:
    one = Careful(transport, lambda: transport.now)
    one.cancel = transport.cancel
    return one


BANNER = b"device::" + b"x" * 3992
PACKET = header(b"CNXN", 4000, sum(BANNER)) + BANNER


def read(one: Careful) -> Any:
    one.bulk_read(24, 75.0)
    return one.bulk_read(4000, 75.0)


@pytest.mark.parametrize(("each", "most"), [(0.7, ANSWER_LIMIT + 2), (0.1, 2 * ANSWER_LIMIT + 4), (74.0, 151.0)])
def test_a_packet_that_has_begun_is_whole_within_its_limit(each: float, most: float) -> None:
    transport = Drips(PACKET, each)
    with pytest.raises(Silent):
        read(careful(transport))
    assert transport.now - 1000.0 <= most


def test_a_phone_that_thinks_before_it_answers_has_the_time_for_it() -> None:
    transport = Drips(PACKET, 0.0)
    one = careful(transport)
    transport.each = 70.0
    transport.data = PACKET
    first = iter([70.0])
    look = transport.look

    def slow_at_first() -> None:
        transport.each = next(first, 0.0)
        look()

    transport.look = slow_at_first  # type: ignore[method-assign]
    assert read(one).startswith(b"device::")


@pytest.mark.parametrize("press", [1, 10, 30])
def test_a_phone_that_drips_is_stopped_at_the_next_look(press: int) -> None:
    transport = Drips(PACKET, 0.001, press)
    with pytest.raises(Cancelled):
        read(careful(transport))
    assert transport.looks == press


@pytest.mark.parametrize(("deaf", "press"), [(True, None), (True, 4), (False, 4)])
def test_a_phone_that_takes_a_command_slowly_is_given_up_or_stopped(deaf: bool, press: int | None) -> None:
    transport = Drips(b"", 1.0, press, deaf=deaf)
    with pytest.raises(Silent if press is None else Cancelled):
        careful(transport).bulk_write(b"x" * 4000, ANSWER_LIMIT)
    assert transport.now - 1000.0 <= ANSWER_LIMIT + 2


class USBErrorTimeout(Exception):  # noqa: N818 - as libusb calls it
    transferred = 3


def test_what_a_cable_took_before_a_time_out_is_not_sent_again() -> None:
    sent: list[bytes] = []

    class Slow(Drips):
        def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
            sent.append(data)
            if len(sent) < 3:
                raise exceptions.UsbWriteFailedError("", USBErrorTimeout())
            return len(data)

    assert careful(Slow(b"", 0.0)).bulk_write(b"abcdefghij", 1.0) == 10
    assert sent == [b"abcdefghij", b"defghij", b"ghij"]


def test_a_server_that_drips_is_stopped_at_the_next_look() -> None:
    ours, theirs = socket.socketpair()
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 4:
            raise Cancelled
        theirs.sendall(b"0")

    with ours, theirs, pytest.raises(Cancelled):
        server._block(ours, check)
    assert looks == 4


def test_the_limits_of_a_command_are_those_that_the_security_statement_names() -> None:
    for language, words in (
        ("en", f"{STREAM_LIMIT >> 20} MB, {IDLE_LIMIT:.0f} seconds of silence, {TOTAL_LIMIT:.0f} seconds in all"),
        ("fr", f"{STREAM_LIMIT >> 20} Mo, {IDLE_LIMIT:.0f} secondes de silence, {TOTAL_LIMIT:.0f} secondes en tout"),
    ):
        guide = resources.files("resources") / "guides" / f"security.{language}.md"
        assert words in " ".join(guide.read_text(encoding="utf-8").split())
