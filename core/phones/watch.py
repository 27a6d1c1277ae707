"""What is plugged into this computer, and each change of it as it happens.

Two sources are watched, each on a thread of its own: the USB bus (told by the system where it tells, and looked at once
a second in any case) and the adb server, if one runs. A phone that the server holds is listed once, as the server's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from core.phones.android import server, usb
from core.phones.android.states import WORDS
from core.phones.driver import PhoneProblem, PhoneState, StateWords
from core.system import support_log

#: The bus is looked at this often even if the system tells of every change (seconds).
POLL: Final = 1.0


class Road(StrEnum):
    """How a phone is reached."""

    USB = "usb"
    SERVER = "adb-server"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One phone that is plugged in. `key` names it while it stays: its serial, or its place on the bus.

    `maker` is the guide for getting it ready (:mod:`core.guides`), empty where USB does not tell.
    """

    key: str
    serial: str
    name: str
    state: PhoneState
    road: Road
    maker: str = ""

    @property
    def words(self) -> StateWords:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Change:
    """A phone came, went, or changed its state."""

    sighting: Sighting
    plugged: bool


def look() -> list[Sighting]:
    """What is plugged in now. Raises NoUsb only if there is neither a bus nor a server to ask."""
    held = server.phones()
    try:
        bus = usb.Bus()
    except PhoneProblem:
        if held:
            return _merge([], held)
        raise
    try:
        return _merge(bus.look(), held)
    finally:
        bus.close()


def _merge(on_bus: Iterable[usb.UsbPhone], held: Iterable[server.ServerPhone]) -> list[Sighting]:
    found = {p.key: Sighting(p.key, p.serial, p.name, p.state, Road.USB, p.maker) for p in on_bus}
    for phone in held:
        known = found.get(phone.serial)
        name, maker = (known.name, known.maker) if known else ("", "")
        found[phone.serial] = Sighting(phone.serial, phone.serial, name, phone.state, Road.SERVER, maker)
    return sorted(found.values(), key=lambda s: s.key)


class Watch:
    """Tells every change from `start` until `stop`, on the watch's own threads, one at a time."""

    def __init__(self, changed: Callable[[Change], None], adb_port: int = server.PORT) -> None:
        self._changed = changed
        self._adb_port = adb_port
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._on_bus: list[usb.UsbPhone] = []
        self._held: list[server.ServerPhone] = []
        self._told: dict[str, Sighting] = {}
        self._bus: usb.Bus | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> PhoneProblem | None:
        """Begin. Returns the problem if the USB bus cannot be watched; the adb server is watched all the same."""
        problem = None
        try:
            self._bus = usb.Bus()
            self._threads.append(threading.Thread(target=self._watch_bus, args=(self._bus,), name="usb-watch"))
        except PhoneProblem as no_usb:
            problem = no_usb
            support_log.problem(no_usb)
        self._threads.append(threading.Thread(target=self._watch_server, name="adb-server-watch"))
        for thread in self._threads:
            thread.start()
        return problem

    def stop(self) -> None:
        """End both threads; no change is told after this returns."""
        self._stop.set()
        if self._bus:
            self._bus.wake()
        for thread in self._threads:
            thread.join()
        if self._bus:
            self._bus.close()

    def _watch_bus(self, bus: usb.Bus) -> None:
        while not self._stop.is_set():
            seen = bus.look()
            with self._lock:
                self._on_bus = seen
                self._tell()
            bus.wait(POLL)

    def _watch_server(self) -> None:
        def listed(phones: list[server.ServerPhone]) -> None:
            with self._lock:
                self._held = phones
                self._tell()

        server.track(listed, self._stop, self._adb_port)

    def _tell(self) -> None:
        now = {s.key: s for s in _merge(self._on_bus, self._held)}
        for key, old in list(self._told.items()):
            if key not in now:
                del self._told[key]
                _log(replace(old, state=PhoneState.UNPLUGGED))
                self._changed(Change(replace(old, state=PhoneState.UNPLUGGED), plugged=False))
        for key, new in now.items():
            if self._told.get(key) != new:
                self._told[key] = new
                _log(new)
                self._changed(Change(new, plugged=True))


def _log(sighting: Sighting) -> None:
    number = support_log.phone_number(sighting.key)
    support_log.info("phone.state", phone=number, state=sighting.state, road=sighting.road)
