"""Fanion's own part of usbmux over USB, against the practice iPhone's end of the cable, in one process: what it
carries, and every way in which the other end can be wrong."""

from __future__ import annotations

import queue
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, silent, turn
from core.model import Verdict
from core.phones.driver import PhoneProblem, Silent, Unplugged
from core.phones.iphone.connect import Iphones
from core.phones.iphone.problems import Malformed
from core.phones.iphone.stream import Stream
from core.phones.iphone.usb import direct, usb_mux
from core.phones.iphone.usb.records import RecordProblem
from core.phones.iphone.usb.usb_mux import UsbMux
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone
from core.policy.format.policy_file import load_built_in
from core.problem import Cancelled
from core.simulator.iphone import PracticeIphone, load_iphone
from core.visit.check import check
from tests.examples import examples
from tests.kit.iphone.usb_faults import UsbFaults
from tests.kit.iphone.usb_mux import PracticeUsbMux as PhoneEnd

CANADA = load_built_in("canada")
LOCKDOWN = 62078


class Cable:
    """A practice iPhone and its cable, as a wire."""

    def __init__(self, phone: PracticeIphone, faults: UsbFaults | None = None) -> None:
        self._came: queue.Queue[bytes] = queue.Queue()
        self.phone = phone
        self.end = PhoneEnd(phone, self._came.put, 0)
        self.end.faults = faults or UsbFaults()
        self.let_go = threading.Event()

    def send(self, packet: bytes) -> None:
        if not self.phone.attached:
            raise ConnectionResetError("LIBUSB_ERROR_NO_DEVICE")
        self.end.take(packet)

    def receive(self, seconds: float) -> bytes:
        try:
            return self._came.get(timeout=min(seconds, 0.02))
        except queue.Empty:
            if not self.phone.attached:
                raise ConnectionResetError("LIBUSB_ERROR_NO_DEVICE") from None
            return b""

    def close(self) -> None:
        self.let_go.set()


class FakeBus:
    """The bus that the cables are plugged into."""

    def __init__(self, phones: dict[int, PracticeIphone]) -> None:
        self._phones = phones

    def look(self) -> list[UsbPhone]:
        return [
            UsbPhone(
                f"usb:1-{port}",
                phone.udid.replace("-", ""),
                "iPhone",
                PhoneState.READY,
                (1, port),
                (1, port),
                device=port,
                setting=object(),
                platform="ios",
            )
            for port, phone in self._phones.items()
            if phone.attached
        ]

    def close(self) -> None:
        pass


class Desk:
    """Practice iPhones on a made-up bus, and how this computer reaches them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.phones: dict[int, PracticeIphone] = {}
        self.cables: list[Cable] = []
        self.faults = UsbFaults()
        self.iphones = Iphones(folder, "Desk 4")

        def wire(found: UsbPhone, let_go: Callable[[], None]) -> Cable:
            self.cables.append(Cable(self.phones[found.device], self.faults))
            return self.cables[-1]

        monkeypatch.setattr(direct.usb, "Bus", lambda: FakeBus(self.phones))
        monkeypatch.setattr(direct, "UsbWire", wire)

    def plug(self, scenario: str) -> PracticeIphone:
        self.phones[len(self.phones) + 1] = phone = PracticeIphone(load_iphone(scenario))
        return phone

    def open(self, phone: PracticeIphone, state: PhoneState = PhoneState.NOT_TRUSTED) -> Any:
        return self.iphones.open(phone.udid, state, Cancel(), lambda: None, direct=True)

    def close(self) -> None:
        self.iphones.close()
        for cable in self.cables:
            cable.end.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poll_often: Callable[[], None]) -> Iterator[Desk]:
    poll_often()
    desk = Desk(tmp_path / "iphones", monkeypatch)
    yield desk
    desk.close()
    assert all(cable.let_go.is_set() for cable in desk.cables)


def test_a_phone_is_asked_read_changed_and_forgotten_over_its_cable(desk: Desk, tmp_path: Path) -> None:
    phone = desk.plug("iphone-untrusted")
    driver = desk.open(phone)
    assert phone.questions == 1
    (record,) = (tmp_path / "iphones").glob("*.plist")
    assert record.stem == phone.udid
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    assert found.inventory.apps
    assert desk.open(phone, PhoneState.READY).identity(Cancel()).model == found.inventory.phone.model
    assert driver.trust_off(Cancel()).seen is True
    assert not record.exists()
    assert not phone.computers
    assert [list(cable.end.complaints) for cable in desk.cables] == [[]]  # it was opened once for all of it


def test_phones_that_take_turns_do_not_wait_for_each_other_for_ever(desk: Desk) -> None:
    """Two on cables, and two jobs for one of them, which is opened once."""
    phones = [desk.plug("iphone-clean"), desk.plug("iphone-untrusted")]
    for phone in phones:
        desk.open(phone)
    desk.iphones.close()
    verdicts: list[Verdict] = []

    def job(phone: PracticeIphone) -> None:
        with turn(Cancel()):
            found = check(desk.open(phone, PhoneState.READY), CANADA, silent, Cancel(), quick=False)
            verdicts.append(found.verdict)

    threads = [threading.Thread(target=job, args=(phone,), daemon=True) for phone in (*phones, phones[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(verdicts) == 3


def test_a_removal_counts_over_the_cable_too(desk: Desk) -> None:
    phone = desk.plug("iphone-wechat")
    driver = desk.open(phone)
    found = check(driver, CANADA, silent, Cancel(), quick=False)
    assert found.verdict is Verdict.RED
    wechat = next(one for one in found.bans if one.app.package == "com.tencent.xin")
    step = driver.next_step(wechat, found.inventory, ())
    driver.perform(step, Cancel())
    assert driver.look_for([wechat], Cancel())[0] is False


def test_a_record_that_was_left_by_an_earlier_run_is_taken_back(desk: Desk, tmp_path: Path) -> None:
    """As after a crash: what Fanion keeps was given to Fanion."""
    phone = desk.plug("iphone-untrusted")
    desk.open(phone)
    desk.iphones.close()
    later = Iphones(tmp_path / "iphones", "Desk 4").open(
        phone.udid, PhoneState.READY, Cancel(), lambda: None, direct=True
    )
    assert phone.questions == 1
    assert later.trust_off(Cancel()).seen is True
    assert not phone.computers


def test_large_answers_come_whole(desk: Desk) -> None:
    driver = desk.open(desk.plug("iphone-hostile"))
    assert len(driver.read(silent, Cancel()).apps) > 10
    assert list(desk.cables[0].end.complaints) == []


@pytest.mark.parametrize("message", ["lockdown.StartSession", "installation_proxy.Lookup", "tls.service"])
def test_a_cable_that_is_pulled_ends_what_is_under_way(desk: Desk, message: str) -> None:
    from tests.kit.iphone.faults import Faults

    phone = desk.plug("iphone-wechat")
    desk.open(phone)
    phone.faults = Faults(unplug=frozenset([message]))
    with pytest.raises(PhoneProblem):
        check(desk.open(phone, PhoneState.READY), CANADA, silent, Cancel(), quick=False)
    phone.faults = Faults()
    phone.attach()
    assert desk.open(phone, PhoneState.READY).read(silent, Cancel()).apps


def test_a_phone_that_left_is_not_opened(desk: Desk) -> None:
    phone = desk.plug("iphone-clean")
    phone.detach()
    with pytest.raises(Unplugged):
        desk.open(phone)


def test_a_folder_that_cannot_be_written_is_said(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "iphones").write_text("a file")
    with pytest.raises(RecordProblem, match="iphones"):
        desk.open(desk.plug("iphone-untrusted"))


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        (UsbFaults(hello="silent"), Silent),
        (UsbFaults(hello="garbage", garbage=b"\xff" * 900), Silent),
        (UsbFaults(version=1), Malformed),
        (UsbFaults(magic=0xFEEDFACF), Unplugged),
        (UsbFaults(claim=-30), Unplugged),
        (UsbFaults(claim=2**31), Unplugged),
        (UsbFaults(claim=100), Silent),
        (UsbFaults(refused=True), Unplugged),
        (UsbFaults(deaf=True), Silent),
        (UsbFaults(mute=True), Silent),
        (UsbFaults(reset_after=1), Unplugged),
        (UsbFaults(reset_after=900), Unplugged),
        (UsbFaults(garbage=b"\0" * 64), Unplugged),
    ],
    ids=str,
)
def test_each_way_to_be_wrong_is_a_problem_and_none_a_hang(
    desk: Desk, faults: UsbFaults, problem: type[PhoneProblem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb_mux, "_PATIENCE", 0.3)
    for method in (Stream.receive, Stream.receive_message, Stream.request):
        monkeypatch.setattr(method, "__defaults__", (0.3,))
    desk.faults = faults
    with pytest.raises(problem):
        desk.open(desk.plug("iphone-clean"))


@pytest.mark.parametrize(
    "faults",
    [
        UsbFaults(hello="stale", garbage=b"\0\0\0\x06" + b"left over" * 9),
        UsbFaults(controls=(b"\x03an error\x1b[2J", b"\x05", b"", b"\x07" * 4000)),
        UsbFaults(jump_at=3, jump=500),
        UsbFaults(closed_for=0.2),
        UsbFaults(first_number=2**32 - 10),
    ],
    ids=str,
)
def test_what_an_honest_phone_may_do_changes_nothing(desk: Desk, faults: UsbFaults) -> None:
    desk.faults = faults
    assert desk.open(desk.plug("iphone-clean")).read(silent, Cancel()).apps


class Floods:
    """A wire on which a connection that is asked for is given, and bytes come that were not asked for."""

    def __init__(self) -> None:
        self._came: queue.Queue[bytes] = queue.Queue()
        self._came.put(struct.pack(">IIIII", 0, 20, 2, 0, 0))

    def send(self, packet: bytes) -> None:
        if len(packet) == 36 and packet[29] == 0x02:
            self._say(0, 1, 0x12)
        elif len(packet) == 36 and packet[29] == 0x10:
            for piece in range(8):
                self._say(1 + piece * 32_000, 1, 0x10, b"x" * 32_000)

    def _say(self, sequence: int, acknowledged: int, flags: int, data: bytes = b"") -> None:
        segment = struct.pack(">HHIIBBHHH", LOCKDOWN, 1, sequence, acknowledged, 0x50, flags, 512, 0, 0)
        self._came.put(struct.pack(">IIIHH", 6, 36 + len(data), 0xFEEDFACE, 0, 0) + segment + data)

    def receive(self, seconds: float) -> bytes:
        try:
            return self._came.get(timeout=0.02)
        except queue.Empty:
            return b""

    def close(self) -> None:
        pass


def test_more_than_it_was_allowed_ends_a_connection() -> None:
    mux = UsbMux(Floods(), Cancel())
    connection = mux.connect(LOCKDOWN, Cancel())
    connection.settimeout(10)
    with mux.changed:
        assert mux.changed.wait_for(lambda: connection.ended, 10)
    assert len(connection.recv(2**20)) == 4 * 32_000  # as much of it as it was allowed
    with pytest.raises(ConnectionResetError, match="what it may not"):
        connection.recv(1)
    connection.close()
    mux.close()


def test_the_stop_button_ends_the_waiting(desk: Desk) -> None:
    desk.faults = UsbFaults(deaf=True)
    phone = desk.plug("iphone-clean")
    cancel = Cancel()
    presses = threading.Timer(0.1, cancel.press)
    presses.start()
    with pytest.raises(Cancelled):
        desk.iphones.open(phone.udid, PhoneState.NOT_TRUSTED, cancel, lambda: None, direct=True)
    presses.join()


class Says:
    """A wire on which the phone greets, and then says these bytes."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [struct.pack(">IIIII", 0, 20, 2, 0, 0), *pieces]
        self.sent: list[bytes] = []

    def send(self, packet: bytes) -> None:
        self.sent.append(packet)

    def receive(self, seconds: float) -> bytes:
        if not self._pieces:
            raise ConnectionResetError("gone")
        return self._pieces.pop(0)

    def close(self) -> None:
        pass


header = st.builds(
    lambda protocol, length, magic, rest: struct.pack(">II", protocol, length) + magic + rest,
    st.sampled_from([0, 1, 2, 6, 7, 2**32 - 1]),
    st.integers(0, 80) | st.integers(0, 2**32 - 1),
    st.just(b"\xfe\xed\xfa\xce\0\0\0\0") | st.binary(max_size=8),
    st.binary(max_size=70),
)


@given(st.lists(st.binary(max_size=200) | header, max_size=8))
@examples(100)
def test_whatever_bytes_come_it_ends_and_is_said(pieces: list[bytes]) -> None:
    mux = UsbMux(Says(pieces), Cancel())
    with pytest.raises(PhoneProblem):
        mux.connect(LOCKDOWN, Cancel())
    mux.close()
    assert mux.ended
