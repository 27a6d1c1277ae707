"""A pseudonym has its word's length and form, is always the same within a capture, and tells nothing of the word."""

import re
import string

from hypothesis import assume, given
from hypothesis import strategies as st

from core.capture.pseudonyms import Pseudonyms
from tests.examples import examples

WORDS = st.from_regex(r"[A-Za-z0-9é字]{1,20}", fullmatch=True)


@examples(100)
@given(st.text(max_size=60))
def test_a_text_keeps_its_length_and_its_form(text: str) -> None:
    replaced = Pseudonyms().text(text)
    assert len(replaced) == len(text)
    for before, after in zip(text, replaced, strict=True):
        if before.isascii():
            assert (before.islower(), before.isupper(), before.isdigit()) == (
                after.islower(),
                after.isupper(),
                after.isdigit(),
            )
            assert before.isalnum() or before == after


@examples(100)
@given(WORDS, WORDS)
def test_two_words_have_two_pseudonyms_and_each_word_one(first: str, second: str) -> None:
    assume(first != second)
    pseudonyms = Pseudonyms()
    assert pseudonyms.word(first) != pseudonyms.word(second)
    assert pseudonyms.word(first) == pseudonyms.word(first)


@examples(60)
@given(st.from_regex(r"[A-Za-z0-9]{3,20}", fullmatch=True))
def test_no_word_stands_for_itself_and_each_capture_has_its_own(word: str) -> None:
    assume(word.strip("0"))
    assert Pseudonyms().word(word) != word
    assume(len(word) > 9)
    assert Pseudonyms().word(word) != Pseudonyms().word(word)


def test_all_letters_stay_different() -> None:
    pseudonyms = Pseudonyms()
    assert {pseudonyms.word(letter) for letter in string.ascii_lowercase} == set(string.ascii_lowercase)


def test_words_that_mean_something_are_kept_where_asked_and_never_made_up() -> None:
    assert re.fullmatch(r"Error: \w{6}", Pseudonyms().text("Error: secret", {"Error"}))
    pseudonyms = Pseudonyms(avoid={"x"})
    assert "x" not in {pseudonyms.word(letter) for letter in "abcdefgh"}


def test_pictures_and_signs_tell_nothing() -> None:
    assert re.fullmatch(r"\w{4} • • \w{4}", Pseudonyms().text("Jean 🎉 🦄 Côté"))


def test_times_move_by_as_much_and_into_the_past() -> None:
    pseudonyms = Pseudonyms()
    first, second = (pseudonyms.time(text) for text in ("2025-03-01 08:00:00", "2025-03-02 08:00:30"))
    assert first < second < "2025-03-01"
    assert first[17:] != second[17:]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", pseudonyms.time("2025-13-45"))


def test_numbers_keep_how_many_digits_they_have() -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.word("0") == "0"
    assert all(pseudonyms.word(str(number))[0] != "0" for number in range(10, 60))
    assert re.fullmatch(r"[0-9a-f]{7}", pseudonyms.hexadecimal("962f5b7"))


def test_words_of_another_kind_are_not_known_again() -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.apart("free").word("facebook") != pseudonyms.word("facebook")
    assert pseudonyms.apart("free").word("facebook") == pseudonyms.apart("free").word("facebook")
