"""Whether banned apps can come back to a phone that is checked: on the phone, in the verdict, on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.describe import can_return, verdicts
from core.jobs import Cancel
from core.ledger.records import CheckEnded
from core.ledger.writer import Ledger
from core.model import Attested, Return, ReturnReason, Verdict
from core.model.can_return import overall
from core.model.visit_state import CheckFacts, Reason
from core.simulator import load
from core.simulator.model.scenario import AdminData, AppData, ProfileData, Scenario, Version
from core.visit.visit import Visit
from tests.unit.visit.conftest import Checked

RESTRICTIONS = ("no_install_apps",)


def managed(*restrictions: str, owner: str = "device", apps: tuple[AppData, ...] = (), sdk: int = 36) -> Scenario:
    """A clean phone whose owner forbids this; without an owner where that is empty."""
    clean = load("clean")
    admin = AdminData(".Owner", 0, owner) if owner else None  # type: ignore[arg-type]  # one of its words
    dpc = AppData("com.example.dpc", Version(1, "1"), system=True, label="Policy", admin=admin)
    profiles = tuple(replace(profile, restrictions=restrictions) for profile in clean.profiles)
    device = replace(clean.device, sdk=sdk)
    return replace(clean, apps=(*clean.apps, dpc, *apps), profiles=profiles, device=device)


def ended(visit: Visit, ledger: Ledger) -> CheckEnded:
    """The record of the last check."""
    return [e.record for e in ledger.entries() if isinstance(e.record, CheckEnded)][-1]


@pytest.mark.parametrize("sdk", [29, 33, 34, 36])
def test_a_phone_whose_owner_forbids_installing_is_blocked(checked: Checked, practice_ledger: Ledger, sdk: int) -> None:
    visit, _ = checked(managed(*RESTRICTIONS, sdk=sdk), demand_blocked=True)
    check = visit.last_check
    assert check is not None
    assert check.verdict is Verdict.GREEN
    assert {product.state for product in check.returns} == {Return.BLOCKED}
    assert str(can_return.line(check.returns)) == ("Banned apps cannot be reinstalled: installing apps is forbidden.")
    record = ended(visit, practice_ledger)
    assert overall(record.returns) is Return.BLOCKED
    assert can_return.line(record.returns) == can_return.line(check.returns)
    quick = visit.check(Cancel(), quick=True)
    assert {product.state for product in quick.returns} == {Return.UNKNOWN}, "not all of the phone was read"


@pytest.mark.parametrize(
    ("scenario", "state", "reason"),
    [
        (managed(), Return.POSSIBLE, ReturnReason.UNKNOWN_SOURCES),
        (managed(*RESTRICTIONS, owner=""), Return.UNKNOWN, ReturnReason.NOT_BY_OWNER),
        (managed("no_install_unknown_sources", owner="profile"), Return.UNKNOWN, ReturnReason.STORES_OFF),
        (
            managed(
                "no_install_unknown_sources",
                apps=(AppData("com.android.vending", Version(1, "1"), system=True),),
            ),
            Return.UNKNOWN,
            ReturnReason.STORE_NOT_TOLD,
        ),
        (
            managed(
                "no_install_unknown_sources",
                apps=(AppData("com.android.vending", Version(1, "1"), system=True, off_in=(0,)),),
            ),
            Return.UNKNOWN,
            ReturnReason.STORES_OFF,
        ),
        (load("clean"), Return.POSSIBLE, ReturnReason.NOT_MANAGED),
    ],
)
def test_any_other_phone_is_amber_only_where_the_policy_demands_it(
    checked: Checked, practice_ledger: Ledger, scenario: Scenario, state: Return, reason: ReturnReason
) -> None:
    visit, _ = checked(scenario)
    check = visit.last_check
    assert check is not None
    assert check.verdict is Verdict.GREEN
    assert overall(check.returns) is state
    assert all(product.reasons == (reason,) for product in check.returns)
    visit, _ = checked(scenario, demand_blocked=True)
    check = visit.last_check
    assert check is not None
    assert (check.verdict, check.gaps) == (Verdict.AMBER, ())
    assert CheckFacts.of(check).reasons == (Reason.CAN_RETURN,)
    record = ended(visit, practice_ledger)
    assert verdicts.facts_of(record).reasons == (Reason.CAN_RETURN,)
    assert verdicts.facts_of(record).unblocked == len(check.returns)
    assert "The policy requires that management block banned apps" in str(verdicts.headline(check))


def test_an_officers_look_does_not_end_the_demand(checked: Checked) -> None:
    visit, _ = checked(load("clean"), demand_blocked=True)
    visit.attest(Attested.NOTHING_SEEN)
    assert visit.verdict is Verdict.AMBER


def test_a_second_profile_that_is_free_is_a_way_back(checked: Checked) -> None:
    phone = managed(*RESTRICTIONS)
    second = ProfileData(12, "Second", "410", "full.SECONDARY")
    apps = tuple(replace(app, profiles=(0, 12)) if app.package == "com.example.dpc" else app for app in phone.apps)
    visit, _ = checked(replace(phone, profiles=(*phone.profiles, second), apps=apps))
    assert visit.last_check is not None
    assert overall(visit.last_check.returns) is Return.POSSIBLE


def test_a_profile_that_is_closed_is_not_known(checked: Checked) -> None:
    phone = managed(*RESTRICTIONS)
    closed = ProfileData(150, "Folder", "1030", closed=True, restrictions=RESTRICTIONS)
    visit, _ = checked(replace(phone, profiles=(*phone.profiles, closed)))
    assert visit.last_check is not None
    assert {product.reasons for product in visit.last_check.returns} == {(ReturnReason.NOT_ALL_READ,)}
