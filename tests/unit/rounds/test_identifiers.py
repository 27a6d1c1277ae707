"""Serial numbers, IMEIs and asset tags in one form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rounds.roster.identifiers import Imei, imei_of, is_checked, key_of, serial_of, with_check_digit, wrong_serial
from tests.examples import examples
from tests.unit.rounds.lists import IMEI


@pytest.mark.parametrize(
    ("text", "serial", "wrong"),
    [
        (" r58m 12abcde ", "R58M12ABCDE", None),
        ("F2L\u2011XK\u00a0123", "F2L-XK123", None),
        ("ＡＢＣ１２３", "ABC123", None),
        ("ABC", "ABC", "length"),
        ("A" + "1B2" * 20, "A" + "1B2" * 20, "length"),
        ("00000000", "00000000", "placeholder"),
        ("0123456789abcdef", "0123456789ABCDEF", "placeholder"),
        ("unknown", "UNKNOWN", "placeholder"),
        ("=R58M1", "=R58M1", "characters"),
        ("R58M1, R58M2", "R58M1,R58M2", "characters"),
        ("R58é1", "R58É1", "characters"),
        ("", "", "characters"),
    ],
)
def test_a_serial_number_is_written_in_capitals_without_spaces(text: str, serial: str, wrong: str | None) -> None:
    assert serial_of(text) == serial
    assert wrong_serial(serial) == wrong


@pytest.mark.parametrize(
    ("text", "imei"),
    [
        (IMEI, Imei(IMEI)),
        ("35-693803-564380-9", Imei(IMEI)),
        (" 35 693803 564380 9 ", Imei(IMEI)),
        (IMEI[:14], Imei(IMEI)),
        (f"{IMEI[:14]}04", Imei(IMEI, changed="software-version")),
        (with_check_digit("01326300123456")[1:], Imei(with_check_digit("01326300123456"), changed="first-zero")),
        (f"{IMEI[:14]}8", Imei(wrong="check-digit")),
        (IMEI[:13], Imei(wrong="length")),
        (f"{IMEI}04", Imei(wrong="length")),
        ("000000000000000", Imei(wrong="placeholder")),
        ("A0000012345678", Imei(wrong="characters")),
        ("-", Imei(wrong="characters")),
    ],
)
def test_an_imei_is_read_in_the_forms_that_people_write(text: str, imei: Imei) -> None:
    assert imei_of(text) == imei


def test_two_tags_are_one_by_capitals_spaces_and_kinds_of_hyphens_alone() -> None:
    assert len({key_of(text) for text in ("GC-1-23", " gc-1-23 ", "ＧＣ-1-23", "GC\u20111\u201323", "gc 1  23")}) == 1
    assert (
        len({key_of(text) for text in ("GC-1-23", "GC-12-3", "GC123", "GC-123", "GC.1.23", "GC_1_23", "GC-1²3")}) == 7
    )
    assert key_of("--") == key_of(" \u00a0") == ""


@given(*[st.text("gG-_. 12\u00a0", max_size=8)] * 2)
@examples(300)
def test_two_different_tags_are_never_one(one: str, other: str) -> None:
    def documented(text: str) -> str:
        """Capitals, spaces at the ends, several spaces, and a space in place of a hyphen: nothing else is the same."""
        return re.sub(" +", "-", text.replace("\u00a0", " ").strip()).lower()

    same = key_of(one) == key_of(other) != ""
    assert same == (documented(one) == documented(other) and any(c.isalnum() for c in one))


@given(st.text(max_size=12))
def test_what_is_compared_stays_the_same(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)
    assert key_of(f" {text}\t") == key_of(text)


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, more: int) -> None:
    whole = with_check_digit(digits)
    other = str((int(whole[place]) + more) % 10)
    assert is_checked(whole)
    assert not is_checked(whole[:place] + other + whole[place + 1 :])


@given(st.text(max_size=40))
def test_any_text_is_one_or_is_told_why_not(text: str) -> None:
    imei = imei_of(text)
    assert bool(imei.digits) != bool(imei.wrong)
    if imei.digits:
        assert imei_of(imei.digits) == Imei(imei.digits)
    serial = serial_of(text)
    if wrong_serial(serial) is None:
        assert serial_of(serial) == serial
