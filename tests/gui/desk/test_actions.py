"""The acts of the Desk page: a row each, from which all else comes, and one state that says what can be done."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from core.model import Attested, HandBack, Paper
from core.phones.driver import Step
from core.phones.removal_plan import Planned
from core.text import T, Text
from gui.desk import phone_acts
from gui.desk.acts import act_words, all_acts, desk_actions
from gui.desk.acts.all_acts import ACTS
from gui.desk.acts.desk_act import ActButton, ActEntry, DeskAct
from gui.desk.phone_acts import PhoneActs
from gui.desk.session.coming_removal import ComingRemoval
from gui.desk.session.page_state import Answers, Around, LookAnswer, MissingAnswer, PageContent, PageState, Unfolded
from gui.desk.session.phone_view import Phase
from gui.toolkit.buttons import DestructiveButton
from tests.examples import examples
from tests.gui.conftest import MakeOffice, Office
from tests.unit.describe.test_one_truth import found

RESULT = Around(PageContent.RESULT)
#: At rest, checked, on the desk.
RESTING = PageState(RESULT, has_phone=True, key="S1", checked=True, checkable=True, can_be_labelled=True)
#: What changes the phone or settles its visit.
SETTLING = (all_acts.PUT_BACK, all_acts.FINISH, all_acts.RECORD, all_acts.BY_HAND, all_acts.UNDO, all_acts.HAND_BACK)


COMING = st.sampled_from((None, ComingRemoval("S1", frozenset(), 1, 0, 3, 0.0)))


def arounds() -> st.SearchStrategy[Around]:
    answers = st.builds(
        Answers,
        owner_told=st.sampled_from(((), ("S1",), ("S1", "WeChat"))),
        hand_back=st.sampled_from((HandBack(Paper.PRINTED), HandBack(Paper.PRINTED, "The holder has to go"))),
        look=st.sampled_from((None, LookAnswer(Attested.NOTHING_SEEN))),
        table=st.booleans(),
    )
    return st.builds(Around, st.sampled_from(PageContent), st.builds(Unfolded), answers, asking=st.booleans())


def states() -> st.SearchStrategy[PageState]:
    flags: dict[str, st.SearchStrategy[Any]] = {f.name: st.booleans() for f in fields(PageState) if f.type == "bool"}
    flags |= {"phase": st.sampled_from(Phase), "by_hand": st.integers(0, 3), "coming": COMING}
    return st.builds(PageState, arounds(), **flags)


# --- one row


@pytest.mark.slow
def test_from_a_row_come_button_entry_key_and_what_the_sheet_says(
    monkeypatch: pytest.MonkeyPatch, open_office: MakeOffice
) -> None:
    done: list[PhoneActs] = []
    wave = DeskAct(
        "wave",
        lambda state: None if state.green else T("Wave at a green phone only."),
        "Alt+Y",
        T("Wave at the holder"),
        button=ActButton(T("Wave"), lambda state: state.checked, "hand", destroys=True, shows_key=True),
        entry=ActEntry(T("Wave…")),
    )
    monkeypatch.setattr(desk_actions, "ACTS", (*ACTS, wave))
    monkeypatch.setitem(phone_acts.HANDLERS, wave, done.append)
    office = open_office()
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    button = office.button("Wave")
    assert isinstance(button, DestructiveButton)
    assert not button.isEnabled()
    assert button.toolTip() == "Wave at a green phone only."
    entry = next(a for a in office.page.identity.menu().actions() if a.text() == "Wave…")
    assert (entry.isEnabled(), entry.toolTip()) == (False, "Wave at a green phone only.")
    office.press("Alt+Y")
    entry.trigger()
    assert not done
    assert ("Wave at the holder", "Alt+Y") in [(str(d), k.toString()) for d, k in office.window.desk_page.shortcuts()]
    office.plug("S2", "clean")
    office.until(lambda: "No banned app" in office.card(1))
    office.choose(1)
    office.idle()
    assert (button.isEnabled(), button.toolTip()) == (True, "")
    office.press("Alt+Y")
    office.click(button)
    next(a for a in office.page.identity.menu().actions() if a.text() == "Wave…").trigger()
    assert len(done) == 3
    button.setFocus(Qt.FocusReason.TabFocusReason)
    office.press("Return")
    assert len(done) == 3  # it destroys something: Enter presses nothing


def test_every_row_has_what_does_it_and_no_key_means_two_things() -> None:
    assert {act for act in ACTS if act.is_done_here} == set(phone_acts.HANDLERS)
    assert len({act.name for act in ACTS}) == len(ACTS)
    printed = Counter(act.key for act in ACTS if act.key)
    assert not [key for key, count in printed.items() if count > 1 and key != "Esc"]
    assert all(act.does is not None for act in ACTS if act.key)
    assert all(QKeySequence(act.key).count() == 1 for act in ACTS if act.key)


# --- one state


@given(states())
@examples(200)
def test_every_act_can_be_done_or_says_why_not(state: PageState) -> None:
    for act in ACTS:
        why = state.why_not(act)
        assert state.enabled(act) is (why is None)
        assert why is None or (isinstance(why, Text) and str(why).strip())


@given(states())
@examples(200)
def test_nothing_is_done_with_a_phone_that_is_busy_gone_or_handed_back(state: PageState) -> None:
    if state.busy or state.absent or state.handed_back or not state.has_phone:
        assert not [act.name for act in SETTLING if state.enabled(act)]
        assert not state.enabled(all_acts.REMOVE) or state.phase is Phase.LOOKING
    if state.around.content is not PageContent.RESULT:
        unseen = (all_acts.REMOVE, all_acts.PUT_BACK, all_acts.FINISH, all_acts.RECORD, all_acts.TELL_OWNER)
        assert not [act.name for act in unseen if state.enabled(act)]


@given(states())
@examples(200)
def test_escape_means_one_thing_at_a_time(state: PageState) -> None:
    assert not (state.enabled(all_acts.LEAVE) and state.enabled(all_acts.STOP_REMOVAL))


@given(states())
@examples(200)
def test_an_act_cannot_be_done_as_long_as_it_lacks_what_it_needs(state: PageState) -> None:
    for act in ACTS:
        if act.needs is not None and state.lacks(act.needs):
            assert not state.enabled(act)


def test_a_phone_that_is_not_green_is_finished_with_a_reason_only() -> None:
    amber = replace(RESTING, settled=True)
    assert str(amber.why_not(all_acts.FINISH)) == "Why is it handed back although not all was seen?"
    assert str(replace(amber, banned=2).why_not(all_acts.FINISH)) == "Why is it handed back with 2 banned apps?"
    assert amber.lacks(MissingAnswer.REASON)
    answers = Answers(hand_back=HandBack(Paper.NOT_OFFERED, "Its holder has to go"))
    assert replace(amber, around=replace(RESULT, answers=answers)).enabled(all_acts.FINISH)
    assert replace(amber, green=True).enabled(all_acts.FINISH)


def test_what_the_owner_was_told_holds_for_that_phone_and_those_apps_alone(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert office.page.state.owner_told is None
    assert office.page.state.enabled(all_acts.REMOVE)
    state = replace(office.page.state, asks_told=True)
    assert state.owner_told is False
    assert str(state.why_not(all_acts.REMOVE)) == "First tell the holder what will be lost, then tick the box."
    told = replace(state, around=replace(state.around, answers=Answers(owner_told=state.to_tell)))
    assert told.enabled(all_acts.REMOVE)
    assert not replace(told, key="S2").enabled(all_acts.REMOVE)
    assert not replace(told, around=replace(told.around, content=PageContent.BY_HAND)).enabled(all_acts.REMOVE)


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ((("uninstall",), ("uninstall",)), "Remove 2 apps"),
        ((("disable",), ("uninstall-updates", "disable")), "Switch off 2 apps"),
        ((("uninstall",), ("disable", "uninstall"), ("suspend",)), "Remove 2, switch off 1"),
        ((("disable",),), "Switch App 0 off"),
    ],
)
def test_the_button_says_how_many_are_removed_and_how_many_only_switched_off(
    acts: tuple[tuple[str, ...], ...], words: str
) -> None:
    planned = []
    for number, steps in enumerate(acts):
        finding = found(f"App {number}")
        taken = tuple(Step(act, finding.app.package, 0, finding.product, T("So.")) for act in steps)
        planned.append(Planned(finding, taken, (), for_good=False, by_hand=T("So.")))
    assert str(act_words.removal(replace(RESTING, to_remove=tuple(planned)))) == words


# --- one press


def test_a_press_is_judged_by_the_moment_it_comes_at(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.block.finish.isVisible())
    office.idle()
    session = office.page.session
    assert session is not None
    session.absent = True  # its cable was pulled; the page is not shown anew yet
    assert office.block.finish.isEnabled()
    office.block.finish.click()
    assert session.handed_back is None
    assert not office.block.finish.isVisible()
    session.absent = False


def test_a_key_of_the_desk_does_nothing_in_another_page(office: Office) -> None:
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    elsewhere = {key.toString() for _, key in office.window.beside.keys}
    assert not elsewhere & {key.toString() for _, key in office.window.desk_page.shortcuts()}
    office.page.desk_actions.want(all_acts.PLAN)
    assert office.page.unfolded == Unfolded(plan=True)
    office.window.open_page("policy")
    QApplication.processEvents()
    office.press("Ctrl+R")
    assert office.page.unfolded == Unfolded(plan=True)
