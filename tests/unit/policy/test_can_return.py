"""Whether a banned app can come back: each row of the table alone, and what no row may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.describe import verdicts
from core.ledger.records import CheckEnded
from core.model import (
    Admin,
    AndroidManagement,
    App,
    AppState,
    Check,
    Enabled,
    Excepted,
    Finding,
    Gap,
    HealthRules,
    HealthSignal,
    Inventory,
    IphoneManagement,
    Light,
    Phone,
    PhoneOwner,
    ProductReturn,
    Profile,
    ProfileKind,
    Restrictions,
    Return,
    ReturnReason,
    Strength,
    Verdict,
)
from core.model.can_return import STATES, overall
from core.model.visit_state import CheckFacts, Reason
from core.policy import can_return
from core.policy.format.policy_file import load_built_in
from core.text import T
from tests.examples import examples

CANADA = load_built_in("canada")
STORES = ("com.android.vending", "com.example.store")
SOURCES = "no_install_unknown_sources"
ADDING = frozenset({"no_add_user", "no_add_managed_profile", "no_add_clone_profile", "no_add_private_profile"})
DEVICE = PhoneOwner("com.example.dpc", 0, device=True)
WORK = PhoneOwner("com.example.work", 10)
COMPANY = replace(WORK, organisation=True)
FOLDER = PhoneOwner("com.samsung.knox.securefolder", 150)
GAP = Gap(T("Something was not seen."), T("Look again."))


def signal(name: str, light: Light) -> HealthSignal:
    return HealthSignal(name, T("Verified boot"), T("green"), light, T("green"))


BOOT = signal("boot", Light.GREEN)


def by_owner(*names: str) -> Restrictions:
    return Restrictions(frozenset(names), frozenset(names) | ADDING)


def forbidden() -> Restrictions:
    return by_owner("no_install_apps")


def by_system(*names: str) -> Restrictions:
    return Restrictions(effective=frozenset(names) | ADDING)


def phone(
    *owners: PhoneOwner, restrictions: Mapping[int, Restrictions] | None = None, clear: bool = True, **more: Any
) -> Inventory:
    """A phone as it says that it is managed; `more` are other values of its inventory."""
    by_profile = {0: forbidden()} if restrictions is None else restrictions
    values: dict[str, Any] = {
        "phone": Phone("android", "Google", "Pixel 9", "16", "S", 36),
        "profiles": tuple(Profile(id, "", ProfileKind.OTHER) for id in by_profile or (0,)),
        "apps": (),
        "management": AndroidManagement(owners, by_profile, clear),
    }
    return Inventory(**(values | more))


def iphone(supervised: bool | None, profiles: tuple[str, ...] | None, clear: bool = True) -> Inventory:
    return Inventory(
        Phone("ios", "Apple", "iPhone15,4", "26.5", "S"),
        (Profile(0, "", ProfileKind.PERSONAL),),
        (),
        management=IphoneManagement(supervised, profiles, clear),
    )


def judged(
    inventory: Inventory, signals: tuple[HealthSignal, ...] = (BOOT,), findings: tuple[Finding, ...] = (), **policy: Any
) -> ProductReturn:
    products = can_return.judge(inventory, replace(CANADA, **policy), signals, findings, STORES)
    assert len({(p.state, p.reasons, p.detail) for p in products}) == 1
    return products[0]


def store(**state: Any) -> App:
    values: dict[str, Any] = {"profile": 0, "installed": True}
    return App("com.android.vending", system=True, states=(AppState(**(values | state)),))


def finding(package: str) -> Finding:
    return Finding(
        "kaspersky",
        CANADA.rules[0].product,
        Strength.BAN,
        App(package, states=(AppState(0, installed=True),)),
        Profile(0, "", ProfileKind.PERSONAL),
        (),
        T("It is banned."),
    )


SAMSUNG = Phone("android", "samsung", "SM-S936B", "16", "S", 36)
R = ReturnReason
CLOSED = {0: forbidden(), 10: forbidden()}


@pytest.mark.parametrize(
    ("inventory", "reasons"),
    [
        # blocked
        (phone(DEVICE), {R.INSTALLS_FORBIDDEN}),
        (phone(DEVICE, restrictions=CLOSED), {R.INSTALLS_FORBIDDEN}),
        (phone(COMPANY, restrictions=CLOSED), {R.INSTALLS_FORBIDDEN}),
        # can come back
        (phone(restrictions={0: by_system()}), {R.NOT_MANAGED}),
        (phone(restrictions={}), {R.NOT_MANAGED}),
        (phone(FOLDER, phone=SAMSUNG, restrictions={0: by_system(), 150: forbidden()}), {R.NOT_MANAGED}),
        (phone(WORK, restrictions={0: by_system(), 10: forbidden()}), {R.INSTALLS_FREE}),
        (phone(DEVICE, restrictions={0: by_owner()}), {R.UNKNOWN_SOURCES}),
        (phone(DEVICE, restrictions={0: forbidden(), 11: by_owner()}), {R.UNKNOWN_SOURCES}),
        # not known
        (replace(phone(DEVICE), management=None), {R.NO_ANSWER}),
        (replace(phone(DEVICE, names_only=True), management=None), {R.NOT_ASKED}),  # it left before it was asked
        (phone(DEVICE, restrictions={}), {R.NO_ANSWER}),
        (phone(DEVICE, clear=False), {R.CONTRADICTION}),
        (phone(clear=False), {R.CONTRADICTION}),
        (phone(DEVICE, profiles=(), restrictions=CLOSED), {R.CONTRADICTION}),
        (phone(restrictions={0: by_system("no_install_apps")}), {R.NOT_BY_OWNER}),
        (phone(DEVICE, restrictions={0: by_system("no_install_apps")}), {R.NOT_BY_OWNER}),
        (phone(DEVICE, restrictions={0: by_owner(SOURCES)}), {R.STORES_OFF}),
        (phone(DEVICE, restrictions={0: by_owner(SOURCES)}, apps=(store(),)), {R.STORE_NOT_TOLD}),
        (phone(DEVICE, restrictions={0: by_owner(f"{SOURCES}_globally")}, apps=(store(),)), {R.STORE_NOT_TOLD}),
        (phone(DEVICE, restrictions={0: by_owner(SOURCES)}, apps=(store(hidden=True),)), {R.STORES_OFF}),
        (
            phone(DEVICE, restrictions={0: by_owner(SOURCES)}, apps=(store(enabled=Enabled.DISABLED_USER),)),
            {R.STORES_OFF},
        ),
        (phone(DEVICE, restrictions={0: by_owner(SOURCES)}, apps=(store(profile=10),)), {R.STORES_OFF}),
        (phone(DEVICE, gaps=(GAP,)), {R.NOT_ALL_READ}),
        (phone(DEVICE, names_only=True), {R.NOT_ALL_READ}),
        (phone(DEVICE, profiles=(Profile(0, "", ProfileKind.PERSONAL, readable=False),)), {R.NOT_ALL_READ}),
        (
            phone(DEVICE, restrictions={0: replace(forbidden(), effective=frozenset({"no_install_apps"}))}),
            {R.NEW_PROFILES},
        ),
        (phone(DEVICE, admins=(Admin(0, "com.example.dpc/.R", owner=True, test_only=True),)), {R.NOT_BY_OWNER}),
        # an iPhone
        (iphone(False, ()), {R.NOT_MANAGED}),
        (iphone(False, ("Wi-Fi",)), {R.PROFILE_CONTENTS}),
        (iphone(True, ()), {R.SUPERVISED}),
        (iphone(True, ("Blocks TikTok and WeChat",)), {R.SUPERVISED, R.PROFILE_CONTENTS}),
        (iphone(None, ()), {R.NO_ANSWER}),
        (iphone(False, None), {R.NO_ANSWER}),
        (iphone(None, (), clear=False), {R.CONTRADICTION}),
    ],
)
def test_each_row_alone(inventory: Inventory, reasons: set[ReturnReason]) -> None:
    product = judged(inventory)
    assert set(product.reasons) == reasons
    assert {product.state} == {STATES[reason] for reason in reasons}


@pytest.mark.parametrize("since", ["no_add_clone_profile", "no_add_private_profile"])
def test_a_profile_that_no_such_android_has_needs_no_ban(since: str) -> None:
    restrictions = replace(forbidden(), effective=forbidden().effective - {since})
    assert judged(phone(DEVICE, restrictions={0: restrictions})).reasons == (R.NEW_PROFILES,)
    older = Phone("android", "Google", "Pixel 6a", "13", "S", 33)
    assert judged(phone(DEVICE, restrictions={0: restrictions}, phone=older)).state is Return.BLOCKED


@pytest.mark.parametrize(
    "signals",
    [
        (),
        (signal("boot", Light.NOT_KNOWN),),
        (signal("boot", Light.RED),),
        (BOOT, signal("bootloader", Light.RED)),
        (BOOT, signal("build", Light.AMBER)),
        (BOOT, signal("root", Light.RED)),
    ],
)
def test_a_system_that_may_be_altered_proves_nothing(signals: tuple[HealthSignal, ...]) -> None:
    assert judged(phone(DEVICE), signals).reasons == (R.SYSTEM_ALTERED,)


def test_another_owner_than_expected_proves_nothing() -> None:
    expects = {"health": HealthRules(expected_owner="com.example.dpc")}
    assert judged(phone(DEVICE), **expects).state is Return.BLOCKED
    other = replace(DEVICE, package="com.example.other")
    assert judged(phone(other), **expects).reasons == (R.OTHER_OWNER,)
    assert judged(phone(other)).state is Return.BLOCKED


def test_a_banned_app_that_owns_the_phone_blocks_nothing() -> None:
    assert judged(phone(DEVICE), findings=(finding("com.example.dpc"),)).reasons == (R.OTHER_OWNER,)
    assert judged(phone(DEVICE), findings=(finding("com.example.app"),)).state is Return.BLOCKED


def test_names_stand_beside_it() -> None:
    assert judged(phone(DEVICE)).detail == ("no_install_apps", "com.example.dpc")
    assert judged(iphone(True, ("A", "B"))).detail == ("A", "B")
    assert len(judged(iphone(True, tuple(f"Profile {n}" for n in range(40)))).detail) == 5
    assert judged(phone(restrictions={0: by_system()})).detail == ()


def test_each_product_that_has_an_id_on_the_platform_in_the_policys_order() -> None:
    returns = can_return.judge(phone(), CANADA, (BOOT,), (), STORES)
    bans = [rule.id for rule in CANADA.rules if rule.strength is Strength.BAN]
    assert [product.rule for product in returns] == [id for id in bans if id in {p.rule for p in returns}]
    assert all(CANADA.rule(p.rule).strength is Strength.BAN for p in returns)  # type: ignore[union-attr]
    without = replace(CANADA, rules=tuple(replace(rule, ids=()) for rule in CANADA.rules))
    assert can_return.judge(phone(), without, (BOOT,), (), STORES) == ()


def test_the_worst_of_several_decides() -> None:
    assert overall(()) is None
    products = [judged(phone(DEVICE)), judged(phone(DEVICE, clear=False)), judged(phone())]
    assert [p.state for p in products] == [Return.BLOCKED, Return.UNKNOWN, Return.UNKNOWN]
    assert overall(products[:1]) is Return.BLOCKED
    assert overall(products) is Return.UNKNOWN
    assert overall([*products, judged(iphone(False, ()))]) is Return.POSSIBLE


_NAMES = st.sets(st.sampled_from(["no_install_apps", SOURCES, f"{SOURCES}_globally", *ADDING]))
_RESTRICTIONS = st.builds(lambda by, system: Restrictions(frozenset(by), frozenset(by | system)), _NAMES, _NAMES)
_PHONES = st.builds(
    lambda owners, restrictions, clear, apps, gaps: phone(
        *owners, restrictions=restrictions, clear=clear, apps=apps, gaps=gaps
    ),
    st.lists(st.sampled_from([DEVICE, WORK, COMPANY]), max_size=2, unique=True),
    st.dictionaries(st.sampled_from([0, 10, 150]), _RESTRICTIONS, max_size=3),
    st.booleans(),
    st.sampled_from([(), (store(),)]),
    st.sampled_from([(), (GAP,)]),
)


@examples(200)
@given(_PHONES)
def test_blocked_needs_an_owners_ban_in_every_profile(inventory: Inventory) -> None:
    if judged(inventory).state is not Return.BLOCKED:
        return
    management = inventory.management
    assert isinstance(management, AndroidManagement)
    assert management.owners
    assert management.clear
    for profile in inventory.profiles:
        assert "no_install_apps" in management.restrictions[profile.id].by_owner
    assert not inventory.gaps
    assert management.restrictions[0].effective >= ADDING


@examples(200)
@given(_PHONES, st.sampled_from(["gap", "profile", "unclear", "no owner", "no answer", "restriction"]), st.data())
def test_less_of_an_answer_never_blocks(inventory: Inventory, change: str, data: st.DataObject) -> None:
    """What is taken from the answers of a phone that is not blocked, or added to its gaps, does not block it."""
    management = inventory.management
    assert isinstance(management, AndroidManagement)
    if judged(inventory).state is Return.BLOCKED:
        return
    match change:
        case "gap":
            changed = replace(inventory, gaps=(*inventory.gaps, GAP))
        case "profile":
            more = Profile(99, "", ProfileKind.OTHER)
            changed = replace(inventory, profiles=(*inventory.profiles, more))
        case "unclear":
            changed = replace(inventory, management=replace(management, clear=False))
        case "no owner":
            changed = replace(inventory, management=replace(management, owners=management.owners[:-1]))
        case "no answer":
            changed = replace(inventory, management=replace(management, restrictions={}))
        case _:
            restrictions = {
                id: Restrictions(each.by_owner - {gone}, each.effective - {gone})
                for id, each in management.restrictions.items()
                for gone in [data.draw(st.sampled_from(["no_install_apps", SOURCES, *sorted(ADDING)]))]
            }
            changed = replace(inventory, management=replace(management, restrictions=restrictions))
    assert judged(changed).state is not Return.BLOCKED


def check_of(inventory: Inventory, demands: bool, findings: tuple[Finding, ...] = ()) -> Check:
    policy = replace(CANADA, demand_blocked=demands)
    time = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    returns = can_return.judge(inventory, policy, (BOOT,), findings, STORES)
    return Check(inventory, policy, findings, time, time, returns=returns)


OPEN, BLOCKED = phone(restrictions={0: by_system()}), phone(DEVICE)
UNKNOWN = phone(DEVICE, clear=False)


@pytest.mark.parametrize("inventory", [OPEN, UNKNOWN, BLOCKED])
def test_without_the_demand_it_moves_no_verdict(inventory: Inventory) -> None:
    check = check_of(inventory, demands=False)
    assert (check.verdict, check.unblocked) == (Verdict.GREEN, ())


@pytest.mark.parametrize(
    ("inventory", "verdict"), [(OPEN, Verdict.AMBER), (UNKNOWN, Verdict.AMBER), (BLOCKED, Verdict.GREEN)]
)
def test_with_the_demand_it_is_amber(inventory: Inventory, verdict: Verdict) -> None:
    check = check_of(inventory, demands=True)
    assert check.verdict is verdict
    reason = CheckFacts.of(check).reason
    assert reason is (Reason.CAN_RETURN if verdict is Verdict.AMBER else Reason.NONE_BANNED)


@pytest.mark.parametrize("demands", [False, True])
@pytest.mark.parametrize("inventory", [OPEN, UNKNOWN, BLOCKED])
def test_red_stays_red(inventory: Inventory, demands: bool) -> None:
    check = check_of(inventory, demands, (finding("com.example.banned"),))
    assert check.verdict is Verdict.RED
    assert CheckFacts.of(check).reason is Reason.BANNED


def test_a_phone_that_has_a_banned_app_is_not_said_to_have_none() -> None:
    excepted = replace(finding("com.example.banned"), excepted=Excepted(7, date(2099, 1, 1), "A. Roy", "1"))
    facts = CheckFacts.of(check_of(OPEN, demands=True, findings=(excepted,)))
    assert facts.reasons == (Reason.EXCEPTED, Reason.CAN_RETURN)
    said = str(verdicts.sentence(facts, Reason.CAN_RETURN))
    assert said.startswith("The policy requires that management block banned apps;")
    clean = CheckFacts.of(check_of(OPEN, demands=True))
    assert str(verdicts.sentence(clean, Reason.CAN_RETURN)).startswith("No banned app was found. The policy requires")


def test_it_is_on_record_in_the_policys_order() -> None:
    ended = CheckEnded.of(check_of(OPEN, demands=True))
    assert [r.rule for r in ended.returns] == [p.rule for p in check_of(OPEN, demands=True).returns]
    assert {r.state for r in ended.returns} == {Return.POSSIBLE}
    assert ended.unblocked == ended.returns
    assert not CheckEnded.of(check_of(OPEN, demands=False)).unblocked
    assert "no_install_apps" not in str(CheckEnded.of(check_of(BLOCKED, demands=False)).body())


def test_of_very_many_products_the_worst_are_recorded() -> None:
    check = check_of(BLOCKED, demands=False)
    product = check.returns[0]
    many = tuple(
        replace(product, rule=f"rule-{n:04}", state=Return.POSSIBLE if n > 2_990 else Return.BLOCKED)
        for n in range(3_000)
    )
    body = CheckEnded.of(replace(check, returns=many)).body()
    returns = body["returns"]
    assert isinstance(returns, list)
    assert 20 < len(returns) < 3_000
    assert [r["state"] for r in returns[:10]] == ["can-return"] * 9 + ["blocked"]  # type: ignore[index, call-overload]
    assert len(str(body)) < 60_000


def test_where_there_is_nothing_to_say_it_is_left_out() -> None:
    body = CheckEnded.of(replace(check_of(BLOCKED, demands=False), returns=())).body()
    assert "returns" not in body
