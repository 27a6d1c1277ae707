"""The queue: which phone needs the officer next, and a list that keeps still under a hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.model import Verdict
from core.model.visit_state import Ban, CheckFacts, Fate, VisitState
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import load
from core.simulator.model.scenario import Scenario
from gui.desk import queue
from gui.desk.queue import Group, Total
from gui.desk.session.phone_view import Phase, PhoneView
from tests.gui.conftest import Office

NOW = datetime(2026, 11, 27, 10, 0)


# --- the order of work


def phone(slot: int, **has: Any) -> PhoneView:
    made = PhoneView(f"S{slot}", "Pixel 9", practice=False)
    made.slot = slot
    for name, value in has.items():
        setattr(made, name, value)
    return made


def checked(slot: int, verdict: Verdict, *, steps: bool = False, waited: int = 0, **has: Any) -> PhoneView:
    """A phone with this verdict; red, with WeChat on it, for which there are steps or a hand."""
    finding = SimpleNamespace(
        product="WeChat", app=SimpleNamespace(package="com.tencent.mm"), profile=SimpleNamespace(id=0), rule="wechat"
    )
    bans = (finding,) if verdict is Verdict.RED else ()
    items = tuple(SimpleNamespace(finding=ban, steps=("uninstall",) if steps else ()) for ban in bans)
    gaps = ("Secure Folder",) if verdict is Verdict.AMBER else ()
    check = SimpleNamespace(verdict=verdict, red=bans, bans=bans, suspected=(), gaps=gaps)
    told = SimpleNamespace(check=check, plan=SimpleNamespace(items=items), by_hand=(), undoable=())
    facts = CheckFacts(verdict, banned=len(bans), red=bool(bans), unseen=len(gaps))
    red = (Ban("wechat", "com.tencent.mm", 0, "WeChat", Fate.STILL_THERE),) if bans else ()
    state = VisitState(last=facts, bans=red)
    return phone(slot, checked=told, checked_at=NOW - timedelta(minutes=waited), state=state, **has)


def not_ready(slot: int) -> PhoneView:
    sighting = Sighting(f"S{slot}", "R5CT1000001", "Pixel 9", PhoneState.CHARGING, Road.USB)
    return phone(slot, sighting=sighting, phase=Phase.WAITING)


def test_a_press_of_the_officer_comes_first_and_the_longest_wait_before_the_shorter() -> None:
    wanted = [
        checked(9, Verdict.RED, steps=True),
        not_ready(8),
        checked(7, Verdict.AMBER),
        checked(6, Verdict.RED),  # it waits on its holder's hand
        phone(5, phase=Phase.READING, _job=object()),
        checked(4, Verdict.GREEN, waited=12),
        checked(3, Verdict.GREEN, waited=2),
        checked(2, Verdict.GREEN, handed_back=object()),
        checked(1, Verdict.RED, steps=True, absent=True),
    ]
    rows = [(view, queue.row_of(view, NOW)) for view in sorted(wanted, key=lambda view: view.slot)]
    order = queue.in_work_order(rows)
    assert [view.slot for view in order if not (view.handed_back and not view.absent)] == [9, 8, 7, 6, 5, 4, 3, 1]
    by_slot = {view.slot: row for view, row in rows}
    assert [by_slot[slot].group for slot in (9, 5, 4, 1)] == list(Group)
    assert [str(by_slot[slot].act) for slot in (9, 8, 7, 6, 4)] == [
        "Remove",
        "Step 1: debugging off",
        "Look on the phone",
        "On the phone",
        "Waiting 12 min",
    ]
    # F6 goes down what needs somebody, then to those to hand back; never to one that is done with, or has left.
    path, shown = [], None
    for _ in range(5):
        shown = queue.next_of(rows, shown)
        path.append(shown.slot if shown is not None else 0)
    assert path == [9, 8, 7, 6, 9]
    rest = [(view, row) for view, row in rows if row.group is not Group.NEEDS_YOU]
    first = queue.next_of(rest, None)
    assert first is not None
    assert first.slot == 4
    assert queue.next_of([one for one in rest if one[0].slot in (1, 2, 5)], None) is None


def test_each_phone_counts_once_beside_being_plugged_in() -> None:
    views = [checked(1, Verdict.RED), checked(2, Verdict.AMBER), checked(3, Verdict.GREEN), not_ready(4)]
    views += [phone(5, phase=Phase.READING, _job=object()), checked(6, Verdict.GREEN, absent=True)]
    counted = [queue.counts(view, queue.row_of(view, NOW)) - {Total.PLUGGED_IN} for view in views]
    assert counted == [{Total.RED}, {Total.AMBER}, {Total.HAND_BACK}, {Total.NOT_READY}, {Total.READING}, set()]


# --- the list in the window


def small(scenario: str) -> Scenario:
    return replace(load(scenario), filler=5)


def order(office: Office) -> list[str]:
    """The keys of the phones, from the top of the list."""
    return [session.key for session in office.window.desk_page.cards.phones.listed_sessions]


def three(office: Office) -> None:
    """A green phone, an amber and a red one, in this order of their coming."""
    for number, scenario in enumerate(("clean", "unseen", "walk-up"), 1):
        office.plug(f"S{number}", small(scenario))
    office.until(lambda: "No banned app" in office.card(0) and "Not all seen" in office.card(1))
    office.until(lambda: "2 banned, Remove" in office.card(2))
    office.idle()
    office.window.desk_page.cards.arrange()


@pytest.mark.slow
def test_the_list_is_by_work_or_by_slot_and_f6_goes_to_what_needs_somebody(office: Office) -> None:
    three(office)
    office.until(lambda: order(office) == ["S3", "S2", "S1"])
    assert office.says("Needs you 2")
    assert office.button("Next: slot 3").isVisible()
    for key in ("S3", "S2", "S3"):
        office.press("F6")
        office.until(lambda key=key: office.page.session is not None and office.page.session.key == key)
        assert office.page.identity.title.hasFocus()
    office.click("Slots")
    assert order(office) == ["S1", "S2", "S3"]
    slots = {session.key: session.slot for session in office.fanion.phones.sessions}
    office.remove()
    office.idle()
    office.click("By priority")
    office.until(lambda: order(office)[0] == "S2")
    assert {session.key: session.slot for session in office.fanion.phones.sessions} == slots


@pytest.mark.slow
def test_a_total_narrows_the_list_and_going_elsewhere_widens_it(office: Office) -> None:
    three(office)
    red = office.button("1 red")
    office.click(red)
    assert order(office) == ["S3"]
    office.click(red)
    assert sorted(order(office)) == ["S1", "S2", "S3"]
    amber = office.button("1 amber")
    office.click(amber)
    office.click(red)
    assert order(office) == ["S3"]
    assert (red.isChecked(), amber.isChecked()) == (True, False)
    office.idle()
    assert office.page.session is office.fanion.phones.sessions[0]  # narrowing the list is no choice of a phone
    for key in ("S3", "S2"):
        office.press("F6")
        office.until(lambda key=key: office.page.session is not None and office.page.session.key == key)
    assert sorted(order(office)) == ["S1", "S2", "S3"]  # so that its row is to be seen
    assert not red.isChecked()
    office.click(red)
    office.press("F6")
    office.remove()
    office.idle()
    office.until(lambda: order(office) == [])  # the phone is not red any more
    assert office.page.session is not None
    assert office.page.session.key == "S3"  # and yet stays on the page
    assert office.colour == "green"


def test_rows_keep_still_under_the_pointer_and_after_a_key(office: Office) -> None:
    cards = office.window.desk_page.cards
    office.plug("S1", small("clean"))
    office.until(lambda: "No banned app" in office.card(0))
    QTest.mouseMove(cards.viewport(), cards.visualRect(cards.phones.index(0)).center())
    office.until(lambda: cards.in_use)
    office.plug("S2", small("walk-up"))
    office.until(lambda: "2 banned, Remove" in office.card(1))
    office.idle()
    assert order(office) == ["S1", "S2"]
    QApplication.sendEvent(cards.viewport(), QEvent(QEvent.Type.Leave))
    office.until(lambda: order(office) == ["S2", "S1"])

    office.go_to_list()
    office.press("Home")
    assert cards.in_use
    cards._rest.start(60_000)  # for as long as this test looks
    office.plug("S3", small("unseen"))
    office.until(lambda: "Not all seen" in office.card(2))
    office.idle()
    assert order(office) == ["S2", "S1", "S3"]
    cards._rest.start(0)
    office.until(lambda: order(office) == ["S2", "S3", "S1"])
    office.press("Home")
    assert cards._rest.interval() > 500  # the pointer's leaving has not made it shorter


@pytest.mark.slow
def test_a_phone_that_comes_takes_neither_the_page_nor_the_focus(office: Office) -> None:
    office.plug("S1", small("walk-up"))
    office.until(office.block.remove.isVisible)
    office.idle()
    office.press("Ctrl+F")
    office.type("wechat")
    field = QApplication.focusWidget()
    office.plug("S2", small("unseen"))
    bar = office.window.desk_page._whole().arrival
    office.until(bar.isVisible)
    office.until(lambda: "Not all seen" in office.card(1))
    office.idle()
    office.see("Just plugged in", "Slot 2", "This page stays open.", within=bar)
    assert QApplication.focusWidget() is field
    assert office.page.apps.search.text() == "wechat"
    assert office.page.session is office.fanion.phones.sessions[0]
    office.plug("S3", small("clean"))
    office.see("Slot 3", within=bar)
    office.until(lambda: "No banned app" in office.card(2))
    office.unplug("S3")
    office.until(lambda: not bar.isVisible())
    office.plug("S3")
    office.until(bar.isVisible)
    office.click("Show slot 3")
    office.until(lambda: office.page.session is not None and office.page.session.key == "S3")
    assert not bar.isVisible()
    office.idle()
