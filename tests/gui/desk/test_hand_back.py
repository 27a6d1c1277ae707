"""Handing a phone back: one press where it is green, a reason where it is not, and a page that never says too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.jobs import Cancel
from core.phones.android.phone import AndroidPhone
from core.phones.driver import LeftToOwner, OtherPhone
from core.phones.states import PhoneState
from core.simulator import PracticeServer
from tests.gui.conftest import Disk, Office

OPTIONS, DEBUGGING = "settings put global development_settings_enabled 0", "settings put global adb_enabled 0"


def green(office: Office) -> PracticeServer:
    server = office.plug("S1", "clean")
    assert server is not None
    office.until(office.block.finish.isVisible)
    office.idle()
    return server


def asked(server: PracticeServer) -> list[str]:
    """What was switched off on the phone, in order."""
    return [command for command in server.phone.log if command.startswith("settings put")]


def last_records(office: Office) -> tuple[Any, Any]:
    """The two records of one handing back, which are the last that there are of their kind, and whole."""
    records = [r for r in office.records() if r.kind in ("hand-back-intended", "handed-back")]
    (intended, back) = records[-2:]
    assert [r.kind for r in (intended, back)] == ["hand-back-intended", "handed-back"]
    assert back.record.intent == intended.seq
    return intended.record, back.record


def known(office: Office) -> tuple[bool | None, ...]:
    _, back = last_records(office)
    return back.options_asked, back.options_off, back.debugging_asked, back.left


def test_a_green_phone_is_handed_back_by_one_press_and_stays_so_until_it_is_unplugged(office: Office) -> None:
    server = green(office)
    office.see("This ends the connection with slot 1.", "Say to the holder")
    office.press("Alt+F")
    office.idle()
    assert asked(server) == [OPTIONS, DEBUGGING]
    assert known(office) == (True, True, True, True)
    assert (office.colour, office.headline) == ("green", "Handed back")
    office.see("Unplug it and give it to its holder.", "Everything was read, and no banned app was found.")
    office.click(office.page.handed_back.toggle)
    office.see("confirmed by the phone", "turned off; phone disconnected")
    for button in (office.block.finish, office.block.again, office.block.remove, office.block.record):
        assert not button.isVisible()
    assert office.card(0).endswith(": Handed back, Unplug it")
    office.press("Alt+F")
    office.press("F5")
    office.idle()
    assert office.kinds().count("hand-back-intended") == office.kinds().count("check-started") == 1

    # On its cable the phone comes anew without debugging: it is the one that was handed back, and needs nothing.
    (session,) = office.fanion.phones.sessions
    office.unplug("S1")
    office.plug("S1", state=PhoneState.CHARGING)
    office.until(lambda: office.card(0).endswith(": Handed back, Unplug it"))
    assert office.fanion.phones.sessions == [session]
    assert office.page.session is session
    assert office.block.isVisible()
    office.unplug("S1")
    office.see("It is not plugged in any more.")
    assert office.card(0).endswith(": Handed back, No banned apps")


@pytest.mark.slow
def test_the_watch_may_see_it_leave_before_the_answer_does(office: Office) -> None:
    server = green(office)
    gate = office.gate(server, DEBUGGING)
    office.press("Alt+F")
    office.until(lambda: gate.reached and office.headline == "Handing back…")
    (session,) = office.fanion.phones.sessions
    assert session.sighting is not None
    gone = replace(session.sighting, state=PhoneState.UNPLUGGED)
    office.watches[-1].tell(gone, plugged=False)
    office.until(lambda: session.absent)
    gate.open()
    office.idle()
    assert known(office) == (True, True, True, True)
    assert (office.colour, office.headline) == ("green", "Handed back")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "expected", "said"),
    [
        ("settings get secure rampart", (False, None, False, None), "not asked: phone already disconnected"),
        (OPTIONS, (True, None, False, None), "asked; result not known"),
        (DEBUGGING, (True, True, True, None), "asked; result not known"),
    ],
)
def test_a_cable_that_is_pulled_on_the_way_leaves_a_true_page_and_a_whole_record(
    office: Office, at: str, expected: tuple[bool | None, ...], said: str
) -> None:
    server = green(office)
    gate = office.gate(server, at)
    office.click(office.block.finish)
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.idle()
    assert known(office) == expected
    office.see("Handed back", "It is not plugged in any more.", said)
    assert office.card(0).endswith(": Handed back, No banned apps")
    assert office.page.identity.title.hasFocus() or office.window.desk_page.cards.hasFocus()


def test_a_red_phone_is_handed_back_for_a_reason_alone(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    assert not office.block.finish.isVisible()
    office.press("Alt+F")
    next(a for a in office.page.identity.menu().actions() if a.text() == "Hand it back as it is…").trigger()
    office.see("Why is it handed back with 2 banned apps?")
    assert not office.block.finish.isEnabled()
    assert not office.block.remove.isVisible()
    office.press("Alt+F")
    office.type("   ")
    office.press("Alt+F")
    assert "hand-back-intended" not in office.kinds()
    office.type("Called away")
    office.press("Alt+F")
    office.idle()
    assert (office.colour, office.headline) == ("red", "Handed back with 2 banned apps")
    intended, _ = last_records(office)
    assert (intended.reason.value, intended.banned, intended.verdict) == ("Called away", 2, "red")
    assert "green" not in [colour for colour, _ in office.shown]


@pytest.mark.slow
def test_the_paper_that_the_owner_has_is_on_record(office: Office) -> None:
    green(office)
    office.block.hand_back.paper.click()
    office.press("F5")  # what was ticked is said of the page that was printed from the last check
    office.idle()
    assert not office.block.hand_back.paper.isChecked()
    office.block.hand_back.paper.click()
    office.press("Alt+F")
    office.idle()
    assert last_records(office)[0].paper == "printed"
    office.click(office.page.handed_back.toggle)
    office.see("given to the holder")


@pytest.mark.slow
def test_without_a_record_before_it_nothing_is_asked_of_the_phone(office: Office, disk: Disk) -> None:
    server = green(office)
    disk.room = 0
    office.press("Alt+F")
    office.see("cannot grow: the disk is full.")
    office.idle()
    assert asked(server) == []
    assert (office.colour, office.headline) == ("green", "No banned app")
    disk.room = None
    office.press("Alt+F")
    office.until(lambda: office.headline == "Handed back")
    office.idle()
    assert known(office) == (True, True, True, True)
    assert not office.says("cannot grow")


def test_another_phone_that_answers_then_is_asked_for_nothing_and_has_no_verdict(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = green(office)

    def other(phone: AndroidPhone, cancel: Cancel) -> LeftToOwner:
        raise OtherPhone(("serial number",))

    monkeypatch.setattr(AndroidPhone, "left_to_owner", other)
    office.press("Alt+F")
    office.see("This is not the phone that was checked, or it was restarted since.")
    office.idle()
    assert office.colour == "neutral"
    assert asked(server) == []
    assert known(office) == (False, None, False, None)
