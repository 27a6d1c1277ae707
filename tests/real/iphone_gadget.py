"""Practice iPhones on a real USB bus: gadgets of the Linux kernel (FunctionFS), plugged into the same computer by
dummy_hcd. For the virtual machine of the USB rig only: it needs root, and bears Apple's numbers."""

from __future__ import annotations

import os
import struct
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.simulator.iphone import PracticeIphone
from tests.kit.iphone.usb_mux import PracticeUsbMux

GADGETS: Final = Path("/sys/kernel/config/usb_gadget")
CONTROLLERS: Final = Path("/sys/class/udc")
MOUNTS: Final = Path("/dev/usb-ffs")
#: Apple's vendor number, and the product number of iPhones.
VENDOR, PRODUCT = 0x05AC, 0x12A8

_DESCRIPTORS_MAGIC, _STRINGS_MAGIC = 3, 2
_FULL_SPEED, _HIGH_SPEED = 1, 2
_BULK, _INTERRUPT, _IN = 2, 3, 0x80
#: More than any packet: a read then ends where the computer's transfer does.
_READ: Final = 2**17
_EVENT: Final = struct.Struct("<8sB3x")
_SETUP: Final = 4
#: Class, subclass and protocol of an interface, and its endpoints (address, kind).
_Interface = tuple[int, int, int, tuple[tuple[int, int], ...]]
_MUX: Final[_Interface] = (0xFF, 0xFE, 2, ((1, _BULK), (2 | _IN, _BULK)))
_CAMERA: Final[_Interface] = (6, 1, 1, ((3 | _IN, _BULK), (4, _BULK), (5 | _IN, _INTERRUPT)))


class Gadget:
    """One practice iPhone on the bus, until the machine ends. Its holder's `attach` and `detach` plug and unplug it;
    what is unplugged takes up no place on the bus (there are eight).

    As a real one, it may have several `configurations`: the last one has the mux, behind a camera's interface, the ones
    before it the camera only. With one, the mux is all that it has. `mux.faults` are those of its end of the cable.
    """

    def __init__(
        self, name: str, phone: PracticeIphone, *, configurations: int = 2, plugged: bool = True, pace: float = 0
    ) -> None:
        self.phone = phone
        self._folder = folder = GADGETS / name
        self._controller = ""
        folder.mkdir()
        _write(folder / "idVendor", f"{VENDOR:#x}")
        _write(folder / "idProduct", f"{PRODUCT:#x}")
        texts = folder / "strings/0x409"
        texts.mkdir()
        _write(texts / "manufacturer", "Apple Inc.")
        _write(texts / "product", "iPhone")
        _write(texts / "serialnumber", phone.udid.replace("-", ""))
        functions = []
        for number in range(1, configurations + 1):
            interfaces = ((_CAMERA,) if configurations > 1 else ()) + ((_MUX,) if number == configurations else ())
            functions.append(_Function(folder, f"{name}.{number}", number, interfaces))
        #: The kernel's functions go on as long as these do.
        self._functions = functions
        mount, before = functions[-1].mount, len(_CAMERA[3]) if configurations > 1 else 0
        self._from_computer = os.open(mount / f"ep{before + 1}", os.O_RDWR)
        # Where nothing is configured, a packet is not to wait for the next program.
        self._to_computer = os.open(mount / f"ep{before + 2}", os.O_RDWR | os.O_NONBLOCK)
        self.mux = PracticeUsbMux(phone, self._send, pace)
        threading.Thread(target=self._receive, daemon=True).start()
        phone.on_cable = self._cable
        phone.attached = plugged
        self._cable(phone)

    def unplug(self) -> None:
        """Pull the cable."""
        self.phone.detach()

    def plug(self) -> None:
        """Plug it in again."""
        self.phone.attach()

    def _cable(self, phone: PracticeIphone) -> None:
        if phone.attached:
            self._controller = _free_controller()
            _write(self._folder / "UDC", self._controller)
        else:
            with suppress(OSError):
                _write(self._folder / "UDC", "\n")
            self.mux.hang_up()

    def _receive(self) -> None:
        while True:
            try:
                transfer = os.read(self._from_computer, _READ)
            except OSError:  # the configuration was left, or the cable is out
                self.mux.hang_up()
                continue
            self.mux.take(transfer)

    def _send(self, transfer: bytes) -> None:
        """Raises OSError if the computer is not there, or leaves in the middle."""
        os.write(self._to_computer, transfer)
        if len(transfer) % self._largest() == 0:
            os.write(self._to_computer, b"")

    def _largest(self) -> int:
        """The most that one USB packet holds at the speed of this cable."""
        speed = (CONTROLLERS / self._controller / "current_speed").read_text().strip()
        return 512 if speed == "high-speed" else 64


class _Function:
    """A gadget's interfaces in one configuration, and their endpoints as files in `mount`."""

    def __init__(self, gadget: Path, name: str, number: int, interfaces: tuple[_Interface, ...]) -> None:
        function, configuration = gadget / "functions" / f"ffs.{name}", gadget / "configs" / f"c.{number}"
        function.mkdir()
        (configuration / "strings/0x409").mkdir(parents=True)
        _write(configuration / "strings/0x409/configuration", "PTP + Apple Mobile Device" if number > 1 else "PTP")
        (configuration / function.name).symlink_to(function)
        self.mount = MOUNTS / name
        self.mount.mkdir(parents=True)
        subprocess.run(["mount", "-t", "functionfs", name, self.mount], check=True, cwd="/")  # as for Android
        self._control = os.open(self.mount / "ep0", os.O_RDWR)
        os.write(self._control, _descriptors(interfaces))
        os.write(self._control, _texts("Apple USB Multiplexor"))
        threading.Thread(target=self._events, daemon=True).start()

    def _events(self) -> None:
        """Refuse every request to an interface, by turning the direction round."""
        while True:
            events = os.read(self._control, _EVENT.size)
            setup, kind = _EVENT.unpack(events[: _EVENT.size])
            if kind == _SETUP:
                with suppress(OSError):
                    if setup[0] & _IN:
                        os.read(self._control, 0)
                    else:
                        os.write(self._control, b"")


def _descriptors(interfaces: tuple[_Interface, ...]) -> bytes:
    """What FunctionFS is told of the interfaces."""
    both = b""
    for bulk in (64, 512):
        for number, (class_, subclass, protocol, endpoints) in enumerate(interfaces):
            both += struct.pack("<9B", 9, 4, number, 0, len(endpoints), class_, subclass, protocol, 1)
            for address, kind in endpoints:
                size = bulk if kind == _BULK else 64
                both += struct.pack("<BBBBHB", 7, 5, address, kind, size, 0 if kind == _BULK else 8)
    count = sum(1 + len(endpoints) for *_, endpoints in interfaces)
    body = struct.pack("<III", _FULL_SPEED | _HIGH_SPEED, count, count) + both
    return struct.pack("<II", _DESCRIPTORS_MAGIC, len(body) + 8) + body


def _texts(text: str) -> bytes:
    body = struct.pack("<IIH", 1, 1, 0x409) + text.encode() + b"\0"
    return struct.pack("<II", _STRINGS_MAGIC, len(body) + 8) + body


def _free_controller() -> str:
    """A place on the bus. Raises StopIteration if all are taken."""
    taken = {(gadget / "UDC").read_text().strip() for gadget in GADGETS.iterdir()}
    return next(one.name for one in sorted(CONTROLLERS.iterdir()) if one.name not in taken)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
