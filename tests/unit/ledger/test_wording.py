"""Sentences in records."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records.leaf import decode, encode
from core.ledger.records.sentences import as_text, bilingual_json, sentence
from core.text import Bilingual, N, T, Text

SENTENCES = [
    T("The phone was unplugged."),
    T("Brackets {{}} stay."),
    T("{app} is in profile {id}.", app=Bilingual("WeChat", "WeChat (Weixin)"), id=10),
    T("Not seen: {what}", what=T("the {kind} profile", kind="work")),
    N("{count} app", "{count} apps", 3),
]


def kept(text: Text) -> Any:
    """`text` after a stay in the ledger."""
    return decode(encode(sentence(text))[0])


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_sentence_reads_the_same_after_its_stay_in_the_ledger(text: Text, language: Any) -> None:
    assert as_text(kept(text)).in_language(language) == text.in_language(language)


def test_english_stands_there_for_whoever_has_no_catalogue() -> None:
    assert kept(SENTENCES[2])["en"] == "WeChat is in profile 10."
    assert kept(SENTENCES[2])["code"] == "{app} is in profile {id}."


def test_other_values_are_kept_as_they_are_shown() -> None:
    text = T("In {file}", file=PurePosixPath("/a/b"))
    assert kept(text)["values"]["file"] == "/a/b"


def test_text_in_both_languages() -> None:
    assert bilingual_json(Bilingual("a", "b")) == {"en": "a", "fr": "b"}


@pytest.mark.parametrize(
    "hostile",
    [
        {"code": "{x:>999999999}", "values": {"x": 1}},
        {"code": "{x.__class__}", "values": {"x": 1}},
        {"code": "{x!r}", "values": {"x": 1}},
        {"code": "{missing}", "values": {}},
        {"code": "{", "values": {}},
        {"code": "", "values": {}},
        {"code": 3, "values": {}},
        {"code": "a", "values": []},
        {"code": "a", "values": {}, "plural": "{x:>9}"},
        {"code": "a", "values": {}, "plural": "b", "count": "many"},
        {},
    ],
)
def test_what_is_no_simple_sentence_is_shown_in_its_own_english(hostile: dict[str, Any]) -> None:
    assert str(as_text({"en": "As it {stood}", **hostile})) == "As it {stood}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "en", "fr", "values", "plural", "count", "x"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["code", "en", "values", "plural", "count"]), JSON, max_size=5))
def test_no_record_of_a_strange_log_can_crash_its_reader(record: dict[str, Any]) -> None:
    text = as_text(decode(json.dumps(record).encode()))
    assert isinstance(text.in_language("fr") + text.in_language("en"), str)
