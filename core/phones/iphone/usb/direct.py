"""iPhones without a service: Fanion speaks usbmux with them over USB itself, and keeps its own pair records.

For Linux, where no service answers. An interface is one program's alone, so a service that runs is always used.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from pathlib import Path
from typing import Final

from core.jobs import WAITING, Cancel
from core.phones import usb
from core.phones.driver import Unplugged
from core.phones.iphone.mux import MuxPhone, whole_udid
from core.phones.iphone.problems import IphoneNotReady
from core.phones.iphone.stream import Stream
from core.phones.iphone.usb.records import PairRecords
from core.phones.iphone.usb.usb_mux import UsbMux
from core.phones.iphone.usb.usb_wire import UsbWire
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone

#: Seconds between two looks at the stop button while another job opens the same phone.
_SLICE: Final = 0.2


class Direct:
    """This computer's iPhones, over USB. For any thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the pair records are kept; it is made with the first of them."""
        self.records = PairRecords(folder)
        self._lock = threading.Lock()
        self._opening: dict[int, threading.Lock] = {}
        self._open: dict[int, UsbMux] = {}
        self._at_exit = weakref.finalize(self, _close, self._open)

    def holds(self, phone: UsbPhone) -> bool:
        """Whether Fanion itself has this phone open, so that no service can list it."""
        mux = self._open.get(_number(phone))
        return mux is not None and not mux.ended

    def open(self, cancel: Cancel) -> DirectMux:
        """A conversation, as one with a service. Raises Cancelled."""
        cancel.check()
        return DirectMux(self)

    def stream(self, phone: MuxPhone, port: int, cancel: Cancel) -> Stream:
        """A connection to a service of the phone, which stays open itself until it is unplugged.

        Raises Unplugged, NotReady, Silent, Malformed, Cancelled.
        """
        with WAITING:  # around all of it, so that no lock is held once the turn comes again
            return Stream(self._mux(phone, cancel).connect(port, cancel))

    def _mux(self, phone: MuxPhone, cancel: Cancel) -> UsbMux:
        """The phone's cable, opened if it is not yet. Raises as :meth:`stream`."""
        with self._lock:
            opening = self._opening.setdefault(phone.device, threading.Lock())
        while not opening.acquire(timeout=_SLICE):
            cancel.check()
        try:
            mux = self._open.get(phone.device)
            if mux is None or mux.ended:
                mux = self._open[phone.device] = _opened(phone, cancel)
                # When Python ends, what was made last is ended first: a phone before the libusb that it is open by.
                self._at_exit.detach()
                self._at_exit = weakref.finalize(self, _close, self._open)
        finally:
            opening.release()
        return mux

    def close(self) -> None:
        """Let go of every phone that is open; done by itself when Python ends."""
        _close(self._open)


class DirectMux:
    """What a conversation with a service offers (:class:`core.phones.iphone.mux.Mux`), without one."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._stream: Stream | None = None

    def phones(self, cancel: Cancel) -> list[MuxPhone]:
        """The phones that are plugged in, as far as they tell who they are. Raises NoUsb."""
        with contextlib.closing(usb.Bus()) as bus:
            devices = [(phone, udid_of(phone)) for phone in bus.look()]
        return [MuxPhone(_number(phone), udid, self._direct) for phone, udid in devices if udid]

    def buid(self, cancel: Cancel) -> str:
        """By which name the phones know this computer. Raises RecordProblem."""
        return self._direct.records.computer()

    def pair_record(self, udid: str, cancel: Cancel) -> bytes:
        """What is kept of a phone that trusts this computer; empty where there is nothing. Raises RecordProblem."""
        return self._direct.records.read(udid)

    def save_pair_record(self, phone: MuxPhone, record: bytes, cancel: Cancel) -> None:
        """Keep a record. Raises RecordProblem."""
        self._direct.records.save(phone.udid, record)

    def delete_pair_record(self, udid: str, cancel: Cancel) -> None:
        """Forget a record. Raises RecordProblem."""
        self._direct.records.delete(udid)

    def connect(self, phone: MuxPhone, port: int, cancel: Cancel) -> Stream:
        """A connection to a service of the phone: see :meth:`Direct.stream`."""
        self._stream = self._direct.stream(phone, port, cancel)
        return self._stream

    def close(self) -> None:
        """End the conversation. Never raises."""
        if self._stream is not None:
            self._stream.close()


def udid_of(phone: UsbPhone) -> str:
    """An iPhone's identifier, which is its serial number on the bus, without its dash; empty for other phones."""
    return whole_udid(phone.serial) if phone.platform == "ios" else ""


def _number(phone: UsbPhone) -> int:
    """A number for a phone on the bus, as a service has one: another one each time it is plugged in."""
    bus, address = phone.address or (0, 0)
    return bus << 8 | address


def _close(muxes: dict[int, UsbMux]) -> None:
    while muxes:
        muxes.popitem()[1].close()


def _opened(phone: MuxPhone, cancel: Cancel) -> UsbMux:
    bus = usb.Bus()
    try:
        device = next((p for p in bus.look() if _number(p) == phone.device and udid_of(p) == phone.udid), None)
        if device is None:
            raise Unplugged("it is not at its place any more")
        if device.state is not PhoneState.READY:
            raise IphoneNotReady(device.state)
        wire = UsbWire(device, bus.close)
    except BaseException:
        bus.close()
        raise
    return UsbMux(wire, cancel)
