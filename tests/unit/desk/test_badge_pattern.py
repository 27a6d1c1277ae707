"""By what a badge is told from a tag: as a regular expression would, but never slowly."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.settings.badge_pattern import CODE_LIMIT, LIMIT, is_badge, is_pattern
from tests.examples import examples

ATOMS = st.sampled_from(["a", "B", "7", "-", ".", r"\d", r"\w", "[A-C]", "[^a]", "[0-9a-f]", r"\."])
COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,}", "{0,3}"])
SEQUENCES = st.lists(st.builds(str.__add__, ATOMS, COUNTS), min_size=1, max_size=4).map("".join)
PATTERNS = st.lists(SEQUENCES, min_size=1, max_size=3).map("|".join)


@given(PATTERNS, st.text("aAbB7-. f", max_size=8))
@examples(300)
def test_it_fits_what_the_regular_expression_fits(pattern: str, code: str) -> None:
    assert is_pattern(pattern)
    assert is_badge(code, pattern) is (re.fullmatch(pattern, code, re.IGNORECASE) is not None)


@given(st.text(max_size=LIMIT + 5), st.text(max_size=CODE_LIMIT + 5))
@examples(200)
def test_whatever_is_set_and_scanned_it_answers(pattern: str, code: str) -> None:
    if is_badge(code, pattern):
        assert is_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "a(b", "[", "[z-a]", "a{3,1}", "a**", "|a", "a|", "^a$", "\\", "[a||b]", "a" * (LIMIT + 1)]
)
def test_what_is_no_pattern_is_refused_and_fits_nothing(pattern: str) -> None:
    assert not is_pattern(pattern)
    assert not is_badge("a", pattern)


@pytest.mark.parametrize("pattern", ["a*" * 50, "a?" * 25 + "a" * 25, ".*" * 49 + "b", "[a-z]*" * 16])
def test_a_hostile_pattern_takes_no_longer_than_any_other(pattern: str) -> None:
    """A regular expression of Python's would not come back from these."""
    assert len(pattern) <= LIMIT
    assert is_badge("a" * CODE_LIMIT, pattern) in (True, False)
    assert not is_badge("a" * (CODE_LIMIT - 1) + "!", pattern)


def test_an_empty_pattern_fits_nothing() -> None:
    assert not is_badge("", "")
    assert not is_badge("AB123456", "")
