"""What no computer removes: each kind says truly who does it, and offers what can be done where nobody can."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication

from core.phones.hand_kind import Doer, HandKind
from core.simulator import PracticeServer
from core.text import N, T
from gui.desk.by_hand import on_phone_page
from gui.desk.by_hand.on_phone_page import OnPhonePage
from tests.gui.conftest import Office


def by_hand(office: Office, scenario: str) -> PracticeServer:
    """A phone whose removable apps are gone, with the page of what is left to do by hand."""
    plugged = office.plug("S1", scenario)
    assert plugged is not None
    office.until(lambda: office.page.session is not None and office.page.session.check is not None)
    office.idle()
    if office.page.state.removing:
        office.remove()
        office.idle()
    if not office.page.on_phone.isVisible():  # as it is by itself where the holder can do it
        office.until(office.block.on_phone.isVisible)
        office.press("Alt+H")
    office.until(office.page.on_phone.isVisible)
    office.idle()
    return plugged


def page_of(office: Office) -> OnPhonePage:
    return office.page.on_phone


def test_what_only_management_can_do_is_said_so_with_what_can_be_done_here(office: Office) -> None:
    by_hand(office, "device-admin")
    page = page_of(office)
    assert page.current is not None
    assert (page.current.kind, page.current.doer) == (HandKind.MANAGED, Doer.MANAGEMENT)
    assert page.headline.text() == "Ask the phone’s management"
    office.see(
        "Neither a computer nor the holder can remove it. Only the phone’s management can.",
        "Copy the text for management",
        "Grant an exception…",
        "Hand it back as it is…",
        within=page,
    )
    assert not office.says("opens the next app", within=page)
    assert not office.says("The holder does it", within=page)
    assert "For management" in office.card(0)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["button", "key"])
def test_the_text_for_management_is_copied(office: Office, way: str) -> None:
    by_hand(office, "device-admin")
    QGuiApplication.clipboard().clear()
    if way == "button":
        office.click(page_of(office).card.copy)
    else:
        office.press("Ctrl+Shift+M")
    words = QGuiApplication.clipboard().text()
    assert "Kaspersky Endpoint Security" in words
    assert "Une application interdite" in words
    assert f"entry {office.page.session.checked.entry}" in words  # type: ignore[union-attr]
    office.see("Copied", within=page_of(office))


@pytest.mark.slow
def test_after_reading_again_the_page_is_back_and_says_that_it_is_still_there(office: Office) -> None:
    by_hand(office, "secure-folder")
    page = page_of(office)
    assert page.headline.text() == "Do it on the phone"
    assert not page.card.still.isVisible()
    checks = office.kinds().count("check-ended")
    office.press("F5")
    office.until(lambda: office.kinds().count("check-ended") > checks)
    office.idle()
    office.until(page.isVisible)
    at = office.page.session.checked_at  # type: ignore[union-attr]
    assert at is not None
    office.see(f"Still there at {at:%H:%M}", within=page)
    assert office.colour == "red"


@pytest.mark.slow
def test_one_that_is_read_again_and_gone_shows_its_result(office: Office) -> None:
    server = by_hand(office, "stubborn")
    assert page_of(office).current is not None
    office.see("Tap Uninstall or Disable, then confirm.", "Fanion sees it go and checks the phone again.")
    page_of(office)._timer.stop()
    with server.phone.lock:
        server.phone.packages.pop("com.zhiliaoapp.musically")
    office.click(page_of(office).card.check)
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not page_of(office).isVisible()


def test_a_reading_that_is_cut_off_leads_to_what_is_known_of_it(office: Office) -> None:
    server = by_hand(office, "secure-folder")
    gate = office.gate(server, "dumpsys package packages")
    office.press("F5")
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.idle()
    assert not page_of(office).isVisible()
    assert office.colour == "red"
    assert not office.says("Still there at")


@pytest.mark.slow
def test_another_phone_that_is_plugged_in_does_not_take_the_page(office: Office) -> None:
    by_hand(office, "secure-folder")
    shown = office.page.session
    office.plug("S2", "clean")
    office.until(lambda: len(office.cards()) > 1)
    office.idle()
    assert office.page.session is shown
    assert page_of(office).isVisible()


@pytest.mark.slow
def test_another_language_and_little_room_lose_nothing(office: Office) -> None:
    by_hand(office, "device-admin")
    page = page_of(office)
    item = page.current
    office.window.switches.use_language("fr")
    office.window.resize(683, 384)
    office.idle()
    assert page.isVisible()
    assert page.current is item
    office.see("Demandez à la gestion du téléphone", "Copier le texte pour la gestion", within=page)
    office.window.resize(1366, 768)
    office.window.switches.use_language("en")
    office.see("Ask the phone’s management", within=page)


@pytest.mark.slow
def test_the_reason_of_a_phone_that_is_handed_back_as_it_is_leaves_the_page(office: Office) -> None:
    by_hand(office, "device-admin")
    office.click(page_of(office).card.as_it_is)
    office.see("Why is it handed back with 1 banned app?")
    office.type("Management removes it")
    office.press("Alt+F")
    office.idle()
    assert office.headline == "Handed back with 1 banned app"


@pytest.mark.slow
def test_a_cable_that_is_pulled_while_its_page_is_opened_tells_nothing_untrue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_phone_page, "LOOK_EVERY", 100_000)
    server = by_hand(office, "stubborn")
    gate = office.gate(server, "am start")
    office.click(page_of(office).card.again)
    office.until(lambda: gate.reached)
    assert not office.says("Its page is open on the phone.", within=page_of(office))
    office.unplug("S1")
    gate.open()
    office.idle()
    assert not page_of(office).isVisible()
    assert (office.colour, office.headline) == ("red", "Unplugged with 1 banned app")


@pytest.mark.slow
def test_the_window_closes_at_once_where_only_a_hand_is_waited_for(office: Office) -> None:
    server = by_hand(office, "stubborn")
    office.window.close()
    assert not office.window.isVisible()
    assert "com.zhiliaoapp.musically" in server.phone.installed()


@pytest.mark.slow
@pytest.mark.parametrize("again", ["Close when it is done", "Keep it open"])
def test_closing_while_removing_is_asked_in_any_language_and_room(office: Office, again: str) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    gate = office.gate(server, "pm uninstall")
    office.press("Alt+R")
    office.until(lambda: gate.reached)
    office.window.switches.use_language("fr")
    office.window.resize(683, 384)
    asked = office.answer(str(T(again)))
    office.window.close()
    assert asked[0] == str(N("{count} phone is being changed.", "{count} phones are being changed.", 1))
    assert office.window.isVisible()
    gate.open()
    if again == "Keep it open":
        office.until(lambda: office.colour == "green")
        office.idle()
        assert office.window.isVisible()
    else:
        office.until(lambda: not office.window.isVisible())
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})


def test_what_stays_is_named_before_the_press_and_by_whom_it_goes(office: Office) -> None:
    office.plug("S1", "device-admin")
    office.until(office.block.remove.isVisible)
    office.idle()
    words = office.block.action_row.aside.text()
    assert "Kaspersky Endpoint Security: cannot be removed at this desk." in words
    assert "by hand, after this" not in words
