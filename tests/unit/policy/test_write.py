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
)
def test_what_it_says_of_handing_back_comes_back_too(
    attested: tuple[ProfileKind, ...] | None, demanded: tuple[ProfileKind, ...], keep_debugging: bool | None
) -> None:
    texas = policy_file.load_built_in("texas")
    policy = replace(texas, attested=attested, demanded=demanded, keep_debugging=keep_debugging)
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
    ],
)
def test_what_it_may_not_say_of_handing_back_is_told(more: dict[str, object], said: str) -> None:
    document = tables.document(policy_file.load_built_in("texas")) | more
    faults = [str(fault.what) for fault in schema.faults(document)]
    assert faults
    assert any(said in fault for fault in faults)
