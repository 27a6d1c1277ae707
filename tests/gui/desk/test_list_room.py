"""The list of phones has room for a desk: thirteen rows on a small screen, and no head that counts nothing."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.simulator import load
from gui.desk import queue
from gui.desk.queue import Total
from gui.desk.session.phone_view import Phase, PhoneView
from tests.gui.conftest import Office


def rows_in_sight(office: Office) -> int:
    cards = office.window.desk_page.cards
    room = cards.viewport().rect()
    places = [cards.phones.place(session) for session in office.fanion.phones.sessions]
    return sum(room.contains(cards.visualRect(place)) for place in places)


def plug_more(office: Office, count: int) -> None:
    before = len(office.fanion.phones.sessions)
    clean = load("clean")
    for number in range(count):
        office.plug(f"S{number}", clean)
    office.until(lambda: len(office.fanion.phones.sessions) == before + count)
    office.idle()


@pytest.mark.slow
def test_thirteen_phones_are_in_sight_on_a_small_screen_and_the_practice_phones_within_reach(office: Office) -> None:
    page = office.window.desk_page
    office.plug("A", "clean")
    office.idle()
    assert page.hint.isVisible()
    plug_more(office, 12)
    office.until(lambda: rows_in_sight(office) == 13)
    assert page.practise_button.isVisible()
    assert page.practise_button.text() == "Practice phones…"
    assert not page.hint.isVisible()


@pytest.mark.parametrize("size", [(1366, 768), (683, 384)])
def test_a_head_that_counts_nothing_does_not_stand(office: Office, size: tuple[int, int]) -> None:
    office.window.resize(*size)
    office.plug("A", "walk-up")
    office.until(lambda: "2 banned" in office.card(0))
    office.idle()
    totals = office.window.desk_page._whole().totals
    standing = {total for total, button in totals.totals.items() if button.isVisible()}
    assert standing == {Total.RED} | ({Total.PLUGGED_IN} if size[0] > 1000 else set())


def test_a_step_is_told_by_its_number_alone() -> None:
    """How many there will be is not known: what a phone refuses is tried in another way."""
    view = PhoneView("S1", "Pixel 9", practice=False)
    view.phase = Phase.REMOVING
    view._job = object()  # type: ignore[attr-defined]
    words = []
    for _ in range(3):
        words.append(str(queue.row_of(view, datetime(2026, 11, 29)).act))
        view.steps.append((None, None))  # type: ignore[arg-type]
    assert words == ["Step 1", "Step 1", "Step 2"]
