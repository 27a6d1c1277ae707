"""iPhones on the USB bus, and what is said of those that no service lists."""

from __future__ import annotations

import pytest

from core.jobs import Cancel
from core.phones.iphone import connect, mux
from core.phones.iphone.connect import LISTED_WITHIN, TOO_OLD_AFTER, Iphones, ListedPhones, SeenIphone
from core.phones.iphone.mux import MuxPhone
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import PhoneState
from core.phones.usb import UsbPhone
from core.phones.watch import Sighting
from core.phones.watch import _iphones as sightings
from tests.kit.iphone.faults import Faults
from tests.unit.phones.iphone.conftest import Serve

UDID = "00008101-000A1B2C3D4E5F60"
OTHER = "00008101-000A1B2C3D4E5F61"
LISTED = ListedPhones(((MuxPhone(7, UDID, "/run/usbmuxd"), True),))
NO_SERVICE = ListedPhones(service=PhoneState.NO_SERVICE)


def on_bus(udid: str = UDID, state: PhoneState = PhoneState.READY, *, port: int = 2, shows: bool = True) -> UsbPhone:
    serial = udid.replace("-", "")
    setting = object() if shows else None
    return UsbPhone(f"usb:1-{port}", serial, "iPhone", state, (1, port), (1, port), setting=setting, platform="ios")


@pytest.fixture
def iphones(monkeypatch: pytest.MonkeyPatch) -> Iphones:
    """Those of a computer on which nothing names another service."""
    monkeypatch.delenv(mux.ADDRESS_VARIABLE, raising=False)
    return Iphones("Desk 4")


def seen(iphones: Iphones, listed: ListedPhones, *phones: UsbPhone, waited: float = 60.0) -> list[SeenIphone]:
    return iphones.plugged_in(listed, phones, lambda phone: waited)[0]


def states(found: list[SeenIphone]) -> list[PhoneState]:
    return [one.state for one in found]


def test_one_that_the_service_lists_is_where_the_bus_has_it(iphones: Iphones) -> None:
    (one,) = seen(iphones, LISTED, on_bus())
    assert (one.state, one.on_bus) == (PhoneState.READY, on_bus())
    (sighting,) = sightings([one])
    assert (sighting.key, sighting.port, sighting.transport) == (f"usbmux:{UDID}", (1, 2), "7")


def test_a_service_has_a_moment_to_list_one_and_later_may_be_too_old_for_it(iphones: Iphones) -> None:
    nothing = ListedPhones()
    assert iphones.plugged_in(nothing, [on_bus()], lambda phone: LISTED_WITHIN / 2) == ([], True)
    assert states(seen(iphones, nothing, on_bus(), waited=LISTED_WITHIN)) == [PhoneState.NOT_LISTED]
    assert states(seen(iphones, nothing, on_bus(), waited=TOO_OLD_AFTER)) == [PhoneState.SERVICE_TOO_OLD]
    # One that shows no interface gives no data to any service.
    closed = on_bus(state=PhoneState.NOT_LISTED, shows=False)
    assert states(seen(iphones, nothing, closed, waited=TOO_OLD_AFTER)) == [PhoneState.NOT_LISTED]


def test_where_no_service_answers_that_is_said_once_a_daemon_had_time_to_start(iphones: Iphones) -> None:
    assert iphones.plugged_in(NO_SERVICE, [on_bus()], lambda phone: LISTED_WITHIN / 2) == ([], True)
    for state in (PhoneState.READY, PhoneState.NO_PERMISSION, PhoneState.NOT_LISTED):
        assert states(seen(iphones, NO_SERVICE, on_bus(state=state), waited=LISTED_WITHIN)) == [PhoneState.NO_SERVICE]


def test_one_that_the_bus_does_not_name_is_among_those_that_are_listed(iphones: Iphones) -> None:
    """As where the system owns the phone, and tells its serial number to no other program."""
    unnamed = on_bus("")
    assert states(seen(iphones, LISTED, unnamed)) == [PhoneState.READY]
    assert states(seen(iphones, ListedPhones(), unnamed, waited=LISTED_WITHIN)) == [PhoneState.NOT_LISTED]
    assert len(seen(iphones, LISTED, unnamed, on_bus("", port=3))) == 2


def test_two_that_say_that_they_are_one_are_two(iphones: Iphones) -> None:
    found = seen(iphones, NO_SERVICE, on_bus(), on_bus(port=3))
    assert len(found) == 2
    assert {sighting.key for sighting in sightings(found)} == {f"usbmux:{UDID}", "usb:1-3"}


def test_every_state_has_words_and_a_way_or_none(iphones: Iphones) -> None:
    for listed in (LISTED, ListedPhones(), NO_SERVICE, ListedPhones(service=PhoneState.SERVICE_TOO_OLD)):
        for waited in (0, LISTED_WITHIN, TOO_OLD_AFTER):
            for sighting in sightings(seen(iphones, listed, on_bus(), on_bus(OTHER, port=3), waited=waited)):
                assert isinstance(sighting, Sighting)
                assert sighting.words.sentence


@pytest.mark.parametrize("number", [1, 6, -7, -8, -256])
def test_a_service_that_does_not_know_what_it_is_asked_is_too_old(
    iphones: Iphones, serve: Serve, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve("iphone-clean")
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    assert iphones.listed(Cancel()).service is PhoneState.READY
    result = f"<plist><dict><key>Number</key><integer>{number}</integer></dict></plist>".encode()
    server.faults = Faults(replace={"mux.ListDevices": result})
    assert iphones.listed(Cancel()).service is PhoneState.SERVICE_TOO_OLD
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.SERVICE_TOO_OLD):
        connect.listed(mux.address(), Cancel())
