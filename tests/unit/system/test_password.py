"""A password is known again by its hash, and by no other text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.system.password import hash_of, matches
from core.system.password_form import is_hash
from tests.examples import examples


@given(st.text(max_size=80), st.text(max_size=80))
@examples(10)
def test_only_the_password_itself_matches(right: str, other: str) -> None:
    kept = hash_of(right)
    assert is_hash(kept)
    assert matches(right, kept)
    assert other == right or not matches(other, kept)
    assert hash_of(right) != kept, "each has a salt of its own"


@given(st.text(max_size=120) | st.just("scrypt:") | st.from_regex(r"scrypt:[A-Za-z0-9+/]{22}==:.{24}"))
@examples(50)
def test_any_text_may_stand_in_the_settings(kept: str) -> None:
    assert not matches("", kept)
