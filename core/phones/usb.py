"""The phones on this computer's USB bus, each with what can be said of it without opening it.

Enumerated here and not by adb-shell, whose search opens every phone and stops at the first that it may not open.
libusb comes with Fanion (package libusb-package), so no ADB program is needed.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from core import guides
from core.phones.driver import PhoneProblem
from core.phones.states import PhoneState
from core.text import T, Text, plain

#: (class, subclass, protocol) of the interfaces that phones show; adb.h, fastboot.h and the USB still-image class.
_ADB: Final = (0xFF, 0x42, 0x01)
_FASTBOOT: Final = (0xFF, 0x42, 0x03)
_FILE_TRANSFER: Final = (0x06, 0x01, 0x01)
#: What phones that offer neither debugging nor files show: the network that they share by USB (RNDIS as the Linux
#: kernel and Microsoft have it, NCM with its data), MIDI, Android's accessory mode and its own class of file transfer,
#: without the name, which cannot be read everywhere. The kernel's gadget functions f_rndis, f_ncm, f_midi, f_mtp have
#: them.
_OF_PHONES: Final = frozenset(
    {
        (0xE0, 0x01, 0x03),
        (0xEF, 0x04, 0x01),
        (0x02, 0x0D, 0x00),
        (0x0A, 0x00, 0x00),
        (0x0A, 0x00, 0x01),
        (0x01, 0x01, 0x00),
        (0x01, 0x03, 0x00),
        (0xFF, 0xFF, 0x00),
    }
)

_APPLE: Final = 0x05AC
#: The products of Apple's that are iPhones, iPads and iPods in use, and the interface over which they speak usbmux; it
#: may be in another configuration than the one that is on. Both from public descriptions of the protocol.
_IPHONES: Final = range(0x1290, 0x12B0)
MUX: Final = (0xFF, 0xFE, 0x02)
#: Characters that are kept of what a device calls itself.
TEXT_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class UsbPhone:
    """One phone on the bus. `place` is its alone while it stays plugged in; `serial` may be unknown without permission,
    and is no phone's own: some makers give one number to all of theirs.

    `port` is the bus and the ports from its root to the phone, empty where the system does not tell; `address` the bus
    and the phone's number on it, another one each time it is plugged in. `maker` is the guide for getting it ready
    (:mod:`core.guides`), empty where USB does not tell. `platform` is ``android`` or ``ios``. `setting` is the
    interface over which it is spoken to.
    """

    place: str
    serial: str
    name: str
    state: PhoneState
    port: tuple[int, ...] = ()
    address: tuple[int, int] | None = None
    device: Any = field(default=None, compare=False, repr=False, kw_only=True)
    setting: Any = field(default=None, compare=False, repr=False, kw_only=True)
    maker: str = field(default="", kw_only=True)
    platform: str = field(default="android", kw_only=True)


class NoUsb(PhoneProblem):
    """This computer's USB cannot be used at all."""

    code = "usb-unavailable"

    def __init__(self, sentence: Text, detail: str = "") -> None:
        super().__init__(sentence, T("Run “fanion self-test” and give its report to your IT support."), detail)


@lru_cache(maxsize=1)
def library() -> Any:
    """:mod:`core.phones.libusb`, which has usb1 with its C library, and adb-shell's transport. Raises NoUsb."""
    try:
        from core.phones import libusb  # when the bus is wanted: it takes a while to load, and may be missing
    except (ImportError, OSError) as error:
        raise NoUsb(T("The USB library (libusb) cannot be loaded on this computer."), str(error)) from error
    return libusb


class Bus:
    """A view of the bus. `look` lists; `wait` sleeps until something is plugged in or out, or a time has passed."""

    def __init__(self) -> None:
        """Raises NoUsb if this computer has no usable USB."""
        self._lib = library().usb1
        try:
            self._context = self._lib.USBContext().open()
        except self._lib.USBError as error:
            raise NoUsb(T("This computer's USB ports cannot be used."), str(error)) from error
        #: Whether plugging is told by the system; otherwise `wait` only passes the time.
        hotplug = self._lib.hasCapability(self._lib.CAP_HAS_HOTPLUG)
        self._changed = False
        # By (bus, address), which is new each time something is plugged in: a phone is opened once to be described.
        self._described: dict[tuple[int, int], UsbPhone | None] = {}
        if hotplug:
            # Arrivals and departures only; what is there already is listed by `look`.
            self._context.hotplugRegisterCallback(self._on_change, flags=0)

    def _on_change(self, *_: Any) -> bool:
        self._changed = True
        return False  # keep calling

    def look(self) -> list[UsbPhone]:
        """Every phone on the bus, also those that may not be opened."""
        before, self._described = self._described, {}
        with contextlib.suppress(self._lib.USBError):  # Nothing is lost: the bus is looked at again in a second.
            for device in self._context.getDeviceIterator(skip_on_error=True):
                address = (device.getBusNumber(), device.getDeviceAddress())
                phone = before.get(address)
                # Permission may come a moment after the phone: udev's rules take a while.
                if address not in before or (phone and phone.state is PhoneState.NO_PERMISSION):
                    phone = self._phone(device)
                self._described[address] = phone
        return [phone for phone in self._described.values() if phone]

    def wait(self, seconds: float) -> bool:
        """Whether something changed within `seconds`."""
        self._changed = False
        with contextlib.suppress(self._lib.USBError):  # Nothing is lost: the bus is looked at in any case.
            self._context.handleEventsTimeout(seconds)
        return self._changed

    def wake(self) -> None:
        """End a `wait` that is under way in another thread."""
        self._context.interruptEventHandler()

    def close(self) -> None:
        with contextlib.suppress(self._lib.USBError):  # Nothing is lost: it is let go of in any case.
            self._context.close()

    def _phone(self, device: Any) -> UsbPhone | None:
        """Describe a device by its interfaces and strings; None where it shows nothing of what phones show."""
        kinds: dict[tuple[int, int, int], Any] = {}
        with contextlib.suppress(self._lib.USBError):  # Nothing is lost: what is not told makes it no phone to open.
            for setting in device.iterSettings():
                kinds.setdefault((setting.getClass(), setting.getSubClass(), setting.getProtocol()), setting)
        platform = "ios" if device.getVendorID() == _APPLE else "android"
        if platform == "ios":
            if device.getProductID() not in _IPHONES:
                return None  # Nothing is lost: it is another thing of Apple's.
            state, setting = PhoneState.READY if MUX in kinds else PhoneState.NOT_LISTED, kinds.get(MUX)
        elif _ADB in kinds:
            state, setting = PhoneState.READY, kinds[_ADB]
        elif _FASTBOOT in kinds:
            state, setting = PhoneState.FASTBOOT, None
        elif self._only_charges(device, kinds):
            state, setting = PhoneState.CHARGING, None
        else:
            return None  # Nothing is lost: it shows nothing of what phones show.
        port, address = self._port(device), (device.getBusNumber(), device.getDeviceAddress())
        words, may_open = self._strings(device, port)
        if not may_open and state is PhoneState.READY:
            state = PhoneState.NO_PERMISSION
        maker, name, serial = (plain(w, TEXT_LIMIT) for w in words)
        place = port_name(port) if port else "usb:{}:{}".format(*address)
        full_name = f"{maker} {name}".strip()
        return UsbPhone(
            place,
            serial,
            full_name,
            state,
            port,
            address,
            device=device,
            setting=setting,
            maker=guides.IPHONE if platform == "ios" else guides.maker_of(device.getVendorID(), full_name),
            platform=platform,
        )

    def _port(self, device: Any) -> tuple[int, ...]:
        """The bus and the ports from its root to the device; empty where the system does not tell."""
        with contextlib.suppress(self._lib.USBError):  # Nothing is lost: it then goes by its address.
            if ports := device.getPortNumberList():
                return (device.getBusNumber(), *ports)
        return ()

    def _only_charges(self, device: Any, kinds: dict[Any, Any]) -> bool:
        """A phone without USB debugging shows file transfer: MTP calls its interface so, PTP is the class itself.

        A device of a maker of phones is one, too, if all that it shows is what phones show: makers of phones also make
        keyboards, disks, printers and modems.
        """
        vendor = device.getVendorID()
        if _FILE_TRANSFER in kinds:
            return True
        if kinds and vendor in guides.phone_vendors() and _OF_PHONES.issuperset(kinds):
            return True
        return any(
            kind[0] == 0xFF and "MTP" in self._interface_name(device, setting) for kind, setting in kinds.items()
        )

    def _interface_name(self, device: Any, setting: Any) -> str:
        # Nothing is lost: a name that cannot be read is the name of nothing.
        with contextlib.suppress(self._lib.USBError, ValueError), contextlib.closing(device.open()) as handle:
            return handle.getASCIIStringDescriptor(setting.getDescriptor()) or ""
        return ""

    def _strings(self, device: Any, port: tuple[int, ...]) -> tuple[tuple[str, str, str], bool]:
        """(maker, product, serial), and whether the device may be opened."""
        from_system = _sysfs_strings(port)
        try:
            with contextlib.closing(device.open()) as handle:
                if all(from_system):
                    return from_system, True
                described = device.device_descriptor
                maker, product, serial = (
                    handle.getASCIIStringDescriptor(number, errors="replace") or ""
                    for number in (described.iManufacturer, described.iProduct, described.iSerialNumber)
                )
                return (maker, product, serial), True
        # Nothing is lost: that it may not be opened is told.
        except (self._lib.USBErrorAccess, self._lib.USBErrorNotSupported):
            return from_system, False
        except (self._lib.USBError, ValueError):  # Nothing is lost: busy or going away; connecting will tell.
            return from_system, True


def port_name(port: tuple[int, ...]) -> str:
    """A port as the adb server and Linux name it: ``usb:1-4.2`` for port 2 of the hub at port 4 of bus 1."""
    return f"usb:{port[0]}-{'.'.join(map(str, port[1:]))}"


def _sysfs_strings(port: tuple[int, ...]) -> tuple[str, str, str]:
    """Linux tells the strings of a device to everyone, also of one that may not be opened."""
    if not sys.platform.startswith("linux") or not port:
        return "", "", ""
    folder = Path("/sys/bus/usb/devices", port_name(port).removeprefix("usb:"))

    def read(name: str) -> str:
        try:
            return (folder / name).read_text(errors="replace").strip()
        except OSError:  # Nothing is lost: the phone itself is asked then.
            return ""

    return read("manufacturer"), read("product"), read("serial")
