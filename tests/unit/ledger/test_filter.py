"""What is asked of a ledger, alone and together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core.ledger.records import CheckEnded, CheckStarted, Kind
from core.ledger.search.record_filter import Filter
from core.ledger.writer import Ledger
from core.model import Labels, Phone, Verdict
from core.text import T

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
RED = CheckEnded(verdict=Verdict.RED, profiles=1, apps=1, findings=0, bans=0, products=0, gaps=(), took_ms=1)
#: An e with its accent as a character of its own.
APART = "e\N{COMBINING ACUTE ACCENT}"


def second(number: int) -> datetime:
    """When record `number` was written: the clock of the fixture starts at nine, and goes on by a second for each."""
    return NINE + timedelta(seconds=number)


@pytest.fixture
def two_officers(ledger: Ledger, started: CheckStarted, phone: Phone) -> Ledger:
    """A. Officer: 1 began, 2 red, of a Samsung. Rene Roy, with an accent: 3 began, 4 red, of a Motorola; 5 of none."""
    ledger.append_all([started, RED], phone=phone)
    ledger.sign_as(desk="Desk 1", officer=f"Ren{APART} Roy")
    ledger.append_all(
        [started, RED], phone=replace(phone, maker="Motorola", model="edge 50 “Größe”", serial="ZY22ABÉ9")
    )
    ledger.append(started)
    return ledger


def found(ledger: Ledger, **asked: Any) -> list[int]:
    chosen = Filter(**asked)
    numbers = [number for stretch in ledger.scan(chosen) for number in stretch.numbers]
    assert list(ledger.numbers(chosen)) == numbers
    return numbers


def test_nothing_asked() -> None:
    assert not Filter()
    assert not Filter(text="  ", officer="\t", phone="\n")
    assert Filter(" x ") == Filter("x")
    assert all((Filter("x"), Filter(kind=Kind.PROBLEM), Filter(officer="x"), Filter(phone="x"), Filter(until=NINE)))


def test_a_time_has_to_say_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Filter(since=datetime(2026, 11, 24))


@pytest.mark.parametrize(
    ("officer", "expected"),
    [
        ("A. Officer", [2, 1]),
        ("a. OFFICER", [2, 1]),
        ("officer", [2, 1]),
        ("René Roy", [5, 4, 3]),
        (f"ren{APART} ROY", [5, 4, 3]),
        ("Rene Roy", []),
        ("roy", [5, 4, 3]),
        ("%", []),
        ("Desk 1", []),
    ],
)
def test_by_officer(two_officers: Ledger, officer: str, expected: list[int]) -> None:
    assert found(two_officers, officer=officer) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("samsung", [2, 1]),
        ("Samsung SM-A5", [2, 1]),
        ("SAMSUNG SM-A546B", [2, 1]),
        ("samsungSM", []),
        ("galaxy A54", [2, 1]),
        ("Samsung Galaxy A54 5G", [2, 1]),
        ("Galaxy A55", []),
        ("edge", [4, 3]),
        ("motorola edge", [4, 3]),
        ("“GRÖẞE", [4, 3]),
        ("BCDE", [2, 1]),
        ("r58n12abcde", [2, 1]),
        ("R58N", []),
        ("abé9", [4, 3]),
        (f"ab{APART}9", [4, 3]),
        ("ABE9", []),
        ("%", []),
        ("over USB", []),
        ("A. Officer", []),
    ],
)
def test_by_phone(two_officers: Ledger, wanted: str, expected: list[int]) -> None:
    assert found(two_officers, phone=wanted) == expected


def test_an_erased_serial_is_not_found_but_its_phone_is(two_officers: Ledger) -> None:
    two_officers.erase_records([1, 2, 3], "for the test")
    assert found(two_officers, phone="BCDE") == []
    assert found(two_officers, phone="ABÉ9") == [4]
    assert found(two_officers, phone="samsung") == [2, 1]


@pytest.fixture
def labelled(two_officers: Ledger, started: CheckStarted, phone: Phone) -> Ledger:
    """6 and 7, of the Samsung: with an asset tag and a holder."""
    labels = Labels("TB-114", "Zoé Tremblay", "356938035643809")
    two_officers.append_all([started, RED], phone=phone, labels=labels)
    return two_officers


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("TB-114", [7, 6]),
        ("tb-1", [7, 6]),
        ("114", [7, 6]),
        ("zoé", [7, 6]),
        (f"Zo{APART} TREMBLAY", [7, 6]),
        ("Zoe", []),
        ("tremblay", [7, 6]),
        ("T%-1", []),
        ("643809", []),
        ("BCDE", [7, 6, 2, 1]),
        ("R58N", []),
    ],
)
def test_by_asset_tag_and_holder(labelled: Ledger, wanted: str, expected: list[int]) -> None:
    assert found(labelled, phone=wanted) == expected


def test_erased_labels_are_not_found(labelled: Ledger) -> None:
    labelled.erase_records([6], "for the test")
    assert found(labelled, phone="TB-114") == found(labelled, phone="Tremblay") == [7]
    labelled.erase_records([7], "for the test")
    assert found(labelled, phone="TB-114") == found(labelled, text="Tremblay") == []


def test_no_label_goes_into_a_record_that_is_for_ever(labelled: Ledger) -> None:
    """Neither while it can be opened nor afterwards; what stands in a record anyway may."""
    for _ in range(2):
        for name in ("TB-114", "tremblay", "zoé", "356938035643809", "nobody ever"):
            assert labelled.words_of(Filter(name, phone=name)) == {"text": "***", "phone": "***"}
        kept = labelled.words_of(Filter("usb", officer="Roy", phone="motorola EDGE"))
        assert kept == {"text": "usb", "officer": "Roy", "phone": "motorola EDGE"}
        labelled.erase_records(range(1, 8), "for the test")
    assert labelled.words_of(Filter()) == {}


def test_by_time(two_officers: Ledger) -> None:
    assert found(two_officers, since=second(2)) == [5, 4, 3, 2]
    assert found(two_officers, until=second(2)) == [1]
    assert found(two_officers, since=second(2), until=second(4)) == [3, 2]
    assert found(two_officers, since=second(4), until=second(2)) == []
    here = timezone(timedelta(hours=-5))
    assert found(two_officers, since=second(2).astimezone(here), until=second(3)) == [2]


def test_by_time_where_a_clock_was_set_back(ledger: Ledger, started: CheckStarted, clock: Callable[[], object]) -> None:
    ledger.append_all([started] * 3)
    clock.now -= timedelta(hours=1)  # type: ignore[attr-defined]
    ledger.append_all([started] * 3)
    clock.now += timedelta(hours=1)  # type: ignore[attr-defined]
    ledger.append_all([started] * 3)
    assert found(ledger, since=NINE) == [9, 8, 7, 3, 2, 1]
    assert found(ledger, until=NINE) == [6, 5, 4]
    assert found(ledger, since=second(2), until=second(8)) == [7, 3, 2]


def test_everything_that_is_asked_counts(two_officers: Ledger) -> None:
    assert found(two_officers, verdict=Verdict.RED, officer="René") == [4]
    assert found(two_officers, kind=Kind.CHECK_STARTED, phone="ZY22ABÉ9") == [3]
    assert found(two_officers, text="usb", phone="BCDE", since=second(1), until=second(2)) == [1]
    assert found(two_officers, text="BCDE", phone="BCDE", verdict=Verdict.RED) == [2]
    assert found(two_officers, text="BCDE", officer="René") == []
    assert found(two_officers, text="usb", kind=Kind.CHECK_STARTED, officer="roy", phone="edge") == [3]


def test_the_words_of_an_export() -> None:
    chosen = Filter("wechat", Kind.FINDING, Verdict.RED, "A. Roy", "samsung SM-S901W", NINE, second(1))
    assert chosen.words() == {
        "text": "wechat",
        "kind": "finding",
        "verdict": "red",
        "officer": "A. Roy",
        "phone": "samsung SM-S901W",
        "since": "2026-11-24T09:00:00.000+00:00",
        "until": "2026-11-24T09:00:01.000+00:00",
    }
    assert Filter().words() == {}


@pytest.mark.parametrize("serial", ["R58N12ABCDE", "zy22fgh7", "356938035643809", "8XV7N15C"])
def test_no_serial_number_goes_into_a_record_that_is_for_ever(serial: str) -> None:
    words = Filter(f"phone {serial}", phone=serial).words()
    assert words == {"text": "phone ***", "phone": "***"}


def test_the_words_are_bounded_and_plain() -> None:
    words = Filter("x" * 100_000 + "\0", officer="A\u202eRoy").words()
    assert len(words["text"]) == 120
    assert "\u202e" not in words["officer"]


def test_an_empty_log_is_looked_through(ledger: Ledger) -> None:
    assert list(ledger.scan(Filter("x", since=NINE))) == []


def test_a_time_in_which_nothing_was_written_is_told_at_once(two_officers: Ledger) -> None:
    (stretch,) = two_officers.scan(Filter(text="usb", since=NINE + timedelta(days=1)))
    assert (list(stretch.numbers), stretch.share) == ([], 1.0)


def test_what_a_phone_says_is_no_pattern(ledger: Ledger, phone: Phone) -> None:
    ledger.append(CheckStarted(T("x")), phone=replace(phone, maker="100%", model="a_b!c"))
    assert found(ledger, phone="% a_b!C") == [1]
    assert found(ledger, phone="aXb") == []
