"""A rule as a form has it, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.policy.policy_changes import OwnRules
from core.model import App, Rule, RuleId, Signer
from core.policy.format.policy_file import built_in, load_built_in
from core.text import Bilingual
from gui.policy.edit.rule_draft import (
    RuleDraft,
    fields,
    new_id,
    of_app,
    of_rule,
    put,
    rule_of,
    signers_of,
    switched,
    without,
    wrong,
)

CANADA = load_built_in("canada")
DAY = date(2026, 11, 1)
SHA256 = "ab" * 32
WHOLE = RuleDraft(
    DAY,
    Bilingual("Loud Games", ""),
    ids={"android": "org.example.loud"},
    reason=Bilingual("", "Elle écoute."),
    authority=Bilingual("the CIO", "la dirigeante"),
    reference="File 7",
)


@pytest.mark.parametrize("name", built_in())
def test_every_rule_that_comes_with_fanion_goes_through_the_form_unchanged(name: str) -> None:
    policy = load_built_in(name)
    for rule in policy.rules:
        again = rule_of(of_rule(rule), rule.id, rule)
        # Sources, dates and everything else that the form does not ask for stay as they are.
        assert again == rule


def test_one_language_stands_for_both() -> None:
    rule = rule_of(WHOLE, "x")
    assert rule.product == Bilingual("Loud Games", "Loud Games")
    assert rule.reason == Bilingual("Elle écoute.", "Elle écoute.")
    assert rule.authority.name == Bilingual("the CIO", "la dirigeante")
    assert rule.authority.quote == rule.reason
    assert wrong(WHOLE, OwnRules(), rule, CANADA) == {}


def test_a_quote_follows_the_reason_of_a_desks_own_rule() -> None:
    rule = rule_of(WHOLE, "x")
    edited = rule_of(replace(of_rule(rule), reason=Bilingual("It shouts.", "")), "x", rule)
    assert edited.authority.quote == edited.reason == Bilingual("It shouts.", "It shouts.")


def test_signers_are_read_in_whatever_way_they_are_written() -> None:
    colons = ":".join(["AB"] * 32)
    rule = rule_of(replace(WHOLE, signers=f"{colons} 00962F5B7\n\n7"), "x")
    assert [(s.sha256, s.hash) for s in rule.signers] == [(SHA256, "962f5b7"), ("", "7")]
    assert wrong(replace(WHOLE, signers="0"), OwnRules(), rule_of(replace(WHOLE, signers="0"), "x"), CANADA) == {}


def test_a_rule_by_its_signer_alone_needs_no_id() -> None:
    draft = replace(WHOLE, ids={"android": ""}, signers=SHA256)
    assert wrong(draft, OwnRules(), rule_of(draft, "x"), CANADA) == {}


def test_a_signer_that_the_form_cannot_show_stays() -> None:
    only_sha1 = Signer((), "one source", "a list", sha1="cd" * 20)
    rule = replace(rule_of(WHOLE, "x"), signers=(only_sha1,))
    assert rule_of(of_rule(rule), "x", rule).signers == (only_sha1,)


def test_a_signer_signs_no_app_that_was_taken_out() -> None:
    name = Bilingual("A", "A")
    rule = rule_of(replace(WHOLE, ids={"android": "a.b\nc.d"}, signers=SHA256), "x")
    rule = replace(rule, signers=(replace(rule.signers[0], signs=("a.b", "c.d")),))
    draft = replace(of_rule(rule), ids={"android": "a.b"})
    edited = rule_of(draft, "x", rule)
    assert edited.signers[0].signs == ("a.b",)
    assert wrong(draft, OwnRules((rule,)), edited, CANADA) == {}
    assert isinstance(RuleId("android", "a.b", name, "one source", "x"), RuleId)


def test_new_ids_are_nobody_elses() -> None:
    named = replace(WHOLE, product=Bilingual("WeChat", ""))
    assert new_id(named, OwnRules(), CANADA) == "wechat-2"
    assert new_id(named, OwnRules((rule_of(named, "wechat-2"),)), CANADA) == "wechat-3"
    assert new_id(replace(WHOLE, product=Bilingual("聊天", "")), OwnRules(), CANADA) == "rule"
    assert new_id(replace(WHOLE, product=Bilingual("", "Jeux bruyants")), OwnRules(), CANADA) == "jeux-bruyants"


def test_rules_are_put_taken_out_and_switched() -> None:
    one, two = rule_of(WHOLE, "one"), rule_of(WHOLE, "two")
    own = put(put(OwnRules(), one), two)
    renamed = replace(one, product=Bilingual("New", "Nouveau"))
    assert put(own, renamed).rules == (renamed, two)
    assert without(own, "one").rules == (two,)
    off = switched(switched(own, "wechat", off=True), "wechat", off=True)
    assert off.off == ("wechat",)
    assert switched(off, "wechat", off=False) == own


def test_only_the_edited_rule_is_complained_of() -> None:
    bad: Rule = replace(rule_of(WHOLE, "bad"), product=Bilingual("", ""))
    assert (
        wrong(
            replace(WHOLE, ids={"android": "c.d"}),
            OwnRules((bad,)),
            rule_of(replace(WHOLE, ids={"android": "c.d"}), "x"),
            CANADA,
        )
        == {}
    )


def test_an_app_of_a_phone_becomes_a_rule_of_its_platform() -> None:
    app = App("com.example.loud", signers=("1", "2"), certificates=(SHA256,))
    assert of_app(app, "ios", DAY).ids == {"ios": "com.example.loud"}
    assert signers_of(app) == SHA256
    assert signers_of(App("x.y", signers=("1", "2"))) == "1\n2"
    assert signers_of(App("x.y")) == ""


TEXTS = st.text(max_size=120)


@given(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
def test_whatever_is_typed_is_either_complained_of_or_makes_a_rule_that_loads(
    product: str, android: str, ios: str, reason: str, reference: str, signers: str
) -> None:
    import tomllib

    from core.desk.policy import policy_changes
    from core.policy.format.schema import faults

    draft = RuleDraft(
        DAY,
        Bilingual(product, ""),
        ids={"android": android, "ios": ios},
        reason=Bilingual(reason, ""),
        authority=Bilingual("the CIO", ""),
        reference=reference,
        signers=signers,
    )
    rule = rule_of(draft, new_id(draft, OwnRules(), CANADA))
    found = wrong(draft, OwnRules(), rule, CANADA)
    assert set(found) <= set(fields())
    assert all(str(sentence) for sentence in found.values())
    if not found:
        text = policy_changes.text_of(OwnRules((rule,)), CANADA)
        assert not list(faults(tomllib.loads(text)))
