"""Phones that come and go, that ask, that are slow, silent or not ready; and the stop button."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.model import Labels, Verdict
from core.phones.android.link import link, transport
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import AllowQuestion, PracticeServer, load
from gui.desk.phone_text import about
from gui.desk.session import flows
from tests.gui.conftest import MakeOffice, Office

WECHAT, KASPERSKY = "com.tencent.mm", "com.kms.free"


def checked_red(office: Office, key: str = "S1") -> PracticeServer:
    """Two banned apps were found, and the plan to remove them is unfolded."""
    server = office.plug(key, "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.press("Ctrl+R")
    office.until(office.block.plan.isVisible)
    return server


class Hand:
    """Whoever holds the phone, and answers its question when the test says so."""

    def __init__(self) -> None:
        self.asked, self._answered = threading.Event(), threading.Event()
        self.yes = False
        self.fingerprint = ""

    def __call__(self, question: AllowQuestion) -> bool:
        self.fingerprint = question.fingerprint
        self.asked.set()
        while not (self._answered.wait(0.01) or question.withdrawn.is_set()):
            pass
        return self.yes

    def answer(self, yes: bool) -> None:
        self.yes = yes
        self._answered.set()


# --- not by itself


def test_a_phone_is_checked_only_once_the_officer_says_so_where_the_settings_want_that(office: Office) -> None:
    office.desk.change(automatic_check=False)
    office.plug("S1", "clean")
    office.until(lambda: office.block.check.isVisible())
    assert office.block.check.text() == "Check"
    assert office.block.headline.text() == "Not checked yet"
    assert office.page.session is not None
    assert office.page.session.check is None
    office.click(office.block.check)
    office.until(lambda: office.colour == "green")
    office.idle()
    assert "check-ended" in office.kinds()


# --- pulling the cable


def test_unplugged_in_the_middle_of_a_check(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and office.colour == "red")
    office.unplug("S1")
    gate.open()
    office.idle()
    assert (office.colour, office.headline) == ("red", "Unplugged with 2 banned apps")  # what was seen is there
    assert office.says("Not all of the phone was read.")
    assert "Unplugged, 2 banned, Plug it in again" in office.card(0)
    assert not office.block.again.isVisible()
    assert office.kinds()[-1] == "check-ended"
    office.plug("S1")
    office.until(lambda: office.headline == "2 banned apps" and office.block.remove.isVisible())


def test_unplugged_in_the_middle_of_a_check_that_had_found_nothing(office: Office) -> None:
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.idle()
    assert office.colour == "neutral"
    assert "Unplugged, Check not finished" in office.card(0)
    assert office.kinds()[-1] == "problem"


@pytest.mark.slow
def test_contact_lost_in_the_middle_of_a_check_can_be_checked_again(office: Office) -> None:
    """The cable is in, but lost contact: the bus still has the phone."""
    office.plug("S1", "unplugged")
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    assert office.says("could not be checked")
    assert office.page.session is not None
    assert "7 apps listed, 0 read in 1 profile, " in str(about(office.page.session))
    office.click(office.page.health.details)
    office.see("The phone did not answer this. The phone was unplugged, or the cable lost contact.")
    assert not office.says("did not tell")
    assert office.colour == "red"
    assert office.kinds()[-1] == "check-ended"
    office.click("Check again")
    office.until(lambda: not office.says("could not be checked") and office.block.remove.isVisible())
    office.idle()
    assert office.headline == "1 banned app"


@pytest.mark.slow
def test_contact_lost_in_the_middle_of_a_removal_leaves_no_verdict_and_an_unknown_outcome(office: Office) -> None:
    office.plug("S1", "unplugged")
    office.until(lambda: office.block.again.isVisible())
    office.idle()
    office.click("Check again")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.see("The phone was unplugged, or the cable lost contact.")
    office.idle()
    assert office.colour == "red"  # what was red stays so until it was read again
    office.see("Result not known.")
    outcomes = [r for r in office.records() if r.kind == "removal-outcome"]
    assert [r.leaf["body"]["outcome"] for r in outcomes] == ["unknown"]
    office.press("F5")
    office.until(lambda: office.colour in ("red", "green"))
    office.idle()
    assert [r.leaf["body"]["outcome"] for r in office.records() if r.kind == "removal-outcome"] == ["unknown"]


@pytest.mark.slow
def test_unplugged_in_the_middle_of_a_removal(office: Office) -> None:
    server = checked_red(office)
    gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.idle()
    office.until(lambda: office.headline == "Unplugged during removal")
    assert office.colour == "red"
    assert "Unplugged during removal" in office.card(0)
    office.see("Result not known.")
    assert [r.leaf["body"]["outcome"] for r in office.records() if r.kind == "removal-outcome"] == ["unknown"]
    office.plug("S1")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert office.colour == "red"
    assert len(office.cards()) == 1


def test_unplugged_while_idle_keeps_the_verdict_with_its_time(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.unplug("S1")
    office.see("It is not plugged in any more. This was found at ")
    assert (office.colour, office.headline) == ("red", "Unplugged with 2 banned apps")
    assert "Unplugged, 2 banned, Plug it in again" in office.card(0)
    block = office.block
    for button in (block.remove, block.again, block.put_back, block.stop, block.finish, block.record, block.on_phone):
        assert not button.isVisible()
    assert office.rows()[0][0] == "Banned"
    for keys in ("Ctrl+R", "F5", "Ctrl+Z", "Ctrl+.", "Alt+O", "Alt+R", "Alt+F"):
        office.press(keys)
    office.idle()
    assert not office.block.plan.isVisible()
    assert office.kinds()[-1] == "check-ended"
    assert office.kinds().count("check-started") == 1


def seen_at(office: Office, port: int, serial: str, *, plugged: bool = True) -> None:
    """The watch tells of a phone at a port."""
    sighting = Sighting(f"usb:1-{port}", serial, "Cheap phone", PhoneState.READY, Road.USB, (1, port))
    office.watches[-1].tell(sighting, plugged=plugged)


@pytest.mark.slow
def test_two_phones_with_one_serial_number_have_a_visit_each(office: Office) -> None:
    for port, scenario in ((1, "walk-up"), (2, "clean")):
        office.serve(f"usb:1-{port}", scenario)
    seen_at(office, 1, "0123456789ABCDEF")
    office.until(lambda: office.colour == "red")
    seen_at(office, 2, "0123456789ABCDEF")
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    first, second = office.fanion.phones.sessions
    assert [one.check.verdict for one in (first, second) if one.check] == [Verdict.RED, Verdict.GREEN]
    assert first.number != second.number
    assert (first.slot, second.slot) == (1, 2)
    seen_at(office, 2, "0123456789ABCDEF", plugged=False)
    office.until(lambda: second.absent)
    assert not first.absent


@pytest.mark.slow
@pytest.mark.parametrize("serial", ["R5CT1000002", "0123456789ABCDEF"])
def test_the_next_phone_at_a_port_has_nothing_of_the_one_before(office: Office, serial: str) -> None:
    """Not its labels, and its result can still be read: also where both have the number that many have, and where it
    is one phone that changed its serial number."""
    placeholder = serial == "0123456789ABCDEF"
    before = serial if placeholder else "R5CT1000001"
    office.serve("usb:1-1", "clean")
    seen_at(office, 1, before)
    office.until(lambda: office.colour == "green")
    office.idle()
    (first,) = office.fanion.phones.sessions
    flows.label(first, Labels("TB-114", "L. Tremblay"))
    office.idle()
    seen_at(office, 1, before, plugged=False)
    office.until(lambda: first.absent)
    seen_at(office, 1, serial)
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    assert len(office.fanion.phones.sessions) == 2
    second = next(session for session in office.fanion.phones.sessions if session is not first)
    assert first.slot == second.slot  # the port's
    assert second.labels.latest == Labels()
    assert first.labels.latest == Labels("TB-114", "L. Tremblay")
    ends = [r for r in office.records() if r.kind == "check-ended"]
    assert len({end.visit for end in ends}) == 2


@pytest.mark.slow
def test_plugged_in_again_it_is_a_new_stay(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.unplug("S1")
    office.until(lambda: "Unplugged" in office.card(0))
    office.plug("S1")
    office.until(lambda: "Unplugged" not in office.card(0) and office.colour == "green")
    office.idle()
    assert len(office.cards()) == 1
    ends = [r for r in office.records() if r.kind == "check-ended"]
    assert len(ends) == 2
    assert ends[0].visit != ends[1].visit


@pytest.mark.slow
def test_unplugged_with_the_plan_open_closes_it(office: Office) -> None:
    server = checked_red(office)
    before = server.phone.installed()
    office.unplug("S1")
    office.until(lambda: not office.block.plan.isVisible())
    assert server.phone.installed() == before
    assert "Unplugged, 2 banned" in office.card(0)
    assert office.page.identity.title.hasFocus() or office.window.desk_page.cards.hasFocus()


@pytest.mark.slow
def test_pulled_and_plugged_again_at_once_while_it_is_read(office: Office) -> None:
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.plug("S1")
    office.until(lambda: any("No banned app" in card for card in office.cards()))
    office.idle()
    office.until(lambda: office.colour == "green")


# --- several at once


@pytest.mark.slow
def test_three_phones_at_once_each_at_its_own_pace(office: Office) -> None:
    slow = office.serve("S1", "walk-up")
    gate = office.gate(slow, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.plug("S2", "clean")
    office.plug("S3", "unseen")
    office.until(lambda: "No banned app" in office.card(1) and "Not all seen" in office.card(2))
    assert "2 banned so far" in office.card(0)
    office.choose(1)
    office.until(lambda: office.colour == "green")
    office.choose(0)
    office.until(lambda: office.colour == "red" and office.block.stop.isVisible())
    office.choose(2)
    office.until(lambda: office.colour == "amber")
    gate.open()
    office.until(lambda: "2 banned, Remove" in office.card(0))
    assert office.colour == "amber"  # the chosen phone is still the third
    for total in ("3 plugged in", "1 red", "1 amber", "1 to hand back"):
        assert office.button(total).isVisible()


@pytest.mark.slow
def test_a_removal_on_one_phone_while_another_comes(office: Office) -> None:
    """The new phone is checked, and does not take the page away from the one that is being changed."""
    server = checked_red(office)
    gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached and office.headline == "Removing…")
    office.plug("S2", "clean")
    office.until(lambda: "No banned app" in office.card(1))
    assert office.headline == "Removing…"
    gate.open()
    office.until(lambda: office.headline == "No banned app is left")
    office.idle()
    assert len({r.visit for r in office.records() if r.kind == "check-ended"}) == 2


@pytest.mark.slow
def test_a_phone_that_comes_does_not_close_the_plan_of_another(office: Office) -> None:
    checked_red(office)
    office.plug("S2", "clean")
    office.until(lambda: len(office.cards()) == 2 and "No banned app" in office.card(1))
    assert office.block.plan.isVisible()
    assert office.block.remove.isVisible()


@pytest.mark.slow
def test_two_phones_with_one_serial_number_are_not_mixed_up(office: Office) -> None:
    """Cheap phones share serials; what was removed from one is not offered to be put back on the other."""
    scenario = load("preinstalled")
    office.plug("A", scenario)
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.until(lambda: office.fanion.phones.sessions[0].undoable)
    office.idle()
    other = replace(scenario, device=replace(scenario.device, model="Another"))
    office.plug("B", other)
    office.until(lambda: "Another: 2 banned, Remove" in office.card(1))
    office.choose(1)
    office.idle()
    assert office.block.remove.isVisible()
    office.press("Ctrl+Z")
    assert not office.block.put_back.isVisible()


# --- the stop button


@pytest.mark.slow
def test_a_check_is_stopped_with_a_key(office: Office) -> None:
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.press("Ctrl+.")
    office.until(lambda: office.headline == "Not checked")
    assert office.colour == "neutral"
    assert office.says("You stopped the check. Check the phone again to see what is on it.")
    assert "Stopped, Check it" in office.card(0)
    office.idle()
    assert office.kinds()[-1] == "problem"
    gate.open()
    office.press("F5")
    office.until(lambda: office.headline == "No banned app")


@pytest.mark.slow
def test_a_removal_is_stopped_after_the_step_and_the_phone_read_again(office: Office) -> None:
    server = checked_red(office)
    gate = office.gate(server, "pm uninstall")
    office.remove()
    office.until(lambda: gate.reached and office.block.stop.isVisible())
    office.click("Stop after this app")
    office.see("Stopping…")
    assert not office.block.stop.isEnabled() or office.headline != "Stopping…"
    gate.open()
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert office.colour == "red"
    assert "green" not in [colour for colour, _ in office.shown]
    kinds = office.kinds()
    assert kinds.count("removal-intended") == kinds.count("removal-outcome") == 1
    assert kinds[-1] == "check-ended"


def test_stopping_while_the_phone_asks(office: Office) -> None:
    office.plug("S1", "clean", answer="deny")
    office.until(office.page.ready.isVisible)
    office.until(lambda: "Step 3: tap Allow" in office.card(0))
    office.press("Ctrl+.")
    office.until(lambda: office.headline == "Not checked" and office.block.check.isVisible())
    office.idle()


# --- not ready


def test_it_says_to_look_at_the_phone_and_goes_on_when_allowed(office: Office) -> None:
    hand = Hand()
    office.plug("S1", "clean", answer=hand)
    office.until(lambda: office.page.ready.headline.text() == "Tap Allow on the phone")
    assert office.page.ready.fingerprint.accessibleName().endswith(hand.fingerprint)
    office.until(lambda: "Not ready, Step 3: tap Allow" in office.card(0))
    assert not office.block.isVisible()
    hand.answer(True)
    office.until(lambda: office.colour == "green" and office.block.isVisible())
    office.idle()
    office.press("F5")
    office.idle()
    assert office.colour == "green"


@pytest.mark.slow
def test_not_allowed_is_said_with_what_to_do(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def soon(*arguments: object, **named: object) -> object:
        return connect(*arguments, **{**named, "allow_limit": 0.5})

    connect = link.connect
    monkeypatch.setattr(link, "connect", soon)
    office.plug("S1", "clean", answer="deny")
    office.see("The phone has not said yes", "the phone does not tell which")
    office.idle()
    assert office.colour == "neutral"
    assert "Not read, Check again" in office.card(0)
    office.click("Ask again")
    office.until(lambda: "Step 3: tap Allow" in office.card(0))
    office.idle()


@pytest.mark.parametrize(
    ("state", "sentence", "step", "act"),
    [
        (PhoneState.CHARGING, "Get the phone ready", "USB debugging is off.", "Step 1: debugging off"),
        (
            PhoneState.NO_PERMISSION,
            "This computer does not let Fanion open the phone.",
            "plug the phone in again",
            "This computer is not set up",
        ),
        (PhoneState.UNAUTHORISED, "Tap Allow on the phone", "Unlock the phone.", "Step 3: tap Allow"),
        (
            PhoneState.BUSY,
            "Another program on this computer is using the phone.",
            "Close that program",
            "Close the other program",
        ),
    ],
)
def test_a_phone_that_is_not_ready_says_why_and_is_checked_once_it_is(
    office: Office, state: PhoneState, sentence: str, step: str, act: str
) -> None:
    office.serve("S1", "clean")
    office.plug("S1", state=state)
    office.see(sentence, step)
    assert office.colour == "neutral"
    office.until(lambda: f"Not ready, {act}" in office.card(0))
    for button in (office.block.again, office.block.stop, office.block.remove):
        assert not button.isVisible()
    office.press("F5")
    assert not (office.data / "practice-ledger.db").exists()
    office.plug("S1")
    office.until(lambda: office.colour == "green")
    assert office.block.isVisible()
    assert len(office.cards()) == 1


@pytest.mark.slow
def test_a_phone_that_stops_being_ready_loses_its_verdict(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    office.plug("S1", state=PhoneState.CHARGING)
    office.see("Get the phone ready")
    assert office.colour == "neutral"
    assert not office.says("No banned app")
    office.plug("S1")
    office.until(lambda: office.colour == "green")


@pytest.mark.slow
def test_a_mute_phone_is_not_answering_while_others_go_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ANSWER_LIMIT", 2.0)
    monkeypatch.setattr(transport, "ANSWER_LIMIT", 2.0)
    office.mute("S1")
    office.plug("S1")
    office.until(lambda: len(office.cards()) == 1)
    office.plug("S2", "clean")
    office.until(lambda: "No banned app" in office.card(1))
    office.until(lambda: "Not read, Check again" in office.card(0))
    assert office.page.session is office.fanion.phones.sessions[0]  # the second never took the page
    office.see("The phone is plugged in, but it does not answer.", "Unlock it, unplug it and plug it in again.")
    assert office.colour == "neutral"


@pytest.mark.slow
def test_a_phone_that_falls_silent_while_it_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "IDLE_LIMIT", 1.0)
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.see("The phone has not answered for 1 seconds.")
    assert office.colour == "neutral"
    gate.open()
    office.idle()
    office.press("F5")
    office.until(lambda: office.colour == "green")


def test_nothing_answers_where_a_phone_was(office: Office) -> None:
    office.mute("S1").close()
    office.plug("S1")
    office.see("No phone answers at 127.0.0.1:")
    assert office.colour == "neutral"


# --- the bus


def test_a_bus_that_cannot_be_watched_is_said_at_the_bottom(open_office: MakeOffice) -> None:
    from core.phones.driver import PhoneProblem
    from core.text import T

    office = open_office(trouble=PhoneProblem(T("No bus."), T("Get one.")))
    office.see("No bus. Get one.")
    office.plug("S1", "clean")  # the adb server's phones come all the same
    office.until(lambda: office.colour == "green")


def test_the_server_takes_a_phone_over_while_it_is_read(office: Office) -> None:
    """It is then seen on another road, and read on that one."""
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.watches[-1].tell(Sighting("S1", "S1", "Pixel", PhoneState.READY, Road.SERVER), plugged=True)
    server.cut()
    gate.open()
    office.until(lambda: office.colour == "green")
    assert len(office.cards()) == 1


def test_many_that_left_are_not_kept_for_ever(office: Office) -> None:
    from gui.desk.session.phone_sessions import LEFT_LIMIT

    for number in range(LEFT_LIMIT + 5):
        key = f"S{number}"
        office.plug(key, state=PhoneState.CHARGING)
        office.unplug(key)
    office.until(lambda: len(office.cards()) == LEFT_LIMIT)
    assert not office.says("0 plugged in")  # what counts nothing does not stand
