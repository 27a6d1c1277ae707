"""Policies on each other: what is added, replaced and switched off, and how much the whole is believed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from core.model import Policy, ProfileKind, Strength, Trust
from core.policy.format.policy_file import load_built_in
from core.policy.layers import lay, layers, unknown_off
from core.text import Bilingual

CANADA = replace(load_built_in("canada"), trust=Trust.BUILT_IN)
TIKTOK = CANADA.rule("tiktok")
assert TIKTOK is not None
OURS = replace(TIKTOK, id="ours", product=Bilingual("Our app", "Notre application"))


def upper(**values: object) -> Policy:
    made = replace(CANADA, id="dept", version="7", rules=(OURS,), sha256="d" * 64, trust=Trust.SIGNED)
    return replace(made, **values)  # type: ignore[arg-type]


def test_rules_are_added_replaced_and_switched_off() -> None:
    notice = replace(TIKTOK, strength=Strength.NOTICE)
    whole = lay(CANADA, upper(rules=(OURS, notice), off=("wechat",)))
    assert {rule.id for rule in whole.rules} == {rule.id for rule in CANADA.rules} - {"wechat"} | {"ours"}
    assert whole.rule("tiktok") is notice
    assert whole.off == ("wechat",)


def test_the_whole_is_believed_as_little_as_its_least_believed_part() -> None:
    assert lay(CANADA, upper()).trust is Trust.SIGNED
    assert lay(CANADA, upper(trust=Trust.UNSIGNED)).trust is Trust.UNSIGNED
    assert lay(replace(CANADA, trust=Trust.UNSIGNED), upper()).trust is Trust.UNSIGNED


def test_every_part_can_be_told_from_the_whole() -> None:
    whole = lay(CANADA, upper())
    assert [(part.id, part.trust) for part in layers(whole)] == [("canada", Trust.BUILT_IN), ("dept", Trust.SIGNED)]
    assert whole.sha256 == hashlib.sha256(f"{CANADA.sha256}\n{'d' * 64}".encode()).hexdigest()
    assert (whole.id, whole.version) == ("canada+dept", f"{CANADA.version}+7")
    three = lay(whole, upper(id="own", sha256="e" * 64))
    assert [part.id for part in layers(three)] == ["canada", "dept", "own"]


def test_exceptions_can_only_be_made_shorter() -> None:
    assert lay(CANADA, upper(exception_days=30)).exception_days == 30
    assert lay(replace(CANADA, exception_days=30), upper(exception_days=700)).exception_days == 30


def test_the_higher_one_says_what_counts_by_word_and_whether_debugging_may_stay_on() -> None:
    folder = (ProfileKind.SECURE_FOLDER,)
    lower = replace(CANADA, attested=folder, keep_debugging=True)
    assert (lay(lower, upper()).attested, lay(lower, upper()).keep_debugging) == (folder, True)
    above = upper(attested=(), keep_debugging=False)
    assert (lay(lower, above).attested, lay(lower, above).keep_debugging) == ((), False)
    assert (CANADA.attested, CANADA.keep_debugging) == (None, None)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("above", [False, True])
def test_a_word_to_the_holder_is_asked_for_where_any_of_them_asks(below: bool, above: bool) -> None:
    whole = lay(replace(CANADA, confirm_told=below), upper(confirm_told=above))
    assert whole.confirm_told is (below or above)
    assert not CANADA.confirm_told


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("above", [False, True])
def test_evidence_is_asked_for_where_any_of_them_asks(below: bool, above: bool) -> None:
    whole = lay(replace(CANADA, evidence_last_used=below), upper(evidence_last_used=above))
    assert (whole.evidence_last_used, whole.evidence_copies) == (below or above, False)
    whole = lay(replace(CANADA, evidence_copies=below), upper(evidence_copies=above))
    assert (whole.evidence_last_used, whole.evidence_copies) == (False, below or above)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("above", [False, True])
def test_that_management_blocks_is_demanded_where_any_of_them_demands_it(below: bool, above: bool) -> None:
    whole = lay(replace(CANADA, demand_blocked=below), upper(demand_blocked=above))
    assert whole.demand_blocked is (below or above)
    assert not CANADA.demand_blocked


def test_a_look_that_one_of_them_demands_is_demanded() -> None:
    look = (ProfileKind.HIDDEN_APPS,)
    lower = replace(CANADA, demanded=look)
    assert lay(lower, upper()).demanded == look
    assert lay(lower, upper(attested=())).demanded == look
    assert lay(lower, upper(demanded=look)).demanded == look
    assert lay(CANADA, upper(demanded=look)).demanded == look
    assert CANADA.demanded == ()


def test_a_rule_keeps_the_scope_of_the_policy_that_it_comes_from() -> None:
    scope = Bilingual("all our devices", "tous nos appareils")
    whole = lay(CANADA, upper(scope=scope))
    ours = whole.rule("ours")
    assert ours is not None
    assert ours.scope == scope
    assert whole.scope == CANADA.scope


def test_the_same_two_are_the_same_policy_each_time() -> None:
    above = upper()
    assert lay(CANADA, above) is lay(CANADA, above)


def test_switching_off_what_is_not_there_is_noticed() -> None:
    assert unknown_off(CANADA, upper(off=("wechat", "we-chat"))) == ("we-chat",)


def test_what_holds_other_apps_is_added_replaced_and_switched_off_and_services_are_added() -> None:
    first, second = CANADA.containers[:2]
    other = replace(first, product=Bilingual("Ours", "Le nôtre"))
    own = replace(second, id="ours-too")
    service = replace(CANADA.web[0], hosts=("example.com",))
    whole = lay(CANADA, upper(containers=(other, own), web=(service,), off=(second.id,)))
    assert [one.id for one in whole.containers if one.id in (first.id, second.id, own.id)] == [first.id, own.id]
    assert other in whole.containers
    assert (*CANADA.web, service) == whole.web
    assert unknown_off(CANADA, upper(off=(second.id, "nothing"))) == ("nothing",)
    # One kind does not replace the other: a rule stays, also where what holds other apps has its id.
    mixed = lay(CANADA, upper(rules=(), containers=(replace(first, id="tiktok"),), web=()))
    assert mixed.rule("tiktok") is TIKTOK
