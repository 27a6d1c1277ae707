"""What a phone refused, done on the phone itself: one app at a time, each seen to go, and the whole read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.simulator import PracticeServer, load
from core.simulator.model.scenario import Refusal, Scenario
from gui.desk.by_hand.on_phone_page import OnPhonePage
from gui.desk.session import flows
from gui.toolkit.buttons import DestructiveButton
from tests.gui.conftest import Office

WECHAT, KASPERSKY = "com.tencent.mm", "com.kms.free"


def refusing() -> Scenario:
    """A phone with two banned apps that says no to whatever a computer asks of them."""
    made = load("walk-up")
    refusals = tuple(Refusal(act, "Failure [DELETE_FAILED_INTERNAL_ERROR]") for act in ("uninstall", "disable-user"))
    refusals += (Refusal("suspend", "Error: no root permission"),)
    apps = tuple(replace(a, refusals=refusals) if a.package in (WECHAT, KASPERSKY) else a for a in made.apps)
    return replace(made, filler=5, apps=apps)


def uninstall(server: PracticeServer, package: str) -> None:
    """The holder taps Uninstall."""
    server.phone.uninstall(server.phone.packages[package], [0])


def opened(server: PracticeServer) -> str:
    """The app whose page is open on the phone."""
    return server.phone.screen.data.removeprefix("package:") if server.phone.screen is not None else ""


@pytest.fixture
def server(office: Office) -> Iterator[PracticeServer]:
    """A phone that has refused, with the page for it open."""
    plugged = office.plug("S1", refusing())
    assert plugged is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    office.page.on_phone._timer.setInterval(50)
    office.remove()
    office.until(office.page.on_phone.isVisible)  # what it refuses is left to the hand at once, without the cards again
    office.idle()
    return plugged


def page_of(office: Office) -> OnPhonePage:
    return office.page.on_phone


def current(office: Office) -> str:
    item = page_of(office).current
    return item.finding.app.package if item is not None else ""


@pytest.mark.slow
def test_one_app_after_the_other_is_seen_to_go_and_the_phone_is_read_again(
    office: Office, server: PracticeServer
) -> None:
    page = page_of(office)
    assert page.headline.text() == "Do it on the phone: step 1 of 2"
    office.see("2 banned apps still there", within=page)
    first = current(office)
    (second,) = {WECHAT, KASPERSKY} - {first}
    office.until(lambda: opened(server) == first)
    office.see("Its page is open on the phone.", within=page)
    focused = office.window.focusWidget()
    assert focused is not None
    assert not isinstance(focused, DestructiveButton)
    uninstall(server, first)
    office.until(lambda: page.headline.text() == "Do it on the phone: step 2 of 2")
    office.see("1 banned app still there", "Gone", within=page)
    assert current(office) == second
    office.until(lambda: opened(server) == second)
    assert office.colour == "red"
    assert not page.card.skip.isVisible()  # there is no other
    checks = office.kinds().count("check-ended")
    uninstall(server, second)
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not page.isVisible()
    assert office.block.finish.isVisible()
    kinds = office.kinds()
    assert kinds.count("check-ended") == checks + 1
    seen = [r.record for r in office.records() if r.kind == "looked-for"]
    assert [(one.package, one.there) for one in seen] == [(first, False), (second, False)]
    assert {colour for colour, _ in office.shown[:-1]} <= {"neutral", "red", "info"}


@pytest.mark.slow
def test_that_one_app_is_gone_says_nothing_of_the_next(office: Office, server: PracticeServer) -> None:
    """A look that was under way when its app was skipped, or seen to be gone, tells of that app alone."""
    page = page_of(office)
    page._timer.stop()
    office.idle()
    (session,) = office.fanion.phones.sessions
    first = page.current
    assert first is not None
    page.card.skip.click()
    office.idle()
    session.still_there, session.looked_for = False, first.finding
    page.refresh()
    assert page.headline.text() == "Do it on the phone: step 1 of 2"
    assert current(office) != first.finding.app.package
    assert not office.says("Gone", within=page)


@pytest.mark.slow
def test_what_is_skipped_comes_last(office: Office, server: PracticeServer) -> None:
    page, first = page_of(office), current(office)
    office.click(page.card.skip)
    assert current(office) != first
    office.until(lambda: opened(server) == current(office))
    uninstall(server, current(office))
    office.until(lambda: current(office) == first)
    assert page.headline.text() == "Do it on the phone: step 2 of 2"


@pytest.mark.slow
def test_what_is_back_before_it_was_read_again_is_red(office: Office, server: PracticeServer) -> None:
    """A quick look says that an app went: only the reading of the whole phone says that it is not there."""
    gate = office.gate(server, "dumpsys package packages")
    wechat = server.phone.packages[WECHAT]
    before_it_went = wechat.states[0]
    for _ in range(2):
        before = current(office)
        uninstall(server, before)
        office.until(lambda before=before: current(office) != before)
    office.until(lambda: gate.reached)
    with server.phone.lock:
        wechat.states[0] = before_it_went
        server.phone.packages[WECHAT] = wechat
    gate.open()
    office.idle()
    assert (office.colour, office.headline) == ("red", "1 banned app")
    assert "green" not in [colour for colour, _ in office.shown]


def test_esc_leads_back_to_the_result_and_nothing_is_looked_for_any_more(
    office: Office, server: PracticeServer
) -> None:
    office.press("Esc")
    office.until(office.block.on_phone.isVisible)
    assert not page_of(office)._timer.isActive()
    assert office.colour == "red"


def test_a_cable_that_is_pulled_meanwhile_leads_back_too(office: Office, server: PracticeServer) -> None:
    office.unplug("S1")
    office.see("It is not plugged in any more.")
    office.idle()
    assert not page_of(office).isVisible()
    assert not page_of(office)._timer.isActive()
    assert (office.colour, office.headline) == ("red", "Unplugged with 2 banned apps")
    assert not office.block.on_phone.isVisible()


def test_what_cannot_be_removed_is_handed_back_for_a_reason(office: Office, server: PracticeServer) -> None:
    office.click("Hand it back as it is…")
    office.see("Why is it handed back with 2 banned apps?")
    assert office.block.reason.hasFocus()
    office.type("Management removes it")
    office.press("Alt+F")
    office.idle()
    assert (office.colour, office.headline) == ("red", "Handed back with 2 banned apps")


def test_a_phone_that_leaves_the_list_is_asked_for_nothing_more(
    office: Office, server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(office)
    (session,) = office.fanion.phones.sessions
    looked: list[str] = []
    monkeypatch.setattr(flows, "look_for", lambda session, finding: looked.append(session.key))
    session.unplugged()
    office.fanion.phones.put_away(session)  # before the page was told that it left
    assert office.fanion.phones.sessions == []
    page._timer.timeout.emit()
    assert looked == []
    assert not page._timer.isActive()
