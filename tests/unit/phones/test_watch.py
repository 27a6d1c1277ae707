"""Plug and unplug as events, from a made-up bus and a made-up adb server."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from core.phones.android import server, usb
from core.phones.android.server import ServerPhone
from core.phones.android.states import NoUsb
from core.phones.android.usb import UsbPhone
from core.phones.driver import PhoneState
from core.phones.watch import Change, Road, Watch, look
from core.text import T

WAIT = 10.0


class FakeBus:
    """A bus on which phones appear and vanish at once, and on which `wait` returns when they do."""

    phones: tuple[UsbPhone, ...] = ()
    changed = threading.Event()

    def look(self) -> list[UsbPhone]:
        return list(self.phones)

    def wait(self, seconds: float) -> bool:
        assert seconds <= 1.0
        happened = self.changed.wait(seconds)
        self.changed.clear()
        return happened

    def wake(self) -> None:
        self.changed.set()

    def close(self) -> None:
        pass


class World:
    """What is plugged in, and what was told about it."""

    def __init__(self) -> None:
        self.told: queue.Queue[Change] = queue.Queue()
        self.held: Callable[[list[ServerPhone]], None] = lambda phones: None

    def plug(self, *phones: UsbPhone) -> None:
        FakeBus.phones = phones
        FakeBus.changed.set()

    def next(self) -> tuple[str, bool, PhoneState, Road]:
        change = self.told.get(timeout=WAIT)
        return change.sighting.key, change.plugged, change.sighting.state, change.sighting.road


def phone(serial: str, state: PhoneState = PhoneState.READY) -> UsbPhone:
    return UsbPhone(f"usb:1-{serial}", serial, "Samsung", state, maker="samsung")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World()
    FakeBus.phones = ()
    ready = threading.Event()

    def track(listed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int) -> None:
        world.held = listed
        ready.set()
        stop.wait()

    monkeypatch.setattr(usb, "Bus", FakeBus)
    monkeypatch.setattr(server, "track", track)
    watch = Watch(world.told.put)
    assert watch.start() is None
    assert ready.wait(WAIT)
    yield world
    watch.stop()
    assert world.told.empty()


def test_plug_and_unplug(world: World) -> None:
    world.plug(phone("A"))
    assert world.next() == ("A", True, PhoneState.READY, Road.USB)
    world.plug()
    assert world.next() == ("A", False, PhoneState.UNPLUGGED, Road.USB)


def test_several_phones_each_told_once(world: World) -> None:
    world.plug(phone("A"), phone("B"))
    assert {world.next()[0], world.next()[0]} == {"A", "B"}
    world.plug(phone("B"))
    assert world.next()[:2] == ("A", False)


def test_a_change_of_state_is_told(world: World) -> None:
    world.plug(phone("A", PhoneState.CHARGING))
    assert world.next()[2] is PhoneState.CHARGING
    world.plug(phone("A"))
    assert world.next()[:3] == ("A", True, PhoneState.READY)


def test_a_phone_that_the_adb_server_takes_is_one_phone(world: World) -> None:
    world.plug(phone("A"))
    world.next()
    world.held([ServerPhone("A", PhoneState.UNAUTHORISED)])
    assert world.next() == ("A", True, PhoneState.UNAUTHORISED, Road.SERVER)
    world.held([])
    assert world.next() == ("A", True, PhoneState.READY, Road.USB)


def test_without_usb_the_adb_server_is_watched_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise NoUsb(T("This computer's USB ports cannot be used."))

    def track(listed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int) -> None:
        listed([ServerPhone("A", PhoneState.READY)])

    monkeypatch.setattr(usb, "Bus", broken)
    monkeypatch.setattr(server, "track", track)
    told: queue.Queue[Change] = queue.Queue()
    watch = Watch(told.put)
    assert isinstance(watch.start(), NoUsb)
    assert told.get(timeout=WAIT).sighting.key == "A"
    watch.stop()


def test_looking_once(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBus.phones = (phone("B"), phone("A", PhoneState.NO_PERMISSION))
    monkeypatch.setattr(usb, "Bus", FakeBus)
    monkeypatch.setattr(server, "phones", lambda: [ServerPhone("B", PhoneState.READY)])
    assert [(s.key, s.road, s.state, s.maker) for s in look()] == [
        ("A", Road.USB, PhoneState.NO_PERMISSION, "samsung"),
        ("B", Road.SERVER, PhoneState.READY, "samsung"),  # USB tells it, whoever holds the phone
    ]
