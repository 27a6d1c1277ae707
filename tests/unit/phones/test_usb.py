"""What is on the bus, by what each device shows of itself. The bus is the edge of the machine: here it is made up."""

from __future__ import annotations

import ctypes
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.phones import usb
from core.phones.android.link.problems import AndroidNotReady
from core.phones.android.link.transport import over_usb
from core.phones.states import STATES, PhoneState
from core.phones.usb import NoUsb

ADB, FASTBOOT, MTP, PTP, AUDIO = (0xFF, 0x42, 1), (0xFF, 0x42, 3), (0xFF, 0xFF, 0), (6, 1, 1), (1, 1, 0)


class USBError(Exception):
    pass


class USBErrorAccess(USBError):  # noqa: N818 - as libusb calls it
    pass


class USBErrorNotSupported(USBError):  # noqa: N818
    pass


class USBErrorBusy(USBError):  # noqa: N818
    pass


class Device:
    """One device: what kinds of interface it shows, what it is called, and what opening it does."""

    def __init__(
        self,
        *kinds: tuple[int, int, int],
        serial: str = "R5CT1",
        opening: type[Exception] | None = None,
        vendor: int = 0x04E8,
        interface: str = "MTP",
        port: int = 1,
        product: int = 0x6860,
    ) -> None:
        self._kinds = kinds
        self._words = {1: "SAMSUNG", 2: "Galaxy S22", 3: serial, 9: interface}
        self._opening = opening
        self._vendor = vendor
        self._port = port
        self._product = product
        self.opened = 0
        self.device_descriptor = types.SimpleNamespace(iManufacturer=1, iProduct=2, iSerialNumber=3)

    def iterSettings(self) -> Iterator[Any]:  # noqa: N802
        for kind in self._kinds:
            yield types.SimpleNamespace(
                getClass=lambda k=kind: k[0],
                getSubClass=lambda k=kind: k[1],
                getProtocol=lambda k=kind: k[2],
                getDescriptor=lambda: 9,
            )

    def open(self) -> Any:
        self.opened += 1
        if self._opening:
            raise self._opening
        return types.SimpleNamespace(
            close=lambda: None, getASCIIStringDescriptor=lambda number, errors="strict": self._words[number]
        )

    def getVendorID(self) -> int:  # noqa: N802
        return self._vendor

    def getProductID(self) -> int:  # noqa: N802
        return self._product

    def getBusNumber(self) -> int:  # noqa: N802
        return 250  # no real bus: its strings are not to be found in /sys

    def getDeviceAddress(self) -> int:  # noqa: N802
        return self._port

    def getPortNumberList(self) -> list[int]:  # noqa: N802
        return [self._port]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Callable[..., usb.Bus]:
    """A bus with these devices on it."""

    def with_devices(*devices: Device) -> usb.Bus:
        context = types.SimpleNamespace(getDeviceIterator=lambda skip_on_error: iter(devices))
        library = types.SimpleNamespace(
            USBContext=lambda: types.SimpleNamespace(open=lambda: context),
            USBError=USBError,
            USBErrorAccess=USBErrorAccess,
            USBErrorNotSupported=USBErrorNotSupported,
            CAP_HAS_HOTPLUG=1,
            hasCapability=lambda capability: False,
        )
        monkeypatch.setattr(usb, "library", lambda: types.SimpleNamespace(usb1=library))
        return usb.Bus()

    return with_devices


def test_a_phone_with_usb_debugging(bus: Callable[..., usb.Bus]) -> None:
    (phone,) = bus(Device(MTP, ADB)).look()
    assert (phone.serial, phone.name, phone.state) == ("R5CT1", "SAMSUNG Galaxy S22", PhoneState.READY)


@pytest.mark.parametrize("kind", [PTP, MTP])
def test_a_phone_that_only_charges(bus: Callable[..., usb.Bus], kind: tuple[int, int, int]) -> None:
    (phone,) = bus(Device(kind)).look()
    assert phone.state is PhoneState.CHARGING
    assert "USB debugging is off" in str(STATES[phone.state].sentence)


def test_a_phone_in_its_boot_loader(bus: Callable[..., usb.Bus]) -> None:
    (phone,) = bus(Device(FASTBOOT)).look()
    assert phone.state is PhoneState.FASTBOOT


RNDIS, NCM, NCM_DATA, MIDI = (0xE0, 1, 3), (2, 0x0D, 0), (0x0A, 0, 1), (1, 3, 0)
KEYBOARD, HUB, DISK, PRINTER, MODEM = (3, 1, 1), (9, 0, 0), (8, 6, 0x50), (7, 1, 2), (2, 6, 0)


@pytest.mark.parametrize("kinds", [(RNDIS,), (NCM, NCM_DATA), (AUDIO, MIDI), (MTP,)])
def test_a_phone_of_a_known_maker_that_shows_neither_debugging_nor_its_files(
    bus: Callable[..., usb.Bus], kinds: tuple[tuple[int, int, int], ...]
) -> None:
    (phone,) = bus(Device(*kinds, interface="", opening=USBErrorAccess)).look()
    assert (phone.state, phone.maker) == (PhoneState.CHARGING, "samsung")


@pytest.mark.parametrize("kind", [KEYBOARD, HUB, DISK, PRINTER, MODEM])
def test_what_else_a_maker_of_phones_makes_is_no_phone(bus: Callable[..., usb.Bus], kind: tuple[int, int, int]) -> None:
    assert bus(Device(kind), Device(kind, RNDIS, port=2), Device(port=3)).look() == []


def test_a_network_adapter_of_another_maker_is_no_phone(bus: Callable[..., usb.Bus]) -> None:
    assert bus(Device(NCM, NCM_DATA, vendor=0x0BDA)).look() == []


def test_the_maker_is_told_with_the_phone(bus: Callable[..., usb.Bus]) -> None:
    (phone,) = bus(Device(ADB, vendor=0x18D1)).look()
    assert phone.maker == "samsung"  # its name says so, whoever's the number is


def test_what_is_no_phone_is_not_listed(bus: Callable[..., usb.Bus]) -> None:
    assert bus(Device(AUDIO), Device(MTP, interface="Scanner"), Device(PTP, vendor=0x05AC)).look() == []


@pytest.mark.parametrize(
    ("kinds", "opening", "state"),
    [
        ((PTP, usb.MUX), None, PhoneState.READY),
        ((PTP,), None, PhoneState.NOT_LISTED),
        ((PTP, usb.MUX), USBErrorAccess, PhoneState.NO_PERMISSION),
    ],
)
def test_an_iphone_is_told_by_its_product_and_its_interface(
    bus: Callable[..., usb.Bus], kinds: tuple[Any, ...], opening: type[Exception] | None, state: PhoneState
) -> None:
    (phone,) = bus(Device(*kinds, vendor=0x05AC, product=0x12A8, opening=opening)).look()
    assert (phone.platform, phone.maker, phone.state) == ("ios", "apple", state)
    for product in (0x0250, 0x1281):  # a keyboard, and a phone that is being restored
        assert bus(Device(*kinds, vendor=0x05AC, product=product)).look() == []


@pytest.mark.parametrize("opening", [USBErrorAccess, USBErrorNotSupported])
def test_one_without_permission_hides_no_other(bus: Callable[..., usb.Bus], opening: type[Exception]) -> None:
    closed, open_ = Device(ADB, opening=opening, port=1), Device(ADB, serial="R5CT2", port=2)
    first, second = bus(closed, open_).look()
    assert first.state is PhoneState.NO_PERMISSION
    assert (first.place, first.port) == ("usb:250-1", (250, 1))
    assert (second.serial, second.state) == ("R5CT2", PhoneState.READY)
    with pytest.raises(AndroidNotReady):
        over_usb(first)


def test_one_that_another_program_has_open_is_listed_all_the_same(bus: Callable[..., usb.Bus]) -> None:
    (phone,) = bus(Device(ADB, opening=USBErrorBusy)).look()
    assert phone.state is PhoneState.READY


def test_a_phone_is_opened_once_to_be_described_but_permission_is_asked_for_again(
    bus: Callable[..., usb.Bus],
) -> None:
    described, closed = Device(ADB, port=1), Device(ADB, opening=USBErrorAccess, port=2)
    seen = bus(described, closed)
    for _ in range(3):
        seen.look()
    assert (described.opened, closed.opened) == (1, 3)


def test_two_phones_with_one_serial_number_are_two_phones(bus: Callable[..., usb.Bus]) -> None:
    cheap = "0123456789ABCDEF"
    phones = bus(Device(ADB, serial=cheap, port=1), Device(ADB, serial=cheap, port=2)).look()
    assert [(p.place, p.serial) for p in phones] == [("usb:250-1", cheap), ("usb:250-2", cheap)]


def test_a_phone_behind_a_hub_is_named_as_the_system_names_it(bus: Callable[..., usb.Bus]) -> None:
    device = Device(ADB)
    device.getPortNumberList = lambda: [4, 2]  # type: ignore[method-assign]
    (phone,) = bus(device).look()
    assert (phone.place, phone.port) == ("usb:250-4.2", (250, 4, 2))


def test_two_phones_of_a_system_that_tells_no_ports_are_two_phones(bus: Callable[..., usb.Bus]) -> None:
    devices = Device(ADB, port=1), Device(ADB, port=2)
    for device in devices:
        device.getPortNumberList = list  # type: ignore[method-assign, assignment]
    phones = bus(*devices).look()
    assert [p.port for p in phones] == [(), ()]
    assert len({p.place for p in phones}) == 2


def test_a_name_from_the_phone_is_made_plain(bus: Callable[..., usb.Bus]) -> None:
    (phone,) = bus(Device(ADB, serial="\x1b[2J<b>\u202e" + "9" * 500)).look()
    assert phone.serial.isprintable()
    assert len(phone.serial) <= 64


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError("cannot open shared object file")

    usb.library.cache_clear()
    monkeypatch.delitem(sys.modules, "core.phones.libusb", raising=False)
    monkeypatch.delattr("core.phones.libusb", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(NoUsb, match="libusb"):
        usb.Bus()
    usb.library.cache_clear()


def test_every_state_has_a_sentence_and_a_next_step_in_both_languages() -> None:
    assert set(STATES) == set(PhoneState)
    for words in (row.words(platform) for row in STATES.values() for platform in ("android", "ios")):
        for language in ("en", "fr"):
            assert words.sentence.in_language(language)  # type: ignore[arg-type]
            assert words.next_step.in_language(language)  # type: ignore[arg-type]
