"""What must stay true of a phone whatever happens around it: another road, phone or policy, a full disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import describe
from core.phones.driver import Unplugged
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import PracticeServer, load
from core.simulator.model.scenario import AppData, ProfileData, Scenario, Version
from tests.gui.conftest import Disk, MakeOffice, Office

POLICY = Path(__file__).resolve().parents[3] / "resources/policies/canada.toml"


def red(office: Office, scenario: str | Scenario = "walk-up") -> PracticeServer:
    server = office.plug("S1", scenario)
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    return server


def now(office: Office, state: PhoneState, road: Road) -> None:
    """The watch tells that the phone is in another state, or that somebody else holds it."""
    office.watches[-1].tell(Sighting("S1", "S1", "Pixel", state, road), plugged=True)


def crowded(*packages: str) -> Scenario:
    """A phone that has these apps in eighty profiles."""
    walk_up = load("walk-up")
    profiles = tuple(ProfileData(10 + n, f"u{n}", "10") for n in range(80))
    everywhere = (0, *(p.id for p in profiles))
    apps = tuple(
        AppData(name, Version(1, "1"), installer="com.android.vending", profiles=everywhere) for name in packages
    )
    return replace(walk_up, profiles=walk_up.profiles + profiles, apps=walk_up.apps + apps)


@pytest.mark.slow
def test_a_phone_that_a_server_took_is_read_again_and_can_be_cleaned(office: Office) -> None:
    server = red(office)
    now(office, PhoneState.READY, Road.SERVER)
    office.until(lambda: len([r for r in office.records() if r.kind == "check-ended"]) == 2)
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.until(lambda: office.colour == "green")
    assert not {"com.tencent.mm", "com.kms.free"} & server.phone.installed()
    visits = {r.visit for r in office.records() if r.kind == "check-ended"}
    assert len(visits) == 1  # it was one stay


@pytest.mark.slow
def test_no_verdict_passes_from_one_phone_to_another_with_its_serial_number(office: Office) -> None:
    first = office.plug("S1", "clean")
    assert first is not None
    office.until(lambda: office.colour == "green")
    office.idle()
    first.close()
    office.serve("S1", "walk-up")
    now(office, PhoneState.READY, Road.SERVER)
    office.until(lambda: office.headline == "2 banned apps")


def test_a_phone_that_took_its_permission_back_while_it_was_read_has_no_verdict(office: Office) -> None:
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    now(office, PhoneState.UNAUTHORISED, Road.USB)
    gate.open()
    office.idle()
    assert office.colour == "neutral"
    assert office.page.session is not None
    assert office.page.session.check is None


def test_a_phone_that_changed_hands_twice_while_it_was_read_is_read_by_its_last_road(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads: list[Road] = []
    reach = office.reach.phone

    def phone(sighting: Sighting, *further: Any) -> Any:
        roads.append(sighting.road)
        if sighting.road is Road.SERVER and len(roads) > 1:
            raise Unplugged("the server is gone")
        return reach(sighting, *further)

    monkeypatch.setattr(office.reach, "phone", phone)
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    now(office, PhoneState.READY, Road.SERVER)
    office.until(lambda: gate.reached)
    now(office, PhoneState.NO_PERMISSION, Road.USB)
    now(office, PhoneState.READY, Road.USB)
    server.cut()
    gate.open()
    office.until(lambda: office.colour == "green")
    assert roads == [Road.SERVER, Road.USB]


@pytest.mark.slow
def test_a_new_policy_counts_from_the_next_check_on(open_office: MakeOffice, tmp_path: Path, department: Path) -> None:
    department.parent.mkdir()
    department.write_text("unsigned_policy = true\n")
    rules = POLICY.read_text(encoding="utf-8")
    file = tmp_path / "policy.toml"
    by_name = [part for part in rules.split("\n[[") if not part.startswith(("rule.signer", "rule.code", "rule.label"))]
    nothing = "\n[[".join(by_name).replace('"com.tencent.mm"', '"com.tencent.mmx"')
    file.write_text(nothing.replace('"com.kms.free"', '"com.kms.freex"'))
    office = open_office(own={"policy": str(file)})
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "green")
    office.idle()
    file.write_text(rules)
    office.press("F5")
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    kinds = [r.kind for r in office.records()]
    assert kinds.count("policy-loaded") == 2


@pytest.mark.slow
def test_more_apps_than_can_be_shown_are_removed_in_more_than_one_go(office: Office) -> None:
    """Nothing is done that was not shown."""
    server = red(office, crowded("com.zhiliaoapp.musically"))
    before = sum(state.installed for state in server.phone.packages["com.zhiliaoapp.musically"].states.values())
    chosen = list(office.page.state.chosen)
    assert 0 < len(chosen) < before
    assert office.says("are for the next time")
    office.remove()
    office.idle()
    after = sum(state.installed for state in server.phone.packages["com.zhiliaoapp.musically"].states.values())
    assert after == before - len([i for i in chosen if i.finding.app.package == "com.zhiliaoapp.musically"])
    assert office.colour == "red"


@pytest.mark.slow
def test_many_findings_that_are_not_banned_are_not_in_the_way(office: Office) -> None:
    server = red(office, crowded("com.deepseek.chat", "com.tencent.wework", "com.tencent.mobileqq"))
    office.remove()
    office.until(lambda: not {"com.tencent.mm", "com.kms.free"} & server.phone.installed())


@pytest.mark.slow
def test_an_outcome_that_could_not_be_written_is_open_until_the_next_check(office: Office, disk: Disk) -> None:
    red(office)
    disk.room = 3  # for what there is of the two apps, and for the intent alone
    office.remove()
    office.see("could not be recorded")
    office.idle()
    disk.room = None
    log: Any = office.window.open_page("log")
    log.practice.click()
    office.until(lambda: log.steps.isVisible())
    office.window.open_page("desk")
    office.press("F5")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    (outcome,) = [r for r in office.records() if r.kind == "removal-outcome"]
    assert "could not be recorded" in describe.summary(outcome)  # and not that Fanion had stopped: it ran on
    office.window.open_page("log")
    office.until(lambda: not log.steps.isVisible())


@pytest.mark.slow
def test_what_is_left_to_do_by_hand_stays_until_the_phone_is_read_again(office: Office) -> None:
    red(office, "stubborn")
    office.remove()
    office.until(office.page.on_phone.isVisible)
    office.press("Esc")
    office.until(office.block.outcome.isVisible)
    office.idle()
    office.press("Ctrl+R")
    assert office.block.plan.isVisible()
    assert not office.block.outcome.isVisible()
    office.press("Esc")
    assert office.block.outcome.isVisible()
    office.plug("S2", "clean")
    office.until(lambda: "No banned app" in office.card(1))
    office.choose(1)
    office.until(lambda: office.colour == "green")
    assert not office.block.outcome.isVisible()
    office.choose(0)
    office.until(lambda: office.colour == "red" and office.block.outcome.isVisible())
    office.press("F5")
    office.idle()
    assert office.colour == "red"
    assert not office.block.outcome.isVisible()


@pytest.mark.slow
def test_nothing_is_put_back_by_one_key(office: Office) -> None:
    red(office, "preinstalled")
    office.remove()
    office.until(office.block.outcome.isVisible)
    office.idle()
    office.press("Ctrl+Z")
    office.until(office.block.put_back.isVisible)
    office.see("This brings back banned apps.")
    assert office.page.identity.title.hasFocus()
    for key in ("Return", "Space"):
        office.press(key)
    office.press("Esc")
    office.until(lambda: not office.block.put_back.isVisible())
    office.idle()
    assert not [r for r in office.records() if r.kind == "undo-intended"]
    assert office.colour == "amber"


@pytest.mark.slow
def test_a_menu_that_outlives_its_phone_does_nothing(office: Office) -> None:
    red(office)
    office.unplug("S1")
    office.until(lambda: office.fanion.phones.sessions[0].absent)
    office.idle()
    gone = office.fanion.phones.sessions[0]
    menu = office.window.desk_page.cards.menu_for(gone)
    office.plug("S1")
    office.until(lambda: office.fanion.phones.sessions[0] is not gone)
    next(action for action in menu.actions() if action.text() == "Take off the list").trigger()
    menu.close()
    office.idle()
    assert len(office.fanion.phones.sessions) == 1
