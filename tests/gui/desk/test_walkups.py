"""Whole walk-ups, from plug to handing back, in the real window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from core.simulator import load
from gui.toolkit.buttons import Button
from tests.gui.conftest import Office

WECHAT, KASPERSKY = "com.tencent.mm", "com.kms.free"


def after(shown: list[tuple[str, str]], headline: str) -> list[str]:
    """The colours that were shown from the first time that this headline was."""
    at = next(i for i, (_, said) in enumerate(shown) if said == headline)
    return [colour for colour, _ in shown[at:]]


def show_in_the_log(office: Office) -> None:
    next(a for a in office.page.identity.menu().actions() if a.text() == "Show in the log").trigger()


def test_red_shows_before_the_whole_phone_is_read(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached and office.colour == "red")
    assert office.headline == "2 banned apps so far"
    assert office.says("Already found: Kaspersky and WeChat. The reading goes on.")
    assert office.block.stop.isVisible()
    assert not office.block.remove.isVisible()
    gate.open()
    office.until(lambda: office.block.remove.isVisible())
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    colours = [colour for colour, _ in office.shown]
    assert "green" not in colours
    assert colours[colours.index("red") :] == ["red"] * (len(colours) - colours.index("red"))


def test_the_plan_says_each_step_and_esc_leaves_without_doing_anything(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    before, log = server.phone.installed(), server.phone.log
    office.click("What will be done?")
    office.until(office.block.plan.isVisible)
    assert office.texts(office.block.plan) == [
        "Kaspersky (personal profile)",
        "Remove Kaspersky from the profile “Personal”",
        "The app and its data are deleted from the phone for good.",
        "If the phone refuses: switch Kaspersky off in the profile “Personal”",
        "If the phone refuses: suspend Kaspersky in the profile “Personal”",
        "WeChat (personal profile)",
        "Remove WeChat from the profile “Personal”",
        "The app and its data are deleted from the phone for good.",
        "If the phone refuses: switch WeChat off in the profile “Personal”",
        "If the phone refuses: suspend WeChat in the profile “Personal”",
    ]
    assert office.page.identity.title.hasFocus()
    kinds = office.kinds()
    for key in ("Return", "Space"):
        office.press(key)
    office.press("Esc")
    office.until(lambda: not office.block.plan.isVisible())
    assert office.page.identity.title.hasFocus()
    assert office.colour == "red"
    office.idle()
    assert (server.phone.installed(), server.phone.log) == (before, log)
    assert office.kinds() == kinds


@pytest.mark.slow
def test_two_apps_are_removed_and_it_is_green_only_after_it_was_read_again(office: Office) -> None:
    server = office.serve("S1", "walk-up")
    office.plug("S1")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    gate = office.gate(server, "dumpsys package packages")
    office.remove()
    office.until(lambda: gate.reached and office.headline == "Removing…")
    assert server.phone.installed().isdisjoint({WECHAT, KASPERSKY})  # gone, but nobody has read that yet
    assert office.says("Leave the phone plugged in.")
    assert office.colour == "neutral"
    gate.open()
    office.until(lambda: office.colour == "green")
    assert office.headline == "No banned app is left"
    office.see("2 banned apps were found and removed. None is left.")
    assert after(office.shown, "Removing…")[:-1].count("green") == 0
    assert office.says("WeChat (personal profile): Removed")
    assert not office.block.remove.isVisible()
    assert "check-ended" in office.kinds()[-1]


def test_show_in_the_log_goes_to_the_checks_record(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    entry = office.records()[-1].seq
    show_in_the_log(office)
    assert office.window.page_name() == "log"
    log = office.window.stack.currentWidget()
    chosen = log.table.currentIndex
    office.until(lambda: chosen().isValid() and log.source.rows.number(chosen().row()) == entry)
    assert office.says("Practice: these entries are not about real phones.", log)
    office.until(lambda: office.says("2 banned apps", log))


@pytest.mark.slow
def test_the_log_page_has_every_record_of_a_removal(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert [kind for kind in office.kinds() if kind.startswith("removal")] == [
        "removal-intended",
        "removal-outcome",
    ] * 2
    show_in_the_log(office)
    log = office.window.stack.currentWidget()
    office.until(lambda: office.texts(log).count("Before a removal") >= 2)
    assert office.texts(log).count("After a removal") >= 2


def test_an_open_log_page_follows_what_happens_at_the_desk(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    show_in_the_log(office)
    log = office.window.stack.currentWidget()
    office.until(lambda: office.texts(log).count("Check ended") == 1)
    office.plug("S2", "older")
    office.until(lambda: office.says("LGE LM-Q720", log) or office.says("LM-Q720", log))


def test_an_unseen_folder_is_amber_with_what_to_do(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(lambda: office.colour == "amber")
    office.idle()
    assert office.headline == "Secure Folder not seen"
    assert office.says("that were read. No computer can look inside; you and the holder can.")
    assert office.says("Open Secure Folder")
    assert not office.block.remove.isVisible()
    assert "green" not in [colour for colour, _ in office.shown]


def test_a_ban_in_the_secure_folder_is_red_and_only_a_hand_can_remove_it(office: Office) -> None:
    server = office.plug("S1", "secure-folder")
    assert server is not None
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    before = server.phone.log
    assert "1 banned, On the phone" in office.card(0)
    assert not office.block.remove.isVisible()
    office.press("Ctrl+R")
    assert office.says("A computer cannot remove it.")
    assert office.says("Have the holder open Secure Folder on the phone, touch and hold WeChat")
    assert not office.block.remove.isVisible()
    office.press("Esc")
    assert not office.block.plan.isVisible()
    office.idle()
    assert server.phone.log == before
    assert "green" not in [colour for colour, _ in office.shown]


@pytest.mark.slow
def test_a_stubborn_app_stays_red_and_its_screen_is_open_on_the_phone(office: Office) -> None:
    server = office.plug("S1", "stubborn")
    assert server is not None
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    office.remove()
    office.until(office.page.on_phone.isVisible)
    office.press("Esc")
    office.until(lambda: office.says("Still there"))
    office.idle()
    assert office.colour == "red"
    assert office.headline == "1 banned app"
    assert office.says("The phone answered, but did not do it.")
    assert office.says("On the phone, open Settings, Apps, TikTok, and tap Uninstall or Disable. Then check again.")
    assert office.says("The screen for it is now open on the phone.")
    assert office.button("Do it on the phone (1 app)").isVisible()
    assert not office.block.remove.isVisible()  # the phone has refused all there is
    assert "1 banned, On the phone" in office.card(0)
    office.click("What will be done?")
    assert office.block.remove.isVisible()  # where its steps are read, it can be tried again
    office.press("Esc")
    assert server.phone.screen is not None
    assert "zhiliaoapp" in server.phone.screen.data
    assert "green" not in [colour for colour, _ in office.shown]


def test_an_administrator_is_dismissed_and_an_owner_stays(office: Office) -> None:
    server = office.plug("S1", "device-admin")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.press("Ctrl+R")
    assert office.says("manages this phone or profile. Ask the organisation that enrolled it to release it.")
    office.remove()
    office.until(lambda: office.headline == "1 banned app" and office.block.outcome.isVisible())
    office.idle()
    assert office.colour == "red"
    assert any("Removed" in said for said in office.texts(office.block.outcome))
    assert office.button("See what can be done (1 app)").isVisible()
    assert "1 banned, For management" in office.card(0)
    assert KASPERSKY not in server.phone.installed()
    assert "com.kaspersky.kes" in server.phone.installed()


@pytest.mark.slow
def test_refusals_in_a_makers_own_words_end_in_red_with_reasons(office: Office) -> None:
    office.plug("S1", "odd-answers")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.until(office.page.on_phone.isVisible)
    office.press("Esc")
    office.until(office.block.outcome.isVisible)
    office.idle()
    assert office.colour in ("red", "amber")
    assert office.says("Still there")
    assert "green" not in [colour for colour, _ in office.shown]


def test_what_is_in_the_work_profile_is_found_and_removed(office: Office) -> None:
    server = office.plug("S1", "work-profile")
    assert server is not None
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    assert ["Banned", "TikTok", "Work"] in [row[:3] for row in office.rows()]
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()
    office.press("Ctrl+Z")
    assert not office.block.put_back.isVisible()  # it was nowhere else: it has left the phone


@pytest.mark.slow
def test_a_removal_from_two_profiles_is_planned_for_each_and_can_be_stopped(office: Office) -> None:
    scenario = load("work-profile")
    tiktok = next(app for app in scenario.apps if app.package == "com.zhiliaoapp.musically")
    others = tuple(app for app in scenario.apps if app is not tiktok)
    server = office.plug("S1", replace(scenario, apps=(*others, replace(tiktok, profiles=(0, 10)))))
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    gate = office.gate(server, "pm uninstall --user 10")
    office.idle()
    office.press("Ctrl+R")
    assert {"TikTok (personal profile)", "TikTok (work profile)"} <= set(office.texts(office.block.plan))
    office.remove()
    office.until(lambda: gate.reached)
    office.press("Ctrl+.")
    office.see("Stopping…")
    gate.open()
    office.idle()
    kinds = office.kinds()
    assert kinds.count("removal-intended") == kinds.count("removal-outcome") > 0
    assert kinds[-1] == "check-ended"


@pytest.mark.slow
def test_undo_puts_switched_off_apps_back(office: Office) -> None:
    server = office.plug("S1", "preinstalled")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    before = {package: server.phone.state(package) for package in ("com.kmsjp", "com.kaspersky.passwordmanager")}
    office.remove()
    office.until(lambda: office.headline == "2 banned apps, switched off")
    office.idle()
    assert office.colour == "amber"
    assert office.says("Switched off; it came with the phone and cannot be removed")
    undo = office.button("Undo the removal…")
    assert isinstance(undo, Button)
    assert undo.printed_key == "Ctrl+Z"
    assert not office.says("This removal cannot be undone")
    office.click(undo)
    office.click("Put back now")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    assert office.colour == "red"
    assert office.says("It is switched on again.")
    assert not office.says("Undo the removal…")
    assert not office.says("This removal cannot be undone")
    office.press("Ctrl+Z")
    assert not office.block.put_back.isVisible()
    now = {package: server.phone.state(package) for package in before}
    assert all(state.installed and state.enabled in (0, 1) for state in now.values())
    assert [kind for kind in office.kinds() if kind.startswith("undo")] == ["undo-intended", "undo-outcome"] * 2
    assert "green" not in [colour for colour, _ in office.shown]


@pytest.mark.slow
def test_an_app_that_has_left_the_phone_offers_no_undo(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()
    kinds = office.kinds()
    office.see("This removal cannot be undone: the phone no longer has what was removed.")
    assert not office.says("Undo the removal…")
    office.press("Ctrl+Z")
    assert not office.block.put_back.isVisible()
    office.idle()
    assert office.kinds() == kinds
    assert office.colour == "green"


def test_a_phone_that_was_checked_can_be_checked_again(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    count = office.kinds().count("check-ended")
    office.press("F5")
    office.until(lambda: office.kinds().count("check-ended") == count + 1)
    office.idle()
    assert office.colour == "green"
    assert len({r.visit for r in office.records() if r.kind == "check-ended"}) == 1


def test_while_it_is_read_again_the_old_verdict_is_not_shown(office: Office) -> None:
    server = office.serve("S1", "clean")
    office.plug("S1")
    office.until(lambda: office.colour == "green")
    office.idle()
    gate = office.gate(server, "dumpsys package packages")
    office.click("Check again")
    office.until(lambda: gate.reached and office.headline == "Reading…")
    assert office.colour == "neutral"
    assert not office.says("No banned app")
    gate.open()
    office.until(lambda: office.colour == "green")


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["walk-up", "unseen", "clean"])
def test_the_practice_phones_on_the_empty_page_do_what_they_promise(office: Office, scenario: str) -> None:
    office.click(office.window.desk_page.empty.first_practice[scenario])
    office.idle()
    wanted = {"walk-up": "red", "unseen": "amber", "clean": "green"}[scenario]
    office.until(lambda: office.colour == wanted)
    assert office.page.identity.practice.isVisible()
    assert office.page.identity.practice.accessibleName() == "PRACTICE: this is not a real phone"
    assert "(practice)" in office.card(0)
    office.go_to_list()
    office.press("Del")
    left = {
        "walk-up": "Unplugged, 2 banned",
        "unseen": "Unplugged, Not all seen",
        "clean": "Unplugged, No banned apps",
    }
    office.until(lambda: left[scenario] in office.card(0))
    office.press("Del")
    office.until(lambda: office.cards() == [])
    office.see("Plug in a phone")


def test_a_screen_reader_hears_the_verdict(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    assert "2 banned apps" in office.block.accessibleName()
    assert "Samsung Galaxy S22" in office.block.accessibleName()
    role = Qt.ItemDataRole.AccessibleTextRole
    table = office.page.apps.table.model()
    assert str(table.index(0, 0).data(role)) == "Status: Banned"
