"""An iPhone's usbmux interface over libusb: claimed, and let go of again. Linux only: elsewhere the system's own
service owns the phone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from core.phones import usb
from core.phones.driver import PhoneProblem, Unplugged
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone

#: Bytes that one read takes at most: a whole packet ends it before.
_READ: Final = 64 * 1024
#: Milliseconds that the phone may take to accept a packet.
_ACCEPT: Final = 5000
_BULK: Final = 2


class UsbWire:
    """The interface of one phone, claimed."""

    def __init__(self, phone: UsbPhone, let_go: Callable[[], None]) -> None:
        """`let_go` is called once the phone is let go of. Raises NotReady (not listed where it has no such
        interface, busy, no permission), Unplugged; `let_go` is the caller's then."""
        self._errors = usb.library().usb1
        self._let_go = let_go
        match = next(_interfaces(phone.device), None) if phone.setting is not None else None
        if match is None:
            raise IphoneNotReady(PhoneState.NOT_LISTED)
        configuration, interface, setting = match
        self._interface: int = interface
        ends = {endpoint.getAddress() & 0x80: endpoint for endpoint in setting if endpoint.getAttributes() & 3 == _BULK}
        if set(ends) != {0, 0x80}:
            raise IphoneNotReady(PhoneState.NOT_LISTED, "no pair of endpoints")
        self._in, self._out = ends[0x80].getAddress(), ends[0].getAddress()
        self._whole: int = ends[0].getMaxPacketSize()
        try:
            self._handle = phone.device.open()
        except self._errors.USBError as error:
            raise self._problem(error) from None
        try:
            self._claim(phone.device, configuration)
        except self._errors.USBError as error:
            self._handle.close()
            raise self._problem(error) from None

    def send(self, packet: bytes) -> None:
        """Send a packet in one transfer. Raises OSError."""
        with self._typed():
            self._handle.bulkWrite(self._out, packet, _ACCEPT)
            if len(packet) % self._whole == 0:  # else the phone would wait for the rest of it
                self._handle.bulkWrite(self._out, b"", _ACCEPT)

    def receive(self, seconds: float) -> bytes:
        """What came; empty after that many `seconds` without anything. Raises OSError."""
        with self._typed():
            try:
                return bytes(self._handle.bulkRead(self._in, _READ, round(seconds * 1000)))
            except self._errors.USBErrorTimeout as late:  # Nothing is lost: what came until then counts.
                return bytes(late.received)

    def close(self) -> None:
        """Let go of the phone. Never raises."""
        with contextlib.suppress(self._errors.USBError):  # Nothing is lost: it is let go of in any case.
            self._handle.releaseInterface(self._interface)
        self._handle.close()
        self._let_go()

    def _claim(self, device: Any, configuration: int) -> None:
        """Switch the phone to the configuration that has the interface, if another one is on, and take it."""
        if self._handle.getConfiguration() != configuration:
            for number in range(_interface_count(device)):
                # A driver of this computer's, such as that for pictures, keeps the configuration as it is.
                # Nothing is lost: an interface without a driver, or that is not there, stands in no way.
                with contextlib.suppress(self._errors.USBErrorNotFound, self._errors.USBErrorInvalidParam):
                    if self._handle.kernelDriverActive(number):
                        self._handle.detachKernelDriver(number)
            self._handle.setConfiguration(configuration)
        self._handle.claimInterface(self._interface)

    def _problem(self, error: Exception) -> PhoneProblem:
        """What is raised for an error of libusb."""
        if isinstance(error, self._errors.USBErrorBusy):
            return IphoneNotReady(PhoneState.BUSY, str(error))
        if isinstance(error, self._errors.USBErrorAccess):
            return IphoneNotReady(PhoneState.NO_PERMISSION, str(error))
        return Unplugged(str(error))

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except self._errors.USBError as error:
            raise ConnectionResetError(str(error)) from None


def _interfaces(device: Any) -> Iterator[tuple[int, int, Any]]:
    """Where a phone has its usbmux interface: the value of the configuration, the interface's number, its setting."""
    for configuration in device.iterConfigurations():
        for interface in configuration:
            for setting in interface:
                if (setting.getClass(), setting.getSubClass(), setting.getProtocol()) == usb.MUX:
                    yield configuration.getConfigurationValue(), setting.getNumber(), setting


def _interface_count(device: Any) -> int:
    return max((configuration.getNumInterfaces() for configuration in device.iterConfigurations()), default=0)
