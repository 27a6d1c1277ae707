"""The exact bytes of a record."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records.leaf import Opening, Personal, commit, commitment, decode, encode, leaf_hash
from core.model import Verdict

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
#: Every code point, lone surrogates and all.
TEXTS = st.text(st.characters(exclude_categories=()))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=6)


def without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, list):
        return [without_surrogates(v) for v in value]
    return {k: without_surrogates(v) for k, v in value.items()} if isinstance(value, dict) else value


def thawed(value: Any) -> Any:
    if isinstance(value, tuple):
        return [thawed(v) for v in value]
    return {k: thawed(v) for k, v in value.items()} if hasattr(value, "items") else value


@given(RECORDS)
def test_bytes_are_those_of_rfc_8785(record: dict[str, Any]) -> None:
    assert encode(record)[0] == rfc8785.dumps(without_surrogates(record))


@given(RECORDS)
def test_what_was_written_is_read_back(record: dict[str, Any]) -> None:
    assert thawed(decode(encode(record)[0])) == without_surrogates(record)


@given(RECORDS)
def test_writing_what_was_read_gives_the_same_bytes(record: dict[str, Any]) -> None:
    leaf = encode(record)[0]
    assert encode(decode(leaf))[0] == leaf


def test_words_of_an_enumeration_are_texts() -> None:
    assert encode({"verdict": Verdict.RED})[0] == b'{"verdict":"red"}'


@pytest.mark.parametrize("value", [1.0, float("nan"), b"bytes", {1, 2}, object()])
def test_what_json_cannot_hold_exactly_is_a_bug(value: Any) -> None:
    with pytest.raises(TypeError):
        encode({"a": value})


@pytest.mark.parametrize("record", [{"clé": 1}, {"\U0001f600": 1}, {"a": {3: 1}}, {"a": 2**53}, {"a": -(2**53)}])
def test_keys_and_numbers_that_other_tools_would_read_differently_are_bugs(record: Any) -> None:
    with pytest.raises(ValueError, match=r"ASCII|too large"):
        encode(record)


@given(st.binary(max_size=60) | TEXTS.map(lambda t: json.dumps(t).encode()))
def test_any_other_bytes_are_refused_in_one_way(leaf: bytes) -> None:
    try:
        decode(leaf)
    except ValueError:
        return
    assert leaf.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe").startswith(b"{")


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="nested"):
        decode(b'{"a":' + b"[" * 60_000)


def test_leaf_hash_is_the_one_of_rfc_9162() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_personal_value_is_not_in_the_bytes_but_opens_its_commitment() -> None:
    leaf, (opening,) = encode({"device": {"serial": Personal("R58N12")}})
    assert b"R58N12" not in leaf
    assert json.loads(leaf) == {"device": {"serial": {"sha256": opening.commitment.hex()}}}
    assert hashlib.sha256(opening.salt + b"R58N12").digest() == opening.commitment
    assert opening.true


def test_two_records_of_one_phone_have_nothing_in_common() -> None:
    first, second = commit(Personal("R58N12")), commit(Personal("R58N12"))
    assert first.commitment != second.commitment
    assert first.salt != second.salt


def test_another_value_does_not_open_a_commitment() -> None:
    opening = commit(Personal("R58N12"))
    assert not Opening(opening.commitment, opening.salt, b"R58N13").true


@given(TEXTS)
def test_any_text_can_be_a_personal_value(text: str) -> None:
    opening = commit(Personal(text))
    assert opening.true
    assert opening.value.decode() == without_surrogates(text)


def test_personal_value_does_not_show_in_a_crash_report() -> None:
    assert "R58N12" not in repr(Personal("R58N12")) + repr(commit(Personal("R58N12")))


@pytest.mark.parametrize("value", [None, "abc", 3, {"sha256": "00", "more": 1}, {}])
def test_only_a_commitment_is_taken_for_one(value: Any) -> None:
    assert commitment(value) is None
