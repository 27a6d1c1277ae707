"""What is shown of a phone is shown anew when it changes, and not because others do."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from core.phones.states import PhoneState
from core.text import T
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.session.page_state import PageState
from gui.desk.session.phone_session import PhoneSession
from tests.gui.conftest import Office
from tests.inside import shows_all


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[PageState]:
    """The states that the page has shown: one whenever what can be done is worked out, as with every refresh."""
    states: list[PageState] = []
    show_state = DeskActions.show_state

    def state_shown(actions: DeskActions, state: PageState) -> None:
        states.append(state)
        show_state(actions, state)

    monkeypatch.setattr(DeskActions, "show_state", state_shown)
    return states


def plug(office: Office, key: str, scenario: str) -> None:
    """Plug a phone in, and have all be shown that its check tells."""
    phones = office.fanion.phones
    count = len(phones.sessions)
    office.plug(key, scenario)
    office.until(lambda: len(phones.sessions) > count and phones.sessions[-1].check is not None)
    settle(office)


def settle(office: Office) -> None:
    """Have all that changed be shown."""
    office.idle()
    for _ in range(3):
        QApplication.processEvents()


@pytest.mark.slow
def test_what_other_phones_report_draws_nothing_of_the_chosen_one_anew(office: Office, shown: list[PageState]) -> None:
    for key in ("S1", "S2", "S3"):
        plug(office, key, "walk-up")
    own, *others = office.fanion.phones.sessions
    assert office.page.session is own
    shown.clear()
    for _ in range(5):  # as phones that are read do thirty times a second
        for other in others:
            office.fanion.phones.has_changed(other)
        settle(office)
    assert shown == []
    for _ in range(5):  # five pieces of news that come together
        office.fanion.phones.has_changed(own)
    settle(office)
    assert len(shown) == 1


@pytest.mark.slow
def test_the_way_to_the_next_phone_is_shown_once_it_leads_elsewhere(office: Office, shown: list[PageState]) -> None:
    plug(office, "S1", "clean")
    button = office.page.aside.next
    assert button.isHidden()
    shown.clear()
    plug(office, "S2", "walk-up")
    assert 1 <= len(shown) <= 3  # it is there, it is read, it needs the officer
    assert not button.isHidden()
    assert button.text() == "Next: slot 2"
    office.press("Ctrl+Shift+L")
    assert button.text() == T("Next: slot {slot}", slot=2).in_language("fr")
    office.unplug("S2")
    office.until(button.isHidden)
    settle(office)


def seen(page: QWidget) -> list[tuple[object, ...]]:
    """What is to be read and heard of every widget of the page."""
    widgets = [
        widget
        for widget in page.findChildren(QWidget)
        if not widget.isHidden() and (isinstance(widget, QAbstractButton | QLabel) or widget.accessibleName())
    ]
    return [
        (
            type(widget).__name__,
            widget.isVisible(),
            widget.isEnabled(),
            widget.toolTip(),
            widget.accessibleName(),
            widget.property("kind"),
            widget.text() if isinstance(widget, QAbstractButton | QLabel) else "",
        )
        for widget in widgets
    ]


def has_ended(office: Office) -> bool:
    """Whether the bus was heard, and every phone that is ready was read."""
    sessions = office.fanion.phones.sessions
    waits = [
        session
        for session in sessions
        if session.busy
        or (not session.absent and session.check is None and session.problem is None and is_ready(session))
    ]
    return not waits and {session.key for session in sessions if not session.absent} == set(office.sightings)


def is_ready(session: PhoneSession) -> bool:
    return session.sighting is None or session.sighting.state is PhoneState.READY


SCENARIOS = ("clean", "walk-up", "secure-folder", "older", "unseen")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_shown_is_what_a_full_refresh_shows(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    keys: list[str] = []

    def plug_another() -> None:
        keys.append(f"S{len(keys)}")
        state = chance.choice([PhoneState.READY, PhoneState.READY, PhoneState.UNAUTHORISED])
        office.plug(keys[-1], chance.choice(SCENARIOS), state)

    def unplug() -> None:
        if plugged := [key for key in keys if key in office.sightings]:
            office.unplug(chance.choice(plugged))

    def choose() -> None:
        if sessions := office.fanion.phones.sessions:
            office.window.desk_page.choose(chance.choice(sessions))

    def press(keys: str) -> Callable[[], None]:
        return lambda: office.press(keys)

    acts = [
        plug_another,
        plug_another,
        unplug,
        choose,
        choose,
        press("F5"),
        press("F6"),
        press("Ctrl+Shift+L"),
        press("Ctrl+F"),
    ]
    plug_another()
    for _ in range(12):
        chance.choice(acts)()
        office.until(lambda: has_ended(office) and shows_all(office.window.desk_page))
        for _ in range(5):
            QApplication.processEvents()
        page = office.page
        before = seen(page)
        page.show_next(None)  # so that the next line shows again whatever it is
        office.window.desk_page.cards.counted.emit()
        page.refresh()
        for _ in range(3):
            QApplication.processEvents()
        assert seen(page) == before
