"""However a visit goes: what is sealed of the banned apps is what is on the phone, and is one count everywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.describe import verdicts
from core.describe import visit as describe
from core.describe.visits import RecordedVisit
from core.jobs import Cancel
from core.ledger.records import Kind, UndoIntended
from core.ledger.writer import Ledger
from core.model import HandBack, Paper, Verdict
from core.model.visit_state import Fate, Reason
from core.phones.driver import Unplugged
from core.rounds.coverage.seen_phones import seen_phone
from core.simulator import PracticeServer, load
from core.simulator.model.installed import Package
from core.simulator.model.scenario import CableFault
from core.visit.visit import Visit
from tests.examples import examples
from tests.kit.holders_hand import can_start, come_back, remove_by_hand
from tests.unit.visit.conftest import Checked
from tests.unit.visit.test_by_hand import refuse_everything

WECHAT, KASPERSKY = "com.tencent.mm", "com.kms.free"
LEFT = HandBack(Paper.DECLINED, "The holder had to go")


def banned_on(server: PracticeServer, packages: Collection[str] = (WECHAT, KASPERSKY)) -> set[str]:
    """Those of the banned apps that the holder can start."""
    return {name for name in packages if can_start(server, name)}


def test_who_removed_apps_by_hand_is_not_told_that_they_are_there(checked: Checked, practice_ledger: Ledger) -> None:
    visit, server = checked("walk-up")
    refuse_everything(server)
    visit.remove(visit.plan(), Cancel(), owner_told=True)
    remove_by_hand(server, WECHAT)  # while nobody looked
    back = visit.hand_back(LEFT, Cancel())
    assert (back.intended.banned, visit.state.left_count) == (1, 1)
    assert str(describe.outcome_for_owner(visit.state)) == "2 banned apps were found: 1 gone and 1 still there."
    (look,) = practice_ledger.newest(5, kind=Kind.LOOKED_FOR)
    assert look.seq < back.intent.seq


def test_one_that_came_back_by_hand_is_there(checked: Checked) -> None:
    visit, server = checked("walk-up")
    finding = next(f for f in visit.plan().check.red if f.app.package == WECHAT)
    package = server.phone.packages[WECHAT]
    remove_by_hand(server, WECHAT)
    assert visit.still_there(finding, Cancel()) is False
    assert visit.state.left_count == 1
    come_back(server, package)
    assert visit.hand_back(LEFT, Cancel()).intended.banned == 2


def test_when_the_last_one_is_gone_the_phone_is_red_until_it_is_read_again(checked: Checked) -> None:
    visit, server = checked("walk-up")
    for finding in visit.plan().check.red:
        remove_by_hand(server, finding.app.package)
    back = visit.hand_back(LEFT, Cancel())
    assert (back.intended.verdict, back.intended.banned) == (Verdict.RED, 0)
    assert str(describe.handed_back(back.intended)) == "Handed back, not as the policy requires"
    assert visit.state.reason is Reason.NOT_READ_AGAIN
    outcome = "2 banned apps were found; they are gone. No check was finished afterwards."
    assert str(verdicts.outcome(visit.state)) == outcome


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_result_that_was_not_seen_is_told_by_the_next_reading(checked: Checked, is_gone: bool) -> None:
    """The cable is pulled while an app is removed; then the phone is plugged in, and read again."""
    cut = CableFault("pm uninstall")  # which the phone does, and is not heard
    visit, server = checked(replace(load("walk-up"), faults=(cut,)))
    remove_by_hand(server, KASPERSKY)
    visit.check(Cancel())
    package = server.phone.packages[WECHAT]
    with pytest.raises(Unplugged):
        visit.remove(visit.plan(), Cancel(), owner_told=True)
    if not is_gone:
        come_back(server, package)
    visit.check(Cancel())
    assert visit.verdict is (Verdict.GREEN if is_gone else Verdict.RED)
    told = "1 removed and 1 gone" if is_gone else "1 removed and 1 still there"
    assert str(describe.outcome_for_owner(visit.state)).startswith(f"2 banned apps were found: {told}.")


#: What may happen in a visit, each with a weight of its own by being there once or twice.
STEPS = ("by hand", "by hand", "look", "pull and plug", "check", "remove", "undo", "come back")


def take(step: str, which: int, visit: Visit, server: PracticeServer, apps: Sequence[Package]) -> None:
    check = visit.last_check
    red = check.red if check is not None else ()
    match step:
        case "by hand" if there := sorted(banned_on(server, [app.name for app in apps])):
            remove_by_hand(server, there[which % len(there)])
        case "come back":
            come_back(server, apps[which % len(apps)])
        case "look" if red:
            visit.still_there(red[which % len(red)], Cancel())
        case "pull and plug":
            server.unplug()
            server.plug()
        case "check":
            with contextlib.suppress(Unplugged):  # it has not noticed yet that the phone was plugged in again
                visit.check(Cancel())
            visit.check(Cancel())
        case "remove" if red:
            visit.remove(visit.plan(), Cancel(), owner_told=True)
        case "undo" if check is not None and (possible := [step for step in visit.undoable() if step.possible]):
            visit.undo(possible, Cancel())


@pytest.mark.parametrize("scenario", ["walk-up", "preinstalled"])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=8), refuses=st.booleans())
@examples(60)
@example(steps=[("remove", 0), ("pull and plug", 0), ("undo", 0)], refuses=False)
@example(steps=[("remove", 0), ("pull and plug", 0), ("undo", 0), ("come back", 0)], refuses=False)
def test_what_is_sealed_is_what_is_there(
    checked: Checked, scenario: str, steps: list[tuple[str, int]], refuses: bool
) -> None:
    visit, server = checked(scenario)
    packages = sorted({finding.app.package for finding in visit.plan().check.red})
    apps = [server.phone.packages[name] for name in packages]
    assert apps
    if refuses:
        refuse_everything(server)
    for step, which in steps:
        with contextlib.suppress(Unplugged):
            take(step, which, visit, server, apps)
    if visit.last_check is None:
        visit.check(Cancel())
    back = visit.hand_back(LEFT, Cancel())
    checked_last = max(e.seq for e in visit.entries if e.kind == Kind.CHECK_ENDED)
    undone = {e.record.package for e in visit.entries if isinstance(e.record, UndoIntended) and e.seq > checked_last}
    found = {f.app.package for f in visit.last_check.red}
    assert back.intended.banned == len(banned_on(server, packages) & (found | undone))
    past = RecordedVisit(visit.entries)
    assert past.state == visit.state
    seen = seen_phone(past)
    assert seen is not None
    assert (past.state.left_count, seen.banned) == (back.intended.banned, back.intended.banned)
    gone = past.state.products(Fate.REMOVED, Fate.GONE, Fate.SWITCHED_OFF)
    assert past.state.found_count == past.state.left_count + len(gone)
    if found:
        assert past.verdict is Verdict.RED  # until everything was read again
    if not past.state.left_count and past.state.found_count:
        said = str(describe.outcome_for_owner(past.state))
        assert "No banned app was found" not in said
        assert "still" not in said
