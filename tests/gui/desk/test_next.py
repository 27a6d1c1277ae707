"""The way to the next phone leads to the phone that it names, at any moment, and never to the one that is shown."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from core.model import Verdict
from gui.desk import queue
from gui.desk.acts.all_acts import CHECK, FINISH, NEXT, REMOVE, STOP
from gui.desk.phone_list.totals_bar import TotalsBar
from gui.desk.queue import Group, Total
from gui.desk.session.phone_view import Phase, PhoneView
from tests.examples import examples
from tests.gui.conftest import Office
from tests.gui.desk.test_queue import NOW, checked, not_ready, phone

WAITS = (Group.NEEDS_YOU, Group.HAND_BACK)


def views(slot: int) -> st.SearchStrategy[PhoneView]:
    """A phone in any state."""
    flags = {"absent": st.booleans(), "handed_back": st.sampled_from((None, object()))}
    seen = st.builds(
        lambda verdict, steps, waited, flags: checked(slot, verdict, steps=steps, waited=waited, **flags),
        st.sampled_from(Verdict),
        st.booleans(),
        st.integers(0, 30),
        st.fixed_dictionaries(flags),
    )
    reading = st.just(slot).map(lambda slot: phone(slot, phase=Phase.READING, _job=object()))
    return st.one_of(seen, reading, st.just(slot).map(not_ready))


@st.composite
def queues(draw: st.DrawFn) -> list[PhoneView]:
    return [draw(views(slot)) for slot in range(1, draw(st.integers(1, 9)) + 1)]


@given(queues(), st.data())
@examples(200)
def test_of_any_queue_the_next_one_waits_and_is_another_one(phones: list[PhoneView], data: st.DataObject) -> None:
    rows = [(view, queue.row_of(view, NOW)) for view in phones]
    groups = {view.key: row.group for view, row in rows}
    current = data.draw(st.sampled_from([None, *phones]))
    following = queue.next_of(rows, current)
    waiting = [v for v in phones if v is not current and groups[v.key] in WAITS and not v.is_handed_back]
    assert (following is None) is (not waiting)
    assert following is None or following in waiting
    if any(groups[v.key] is Group.NEEDS_YOU for v in waiting):
        assert following is not None
        assert groups[following.key] is Group.NEEDS_YOU


def named(office: Office) -> int | None:
    """The slot that the way to the next phone names; None where none is offered."""
    (totals,) = office.window.findChildren(TotalsBar)
    button = totals.next
    if button.isHidden():
        return None
    return int(re.findall(r"\d+", button.text())[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_it_opens_what_it_names_also_in_the_moment_after_a_change(office: Office, seed: int) -> None:
    page, choice = office.page, random.Random(seed)
    for number, scenario in enumerate(("clean", "walk-up", "unseen", "clean"), 1):
        office.plug(f"S{number}", scenario)
    office.until(lambda: len(office.cards()) == 4)
    office.idle()
    cards = office.window.desk_page.cards
    changes = [
        lambda: office.choose(choice.randrange(4)),
        lambda: page.desk_actions.want(FINISH),
        lambda: page.desk_actions.want(REMOVE),
        lambda: page.desk_actions.want(CHECK),
        lambda: page.desk_actions.want(STOP),
        lambda: cards.narrow_to(choice.choice((None, Total.RED, Total.HAND_BACK))),
        QApplication.processEvents,
        office.idle,
    ]
    for _ in range(30):
        choice.choice(changes)()
        slot, before = named(office), cards.session()
        assert before is None or slot != before.slot
        if slot is None:
            assert not page.state.enabled(NEXT)
            continue
        assert page.desk_actions.state.around.following == slot
        page.desk_actions.want(NEXT)
        assert page.session is not None
        assert page.session.slot == slot
        assert page.session is cards.session()
        assert named(office) != slot
    office.idle()


def test_it_keeps_its_words_where_the_language_is_switched(office: Office) -> None:
    for key in ("S1", "S2"):
        office.plug(key, "walk-up")
    office.until(lambda: len([session for session in office.fanion.phones.sessions if session.check is not None]) == 2)
    office.idle()
    slot = named(office)
    for words in ("Suivant\N{NO-BREAK SPACE}: emplacement", "Next: slot"):
        office.press("Ctrl+Shift+L")
        office.idle()
        (totals,) = office.window.findChildren(TotalsBar)
        assert totals.next.text() == f"{words} {slot}"
