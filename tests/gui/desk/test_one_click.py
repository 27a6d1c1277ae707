"""One press removes the banned apps; for three seconds it can be stopped, and nothing is recorded or sent before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from core.ledger.records import RemovalIntended
from core.phones.states import PhoneState
from core.policy.format.policy_file import load_built_in
from core.policy.format.tables import to_toml
from core.simulator import PracticeServer
from gui.desk.session import coming_removal
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.buttons import DestructiveButton
from tests.gui.conftest import MakeOffice, Office

BANNED = {"com.tencent.mm", "com.kms.free"}


Seconds = Callable[[int], None]


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """Have a second of a coming removal take so many milliseconds."""
    return partial(monkeypatch.setattr, coming_removal, "SECOND")


@pytest.fixture
def server(office: Office) -> PracticeServer:
    """A phone with two banned apps, which was read."""
    plugged = office.plug("S1", "walk-up")
    assert plugged is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    return plugged


@pytest.fixture
def waiting(office: Office, server: PracticeServer, second: Seconds) -> PracticeServer:
    """The same phone, whose removal was asked for and waits for longer than a test."""
    second(100_000)
    office.press("Alt+R")
    return server


def session_of(office: Office) -> PhoneSession:
    assert office.page.session is not None
    return office.page.session


def nothing_was_sent(office: Office, server: PracticeServer) -> bool:
    return server.phone.installed() >= BANNED and "removal-intended" not in office.kinds()


def test_one_press_removes_all_of_them(office: Office, server: PracticeServer) -> None:
    assert not office.block.owner_told_box.isVisible()
    office.see("Data kept only in Kaspersky and WeChat will be lost. Tell the holder.")
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert server.phone.installed().isdisjoint(BANNED)
    intents = [r.record for r in office.records() if isinstance(r.record, RemovalIntended)]
    assert {(intent.loses_data, intent.owner_told) for intent in intents} == {(True, None)}


def test_what_was_there_is_in_the_log_before_it_without_a_further_press(office: Office, server: PracticeServer) -> None:
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    office.idle()
    kinds = office.kinds()
    assert kinds.count("app-evidence") == len(BANNED)
    assert max(n for n, kind in enumerate(kinds) if kind == "app-evidence") < kinds.index("removal-intended")


def test_that_it_is_recorded_is_shown_and_can_be_stopped_before_anything_is_removed(
    office: Office, server: PracticeServer
) -> None:
    gate = office.gate(server, "sha256sum")
    office.press("Alt+R")
    office.until(lambda: gate.reached)
    office.see("Recording what is there of ")
    office.until(office.block.stop.isVisible)
    office.click(office.block.stop)
    gate.open()
    office.idle()
    assert nothing_was_sent(office, server)
    assert "app-evidence" not in office.kinds()
    assert (office.colour, office.headline) == ("red", "2 banned apps")


def test_until_its_time_is_over_nothing_is_recorded_or_sent(office: Office, waiting: PracticeServer) -> None:
    office.see("Removing 2 apps – Stop")
    assert not office.block.remove.isVisible()
    assert not session_of(office).busy
    assert nothing_was_sent(office, waiting)
    office.until(lambda: "Removing" in office.card(0))


def test_a_setting_gives_more_time_to_stop_it(office: Office, server: PracticeServer, second: Seconds) -> None:
    """WCAG 2.2.1: ten times as much as it is without."""
    second(100_000)
    for seconds in (3, 30):
        office.desk.settings = replace(office.desk.settings, removal_pause=seconds)
        office.press("Alt+R")
        coming = session_of(office).coming_removal
        assert coming is not None
        assert (coming.seconds, coming.milliseconds) == (seconds, seconds * 100_000)
        assert nothing_was_sent(office, server)
        office.press("Esc")
        office.until(office.block.remove.isVisible)


@pytest.mark.parametrize("keys", ["Esc", "Ctrl+."])
def test_a_key_stops_it(office: Office, waiting: PracticeServer, keys: str) -> None:
    office.press(keys)
    assert session_of(office).coming_removal is None
    office.until(office.block.remove.isVisible)
    assert office.headline == "2 banned apps"
    office.see("This removal was stopped before it began.", within=office.block.action_row)
    office.idle()
    assert nothing_was_sent(office, waiting)


def test_what_was_stopped_can_be_asked_for_again(office: Office, waiting: PracticeServer, second: Seconds) -> None:
    office.press("Esc")
    second(0)
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert waiting.phone.installed().isdisjoint(BANNED)


def test_the_second_press_of_a_double_click_does_not_stop_it(
    office: Office, server: PracticeServer, second: Seconds
) -> None:
    second(100_000)
    office.click(office.block.remove)
    office.until(office.block.stop_removal.isVisible)
    centre = QPointF(office.block.stop_removal.rect().center())
    for event in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        left = Qt.MouseButton.LeftButton
        press = QMouseEvent(event, centre, centre, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(office.block.stop_removal, press)
    assert session_of(office).coming_removal is not None
    assert nothing_was_sent(office, server)


def test_neither_enter_nor_another_press_begins_it_before_its_time(office: Office, waiting: PracticeServer) -> None:
    for keys in ("Return", "Alt+R", "Return", "Alt+R"):
        office.press(keys)
    assert session_of(office).coming_removal is not None or office.block.remove.isVisible()
    assert nothing_was_sent(office, waiting)


@pytest.mark.parametrize("keys", ["F5", "Alt+F", "Ctrl+R", "Ctrl+Z", "Alt+H", "Ctrl+P"])
def test_nothing_else_begins_meanwhile(office: Office, waiting: PracticeServer, keys: str) -> None:
    coming, kinds = session_of(office).coming_removal, office.kinds()
    office.press(keys)
    assert session_of(office).coming_removal is coming
    assert not session_of(office).busy
    assert office.kinds() == kinds


@pytest.mark.slow
def test_it_goes_on_while_the_officer_looks_at_another_phone(
    office: Office, server: PracticeServer, second: Seconds
) -> None:
    office.plug("S2", "clean")
    office.until(lambda: "Ready to hand back" in office.card(1) or "No banned app" in office.card(1))
    office.idle()
    second(100)
    office.press("Alt+R")
    office.press("F6")
    office.until(lambda: session_of(office) is office.fanion.phones.sessions[1])
    office.press("Esc")  # is about the page that is shown
    office.until(lambda: server.phone.installed().isdisjoint(BANNED))
    office.idle()


def test_the_way_to_the_next_phone_passes_one_that_is_about_to_be_changed(
    office: Office, waiting: PracticeServer
) -> None:
    office.plug("S2", "walk-up")
    office.until(lambda: "2 banned" in office.card(1))
    office.press("F6")
    office.until(lambda: session_of(office) is office.fanion.phones.sessions[1])
    assert office.window.desk_page.cards.next() is None


@pytest.mark.parametrize("leaves", ["pulled", "offline", "trust"])
def test_a_phone_that_leaves_meanwhile_is_not_changed(office: Office, waiting: PracticeServer, leaves: str) -> None:
    if leaves == "pulled":
        office.unplug("S1")
    else:
        office.plug("S1", state=PhoneState.OFFLINE if leaves == "offline" else PhoneState.UNAUTHORISED)
    office.until(lambda: session_of(office).coming_removal is None)
    assert nothing_was_sent(office, waiting)


def test_new_rules_call_it_off_and_the_phone_is_read_by_them(office: Office, waiting: PracticeServer) -> None:
    session_of(office).judge_again()
    assert session_of(office).coming_removal is None
    office.idle()
    assert nothing_was_sent(office, waiting)
    assert office.block.remove.isVisible()


def test_closing_the_window_meanwhile_asks_and_stopping_sends_nothing(office: Office, waiting: PracticeServer) -> None:
    office.answer("Stop after this app")
    office.window.close()
    office.until(lambda: not office.window.isVisible())
    assert nothing_was_sent(office, waiting)


def test_the_focus_does_not_get_lost_nor_fall_on_what_destroys(office: Office, waiting: PracticeServer) -> None:
    office.press("Esc")
    focus = office.window.focusWidget()
    assert focus is not None
    assert not isinstance(focus, DestructiveButton)


def test_what_stays_by_hand_is_named_before_the_press(office: Office) -> None:
    office.plug("S1", "preinstalled")
    office.idle()
    state = office.page.state
    if state.by_hand_apps and state.removing:
        assert any(str(app) in office.block.action_row.aside.text() for app in state.by_hand_apps)


@pytest.mark.slow
def test_a_policy_may_ask_for_the_tick_and_then_nothing_is_waited_for(
    open_office: MakeOffice, department: Path, tmp_path: Path, second: Seconds
) -> None:
    file = tmp_path / "told.toml"
    file.write_text(to_toml(replace(load_built_in("canada"), confirm_told=True)), encoding="utf-8")
    department.parent.mkdir()
    department.write_text("unsigned_policy = true\n")
    office = open_office(own={"policy": str(file)})
    second(100_000)
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(office.block.owner_told_box.isVisible)
    office.idle()
    office.press("Alt+R")
    assert nothing_was_sent(office, server)
    assert session_of(office).coming_removal is None
    assert office.block.owner_told_box.box.hasFocus()
    office.see("First tell the holder what will be lost, then tick the box.")
    office.press("Alt+O")
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    office.idle()
    intents = [r.record for r in office.records() if isinstance(r.record, RemovalIntended)]
    assert {intent.owner_told for intent in intents} == {True}
