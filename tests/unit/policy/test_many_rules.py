"""A policy of many rules of all kinds: each way to recognise an app works among them, and none costs more for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from core.model import EvidenceKind, Inventory, Match, Policy
from core.policy.matching import match
from core.policy.matching.index import Index, index
from core.policy.matching.match import judge, unsure
from tests.bench import made

POLICY = made.policy_of(600)
LARGER = made.policy_of(1_200)
SMALL, LARGE = made.phone_of(1_000), made.phone_of(2_000)


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, are called: as good as time, and the same on every computer."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_of_a_thousand_apps_those_few_are_found_each_in_its_way(platform: str) -> None:
    findings = judge(made.phone_of(1_000, platform), POLICY)
    found = {int(f.app.version_code or 0): f for f in findings}
    ways = made.WAYS[platform]
    assert len(findings) == 5
    for n, number in enumerate(range(0, 1_000, made.APART)):
        assert (found[number].rule, found[number].match) == (f"rule-{n * 37 + 11}", ways[n % len(ways)])


def test_the_evidence_is_what_the_phone_showed() -> None:
    kinds = {f.match: {e.kind for e in f.evidence} for f in judge(SMALL, POLICY)}
    assert kinds == {
        Match.NAMED_AND_SIGNED: {EvidenceKind.PACKAGE_ID, EvidenceKind.CERTIFICATE},
        Match.SAME_SIGNER: {EvidenceKind.CERTIFICATE},
        Match.SUSPECTED_SIGNER: {EvidenceKind.SIGNER_HASH},
        Match.SUSPECTED_CODE: {EvidenceKind.CODE},
        Match.LABEL: {EvidenceKind.LABEL},
    }


def test_whoever_is_unsure_is_looked_into_and_nobody_else() -> None:
    findings = judge(SMALL, POLICY)
    sure = {Match.NAMED_AND_SIGNED, Match.SAME_SIGNER}
    assert set(unsure(findings, POLICY)) == {f.app.package for f in findings if f.match not in sure}


def test_what_the_files_of_all_apps_say_clears_the_suspect_whose_certificate_is_another() -> None:
    findings = judge(SMALL, POLICY, made.identities_of(SMALL))
    assert Match.SUSPECTED_SIGNER not in {f.match for f in findings}
    assert Match.SUSPECTED_CODE in {f.match for f in findings}


def cost(phone: Inventory, policy: Policy) -> int:
    index(policy, "android")
    return calls(lambda: judge(phone, policy))


def test_twice_as_many_rules_cost_nothing_once_the_index_is_made() -> None:
    assert cost(SMALL, LARGER) == pytest.approx(cost(SMALL, POLICY), rel=0.01)


def test_twice_as_many_apps_cost_twice_as_much() -> None:
    assert cost(LARGE, POLICY) == pytest.approx(2 * cost(SMALL, POLICY), rel=0.05)


def test_the_index_of_twice_as_many_rules_costs_twice_as_much() -> None:
    few = calls(lambda: Index(POLICY, "android"))
    assert calls(lambda: Index(LARGER, "android")) == pytest.approx(2 * few, rel=0.05)


def test_the_index_is_made_once_for_one_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = made.policy_of(10)
    judge(SMALL, policy)
    monkeypatch.setattr("core.policy.matching.index.Index.__init__", None)  # to make another would fail
    assert match.judge(SMALL, policy) == match.judge(SMALL, policy)
