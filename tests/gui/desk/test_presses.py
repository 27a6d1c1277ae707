"""How many keys a walk of twelve phones costs an officer who never touches the mouse."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from core.simulator import PracticeServer, load
from core.simulator.model.scenario import Refusal, Scenario
from gui.toolkit.buttons import Button
from gui.toolkit.widgets import KeyCap
from tests.gui.conftest import Office

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
        if office.page.on_phone.isVisible():  # as it is by itself once the phone has refused
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


class Newcomer(Officer):
    """Knows nothing of the program: presses the key that is printed on the button that stands out, or, where that is
    grey, the one beside the answer that nothing was found; where no button stands out, the way to the next phone."""

    def printed(self, *kinds: str) -> list[Button]:
        """The buttons with a key on them that look so."""
        buttons = self.office.window.desk_page.findChildren(Button)
        return [b for b in buttons if b.isVisible() and b.printed_key and str(b.property("kind") or "") in kinds]

    def hint(self) -> str:
        """The key to press next; empty where nothing offers one."""
        stand_out = [b for b in self.printed("danger", "primary") if self.office.block.action_row.isAncestorOf(b)]
        live = [b for b in stand_out if b.isEnabled()]
        if live:
            return live[0].printed_key
        if stand_out:  # it is grey: what it waits for stands beside it
            answers = [cap for cap in self.office.block.look.findChildren(KeyCap) if cap.isVisible()]
            return answers[0].text() if answers else ""
        following = [b for b in self.printed("") if b.text().startswith("Next: slot")]
        return following[0].printed_key if following else ""


def walk_up(office: Office, walk: list[str]) -> dict[str, PracticeServer]:
    """Plug these phones in, and wait until each was read."""
    servers: dict[str, PracticeServer] = {}
    for number, scenario in enumerate(walk, 1):
        server = office.plug(f"S{number}", small(scenario))
        assert server is not None
        servers[f"S{number}"] = server
    office.until(lambda: len(office.cards()) == len(walk))
    office.idle()
    return servers


TWELVE = ["clean", "walk-up", "walk-up", "unseen", "clean", *("walk-up",) * 3, *("clean",) * 3, "walk-up"]


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "presses"), [("clean", 1), ("walk-up", 2), ("unseen", 3)])
def test_what_one_phone_costs(office: Office, scenario: str, presses: int) -> None:
    servers = walk_up(office, [scenario])
    officer = Officer(office)
    officer.settle(servers)
    assert office.fanion.phones.sessions[0].handed_back is not None
    assert officer.pressed.total() <= presses, officer.pressed


@pytest.mark.slow
def test_a_walk_of_twelve_phones_by_what_is_printed_alone(office: Office) -> None:
    """Whoever presses what is lit as soon as it is lit, also while apps are removed."""
    walk_up(office, TWELVE)
    newcomer = Newcomer(office)
    sessions = office.fanion.phones.sessions

    def done() -> bool:
        return all(session.is_handed_back for session in sessions)

    while not done() and newcomer.pressed.total() <= MOST:
        office.press(key := newcomer.hint())
        newcomer.pressed[key] += 1
        # The button is gone before the hand-back of the last phone is sealed: then no key will ever be lit again.
        office.until(lambda pressed=key: done() or newcomer.hint() not in {"", pressed}, "that another key is lit")
    assert newcomer.pressed.total() <= MOST, newcomer.pressed


@pytest.mark.slow
def test_a_walk_of_twelve_phones_by_keyboard_alone(office: Office) -> None:
    walk, servers = TWELVE, walk_up(office, TWELVE)
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
    assert reason == "Checked by hand: no banned app was seen."
    assert not any(server.phone.installed() & {WECHAT, "com.kms.free"} for server in servers.values())
