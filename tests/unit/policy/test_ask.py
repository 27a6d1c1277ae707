"""“Would this app be banned?”"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy.format.policy_file import load_built_in
from core.policy.matching.ask import LIMIT, would_be

CANADA = load_built_in("canada")
SHA256 = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"


@pytest.mark.parametrize(
    "typed",
    [
        "com.tencent.mm",
        " com.tencent.mm ",
        "com.tencent.xin",
        "WeChat",
        "wechat",
        SHA256,
        SHA256.upper(),
        ":".join(SHA256[i : i + 2] for i in range(0, 64, 2)),
        "962f5b7",
        "com.tencent.mm.ui.LauncherUI",
    ],
)
def test_wechat_is_known_by_each_of_its_signs(typed: str) -> None:
    answer = would_be(CANADA, typed)[0]
    assert answer.rule.id == "wechat"
    assert answer.certain
    assert "WeChat" in answer.because.in_language("fr")


def test_a_part_of_a_name_is_not_certain() -> None:
    answers = would_be(CANADA, "kasper")
    assert [(a.rule.id, a.certain) for a in answers] == [("kaspersky", False)]


@pytest.mark.parametrize(
    "typed", ["", " ", "x", "org.mozilla.firefox", "Firefox", "f" * 64, "{}", "com.tencent.mm.opensdk.X"]
)
def test_of_what_no_rule_names_nothing_is_said(typed: str) -> None:
    assert would_be(CANADA, typed) == ()


@given(st.text(max_size=80))
def test_any_text_may_be_typed(typed: str) -> None:
    assert len(would_be(CANADA, typed)) <= LIMIT
