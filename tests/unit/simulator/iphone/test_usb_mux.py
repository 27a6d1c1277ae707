"""The phone's end of a USB cable, without USB: what it answers to a computer's packets, and how it goes wrong."""

from __future__ import annotations

import plistlib
import queue
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.kit.iphone import usb_packets
from tests.kit.iphone.faults import Faults
from tests.kit.iphone.usb_faults import UsbFaults
from tests.kit.iphone.usb_mux import MAX_STREAMS, PracticeUsbMux
from tests.kit.iphone.usb_packets import Flags, PacketError, Protocol, Segment, UsbPacket
from tests.kit.iphone.usb_stream import WINDOW
from tests.unit.simulator.iphone.conftest import LOCKDOWN, phone_of

WAIT = 20.0
RESET = Flags.RST | Flags.ACK


class Computer:
    """The other end of the cable."""

    def __init__(self, faults: UsbFaults | None = None, pace: float = 0) -> None:
        self._came: queue.Queue[bytes] = queue.Queue()
        self.phone = phone_of('trust = "asks"\n')
        self.mux = PracticeUsbMux(self.phone, self._came.put, pace)
        self.mux.faults = faults or UsbFaults()
        self.version = 2
        self._sent = 0

    def transfer(self) -> bytes:
        """The next one."""
        return self._came.get(timeout=WAIT)

    def packet(self) -> UsbPacket:
        return usb_packets.packet_of(self.transfer(), self.version)

    def segment(self) -> Segment:
        """The next packet, which belongs to a stream."""
        packet = self.packet()
        assert packet.protocol == Protocol.TCP, packet
        return usb_packets.segment_of(packet.payload)

    def nothing(self) -> None:
        """Nothing waits: what comes next answers what is asked next."""
        assert self._came.empty()

    def greet(self) -> None:
        """Exchange hellos, and set up."""
        self.mux.take(usb_packets.hello(2))
        assert self.transfer() == usb_packets.hello(self.version)
        self._sent = -1
        self.send(Protocol.SETUP, b"\x07")

    def send(self, protocol: int, payload: bytes) -> None:
        self._sent += 1
        self.mux.take(usb_packets.transfer_of(UsbPacket(protocol, payload, self._sent, 0xFFFF), self.version))

    def say(self, flags: Flags, data: bytes = b"", *, number: int = 1, told: int = 1, **further: int) -> None:
        """A packet of the stream from port 1, or another `source`."""
        source, window = further.get("source", 1), further.get("window", WINDOW)
        port = further.get("port", LOCKDOWN)
        segment = Segment(source, port, number, told, flags, window, data)
        self.send(Protocol.TCP, usb_packets.payload_of(segment))

    def open(self, window: int = WINDOW) -> Segment:
        """A stream to lockdown; what the phone said to it."""
        self.say(Flags.SYN, number=0, told=0, window=window)
        accepted = self.segment()
        assert accepted.flags == Flags.SYN | Flags.ACK
        self.say(Flags.ACK, told=accepted.number + 1, window=window)
        return accepted

    def data(self) -> Segment:
        """The next packet with data in it."""
        while not (segment := self.segment()).data:
            assert segment.flags == Flags.ACK
        return segment


def request(name: str = "QueryType", **content: Any) -> bytes:
    body = plistlib.dumps({"Request": name, "Label": "test", **content})
    return struct.pack(">I", len(body)) + body


@pytest.fixture
def computer() -> Iterator[Callable[..., Computer]]:
    with ExitStack() as stack:

        def plug(pace: float = 0, **faults: Any) -> Computer:
            plugged = Computer(UsbFaults(**faults), pace)
            stack.enter_context(plugged.mux)
            return plugged

        yield plug


def test_a_stream_goes_to_lockdown_and_back(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    assert there.open() == Segment(LOCKDOWN, 1, 0, 1, Flags.SYN | Flags.ACK, WINDOW)
    asked = request()
    there.say(Flags.ACK, asked[:4])
    there.say(Flags.ACK, asked[4:], number=5)
    answer = there.data()
    assert (answer.number, answer.acknowledged) == (1, 1 + len(asked))
    assert plistlib.loads(answer.data[4:])["Type"] == "com.apple.mobile.lockdown"
    assert not there.mux.complaints


def test_packets_are_numbered_and_say_which_came(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    there.say(Flags.SYN, number=0, told=0)
    assert (first := there.packet()).sent == 0
    assert first.received == 1
    there.say(Flags.SYN, number=0, told=0, source=2)
    assert ((second := there.packet()).sent, second.received) == (1, 2)


def test_a_closed_port_refuses(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    there.say(Flags.SYN, number=0, told=0, port=80)
    assert there.segment().flags == RESET
    there.say(Flags.ACK, b"late", port=80)
    assert there.segment().flags == RESET
    there.say(Flags.RST, port=80)  # a reset is never answered
    there.nothing()


def test_so_many_streams_and_no_more(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    for source in range(1, MAX_STREAMS + 2):
        there.say(Flags.SYN, number=0, told=0, source=source)
    answers = [there.segment() for _ in range(MAX_STREAMS + 1)]
    assert [a.flags for a in answers] == [Flags.SYN | Flags.ACK] * MAX_STREAMS + [RESET]


def test_the_computers_window_is_kept_to(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    there.open(window=256)
    there.say(Flags.ACK, asked := request(), window=256)
    whole = there.data().data
    assert len(whole) == 256
    there.say(Flags.ACK, number=1 + len(asked), told=257, window=0)
    there.say(Flags.ACK, number=1 + len(asked), told=257, window=WINDOW)
    whole += there.data().data
    assert b"com.apple.mobile.lockdown" in whole


def test_more_than_the_phones_window_ends_the_stream(computer: Callable[..., Computer]) -> None:
    there = computer(closed_for=1e9, pace=1)
    there.greet()
    assert there.open().window == 0
    there.say(Flags.ACK, b"x")
    assert there.packet().payload[:1] == bytes([usb_packets.Level.ERROR])
    assert there.segment().flags == RESET
    assert "more than the window" in there.mux.complaints[0]


@pytest.mark.parametrize(("number", "told"), [(2, 1), (1, 2), (0, 1)], ids=["gap", "acknowledges too much", "twice"])
def test_data_in_the_wrong_place_ends_the_stream(computer: Callable[..., Computer], number: int, told: int) -> None:
    there = computer()
    there.greet()
    there.open()
    there.say(Flags.ACK, b"x", number=number, told=told)
    assert there.packet().protocol == Protocol.CONTROL
    assert there.segment().flags == RESET


def test_a_hung_up_service_resets_its_stream(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    there.open()
    there.phone.faults = Faults(close=frozenset({"lockdown.QueryType"}))
    there.say(Flags.ACK, request())
    while (came := there.segment()).flags == Flags.ACK:
        assert not came.data
    assert came.flags == RESET


def test_a_pulled_cable_ends_everything(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.phone.on_cable = lambda phone: there.mux.hang_up()
    there.greet()
    there.open()
    there.phone.detach()
    there.say(Flags.ACK, request())
    there.mux.take(usb_packets.hello(2))
    there.nothing()
    there.phone.attach()
    there.greet()
    there.open()
    there.say(Flags.ACK, request())
    assert there.data()


def test_a_second_hello_begins_everything_again(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.greet()
    there.open()
    there.greet()
    there.say(Flags.ACK, request())
    assert there.segment().flags == RESET
    there.open()


@pytest.mark.parametrize("transfer", [b"", b"\0" * 7, b"\xff" * 40, struct.pack(">II", 6, 8), usb_packets.hello(0)])
def test_what_is_no_packet_is_complained_of(computer: Callable[..., Computer], transfer: bytes) -> None:
    there = computer()
    there.mux.take(transfer)
    there.nothing()
    assert len(there.mux.complaints) == 1
    there.greet()
    there.open()


def test_a_stream_waits_for_the_set_up(computer: Callable[..., Computer]) -> None:
    there = computer()
    there.mux.take(usb_packets.hello(2))
    there.transfer()
    there.say(Flags.SYN, number=0, told=0)
    assert there.packet().payload == b"\x03no set-up yet"


# Faults


def test_version_1_has_short_headers(computer: Callable[..., Computer]) -> None:
    there = computer(version=1)
    there.version = 1
    there.greet()
    there.open()
    there.say(Flags.ACK, request())
    assert there.data()


def test_a_hello_that_is_not_answered(computer: Callable[..., Computer]) -> None:
    there = computer(hello="silent")
    there.mux.take(usb_packets.hello(2))
    there.mux.faults = UsbFaults(hello="garbage", garbage=b"rubbish")
    there.mux.take(usb_packets.hello(2))
    assert there.transfer() == b"rubbish"
    there.mux.faults = UsbFaults(hello="stale", garbage=b"left over")
    there.mux.take(usb_packets.hello(2))
    assert [there.transfer(), there.transfer()] == [b"left over", usb_packets.hello(2)]


def test_control_packets_and_garbage_follow_the_set_up(computer: Callable[..., Computer]) -> None:
    there = computer(controls=(b"\x03be afraid",), garbage=b"rubbish")
    there.greet()
    assert there.packet() == UsbPacket(Protocol.CONTROL, b"\x03be afraid", 0, 0)
    assert there.transfer() == b"rubbish"


@pytest.mark.parametrize("fault", [{"magic": 1}, {"claim": 3}, {"claim": -3}, {"claim": -100}])
def test_a_header_that_lies(computer: Callable[..., Computer], fault: dict[str, int]) -> None:
    there = computer(**fault)
    there.greet()
    there.say(Flags.SYN, number=0, told=0)
    with pytest.raises(PacketError):
        there.packet()


def test_numbers_that_jump(computer: Callable[..., Computer]) -> None:
    there = computer(jump=5, jump_at=1)
    there.greet()
    for source in (1, 2, 3):
        there.say(Flags.SYN, number=0, told=0, source=source)
    assert [there.packet().sent for _ in range(3)] == [0, 6, 7]


def test_streams_that_are_refused_not_answered_or_mute(computer: Callable[..., Computer]) -> None:
    there = computer(refused=True, reset_text=b"go away")
    there.greet()
    there.say(Flags.SYN, number=0, told=0)
    refused = there.segment()
    assert (refused.flags, refused.data) == (RESET, b"go away")
    there.mux.faults = UsbFaults(deaf=True)
    there.say(Flags.SYN, number=0, told=0)
    there.nothing()
    there.mux.faults = UsbFaults(mute=True)
    there.open()
    there.say(Flags.ACK, request())
    there.nothing()


def test_a_reset_in_mid_stream(computer: Callable[..., Computer]) -> None:
    there = computer(reset_after=10)
    there.greet()
    there.open()
    there.say(Flags.ACK, request())
    assert len(there.data().data) == 10
    assert there.segment().flags == RESET


def test_a_window_that_opens_later(computer: Callable[..., Computer]) -> None:
    there = computer(closed_for=1, first_number=2**32 - 1)
    there.greet()
    there.say(Flags.SYN, number=0, told=0)
    accepted = there.segment()
    assert (accepted.window, accepted.number) == (0, 2**32 - 1)
    opened = there.segment()
    assert (opened.window, opened.number) == (WINDOW, 0)
    there.say(Flags.ACK, request(), told=0)
    assert there.data().number == 0


def test_more_than_the_computers_window(computer: Callable[..., Computer]) -> None:
    there = computer(over_window=True)
    there.greet()
    there.open(window=0)
    there.say(Flags.ACK, request(), window=0)
    assert b"com.apple.mobile.lockdown" in there.data().data


# Anything at all


@given(st.binary(max_size=80), st.integers(0, 3))
def test_no_bytes_make_reading_fail_otherwise(data: bytes, version: int) -> None:
    for read in (lambda: usb_packets.packet_of(data, version), lambda: usb_packets.segment_of(data)):
        with suppress(PacketError):
            read()


@given(
    st.builds(
        Segment,
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        st.sampled_from(Flags),
        st.integers(0, 2**16 - 1).map(lambda window: window << usb_packets.WINDOW_SHIFT),
        st.binary(max_size=40),
    ),
    st.integers(0, 2**16 - 1),
    st.integers(1, 2),
)
def test_what_is_sent_is_what_is_read(segment: Segment, number: int, version: int) -> None:
    packet = UsbPacket(Protocol.TCP, usb_packets.payload_of(segment), number, 0)
    read = usb_packets.packet_of(usb_packets.transfer_of(packet, version), version)
    assert read.payload == packet.payload
    assert usb_packets.segment_of(read.payload) == segment
    assert read.sent == (number if version == 2 else 0)


_SEGMENTS = st.builds(
    Segment,
    st.integers(1, 2),
    st.sampled_from([LOCKDOWN, 1]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([Flags.SYN, Flags.ACK, Flags.RST, Flags(0), Flags(0xFF)]),
    st.sampled_from([0, 256, WINDOW]),
    st.sampled_from([b"", b"x", request(), b"\xff" * 8]),
)
_TRANSFERS = st.one_of(
    st.binary(max_size=60),
    st.just(usb_packets.hello(2)),
    st.builds(
        lambda protocol, payload, sent: usb_packets.transfer_of(UsbPacket(protocol, payload, sent), 2),
        st.sampled_from([*Protocol, 9]),
        st.binary(max_size=30) | _SEGMENTS.map(usb_packets.payload_of),
        st.integers(0, 3),
    ),
)


@examples(30)
@given(st.lists(_TRANSFERS, max_size=12))
def test_nothing_that_comes_breaks_or_holds_the_phone(transfers: list[bytes]) -> None:
    there = Computer()
    with there.mux:
        for transfer in transfers:
            there.mux.take(transfer)
        there.mux.take(usb_packets.hello(2))
        while there.transfer() != usb_packets.hello(2):
            pass
