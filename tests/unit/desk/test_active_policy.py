"""Which policy judges at a desk: what the administrator allows decides, and what is believed least is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.desk.active_policy import Unsigned, load_active_policy, load_named, own_file
from core.desk.settings.settings_table import Settings
from core.model import Trust
from core.policy.format.policy_file import load_built_in
from core.policy.format.tables import to_toml
from core.policy.problems import PolicyProblem

NOW = datetime(2026, 11, 25, tzinfo=UTC)
CANADA = load_built_in("canada")
TIKTOK = CANADA.rule("tiktok")
assert TIKTOK is not None
OURS = replace(CANADA, id="ours", web=(), rules=(replace(TIKTOK, id="our-rule", ids=TIKTOK.ids[:1], signers=()),))
ALLOWED = Settings(unsigned_policy=True)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "ours.toml"
    file.write_text(to_toml(OURS), encoding="utf-8")
    return file


def own(data: Path, **values: object) -> None:
    own_file(data).parent.mkdir(parents=True, exist_ok=True)
    own_file(data).write_text(to_toml(replace(OURS, id="own-rules", **values)), encoding="utf-8")  # type: ignore[arg-type]


def test_where_nobody_names_another_it_is_canada_s(tmp_path: Path) -> None:
    found = load_active_policy(tmp_path, Settings(), NOW)
    assert (found.policy.id, found.policy.trust) == ("canada", Trust.BUILT_IN)
    assert found.warnings == ()


def test_the_settings_can_name_another_that_comes_with_fanion(tmp_path: Path) -> None:
    found = load_active_policy(tmp_path, Settings(policy="texas"), NOW)
    assert (found.policy.id, found.policy.trust) == ("texas", Trust.BUILT_IN)


def test_a_file_that_nobody_has_signed_is_refused_where_that_is_not_allowed(tmp_path: Path, ours: Path) -> None:
    with pytest.raises(Unsigned) as refused:
        load_active_policy(tmp_path, Settings(policy=str(ours)), NOW)
    assert "The policy ours.toml is not signed" in str(refused.value)
    assert refused.value.exit_code == 5
    with pytest.raises(Unsigned):
        load_named(str(ours), Settings())


def test_where_it_is_allowed_everything_says_so(tmp_path: Path, ours: Path) -> None:
    settings = replace(ALLOWED, policy=str(ours))
    assert load_active_policy(tmp_path, settings, NOW).policy.trust is Trust.UNSIGNED
    assert load_named(str(ours), ALLOWED).trust is Trust.UNSIGNED


def test_the_administrator_s_own_word_counts(tmp_path: Path, ours: Path) -> None:
    settings = Settings(policy=str(ours), locked=frozenset({"policy"}))
    assert load_active_policy(tmp_path, settings, NOW).policy.trust is Trust.MACHINE


def test_practice_may_use_any_file(ours: Path) -> None:
    assert load_named(str(ours), Settings(), practice=True).id == "ours"
    assert load_named("united-kingdom", Settings()).id == "united-kingdom"


def test_a_file_can_stand_on_a_built_in_policy(tmp_path: Path, ours: Path) -> None:
    ours.write_text(to_toml(replace(OURS, on="canada", off=("wechat",))), encoding="utf-8")
    policy = load_named(str(ours), ALLOWED)
    assert policy.rule("our-rule") is not None
    assert policy.rule("kaspersky") is not None
    assert policy.rule("wechat") is None
    assert [(layer.id, layer.trust) for layer in policy.layers] == [
        ("canada", Trust.BUILT_IN),
        ("ours", Trust.UNSIGNED),
    ]
    assert policy.trust is Trust.UNSIGNED


def test_a_file_on_a_policy_that_does_not_exist_is_refused(ours: Path) -> None:
    ours.write_text(to_toml(replace(OURS, on="atlantis")), encoding="utf-8")
    with pytest.raises(PolicyProblem, match="no built-in policy"):
        load_named(str(ours), ALLOWED)


def test_the_desk_s_own_rules_stand_on_top(tmp_path: Path) -> None:
    own(tmp_path, off=("wechat",))
    found = load_active_policy(tmp_path, ALLOWED, NOW)
    assert found.policy.rule("our-rule") is not None
    assert found.policy.rule("wechat") is None
    assert found.policy.trust is Trust.UNSIGNED
    assert found.base.id == "canada"


@pytest.mark.parametrize("settings", [Settings(), replace(ALLOWED, own_rules=False)])
def test_own_rules_that_are_not_allowed_any_more_judge_nothing_and_that_is_said(
    tmp_path: Path, settings: Settings
) -> None:
    own(tmp_path, off=("wechat",))
    found = load_active_policy(tmp_path, settings, NOW)
    assert found.policy.rule("wechat") is not None
    assert found.policy.trust is Trust.BUILT_IN
    assert "own rules are not in force" in str(found.warnings[0])


def test_own_rules_that_switch_off_what_is_not_there_are_told(tmp_path: Path) -> None:
    own(tmp_path, off=("we-chat",))
    (warning,) = load_active_policy(tmp_path, ALLOWED, NOW).warnings
    assert "we-chat" in str(warning)


def test_broken_own_rules_judge_nothing_at_all(tmp_path: Path) -> None:
    own_file(tmp_path).write_text("id = 1", encoding="utf-8")
    with pytest.raises(PolicyProblem):
        load_active_policy(tmp_path, ALLOWED, NOW)


def test_the_same_files_are_the_same_policy_each_time(tmp_path: Path) -> None:
    """Making one ready for matching takes a while: thirty phones an hour are judged by one."""
    own(tmp_path)
    assert load_active_policy(tmp_path, ALLOWED, NOW).policy is load_active_policy(tmp_path, ALLOWED, NOW).policy


def test_a_root_that_is_not_there_is_a_problem_and_no_reason_to_believe_less(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="root"):
        load_active_policy(tmp_path, Settings(policy_root=str(tmp_path / "root.json")), NOW)
