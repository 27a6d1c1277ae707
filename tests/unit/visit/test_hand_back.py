"""Handing a practice phone back: what is asked of it, in which order, and what is on record wherever it breaks off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.describe import visit as describe
from core.jobs import Cancel
from core.ledger import records
from core.ledger.problems import LedgerProblem
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Afterwards, Cancelled, HandBack, Labels, Paper, Verdict
from core.phones.driver import Asked, Driver, OtherPhone, Unplugged
from core.simulator.model.scenario import CableFault
from core.visit.journal import OutcomeNotRecorded
from tests.unit.visit.conftest import Checked
from tests.unit.visit.test_visit import fail_to_write

PRINTED = HandBack(Paper.PRINTED)
WIRELESS = "settings put global adb_wifi_enabled 0"
OPTIONS, DEBUGGING = "settings put global development_settings_enabled 0", "settings put global adb_enabled 0"


@pytest.fixture
def ledger(practice_ledger: Ledger) -> Ledger:
    return practice_ledger


@pytest.fixture
def visit(checked: Checked) -> Checked:
    return checked


def on_record(ledger: Ledger, kind: Kind) -> list[Any]:
    return [entry.record for entry in reversed(ledger.newest(100, kind=kind))]


def known(ledger: Ledger) -> tuple[bool | None, ...]:
    """What the log knows of the last handing back, and that it was announced before."""
    (intended, back) = (ledger.newest(1, kind=kind)[0] for kind in (Kind.HAND_BACK_INTENDED, Kind.HANDED_BACK))
    assert isinstance(back.record, records.HandedBack)
    assert back.record.intent == intended.seq < back.seq
    assert back.seq <= ledger.count() - ledger.unsealed()
    return back.record.options_asked, back.record.options_off, back.record.debugging_asked, back.record.left


def test_debugging_is_switched_off_last_and_the_phone_is_seen_leaving(visit: Checked, ledger: Ledger) -> None:
    one, server = visit("secure-folder")
    back = one.hand_back(HandBack(Paper.PRINTED, "The holder is in a hurry"), Cancel())
    sent = [line for line in server.phone.log if line.startswith("settings put")]
    assert sent == [OPTIONS, DEBUGGING]
    assert server.phone.log[-1] == DEBUGGING
    assert known(ledger) == (True, True, True, True)
    assert (back.outcome.auto_blocker, back.outcome.computers, back.problem) == (False, 1, None)
    words = {str(one.subject): str(one.how) for one in describe.hand_back_facts(back.outcome, back.intended)}
    assert words == {
        "Developer options off": "confirmed by the phone",
        "USB debugging off": "turned off; phone disconnected",
        "Paper for the holder": "given to the holder",
    }


def test_wireless_debugging_that_was_on_is_switched_off_too(visit: Checked, ledger: Ledger) -> None:
    one, server = visit()
    server.phone.set("global", "adb_wifi_enabled", "1")
    back = one.hand_back(PRINTED, Cancel())
    sent = [line for line in server.phone.log if line.startswith("settings put")]
    assert sent == [OPTIONS, WIRELESS, DEBUGGING]
    assert known(ledger) == (True, True, True, True)
    assert (back.outcome.wireless_asked, back.outcome.wireless_off) == (True, True)
    words = {str(known.subject): str(known.how) for known in describe.hand_back_facts(back.outcome, back.intended)}
    assert words["Wireless debugging off"] == "confirmed by the phone"


@pytest.mark.parametrize(
    ("command", "after", "expected"),
    [
        ("settings get secure rampart_main_switch_enabled", 0, (False, None, False, None)),
        ("dumpsys adb", 0, (False, None, False, None)),
        (OPTIONS, 0, (True, None, False, None)),
        ("settings get global development_settings_enabled", 0, (True, None, False, None)),
        # The last one is sent, and no answer comes: nobody knows whether the phone heard.
        (DEBUGGING, 0, (True, True, True, None)),
    ],
)
def test_a_cable_that_is_pulled_on_the_way_leaves_a_whole_record(
    visit: Checked, ledger: Ledger, command: str, after: int, expected: tuple[bool | None, ...]
) -> None:
    one, server = visit()
    server.phone._faults.append(CableFault(command, after))
    unplugged = server.cut

    def cut() -> None:
        server.phone.set("global", "adb_enabled", "0")  # nor can it be reached any more
        unplugged()

    server.cut = cut  # type: ignore[method-assign]
    back = one.hand_back(PRINTED, Cancel())
    assert known(ledger) == expected
    assert isinstance(back.problem, Unplugged)
    assert "unplugged" in str(back.outcome.why)
    assert (DEBUGGING in server.phone.log) is (command == DEBUGGING)
    told = {str(one.subject): str(one.how) for one in describe.hand_back_facts(back.outcome, back.intended)}
    assert told["USB debugging off"] == (
        "asked; result not known" if command == DEBUGGING else "not asked: phone already disconnected"
    )


def test_a_phone_that_had_left_before_was_asked_for_nothing(visit: Checked, ledger: Ledger) -> None:
    one, server = visit()
    server.unplug()
    back = one.hand_back(PRINTED, Cancel())
    assert known(ledger) == (False, None, False, None)
    assert isinstance(back.problem, Unplugged)
    again = one.hand_back(PRINTED, Cancel())
    assert known(ledger) == (False, None, False, None)
    assert [str(one.how) for one in describe.hand_back_facts(again.outcome, again.intended)][:2] == [
        "not asked: phone already disconnected"
    ] * 2


class Refusing:
    """A driver on which something else happens than on the phone below."""

    def __init__(self, driver: Driver, **instead: Any) -> None:
        self._driver, self._instead = driver, instead

    def __getattr__(self, name: str) -> Any:
        if name in self._instead:
            return self._instead[name]
        return getattr(self._driver, name)


def raises(problem: BaseException) -> Callable[..., Any]:
    def call(*_: Any) -> Any:
        raise problem

    return call


@pytest.mark.parametrize(
    ("instead", "expected", "ends"),
    [
        ({"left_to_owner": raises(OtherPhone(["serial number"]))}, (False, None, False, None), OtherPhone),
        ({"options_off": raises(OtherPhone(["boot id"]))}, (False, None, False, None), OtherPhone),
        ({"debugging_off": raises(OtherPhone(["boot id"]))}, (True, True, False, None), OtherPhone),
        ({"left_to_owner": raises(Cancelled())}, (False, None, False, None), Cancelled),
        ({"options_off": raises(Cancelled())}, (None, None, False, None), Cancelled),
        ({"debugging_off": raises(Cancelled())}, (True, True, None, None), Cancelled),
        ({"wireless_off": raises(OtherPhone(["boot id"]))}, (True, True, False, None), OtherPhone),
        ({"wireless_off": raises(Cancelled())}, (True, True, False, None), Cancelled),
        ({"wireless_off": lambda cancel: Asked(None, None, Unplugged())}, (True, True, False, None), None),
        ({"options_off": lambda cancel: Asked(True, False)}, (True, False, True, True), None),
        ({"debugging_off": lambda cancel: Asked(True, False)}, (True, True, True, False), None),
        ({"debugging_off": lambda cancel: Asked(None, None, Unplugged())}, (True, True, None, None), None),
    ],
)
def test_whatever_breaks_off_is_on_record_as_far_as_it_is_known(
    visit: Checked, ledger: Ledger, instead: dict[str, Any], expected: tuple[bool | None, ...], ends: Any
) -> None:
    one, _ = visit()
    one._driver = Refusing(one.driver, **instead)  # type: ignore[assignment]
    if ends is None:
        one.hand_back(PRINTED, Cancel())
    else:
        with pytest.raises(ends):
            one.hand_back(PRINTED, Cancel())
    assert known(ledger) == expected


def test_without_a_record_before_it_nothing_is_asked(
    visit: Checked, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, server = visit()
    fail_to_write(monkeypatch, Kind.HAND_BACK_INTENDED)
    with pytest.raises(LedgerProblem):
        one.hand_back(PRINTED, Cancel())
    assert not [line for line in server.phone.log if line.startswith("settings put")]
    assert one.handed_back is None


def test_an_end_that_cannot_be_written_down_is_said(
    visit: Checked, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = visit()
    fail_to_write(monkeypatch, Kind.HANDED_BACK)
    with pytest.raises(OutcomeNotRecorded):
        one.hand_back(PRINTED, Cancel())
    assert on_record(ledger, Kind.HAND_BACK_INTENDED)


def test_a_phone_that_is_not_green_needs_a_reason(visit: Checked, ledger: Ledger) -> None:
    one, _ = visit("walk-up")
    assert one.needs_reason
    for reason in ("", "  "):
        with pytest.raises(ValueError, match="for a reason"):
            one.hand_back(HandBack(Paper.DECLINED, reason), Cancel())
    back = one.hand_back(HandBack(Paper.DECLINED, "Its holder had to catch a plane"), Cancel())
    assert (back.intended.verdict, back.intended.banned) == (Verdict.RED, one_banned := one.banned_left)
    assert one_banned > 0
    assert str(describe.handed_back(back.intended)).startswith(f"Handed back with {one_banned} banned app")
    body = back.intent.leaf["body"]
    assert "plane" not in str(body)
    assert back.intended.reason.value == "Its holder had to catch a plane"


def test_debugging_stays_on_only_where_the_policy_lets_it(visit: Checked, ledger: Ledger) -> None:
    kept = HandBack(Paper.PRINTED, keep_debugging=True)
    one, server = visit()
    with pytest.raises(ValueError, match="does not let debugging stay on"):
        one.hand_back(kept, Cancel())
    one, server = visit(keep_debugging=True)
    assert one.may_keep_debugging
    back = one.hand_back(kept, Cancel())
    assert not [line for line in server.phone.log if line.startswith("settings put")]
    assert known(ledger) == (False, None, False, None)
    assert back.intended.keeps_debugging
    assert all("stay" in str(one.how) for one in describe.hand_back_facts(back.outcome, back.intended)[:2])


def test_what_comes_after_it_is_another_visit_of_the_same_phone(visit: Checked, ledger: Ledger) -> None:
    one, server = visit()
    one.label(Labels("TB-114"))
    first = one.number
    one.hand_back(PRINTED, Cancel())
    one.after_hand_back(Afterwards.UNPLUGGED)
    one.after_hand_back(Afterwards.UNPLUGGED)
    one.after_hand_back(Afterwards.AUTO_BLOCKER_ON)
    followed = ledger.newest(10, kind=Kind.HAND_BACK_FOLLOWED)
    assert [entry.visit for entry in followed] == [first, first]
    server.phone.set("global", "adb_enabled", "1")
    one.check(Cancel())
    assert one.number != first
    assert (one.handed_back, one.labels) == (None, Labels("TB-114"))
    assert one.entry is not None
    assert one.entry.visit == one.number
    with pytest.raises(ValueError, match="not handed back"):
        one.after_hand_back(Afterwards.UNPLUGGED)


def test_a_phone_that_was_not_checked_cannot_be_handed_back(visit: Checked) -> None:
    one, _ = visit()
    one.last_check = None
    with pytest.raises(ValueError, match="check the phone first"):
        one.hand_back(PRINTED, Cancel())
