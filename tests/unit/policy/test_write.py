"""What is written as a policy file is read back as the same policy."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Policy, ProfileKind, Trust
from core.policy.format import policy_file, schema, tables
from tests.unit.policy.convert.conftest import policy as policy
from tests.unit.policy.convert.generated import policies


def bare(policy: Policy) -> Policy:
    """Without what a file cannot say of itself."""
    return replace(policy, sha256="", source="", trust=Trust.UNSIGNED, layers=())


@given(policies())
def test_every_policy_comes_back_as_it_was(policy: Policy) -> None:
    document = tomllib.loads(tables.to_toml(policy))
    assert document == tables.document(policy)
    assert list(schema.faults(document)) == []
    assert bare(tables.build(document, "", "")) == bare(policy)


def test_a_written_file_can_be_loaded(policy: Policy, tmp_path: Path) -> None:
    file = tmp_path / "written.toml"
    file.write_text(tables.to_toml(policy), encoding="utf-8")
    assert bare(policy_file.load(file)) == bare(policy)


@pytest.mark.parametrize("name", policy_file.built_in())
def test_a_built_in_policy_survives_writing(name: str) -> None:
    policy = policy_file.load_built_in(name)
    assert bare(tables.build(tomllib.loads(tables.to_toml(policy)), "", "")) == bare(policy)


def test_it_looks_like_a_file_that_a_person_wrote(policy: Policy) -> None:
    lines = tables.to_toml(policy).splitlines()
    assert 'title.fr = "Interdites"' in lines
    assert "[authority.chief]" in lines
    assert lines.count("[[rule]]") == 3
    assert "deadline = 2023-04-01" in lines
    assert 'hash = "962f5b7"' in lines


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("WeChat", "wechat"),
        ("Été à Québec!", "ete-a-quebec"),
        ("微信", "x"),
        ("--a--b--", "a-b"),
        ("a" * 100, "a" * 60),
        ("", "x"),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert tables.slug(text) == slug


def test_a_name_wanted_again_gets_a_number() -> None:
    unique = tables.Unique()
    assert [unique.name(n) for n in ("a", "a", "a-2", "a", "a-2")] == ["a", "a-2", "a-2-2", "a-3", "a-2-3"]


@given(
    st.none() | st.lists(st.sampled_from(ProfileKind), unique=True).map(tuple),
    st.sampled_from([(), (ProfileKind.HIDDEN_APPS,)]),
    st.none() | st.booleans(),
    st.booleans(),
    st.booleans(),
    st.tuples(st.booleans(), st.booleans()),
)
def test_what_it_says_of_handing_back_comes_back_too(
    attested: tuple[ProfileKind, ...] | None,
    demanded: tuple[ProfileKind, ...],
    keep_debugging: bool | None,
    confirm_told: bool,
    demand_blocked: bool,
    evidence: tuple[bool, bool],
) -> None:
    texas = policy_file.load_built_in("texas")
    policy = replace(
        texas,
        attested=attested,
        demanded=demanded,
        keep_debugging=keep_debugging,
        confirm_told=confirm_told,
        demand_blocked=demand_blocked,
        evidence_last_used=evidence[0],
        evidence_copies=evidence[1],
    )
    document = tomllib.loads(tables.to_toml(policy))
    assert list(schema.faults(document)) == []
    assert bare(tables.build(document, "", "")) == bare(policy)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"attested": {"counts": ["cellar"]}}, "cellar"),
        ({"attested": {"counts": "work"}}, "list of texts"),
        ({"attested": {}}, "counts"),
        ({"attested": {"count": ["work"]}}, "counts"),
        ({"attested": {"demand": ["hidden-apps"]}}, "demands"),
        ({"attested": {"demands": ["secure-folder"]}}, "hidden-apps"),
        ({"attested": {"demands": "hidden-apps"}}, "list of texts"),
        ({"attested": ["work"]}, "attested"),
        ({"hand_back": {"keep_debugging": "yes"}}, "true or false"),
        ({"hand_back": {}}, "keep_debugging"),
        ({"hand_back": {"keep_debuging": True}}, "keep_debugging"),
        ({"removal": {}}, "confirm"),
        ({"removal": {"confirm": "no"}}, "told"),
        ({"removal": {"confirm": True}}, "confirm"),
        ({"evidence": {}}, "last_used"),
        ({"evidence": {"last_used": "yes"}}, "true or false"),
        ({"evidence": {"copies": True}}, "copies"),
        ({"evidence": {"copies": "never"}}, "always"),
        ({"evidence": {"last_use": True}}, "last_used"),
        ({"return": {}}, "demands"),
        ({"return": {"demands": "possible"}}, "blocked"),
        ({"return": {"demands": ["blocked"]}}, "demands"),
        ({"return": {"demand": "blocked"}}, "demand"),
    ],
)
def test_what_it_may_not_say_of_handing_back_is_told(more: dict[str, object], said: str) -> None:
    document = tables.document(policy_file.load_built_in("texas")) | more
    faults = [str(fault.sentence) for fault in schema.faults(document)]
    assert faults
    assert any(said in fault for fault in faults)


CONTAINER = {"id": "space", "product": {"en": "Space", "fr": "Espace"}}
APP = {"platform": "android", "id": "com.a.b", "product": {"en": "a", "fr": "a"}, "confidence": "one source"} | {
    "source": "x"
}
SERVICE = {"rule": "tiktok", "hosts": ["example.com"], "confidence": "one source", "source": "x"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"container": [CONTAINER]}, "at least one app or code prefix"),
        ({"container": [CONTAINER | {"app": [APP | {"id": "com"}]}]}, "is not an id"),
        ({"container": [CONTAINER | {"app": [APP, APP]}]}, "already in “space”"),
        ({"container": [CONTAINER | {"app": [APP], "id": "tiktok"}]}, "more than once"),
        ({"container": [CONTAINER | {"app": [APP]}, CONTAINER | {"app": [APP | {"id": "a.b"}]}]}, "more than once"),
        (
            {"container": [CONTAINER | {"code": [{"prefix": "com.a", "confidence": "one source", "source": "x"}]}]},
            "prefix",
        ),
        ({"container": [CONTAINER | {"app": [APP], "strength": "ban"}]}, "strength"),
        ({"container": CONTAINER}, "double square brackets"),
        ({"web": [SERVICE | {"rule": "no-such-rule"}]}, "no rule with the id"),
        ({"web": [SERVICE | {"hosts": ["https://example.com"]}]}, "name of a host"),
        ({"web": [SERVICE | {"hosts": ["Example.com"]}]}, "name of a host"),
        ({"web": [SERVICE | {"hosts": ["localhost"]}]}, "name of a host"),
        ({"web": [SERVICE, SERVICE]}, "already in a service"),
        ({"web": [SERVICE | {"host": "x"}]}, "not a key"),
        ({"web": [SERVICE | {"hosts": []}]}, "at least one host"),
        ({"web": [{"rule": "tiktok"}]}, "is missing"),
    ],
)
def test_what_the_groups_beside_the_rules_may_not_say_is_told(more: dict[str, object], said: str) -> None:
    document = tables.document(policy_file.load_built_in("texas")) | {"container": [], "web": []}
    del document["container"], document["web"]
    faults = [str(fault.sentence) for fault in schema.faults(document | more)]
    assert faults
    assert any(said in fault for fault in faults), faults


def test_a_file_that_stands_on_another_may_have_nothing_but_these_groups() -> None:
    texas = tables.document(policy_file.load_built_in("texas"))
    alone = {key: texas[key] for key in ("id", "version", "issued", "title", "scope")} | {"web": [SERVICE]}
    assert [str(fault.sentence) for fault in schema.faults(alone)] == [
        "there is no rule with the id “tiktok” in this file."
    ]
    assert not list(schema.faults(alone | {"on": "canada"}))
    assert not list(
        schema.faults(alone | {"web": [SERVICE], "on": "canada", "container": [CONTAINER | {"app": [APP]}]})
    )


def test_a_fault_in_them_names_its_line() -> None:
    text = tables.to_toml(replace(policy_file.load_built_in("texas"), web=()))
    text += '\n[[web]]\nrule = "tiktok"\nhosts = ["EXAMPLE.com"]\nconfidence = "one source"\nsource = "x"\n'
    (fault,) = policy_file.examine_bytes(text.encode(), "own.toml")  # type: ignore[misc]
    assert fault.line == text[: text.index('hosts = ["EXAMPLE')].count("\n") + 1
