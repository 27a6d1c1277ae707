"""A hub full of phones that is pulled: what waits for a phone reaches it, or is let go of with it."""

from __future__ import annotations

import gc
from weakref import WeakSet

import pytest

from core.model import HandBack, Paper
from core.phones.states import PhoneState
from gui.desk.session import flows
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import LEFT_LIMIT
from tests.gui.conftest import Office

#: More than are kept in the list once they have left.
PHONES = LEFT_LIMIT + 4


def handed_back(office: Office, count: int) -> list[str]:
    """Plug so many phones in, and hand each back once it is checked. Returns their places on the bus."""
    keys = [f"hub-{number}" for number in range(count)]
    for key in keys:
        office.plug(key, "clean")
    phones = office.fanion.phones
    office.until(lambda: len(phones.sessions) == count and all(s.check is not None for s in phones.sessions))
    office.idle()
    for session in phones.sessions:
        flows.hand_back(session, HandBack(Paper.NOT_OFFERED))
    office.idle()
    assert all(session.handed_back is not None for session in phones.sessions)
    return keys


def unplugged(office: Office) -> list[str]:
    """The visits of which it is on record that the phone was unplugged after its handing back."""
    followed = [r for r in office.records() if r.kind == "hand-back-followed"]
    assert all(r.record.what == "unplugged" for r in followed)
    return [r.visit for r in followed]


@pytest.mark.slow
def test_a_hub_of_handed_back_phones_is_pulled(office: Office) -> None:
    phones = office.fanion.phones
    keys = handed_back(office, PHONES)
    visits = {session.number for session in phones.sessions}
    phones.away = 300  # they are all gone by then, and what nothing holds is collected
    for key in keys:
        office.unplug(key)
    office.until(lambda: all(session.absent for session in phones.sessions))
    gc.collect()
    office.until(lambda: len(unplugged(office)) == PHONES)
    office.idle()
    assert set(unplugged(office)) == visits
    assert len(phones.sessions) == LEFT_LIMIT
    assert phones.awaited == []


@pytest.mark.slow
def test_a_phone_that_is_let_go_is_waited_for_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    phones = office.fanion.phones
    reached: list[str] = []
    monkeypatch.setattr(PhoneSession, "stayed_away", lambda session: reached.append(session.key))
    first, second, _ = handed_back(office, 3)
    office.choose(2)
    office.until(lambda: office.page.session is phones.sessions[2])
    let_go = WeakSet(phones.sessions[:2])
    phones.away = 300
    office.unplug(first)
    office.unplug(second)
    office.until(lambda: len(phones.awaited) == 2)
    office.idle()
    phones.put_away(phones.sessions[0])
    assert [session.key for session in phones.awaited] == [second]
    gc.collect()
    office.until(lambda: not phones.awaited)
    assert reached == [second]
    phones.put_away(phones.sessions[0])
    assert len(phones.sessions) == 1

    def nothing_is_kept() -> bool:  # what a job of it still holds goes with the job
        gc.collect()
        return not let_go

    office.until(nothing_is_kept)


def test_a_phone_that_comes_back_was_not_unplugged(office: Office) -> None:
    phones = office.fanion.phones
    (key,) = handed_back(office, 1)
    office.unplug(key)
    office.until(lambda: phones.sessions[0].absent)
    assert phones.awaited == phones.sessions
    office.plug(key, state=PhoneState.CHARGING)
    office.until(lambda: not phones.sessions[0].absent)
    assert phones.awaited == []
    office.idle()
    assert [r.record.what for r in office.records() if r.kind == "hand-back-followed"] == ["debugging-gone"]


def test_a_window_that_closes_waits_for_no_phone(office: Office) -> None:
    phones = office.fanion.phones
    (key,) = handed_back(office, 1)
    office.unplug(key)
    office.until(lambda: bool(phones.awaited))
    phones.close()
    assert phones.awaited == []
