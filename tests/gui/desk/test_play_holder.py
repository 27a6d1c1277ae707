"""Each page of a practice phone that waits for its holder has the holder's acts, and each press leads onwards."""

from __future__ import annotations

import pytest

from core.model import Verdict
from core.phones.hand_kind import Doer
from core.simulator import ACT_NAMES, scenario_list
from gui.desk.acts.all_acts import BY_HAND, LOOK, RECORD
from gui.desk.ready.holder_row import HolderRow
from gui.desk.session import played_holder
from gui.desk.session.page_state import PageContent
from gui.desk.session.phone_session import PhoneSession
from tests.gui.conftest import Office

#: Of these a removal leaves something to the holder; of the last the holder cannot remove it either.
BY_HOLDER = ("odd-answers", "stubborn", "iphone-wechat")
BY_NOBODY = ("device-admin", "iphone-supervised")


def pressed(office: Office, row: HolderRow, number: int = 0) -> None:
    office.until(lambda: bool(row.buttons) and row.buttons[number].isVisible())
    assert "play the holder" in row.words.text()
    office.click(row.buttons[number])


def read(office: Office, session: PhoneSession) -> None:
    """Play the holder until the phone is read; at every moment it is read, or its holder has something to do."""
    office.until(lambda: session.check is not None or session.acts)
    for _ in range(5):
        if session.check is not None:
            break
        acts = session.acts
        office.until(lambda: office.page.stack.content is PageContent.READY)
        row, name = office.page.ready.holder, str(ACT_NAMES[acts[0]])
        office.until(lambda row=row, name=name: row.isVisible() and [b.text() for b in row.buttons] == [name])
        pressed(office, row)
        office.until(lambda acts=acts: session.check is not None or (session.acts and session.acts != acts))
    assert session.check is not None
    office.idle()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [name for name in scenario_list.every() if scenario_list.begins(name) != "ready"])
def test_one_that_is_not_ready_is_read_by_pressing_the_first_button_again_and_again(
    office: Office, scenario: str
) -> None:
    session = office.window.desk_page.practise(scenario)
    read(office, session)
    assert session.acts == ()
    assert not office.page.ready.holder.isVisible()


def by_hand(office: Office, scenario: str) -> PhoneSession:
    """A phone whose banned apps are tried to be removed, with the page of what is left to its holder."""
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None)
    office.idle()
    office.page.on_phone._timer.setInterval(20)
    if office.block.remove.isVisible():
        office.remove()
        office.until(lambda: session.removal is not None)
        office.idle()
    assert session.by_hand, "nothing is left to the holder"
    office.page.desk_actions.want(BY_HAND)
    office.until(office.page.on_phone.isVisible)
    return session


@pytest.mark.slow
@pytest.mark.parametrize("scenario", BY_HOLDER)
def test_what_is_removed_by_hand_is_removed_by_a_press(office: Office, scenario: str) -> None:
    session = by_hand(office, scenario)
    page = office.page.on_phone
    while page.isVisible() and page.holder.buttons:
        item = page.current
        assert item is not None
        pressed(office, page.holder)
        assert not played_holder.can_remove(session, item.finding)
        office.until(lambda item=item: page.current is not item or not page.isVisible())
    if scenario == "odd-answers":  # what is left is its management's
        assert page.current is not None
        assert page.current.doer is Doer.MANAGEMENT
        return
    office.until(lambda: not page.isVisible())
    office.idle()
    assert session.check is not None
    assert session.check.verdict is not Verdict.RED, [f.on_phone for f in session.check.red]


@pytest.mark.slow
def test_what_was_in_a_place_that_no_computer_reads_is_not_seen_to_be_gone(office: Office) -> None:
    session = by_hand(office, "secure-folder")
    page = office.page.on_phone
    pressed(office, page.holder)
    office.see("Practice: the holder has removed it.", within=page)
    office.click(page.card.check if page.card.check.isVisible() else page.card.check_too)
    office.until(lambda: not page.isVisible())
    office.idle()
    assert office.colour == "red"
    assert session.check is not None
    gaps = [str(gap.what) for gap in session.check.gaps]
    assert "Seen earlier, and their removal was not seen: WeChat" in gaps
    assert not played_holder.can_remove(session, session.by_hand[0].finding)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", BY_NOBODY)
def test_what_no_holder_can_remove_is_said(office: Office, scenario: str) -> None:
    by_hand(office, scenario)
    page = office.page.on_phone
    while page.holder.buttons:
        item = page.current
        office.click(page.holder.buttons[0])
        office.until(lambda item=item: page.current is not item)
    office.see("Practice: the holder of this phone cannot remove it either.", within=page)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [("unseen", "amber"), ("repair-mode", "amber"), ("maintenance-mode", "amber"), ("apps-inside", "red")],
)
def test_what_the_holder_shows_is_the_answer_and_can_be_recorded(office: Office, scenario: str, verdict: str) -> None:
    session = office.window.desk_page.practise(scenario)
    office.until(lambda: session.check is not None)
    office.idle()
    look = office.block.look
    if not look.isVisible():
        office.page.desk_actions.want(LOOK)
    office.until(look.isVisible)
    assert look.answer() is None
    pressed(office, look.holder)
    assert look.answer() is not None
    office.page.desk_actions.want(RECORD)
    office.until(lambda: session.attestation is not None)
    office.idle()
    assert office.colour == verdict


def test_a_holder_who_refuses_is_an_answer_too(office: Office) -> None:
    session = office.window.desk_page.practise("unseen")
    office.until(office.block.look.isVisible)
    office.idle()
    pressed(office, office.block.look.holder, 1)
    office.page.desk_actions.want(RECORD)
    office.until(lambda: session.attestation is not None)
    assert session.attestation is not None
    assert session.attestation.answer == "declined"


def test_nobody_plays_the_holder_of_a_real_phone(office: Office) -> None:
    office.plug("S1", "unseen")
    office.until(office.block.look.isVisible)
    office.idle()
    assert not office.block.look.holder.isVisible()


@pytest.mark.slow
def test_every_scenario_that_waits_for_its_holder_is_tested_here(office: Office) -> None:
    """Of every other practice phone a computer removes all that is banned, or nothing is left to look at."""
    tested = {*BY_HOLDER, *BY_NOBODY, "secure-folder", "unseen", "repair-mode", "maintenance-mode", "apps-inside"}
    broken_off = {"unplugged", "hostile", "iphone-hostile"}
    ready = [name for name in scenario_list.every() if scenario_list.begins(name) == "ready"]
    for scenario in set(ready) - tested - broken_off:
        session = office.window.desk_page.practise(scenario)
        office.until(lambda session=session: session.check is not None)
        office.idle()
        if office.block.remove.isVisible():
            office.remove()
            office.until(lambda session=session: session.removal is not None)
            office.idle()
        assert not session.by_hand, scenario
        assert not session.to_look_at, scenario
