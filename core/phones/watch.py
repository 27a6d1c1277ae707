"""What is plugged into this computer, and each change of it as it happens.

Three sources are watched, each on a thread of its own: the USB bus (told by the system where it tells, and looked at
once a second in any case), the adb server, if one runs, and the service through which a computer reaches iPhones. A
phone that the adb server holds is listed once, as the server's.

A phone is known by its place on the bus. Its serial number is what it says of itself: two phones may say the same, and
one may say something else the next time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from core import guides
from core.jobs import Cancel
from core.phones import usb
from core.phones.android.link import server
from core.phones.driver import PhoneProblem
from core.phones.iphone.connect import Iphones, ListedPhones, SeenIphone
from core.phones.states import STATES, PhoneState, StateWords
from core.problem import Cancelled
from core.same_phone import names_one_phone
from core.system.support import support_log
from core.text import plain

#: The bus is looked at this often even if the system tells of every change (seconds).
POLL: Final = 1.0
#: Seconds between two looks at an iPhone that was plugged in just before.
_AGAIN: Final = 0.2


class Road(StrEnum):
    """How a phone is reached."""

    USB = "usb"
    SERVER = "adb-server"
    MUX = "usbmux"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One phone that is plugged in.

    `key` names it while it stays, and no other that is there: its place on the bus (``usb:1-4.2``), or ``adb:`` and
    its serial number where only the adb server knows of it and tells no place. `port` is the bus and the ports from its
    root to the phone, empty where the system does not tell. `transport` is the number under which an adb server holds
    it, and `address` the phone's number on the bus: another one each time it is plugged in. `maker` is the
    guide for getting it ready (:mod:`core.guides`), empty where USB does not tell. `platform` is ``android`` or
    ``ios``.
    """

    key: str
    serial: str
    name: str
    state: PhoneState
    road: Road
    port: tuple[int, ...] = ()
    transport: str = ""
    address: tuple[int, int] | None = None
    maker: str = ""
    platform: str = "android"

    @property
    def words(self) -> StateWords:
        """Its state in words."""
        return STATES[self.state].words(self.platform)

    def is_again(self, before: Sighting) -> bool:
        """Whether this is the phone that was sighted `before`, by whichever road, as far as its serial number names one
        phone; its name is compared where both roads tell it."""
        same_name = not (self.name and before.name) or self.name == before.name
        return names_one_phone(self.serial) and self.serial == before.serial and same_name


_NONE: Final[Mapping[str, Sighting]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Change:
    """A phone came, went, or changed its state."""

    sighting: Sighting
    plugged: bool


def look(iphones: Iphones, cancel: Cancel | None = None) -> list[Sighting]:
    """What is plugged in now; an iPhone that was plugged in just before is waited for, for three seconds at most.

    Raises NoUsb only if there is neither a bus nor a service to ask, Cancelled.
    """
    cancel = cancel or Cancel()
    on_server, listed = server.phones(), iphones.listed(cancel)
    try:
        bus = usb.Bus()
    except PhoneProblem:
        sightings = [*_merge([], on_server), *_iphones(iphones.plugged_in(listed, (), lambda phone: 0.0)[0])]
        if sightings:
            return sightings
        raise
    try:
        start = time.monotonic()
        while True:
            on_bus = bus.look()
            seen_iphones, early = iphones.plugged_in(listed, on_bus, lambda phone: time.monotonic() - start)
            if not early:
                return [*_merge(on_bus, on_server), *_iphones(seen_iphones)]
            cancel.wait(_AGAIN)
            listed = iphones.listed(cancel)
    finally:
        bus.close()


def _iphones(iphones: Iterable[SeenIphone]) -> list[Sighting]:
    """Each iPhone under its identifier, and one without, or with that of another, under its place on the bus."""
    sightings: dict[str, Sighting] = {}
    for iphone in iphones:
        at = iphone.on_bus
        key = f"usbmux:{iphone.udid}"
        if at is not None and (not iphone.udid or key in sightings):
            key = at.place
        sightings[key] = Sighting(
            key,
            iphone.udid,
            "iPhone",
            iphone.state,
            Road.MUX,
            port=at.port if at is not None else (),
            transport="" if iphone.device is None else str(iphone.device),
            address=at.address if at is not None else None,
            maker=guides.IPHONE,
            platform="ios",
        )
    return list(sightings.values())


def _merge(
    on_bus: Iterable[usb.UsbPhone], on_server: Iterable[server.ServerPhone], before: Mapping[str, Sighting] = _NONE
) -> list[Sighting]:
    """Each phone once. `before` is what was found the last time, by its key: each keeps that as long as it stays."""
    bus = {p.place: p for p in on_bus if p.platform == "android"}
    served = list(on_server)
    keys = _places(bus, served, before)
    sightings: dict[str, Sighting] = {}
    for number, phone in enumerate(served):
        usb_phone = bus.pop(keys.get(number, ""), None)
        key = keys.get(number) or _name(phone, {*sightings, *keys.values()})
        name = usb_phone.name if usb_phone else ""
        address = usb_phone.address if usb_phone else phone.address
        port = usb_phone.port if usb_phone else phone.port or (before[key].port if key in before else ())
        sightings[key] = Sighting(
            key,
            phone.serial,
            name,
            phone.state,
            Road.SERVER,
            port=port,
            transport=phone.transport,
            address=address,
            maker=usb_phone.maker if usb_phone else "",
        )
    serials = Counter(s.serial for s in sightings.values() if not s.port)
    for place, p in bus.items():
        # Where the server does not say which of several with one serial number it holds, it holds all of them.
        if not serials[p.serial] or serials[p.serial] < sum(twin.serial == p.serial for twin in bus.values()):
            sightings[place] = Sighting(
                place, p.serial, p.name, p.state, Road.USB, port=p.port, address=p.address, maker=p.maker
            )
    return sorted(sightings.values(), key=lambda s: (not s.port, s.port, s.key))


def _places(
    bus: Mapping[str, usb.UsbPhone], served: Sequence[server.ServerPhone], before: Mapping[str, Sighting]
) -> dict[int, str]:
    """The keys of the server's phones, by their number in the list, as far as it is certain where they are."""
    keys: dict[int, str] = {}
    earlier = {(s.transport, s.serial): s.key for s in before.values() if s.transport}

    def claim(number: int, key: str) -> None:
        """Take `key` for this phone's place, unless the bus has another one there, or it is taken: the serial number
        stands before the place in a line of the list, and a phone may choose one that looks like both."""
        usb_phone = bus.get(key)
        if key and key not in keys.values() and (usb_phone is None or _like(usb_phone, served[number])):
            keys[number] = key

    for number, phone in enumerate(served):
        if phone.port:
            claim(number, usb.port_name(phone.port))
        elif phone.address is not None:
            claim(number, next((p.place for p in bus.values() if p.address == phone.address), ""))
        else:
            claim(number, earlier.get((phone.transport, phone.serial), ""))
    for number, phone in enumerate(served):
        free = [place for place, p in bus.items() if p.serial == phone.serial and place not in keys.values()]
        alone = [n for n, p in enumerate(served) if p.serial == phone.serial and n not in keys] == [number]
        if len(free) == 1 and alone and not phone.port:
            keys[number] = free[0]
    return keys


def _like(usb_phone: usb.UsbPhone, phone: server.ServerPhone) -> bool:
    """Whether they can be one: their serial numbers are the same, as far as the bus tells it."""
    return not usb_phone.serial or usb_phone.serial == plain(phone.serial, usb.TEXT_LIMIT)


def _name(phone: server.ServerPhone, used_keys: Collection[str]) -> str:
    """A key for a phone without a place: its serial number, and the server's own number where another has that."""
    key = f"adb:{phone.serial}"
    return key if key not in used_keys else f"{key} {phone.transport}"


class Watch:
    """Tells every change from `start` until `stop`, on the watch's own threads, one at a time."""

    def __init__(self, changed: Callable[[Change], None], iphones: Iphones, adb_port: int = server.PORT) -> None:
        self._changed = changed
        self._iphones = iphones
        self._adb_port = adb_port
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._on_bus: list[usb.UsbPhone] = []
        self._on_server: list[server.ServerPhone] = []
        self._listed = ListedPhones()
        #: Since when each iPhone has been on the bus, by its place and number there.
        self._since: dict[tuple[str, tuple[int, int] | None], float] = {}
        self._cancel = Cancel()
        self._sightings: dict[str, Sighting] = {}
        self._bus: usb.Bus | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> PhoneProblem | None:
        """Begin. Returns the problem if the USB bus cannot be watched; the adb server is watched all the same."""
        problem = None
        try:
            self._bus = usb.Bus()
            self._threads.append(threading.Thread(target=self._watch_bus, args=(self._bus,), name="usb-watch"))
        except PhoneProblem as no_usb:  # Nothing is lost: the caller is given it.
            problem = no_usb
            support_log.problem(no_usb)
        self._threads.append(threading.Thread(target=self._watch_server, name="adb-server-watch"))
        self._threads.append(threading.Thread(target=self._watch_iphones, name="usbmux-watch"))
        for thread in self._threads:
            thread.start()
        return problem

    def stop(self) -> None:
        """End all threads; no change is told after this returns."""
        self._stop.set()
        self._cancel.press()
        if self._bus:
            self._bus.wake()
        for thread in self._threads:
            thread.join()
        if self._bus:
            self._bus.close()

    def _watch_bus(self, bus: usb.Bus) -> None:
        while not self._stop.is_set():
            phones = bus.look()
            with self._lock:
                self._on_bus = phones
                self._tell()
            bus.wait(POLL)

    def _watch_server(self) -> None:
        def listed(phones: list[server.ServerPhone]) -> None:
            with self._lock:
                self._on_server = phones
                if self._bus is None:
                    self._tell()
            if self._bus is not None:
                self._bus.wake()  # what the server has is there: the bus tells where

        server.track(listed, self._stop, self._adb_port)

    def _watch_iphones(self) -> None:
        """The service is asked anew once a second: that costs it little, and a list is whole where events get lost."""
        while not self._stop.is_set():
            with contextlib.suppress(Cancelled):  # Nothing is lost: the watch ends.
                listed = self._iphones.listed(self._cancel)
                with self._lock:
                    if listed != self._listed:
                        self._listed = listed
                        self._tell()
            self._stop.wait(POLL)

    def _tell(self) -> None:
        """Tell what has changed since the last time, departures first. Called with the lock held."""
        places = {(p.place, p.address) for p in self._on_bus if p.platform == "ios"}
        at = time.monotonic()
        self._since = {place: self._since.get(place, at) for place in places}
        iphones, _ = self._iphones.plugged_in(
            self._listed, self._on_bus, lambda phone: at - self._since[phone.place, phone.address]
        )
        now = {s.key: s for s in (*_merge(self._on_bus, self._on_server, self._sightings), *_iphones(iphones))}
        for key, old in list(self._sightings.items()):
            if key not in now or _plugged_anew(now[key], old):
                del self._sightings[key]
                _log(replace(old, state=PhoneState.UNPLUGGED))
                self._changed(Change(replace(old, state=PhoneState.UNPLUGGED), plugged=False))
        for key, new in now.items():
            if self._sightings.get(key) != new:
                self._sightings[key] = new
                _log(new)
                self._changed(Change(new, plugged=True))


def _plugged_anew(now: Sighting, before: Sighting) -> bool:
    """Whether what is at a place can be another phone than before. One that was away for less than a look is the same
    if its serial number names it; a daemon that starts anew has its phone leave the bus for a moment."""
    if now.serial and before.serial:
        if now.serial != before.serial:
            return True
        if names_one_phone(now.serial):
            return False
    if now.address and before.address:
        return now.address != before.address
    return bool(now.transport and before.transport) and now.transport != before.transport


def _log(sighting: Sighting) -> None:
    number = support_log.phone_number(sighting.key)
    support_log.info("phone.state", phone=number, state=sighting.state, road=sighting.road)
