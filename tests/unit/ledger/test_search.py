"""What is looked for in a ledger is found, whatever it is and wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.ledger.reader import LedgerReader
from core.ledger.records import CheckEnded, CheckStarted, Entry, Kind, ProblemMet
from core.ledger.records.entry import texts
from core.ledger.search.record_filter import Filter, folded
from core.ledger.writer import Ledger
from core.model import Phone, Verdict
from core.text import T
from tests.examples import examples

RED = CheckEnded(verdict=Verdict.RED, profiles=1, apps=1, findings=0, bans=0, products=0, gaps=(), took_ms=1)
APART = "e\N{COMBINING ACUTE ACCENT}"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few records are a large ledger."""
    monkeypatch.setattr("core.ledger.search.scan._FIRST_STRETCH", 8)
    monkeypatch.setattr("core.ledger.search.scan._STRETCH", 128)
    return


def said(text: str) -> ProblemMet:
    return ProblemMet(code="x", sentence=T("{a}", a=text), next_step=T("b"))


@pytest.fixture
def large(ledger: Ledger, started: CheckStarted, phone: Phone) -> Ledger:
    """650 records. 100: needle; 300: needle, and of the phone; 500: of the phone NEEDLE9."""
    ledger.append_all([started] * 99)
    ledger.append(said("a needle in it"))
    ledger.append_all([started] * 199)
    ledger.append(said("NEEDLES"), phone=phone)
    ledger.append_all([started] * 199)
    ledger.append(RED, phone=replace(phone, serial="NEEDLE9"))
    ledger.append_all([started] * 150)
    return ledger


def by_scan(ledger: LedgerReader, *asked: Any, **more: Any) -> list[int]:
    """The numbers in the order in which they come, which is the newest first."""
    stretches = list(ledger.scan(Filter(*asked, **more)))
    assert [stretch.share for stretch in stretches] == sorted(stretch.share for stretch in stretches)
    assert stretches[-1].share == 1.0
    return [number for stretch in stretches for number in stretch.numbers]


def by_hand(ledger: LedgerReader, asked: Filter) -> list[int]:
    """The same by looking at each entry as a person would."""
    return [entry.seq for entry in reversed(list(ledger.entries())) if fits(entry, asked)]


def fits(entry: Entry, asked: Filter) -> bool:
    device = entry.device
    opened = [folded(value) for value in entry.openings.values()] if entry.openings else []
    text, officer, phone = folded(asked.text), folded(asked.officer), folded(asked.phone)
    if text and not any(text in folded(one) for one in texts(entry.leaf)) and not any(text in one for one in opened):
        return False
    if officer and officer not in folded(entry.officer):
        return False
    if phone:
        if device is None:
            return False
        named = phone in folded(f"{device.maker} {device.model}") or phone in folded(
            Phone("", device.maker, device.model, "", "").name
        )
        if not named and not any(one.endswith(phone) for one in opened):
            return False
    ended = entry.record
    if asked.verdict and not (isinstance(ended, CheckEnded) and ended.verdict == asked.verdict):
        return False
    if asked.kind and entry.kind != asked.kind:
        return False
    return (asked.since is None or entry.time >= asked.since) and (asked.until is None or entry.time < asked.until)


def test_everything_is_found_the_newest_first(large: Ledger) -> None:
    assert by_scan(large, "needle") == [500, 300, 100]
    assert by_scan(large, "in it") == [100]
    assert by_scan(large, "nowhere") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "needle", "kind": Kind.PROBLEM},
        {"text": "needle", "verdict": Verdict.RED},
        {"text": "needle", "kind": Kind.CHECK_STARTED},
        {"text": "usb", "officer": "a. officer"},
        {"text": "usb", "officer": "nobody"},
        {"officer": "officer"},
        {"phone": "samsung"},
        {"phone": "samsung SM-A546"},
        {"phone": "DLE9"},
        {"phone": "9"},
        {"phone": "abcde", "text": "needle"},
        {"phone": "needle9", "text": "needle9"},
        {"text": "needle", "since": datetime(2026, 11, 24, 9, 4, tzinfo=UTC)},
        {"text": "needle", "until": datetime(2026, 11, 24, 9, 4, tzinfo=UTC)},
        {"text": "usb", "until": datetime(2026, 11, 24, 9, 4, tzinfo=UTC), "officer": "officer"},
        {"text": "us"},
        {"text": "2026-11-24"},
        {"text": "R58N12ABCDE"},
    ],
    ids=str,
)
def test_each_filter_finds_what_a_person_would(large: Ledger, asked: dict[str, Any]) -> None:
    assert by_scan(large, **asked) == by_hand(large, Filter(**asked))


def test_hits_among_what_was_added(large: Ledger) -> None:
    assert [n for s in large.scan(Filter("needle"), after=99) for n in s.numbers] == [500, 300, 100]
    assert [n for s in large.scan(Filter("needle"), after=100) for n in s.numbers] == [500, 300]


def test_an_erased_serial_is_not_found(large: Ledger) -> None:
    large.erase_records([500], "for the test")
    assert by_scan(large, "NEEDLE9") == []
    assert by_scan(large, "needle") == [300, 100]
    assert by_scan(large, phone="NEEDLE9") == []


# Whatever is written, and whatever is looked for

#: What may be at odds with LIKE or with JSON; and case and accents.
AWKWARD = st.sampled_from(
    [
        *"%_!\"'*()^{}:+-\n\\/ \u212a\ufffe\uffff\U0001f4f1ßẞİıſﬁǰ",
        "é",
        APART,
        "É",
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "threes",
        "column:",
        "abc",
        "ABC",
        "\\u0000",
        "\r\n",
        "ss",
        "\N{COMBINING ACUTE ACCENT}",
    ]
)
#: No record has a NUL in a text: the one door for a phone's text replaces it.
TEXTS = st.lists(AWKWARD | st.characters(exclude_characters="\0"), min_size=1, max_size=6).map("".join)
QUERIES = TEXTS.filter(str.strip)


@examples(80)
@given(before=TEXTS, wanted=QUERIES, after=TEXTS)
@example(before="", wanted='"b"', after="c")
@example(before="", wanted="\N{KELVIN SIGN}elvin", after="")
@example(before="", wanted="x\n\N{COMBINING ACUTE ACCENT}", after="")
@example(before="\n", wanted="\N{COMBINING ACUTE ACCENT}x", after="")
def test_whatever_stands_in_a_text_or_a_value_is_found(
    ledger: Ledger, started: CheckStarted, phone: Phone, before: str, wanted: str, after: str
) -> None:
    first = ledger.append(said(f"{before} {wanted} {after}")).seq
    second = ledger.append(started, phone=replace(phone, serial=f"{before} {wanted}", model=f"{wanted} {after}")).seq
    ledger.append_all([started] * 20)
    assert {first, second} <= set(by_scan(ledger, wanted))
    assert second in by_scan(ledger, phone=wanted)
    assert second in by_scan(ledger, wanted, officer="officer")
