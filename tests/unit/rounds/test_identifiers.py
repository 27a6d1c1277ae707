"""Serial numbers, IMEIs and asset tags in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rounds.identifiers import Imei, imei_of, is_checked, key_of, serial_of, with_check_digit, wrong_serial
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


def test_what_is_written_between_and_in_which_letters_makes_no_difference() -> None:
    assert len({key_of(text) for text in ("R58-M1", "r58 m1", "Ｒ58M1", "R58\u2011M1")}) == 1
    assert key_of("--") == ""


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
