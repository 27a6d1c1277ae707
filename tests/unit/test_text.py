"""The catalogue's sentences, and the door for a phone's text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import text
from core.text import Bilingual, N, T, plain


@given(st.text(max_size=400), st.integers(1, 200))
def test_nothing_unsafe_gets_through_the_door(value: str, limit: int) -> None:
    shown = plain(value, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert not any(unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI") for c in shown)


@pytest.mark.parametrize("value", ["WeChat", "Оля", "机主", " 壶中界 ", "Caméra", "अनु", "<b>bold</b>", ""])
def test_what_is_harmless_stays_as_it_is(value: str) -> None:
    assert plain(value) == value


def test_what_is_replaced_can_be_seen() -> None:
    assert plain("a\x1b[31m\u202eb\nc") == "a�[31m�b�c"
    assert plain("x" * 200, 10) == "x" * 9 + "…"


def test_a_sentence_in_both_languages() -> None:
    sentence = T("No phone is plugged in.")
    assert sentence.in_language("en") == "No phone is plugged in."
    assert sentence.in_language("fr") != sentence.in_language("en")


def test_values_follow_the_language() -> None:
    sentence = T("{name}: {text}", name=T("Work"), text=Bilingual("closed", "fermé"))
    assert sentence.in_language("en") == "Work: closed"
    assert "fermé" in sentence.in_language("fr")
    assert "Work" not in sentence.in_language("fr")


def test_a_fraction_has_the_decimal_sign_of_its_language() -> None:
    sentence = T("{name}: {text}", name="x", text=0.66)
    assert sentence.in_language("en").endswith("0.7")
    assert sentence.in_language("fr").endswith("0,7")


def test_a_value_with_braces_is_only_text() -> None:
    assert T("No phone answers at {address}.", address="{secret.__class__}").in_language("en").count("{") == 1


def test_numbers() -> None:
    assert [str(N("{count} app", "{count} apps", n)) for n in (0, 1, 2)] == ["0 apps", "1 app", "2 apps"]


def test_what_is_counted_is_shown_in_groups_of_digits_and_what_is_numbered_is_not() -> None:
    many = N("{count} entry", "{count} entries", 12_345)
    assert (many.in_language("en"), many.in_language("fr")) == ("12,345 entries", "12\u202f345 entrées")
    assert str(T("{count} entries, {form}", count=1_000, form=2_000)) == "1,000 entries, 2000"
    assert str(N("{count} entry", "{count} entries", 999)) == "999 entries"


def test_the_language_in_use() -> None:
    text.use("fr")
    assert str(T("No phone is plugged in.")) == T("No phone is plugged in.").in_language("fr")
