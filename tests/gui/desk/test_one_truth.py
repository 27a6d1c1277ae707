"""The page, the row, the holder's window and the notification of a phone say the reason that its records give."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

import pytest
from PySide6.QtWidgets import QApplication

from core.ledger import records
from core.model import Attested, Labels, Verdict
from core.model.visit_state import Reason, VisitState
from core.phones.removal_plan import Plan
from gui.desk import queue
from gui.desk.hand_back.owner_window import OWNER_TITLES, told_to_owner
from gui.desk.phone_text import block_text
from gui.desk.queue import Group, Total
from gui.desk.session.lane import FinishedCheck
from gui.desk.session.phone_view import PhoneView
from gui.desk.stage_track import Stage, stage_of
from gui.toolkit.theme import Status
from tests.unit.describe.test_one_truth import ENDS, KINDS, LOOKS, PHONE, SIGNALS, check_of, says, visit_of

#: What an officer saw on the phone, and how the visit went on: an officer looks before anything else begins.
COURSES = [*itertools.product(LOOKS, ["open"]), *((None, end) for end in ENDS if end != "open")]
NOW = datetime(2026, 11, 29, 15, 0)


def view_of(kinds: Sequence[str], gap: bool, health: str, look: Attested | None = None, end: str = "open") -> PhoneView:
    """A phone at the desk with this visit; where it ended within a reading or a removal, it has no check."""
    check = check_of(kinds, gap, health)
    past = visit_of(check, look, end)
    view = PhoneView("S1", "Galaxy", practice=False)
    view.slot, view.phone, view.officer, view.state = 1, PHONE, "A. Roy", past.state
    if end in ("open", "handed back", "removed", "cut off, then gone", "gone by hand", "gone and there again"):
        is_gone = end in ("removed", "cut off, then gone")
        last = check_of([kind for kind in kinds if kind != "banned"], gap, health) if is_gone else check
        view.checked = FinishedCheck(last, 12, (), Plan(last, ()), (), Labels(), state=past.state)
        view.checked_at = NOW
    if end == "open" and past.attestation is not None and isinstance(past.attestation.record, records.Attestation):
        view.attestation = past.attestation.record
    view.cut_off = end == "removal cut off"
    return view


@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_every_surface_of_the_desk_says_the_reason_of_the_records(kinds: Sequence[str], qapp: QApplication) -> None:
    for gap, health, (look, end) in itertools.product((False, True), SIGNALS, COURSES):
        view = view_of(kinds, gap, health, look, end)
        state = view.state
        if view.verdict is None:  # it is not read to its end: its problem is what the page tells
            assert state.verdict in (None, Verdict.AMBER, Verdict.GREEN)
            continue
        status, title, _ = told_to_owner(view)
        row = queue.row_of(view, NOW)
        block = block_text(view)
        assert {block.status, row.status, view.status, status} == {Status(state.verdict)}
        special = state.reason is Reason.UNSEEN  # the page says which part it was
        assert special or says(block.headline, state.reason), (state.reason, str(block.headline))
        assert says(row.word, state.reason), (state.reason, str(row.word))
        banned = state.reason in (Reason.BANNED, Reason.BANNED_SEEN) and state.left_count
        assert says(title, Reason.BANNED) if banned else title == OWNER_TITLES[state.reason]


def test_a_red_phone_that_is_unplugged_stays_red(qapp: QApplication) -> None:
    view = view_of(("banned",), False, "fine")
    view.absent = True
    row, block = queue.row_of(view, NOW), block_text(view)
    assert (row.group, row.status, str(row.word)) == (Group.LEFT, Status.RED, "Unplugged, 1 banned")
    assert (block.status, str(block.headline)) == (Status.RED, "Unplugged with 1 banned app")
    assert "Plug it in again." in map(str, block.sentences)
    assert queue.counts(view, row) == {Total.RED}


def test_one_that_is_pulled_while_apps_are_removed_stays_red_and_says_of_each_what_is_known(
    qapp: QApplication,
) -> None:
    view = view_of(("banned",), False, "fine", end="removal cut off")
    view.absent = True
    row, block = queue.row_of(view, NOW), block_text(view)
    assert (row.status, str(row.word)) == (Status.RED, "Unplugged during removal")
    assert (block.status, str(block.headline)) == (Status.RED, "Unplugged during removal")
    assert "WeChat: Result not known." in map(str, block.sentences)
    assert stage_of(view) is Stage.SETTLE


def test_after_a_removal_the_page_says_what_was_found(qapp: QApplication) -> None:
    view = view_of(("banned",), False, "fine", end="removed")
    block = block_text(view)
    assert str(block.headline) == "No banned app is left"
    assert "1 banned app was found and removed. None is left." in map(str, block.sentences)
    assert str(queue.row_of(view, NOW).word) == "1 removed"


def test_what_could_not_be_put_on_record_is_red_all_the_same(qapp: QApplication) -> None:
    view = PhoneView("S1", "Galaxy", practice=False)
    view.slot = 1
    view.unsettled.keep(check_of(("banned",), False, "fine").red, None)
    assert view.state == VisitState()
    assert (view.verdict, view.standing.reason) == (Verdict.RED, Reason.BANNED_SEEN)
    assert str(block_text(view).headline) == "1 banned app seen"
