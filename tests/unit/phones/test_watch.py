"""Plug and unplug as events, from a made-up bus and a made-up adb server."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from core.phones import usb
from core.phones.android.link import server
from core.phones.android.link.server import ServerPhone
from core.phones.iphone.connect import Iphones
from core.phones.states import PhoneState
from core.phones.usb import NoUsb, UsbPhone
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
    watch = Watch(world.told.put, Iphones(""))
    assert watch.start() is None
    assert ready.wait(WAIT)
    yield world
    watch.stop()
    assert world.told.empty()


def test_plug_and_unplug(world: World) -> None:
    world.plug(phone("A"))
    assert world.next() == ("usb:1-A", True, PhoneState.READY, Road.USB)
    world.plug()
    assert world.next() == ("usb:1-A", False, PhoneState.UNPLUGGED, Road.USB)


def test_several_phones_each_told_once(world: World) -> None:
    world.plug(phone("A"), phone("B"))
    assert {world.next()[0], world.next()[0]} == {"usb:1-A", "usb:1-B"}
    world.plug(phone("B"))
    assert world.next()[:2] == ("usb:1-A", False)


CHEAP = "0123456789ABCDEF"


def at(port: int, serial: str = CHEAP, address: int = 0, state: PhoneState = PhoneState.READY) -> UsbPhone:
    return UsbPhone(f"usb:1-{port}", serial, "Cheap", state, (1, port), (1, address or port))


def held(number: int, place: int | None = None, serial: str = CHEAP) -> ServerPhone:
    return ServerPhone(serial, PhoneState.READY, (1, place) if place else (), None, str(number))


def test_a_second_phone_with_the_same_serial_number_leaves_the_first_one_alone(world: World) -> None:
    world.plug(at(1))
    assert world.next()[:2] == ("usb:1-1", True)
    world.plug(at(1), at(2))
    assert world.next()[:2] == ("usb:1-2", True)
    world.plug(at(2))
    assert world.next()[:2] == ("usb:1-1", False)


@pytest.mark.parametrize("told", [True, False])
def test_two_phones_with_one_serial_number_that_the_server_takes_stay_what_they_are(world: World, told: bool) -> None:
    """Where the server names no place, as on Windows, the second one's is what is left over."""

    def of(number: int, place: int) -> ServerPhone:
        return held(number, place if told else None)

    world.plug(at(1))
    world.next()
    world.held([of(7, 1)])
    assert world.next() == ("usb:1-1", True, PhoneState.READY, Road.SERVER)
    world.plug(at(1), at(2))
    assert world.next() == ("usb:1-2", True, PhoneState.READY, Road.USB)
    world.held([of(7, 1), of(8, 2)])
    second = world.told.get(timeout=WAIT).sighting
    assert (second.key, second.road, second.transport, second.port) == ("usb:1-2", Road.SERVER, "8", (1, 2))
    world.plug(at(2))
    world.held([of(8, 2)])
    assert world.next()[:2] == ("usb:1-1", False)


def test_phones_that_a_server_tells_no_places_of_are_told_apart_by_its_numbers(world: World) -> None:
    world.held([held(3), held(4)])
    assert {world.next()[0], world.next()[0]} == {f"adb:{CHEAP}", f"adb:{CHEAP} 4"}
    world.held([held(4)])
    assert world.next()[:2] == (f"adb:{CHEAP}", False)
    world.held([held(4), held(5)])
    assert world.next()[:2] == (f"adb:{CHEAP}", True)


@pytest.mark.parametrize(("before", "now"), [(at(1, "R5CT1"), at(1, "R5CT2")), (at(1), at(1, address=9))])
def test_another_phone_in_the_place_of_one_is_no_change_of_its_state(
    world: World, before: UsbPhone, now: UsbPhone
) -> None:
    """Also where both happened between two looks at the bus, and where it says the number that many have."""
    world.plug(before)
    world.next()
    world.plug(now)
    assert world.next()[:2] == ("usb:1-1", False)
    assert world.next()[:2] == ("usb:1-1", True)


def test_a_phone_that_was_away_for_less_than_a_look_is_still_itself(world: World) -> None:
    world.plug(at(1, "R5CT1"))
    world.next()
    world.plug(at(1, "R5CT1", address=9))
    assert world.next()[:2] == ("usb:1-1", True)


def test_a_place_that_is_not_the_phones_is_not_believed(world: World) -> None:
    """What stands before the place in a server's list is the phone's own serial number."""
    world.plug(at(1, "R5CT1"))
    world.next()
    world.held([held(3, place=1, serial="X")])
    assert world.next()[:2] == ("adb:X", True)


def test_a_change_of_state_is_told(world: World) -> None:
    world.plug(phone("A", PhoneState.CHARGING))
    assert world.next()[2] is PhoneState.CHARGING
    world.plug(phone("A"))
    assert world.next()[:3] == ("usb:1-A", True, PhoneState.READY)


def test_a_phone_that_the_adb_server_takes_is_one_phone(world: World) -> None:
    world.plug(phone("A"))
    world.next()
    world.held([ServerPhone("A", PhoneState.UNAUTHORISED)])
    assert world.next() == ("usb:1-A", True, PhoneState.UNAUTHORISED, Road.SERVER)
    world.held([])
    assert world.next() == ("usb:1-A", True, PhoneState.READY, Road.USB)


def test_without_usb_the_adb_server_is_watched_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise NoUsb(T("This computer's USB ports cannot be used."))

    def track(listed: Callable[[list[ServerPhone]], None], stop: threading.Event, port: int) -> None:
        listed([ServerPhone("A", PhoneState.READY)])

    monkeypatch.setattr(usb, "Bus", broken)
    monkeypatch.setattr(server, "track", track)
    told: queue.Queue[Change] = queue.Queue()
    watch = Watch(told.put, Iphones(""))
    assert isinstance(watch.start(), NoUsb)
    assert told.get(timeout=WAIT).sighting.key == "adb:A"
    watch.stop()


def test_looking_once(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBus.phones = (phone("B"), phone("A", PhoneState.NO_PERMISSION))
    monkeypatch.setattr(usb, "Bus", FakeBus)
    monkeypatch.setattr(server, "phones", lambda: [ServerPhone("B", PhoneState.READY)])
    assert [(s.key, s.road, s.state, s.maker) for s in look(Iphones(""))] == [
        ("usb:1-A", Road.USB, PhoneState.NO_PERMISSION, "samsung"),
        ("usb:1-B", Road.SERVER, PhoneState.READY, "samsung"),  # USB tells it, whoever holds the phone
    ]
