"""Looking into files in a visit: what it finds is on record with the check, and decides what was removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.desk.policy import granted_exceptions
from core.jobs import Cancel
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import App, AppState, Certificate, Identity, Labels, Verdict
from core.phones.driver import Answer, Outcome, Step, Unplugged
from core.phones.removal_plan import Result
from core.policy.exceptions import Request
from core.policy.format.policy_file import load_built_in
from core.system.local_zone import system_zone
from core.text import T
from core.visit.events import LookedInto, SoFar
from core.visit.journal import FINDINGS_LIMIT
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.visit.test_check import WECHAT, Phones, app

CANADA = load_built_in("canada")


class Driver(Phones):
    """A phone at the edge, as a visit sees it."""

    how = T("over USB")
    practice = False

    def for_good(self, finding: Any) -> bool:
        return True

    def loses_data(self, step: Step) -> bool:
        return step.act == "uninstall"

    def next_step(self, *_: Any) -> None:
        return None

    def settings_screen(self, *_: Any) -> None:
        return None

    def by_hand(self, *_: Any) -> Any:
        return T("Over USB")

    def close(self) -> None:
        pass


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


def visit(ledger: Ledger, driver: Driver, **said: Any) -> Visit:
    return Visit(OpenedPhone(driver, CANADA, ledger), **said)  # type: ignore[arg-type]


NOTES = Identity("com.pocket.notes", 7, "Notes", (WECHAT,))
FIREFOX = Identity("org.mozilla.firefox", 7, "Firefox", (Certificate("22" * 32),))


def test_what_a_file_shows_is_on_record_with_the_check_and_sealed(ledger: Ledger) -> None:
    events: list[object] = []
    one = visit(ledger, Driver(app(), app("org.mozilla.firefox"), files=[NOTES, FIREFOX]), listener=events.append)
    check = one.check(Cancel())
    assert check.verdict is Verdict.RED
    assert [e.identity.package for e in events if isinstance(e, LookedInto)] == [
        "com.pocket.notes",
        "org.mozilla.firefox",
    ]
    assert [e.check.verdict for e in events if isinstance(e, SoFar)] == [Verdict.AMBER, Verdict.RED]
    (ended,) = ledger.newest(10, kind=Kind.CHECK_ENDED)
    assert ended.leaf["body"]["verdict"] == "red"
    (finding,) = ledger.newest(10, kind=Kind.FINDING)
    assert (finding.leaf["body"]["match"], finding.leaf["body"]["label"]) == ("same-signer", "Notes")
    assert ledger.unsealed() == 0
    assert one.plan().check is check


def test_a_check_that_was_cut_off_is_on_record_as_what_it_is(ledger: Ledger) -> None:
    driver = Driver(app(), app("org.mozilla.firefox"), files=[NOTES, FIREFOX])
    driver.leaves = (0, Unplugged("gone"))
    one = visit(ledger, driver)
    check = one.check(Cancel())
    assert (check.verdict, check.broken_off) == (Verdict.AMBER, driver.leaves[1])
    (ended,) = ledger.newest(10, kind=Kind.CHECK_ENDED)
    assert (ended.leaf["body"]["verdict"], ended.leaf["body"]["counts"]["gaps"]) == ("amber", 1)


def test_a_red_that_was_seen_before_the_phone_hung_is_on_record(ledger: Ledger) -> None:
    driver = Driver(app("com.tencent.mm"))
    driver.lost = Unplugged("gone")
    assert visit(ledger, driver).check(Cancel()).verdict is Verdict.RED
    (ended,) = ledger.newest(10, kind=Kind.CHECK_ENDED)
    assert (ended.leaf["body"]["verdict"], ended.leaf["body"]["counts"]["gaps"]) == ("red", 1)
    (finding,) = ledger.newest(10, kind=Kind.FINDING)
    assert finding.leaf["body"]["package"] == "com.tencent.mm"
    assert finding.leaf["device"]["model"] == "Pixel 9"


def test_an_exception_that_was_withdrawn_excuses_nothing_any_more(ledger: Ledger) -> None:
    until = granted_exceptions.today(ledger, system_zone()) + timedelta(30)
    asked = Request("wechat", until, "Minister", "1", "com.pocket.notes", tag="DRH-1", signer=WECHAT.sha256)
    granted = granted_exceptions.grant(ledger, asked, CANADA, system_zone())
    one = visit(ledger, Driver(app(), files=[NOTES]), labels=Labels(tag="DRH-1"))
    assert one.check(Cancel()).verdict is Verdict.AMBER
    granted_exceptions.revoke(ledger, granted.entry, "The phone was handed on.")
    assert one.check(Cancel()).verdict is Verdict.RED


def test_an_exception_allows_no_app_that_was_put_in_the_place_of_its_own_during_the_check(ledger: Ledger) -> None:
    until = granted_exceptions.today(ledger, system_zone()) + timedelta(30)
    asked = Request("wechat", until, "Minister", "1", "com.pocket.notes", tag="DRH-1", signer=WECHAT.sha256)
    granted_exceptions.grant(ledger, asked, CANADA, system_zone())
    driver = Driver(app(), files=[NOTES])
    driver.later = [[app(version_code=8)]]
    check = visit(ledger, driver, labels=Labels(tag="DRH-1")).check(Cancel())
    assert (check.verdict, [f.app.package for f in check.red]) == (Verdict.RED, ["com.pocket.notes"])


@pytest.mark.slow
def test_a_phone_that_claims_thousands_of_findings_does_not_fill_the_log(ledger: Ledger) -> None:
    many = tuple(app(f"a.b{n}", signers=("962f5b7",)) for n in range(FINDINGS_LIMIT + 200))
    wechat = App("com.tencent.mm", signers=("962f5b7",), states=(AppState(0, installed=True),))
    one = visit(ledger, Driver(*many, wechat))
    check = one.check(Cancel())
    assert check.verdict is Verdict.RED
    assert len(ledger.newest(10_000, kind=Kind.FINDING)) == FINDINGS_LIMIT
    (ended,) = ledger.newest(1, kind=Kind.CHECK_ENDED)
    assert ended.leaf["body"]["counts"]["findings"] == FINDINGS_LIMIT + 201
    assert [item.finding.app.package for item in one.plan().items] == ["com.tencent.mm"]


def test_a_file_that_cannot_be_read_any_more_turns_no_red_to_green(ledger: Ledger) -> None:
    driver = Driver(app(), files=[NOTES])
    one = visit(ledger, driver)
    assert one.check(Cancel()).verdict is Verdict.RED
    driver.files = {}
    again = one.check(Cancel())
    assert again.verdict is Verdict.RED
    assert "Seen earlier, and their removal was not seen" in " ".join(str(gap.what) for gap in again.gaps)
    driver.apps = ()
    assert one.check(Cancel()).verdict is Verdict.GREEN


def test_an_app_that_is_still_there_was_not_removed_whatever_is_recognised_in_it(ledger: Ledger) -> None:
    class Stubborn(Driver):
        def holds(self, *_: Any) -> bool:
            return False

        def next_step(self, finding: Any, inventory: Any, history: Any) -> Step | None:
            return None if history else Step("uninstall", finding.app.package, 0, "Notes", T("Undo"))

        def perform(self, step: Step, cancel: Cancel) -> Answer:
            self.files = {}
            return Answer(Outcome.DONE, "Success", T("The phone says it is done."))

    one = visit(ledger, Stubborn(app(), files=[NOTES]))
    one.check(Cancel())
    removal = one.remove(one.plan(), Cancel())
    (done,) = removal.items
    assert done.result is Result.STILL_THERE
    assert done.by_hand is not None
