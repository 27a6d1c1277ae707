"""iPhones that come and go, as the watch tells of them, and the way from a sighting to an opened phone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from core.jobs import Cancel, silent
from core.phones import watch
from core.phones.connect import Reach
from core.phones.iphone import mux
from core.phones.iphone.connect import Iphones
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import PhoneState
from core.phones.usb import NoUsb
from core.phones.watch import Change, Road, Watch
from core.simulator.iphone import MuxServer, load_iphone
from core.text import T
from tests.unit.phones.iphone.conftest import Serve

#: Seconds that a change may take to be told of.
LIMIT = 30


@pytest.fixture
def only_iphones(monkeypatch: pytest.MonkeyPatch) -> None:
    """No USB bus and no adb server: what is plugged into this computer is left alone."""

    def none() -> None:
        raise NoUsb(T("There is no bus here."))

    monkeypatch.setattr(watch.usb, "Bus", none)
    monkeypatch.setattr(watch.server, "phones", list)
    monkeypatch.setattr(watch.server, "track", lambda listed, stop, port: None)
    monkeypatch.setattr(watch, "POLL", 0.02)


@pytest.mark.usefixtures("only_iphones")
def test_an_iphone_is_sighted_and_opened_by_what_is_known_of_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve("iphone-clean")
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    (sighting,) = watch.look(Iphones("Desk 4"))
    assert (sighting.platform, sighting.road, sighting.state) == ("ios", Road.MUX, PhoneState.READY)
    assert sighting.words.sentence
    phone = Reach(tmp_path, "Desk 4").phone(sighting, Cancel())
    assert phone.identity(Cancel()).model == "iPhone15,4"
    assert phone.practice
    monkeypatch.delenv(mux.ADDRESS_VARIABLE)
    monkeypatch.setattr(mux, "address", lambda: ("127.0.0.1", server.port))
    phone = Reach(tmp_path, "Desk 4").phone(sighting, Cancel())
    assert not phone.practice  # through this computer's own service, a real one could say so as well


@pytest.mark.usefixtures("only_iphones")
def test_one_that_does_not_trust_is_asked_once_the_officer_has_it_opened(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, poll_often: Callable[[], None]
) -> None:
    poll_often()
    server = serve("iphone-untrusted")
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    (sighting,) = watch.look(Iphones("Desk 4"))
    assert sighting.state is PhoneState.NOT_TRUSTED
    asked: list[str] = []
    phone = Reach(tmp_path, "Desk 4").phone(sighting, Cancel(), asked.append)
    assert asked == [""]
    assert phone.read(silent, Cancel()).apps
    (sighting,) = watch.look(Iphones("Desk 4"))
    assert sighting.state is PhoneState.READY
    phone.close()
    again = Reach(tmp_path, "Desk 4").phone(sighting, Cancel())  # as after a break, or once Fanion was started anew
    assert again.trust_off(Cancel()).seen is True
    (sighting,) = watch.look(Iphones("Desk 4"))
    assert sighting.state is PhoneState.NOT_TRUSTED


@pytest.mark.slow
@pytest.mark.usefixtures("only_iphones")
def test_one_that_forgot_this_computer_is_asked_anew_on_request(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve("iphone-clean")
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    server.phones[0].forget()
    reach = Reach(tmp_path, "Desk 4")
    (sighting,) = watch.look(reach.iphones)
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.FORGOTTEN):
        reach.phone(sighting, Cancel())
    assert server.phones[0].questions == 0
    (sighting,) = watch.look(reach.iphones)
    assert sighting.state is PhoneState.FORGOTTEN
    assert reach.phone(sighting, Cancel()).read(silent, Cancel()).apps
    assert server.phones[0].questions == 1
    (sighting,) = watch.look(reach.iphones)
    assert sighting.state is PhoneState.READY


@pytest.mark.usefixtures("only_iphones")
def test_coming_and_going_is_told(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server: MuxServer = serve("iphone-clean")
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    told: list[Change] = []
    news = threading.Condition()

    def changed(change: Change) -> None:
        with news:
            told.append(change)
            news.notify_all()

    seen = Watch(changed, Iphones("Desk 4"))
    seen.start()
    try:
        for number, act in enumerate((lambda: None, server.phones[0].detach, server.phones[0].attach), 1):
            act()
            with news:
                assert news.wait_for(lambda number=number: len(told) >= number, LIMIT)  # type: ignore[misc]
    finally:
        seen.stop()
    assert [change.plugged for change in told] == [True, False, True]
    assert {change.sighting.platform for change in told} == {"ios"}


@pytest.mark.usefixtures("only_iphones")
def test_one_over_the_network_is_none(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = serve(msgspec.structs.replace(load_iphone("iphone-clean"), connection="Network"))
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
    with pytest.raises(NoUsb):
        watch.look(Iphones("Desk 4"))


def test_a_service_that_was_named_and_does_not_answer_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(mux.ADDRESS_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(IphoneNotReady, check=lambda met: met.state is PhoneState.NO_SERVICE) as missing:
        Reach(tmp_path, "Desk 4").iphones.open_through(mux.address(), "", Cancel(), may_ask=False)
    assert missing.value.code == "phone-no-service"
