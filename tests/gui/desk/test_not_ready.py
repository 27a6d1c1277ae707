"""Phones that are not ready, at the desk: their holder's acts bring them to ready, and their visit goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.drawings import halves
from core.jobs import Cancel
from core.phones.driver import Driver
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import Act, AllowQuestion
from core.text import Bilingual
from gui.desk import queue
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.papers.queue_print import print_queue_page
from gui.toolkit.jobs import Done, JobEnd
from tests.gui.conftest import Office
from tests.unit.reports.conftest import text_of


def plugged(office: Office, begins: str) -> PhoneSession:
    return office.fanion.phones.practise(f"not-ready-{begins}", Bilingual("A", "B"))


def needs(office: Office, session: PhoneSession, state: PhoneState | None) -> None:
    """Wait until this is what the phone needs."""

    def found() -> PhoneState | None:
        view = readiness_of(session)
        return view.state if view is not None else None

    office.until(lambda: found() is state, f"{found()}")


def allowed(office: Office, session: PhoneSession, *acts: Act) -> None:
    """Play the holder, and wait until the phone is read."""
    for act in acts:
        office.until(lambda act=act: session.acts == (act,), f"{session.acts}, not {act}")
        office.fanion.phones.act(session, act)
    office.until(lambda: session.check is not None)
    office.idle()
    assert readiness_of(session) is None
    assert session.practice
    assert session.acts == ()
    assert office.fanion.phones.sessions == [session]


def test_one_that_asks_waits_for_allow(office: Office) -> None:
    session = plugged(office, "asks")
    needs(office, session, PhoneState.UNAUTHORISED)
    view = readiness_of(session)
    assert view is not None
    assert (view.maker, view.fingerprint) == ("samsung", office.desk.reach.fingerprint())
    allowed(office, session, Act.ALLOW)


def test_one_with_debugging_off_is_switched_on_and_asks(office: Office) -> None:
    session = plugged(office, "debugging-off")
    needs(office, session, PhoneState.CHARGING)
    assert session.fingerprint == ""
    allowed(office, session, Act.SWITCH_ON, Act.ALLOW)
    assert session.check is not None
    assert session.check.verdict.value == "red"  # the practice is worth it


def test_one_that_the_computer_does_not_open_is_let_in(office: Office) -> None:
    session = plugged(office, "no-permission")
    needs(office, session, PhoneState.NO_PERMISSION)
    allowed(office, session, Act.ADMIT, Act.ALLOW)


def test_one_that_is_denied_still_asks_for_all_that_can_be_seen_and_is_plugged_in_again(office: Office) -> None:
    session = plugged(office, "denies")
    needs(office, session, PhoneState.UNAUTHORISED)
    number = session.number
    allowed(office, session, Act.REPLUG, Act.ALLOW)
    assert session.number == number


def test_one_whose_screen_locks_leaves_and_goes_on_with_its_visit(office: Office) -> None:
    session = plugged(office, "locks")
    needs(office, session, PhoneState.UNPLUGGED)
    number = session.number
    assert session.absent
    allowed(office, session, Act.UNLOCK, Act.ALLOW)
    assert (session.absent, session.number, session.early_departures) == (False, number, 1)


def test_an_act_that_comes_late_does_nothing(office: Office) -> None:
    session = plugged(office, "asks")
    needs(office, session, PhoneState.UNAUTHORISED)
    office.fanion.phones.act(session, Act.SWITCH_ON)
    assert session.acts == (Act.ALLOW,)
    office.fanion.phones.put_away(session)
    office.until(lambda: not session.busy)
    office.fanion.phones.act(session, Act.ALLOW)
    office.fanion.phones.put_away(session)
    office.fanion.phones.act(session, Act.ALLOW)
    assert office.fanion.phones.sessions == []


# --- real phones


@pytest.mark.slow
def test_a_phone_goes_from_off_to_asking_to_read_in_one_visit(office: Office) -> None:
    answered = threading.Event()

    def tapped(question: AllowQuestion) -> bool:
        while not (answered.wait(0.01) or question.withdrawn.is_set()):
            pass
        return not question.withdrawn.is_set()

    office.plug("R5CT1234567", "clean", PhoneState.CHARGING, answer=tapped)
    office.until(lambda: len(office.fanion.phones.sessions) == 1)
    (session,) = office.fanion.phones.sessions
    needs(office, session, PhoneState.CHARGING)
    # The desk's fingerprint is known before any phone shows it.
    office.until(lambda: office.fanion.phones.fingerprint == office.desk.reach.fingerprint())
    office.unplug("R5CT1234567")  # switching debugging on makes a phone leave the bus for a moment
    needs(office, session, PhoneState.UNPLUGGED)
    office.plug("R5CT1234567")
    needs(office, session, PhoneState.UNAUTHORISED)
    office.unplug("R5CT1234567")
    office.plug("R5CT1234567")
    needs(office, session, PhoneState.UNAUTHORISED)
    answered.set()
    office.until(lambda: session.check is not None)
    assert office.fanion.phones.sessions == [session]


def at_port(number: int, serial: str, state: PhoneState) -> Sighting:
    return Sighting(f"usb:1-{number}", serial, "SAMSUNG Galaxy", state, Road.USB, port=(1, number))


def come_and_go(office: Office, serial: str) -> PhoneSession:
    """A phone was plugged in at port 2 with its debugging off, and left."""
    there = at_port(2, serial, PhoneState.CHARGING)
    office.watches[-1].tell(there, plugged=True)
    office.until(lambda: len(office.fanion.phones.sessions) == 1)
    (session,) = office.fanion.phones.sessions
    office.watches[-1].tell(there, plugged=False)
    needs(office, session, PhoneState.UNPLUGGED)
    return session


def test_it_may_come_back_at_another_port(office: Office) -> None:
    session = come_and_go(office, "R5CT1234567")
    office.serve("usb:1-4", "clean")
    back = at_port(4, "R5CT1234567", PhoneState.READY)
    office.watches[-1].tell(back, plugged=True)
    office.until(lambda: session.check is not None)
    office.idle()
    assert office.fanion.phones.sessions == [session]
    other = at_port(2, "R5CT7654321", PhoneState.CHARGING)  # the next phone at its first port is another one
    office.watches[-1].tell(other, plugged=True)
    office.until(lambda: len(office.fanion.phones.sessions) == 2)
    assert len({one.slot for one in office.fanion.phones.sessions}) == 2
    office.watches[-1].tell(back, plugged=False)
    office.until(lambda: session.absent)
    assert [one.absent for one in office.fanion.phones.sessions] == [True, False]


def test_a_serial_number_that_many_phones_have_is_no_reason_to_go_on(office: Office) -> None:
    first = come_and_go(office, "0123456789ABCDEF")
    office.serve("usb:1-2", "clean")
    office.watches[-1].tell(at_port(2, "0123456789ABCDEF", PhoneState.READY), plugged=True)
    office.until(lambda: any(session.check is not None for session in office.fanion.phones.sessions))
    assert first.absent
    assert first.check is None


# --- the page for the queue


def test_the_page_for_the_queue_has_the_fingerprint_of_this_desk(
    office: Office, tmp_path: Path, no_printer: Callable[[Path], None]
) -> None:
    no_printer(tmp_path / "queue.pdf")
    ends: list[JobEnd[None]] = []
    assert print_queue_page(office.window, office.desk, office.fanion.runner, "samsung", ends.append)
    office.until(lambda: bool(ends))
    assert ends == [Done(None)]
    words = text_of((tmp_path / "queue.pdf").read_bytes())
    assert all(half in words for half in halves(office.desk.reach.fingerprint()))


# --- iPhones


def iphone(number: int, state: PhoneState) -> Sighting:
    serial = f"00008110-000A1D2E3F40000{number}"
    return Sighting(f"usb:1-{number}", serial, "iPhone", state, Road.USB, (1, number), maker="apple", platform="ios")


def test_each_iphone_that_is_not_ready_has_its_page_and_its_next_act(office: Office) -> None:
    acts = {
        PhoneState.NOT_LISTED: "Unlock it, tap Allow",
        PhoneState.NOT_TRUSTED: "Tap Trust",
        PhoneState.DENIED: "Unplug it, plug it in",
        PhoneState.FORGOTTEN: "Tap Trust",
        PhoneState.LOCKED: "Unlock it",
        PhoneState.MANAGED: "Ask device management",
        PhoneState.NO_SERVICE: "This computer is not set up",
        PhoneState.SERVICE_TOO_OLD: "Update this computer",
    }
    for number, state in enumerate(acts, 1):
        office.watches[-1].tell(iphone(number, state), plugged=True)
    office.until(lambda: len(office.fanion.phones.sessions) == len(acts))
    for session, (state, act) in zip(list(office.fanion.phones.sessions), acts.items(), strict=True):
        row = queue.row_of(session, datetime(2026, 11, 27))
        assert (row.group, str(row.word), str(row.act)) == (queue.Group.NEEDS_YOU, "Not ready", act)
        office.window.desk_page.choose(session)
        page = office.window.desk_page.page.ready
        office.until(lambda page=page: page.isVisible())
        assert page.maker == "apple"
        view = readiness_of(session)
        assert view is not None
        assert view.state.value == state.value


def test_an_iphone_is_asked_for_trust_only_when_the_officer_has_it_asked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    answered = threading.Event()

    def open_it(sighting: Sighting, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        opened.append(sighting.key)
        asked("")
        while not answered.is_set():
            cancel.wait(0.01)
        raise IphoneNotReady(PhoneState.DENIED)

    monkeypatch.setattr(office.desk.reach, "phone", open_it)
    office.watches[-1].tell(iphone(1, PhoneState.NOT_TRUSTED), plugged=True)
    office.until(lambda: len(office.fanion.phones.sessions) == 1)
    (session,) = office.fanion.phones.sessions
    needs(office, session, PhoneState.NOT_TRUSTED)
    page = office.window.desk_page.page.ready
    office.until(lambda: page.again_button.isVisible())
    assert opened == []
    office.click("Have it ask")
    office.until(lambda: session.phase is Phase.ASKED)
    office.until(lambda: not page.again_button.isVisible())
    assert str(queue.row_of(session, datetime(2026, 11, 27)).act) == "Tap Trust"
    answered.set()
    needs(office, session, PhoneState.DENIED)
    office.until(lambda: page.headline.text() == "The phone has said no")
    assert opened == ["usb:1-1"]
    assert str(queue.row_of(session, datetime(2026, 11, 27)).act) == "Unplug it, plug it in"


def test_a_practice_iphone_is_led_by_its_own_words_too(office: Office) -> None:
    session = office.fanion.phones.practise("iphone-untrusted", Bilingual("A", "B"))
    needs(office, session, PhoneState.NOT_TRUSTED)
    page = office.window.desk_page.page.ready
    office.until(page.isVisible)
    assert (page.maker, page.lit) == ("apple", 2)


def test_one_that_says_yes_while_it_is_asked_is_read_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[PhoneState] = []
    answered = threading.Event()
    reach = office.desk.reach.phone

    def open_it(sighting: Sighting, cancel: Cancel, asked: Callable[[str], None]) -> Driver:
        opened.append(sighting.state)
        asked("")
        while not answered.is_set():
            cancel.wait(0.01)
        return reach(sighting, cancel)

    monkeypatch.setattr(office.desk.reach, "phone", open_it)
    office.serve("usb:1-1", "clean")
    office.watches[-1].tell(iphone(1, PhoneState.NOT_TRUSTED), plugged=True)
    office.until(lambda: len(office.fanion.phones.sessions) == 1)
    (session,) = office.fanion.phones.sessions
    session.look()
    office.until(lambda: session.phase is Phase.ASKED)
    office.watches[-1].tell(iphone(1, PhoneState.READY), plugged=True)
    answered.set()
    office.until(lambda: session.check is not None)
    office.idle()
    assert opened == [PhoneState.NOT_TRUSTED]
    assert session.check is not None
    # Trust that ends later is another matter: what was found is not told of a phone that cannot be looked at again.
    office.watches[-1].tell(iphone(1, PhoneState.NOT_TRUSTED), plugged=True)
    needs(office, session, PhoneState.NOT_TRUSTED)
    assert opened == [PhoneState.NOT_TRUSTED]
