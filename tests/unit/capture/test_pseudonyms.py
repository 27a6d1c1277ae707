"""A pseudonym has its word's length and form, is always the same within a capture, and tells nothing of the word."""

import re
import statistics
import string
from datetime import datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.capture.pseudonyms import Pseudonyms
from tests.examples import examples

WORDS = st.from_regex(r"[A-Za-z0-9é字]{1,20}", fullmatch=True)


@examples(100)
@given(st.lists(st.from_regex(r"[a-z]{3,30}|[A-Z]{3,30}|[0-9]{1,20}", fullmatch=True)), st.sampled_from(" .:-/=[{"))
def test_a_text_keeps_its_signs_and_the_kinds_of_its_words(words: list[str], sign: str) -> None:
    replaced = Pseudonyms().text(sign.join(words)).split(sign)
    for before, after in zip(words or [""], replaced, strict=True):
        assert (before.islower(), before.isupper(), before.isdigit()) == (
            after.islower(),
            after.isupper(),
            after.isdigit(),
        )
        assert 4 <= len(after) <= 11 or before.isdigit() or len(before) < 3


def test_how_long_a_word_is_does_not_show() -> None:
    lengths = [[len(Pseudonyms().word("abc" * times)) for _ in range(400)] for times in (1, 10)]
    assert set(lengths[0]) == set(lengths[1])
    assert abs(statistics.fmean(lengths[0]) - statistics.fmean(lengths[1])) < 1


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
    if len(word) > 9:
        assert Pseudonyms().word(word) != Pseudonyms().word(word)


def test_all_letters_stay_different() -> None:
    pseudonyms = Pseudonyms()
    assert {pseudonyms.word(letter) for letter in string.ascii_lowercase} == set(string.ascii_lowercase)


def test_words_that_mean_something_are_kept_where_asked_and_never_made_up() -> None:
    assert re.fullmatch(r"Error: \w{4,11}", Pseudonyms().text("Error: secret", {"Error"}))
    pseudonyms = Pseudonyms(avoid={"x"})
    assert "x" not in {pseudonyms.word(letter) for letter in "abcdefgh"}


def test_pictures_and_signs_tell_nothing() -> None:
    assert re.fullmatch(r"\w{4,11} • • \w{4,11}", Pseudonyms().text("Jean 🎉 🦄 Côté"))


@examples(40)
@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2030, 1, 1)))
def test_a_time_that_is_known_gives_no_other_away(time: datetime) -> None:
    known, other = datetime(2009, 1, 1), time.replace(microsecond=0)
    assume(known != other)
    pseudonyms = Pseudonyms()
    replaced = [datetime.fromisoformat(pseudonyms.time(str(day))) for day in (known, other)]
    assert replaced[1] - replaced[0] != other - known
    assert pseudonyms.time(str(other)) == str(replaced[1])


def test_a_day_is_another_day_and_what_is_no_day_has_its_form() -> None:
    pseudonyms = Pseudonyms()
    assert re.fullmatch(r"20[0-2]\d-\d\d-\d\d", pseudonyms.time("2025-03-01"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", pseudonyms.time("2025-13-45"))


@pytest.mark.slow
def test_words_that_have_no_other_form_do_not_hold_a_capture_up() -> None:
    pseudonyms = Pseudonyms()
    words = {f"½{digits:012b}".replace("0", "²").replace("1", "³") for digits in range(1_000)}
    assert set("".join(map(pseudonyms.word, words))) == {"•"}


def test_numbers_keep_how_many_digits_they_have() -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.word("0") == "0"
    assert all(pseudonyms.word(str(number))[0] != "0" for number in range(10, 60))
    assert re.fullmatch(r"[0-9a-f]{7}", pseudonyms.hexadecimal("962f5b7"))


def test_words_of_another_kind_are_not_known_again() -> None:
    pseudonyms = Pseudonyms()
    assert pseudonyms.apart("free").word("facebook") != pseudonyms.word("facebook")
    assert pseudonyms.apart("free").word("facebook") == pseudonyms.apart("free").word("facebook")
