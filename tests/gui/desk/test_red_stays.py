"""A ban that was seen on a phone stays on its page, whatever keeps its check from coming to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.jobs import Cancel
from core.model import Inventory
from core.phones.android.phone import AndroidPhone
from core.phones.driver import OtherPhone, Silent, Unplugged
from core.phones.states import PhoneState
from core.problem import Cancelled
from core.simulator import PracticeServer
from tests.gui.conftest import Disk, Office

LISTING = "dumpsys package packages"


def ends_after_the_glimpse(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    """From now on the reading of each phone ends once its quick lists were read."""
    real = AndroidPhone.read

    def read(
        phone: AndroidPhone, report: Any, cancel: Cancel, glimpse: Callable[[Inventory], None], sought: Any
    ) -> Inventory:
        real(phone, report, cancel, glimpse)
        raise problem

    monkeypatch.setattr(AndroidPhone, "read", read)


def still_red(office: Office, *words: str, headline: str = "2 banned apps") -> None:
    assert office.page.session is not None
    assert not office.page.session.busy
    assert office.page.session.check is None
    assert (office.colour, office.headline) == ("red", headline)
    office.see("Found so far: ", "The rest is not known.", *words)
    assert not office.says("Not checked")
    assert not office.block.remove.isVisible()  # only what was read to its end is acted upon


def red(office: Office) -> PracticeServer:
    """A phone whose check has ended, and found two banned apps."""
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    return server


def test_a_restart_while_it_is_read_leaves_what_was_seen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_after_the_glimpse(monkeypatch, OtherPhone(("boot id",)))
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps seen")
    office.idle()
    words = ("This is not the phone that was checked, or it was restarted since.", "See which phone")
    still_red(office, *words, headline="2 banned apps seen")
    assert office.card(0).endswith(": 2 banned seen, Check again")


@pytest.mark.slow
def test_a_log_that_cannot_be_written_leaves_what_was_seen(office: Office, disk: Disk) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, LISTING)
    office.plug("S1")
    office.until(lambda: gate.reached and office.headline == "2 banned apps so far")
    disk.room = 0
    gate.open()
    office.see("cannot grow: the disk is full.")
    office.idle()
    still_red(office, "the disk is full", headline="2 banned apps seen")
    disk.room = None
    office.press("F5")
    office.until(office.block.remove.isVisible)
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")


@pytest.mark.parametrize("files", [True, False])
def test_nor_does_a_second_check_that_cannot_be_written(office: Office, disk: Disk, files: bool) -> None:
    red(office)
    disk.room = 0 if files else 1
    office.press("F5")
    office.see("cannot grow: the disk is full.")
    office.idle()
    still_red(office, "the disk is full")


def test_a_second_check_that_is_stopped_at_once_is_no_better(office: Office) -> None:
    server = red(office)
    gate = office.gate(server, "pm list users")
    office.press("F5")
    office.until(lambda: gate.reached and office.block.stop.isVisible())
    office.click(office.block.stop)
    gate.open()
    office.idle()
    still_red(office, "You stopped the check.")
    assert office.card(0).endswith(": 2 banned, Check it")


@pytest.mark.slow
def test_a_phone_that_is_pulled_at_once_is_no_better_and_remembers_it_when_it_comes_back(
    open_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(own={"automatic_check": False})
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "Not checked yet")
    office.idle()
    office.press("F5")
    office.until(office.block.remove.isVisible)
    office.idle()
    server = office.servers["S1"]
    gate = office.gate(server, "pm list users")
    office.press("F5")
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.until(lambda: office.headline == "Unplugged with 2 banned apps")
    office.idle()
    assert office.card(0).endswith(": Unplugged, 2 banned, Plug it in again")
    still_red(office, headline="Unplugged with 2 banned apps")
    office.plug("S1")
    office.until(lambda: not office.fanion.phones.sessions[0].absent)
    office.idle()
    assert len(office.fanion.phones.sessions) == 1
    still_red(office, "Check it to see what is on it.", headline="2 banned apps seen")
    # What a whole check does not find is not there.
    server.phone.uninstall(server.phone.packages["com.tencent.mm"], list(server.phone.profiles))
    for package in [p for p in server.phone.packages.values() if "kaspersky" in p.name or p.name.startswith("com.kms")]:
        server.phone.uninstall(package, list(server.phone.profiles))
    office.press("F5")
    office.until(lambda: office.page.session is not None and office.page.session.check is not None)
    office.idle()
    assert "seen" not in office.headline


@pytest.mark.parametrize(("serial", "stays"), [("R5CT1S1", True), ("R5CT1S2", False)])
def test_a_phone_that_asks_anew_is_no_better_and_another_one_is_not_red_for_it(
    office: Office, serial: str, stays: bool
) -> None:
    red(office)
    (session,) = office.fanion.phones.sessions
    sighting = replace(office.sightings["S1"], serial=serial, state=PhoneState.UNAUTHORISED, transport="2")
    office.watches[-1].tell(sighting, plugged=True)
    office.until(lambda: session.check is None)
    office.idle()
    assert (session.status.value, bool(session.left_red)) == (("red", True) if stays else ("neutral", False))
    assert ("2 banned" in office.card(0)) is stays


@pytest.mark.slow
def test_a_phone_that_does_not_answer_keeps_what_was_found_and_is_read_again_when_it_does(office: Office) -> None:
    red(office)
    ready = office.sightings["S1"]
    office.watches[-1].tell(replace(ready, state=PhoneState.OFFLINE), plugged=True)
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    checks = office.kinds().count("check-ended")
    office.watches[-1].tell(ready, plugged=True)
    office.until(lambda: office.kinds().count("check-ended") == checks + 1)
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")


@pytest.mark.parametrize("problem", [Unplugged(), Silent(30), Cancelled()])
def test_what_was_seen_is_on_record_where_only_the_reading_ended(
    office: Office, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    ends_after_the_glimpse(monkeypatch, problem)
    office.plug("S1", "walk-up")
    office.until(office.block.again.isVisible)
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    assert office.kinds()[-1] == "check-ended"
