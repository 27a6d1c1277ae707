"""What an iPhone's states, its failures and its answers to a removal mean, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones.driver import Outcome, PhoneProblem, Silent
from core.phones.iphone import problems
from core.phones.iphone.problems import REMOVAL_ANSWERS, removal_answer
from core.phones.states import STATES, PhoneState, no_service, service_too_old
from core.phones.watch import Road, Sighting
from core.text import LANGUAGES, Text
from tests.examples import examples

OF_IPHONES = [
    PhoneState.NOT_LISTED,
    PhoneState.NOT_TRUSTED,
    PhoneState.DENIED,
    PhoneState.FORGOTTEN,
    PhoneState.LOCKED,
    PhoneState.MANAGED,
    PhoneState.NO_SERVICE,
    PhoneState.SERVICE_TOO_OLD,
]


def in_both(text: Text) -> tuple[str, str]:
    english, french = (text.in_language(language) for language in LANGUAGES)
    assert english
    assert english != french, f"not translated: {english}"
    return english, french


def sighting(state: PhoneState, platform: str = "ios") -> Sighting:
    return Sighting("usb:1-1", "00008110-000A1D2E3F400001", "iPhone", state, Road.USB, maker="apple", platform=platform)


@pytest.mark.parametrize("state", [*OF_IPHONES, PhoneState.OFFLINE, PhoneState.NO_PERMISSION, PhoneState.BUSY])
def test_a_sighted_iphone_speaks_of_its_own_state(state: PhoneState) -> None:
    words = sighting(state).words
    for said in (*in_both(words.sentence), *in_both(words.next_step)):
        assert "USB debugging" not in said
        assert "Android" not in said
        assert "débogage" not in said


@pytest.mark.parametrize("state", [PhoneState.BUSY, PhoneState.NO_PERMISSION])
def test_a_platform_with_a_next_step_of_its_own_tells_that(state: PhoneState) -> None:
    android, iphone = sighting(state, "android").words, sighting(state).words
    assert android.sentence == iphone.sentence
    assert (android.next_step, iphone.next_step) == (STATES[state].next_step, STATES[state].next_on["ios"])
    assert android.next_step != iphone.next_step


@pytest.mark.parametrize(
    ("system", "brings"), [("win32", "Apple Devices"), ("linux", "usbmuxd"), ("darwin", "nothing to install")]
)
def test_what_a_computer_lacks_is_named_by_its_system(system: str, brings: str) -> None:
    assert brings in str(no_service(system).next_step)
    for words in (no_service(system), service_too_old(system)):
        in_both(words.sentence)
        in_both(words.next_step)


@pytest.mark.parametrize("state", OF_IPHONES)
def test_each_state_that_a_step_meets_is_a_problem_with_its_words(state: PhoneState) -> None:
    met = problems.IphoneNotReady(state, "lockdownd said so")
    assert (met.state, met.code) == (state, f"phone-{state}")
    assert (met.sentence, met.next_step) == (STATES[state].sentence, STATES[state].next_step)
    assert met.detail == "lockdownd said so"


def test_another_phone_in_its_place_is_reported_and_a_silent_one_is_replugged() -> None:
    other = problems.OtherCertificate()
    assert str(other) == (
        "This is not the phone that trusted this computer before. Unplug it and report it to your IT security team."
    )
    found: list[PhoneProblem] = [other, Silent(30), problems.Malformed("a list within lists")]
    for one in found:
        in_both(one.sentence)
        in_both(one.next_step)
    assert len({one.code for one in found}) == 3


@pytest.mark.parametrize("name", REMOVAL_ANSWERS)
def test_no_error_of_a_removal_is_taken_for_success(name: str) -> None:
    answer = removal_answer(name)
    assert answer.outcome not in (Outcome.DONE, Outcome.NOT_THERE)
    assert answer.text == name
    in_both(answer.means)


def test_what_management_keeps_is_told_apart() -> None:
    assert removal_answer("UninstallProhibited").outcome is Outcome.RESTRICTED
    assert removal_answer("APIInternalError").outcome is Outcome.REFUSED


@examples(80)
@given(st.text(max_size=400))
def test_whatever_a_phone_calls_its_error_is_bounded_plain_and_no_success(name: str) -> None:
    answer = removal_answer(name)
    assert answer.outcome not in (Outcome.DONE, Outcome.NOT_THERE)
    assert len(answer.text) <= problems.NAME_LIMIT
    assert answer.text == "" or answer.text.isprintable() or "�" in answer.text
    assert str(answer.means)
