"""A phone that was not wholly seen: the officer looks on it, says what was seen, and no word of theirs makes it
green."""

from __future__ import annotations

from typing import Any

import pytest

from core.model import Attested
from tests.gui.conftest import Disk, Office


@pytest.fixture
def amber(office: Office) -> Office:
    """A window with a phone whose Secure Folder no computer can read."""
    office.plug("S1", "unseen")
    office.until(office.block.look.isVisible)
    office.idle()
    assert office.headline == "Secure Folder not seen"
    return office


def looked(office: Office) -> list[Any]:
    return [r.record for r in office.records() if r.kind == "looked-on-phone"]


def test_nothing_is_chosen_beforehand_and_nothing_can_be_recorded_or_finished(amber: Office) -> None:
    block = amber.block
    amber.see(
        "Open Secure Folder", "The holder taps its icon.", "Is one of these on the phone: TikTok, WeChat or Kaspersky?"
    )
    assert "Not all seen, Look on the phone" in amber.card(0)
    assert not any(one.isChecked() for one in block.look.answers.values())
    assert not block.record.isEnabled()
    assert not block.finish.isVisible()
    for keys in ("Alt+S", "Alt+F", "Return"):
        amber.press(keys)
    amber.idle()
    assert looked(amber) == []
    assert amber.kinds()[-1] == "check-ended"


@pytest.mark.slow
def test_what_was_seen_is_on_record_and_it_stays_amber(amber: Office) -> None:
    amber.press("Alt+N")
    assert amber.block.look.answers[Attested.NOTHING_SEEN].isChecked()
    amber.block.look.note.setFocus()
    amber.type("Folder opened, 4 apps")
    amber.press("Alt+S")
    amber.until(amber.block.finish.isVisible)
    amber.idle()
    (record,) = looked(amber)
    assert (record.answer, record.note.value, record.products) == ("nothing-seen", "Folder opened, 4 apps", ())
    assert (amber.colour, amber.headline) == ("amber", "Checked by hand")
    amber.see("A. Roy checked by hand what was not read, and saw no banned app. Fanion still could not read it.")
    assert "Checked by hand, Ready to hand back" in amber.card(0)
    assert not amber.block.look.isVisible()
    amber.press("Alt+S")  # once is enough
    amber.idle()
    assert len(looked(amber)) == 1
    amber.press("Alt+F")
    amber.idle()
    assert (amber.colour, amber.headline) == ("amber", "Handed back")
    (intended,) = [r.record for r in amber.records() if r.kind == "hand-back-intended"]
    assert (intended.verdict, intended.reason.value) == ("amber", "Checked by hand: no banned app was seen.")
    assert "green" not in [colour for colour, _ in amber.shown]


@pytest.mark.slow
def test_a_banned_app_that_was_seen_makes_it_red_once_it_is_named(amber: Office) -> None:
    block = amber.block
    amber.press("Alt+B")
    assert not block.record.isEnabled()  # which one is not said
    amber.press("Alt+S")
    amber.idle()
    assert looked(amber) == []
    block.look._rule_boxes["wechat"].click()
    amber.click(block.record)
    amber.until(lambda: amber.colour == "red")
    amber.idle()
    (record,) = looked(amber)
    assert (record.answer, record.rules, record.verdict) == ("app-seen", ("wechat",), "red")
    assert amber.headline == "1 banned app seen"
    amber.see("Seen on the phone by A. Roy: WeChat.")
    assert "1 banned seen, On the phone" in amber.card(0)
    assert not block.finish.isVisible()
    amber.press("F5")
    amber.idle()
    assert amber.headline == "Secure Folder not seen"  # what the phone says now is to be looked at anew
    assert not any(one.isChecked() for one in block.look.answers.values())


@pytest.mark.slow
def test_an_owner_who_would_not_open_it_is_on_record(amber: Office) -> None:
    amber.press("Alt+W")
    amber.press("Alt+S")
    amber.until(amber.block.finish.isVisible)
    amber.idle()
    assert looked(amber)[0].answer == "declined"
    assert amber.colour == "amber"
    amber.see("The holder did not open what a computer cannot see. Recorded by A. Roy.")
    assert amber.block.reason.text() == "The holder would not open what a computer cannot see."


@pytest.mark.slow
def test_what_cannot_be_recorded_was_not_said(amber: Office, disk: Disk) -> None:
    disk.room = 0
    amber.press("Alt+N")
    amber.press("Alt+S")
    amber.see("cannot grow: the disk is full.")
    amber.idle()
    assert amber.headline == "Secure Folder not seen"
    assert amber.block.look.isVisible()
    assert not amber.block.finish.isVisible()
    disk.room = None
    amber.press("Alt+S")
    amber.until(lambda: amber.headline == "Checked by hand")


@pytest.mark.slow
def test_what_was_chosen_of_one_phone_is_not_said_of_the_next(amber: Office) -> None:
    amber.press("Alt+N")
    amber.plug("S2", "unseen")
    amber.until(lambda: "Not all seen" in amber.card(1))
    amber.choose(1)
    amber.idle()
    assert amber.block.look.isVisible()
    assert not any(one.isChecked() for one in amber.block.look.answers.values())
    assert not amber.block.record.isEnabled()
