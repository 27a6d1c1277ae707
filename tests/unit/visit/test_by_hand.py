"""Apps that no step removes: one after the other on the phone itself, with a quick look whether each is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.jobs import Cancel
from core.ledger.records import Kind, LookedFor, RemovalIntended
from core.ledger.writer import Ledger
from core.model import Verdict
from core.phones.driver import OtherPhone, Outcome
from core.simulator.model.scenario import Refusal
from tests.unit.visit.conftest import Checked


def refuse_everything(server: Any) -> None:
    """From now on the phone says no to each step."""
    for package in server.phone.packages.values():
        refusals = tuple(
            Refusal(act, "Failure [DELETE_FAILED_INTERNAL_ERROR]") for act in ("uninstall", "disable-user")
        )
        package.data = replace(package.data, refusals=(*refusals, Refusal("suspend", "Error: no root permission")))


def test_before_anything_was_tried_only_what_no_step_can_do_is_left_to_a_hand(checked: Checked) -> None:
    visit, _ = checked("walk-up")
    assert visit.by_hand() == ()


def test_what_was_taken_back_is_no_matter_for_a_hand(checked: Checked) -> None:
    visit, _ = checked("preinstalled")
    visit.remove(visit.plan(), Cancel())
    assert visit.verdict is Verdict.AMBER
    visit.undo(visit.undoable(), Cancel())
    assert visit.verdict is Verdict.RED
    assert visit.by_hand() == ()
    visit.remove(visit.plan(), Cancel())
    assert visit.verdict is Verdict.AMBER


def test_what_the_phone_refused_is_done_by_hand_with_its_screen_and_seen_to_go(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, server = checked("walk-up")
    refuse_everything(server)
    visit.remove(visit.plan(), Cancel(), owner_told=True)
    first, *others = visit.by_hand()
    assert "tap Uninstall" in str(first.instruction)
    answer = visit.open_screen(first, Cancel())
    assert answer is not None
    assert answer.outcome is Outcome.DONE
    assert server.phone.screen is not None
    assert server.phone.screen.data == f"package:{first.finding.app.package}"
    for _ in range(3):
        assert visit.still_there(first.finding, Cancel()) is True
    assert practice_ledger.newest(5, kind=Kind.LOOKED_FOR) == ()
    package = server.phone.packages[first.finding.app.package]
    server.phone.uninstall(package, [first.finding.profile.id])
    for _ in range(3):
        assert visit.still_there(first.finding, Cancel()) is False
    (entry,) = practice_ledger.newest(5, kind=Kind.LOOKED_FOR)
    assert isinstance(entry.record, LookedFor)
    assert (entry.record.there, entry.record.package) == (False, first.finding.app.package)
    assert visit.verdict is Verdict.RED  # until the next reading, whatever a quick look saw
    visit.check(Cancel())
    assert len(visit.by_hand()) == len(others)


def test_a_quick_look_at_a_phone_that_left_knows_nothing(checked: Checked) -> None:
    visit, server = checked("walk-up")
    assert visit.last_check is not None
    finding = visit.last_check.red[0]
    server.unplug()
    assert visit.still_there(finding, Cancel()) is None
    assert visit.still_there(finding, Cancel()) is None


@pytest.mark.parametrize(
    ("answers", "there"),
    [
        (["package:com.tencent.mm\npackage:android"], True),
        (["package:android"], False),
        ([""], None),
        (["Error: java.lang.SecurityException: Shell does not have permission to access user 0"], None),
        (["package:android\nnonsense:x\npackage:com.tencent.mm;reboot"], None),
    ],
)
def test_only_a_list_that_can_be_relied_on_says_that_an_app_is_gone(
    checked: Checked, monkeypatch: pytest.MonkeyPatch, answers: list[str], there: bool | None
) -> None:
    visit, _ = checked("walk-up")
    assert visit.last_check is not None
    finding = next(f for f in visit.last_check.red if f.app.package == "com.tencent.mm")
    monkeypatch.setattr(visit.driver, "_ask", lambda command, cancel: (answers[0], 0))
    assert visit.still_there(finding, Cancel()) is there


@pytest.mark.parametrize(
    ("state", "there"),
    [
        ({"hidden": True}, None),  # `pm hide`, by a holder: it is all there, and can come back at once
        ({"installed": False, "archived": True}, None),  # its holder archived it, and did not uninstall it
        ({"suspended": True}, True),
        ({"enabled": 3}, True),
        ({"installed": False}, False),
    ],
)
def test_what_no_quick_list_has_is_not_gone(
    checked: Checked, practice_ledger: Ledger, state: dict[str, Any], there: bool | None
) -> None:
    visit, server = checked("walk-up")
    assert visit.last_check is not None
    finding = next(f for f in visit.last_check.red if f.app.package == "com.tencent.mm")
    package = server.phone.packages["com.tencent.mm"]
    server.phone.change(package, finding.profile.id, replace(package.states[finding.profile.id], **state))
    assert visit.still_there(finding, Cancel()) is there
    assert len(practice_ledger.newest(5, kind=Kind.LOOKED_FOR)) == (there is False)
    if "hidden" in state:  # nor is it asked for again, once a check has seen it so
        visit.check(Cancel())
        now = next(f for f in visit.last_check.red if f.app.package == "com.tencent.mm")
        asked = len(server.phone.log)
        assert visit.still_there(now, Cancel()) is None
        assert len(server.phone.log) == asked


def test_a_phone_that_keeps_its_long_list_to_itself_does_not_say_that_an_app_is_gone(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, _ = checked("walk-up")
    assert visit.last_check is not None
    finding = next(f for f in visit.last_check.red if f.app.package == "com.tencent.mm")
    for long, code in (("Error: Unknown option: -u", 1), ("", 0), ("package:com.example", 0)):
        answers = {" -u": (long, code)}
        monkeypatch.setattr(
            visit.driver,
            "_ask",
            lambda command, cancel, answers=answers: answers[" -u"] if " -u " in command else ("package:android", 0),
        )
        assert visit.still_there(finding, Cancel()) is None


def test_another_phone_in_its_place_is_no_app_that_is_gone(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, _ = checked("walk-up")
    assert visit.last_check is not None

    def other(*_: Any) -> Any:
        raise OtherPhone(["serial number"])

    monkeypatch.setattr(visit.driver, "_ask", other)
    with pytest.raises(OtherPhone):
        visit.still_there(visit.last_check.red[0], Cancel())


def test_what_the_owner_loses_is_told_before_and_on_record_with_each_step(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, _ = checked("walk-up")
    plan = visit.plan()
    assert {str(finding.product) for finding in plan.loses} == {str(item.finding.product) for item in plan.items}
    visit.remove(plan, Cancel(), owner_told=True)
    steps = [e.record for e in practice_ledger.newest(50, kind=Kind.REMOVAL_INTENDED)]
    assert steps
    assert {(s.loses_data, s.owner_told) for s in steps if isinstance(s, RemovalIntended)} == {(True, True)}


def test_nobody_is_told_of_a_loss_where_an_app_is_only_switched_off(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("preinstalled")
    plan = visit.plan()
    switched_off = [item for item in plan.items if {step.act for step in item.steps} == {"disable"}]
    assert all(not item.loses_data for item in switched_off)
    visit.remove(replace(plan, items=tuple(switched_off)), Cancel(), owner_told=True)
    steps = [e.record for e in practice_ledger.newest(50, kind=Kind.REMOVAL_INTENDED)]
    assert {(s.loses_data, s.owner_told) for s in steps if isinstance(s, RemovalIntended)} <= {(False, None)}
