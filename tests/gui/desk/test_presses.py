"""How many keys a walk of twelve phones costs an officer who never touches the mouse."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from core.simulator import PracticeServer, load
from core.simulator.model.scenario import Refusal, Scenario
from tests.gui.conftest import Office

pytestmark = pytest.mark.slow

#: Presses for all twelve phones, from the first one shown to the last one handed back.
MOST = 31
WECHAT = "com.tencent.mm"


class Officer:
    """Presses keys, and counts them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.pressed: Counter[str] = Counter()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.office.press(key)
            self.pressed[key] += 1
        self.office.idle()

    def settle(self, servers: dict[str, PracticeServer]) -> None:
        """Do what the page of the phone that is shown asks for, until the phone is handed back."""
        office, block = self.office, self.office.block
        if block.remove.isVisible():
            self.press("Alt+R")
        if block.on_phone.isVisible():
            self.press("Alt+H")
            session = office.page.session
            assert session is not None
            server = servers[session.key]
            for item in session.by_hand:  # the holder does, as the page says
                server.phone.uninstall(server.phone.packages[item.finding.app.package], [item.finding.profile.id])
            office.until(block.finish.isVisible)
            office.idle()
        if block.record.isVisible():
            self.press("Alt+N", "Alt+S")
        self.press("Alt+F")


def small(scenario: str) -> Scenario:
    """A phone with few apps that no rule speaks of, which is read soon."""
    return replace(load(scenario), filler=5)


def refusing() -> Scenario:
    """One that says no to whatever a computer asks of WeChat."""
    made = small("walk-up")
    acts = ("uninstall", "disable-user", "suspend")
    apps = tuple(
        replace(app, refusals=tuple(Refusal(act, "Failure [DELETE_FAILED_INTERNAL_ERROR]") for act in acts))
        for app in made.apps
        if app.package == WECHAT
    )
    return replace(made, apps=apps)


def test_a_walk_of_twelve_phones_by_keyboard_alone(office: Office) -> None:
    walk = ["clean", "walk-up", "walk-up", "unseen", "clean", *("walk-up",) * 3, *("clean",) * 3, "walk-up"]
    servers: dict[str, PracticeServer] = {}
    for number, scenario in enumerate(walk, 1):
        server = office.plug(f"S{number}", small(scenario) if isinstance(scenario, str) else scenario)
        assert server is not None
        servers[f"S{number}"] = server
    office.until(lambda: len(office.cards()) == len(walk))
    office.idle()
    verdicts = Counter(session.verdict.value for session in office.fanion.phones.sessions if session.verdict)
    assert verdicts == {"red": 6, "amber": 1, "green": 5}

    officer = Officer(office)
    officer.settle(servers)
    while office.window.desk_page.cards.next() is not None:
        officer.press("F6")
        officer.settle(servers)

    assert all(session.handed_back is not None for session in office.fanion.phones.sessions)
    assert officer.pressed.total() <= MOST, officer.pressed
    assert [s.verdict.value for s in office.fanion.phones.sessions if s.verdict].count("green") == 11
    kinds = Counter(office.kinds())
    assert kinds["handed-back"] == kinds["hand-back-intended"] == len(walk)
    (reason,) = {record.record.reason.value for record in office.records() if record.kind == "hand-back-intended"} - {
        ""
    }
    assert reason == "Looked at on the phone: no banned app was seen."
    assert not any(server.phone.installed() & {WECHAT, "com.kms.free"} for server in servers.values())
