"""Pseudonyms of texts are in the order of their texts' hashes, whatever the texts are."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.capture.hash_order import in_order
from core.capture.pseudonyms import Pseudonyms
from core.phones.android.listings.screens import java_hash
from tests.examples import examples

ACTIONS = st.from_regex(r"(com|org|ca)\.[a-z]{2,9}\.[a-z]{3,12}\.[A-Z]{3,9}(_[A-Z]{2,7})?", fullmatch=True)
SCHEMES = st.from_regex(r"[a-z]{2,8}|fb[0-9]{9}", fullmatch=True)
TYPES = st.from_regex(r"(application|image|video)/(x-|vnd\.)?[a-z]{3,9}", fullmatch=True)


@examples(60)
@given(st.lists(st.one_of(ACTIONS, SCHEMES, TYPES), min_size=2, max_size=60, unique=True))
def test_the_order_and_the_forms_stay(texts: list[str]) -> None:
    replaced = in_order([*texts, "http", "android.intent.action.VIEW"], {"http"}, Pseudonyms())
    assert replaced["http"] == "http"
    assert len(set(replaced.values())) == len(replaced)
    for text, other in replaced.items():
        assert [(c.islower(), c.isupper(), c.isdigit()) for c in text] == [
            (c.islower(), c.isupper(), c.isdigit()) for c in other
        ]
    long_ones = sorted((text for text in replaced if len(text) > 8), key=java_hash)
    hashes = [java_hash(replaced[text]) for text in long_ones]
    assert hashes == sorted(hashes)


def test_long_texts_tell_nothing_but_their_place() -> None:
    texts = [f"com.example.secret.ACTION_{name}" for name in ("ONE", "TWO", "SIX", "TEN")]
    replaced = in_order(texts, (), Pseudonyms())
    assert not any(text == other or "secret" in other or "example" in other for text, other in replaced.items())
    assert in_order(texts, (), Pseudonyms()) != replaced


def test_a_text_out_of_its_turn_stays_out_of_it() -> None:
    texts = sorted((f"com.example.app{number}.ACTION" for number in range(40)), key=java_hash)
    texts[10], texts[30] = texts[30], texts[10]
    replaced = in_order(texts, (), Pseudonyms())
    turns = [java_hash(a) < java_hash(b) for a, b in itertools.pairwise(texts)]
    assert [java_hash(replaced[a]) < java_hash(replaced[b]) for a, b in itertools.pairwise(texts)] == turns
