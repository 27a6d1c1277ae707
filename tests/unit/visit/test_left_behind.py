"""What a removal leaves behind on the phone is said, on the page and on record; and who forbids it is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import describe
from core.jobs import Cancel
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Verdict
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Outcome
from core.phones.removal_plan import Result
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.simulator.model.scenario import Refusal
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone

WECHAT = "com.tencent.mm"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> object:
    return desk_key(tmp_path_factory.mktemp("keys"), "Desk 4")


@pytest.fixture
def visit(tmp_path: Path, signer: object) -> Iterator[Callable[..., tuple[Visit, PracticeServer]]]:
    """A visit of a phone whose WeChat answers as given."""
    path = tmp_path / "practice-ledger.db"
    servers: list[PracticeServer] = []
    visits: list[Visit] = []
    with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="test", practice=True) as ledger:

        def begin(*answers: Refusal, undone: tuple[str, ...] = ()) -> tuple[Visit, PracticeServer]:
            made = load("walk-up")
            apps = tuple(
                replace(app, refusals=answers, undone=frozenset(undone)) if app.package == WECHAT else app
                for app in made.apps
            )
            servers.append(PracticeServer(replace(made, apps=apps), pace=0))
            driver = AndroidPhone(connect_tcp("127.0.0.1", servers[-1].port, signer, Cancel()))
            visits.append(Visit(OpenedPhone(driver, policy_file.load_built_in("canada"), ledger)))
            visits[-1].check(Cancel())
            return visits[-1], servers[-1]

        yield begin
        for one in visits:
            one.close()
        for server in servers:
            server.close()


Begin = Callable[..., tuple[Visit, PracticeServer]]


def refused(act: str, why: str) -> Refusal:
    return Refusal(act, text=f"Failure [{why}]\n", code=1)


def removed(visit: Visit) -> tuple[Result, str, list[tuple[str, Outcome]]]:
    """What came of WeChat: the result, what to do by hand, the steps with the phone's answers."""
    removal = visit.remove(visit.plan(), Cancel())
    done = next(d for d in removal.items if d.finding.app.package == WECHAT)
    return done.result, str(done.by_hand or ""), [(s.act, a.outcome) for s, a in done.history]


def last_finding(visit: Visit) -> dict[str, object]:
    ledger = visit.journal.ledger
    return next(e.leaf["body"] for e in ledger.newest(50, kind=Kind.FINDING) if e.leaf["body"]["package"] == WECHAT)


def test_one_that_was_only_switched_off_is_said_to_be_and_can_be_switched_on_again(visit: Begin) -> None:
    one, server = visit(refused("uninstall", "DELETE_FAILED_INTERNAL_ERROR"))
    result, by_hand, steps = removed(one)
    assert steps == [("uninstall", Outcome.PROTECTED), ("disable", Outcome.DONE)]
    assert result is Result.OFF
    assert "Still there" not in str(describe.RESULTS[result])
    assert "tap Uninstall" in by_hand
    assert not server.phone.state(WECHAT).suspended
    check = one.last_check
    assert check is not None
    assert check.verdict is Verdict.RED  # switched off is not gone
    assert last_finding(one)["can_start"] == "off"
    (back,) = [u for u in one.undoable() if u.step.package == WECHAT]
    assert back.step.act == "enable"
    one.undo([back], Cancel())
    assert server.phone.state(WECHAT).enabled == 1
    assert "can_start" not in last_finding(one)


def test_one_that_was_only_suspended_is_said_to_be(visit: Begin) -> None:
    one, server = visit(
        refused("uninstall", "DELETE_FAILED_INTERNAL_ERROR"),
        Refusal("disable-user", exception="java.lang.SecurityException: Cannot disable system packages."),
    )
    result, _, steps = removed(one)
    assert steps[-1] == ("suspend", Outcome.DONE)
    assert result is Result.SUSPENDED
    assert server.phone.state(WECHAT).suspended
    assert last_finding(one)["can_start"] == "suspended"
    assert [u.step.act for u in one.undoable() if u.step.package == WECHAT] == ["unsuspend"]


def test_one_on_which_nothing_holds_is_still_there(visit: Begin) -> None:
    one, server = visit(undone=("uninstall", "disable-user", "suspend"))
    result, _, steps = removed(one)
    assert result is Result.STILL_THERE
    assert {outcome for _, outcome in steps} <= {Outcome.CAME_BACK, Outcome.REFUSED}
    assert not server.phone.state(WECHAT).suspended
    assert "can_start" not in last_finding(one)


def test_what_the_organisation_forbids_is_for_it_to_allow(visit: Begin) -> None:
    one, server = visit(refused("uninstall", "DELETE_FAILED_OWNER_BLOCKED"), undone=("disable-user", "suspend"))
    result, by_hand, _ = removed(one)
    assert result is Result.STILL_THERE
    assert "organisation that manages this phone" in by_hand
    assert "tap" not in by_hand
    assert server.phone.screen is None  # no screen of the phone helps
